"""The folds of a study: each is trained, made into features and scored as a study by itself.

Folds are independent of each other, so that several run at once; what they share is made before.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from semisup.engine.artefacts import fingerprint, write_json, write_whole
from semisup.engine.parallel import Workers, run_each
from semisup.engine.progress import Amount, say, silence, track
from semisup.engine.step import Step
from semisup.stages import curve, features, importance, train
from semisup.stages.resolved import ResolvedStudy
from semisup.stages.side_by_side import run_steps

#: What is done in each fold, in order.
STAGES: dict[str, Callable[[ResolvedStudy], list[Step]]] = {
    "train": train.steps,
    "features": features.steps,
    "curve": curve.steps,
    "importance": importance.steps,
}


def run(study: ResolvedStudy, wanted: Sequence[str], forced: Sequence[str]) -> None:
    """Run some stages of all folds; those that are current are skipped.

    Parameters
    ----------
    study : ResolvedStudy
        With `repeats`; of one without folds nothing is done.
    wanted : sequence of str
        Names of stages, those of others among them.
    forced : sequence of str
        Stages to make again, current or not.
    """
    todo = [repeat for repeat in study.repeats if _steps(repeat, wanted, forced)]
    if not todo:
        return
    done, total = len(study.repeats) - len(todo), len(study.repeats)
    at_once = study.workers.at_once(len(todo))
    if at_once == "1":
        for number, repeat in enumerate(todo, done + 1):
            say(f"fold {number} of {total}", tone="step")
            _run(repeat, wanted, forced)
    else:
        say(f"folds, {at_once} at a time", tone="step")
        amount = Amount("train and score", "folds", total, done)
        for _ in track(_side_by_side(todo, wanted, forced), amount):
            pass


def shown(study: ResolvedStudy) -> list[Step]:
    """Return the step that puts what figures and report show of the folds into the study's folder.

    Of what is learned in each that is the first fold's, with the health of all.
    """
    learned = [name for name in study.kinds if name not in study.made_here]
    if not study.repeats or not learned:
        return []
    first = study.repeats[0]
    copies = {
        study.folder / path.relative_to(first.folder): path
        for step in (*train.steps(first), *features.steps(first))
        for path in step.outputs
        if path.suffix in (".csv", ".parquet", ".npz") or path.parent == first.figures
    }
    healths = [
        study.folder / name / "health.json"
        for name in learned
        if "health.json" in study.kinds[name].models
    ]
    prints = [step.fingerprint for one in study.repeats for step in train.steps(one)]
    make = partial(_show, study, copies, healths)
    outputs = (*copies, *healths)
    return [Step("what the folds learned", fingerprint("shown", prints), outputs, make)]


def _show(study: ResolvedStudy, copies: dict[Path, Path], healths: list[Path]) -> None:
    for target, source in copies.items():
        write_whole(target, partial(shutil.copyfile, source))
    for path in healths:
        name = path.parent.name
        of_folds = [
            json.loads((one.folder / name / path.name).read_text()) for one in study.repeats
        ]
        write_json(path, health_of_folds(of_folds))
        train.tell_health(path, name)


def health_of_folds(healths: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the health of the first fold, and in how many an encoder is collapsed.

    Examples
    --------
    >>> bad, good = {"collapsed": True, "verdict": "no"}, {"collapsed": False, "verdict": "yes"}
    >>> health_of_folds([good, bad])["verdict"]
    'collapsed in 1 of 2 folds; in the first: yes'
    """
    first = dict(healths[0])
    count = sum(bool(health["collapsed"]) for health in healths)
    begin = f"collapsed in {count} of {len(healths)} folds" if count else "in no fold collapsed"
    verdict = f"{begin}; in the first: {first['verdict']}"
    return {**first, "collapsed": count > 0, "verdict": verdict, "folds_collapsed": count}


def _side_by_side(
    todo: Sequence[ResolvedStudy], wanted: Sequence[str], forced: Sequence[str]
) -> Iterator[None]:
    """Yield once for every finished fold."""
    # the first with all workers: it makes once what is the same in all of them
    first, *others = todo
    workers, folder = first.workers, first.folder.parent
    _run_silently(first, wanted, forced, workers)
    yield
    each = workers.shared_among(len(others))
    items = [(one, wanted, forced, each) for one in others]
    names = [f"the fold {one.folder.name}" for one in others]
    for _ in run_each(_run_silently, items, names, workers, folder):
        yield


def _run_silently(
    repeat: ResolvedStudy, wanted: Sequence[str], forced: Sequence[str], workers: Workers
) -> None:
    with silence():
        _run(repeat.with_workers(workers), wanted, forced)


def _run(repeat: ResolvedStudy, wanted: Sequence[str], forced: Sequence[str]) -> None:
    for name, steps in STAGES.items():
        # one stage after the other: its steps may depend on what that before it wrote
        if name in wanted:
            run_steps(repeat, steps, name in forced)


def all_steps(repeat: ResolvedStudy) -> list[Step]:
    """Return all steps of a fold, made or not."""
    return [step for steps in STAGES.values() for step in steps(repeat)]


def _steps(repeat: ResolvedStudy, wanted: Sequence[str], forced: Sequence[str]) -> list[Step]:
    """Return the steps of a fold that are to be made."""
    return [
        step
        for name, steps in STAGES.items()
        if name in wanted
        for step in steps(repeat)
        if name in forced or not step.is_current
    ]
