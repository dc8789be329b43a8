"""Steps of a stage, those that stand alone side by side: in processes here, or on a cluster."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from semisup.engine.artefacts import begun, forsake
from semisup.engine.parallel import run_each
from semisup.engine.progress import Amount, kept, say, track
from semisup.engine.step import Step
from semisup.stages.making import run_step
from semisup.stages.resolved import ResolvedStudy

Steps = Callable[[ResolvedStudy], list[Step]]


def run_steps(study: ResolvedStudy, steps: Steps, forced: bool = False) -> list[Step]:
    """Make what is not current of the steps of a stage, in their order.

    Neighbours that stand alone are made at the same time, where there are several workers; a
    cluster gets a single one, too. What each has said is said when it is done.

    Parameters
    ----------
    study : ResolvedStudy
    steps : callable
        Returns the steps of a study.
    forced : bool
        Make them again, current or not.

    Returns
    -------
    list of Step
        All of them, those that were current among them.
    """
    of_stage = steps(study)
    for alone, group in groupby(of_stage, key=lambda step: step.stands_alone):
        neighbours = list(group)
        todo = [step for step in neighbours if forced or not step.is_current]
        if alone and study.workers.divide(len(todo)):
            _give_out(study, steps, todo)
            neighbours = [step for step in neighbours if step not in todo]
        for step in neighbours:
            run_step(study, step, forced)
    return of_stage


class _Report(NamedTuple):
    """What making a step took, and what was said meanwhile: messages and their tones."""

    seconds: float
    said: list[tuple[str, str]]

    def tell(self) -> None:
        for message, tone in self.said:
            say(message, tone)


def _give_out(study: ResolvedStudy, steps: Steps, todo: Sequence[Step]) -> None:
    names = [step.name for step in todo]
    rest = f" and {len(names) - 2} more" if len(names) > 2 else ""
    say(f"{', '.join(names[:2])}{rest}: {study.workers.at_once(len(todo))} at a time", tone="step")
    sharing = study.with_workers(study.workers.within(len(todo)))
    shares = {step.name: step for step in steps(sharing)}
    items = [(shares[name],) for name in names]
    # as `run_step` does before it makes one: a killed step leaves no old fingerprint
    new = begun(path for step in todo for path in step.outputs)
    try:
        done = run_each(_make, items, names, study.workers, study.folder)
        for number, report in track(done, Amount("side by side", "steps", len(todo))):
            finished = replace(todo[number], make=report.tell)
            run_step(study, finished, forced=True, before=report.seconds)
    except Exception:
        forsake(new)
        raise


def _make(step: Step) -> _Report:
    began = time.perf_counter()
    with kept() as said:
        step.make()
    return _Report(time.perf_counter() - began, said)
