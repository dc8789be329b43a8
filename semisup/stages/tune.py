"""`semisup tune`: chunks in; `tuning.csv`, its figures and the chosen encoder out.

Not one of the stages that `semisup run` goes through. What it chose is in `tuned.json`, with the
fingerprint of all that the choice was made from: while that holds, the chosen options are the
representation's, in every stage.
"""

import json
import shutil
from functools import cache, partial
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from semisup import registry, splits
from semisup.engine.artefacts import (
    discard,
    fingerprint,
    seal,
    write_json,
    write_table,
    write_whole,
)
from semisup.engine.progress import say
from semisup.errors import SpecError
from semisup.stages import chunks, train
from semisup.study.file import tuned_name
from semisup.study.spec import RepresentationSpec, TuningSpec
from semisup.study.study import Step, Study, dump, kind_of

FORMAT = 2
#: Keys of `[tuning]` that no trial depends on.
_AFTER_THE_TRIALS = {"representation", "architectures", "trials", "choose"}
TIMINGS = ["seconds", "seconds_per_epoch"]


def mark(study: Study) -> str:
    """Return the fingerprint of the search and its choice."""
    return _mark(study, dump(_tuning(study)))


def trials_mark(study: Study) -> str:
    """Return the fingerprint of all that trials depend on besides their own values."""
    space = dump(_tuning(study))
    return _mark(study, {key: space[key] for key in space if key not in _AFTER_THE_TRIALS})


def steps(study: Study) -> list[Step]:
    """Return the one step of this command."""
    name = tuned_name(study.spec)
    folder, formats = study.folder / name, study.spec.plot.formats
    value = fingerprint(mark(study), formats)
    tables = ("tuning.csv", "tuning_timings.csv", "tuned.json")
    figures = [_figure(study, name, a, suffix) for a in architectures(study) for suffix in formats]
    outputs = (*(folder / table for table in tables), *figures)
    return [Step(f"tune {name}", value, outputs, partial(_make, study, name))]


def tuned(study: Study, name: str) -> RepresentationSpec:
    """Return a representation's options: the tuned ones if there are any and they hold."""
    own = study.spec.representations[name]
    path = study.folder / name / "tuned.json"
    if not path.exists():
        return own
    try:
        found = json.loads(path.read_text())
        if tuned_name(study.spec) == name and found["fingerprint"] == mark(study):
            return type(own).model_validate(found["options"])
    except (ValueError, KeyError, TypeError, SpecError, ValidationError):
        pass
    _tell_stale(path)
    return own


def architectures(study: Study) -> list[str]:
    """Return the architectures to try: those named, or all that fit the chunks."""
    named = _tuning(study).architectures
    if named is not None:
        return named
    spec = study.spec.representations[tuned_name(study.spec)]
    known = registry.architectures.names()
    fitting = [
        name
        for name in known
        if not kind_of(spec).misfits(
            spec.model_copy(update={"architecture": name}), study.spec.chunks
        )
    ]
    if not fitting:
        raise SpecError("The chunks are too small for every architecture; see chunk_samples")
    return fitting


def _tuning(study: Study) -> TuningSpec:
    return study.spec.tuning or TuningSpec()


def _mark(study: Study, tuning: Any) -> str:
    name = tuned_name(study.spec)
    own = dump(study.spec.representations[name])
    return fingerprint("tune", FORMAT, study.spec.seed, name, own, tuning, chunks.mark(study))


def _figure(study: Study, name: str, architecture: str, suffix: str) -> Path:
    return study.figures / f"loss_history_{name}_{architecture}.{suffix}"


@cache
def _tell_stale(path: Path) -> None:
    say(
        f"{path} was made for another [tuning], other options or data: it is ignored, and the "
        "study file's own options hold; `semisup tune` chooses again",
        style="yellow",
    )


def _make(study: Study, name: str) -> None:
    from semisup.tuning import Search, run_search
    from semisup.tuning.choice import choose

    tuning = _tuning(study)
    given = train.inputs(study, name, "tune", mark(study))
    own: Any = study.spec.representations[name]
    search = Search(
        tuning, own, given, tuple(architectures(study)), trials_mark(study), _labels(study, tuning)
    )
    trials = run_search(search)
    row, reason = choose(trials, search.measure, tuning.choose)
    trials["chosen"] = [number == row for number in range(len(trials))]
    keys = ["architecture", "trial"]
    write_table(given.folder / "tuning.csv", trials.drop(columns=TIMINGS))
    write_table(given.folder / "tuning_timings.csv", trials[[*keys, *TIMINGS]])
    _draw(study, name, trials, search.folder)
    why = {"reason": reason, "ranked_by": search.measure.column}
    chosen = trials.iloc[row]
    options = search.trial_options(chosen["architecture"], search.values(chosen))
    _install(study, name, options, search.folder / chosen["trial"], why)


def _labels(study: Study, tuning: TuningSpec) -> pd.Series | None:
    """Return the labels of the labelled subset, only where a probe ranks the trials."""
    if tuning.objective != "probe":
        return None
    labels = splits.labels_of(study.manifest, study.split)
    return labels[study.split.reindex(labels.index) == "labelled"]


def _install(
    study: Study, name: str, options: RepresentationSpec, trial: Path, why: dict[str, str]
) -> None:
    """Make a trial's models the study's, with the mark that the stage `train` would give them."""
    folder = study.folder / name
    step = train.step(study, name, options)
    discard(step.outputs)
    found = {"fingerprint": mark(study), "representation": name, "trial": trial.name, **why}
    write_json(folder / "tuned.json", {**found, "options": dump(options)})
    for model in kind_of(options).MODELS:
        write_whole(folder / model, partial(shutil.copyfile, trial / model))
    train.draw(study, name, train.inputs(study, name, "train", step.fingerprint))
    seal(step.outputs, step.fingerprint)


def _draw(study: Study, name: str, trials: pd.DataFrame, folder: Path) -> None:
    from semisup.figures.style import save
    from semisup.figures.tuning import plot_trials

    for architecture, rows in trials.groupby("architecture", sort=False):
        histories = {
            trial: pd.read_csv(folder / trial / "history.csv")
            for trial in rows["trial"]
            if (folder / trial / "history.csv").exists()
        }
        for suffix in study.spec.plot.formats:
            figure = plot_trials(rows, histories, f"{name}: {architecture}")
            save(figure, _figure(study, name, str(architecture), suffix))
