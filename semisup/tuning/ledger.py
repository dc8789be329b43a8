"""The trials of one architecture in Optuna's SQLite file: what is finished, and what comes next."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import optuna
from optuna.trial import FrozenTrial, TrialState

from semisup.engine.artefacts import fingerprint
from semisup.tuning.pruning import Curve, curve_of
from semisup.tuning.samplers import Sampler, Searched, grid, hangs_on_none, sampler, suggest

_FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
#: Names of what is kept of a trial beside Optuna's own columns.
_SLOT, _RESULT = "slot", "result"


class Plan(NamedTuple):
    """How trials are drawn: what is searched, by which sampler, how many, from which seed."""

    searched: Searched
    sampler: Sampler
    trials: int
    seed: int


class Slot(NamedTuple):
    """A trial to be trained: its place in the search, its folder's name, the values to try."""

    number: int
    name: str
    point: dict[str, Any]
    trial: optuna.Trial


@contextmanager
def opened(path: Path) -> Iterator[optuna.storages.RDBStorage]:
    """Open a SQLite file of trials, a new one if it isn't there."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    path.parent.mkdir(parents=True, exist_ok=True)
    storage = optuna.storages.RDBStorage(f"sqlite:///{path.resolve()}")
    try:
        yield storage
    finally:
        storage.remove_session()
        storage.engine.dispose()


class Ledger:
    """All trials of one architecture, finished and missing.

    Parameters
    ----------
    storage : RDBStorage
        As `opened` gives it.
    architecture : str
        Its trials make one Optuna study, ``<architecture>-<fingerprint>``.
    fingerprint : str
        Of all that a trial's result depends on besides its values, so that trials of other data or
        another space are never among them.
    plan : Plan
        How trials are drawn.
    higher_is_better : bool
        Whether the objective is to be large.
    folder : Path
        Trial ``name`` keeps its files in the folder of this name below it; a trial whose files are
        gone counts as missing.
    """

    def __init__(
        self,
        storage: optuna.storages.RDBStorage,
        architecture: str,
        fingerprint: str,
        plan: Plan,
        higher_is_better: bool,
        folder: Path,
    ) -> None:
        self.architecture = architecture
        self.plan = plan
        self.folder = folder
        self.study = optuna.create_study(
            storage=storage,
            study_name=f"{architecture}-{fingerprint}",
            load_if_exists=True,
            direction="maximize" if higher_is_better else "minimize",
        )
        # one process at a time works on a study: what still waits or runs was killed; Optuna lets
        # nothing fail that waits, so it is asked for first
        for _ in self.study.get_trials(deepcopy=False, states=(TrialState.WAITING,)):
            self.study.ask()
        for trial in self.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            self.study.tell(trial.number, state=TrialState.FAIL)
        self.points = grid(plan.searched) if plan.sampler == "grid" else None

    @property
    def total(self) -> int:
        """How many trials there are to be."""
        return self.plan.trials if self.points is None else len(self.points)

    def finished(self) -> dict[int, FrozenTrial]:
        """Return the finished trials by slot; of one that was trained again, the later one."""
        trials = self.study.get_trials(deepcopy=False, states=_FINISHED)
        by_slot = {trial.user_attrs[_SLOT]: trial for trial in trials}
        # more trials than are asked for now are left by an earlier search with more of them
        return {slot: by_slot[slot] for slot in sorted(by_slot) if slot < self.total}

    def results(self) -> list[dict[str, Any]]:
        """Return the results of the finished trials, in the order of their slots, no repeats."""
        results = [trial.user_attrs[_RESULT] for trial in self.finished().values()]
        return list({result["trial"]: result for result in results}.values())

    def missing(self) -> list[int]:
        """Return the slots to be filled."""
        finished = self.finished()
        return [
            slot
            for slot in range(self.total)
            if slot not in finished or not self._has_files(finished[slot])
        ]

    def ready(self) -> list[int]:
        """Return the slots to be filled whose values are known before others are filled."""
        missing = self.missing()
        ready = [slot for slot in missing if hangs_on_none(self.plan.sampler, slot)]
        return ready or missing[:1]

    def open(self, slot: int) -> Slot:
        """Begin the trial of a slot."""
        if self.points is not None:
            self.study.enqueue_trial(self.points[slot])
        elif (earlier := self.finished().get(slot)) is not None:
            self.study.enqueue_trial(earlier.params)  # its files are gone: the same values again
        # a sampler of its own for every trial: its state would not survive a kill
        self.study.sampler = sampler(self.plan.sampler, self.plan.seed, slot)
        trial = self.study.ask()
        trial.set_user_attr(_SLOT, slot)
        values = suggest(trial, self.plan.searched)
        # named by its values: repeated ones are recognised, a resumed trial finds its checkpoint
        name = f"{self.architecture}-{fingerprint(values)[:12]}"
        return Slot(slot, name, values, trial)

    def repeated(self, slot: Slot) -> dict[str, Any] | None:
        """Return the result of a finished trial with the same values and its files, if any."""
        for trial in self.finished().values():
            if trial.user_attrs[_RESULT]["trial"] == slot.name and self._has_files(trial):
                return dict(trial.user_attrs[_RESULT])
        return None

    def close(
        self, slot: Slot, result: dict[str, Any], val_losses: list[float], value: float | None
    ) -> None:
        """Keep a trial's result; without a value of the objective it counts as pruned."""
        for epoch, val_loss in enumerate(val_losses, 1):
            if math.isfinite(val_loss):
                slot.trial.report(val_loss, epoch)
        slot.trial.set_user_attr(_RESULT, result)
        if value is None:
            self.study.tell(slot.trial, state=TrialState.PRUNED)
        else:
            self.study.tell(slot.trial, value)

    def ended(self, slot: int) -> dict[int, Curve]:
        """Return the curves of the complete trials before a slot, by slot."""
        curves = {}
        for number, trial in self.finished().items():
            # by epoch: what comes from a database has no promised order
            losses = [value for _, value in sorted(trial.intermediate_values.items())]
            if number < slot and (curve := curve_of(trial.user_attrs[_RESULT], losses)):
                curves[number] = curve
        return curves

    def _has_files(self, trial: FrozenTrial) -> bool:
        result = trial.user_attrs[_RESULT]
        return all((self.folder / result["trial"] / name).exists() for name in result["files"])
