"""A study of the original's size, end to end, and a model of what any size costs.

    python benchmarks/paper_scale.py run [FOLDER]
    python benchmarks/paper_scale.py model [FOLDER [FOLDER OF SMALLER ONES]]

The first runs 12,600 generated recordings, of which 9,900 are unlabelled and give 11,300 chunks,
stage by stage, and goes on where it was stopped. The second fits the cost of every stage, a fixed
part and one in proportion to what it works at, to the sizes of `memory.py`, which it runs unless
they are there, checks it on the size of the paper, which was not fitted, and tells what 400
and 100,000 hours would take. Costs are seconds of one processor, which other work on the machine
changes little.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import memory
import numpy as np
from scipy.optimize import nnls
from stages import LABELLED, PAPER, SECONDS, TESTED, Size, run_stages

FOLDER = Path("build/paper_scale")
#: Chunks of a recording, and those of a batch in training.
CHUNKS, BATCH = 1.12, 128
SYSTEMS = 10
WORKERS = (1, 16, 256)
#: What workers share; all else is done by one.
SHARED = ("check", "chunks", "features", "curve", "predict")
#: What a study of one's own does not need.
BESIDE = ("generate", "nothing to do", "export", "predict")
#: Of so many workers this share of their time is work.
EFFICIENCY = 0.9


class Load(NamedTuple):
    """What the stages of a study work at."""

    recordings: float
    labelled: float
    tested: float
    cells: float
    updates: float

    @property
    def hours(self) -> float:
        """Hours of sound."""
        return self.recordings * SECONDS / 3600


Driver = Callable[[Load], float]


def one(_: Load) -> float:
    return 1.0


def hours(load: Load) -> float:
    return load.hours


def recordings(load: Load) -> float:
    return load.recordings / 1000


def scored(load: Load) -> float:
    return (load.labelled + load.tested) / 1000


def chunks_trained(load: Load) -> float:
    return load.updates * BATCH / 1000


def cells(load: Load) -> float:
    return load.cells


def cells_of_labels(load: Load) -> float:
    return load.cells * load.labelled / 1000


def predictions(load: Load) -> float:
    return load.cells * load.tested / 1000


#: What the cost of each stage grows with.
DRIVERS: dict[str, tuple[Driver, ...]] = {
    "generate": (one, hours),
    "check": (one, hours),
    "manifest": (one, recordings),
    "split": (one, recordings),
    "durations": (one, recordings),
    "chunks": (one, hours),
    "train": (one, chunks_trained),
    # of what is scored: nobody asks for the features of unlabelled recordings
    "features": (one, scored),
    "curve": (cells, cells_of_labels),
    "compare": (one, predictions),
    "plot": (one, predictions),
    "report": (one, predictions),
    "nothing to do": (one, recordings),
    "export": (one, recordings),
    "predict": (one, hours),
}
#: In words, of one of each.
UNITS = {
    one: "study",
    hours: "hour",
    recordings: "1,000 recordings",
    scored: "1,000 labelled and tested",
    chunks_trained: "1,000 chunks trained on",
    cells: "cell",
    cells_of_labels: "1,000 labels in a cell",
    predictions: "1,000 predictions",
}


def load_of(size: Size) -> Load:
    """Return what a study of this size works at."""
    n_budgets = 10 if "10, stop" in size.percentages else 50
    n_cells = SYSTEMS * size.draws * n_budgets
    n = size.recordings
    return Load(n, n * LABELLED, n * TESTED, n_cells, size.steps)


def of_hours(sound: float) -> Load:
    """Return the study of the paper with this much sound instead."""
    return load_of(Size(PAPER))._replace(recordings=sound * 3600 / SECONDS)


def fit(taken: dict[int, dict[str, dict[str, float]]]) -> dict[str, np.ndarray]:
    """Fit the costs of each stage to measured sizes: none negative, relative errors squared."""
    costs = {}
    for stage, drivers in DRIVERS.items():
        # a run that was stopped has not come to all of them
        sizes = [speakers for speakers in taken if stage in taken[speakers]]
        measured = np.array([taken[speakers][stage]["cpu"] for speakers in sizes])
        loads = [load_of(memory.size(speakers)) for speakers in sizes]
        table = np.array([[driver(load) for driver in drivers] for load in loads])
        costs[stage], _ = nnls(table / measured[:, None], np.ones(len(measured)))
    return costs


def predicted(costs: dict[str, np.ndarray], load: Load) -> dict[str, float]:
    """Return the seconds of each stage."""
    return {
        stage: float(sum(c * driver(load) for c, driver in zip(costs[stage], drivers, strict=True)))
        for stage, drivers in DRIVERS.items()
    }


def with_workers(seconds: dict[str, float], workers: int) -> dict[str, float]:
    """Return the seconds of each stage where so many work at once."""
    speed = workers * EFFICIENCY if workers > 1 else 1.0
    return {stage: s / speed if stage in SHARED else s for stage, s in seconds.items()}


def noted(folder: Path) -> dict[str, dict[str, float]]:
    """Return what was noted of a run, as far as it has come."""
    notes = folder / "stages.json"
    return json.loads(notes.read_text("utf-8")) if notes.exists() else {}


def rows() -> Iterator[dict[str, Any]]:
    """Yield the size that was not fitted, predicted from the others that `memory.py` has run."""
    *fitted, checked = memory.SIZES
    costs = fit({speakers: noted(memory.FOLDER / str(speakers)) for speakers in fitted})
    measured = noted(memory.FOLDER / str(checked))
    guess = predicted(costs, load_of(memory.size(checked)))
    ours, truth = sum(guess.values()), sum(measured[stage]["cpu"] for stage in guess)
    yield {
        "name": "cost of 10 times a corpus, predicted from 1 and 3 times, to measured",
        "ours": ours,
        "baseline": truth,
        "ratio": max(ours / truth, truth / ours),
        "target": "<= 1.25",
        "unit": "s",
    }


def duration(seconds: float) -> str:
    """Write a time as a person says it.

    Examples
    --------
    >>> [duration(seconds) for seconds in (3, 240, 7200, 2e6)]
    ['3 s', '4 min', '2.0 h', '23 d']
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 2 * 86400 else f"{seconds / 86400:,.0f} d"


