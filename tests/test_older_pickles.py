"""The worked example on older pickles: its tables have the old shapes, its commands run."""

import re
import runpy
import shlex
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from semisup.cli import app

EXAMPLE = Path(__file__).parents[1] / "experiments" / "older_pickles"
#: Over what the commands ask for, so that they end in seconds.
SMALLER = {
    "curve.draws": "2", "curve.percentages": "[20, 50]", "curve.classifiers": '["random_forest"]',
    "compare.resamples": "200",
}  # fmt: skip


def commands() -> list[list[str]]:
    """The words of every command of the README."""
    text = (EXAMPLE / "README.md").read_text("utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True) for line in lines]


def run(words: list[str], folder: Path) -> str:
    """Run one command as the README has it, but for smaller sizes."""
    program, *rest = words
    if program == "semisup":
        return run_here(rest, folder)
    if program == "python":
        words = [sys.executable, str(EXAMPLE.parents[1] / rest[0]), *rest[1:]]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def run_here(words: list[str], folder: Path) -> str:
    """Run semisup in this process: starting one takes longer than the work."""
    if words[0] == "run":
        smaller = [word for pair in SMALLER.items() for word in ("--set", "=".join(pair))]
        words = [*words, "--jobs", "1", *smaller]
    with chdir(folder):
        return CliRunner().invoke(app, words, catch_exceptions=False).stdout


@pytest.fixture(scope="module")
def followed(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """The folder in which all commands were run, and what each printed."""
    folder = tmp_path_factory.mktemp("example")
    return folder, {" ".join(words): run(words, folder) for words in commands()}


def test_made_up_tables_have_the_shapes_and_types_of_the_old_ones():
    contents = runpy.run_path(str(EXAMPLE / "make_tables.py"))["make_contents"]()
    assert set(contents) == {
        f"{subset}_data_{kind}.pickle" for subset in ("training", "test") for kind in ("hlf", "cf")
    }
    for name, (vectors, labels, *rest) in contents.items():
        width, dtype = (136, "float64") if "hlf" in name else (64, "float32")
        assert vectors.dtype == object
        assert {(len(vector), vector.dtype.name) for vector in vectors} == {(width, dtype)}
        assert labels.dtype == np.int32
        assert set(labels) == {0, 1, 2}
        assert len(vectors) == len(labels)
        assert len(rest) == (name == "training_data_cf.pickle")
    _, chunk_labels, track = contents["training_data_cf.pickle"]
    assert (contents["training_data_hlf.pickle"][1][track] == chunk_labels).all()


@pytest.mark.slow
def test_the_readme_imports_and_runs_both_protocols(followed):
    folder, said = followed
    assert [words[:2] for words in commands()[:4]] == [
        ["python", "experiments/older_pickles/make_tables.py"],
        ["semisup", "import-pickles"], ["semisup", "run"], ["semisup", "run"],
    ]  # fmt: skip
    verdicts = [text for command, text in said.items() if command.startswith("grep")]
    assert len(verdicts) == 2
    prefix, random = verdicts
    assert re.match(r"f1_weighted,+random_forest: one order .* cannot tell code from handc", prefix)
    assert re.match(r"f1_weighted,+\"?random_forest: .*\bcode\b", random)
    for name, order in (("older_pickles", "prefix"), ("older_pickles_random", "random")):
        page = (folder / "files" / name / "report.html").read_text("utf-8")
        assert f"order = &#34;{order}&#34;" in page
        draws = pd.read_csv(folder / "files" / name / "scores.csv")["draw"].nunique()
        assert draws == (1 if order == "prefix" else 2)


@pytest.mark.slow
def test_code_features_lead_in_file_order_only(followed):
    lead = {}
    for name in ("older_pickles", "older_pickles_random"):
        scores = pd.read_csv(followed[0] / "files" / name / "scores.csv")
        own = scores[(scores["classifier"] == "random_forest") & (scores["percentage"] == 50)]
        means = own.groupby("representation")["f1_weighted"].mean()
        lead[name] = means["code"] - means["handcrafted"]
    assert lead["older_pickles"] > 0.1
    assert lead["older_pickles_random"] < -0.1
