"""`make bench`: every script gives rows, and the table and JSON are right, whoever fails."""

import ast
import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
#: What the others are run by.
TOOLS = ("all", "stages")
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in TOOLS)


@pytest.fixture
def scripts(monkeypatch):
    """Return a function that imports a script as it does itself when it is run."""
    monkeypatch.syspath_prepend(FOLDER)

    def of_name(name):
        # `all` and others are too common as names to stay
        monkeypatch.delitem(sys.modules, name, raising=False)
        module = importlib.import_module(name)
        monkeypatch.setitem(sys.modules, name, module)
        return module

    return of_name


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_benchmark_has_rows_and_a_docstring_and_does_nothing_when_it_is_imported(name):
    tree = ast.parse((FOLDER / f"{name}.py").read_text("utf-8"))
    rows = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "rows"]
    assert ast.get_docstring(tree)
    assert len(rows) == 1
    needed = len(rows[0].args.args) - len(rows[0].args.defaults)
    assert needed == 0
    allowed = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.ClassDef)
    others = [node for node in tree.body if not isinstance(node, allowed)]
    assert [type(node) for node in others] == [ast.Expr, ast.If]  # docstring, main guard


def test_all_of_them_run_and_those_that_read_what_others_measured_run_last(scripts):
    assert sorted(scripts("all").benchmarks()) == SCRIPTS
    assert scripts("all").benchmarks()[-1] == "paper_scale"


@pytest.fixture
def made_up(scripts, tmp_path, monkeypatch):
    """Return `all` with benchmarks of our own."""
    for name, text in {
        "fine": "def rows():\n    yield dict(name='a', ours=2.0, baseline=6.0, ratio=3.0, "
        "target='>= 2', unit='s')",
        "missed": "def rows():\n    return [dict(name='b', ours=700, baseline=None, ratio=None, "
        "target='<= 600', unit='MiB')]",
        "broken": "def rows():\n    yield dict(name='c')\n    raise ValueError('no sound here')",
        "odd": "def rows():\n    return [dict(name='d', ours=1.0)]",
    }.items():
        (tmp_path / f"{name}.py").write_text(text)
    (tmp_path / "all.py").write_text((FOLDER / "all.py").read_text("utf-8"))
    bench = scripts("all")
    monkeypatch.setattr(bench, "FOLDER", tmp_path)
    monkeypatch.setattr(bench, "__file__", str(tmp_path / "all.py"))
    return bench


def test_a_failing_benchmark_is_one_line_and_the_others_go_on(made_up, tmp_path, capsys):
    path = tmp_path / "build" / "bench.json"
    assert made_up.main([], path) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[2:6] == [
        "| broken | failed: ValueError: no sound here | | | | |",
        "| a | 2 s | 6 s | 3 | >= 2 | yes |",
        "| b | 700 MiB |  |  | <= 600 | **no** |",
        "| odd | failed: A row of odd has the keys ['name', 'ours'], not ['baseline', 'name', "
        "'ours', 'ratio', 'target', 'unit'] | | | | |",
    ]
    written = json.loads(path.read_text("utf-8"))
    assert set(written) == {"date", "machine", "versions", "results"}
    assert written["machine"]["cores"] > 0
    assert [result["benchmark"] for result in written["results"]] == [
        *("broken", "fine", "missed", "odd"),
    ]
    assert made_up.main(["fine"], path) == 0


def test_a_model_of_cost_finds_the_costs_that_made_the_sizes(scripts):
    paper = scripts("paper_scale")
    rng = np.random.default_rng(0)
    true = {stage: rng.uniform(0.5, 5, len(drivers)) for stage, drivers in paper.DRIVERS.items()}

    def taken(size):
        seconds = paper.predicted(true, paper.load_of(size))
        return {stage: {"cpu": each} for stage, each in seconds.items()}

    costs = paper.fit({n: taken(paper.memory.size(n)) for n in paper.memory.SIZES})
    load = paper.of_hours(400)
    truth, guess = paper.predicted(true, load), paper.predicted(costs, load)
    assert guess == pytest.approx(truth)
    shared = paper.with_workers(truth, 10)
    assert shared["curve"] == pytest.approx(truth["curve"] / 9)
    assert shared["train"] == truth["train"]


def test_what_a_process_and_its_children_hold_is_measured(scripts):
    held = "x = bytearray(2**26); import time; time.sleep(.3)"
    child = f"import subprocess, sys; {held}; subprocess.run([sys.executable, '-c', '{held}'])"
    alone, both = (scripts("stages").measured([sys.executable, "-c", c]) for c in (held, child))
    assert 64 <= alone["peak"] < 128 <= both["peak"]
    assert both["seconds"] > 0.5


def test_the_page_says_how_much_is_one_piece_of_work():
    """The sizes stand in docs/scaling.md, which counts parts and memory by them."""
    from semisup.recordings import chunks
    from semisup.stages import recordings

    page = (FOLDER.parent / "docs" / "scaling.md").read_text("utf-8")
    for batch in (recordings.BATCH, chunks.BATCH):
        assert f"| over processes and workers | {batch} recordings |" in page
