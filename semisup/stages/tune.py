"""`semisup tune`: chunks in; `tuning.csv`, its figures and the chosen encoder out.

Not one of the stages that `semisup run` goes through. What it chose is in `tuned.json`, as
`semisup.stages.tuned` reads it.
"""

import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from semisup import registry, splits
from semisup.engine.artefacts import (
    discard,
    fingerprint,
    seal,
    write_json,
    write_table,
    write_whole,
)
from semisup.engine.step import Step
from semisup.errors import SpecError
from semisup.features.kinds import kind_of
from semisup.reading.tuning_checks import tuned_name
from semisup.stages import fingerprints, train
from semisup.stages.resolve import resolve_again
from semisup.stages.resolved import ResolvedStudy, Training
from semisup.stages.tuned import of_search, tuning_of
from semisup.study.spec import RepresentationSpec
from semisup.study.study import dump
from semisup.study.tuning_spec import TuningSpec

if TYPE_CHECKING:
    from semisup.tuning import Search

#: Keys of `[tuning]` that no trial depends on: changing them keeps the trials there are.
_AFTER_THE_TRIALS = {"representation", "architectures", "trials", "choose"}
TABLES = ("tuning.csv", "tuning_timings.csv", "tuned.json")
#: In a file of their own: they differ from run to run, and `tuning.csv` must not.
TIMINGS = ["seconds", "seconds_per_epoch"]


def steps(study: ResolvedStudy) -> list[Step]:
    """Return the one step of this command."""
    name = tuned_name(study.spec)
    search = of_search(study.spec, study.fingerprints.data.chosen_on)
    tables = [study.folder / name / file for file in TABLES]
    figures = [
        path
        for architecture in architectures(study)
        for path in _figures(study, name, architecture)
    ]
    outputs = (*tables, *figures)
    make = partial(_make, study, name, search)
    return [Step(f"tune {name}", fingerprint(search, study.spec.plot.formats), outputs, make)]


def architectures(study: ResolvedStudy) -> list[str]:
    """Return the architectures to try: those named, or all that fit the chunks."""
    chosen = tuning_of(study.spec).architectures
    if chosen is not None:
        return chosen
    spec = study.spec.representations[tuned_name(study.spec)]
    fitting = [
        name
        for name in registry.architectures.names()
        if not kind_of(spec.model_copy(update={"architecture": name})).misfits(study.spec.chunks)
    ]
    if not fitting:
        raise SpecError("The chunks are too small for every architecture; see chunk_samples")
    return fitting


def _trials_fingerprint(study: ResolvedStudy, name: str) -> str:
    """Return the fingerprint of all that trials depend on besides their own values."""
    space = dump(tuning_of(study.spec))
    kept = {key: space[key] for key in space if key not in _AFTER_THE_TRIALS}
    return fingerprints.of_tuning(study.spec, name, kept, study.fingerprints.data.chosen_on)


def _figures(study: ResolvedStudy, name: str, architecture: str) -> list[Path]:
    return study.figure_paths(f"loss_history_{name}_{architecture}")


def _make(study: ResolvedStudy, name: str, fingerprint_of_search: str) -> None:
    from semisup.representations.autoencoder import Options
    from semisup.tuning import Search, run_search
    from semisup.tuning.choice import choose

    tuning, options = tuning_of(study.spec), study.spec.representations[name]
    assert isinstance(options, Options)  # tuned_name chooses among these alone
    parts = study.parts(f"tune-{name}", fingerprint_of_search)
    search = Search(
        tuning,
        options,
        train.inputs(study, Training(name), parts),
        tuple(architectures(study)),
        _trials_fingerprint(study, name),
        _labels(study, tuning),
    )
    trials = run_search(search)
    chosen, reason = choose(trials, search.measure, tuning.choose)
    trials["chosen"] = [number == chosen for number in range(len(trials))]
    write_table(search.inputs.folder / "tuning.csv", trials.drop(columns=TIMINGS))
    timings = trials[["architecture", "trial", *TIMINGS]]
    write_table(search.inputs.folder / "tuning_timings.csv", timings)
    _draw(study, name, trials, search.folder)
    why = {
        "fingerprint": fingerprint_of_search,
        "reason": reason,
        "ranked_by": search.measure.column,
    }
    _install(study, name, search, trials.iloc[chosen], why)


def _labels(study: ResolvedStudy, tuning: TuningSpec) -> pd.Series | None:
    """Return the labels of the labelled subset, only where a probe ranks the trials."""
    if tuning.objective != "probe":
        return None
    labels = splits.labels_of(study.manifest, study.split)
    return labels[study.split.reindex(labels.index) == "labelled"]


def _install(
    study: ResolvedStudy, name: str, search: "Search", chosen: pd.Series, why: dict[str, str]
) -> None:
    """Make a trial's models the study's, with the fingerprint that training would give them."""
    folder, trial = study.folder / name, search.folder / chosen["trial"]
    options: RepresentationSpec = search.trial_options(
        chosen["architecture"], search.values(chosen)
    )
    # before anything changes: killed half-way, the models must not pass for the study's own
    discard(train.step(study, Training(name)).outputs)
    choice = {"representation": name, "trial": trial.name, "options": dump(options), **why}
    write_json(folder / "tuned.json", choice)
    # resolved anew, the study has the options that were chosen
    tuned = resolve_again(study)
    step = train.step(tuned, Training(name))
    for model in tuned.kinds[name].models:
        write_whole(folder / model, partial(shutil.copyfile, trial / model))
    train.draw(tuned, name, train.inputs(tuned, Training(name), study.parts("tune", name)))
    seal(step.outputs, step.fingerprint)


def _draw(study: ResolvedStudy, name: str, trials: pd.DataFrame, folder: Path) -> None:
    from semisup.figures.style import phrase, save, words
    from semisup.figures.tuning import plot_trials

    for architecture, rows in trials.groupby("architecture", sort=False):
        histories = {
            trial: pd.read_csv(folder / trial / "history.csv")
            for trial in rows["trial"]
            if (folder / trial / "history.csv").exists()
        }
        for path in _figures(study, name, str(architecture)):
            title = f"{words(name)}: {phrase(str(architecture))}"
            save(plot_trials(rows, histories, title), path)
