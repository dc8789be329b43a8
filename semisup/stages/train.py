"""Stage 5: the unlabelled subset in, the models of every learned representation out.

With `[train] seeds` = n each is trained n times. Number 0, with the study's own seed, is the one
that figures and report show; the others lie in folders of their own below it.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from semisup import registry
from semisup.engine import outside
from semisup.engine.parallel import one_thread
from semisup.engine.progress import say
from semisup.engine.step import Step
from semisup.errors import TableError
from semisup.features.contract import Representation
from semisup.features.inputs import Inputs
from semisup.networks.backend import forget_models
from semisup.recordings.chunks import open_store
from semisup.stages.resolved import ResolvedStudy, Training


def steps(study: ResolvedStudy) -> list[Step]:
    """Return a step for every training of every representation that learns."""
    return [
        step(study, training)
        for name, kind in study.made_here.items()
        if kind.models
        for training in study.each_training(name)
    ]


def step(study: ResolvedStudy, training: Training) -> Step:
    """Return the step of one training of one representation."""
    kind, folder = study.kinds[training.name], study.models(training)
    fingerprint = study.fingerprints.models[training.name, training.number]
    # figures and report show number 0 alone
    figures = [] if training.number else _figures(study, training.name, kind)
    models = [folder / model for model in kind.models]
    outputs = (*models, *figures)
    parts = study.parts(f"train-{training.label}", fingerprint)
    make = partial(_make, study, training, parts)
    # in a fold, what is made of single recordings is made once for all kinds that read them
    alone = study.whole is None or kind.needs == "chunks"
    label, packages = f"train {training.label}", kind.libraries
    return Step(label, fingerprint, outputs, make, parts, alone, packages=packages)


def inputs(
    study: ResolvedStudy,
    training: Training,
    parts: Path,
    wanted: tuple[str, ...] = ("labelled", "test"),
    tables: dict[str, pd.DataFrame] | None = None,
) -> Inputs:
    """Gather what a representation, or one training of it, may read."""
    data = Inputs(
        name=training.label,
        folder=study.models(training),
        parts=parts,
        base=study.base,
        seed=study.seed(training.number),
        sample_rate=study.spec.chunks.sample_rate,
        recordings=study.recordings,
        tables=tables or {},
        wanted=wanted,
        workers=study.workers,
        kept=study.kept,
    )
    if study.kinds[training.name].needs != "chunks":
        return data
    whole = study.whole or study
    store = open_store(whole.folder)
    # of a fold the subsets are its own; a recording that is in none has none
    subset = store.index["recording"].map(study.split).fillna("")
    return replace(data, chunks=store.spectrograms, chunk_index=store.index.assign(subset=subset))


def _figures(study: ResolvedStudy, name: str, kind: Representation) -> list[Path]:
    is_drawn = {
        "loss_history": "history.csv" in kind.models,
        "reconstruction": kind.restores,
        "interpolation": kind.interpolates,
    }
    return [
        path
        for figure, drawn in is_drawn.items()
        if drawn
        for path in study.figure_paths(f"{figure}_{name}")
    ]


def _make(study: ResolvedStudy, training: Training, parts: Path) -> None:
    data = inputs(study, training, parts)
    with one_thread():
        _fit(study.kinds[training.name], data)
    if training.number == 0:
        draw(study, training.name, data)
    tell_health(data.folder / "health.json", training.label)


def _fit(kind: Representation, data: Inputs) -> None:
    """Let a kind learn, and check that it has written its models."""
    name = kind.options.kind
    data.folder.mkdir(parents=True, exist_ok=True)
    forget_models()
    with outside.guarded(registry.representations.reference(name)):
        kind.fit(data)
    # others' kinds may promise files that they do not write: found here, not when they are read
    lacking = [model for model in kind.models if not (data.folder / model).exists()]
    if lacking:
        raise TableError(f"'{name}' was to write {', '.join(lacking)} into {data.folder}")


def tell_health(path: Path, label: str) -> None:
    """Say in words whether an encoder learned anything, where its kind judges it."""
    if path.exists():
        health = json.loads(path.read_text())
        say(f"  {label}: {health['verdict']}", tone=tone_of(health))


def tone_of(health: Mapping[str, Any]) -> str:
    """Return how the health of an encoder is said: only a healthy one is good.

    Examples
    --------
    >>> tone_of({"collapsed": False, "note": "weak", "verdict": "weak: as near to a mean as not"})
    'caution'
    >>> tone_of({"collapsed": False, "verdict": "10 components explain 83% of the variance"})
    ''
    """
    if health["collapsed"]:
        return "wrong"
    # the health of folds quotes that of the first
    if health.get("note") or "weak:" in health["verdict"]:
        return "caution"
    return "good" if "healthy" in health["verdict"] else ""


def draw(study: ResolvedStudy, name: str, data: Inputs) -> None:
    """Draw the figures of a trained representation."""
    from semisup.figures.interpolation import interpolate, plot_interpolation
    from semisup.figures.loss_history import plot_loss_history
    from semisup.figures.reconstruction import plot_reconstructions
    from semisup.figures.style import save

    kind, rate = study.kinds[name], study.spec.chunks.sample_rate
    if "history.csv" in kind.models:
        history = pd.read_csv(data.folder / "history.csv")
        for path in study.figure_paths(f"loss_history_{name}"):
            save(plot_loss_history(history, name), path)
    if kind.restores:
        original, restored = kind.reconstructions(data)
        for path in study.figure_paths(f"reconstruction_{name}"):
            save(plot_reconstructions(original, restored, rate, name), path)
    if kind.interpolates:
        ends = kind.ends(data)
        restored = interpolate(ends.encoder, ends.decoder, ends.first, ends.second)
        for path in study.figure_paths(f"interpolation_{name}"):
            save(plot_interpolation(restored, ends.step_seconds, name), path)
