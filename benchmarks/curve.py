"""The learning curve: seconds a cell, fits saved, cores, memory of processes, the thrifty grid.

    python benchmarks/curve.py [cells | saved | jobs | memory | grid] ...

Without a word all are run. `cells`: a cell of each classifier against a bare scikit-learn loop over
the same rows, each in turn, and with ``accelerate`` where scikit-learn-intelex is installed;
processor time, as the machine may be busy. `saved`: cells that need no fit of their own. `jobs`:
seconds of one and two processes, and how many of them are inside cells on average. `memory`: what
a process has for itself where several work on one table. `grid`: ``percentages = "log"`` against 2,
4, ..., 100 % of the same simulated studies: cells, seconds, crossovers.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from semisup.classifiers import accelerator_version, build_classifier
from semisup.curve.cells import run_task
from semisup.curve.learning_curve import run_cells
from semisup.curve.plan import Experiment, plan
from semisup.curve.shared import SharedCells
from semisup.curve.stored import with_stored_tables
from semisup.curve.task import Task, budget
from semisup.engine.parallel import Workers
from semisup.study.spec import LOG_BUDGETS, ClassifierSpec, CurveSpec

CLASSIFIERS = ("svm", "knn", "tree", "random_forest", "adaboost")
BUDGETS = [2.0, 10.0, 30.0, 60.0, 100.0]
#: Labelled recordings a class, classes and draws: the shipped studies, and a small one.
SHAPES = {"quickstart": (60, 3, 3), "ravdess_valence": (64, 3, 10), "ten a class": (10, 3, 10)}


def experiment(per_class: int, n_classes: int, features: int = 136, **options) -> Experiment:
    """Plan a study of Gaussian features, of as many test recordings as labelled ones."""
    rng = np.random.default_rng(0)
    n = per_class * n_classes
    names = [f"r{number:05d}" for number in range(2 * n)]
    classes = np.arange(2 * n) % n_classes
    values = rng.normal(size=(2 * n, features)) + np.eye(n_classes, features)[classes]
    table = pd.DataFrame(values).rename(columns=str).assign(recording=names, chunk=-1)
    manifest = pd.DataFrame({"recording": names, "label": classes.astype(str)})
    split = pd.Series(["labelled"] * n + ["test"] * n, index=names)
    return plan({"it": table}, manifest, split, CurveSpec(**options), 0)


class Seconds(NamedTuple):
    """Of one task: processor seconds of ours, of a bare loop, and accelerated (NaN without)."""

    ours: float
    bare: float
    fast: float


def bare_loop(task: Task) -> None:
    """Do what a scikit-learn script does: scale, fit, predict, score each budget of a draw."""
    from sklearn.metrics import f1_score
    from sklearn.preprocessing import StandardScaler

    for percentage in task.budgets:
        rows = budget(task.order, task.labelled.classes, percentage)
        scaler = StandardScaler().fit(task.source.labelled(rows))
        model = build_classifier(ClassifierSpec(kind=task.system.classifier), 0)
        model.fit(scaler.transform(task.source.labelled(rows)), task.labelled.classes[rows])
        predicted = model.predict(scaler.transform(task.source.test()))
        f1_score(task.test.classes, predicted, average="weighted")


def processor_seconds(function, *arguments) -> float:
    began = time.process_time()
    function(*arguments)
    return time.process_time() - began


def per_cell(turns: int = 3) -> dict[str, Seconds]:
    """Return the seconds of a task of five budgets of 180 recordings, by classifier."""
    planned = experiment(60, 3, classifiers=list(CLASSIFIERS), percentages=BUDGETS, draws=1)
    outcome = {}
    with TemporaryDirectory() as folder, threadpool_limits(1):
        path = Path(folder) / "part.npz"
        for task in with_stored_tables(planned.tasks, Path(folder)):
            fast = task._replace(rules=task.rules._replace(accelerate=True))
            sides = [(run_task, task, path), (bare_loop, task)]
            sides += [(run_task, fast, path)] if accelerator_version() else []
            times = [[] for _ in sides]
            for _ in range(turns + 1):
                for of_side, side in zip(times, sides, strict=True):
                    for file in Path(folder).glob("*.npz"):
                        file.unlink()
                    of_side.append(processor_seconds(*side))
            # the first turn brings the library along
            medians = [median(of_side[1:]) / len(BUDGETS) for of_side in times]
            outcome[task.system.classifier] = Seconds(*medians, *[np.nan] * (3 - len(medians)))
    return outcome


def saved(per_class: int, n_classes: int, draws: int) -> tuple[int, int]:
    """Return how many cells a classifier without chance has, and how many of them are fitted."""
    planned = experiment(per_class, n_classes, 2, classifiers=["knn"], draws=draws)
    misses, get = [], SharedCells.get

    def count(self: SharedCells, recordings: np.ndarray):
        cell = get(self, recordings)
        misses.append(cell is None)
        return cell

    SharedCells.get = count
    try:
        with TemporaryDirectory() as folder, threadpool_limits(1):
            for task in with_stored_tables(planned.tasks, Path(folder)):
                run_task(task, Path(folder) / f"{task.draw}.npz")
    finally:
        SharedCells.get = get
    return len(misses), sum(misses)


def used_by(jobs: int) -> tuple[float, float]:
    """Return the seconds of a curve of forests, and those inside its cells, of all processes."""
    planned = experiment(60, 3, classifiers=["random_forest"], percentages=BUDGETS, draws=8)
    Parallel(jobs)(delayed(time.sleep)(0.1) for _ in range(jobs))  # processes are there already
    with TemporaryDirectory() as folder:
        run_cells(planned, Path(folder) / "first", Workers(jobs))  # and have their libraries
        began = time.perf_counter()
        paths = run_cells(planned, Path(folder) / "second", Workers(jobs))
        wall = time.perf_counter() - began
        cells = sum(float(np.load(path)["seconds"].sum()) for path in paths)
    return wall, cells


def memory(processes: int, megabytes: int = 200) -> float:
    """Return the MiB that a process has for itself beyond its libraries, of one table for all."""
    features = 500
    per_class = megabytes * 2**20 // (8 * features * 2 * 2)
    planned = experiment(per_class, 2, features, classifiers=["knn"], draws=processes)
    with TemporaryDirectory() as folder:
        tasks = with_stored_tables(planned.tasks, Path(folder))
        pool = Parallel(processes, return_as="list")
        private = pool(delayed(_own_memory)(task) for task in tasks)
    return max(private)


def _own_memory(task: Task) -> float:
    """Read a task's whole table, and return how much the memory of this process alone grows."""
    before = _private()
    rows = task.source.test()
    assert np.isfinite(rows[:, 0].sum() + rows[:, -1].sum())
    return _private() - before


