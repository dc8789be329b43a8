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
from semisup.engine.parallel import Workers
from semisup.engine.progress import Amount, say, silence, track
from semisup.engine.step import Step
from semisup.stages import curve, features, train
from semisup.stages.making import run_step
from semisup.stages.resolved import ResolvedStudy

#: What is done in each fold, in order.
STAGES: dict[str, Callable[[ResolvedStudy], list[Step]]] = {
    "train": train.steps,
    "features": features.steps,
    "curve": curve.steps,
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
    jobs = min(study.workers.processes, len(todo))
    if jobs <= 1 or study.workers.scheduler is not None:
        for number, repeat in enumerate(todo, done + 1):
            say(f"fold {number} of {total}", tone="step")
            _run(repeat, wanted, forced)
    else:
        say(f"folds, {jobs} at a time", tone="step")
        amount = Amount("train and score", "folds", total, done)
        for _ in track(_side_by_side(todo, wanted, forced, jobs), amount):
            pass
    # as the parts of a step, which are not needed once it is made
    if todo[0].once is not None and "features" in wanted:
        shutil.rmtree(todo[0].once.folder, ignore_errors=True)


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
    todo: Sequence[ResolvedStudy], wanted: Sequence[str], forced: Sequence[str], jobs: int
) -> Iterator[None]:
    """Yield once for every finished fold."""
    from joblib import Parallel, delayed

    # the first with all workers: it makes once what is the same in all of them
    first, *others = todo
    _run_silently(first, wanted, forced, first.workers)
    yield
    # workers are shared out among those that run at once
    each = Workers(max(1, first.workers.processes // jobs))
    pool = Parallel(jobs, backend="loky", return_as="generator")
    yield from pool(delayed(_run_silently)(repeat, wanted, forced, each) for repeat in others)


def _run_silently(
    repeat: ResolvedStudy, wanted: Sequence[str], forced: Sequence[str], workers: Workers
) -> None:
    with silence():
        _run(repeat.with_workers(workers), wanted, forced)


def _run(repeat: ResolvedStudy, wanted: Sequence[str], forced: Sequence[str]) -> None:
    for name, steps in STAGES.items():
        # one stage after the other: its steps may depend on what that before it wrote
        if name in wanted:
            for step in steps(repeat):
                run_step(repeat, step, name in forced)


def _steps(repeat: ResolvedStudy, wanted: Sequence[str], forced: Sequence[str]) -> list[Step]:
    """Return the steps of a fold that are to be made."""
    return [
        step
        for name, steps in STAGES.items()
        if name in wanted
        for step in steps(repeat)
        if name in forced or not step.is_current
    ]
