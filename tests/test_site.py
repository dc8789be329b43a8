"""What stands in fences of the pages works: commands, study files, the tutorial, the notebook."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import soundfile
import typer

import semisup
from semisup.cli import app
from semisup.errors import SpecError
from semisup.reading import parse_study, read_study

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md")), *sorted(ROOT.glob("experiments/*/*.md"))]
#: These write about tables of other files.
FRAGMENTS = [page for page in PAGES if page.name not in {"KEYS.md", "DECISIONS.md"}]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: A file beside the study: its name is in its first line.
FILE = re.compile(r"# (\w+\.py)\n")
#: Tables of names, to which a piece adds others.
ADDED = ("representations", "classifiers")
BASE = """
name = "base"
[corpus]
adapter = "synthetic"
[representations.handcrafted]
kind = "handcrafted"
[representations.code]
kind = "autoencoder"
[representations.code_log]
kind = "autoencoder"
"""


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def fences(page: Path, *languages: str) -> list[str]:
    text = page.read_text("utf-8")
    return [inner for language, inner in FENCE.findall(text) if language in languages]


def commands(page: Path) -> list[list[str]]:
    """List the words of every `semisup` command of a page."""
    shells = "".join(fences(page, "", "sh", "bash")).replace("\\\n", " ")
    indented = re.findall(r"^    (semisup .*)$", page.read_text("utf-8"), re.MULTILINE)
    lines = [line for line in shells.splitlines() if line.startswith("semisup ")]
    return [shlex.split(line, comments=True)[1:] for line in [*lines, *indented]]


def parse(words: list[str]) -> None:
    """Let the command line read words, and run nothing."""
    group = typer.main.get_command(app)
    _, command, rest = group.resolve_command(group.make_context("semisup", list(words)), words)
    command.make_context(command.name, rest)


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=name)
def test_the_commands_of_a_page_are_read(page):
    for words in commands(page):
        parse(words)


def test_there_are_commands_on_many_pages():
    assert sum(bool(commands(page)) for page in PAGES) > 20
    with pytest.raises(Exception, match="No such option"):
        parse(["run", "study.toml", "--no-such"])


def write_files(page: Path, folder: Path) -> None:
    """Write the code that a page shows as files; what it shows of a file later is added to it."""
    for inner in fences(page, "python"):
        if match := FILE.match(inner):
            with (folder / match[1]).open("a") as file:
                file.write(inner)


def studies(page: Path) -> list[dict]:
    """List what a page's study files and pieces of them say, other files left out."""
    texts = [inner for inner in fences(page, "toml") if "# pyproject.toml" not in inner]
    return [tomllib.loads(text) for text in texts]


def joined(study: dict, piece: dict) -> dict:
    """Add a piece to a study file; with corpora of its own it begins another one."""
    added = piece.get("corpus")
    if isinstance(added, list) and len(added) == 1:
        return study | piece | {"corpus": [*study["corpus"], *added]}
    if added:
        base = tomllib.loads(BASE)
        study = {key: base[key] for key in ("name", "representations") if key not in piece}
    return study | {
        key: study[key] | value if key in study and key in ADDED else value
        for key, value in piece.items()
    }


#: What is said of libraries that `make test` does without.
ABSENT = ("pip install 'semisup[", "module 'xgboost'", "No module named 'lightgbm'")


@pytest.mark.parametrize("page", [page for page in FRAGMENTS if studies(page)], ids=name)
def test_the_study_files_of_a_page_are_read(page, tmp_path):
    write_files(page, tmp_path)
    (tmp_path / "my_features.csv").write_text("recording,level\na.wav,1.0\n")
    study = tomllib.loads(BASE)
    for piece in studies(page):
        study = joined(study, piece)
        try:
            parse_study(study, name(page), tmp_path)
        except SpecError as error:  # of libraries that the tests do without
            problems = str(error).splitlines()[1:]
            assert all(any(text in p for text in ABSENT) for p in problems), problems


