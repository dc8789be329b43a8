"""The run of a search: its missing trials, side by side where there are several workers.

The table is the same whoever trains which trial at what time: results count in the order of the
search, and a trial is pruned by those before it alone.
"""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from semisup.engine.parallel import run_each
from semisup.engine.progress import Amount, kept, say, time_words, track
from semisup.tuning.choice import Measure
from semisup.tuning.ledger import Ledger, Plan, Slot, opened
from semisup.tuning.pruning import RESULT, Before, standing
from semisup.tuning.search import Search, column_of
from semisup.tuning.trial import Todo, describe, settled, train_trial


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
        # of TPE's trials each hangs on those before it: then one of each architecture at a time
        while waves := [_Wave(search, ledger) for ledger in ledgers if ledger.ready()]:
            _train(search, waves, progress)
        return pd.DataFrame([_row(search, r) for ledger in ledgers for r in ledger.results()])


class _Wave:
    """Trials of one architecture whose values are known, in the order of the search."""

    def __init__(self, search: Search, ledger: Ledger) -> None:
        self.search, self.ledger = search, ledger
        self.prunes = search.tuning.pruning and search.tuning.objective == "loss"
        self.slots = [ledger.open(number) for number in ledger.ready()]
        #: Results by name. Random values may repeat; what was trained once need not be again.
        self.results = {
            slot.name: result
            for slot in self.slots
            if (result := ledger.repeated(slot)) is not None
        }
        self.settled = {*self.results}

    def todo(self, first: int, total: int) -> list[Todo]:
        """Return the trials to be trained; `first` is the place of the first in all searches."""
        todo: dict[str, Todo] = {}
        going: dict[int, Path] = {}
        for slot in self.slots:
            if slot.name not in self.results and slot.name not in todo:
                before = (
                    Before(self.ledger.ended(slot.number), dict(going)) if self.prunes else None
                )
                label = f"trial {first + slot.number + 1} of {total}"
                todo[slot.name] = Todo(
                    self.ledger.architecture, slot.name, slot.point, before, label
                )
            if slot.name in todo:
                going[slot.number] = self.search.folder / slot.name / RESULT
        return list(todo.values())

    def close(self) -> Iterator[Slot]:
        """Keep the results that are there, as far as none is missing before them."""
        while self.slots and self.slots[0].name in self.results:
            slot = self.slots.pop(0)
            result = self.results[slot.name]
            if slot.name not in self.settled and self.prunes:
                before = standing(list(self.ledger.ended(slot.number).values()))
                result = self.results[slot.name] = settled(self.search, result, before)
            self.settled.add(slot.name)
            self._keep(slot, result)
            yield slot

    def _keep(self, slot: Slot, result: dict[str, Any]) -> None:
        complete = result["state"] == "complete"
        value = result[self.search.measure.column] if complete else None
        self.ledger.close(slot, result, result.get("val_losses", []), value)


def _train(search: Search, waves: list[_Wave], progress: "_Progress") -> None:
    """Train what is to be trained of some waves, side by side where there are several workers."""
    todo = [(wave, one) for wave in waves for one in progress.numbered(wave)]
    workers = search.inputs.workers
    if workers.divide(len(todo)):
        say(f"  {len(todo)} trials, {workers.at_once(len(todo))} at a time")
    for wave in waves:
        progress.tell(wave.ledger.architecture, wave.close())
    items = [(search, one) for _, one in todo]
    names = [one.label for _, one in todo]
    train = _silently if workers.divide(len(todo)) else train_trial
    done = run_each(train, items, names, workers, search.folder)
    for number, result in track(done, Amount("trials", "trials", len(todo))):
        wave, one = todo[number]
        wave.results[one.name] = result
        progress.tell(wave.ledger.architecture, wave.close())


def _silently(search: Search, todo: Todo) -> dict[str, Any]:
    with kept():
        return train_trial(search, todo)


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

    def numbered(self, wave: _Wave) -> list[Todo]:
        """Return the trials of a wave that are to be trained, as the person counts them."""
        first = sum(ledger.total for ledger in self.ledgers[: self.ledgers.index(wave.ledger)])
        return wave.todo(first, self.total)

    def tell(self, architecture: str, closed: Iterable[Slot]) -> None:
        """Count trials that are done, and say how good the best is and what is left."""
        for slot in closed:
            self.left -= 1
            self.done += 1
            clauses = [f"  done: {describe(architecture, slot.point)}", f"{self.left} left"]
            say("; ".join([*clauses, *self._best(), *self._time_left()]))

    def _best(self) -> list[str]:
        results = [r for ledger in self.ledgers for r in ledger.results()]
        complete = [result for result in results if result["state"] == "complete"]
        if not complete:
            return []
        column, sign = self.measure.column, -1 if self.measure.higher_is_better else 1
        best = min(complete, key=lambda result: sign * result[column])
        return [f"best {self.measure.words} {best[column]:.5g} ({best['architecture']})"]

    def _time_left(self) -> list[str]:
        seconds = (time.monotonic() - self.began) / self.done * self.left
        return [f"about {time_words(seconds)} left"] if self.left else []
