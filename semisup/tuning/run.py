"""All trials of a search, one after the other, with what a person sees of them."""

import time
from typing import Any

import pandas as pd

from semisup.engine.progress import say
from semisup.tuning.choice import Measure
from semisup.tuning.ledger import Ledger, Plan, Slot, opened
from semisup.tuning.search import Search, column_of
from semisup.tuning.trial import train_trial


def run_search(search: Search) -> pd.DataFrame:
    """Make the trials that are missing and gather all.

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
    plan = Plan(
        *(search.tuning.searched(), search.tuning.sampler, search.tuning.trials),
        search.inputs.seed,
    )
    higher = search.measure.higher_is_better
    with opened(search.inputs.folder / "tuning.db") as storage:
        ledgers = [
            Ledger(storage, name, search.fingerprint, plan, higher, search.folder)
            for name in search.architectures
        ]
        teller = _Teller(search.measure, ledgers)
        for ledger in ledgers:
            for number in ledger.missing():
                _make(search, ledger, number, teller)
        return pd.DataFrame([_row(search, r) for ledger in ledgers for r in ledger.results()])


def _make(search: Search, ledger: Ledger, number: int, teller: "_Teller") -> None:
    """Train one trial and keep its result."""
    slot = ledger.open(number)
    known = ledger.known(slot)
    label = teller.begin(slot, ledger.architecture)
    # random values may repeat; what was trained once need not be again
    result = known or train_trial(search, ledger, slot, f"{search.inputs.name} {label}")
    complete = result["state"] == "complete"
    ledger.close(slot, result, result[search.measure.column] if complete else None)
    teller.end()


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


class _Teller:
    """Says which trial comes, how many are left, how good the best is and how long it may take."""

    def __init__(self, measure: Measure, ledgers: list[Ledger]) -> None:
        self.measure = measure
        self.ledgers = ledgers
        self.total = sum(ledger.total for ledger in ledgers)
        self.left = sum(len(ledger.missing()) for ledger in ledgers)
        self.began, self.made = time.monotonic(), 0
        if self.left < self.total:
            say(f"  {self.total - self.left} of {self.total} trials are there")

    def begin(self, slot: Slot, architecture: str) -> str:
        """Say what is to be made; return what its progress bar is to be called."""
        known = [r for ledger in self.ledgers for r in ledger.results() if r["state"] == "complete"]
        column, sign = self.measure.column, -1 if self.measure.higher_is_better else 1
        label = f"trial {self.total - self.left + 1} of {self.total}"
        parts = [f"  {label}: {describe(architecture, slot.point)}", f"{self.left} left"]
        if known:
            best = min(known, key=lambda result: sign * result[column])
            parts.append(f"best {self.measure.words} {best[column]:.5g} ({best['architecture']})")
        if self.made:
            rest = (time.monotonic() - self.began) / self.made * self.left
            parts.append(
                f"about {rest:.0f} s left" if rest < 90 else f"about {rest / 60:.0f} min left"
            )
        say("; ".join(parts))
        return label

    def end(self) -> None:
        """Count a trial."""
        self.left -= 1
        self.made += 1


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
