"""docs/ERRORS.md has every sentence of an error, each under a topic."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from test_keys import DOCS, script

import semisup
from semisup import errors

PACKAGE = Path(semisup.__file__).parent
OURS = {name for name, value in vars(errors).items() if isinstance(value, type)}
#: Letters from which on a text in a message is more than punctuation between names.
ENOUGH = 8


@pytest.fixture(scope="module")
def page() -> str:
    return " ".join((DOCS / "ERRORS.md").read_text("utf-8").split())


@pytest.fixture(scope="module")
def generator():
    return script("make_errors")


def raised() -> list[tuple[str, ast.Call]]:
    """List every place where one of our errors is raised."""
    return [
        (f"{path.relative_to(PACKAGE)}:{node.lineno}", node.exc)
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
        if isinstance(node.exc.func, ast.Name) and node.exc.func.id in OURS
    ]


def longest_text(call: ast.Call) -> str:
    """Return the longest text that stands in a message whatever is put into it."""
    # what stands inside braces, such as a format, is no text of the message
    inside = {
        id(inner)
        for node in ast.walk(call)
        if isinstance(node, ast.FormattedValue)
        for inner in ast.walk(node)
    }
    texts = [
        " ".join(node.value.replace("`", "'").split())
        for node in ast.walk(call)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside
    ]
    return max(texts, key=len, default="")


def test_every_error_that_is_raised_is_on_the_page(page):
    places = raised()
    assert len(places) > 150
    texts = {place: longest_text(call) for place, call in places}
    said = {place: text for place, text in texts.items() if len(re.findall(r"\w", text)) >= ENOUGH}
    assert len(said) > 100
    assert not {place: text for place, text in said.items() if text not in page}


def test_what_is_raised_without_a_text_of_its_own_is_told_elsewhere(generator):
    modules = {sentence.module for sentence in generator.sentences()}
    passed_on = {
        place.split(":")[0]
        for place, call in raised()
        if len(re.findall(r"\w", longest_text(call))) < ENOUGH
    }
    silent = {name for name in passed_on if f"semisup/{name}" not in modules}
    # these pass on what others say: problems of a list, mistakes in keys and in signals
    assert silent == {
        *("reading/file.py", "representations/conv_pool.py"),
        *("signals/chunk_spectrogram.py", "transformers/workspace.py"),
    }


def test_every_sentence_has_a_topic(generator):
    topics = tomllib.loads(generator.ADVICE.read_text("utf-8"))["topic"]
    sentences = generator.sentences()
    assert not {each.module for each in sentences if not generator.topic_of(each.module, topics)}


def test_every_advice_is_about_a_sentence_that_is_said(generator):
    advice = tomllib.loads(generator.ADVICE.read_text("utf-8"))["advice"]
    sentences = [each.text for each in generator.sentences()]
    words = [note["words"] for note in advice]
    assert not [each for each in words if not any(each in text for text in sentences)]


def test_a_text_in_pieces_is_one_sentence_and_names_are_ellipses(generator, tmp_path, monkeypatch):
    module = tmp_path / "package" / "module.py"
    module.parent.mkdir()
    module.write_text(
        'LEAST = "two speakers"\n'
        "def check(name, few):\n"
        "    if few:\n"
        '        raise SplitError(f"The corpus \'{name}\' needs " + f"{LEAST} at least")\n'
        "    raise SpecError(_why(name))\n"
        "def _why(name):\n"
        "    return f\"there is nothing called '{name}' here\"\n"
    )
    monkeypatch.setattr(generator, "PACKAGE", module.parent)
    texts = {sentence.text for sentence in generator.Texts(module).sentences}
    assert texts == {
        "The corpus '…' needs two speakers at least",
        "there is nothing called '…' here",
    }