def model(small: Path, paper: Path) -> None:
    """Print the costs, how well they predict the size of the paper, and what others would take."""
    costs = fit(memory.run(small, memory.SIZES))
    print_costs(costs)
    if measured := noted(paper):
        print_check(predicted(costs, load_of(Size(PAPER))), measured)
    for sound in (400, 100_000):
        print_prediction(predicted(costs, of_hours(sound)), sound)


def print_costs(costs: dict[str, np.ndarray]) -> None:
    print("| stage | seconds of a processor |\n|---|---|")
    for stage, of_stage in costs.items():
        terms = [
            f"{cost:.3g}" if driver is one else f"{cost:.3g} a {UNITS[driver]}"
            for cost, driver in zip(of_stage, DRIVERS[stage], strict=True)
        ]
        print(f"| {stage} | {' + '.join(terms)} |")


def print_check(guess: dict[str, float], measured: dict[str, dict[str, float]]) -> None:
    print("\n| stage, 12,600 recordings | predicted | measured | ratio | peak MiB |")
    print("|---|---|---|---|---|")
    for stage, taken in measured.items():
        numbers = f"{guess[stage] / taken['cpu']:.2f} | {taken['peak']:,.0f}"
        print(f"| {stage} | {duration(guess[stage])} | {duration(taken['cpu'])} | {numbers} |")
    ours, truth = sum(guess[name] for name in measured), sum(t["cpu"] for t in measured.values())
    print(f"| together | {duration(ours)} | {duration(truth)} | {ours / truth:.2f} | |")


def print_prediction(seconds: dict[str, float], sound: int) -> None:
    seconds = {stage: each for stage, each in seconds.items() if stage not in BESIDE}
    columns = [with_workers(seconds, workers) for workers in WORKERS]
    print(f"\n| {sound:,} hours, by workers | {' | '.join(map(str, WORKERS))} |")
    print("|---" * (len(WORKERS) + 1) + "|")
    for stage in seconds:
        print(f"| {stage} | {' | '.join(duration(column[stage]) for column in columns)} |")
    print(f"| together | {' | '.join(duration(sum(column.values())) for column in columns)} |")


if __name__ == "__main__":
    what, *more = sys.argv[1:] or ["model"]
    paper = Path(more[0]) if more else FOLDER
    if what == "run":
        run_stages(Size(PAPER), paper)
    else:
        model(Path(more[1]) if more[1:] else memory.FOLDER, paper)
