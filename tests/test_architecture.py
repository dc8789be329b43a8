"""The structure that DESIGN promises: layers, sizes, one file an entry, quick start-up."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import semisup
from semisup import registry

PACKAGE = Path(semisup.__file__).parent
#: Lowest first. A module imports from lines above its own, or from its own folder.
LAYERS = (
    "errors",
    "registry",
    "artefacts",
    "progress",
    "parallel",
    "spec",
    "study_checks",
    "study_file",
    "cut_short",
    "audio",
    "pictures",
    "manifest",
    "corpora",
    "scan",
    "splits",
    "durations",
    "windows",
    "shortterm_tables",
    "shortterm_frames",
    "shortterm",
    "logmel",
    "mfcc",
    "prosody",
    "spectrogram",
    "chunk_store",
    "metrics",
    "information",
    "feature_tables",
    "array_rows",
    "autoencoders",
    "applications",
    "representations",
    "networks",
    "hear",
    "tuning",
    "classifiers",
    "cells",
    "refits",
    "learning_curve",
    "comparison",
    "restricted_pickle",
    "pickles",
    "figures",
    "study_tables",
    "plotting",
    "report",
    "study",
    "stages",
    "results",
    "tuning_results",
    "own_audio",
    "prediction",
    "prediction_results",
    "preflight",
    "api",
    "cli",
    "__main__",
)
MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem != "__init__"
)


def layer(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def imported(path: Path) -> set[str]:
    """Return the layers that a module imports, wherever in its text."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "semisup":
            rest = (node.module or "").split(".")[1:]
            found |= {rest[0]} if rest else {alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
            found |= {name[1] for name in names if name[0] == "semisup" and len(name) > 1}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down_only(path):
    own = layer(path)
    assert own in LAYERS, f"put {own} into LAYERS"
    above = LAYERS[LAYERS.index(own) + 1 :]
    assert not imported(path) & set(above)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_is_over_400_lines(path):
    assert len(path.read_text("utf-8").splitlines()) <= 400


@pytest.mark.parametrize("kind", ["corpora", "architectures", "representations", "classifiers"])
def test_every_entry_says_in_one_line_what_it_is(kind):
    entries = getattr(registry, kind)
    assert entries.names()
    for name in entries.names():
        assert 20 < len(entries.summary(name)) <= 100
        assert entries.get(name).__name__ == f"semisup.{entries.package}.{name}"


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
