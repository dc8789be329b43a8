"""The structure that docs/CONCEPTS.md promises: rooms, sizes, one file an entry, quick start-up."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import semisup
from semisup import registry
from semisup.autoencoders import Architecture
from semisup.classifiers import Classifier
from semisup.corpora import Corpus
from semisup.features.contract import Representation

CONTRACTS = {
    "corpora": Corpus,
    "architectures": Architecture,
    "representations": Representation,
    "classifiers": Classifier,
}
PACKAGE = Path(semisup.__file__).parent
#: From the ground up: a module imports from rooms before its own, or from its own room.
ROOMS = (
    *("errors", "moments", "metrics", "engine", "remote"),
    *("registry", "study", "signals", "networks"),
    *("splits", "recordings", "features", "encoders", "hear", "corpora", "autoencoders"),
    "representations",
    *("transformers",),
    *("classifiers", "curve", "comparison", "tuning", "figures", "report", "importers"),
    "drafting",
    *("reading", "stages", "elsewhere", "prediction", "terminal", "cli", "__main__"),
)
MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem != "__init__"
)
#: Functions that import a module whose name is a string.
BY_NAME = ("import_module",)


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported_names(path: Path) -> set[str]:
    """Return the dotted names that a module imports from the package, wherever in its text."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.ImportFrom(module=str(module)):
                names |= {f"{module}.{alias.name}" for alias in node.names}
            case ast.Import():
                names |= {alias.name for alias in node.names}
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[text, *_]):
                if name in BY_NAME:
                    names.add(_beginning(text))
    return {name for name in names if name.startswith("semisup.")}


def _beginning(text: ast.expr) -> str:
    """Return a string, or what an f-string begins with."""
    match text:
        case ast.Constant(value=str(value)) | ast.JoinedStr(values=[ast.Constant(value=value), *_]):
            return value
    return ""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_downward_only_and_is_short(path):
    own = room(path)
    assert own in ROOMS, f"put {own} into ROOMS"
    above = ROOMS[ROOMS.index(own) + 1 :]
    rooms = {name.split(".")[1] for name in imported_names(path)}
    assert not rooms & set(above)
    assert len(path.read_text("utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_private_is_imported_from_another_room(path):
    foreign = {name for name in imported_names(path) if name.split(".")[1] != room(path)}
    private = {name for name in foreign if any(part[:1] == "_" for part in name.split(".")[1:])}
    assert not {name for name in private if not name.endswith("__")}


def test_the_root_of_the_package_is_a_handful_of_files():
    assert len(list(PACKAGE.glob("*.py"))) <= 6


@pytest.mark.parametrize("kind", ["corpora", "architectures", "representations", "classifiers"])
def test_every_entry_says_in_one_line_what_it_is(kind):
    entries = getattr(registry, kind)
    assert entries.names()
    for name in entries.built_in():
        assert 20 < len(entries.summary(name)) <= 100
        entry = entries.load(name, CONTRACTS[kind])
        home = entry.__module__ if isinstance(entry, type) else entries.module(name).__name__
        assert home == f"semisup.{entries.package}.{name}"


def test_the_python_interface_of_the_design_is_there():
    for name in semisup.__all__:
        assert getattr(semisup, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = semisup.nothing


def test_help_and_list_import_nothing_heavy():
    heavy = ("tensorflow", "keras", "sklearn", "matplotlib", "pyAudioAnalysis", "scipy", "pandas")
    code = (
        "import sys\nfrom semisup.cli import app\n"
        "for words in (['--help'], ['list']):\n"
        "    try:\n        app(words)\n    except SystemExit as end:\n        assert not end.code\n"
        f"print('HEAVY', [name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY []"
    assert "autoencoder_3" in done.stdout