def _private() -> float:
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(float(line.split()[1]) for line in lines if line.startswith("Private")) / 1024


class Grids(NamedTuple):
    """The grid of twelve budgets against that of fifty, of simulated studies."""

    cells: float
    seconds: float
    apart: float
    dense_error: float
    log_error: float
    dense_holds: float
    log_holds: float


def grids(studies: int = 40) -> Grids:
    """Compare crossovers (true at 20 %) of both grids; errors and distances are factors."""
    import comparison

    from semisup.comparison.bootstrap import curves, resample
    from semisup.comparison.crossover import crossover

    comparison.BUDGETS = np.unique(np.r_[np.arange(2.0, 101, 2), LOG_BUDGETS])
    logs = np.log(comparison.BUDGETS)
    etas = [0.1 + slope * (logs - np.log(20)) + 0.25 * np.log(20 / 2) for slope in (0.4, 0.1)]
    places = {"dense": comparison.BUDGETS % 2 == 0, "log": np.isin(comparison.BUDGETS, LOG_BUDGETS)}
    rng, found = np.random.default_rng(0), {name: [] for name in places}
    for _ in range(studies):
        systems = comparison.simulate(etas, 16, 10, rng)
        weights = resample(300, 10, 16, rng)
        a, b = (curves(one, weights)["uar"] for one in systems)
        for name, chosen in places.items():
            difference = (a - b).mapped(np.eye(len(logs))[chosen])
            found[name].append(crossover(difference, comparison.BUDGETS[chosen]))
    at = {name: np.log([one.value for one in of]) for name, of in found.items()}
    holds = {name: np.mean([one.low <= 20 <= one.high for one in of]) for name, of in found.items()}
    error = {name: np.exp(np.nanmedian(np.abs(values - np.log(20)))) for name, values in at.items()}
    apart = np.exp(np.nanmedian(np.abs(at["dense"] - at["log"])))
    costs = []
    for percentages in ("log", {"start": 2, "stop": 100, "step": 2}):
        forest = experiment(60, 3, classifiers=["random_forest"], draws=1, percentages=percentages)
        with TemporaryDirectory() as folder, threadpool_limits(1):
            costs.append(processor_seconds(run_task, forest.tasks[0], Path(folder) / "part.npz"))
    return Grids(
        50 / len(LOG_BUDGETS),
        costs[1] / costs[0],
        float(apart),
        float(error["dense"]),
        float(error["log"]),
        float(holds["dense"]),
        float(holds["log"]),
    )