def test_every_public_name_is_in_the_reference():
    listed = re.findall(r"^::: semisup\.(\w+)$", (DOCS / "API.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(semisup.__all__)


def test_every_page_is_in_the_navigation():
    navigation = (ROOT / "mkdocs.yml").read_text("utf-8").split("\nnav:")[1]
    pages = [str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")]
    assert not [page for page in pages if f" {page}\n" not in navigation]


@pytest.mark.parametrize("path", sorted(ROOT.glob("experiments/*/*.toml")), ids=name)
def test_every_study_in_the_repository_is_read(path):
    assert read_study(path).spec.representations


def test_every_study_is_listed_by_its_title():
    listed = " ".join((DOCS / "STUDIES.md").read_text("utf-8").split())
    for page in ROOT.glob("experiments/*/README.md"):
        title = page.read_text("utf-8").splitlines()[0].removeprefix("# ")
        assert f"](../experiments/{page.parent.name}): {title}" in listed


@pytest.mark.parametrize("notebook", sorted(DOCS.rglob("*.ipynb")), ids=name)
def test_a_notebook_is_kept_without_what_came_out(notebook):
    """`make docs` runs it, and shows what came out."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(code) > 3
    for cell in code:
        assert not cell["outputs"]
        # without the notebook's own commands
        source = re.sub("^%.*", "", "".join(cell["source"]), flags=re.MULTILINE)
        compile(source, str(notebook), "exec")


def test_the_citation_has_the_version_of_the_package():
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\nversion: {semisup.__version__}\n" in citation
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == semisup.__version__
    assert f'"{project["authors"][0]["name"]}"' in citation
    assert project["authors"][0]["name"] in (ROOT / "LICENSE").read_text("utf-8")


@pytest.mark.slow
def test_the_tutorial_goes_from_a_folder_to_a_verdict(tmp_path, monkeypatch):
    """Each of its commands ends well, in their order, as they are printed."""
    write_files(DOCS / "TUTORIAL.md", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    lines = "".join(fences(DOCS / "TUTORIAL.md", "")).splitlines()
    assert len(lines) > 5
    for line in lines:
        program, *words = shlex.split(line)
        start = {"semisup": [sys.executable, "-m", "semisup"], "python": [sys.executable]}[program]
        done = subprocess.run([*start, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, (line, done.stderr)
    assert Path("files/recordings/report.html").exists()
    assert Path("curve.png").exists()


@pytest.fixture
def recordings_at_home(tmp_path, monkeypatch) -> Path:
    """Lay out the folders that the README names, and work beside them."""
    rng = np.random.default_rng(0)
    files = {
        "recordings": [
            f"{kind}/spk{n:02d}_{k}.wav" for kind in "ab" for n in range(8) for k in (0, 1)
        ],
        "more_recordings": [f"spk{n:02d}_{k}.wav" for n in range(4) for k in (0, 1)],
        "new_recordings": ["one.wav", "two.wav"],
    }
    for folder, names in files.items():
        for path in names:
            (tmp_path / folder / path).parent.mkdir(parents=True, exist_ok=True)
            tone = np.sin(np.arange(6000) * rng.uniform(0.05, 0.4))
            sound = 0.3 * tone + 0.05 * rng.normal(size=6000)
            soundfile.write(tmp_path / folder / path, sound, 8000)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("BROWSER", "true")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def run(*words: str) -> None:
    words = [str(Path(word).expanduser()) if word.startswith("~") else word for word in words]
    start = [sys.executable, "-m", "semisup"]
    done = subprocess.run([*start, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.stderr)


@pytest.mark.slow
@pytest.mark.usefixtures("recordings_at_home")
def test_the_commands_of_the_readme_run_as_printed():
    (shell,) = fences(ROOT / "README.md", "sh")
    for line in shell.splitlines():
        run(*shlex.split(line)[1:])
    assert Path("model", "README.md").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("recordings_at_home")
def test_the_study_file_of_the_readme_runs_as_printed():
    (study,) = fences(ROOT / "README.md", "toml")
    Path("study.toml").write_text(study)
    run("check", "study.toml")
    # as it is, but for fewer of everything
    fewer = ("curve.percentages=[50, 100]", "curve.draws=1", "compare.resamples=200")
    run("run", "study.toml", *(word for each in fewer for word in ("--set", each)))
    assert Path("files/mine/report.html").exists()


def test_the_readme_tells_in_few_words_what_it_is_for():
    text = (ROOT / "README.md").read_text("utf-8")
    assert len(FENCE.sub("", text[: text.index("\n## Corpora")]).split()) < 700
