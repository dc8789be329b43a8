"""Running a study: resolved once, then stage by stage, skipping what is current."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace

from semisup.curve.balance import said
from semisup.engine.artefacts import write_json
from semisup.engine.noted import ChangedError, Noted
from semisup.engine.parallel import Workers
from semisup.engine.progress import say
from semisup.engine.step import Step
from semisup.errors import OutputError, SpecError, SplitError, nearest
from semisup.features.learned import learned
from semisup.features.speakers import transductive
from semisup.features.tails import unequal_sound
from semisup.figures.notes import names_in
from semisup.recordings import kept
from semisup.remote.outputs import held
from semisup.remote.urls import VARIABLE, cache, is_url, url_of
from semisup.stages import (
    chunks,
    clusters,
    compare,
    curve,
    durations,
    features,
    importance,
    manifest,
    plot,
    repeats,
    report,
    split,
    train,
    tune,
)
from semisup.stages.beforehand import check_parameters
from semisup.stages.foreign import say_foreign
from semisup.stages.gates import speakers
from semisup.stages.leftovers import remove_leftovers
from semisup.stages.making import run_step
from semisup.stages.resolve import resolve, with_repeats
from semisup.stages.resolved import ResolvedStudy
from semisup.stages.side_by_side import run_steps
from semisup.study.paths import expand
from semisup.study.study import Study

#: How often a run begins anew because something that it reads has changed meanwhile.
TRIES = 5
#: In the order in which they run. The steps of a stage may depend on what those before it wrote.
STAGES: dict[str, Callable[[ResolvedStudy], list[Step]]] = {
    "manifest": manifest.steps,
    "split": split.steps,
    "durations": durations.steps,
    "chunks": chunks.steps,
    "train": train.steps,
    "features": features.steps,
    "curve": curve.steps,
    "compare": compare.steps,
    "importance": importance.steps,
    "clusters": clusters.steps,
    "plot": plot.steps,
    "report": report.steps,
}


def run_study(
    study: Study,
    until: str | None = None,
    force: str | None = None,
    workers: Workers | None = None,
) -> ResolvedStudy:
    """Run all stages up to `until`, skipping what is current.

    The study's folder is locked: where another run is at work in it, this one waits till its end.

    Parameters
    ----------
    study : Study
    until : str, optional
        The last stage to run.
    force : str, optional
        Make this stage and all after it again, current or not.
    workers : Workers, optional
        Who does parallel work; one process if left out.

    Raises
    ------
    SpecError
        If there is no such stage, or files of the user's are missing.
    OutputError
        If the study's folder cannot be written.
    """
    for name in filter(None, (until, force)):
        if name not in STAGES:
            raise SpecError(f"There is no stage '{name}'; {nearest(name, STAGES)}")
    # before it is resolved, which reads what another run may be about to write
    with held(study.folder):
        say_foreign(study.spec)
        return _till_nothing_changes(study, lambda one: _run_stages(one, until, force, workers))


def tune_study(study: Study, workers: Workers | None = None) -> ResolvedStudy:
    """Search the best autoencoder as `[tuning]` says; it becomes the study's.

    Of a study with folds each has a search of its own, on its own unlabelled speakers.
    """
    with held(study.folder):
        say_foreign(study.spec)
        return _till_nothing_changes(study, lambda one: _tune(one, workers))


def _till_nothing_changes(study: Study, work: Callable[[Study], ResolvedStudy]) -> ResolvedStudy:
    """Do the work, and again what was made while its inputs changed."""
    for _ in range(TRIES):
        try:
            return work(replace(study, noted=Noted()))
        except ChangedError as error:
            changed = error
            say(f"{changed}: it is made again", tone="caution")
    raise OutputError(
        f"{changed}, for the {TRIES}th time: make sure that no other program writes there, and run "
        "the same command again"
    )


def _tune(study: Study, workers: Workers | None) -> ResolvedStudy:
    resolved = _run_stages(study, "chunks", None, workers)
    for one in resolved.repeats or (resolved,):
        for step in tune.steps(one):
            run_step(one, step)
    return resolved


def _run_stages(
    study: Study, until: str | None, force: str | None, workers: Workers | None
) -> ResolvedStudy:
    names = list(STAGES)
    if workers is not None and workers.scheduler is not None:
        # workers of a cluster have working directories of their own
        study = replace(study, base=study.base.absolute(), out=study.out.absolute())
        _say_of_copies(study)
    resolved = resolve(study, workers, again=force == names[0])
    importance.forget(resolved)
    clusters.forget(resolved)
    last = names.index(until) if until else len(names) - 1
    forced = names.index(force) if force else len(names)
    at = names.index("curve")
    # only where it is about to be made: a run with nothing to do imports nothing for it
    if last >= at and (forced <= at or not all(step.is_current for step in curve.steps(resolved))):
        check_parameters(resolved.classifiers, resolved.spec.task)
    if forced <= names.index("features"):
        # made again means from the recordings on
        shutil.rmtree(resolved.kept, ignore_errors=True)
    gone_through: list[Step] = []
    for number, name in enumerate(names[: last + 1]):
        gone_through += run_steps(resolved, STAGES[name], number >= forced)
        if name == "split":
            resolved = with_repeats(resolved)
            if last > number:
                _look_at_speakers(resolved)
                _note_cautions(resolved)
        # the tables that folds share are there after "features"
        if name == "features" or (name == "train" and last == number):
            repeats.run(resolved, names[: last + 1], names[forced:])
            if name == "features":
                gone_through += run_steps(resolved, repeats.shown, number >= forced)
    kept.tidy(resolved.kept)
    if last == len(names) - 1:
        remove_leftovers(resolved, gone_through)
    return resolved


def _say_of_copies(study: Study) -> None:
    """Say what workers of a cluster must see of what is at URLs."""
    roots = [expand(corpus.root) for corpus in study.spec.corpus if corpus.root]
    urls = [url for url in (*roots, url_of(study.folder)) if is_url(url)]
    if urls:
        say(
            f"  workers must see {cache()}, where the copy of {urls[0]} is: {VARIABLE} may name a "
            "folder on a disk that all share",
            tone="caution",
        )


def _look_at_speakers(study: ResolvedStudy) -> None:
    """Raise where recordings can't be normalised by speaker, say where that won't help.

    Figures and report, which know no kinds, read from `transductive.json` what to mark, and from
    `learned.json` what the study's question is about.
    """
    for name, marked in (
        ("transductive", transductive(study.kinds, study.spec.fusions)),
        ("learned", learned(study.kinds)),
    ):
        path = study.folder / f"{name}.json"
        if not marked:
            path.unlink(missing_ok=True)
        elif marked != names_in(path):
            write_json(path, marked)
    problems, warnings = [], []
    for one in (study, *study.repeats):
        recordings = study.manifest.assign(subset=study.manifest["recording"].map(one.split))
        problems += speakers.incomparable(one.spec, one.made_here, recordings)
        if not all(step.is_current for step in features.steps(one)):
            warnings += speakers.warnings(one.made_here, recordings)
    # the folds of a study have most of them in common
    if problems:
        raise SplitError("\n".join(dict.fromkeys(problems)))
    for warning in dict.fromkeys(warnings):
        say(f"  {warning}", tone="caution")


def _note_cautions(study: ResolvedStudy) -> None:
    """Say what a reader of the scores must know of the whole study, and note it for the report."""
    path = study.folder / "cautions.json"
    spec = study.spec
    cautions = [
        *said(spec.curve.balance, study.labels_learned, spec.plot.metric),
        *unequal_sound(study.compared, study.scored["seconds"], spec.chunks),
    ]
    if not path.exists() or json.loads(path.read_text("utf-8")) != cautions:
        write_json(path, cautions)
        for caution in cautions:
            say(f"  {caution}", tone="caution")
