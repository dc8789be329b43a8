"""The documentation keeps to its line length, cites what is there and uses the right words."""

import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from semisup.features.kinds import kind_class

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "experiments/*/*.md", "files/*.md")
    for path in ROOT.glob(pattern)
)
CODE = sorted(
    path
    for folder in ("semisup", "tests", "docs", "experiments", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
)
#: Of prose, code and rows of tables alike: a row that is longer is better a list.
LONGEST_LINE = 120
#: Folders that belong to the repository; `files/` and others hold what a run makes.
FOLDERS = ("semisup", "tests", "docs", "experiments", "benchmarks", "data_splits")
#: What is said instead: not numeric, pruned, held out, after or worse, truncated.
WRONG_WORDS = r"\b(is no number|hopeless|(held|holds?|holding) back|behind|cut short)\b"

LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
CODE_SPAN = re.compile(r"`([^`]+)`")
CITED_PAGE = re.compile(r"\b((?:\w+/)*[A-Z]{3,}\.md)\b")
#: Such as "GUIDE 5.4": a section of a page that has no place here.
CITED_BY_NUMBER = re.compile(r"\b[A-Z]{5,} \d+\.\d")
CITED_SECTION = re.compile(r"\bdocs/([A-Z]+\.md), ([A-Z][\w -]*\w)")
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_pages_are_found():
    assert len(PAGES) > 20
    assert len(CODE) > 200


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_line_is_too_long(page):
    lines = page.read_text("utf-8").splitlines()
    assert not [(n, line) for n, line in enumerate(lines, 1) if len(line) > LONGEST_LINE]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_a_page_links_to_is_there(page):
    targets = LINK.findall(FENCED.sub("", page.read_text("utf-8")))
    assert not [target for target in targets if not (page.parent / target).exists()]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_paths_that_a_page_names_are_there(page):
    spans = CODE_SPAN.findall(FENCED.sub("", page.read_text("utf-8")))
    words = [word for span in spans for word in span.split()]
    paths = [word for word in words if word.split("/")[0] in FOLDERS and "/" in word]
    # `<name>` and `*` stand for anything
    patterns = [re.sub(r"<\w+>", "*", path).rstrip("/") for path in paths]
    assert not [pattern for pattern in patterns if not any(ROOT.glob(pattern))]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_uses_the_right_words(page):
    prose = CODE_SPAN.sub("", FENCED.sub("", page.read_text("utf-8")))
    assert not [match.group() for match in re.finditer(WRONG_WORDS, prose, re.IGNORECASE)]


def test_code_and_pages_cite_pages_that_are_there():
    missing = [
        (name(path), page)
        for path in [*PAGES, *CODE]
        for page in CITED_PAGE.findall(path.read_text("utf-8"))
        if not any((folder / page).exists() for folder in (ROOT, ROOT / "docs", path.parent))
    ]
    assert not missing


def test_no_section_is_cited_by_its_number():
    texts = {path: path.read_text("utf-8") for path in [*PAGES, *CODE] if path != Path(__file__)}
    cited = {name(path): CITED_BY_NUMBER.findall(text) for path, text in texts.items()}
    assert not {path: found for path, found in cited.items() if found}


def test_sections_that_the_code_cites_are_there():
    headings = {
        page.name: re.findall(r"^#+ (?:\d+\. )?(.+)$", page.read_text("utf-8"), re.MULTILINE)
        for page in (ROOT / "docs").glob("*.md")
    }
    texts = {path: re.sub(r"\s+(# )?", " ", path.read_text("utf-8")) for path in CODE}
    cited = [
        (name(p), *found) for p, text in texts.items() for found in CITED_SECTION.findall(text)
    ]
    assert len(cited) > 5
    assert not [cite for cite in cited if cite[2] not in headings.get(cite[1], [])]


def test_every_room_of_the_package_is_described():
    concepts = (ROOT / "docs" / "CONCEPTS.md").read_text("utf-8")
    rooms = [path.parent.name for path in (ROOT / "semisup").glob("*/__init__.py")]
    assert not [room for room in rooms if f"`{room}/`" not in concepts]


@pytest.fixture
def beside_a_study(tiny_study, tiny_run, tmp_path, monkeypatch) -> None:
    """Work in a folder with a `study.toml` that has been run."""
    shutil.copy(tiny_study, tmp_path / "study.toml")
    shutil.copytree(tiny_run.parent, tmp_path / "files")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("beside_a_study")
@pytest.mark.slow
def test_the_python_of_the_pages_runs():
    readme = (ROOT / "README.md").read_text("utf-8")
    section = re.search(r"^## From Python$.*?^## ", readme, re.MULTILINE | re.DOTALL)
    pages = [
        ROOT / "docs" / name for name in ("PYTHON.md", "how-to/figures.md", "how-to/predict.md")
    ]
    rng = np.random.default_rng(0)
    signals = [rng.normal(size=40_000) for _ in range(3)]
    names = {"signal": signals[0], "sample_rate": 8000, "signals": signals}
    texts = [section.group(), *(page.read_text("utf-8") for page in pages)]
    examples = [example for text in texts for example in PYTHON.findall(text)]
    assert len(examples) == 9
    soundfile.write("song.wav", 0.1 * signals[0], 8000)
    soundfile.write("recording.wav", 0.1 * signals[0], 8000)
    for example in examples:
        exec(compile(example, "example", "exec"), names)
    assert names["features"].shape == (136,)
    assert names["chunks"].shape == (1, 74, 200)
    assert names["codes"].shape == (12, 8)
    pd.testing.assert_frame_equal(names["scores"], names["result"].scores)
    assert kind_class("loudness.py:loudness").level == "recording"
    assert Path("curve.png").exists()
    assert Path("heat_map.png").exists()
    assert Path("both.pdf").exists()
    assert list(names["predictions"].verdicts()) == ["song.wav"]