def rows() -> Iterator[dict]:
    """Yield what `make bench` shows."""
    for name, each in per_cell().items():
        yield _row(f"a cell of {name}", each.ours, each.bare, "<= 1.1", "s")
        if name in ("random_forest", "svm") and np.isfinite(each.fast):
            target = ">= 3" if name == "random_forest" else ">= 1"
            yield {
                **_row(f"a cell of {name}, accelerated", each.fast, each.ours, target, "s"),
                "ratio": each.ours / each.fast,
            }
    (wall, _), (both, _) = used_by(1), used_by(2)
    yield {**_row("two processes", both, wall, ">= 1.8", "s"), "ratio": wall / both}
    yield _row("MiB a process has of a table of 200", memory(2), 200, "<= 0.1", "MiB")
    # what it does to crossovers takes minutes: `python benchmarks/curve.py grid`
    cells = len(LOG_BUDGETS)
    yield {
        **_row("percentages = 'log', cells", cells, 50, ">= 4", "cells"),
        "ratio": 50 / cells,
    }


def _row(name: str, ours: float, baseline: float, target: str, unit: str) -> dict:
    ratio = ours / baseline
    return {
        "name": name,
        "ours": ours,
        "baseline": baseline,
        "ratio": ratio,
        "target": target,
        "unit": unit,
    }


def show_cells() -> None:
    print("| classifier | a cell | bare scikit-learn | ratio | accelerated | times as fast |")
    print("|---|---|---|---|---|---|")
    for name, each in per_cell().items():
        print(
            f"| {name} | {1000 * each.ours:.1f} ms | {1000 * each.bare:.1f} ms | "
            f"{each.ours / each.bare:.2f} | {1000 * each.fast:.1f} ms | "
            f"{each.ours / each.fast:.1f} |"
        )


def show_saved() -> None:
    for name, shape in SHAPES.items():
        cells, fits = saved(*shape)
        print(f"{name}: {fits} fits for {cells} cells of a classifier without chance")


def show_jobs() -> None:
    alone, _ = used_by(1)
    for jobs in (1, 2):
        wall, cells = used_by(jobs)
        print(
            f"{jobs} processes: {wall:.2f} s, seconds inside cells {cells:.2f}, "
            f"{cells / wall:.2f} at work on average, {alone / wall:.2f} times as fast"
        )


def show_memory() -> None:
    for processes in (1, 2, 4):
        print(f"{processes} processes: {memory(processes):.1f} MiB each of a table of 200 MiB")


def show_grid() -> None:
    of = grids()
    print(
        f"log: 12 cells for 50 ({of.cells:.1f} times fewer), {of.seconds:.1f} times fewer seconds "
        f"of a forest; crossovers differ by {of.apart:.2f} (a factor; median), and from the truth "
        f"by {of.dense_error:.2f} (50 budgets) and {of.log_error:.2f} (12); intervals hold it in "
        f"{100 * of.dense_holds:.0f} and {100 * of.log_holds:.0f} %"
    )


if __name__ == "__main__":
    WORDS = {
        "cells": show_cells,
        "saved": show_saved,
        "jobs": show_jobs,
        "memory": show_memory,
        "grid": show_grid,
    }
    for word in sys.argv[1:] or WORDS:
        WORDS[word]()
