"""Stage 5: the unlabelled subset in, the models of every learned representation out.

With `[train] seeds` = n each is trained n times. Number 0, with the study's own seed, is the one
that figures and report show; the others lie in folders of their own below it.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any

from semisup.engine.artefacts import fingerprint
from semisup.engine.progress import say
from semisup.features.contract import Inputs
from semisup.recordings.chunks import open_store
from semisup.stages import chunks, split
from semisup.study.file import parents
from semisup.study.spec import RepresentationSpec
from semisup.study.study import Step, Study, dump, kind_of

FORMAT = 2


def mark(study: Study, spec: RepresentationSpec, number: int = 0) -> str:
    """Return the fingerprint of the models of one training of a representation."""
    return fingerprint("train", FORMAT, dump(spec), seed(study, number), upstream(study, spec))


def seeds(study: Study, spec: RepresentationSpec) -> int:
    """Return how often a representation is trained; one that learns nothing counts as once.

    What is made of others has as many tables as they have.
    """
    of = [seeds(study, study.needed()[parent]) for parent in parents(spec)]
    return study.spec.train.seeds if kind_of(spec).MODELS else max([1, *of])


def seed(study: Study, number: int) -> int:
    """Return the seed of a training: the study's for number 0."""
    if number == 0:
        return study.spec.seed
    # 28 bits: kinds add small numbers to their seed, and Keras takes no more than 32.
    return int(fingerprint("encoder", study.spec.seed, number)[:7], 16)


def label(name: str, number: int) -> str:
    """Return the name of a training, which is also that of its feature table.

    Examples
    --------
    >>> label("code", 0), label("code", 2)
    ('code', 'code.seed_2')
    """
    return f"{name}.seed_{number}" if number else name


def place(study: Study, name: str, number: int) -> Path:
    """Return the folder of the models of a training."""
    folder = study.folder / name
    return folder / f"seed_{number}" if number else folder


def upstream(study: Study, spec: RepresentationSpec) -> str:
    """Return the fingerprint of what a kind of representation reads."""
    return chunks.mark(study) if kind_of(spec).NEEDS == "chunks" else split.mark(study)


def steps(study: Study) -> list[Step]:
    """Return a step for every training of every representation that learns."""
    return [
        step(study, name, spec, number)
        for name, spec in study.needed().items()
        if kind_of(spec).MODELS
        for number in range(seeds(study, spec))
    ]


def inputs(
    study: Study, name: str, stage: str, fingerprint_: str, number: int = 0, **given: Any
) -> Inputs:
    """Gather what a representation, or one training of it, may read; `given` is added to it."""
    spec = study.needed()[name]
    if kind_of(spec).NEEDS == "chunks":
        store = open_store(study.folder)
        given |= {"chunks": store.spectrograms, "chunk_index": store.index}
    return Inputs(
        name=label(name, number),
        folder=place(study, name, number),
        parts=study.parts(f"{stage}-{label(name, number)}", fingerprint_),
        base=study.base,
        seed=seed(study, number),
        sample_rate=study.spec.chunks.sample_rate,
        recordings=study.recordings(),
        workers=study.workers,
        **given,
    )


def step(study: Study, name: str, spec: RepresentationSpec, number: int = 0) -> Step:
    """Return the step of one training of one representation."""
    folder, value = place(study, name, number), mark(study, spec, number)
    figures = [] if number else _figures(study, name)
    outputs = (*(folder / model for model in kind_of(spec).MODELS), *figures)
    parts = study.parts(f"train-{label(name, number)}", value)
    make = partial(_make, study, name, value, number)
    return Step(f"train {label(name, number)}", value, outputs, make, parts)


def _figures(study: Study, name: str) -> list[Path]:
    kind = kind_of(study.needed()[name])
    drawn = {
        "loss_history": "history.csv" in kind.MODELS,
        "reconstruction": _restores(kind),
        "interpolation": hasattr(kind, "ends"),
    }
    return [
        study.figures / f"{what}_{name}.{suffix}"
        for what, there_is in drawn.items()
        if there_is
        for suffix in study.spec.plot.formats
    ]


def _restores(kind: Any) -> bool:
    return hasattr(kind, "reconstructions")


def _make(study: Study, name: str, value: str, number: int) -> None:
    spec = study.needed()[name]
    given = inputs(study, name, "train", value, number)
    kind_of(spec).fit(spec, given)
    if number == 0:
        draw(study, name, given)
    health = json.loads((given.folder / "health.json").read_text())
    style = "bold red" if health["collapsed"] else "green"
    say(f"  {given.name}: {health['verdict']}", style=style)


def draw(study: Study, name: str, given: Inputs) -> None:
    """Draw the figures of a trained representation."""
    import pandas as pd

    from semisup.figures.interpolation import interpolate, plot_interpolation
    from semisup.figures.loss_history import plot_loss_history
    from semisup.figures.reconstruction import plot_reconstructions
    from semisup.figures.style import save

    spec = study.needed()[name]
    kind, rate = kind_of(spec), study.spec.chunks.sample_rate
    for suffix in study.spec.plot.formats:
        if "history.csv" in kind.MODELS:
            history = pd.read_csv(given.folder / "history.csv")
            save(plot_loss_history(history, name), study.figures / f"loss_history_{name}.{suffix}")
        if _restores(kind):
            original, restored = kind.reconstructions(spec, given)
            figure = plot_reconstructions(original, restored, rate, name)
            save(figure, study.figures / f"reconstruction_{name}.{suffix}")
        if hasattr(kind, "ends"):
            figure = plot_interpolation(interpolate(*kind.ends(spec, given)), title=name)
            save(figure, study.figures / f"interpolation_{name}.{suffix}")
