"""Stage 5: the unlabelled subset in, the models of every learned representation out."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from semisup.artefacts import fingerprint
from semisup.chunk_store import open_store
from semisup.progress import say
from semisup.representations._inputs import Inputs
from semisup.spec import RepresentationSpec
from semisup.stages import chunks, split
from semisup.study import Step, Study, dump, kind_of

FORMAT = 1


def mark(study: Study, spec: RepresentationSpec) -> str:
    """Return the fingerprint of one representation's models."""
    return fingerprint("train", FORMAT, dump(spec), study.spec.seed, upstream(study, spec))


def upstream(study: Study, spec: RepresentationSpec) -> str:
    """Return the fingerprint of what a kind of representation reads."""
    return chunks.mark(study) if kind_of(spec).NEEDS == "chunks" else split.mark(study)


def steps(study: Study) -> list[Step]:
    """Return a step for every representation that learns."""
    return [
        step(study, name, spec)
        for name, spec in study.representations().items()
        if kind_of(spec).MODELS
    ]


def inputs(study: Study, name: str, stage: str, fingerprint_: str) -> Inputs:
    """Gather what a representation may read."""
    spec = study.representations()[name]
    given: dict[str, Any] = {}
    if kind_of(spec).NEEDS == "chunks":
        store = open_store(study.folder)
        given = {"chunks": store.spectrograms, "chunk_index": store.index}
    return Inputs(
        name=name,
        folder=study.folder / name,
        parts=study.parts(f"{stage}-{name}", fingerprint_),
        base=study.base,
        seed=study.spec.seed,
        sample_rate=study.spec.chunks.sample_rate,
        recordings=study.recordings(),
        workers=study.workers,
        **given,
    )


def step(study: Study, name: str, spec: RepresentationSpec) -> Step:
    """Return the step that trains one representation."""
    folder, value = study.folder / name, mark(study, spec)
    outputs = (*(folder / model for model in kind_of(spec).MODELS), *_figures(study, name))
    make, parts = partial(_make, study, name, value), study.parts(f"train-{name}", value)
    return Step(f"train {name}", value, outputs, make, parts)


def _figures(study: Study, name: str) -> list[Path]:
    kind = kind_of(study.representations()[name])
    drawn = {"loss_history": "history.csv" in kind.MODELS, "reconstruction": _restores(kind)}
    return [
        study.figures / f"{what}_{name}.{suffix}"
        for what, there_is in drawn.items()
        if there_is
        for suffix in study.spec.plot.formats
    ]


def _restores(kind: Any) -> bool:
    return hasattr(kind, "reconstructions")


def _make(study: Study, name: str, value: str) -> None:
    spec = study.representations()[name]
    given = inputs(study, name, "train", value)
    kind_of(spec).fit(spec, given)
    draw(study, name, given)
    health = json.loads((given.folder / "health.json").read_text())
    say(f"  {name}: {health['verdict']}", style="bold red" if health["collapsed"] else "green")


def draw(study: Study, name: str, given: Inputs) -> None:
    """Draw the figures of a trained representation."""
    import pandas as pd

    from semisup.figures._style import save
    from semisup.figures.loss_history import plot_loss_history
    from semisup.figures.reconstruction import plot_reconstructions

    spec = study.representations()[name]
    kind, rate = kind_of(spec), study.spec.chunks.sample_rate
    for suffix in study.spec.plot.formats:
        if "history.csv" in kind.MODELS:
            history = pd.read_csv(given.folder / "history.csv")
            save(plot_loss_history(history, name), study.figures / f"loss_history_{name}.{suffix}")
        if _restores(kind):
            original, restored = kind.reconstructions(spec, given)
            figure = plot_reconstructions(original, restored, rate, name)
            save(figure, study.figures / f"reconstruction_{name}.{suffix}")
