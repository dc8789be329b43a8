"""The run of a search: its missing trials one after the other, with their progress."""

import time
from typing import Any

import pandas as pd

from semisup.engine.progress import say
from semisup.tuning.choice import Measure
from semisup.tuning.ledger import Ledger, Plan, Slot, opened
from semisup.tuning.search import Search, column_of
from semisup.tuning.trial import train_trial


def run_search(search: Search) -> pd.DataFrame:
    """Train the trials that are missing and gather the results of all.

    Returns
    -------
    DataFrame
        One row a trial, by architecture and in the order of the search: architecture, a column for
        each searched key (`loss` as loss_function), loss, val_loss, val_loss_se, relative_error,
        relative_error_se, uar and uar_se (probe only), parameters, epochs, collapsed, state
        (complete, pruned, diverged), trial (its folder), seconds, seconds_per_epoch.

    Raises
    ------
    SplitError
        If there are too few speakers to validate or to probe.
    SpecError
        If chunks are too small for an architecture.
    """
    tuning = search.tuning
    plan = Plan(tuning.searched(), tuning.sampler, tuning.trials, search.inputs.seed)
    higher = search.measure.higher_is_better
    with opened(search.inputs.folder / "tuning.db") as storage:
        ledgers = [
            Ledger(storage, name, search.fingerprint, plan, higher, search.folder)
            for name in search.architectures
        ]
        progress = _Progress(search.measure, ledgers)
        for ledger in ledgers:
            for number in ledger.missing():
                _fill(search, ledger, number, progress)
        return pd.DataFrame([_row(search, r) for ledger in ledgers for r in ledger.results()])


def _fill(search: Search, ledger: Ledger, number: int, progress: "_Progress") -> None:
    """Train the trial of a slot and keep its result."""
    slot = ledger.open(number)
    # random values may repeat; what was trained once need not be again
    repeated = ledger.repeated(slot)
    label = progress.begin(slot, ledger.architecture)
    result = repeated or train_trial(search, ledger, slot, f"{search.inputs.name} {label}")
    complete = result["state"] == "complete"
    ledger.close(slot, result, result[search.measure.column] if complete else None)
    progress.end()


def _row(search: Search, result: dict[str, Any]) -> dict[str, Any]:
    """Lay out a result as a row of the table."""
    searched = {column_of(key): result["values"][key] for key in search.tuning.searched()}
    probed = ("uar", "uar_se") if search.labels is not None else ()
    figures = ("loss", "val_loss", "val_loss_se", "relative_error", "relative_error_se", *probed)
    return {
        "architecture": result["architecture"],
        **searched,
        **{name: result.get(name, float("nan")) for name in figures},
        "parameters": result["parameters"],
        "epochs": result["epochs"],
        "collapsed": result["collapsed"],
        "state": result["state"],
        "trial": result["trial"],
        "seconds": result.get("seconds", float("nan")),
        "seconds_per_epoch": result.get("seconds_per_epoch", float("nan")),
    }


class _Progress:
    """Says which trial comes, how many are left, how good the best is and how long it may take."""

    def __init__(self, measure: Measure, ledgers: list[Ledger]) -> None:
        self.measure = measure
        self.ledgers = ledgers
        self.total = sum(ledger.total for ledger in ledgers)
        self.left = sum(len(ledger.missing()) for ledger in ledgers)
        # of this process: trials from before it say nothing about the time that is left
        self.began, self.done = time.monotonic(), 0
        if self.left < self.total:
            say(f"  {self.total - self.left} of {self.total} trials are there")

    def begin(self, slot: Slot, architecture: str) -> str:
        """Say which trial is trained next; return the label of its progress bar."""
        label = f"trial {self.total - self.left + 1} of {self.total}"
        clauses = [f"  {label}: {describe(architecture, slot.point)}", f"{self.left} left"]
        say("; ".join([*clauses, *self._best(), *self._time_left()]))
        return label

    def _best(self) -> list[str]:
        results = [r for ledger in self.ledgers for r in ledger.results()]
        complete = [result for result in results if result["state"] == "complete"]
        if not complete:
            return []
        column, sign = self.measure.column, -1 if self.measure.higher_is_better else 1
        best = min(complete, key=lambda result: sign * result[column])
        return [f"best {self.measure.words} {best[column]:.5g} ({best['architecture']})"]

    def _time_left(self) -> list[str]:
        if not self.done:
            return []
        seconds = (time.monotonic() - self.began) / self.done * self.left
        return [
            f"about {seconds:.0f} s left" if seconds < 90 else f"about {seconds / 60:.0f} min left"
        ]

    def end(self) -> None:
        """Count a trial."""
        self.left -= 1
        self.done += 1


def describe(architecture: str, values: dict[str, Any]) -> str:
    """Write a trial's values in one line.

    Examples
    --------
    >>> describe("autoencoder_1", {"latent_dim": 64, "learning_rate": 0.001})
    'autoencoder_1, latent_dim 64, learning_rate 0.001'
    """
    shown = [
        f"{key} {v:.4g}" if isinstance(v, float) else f"{key} {v}" for key, v in values.items()
    ]
    return ", ".join([architecture, *shown])
