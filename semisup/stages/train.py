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
        _step(study, name, spec)
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


def _step(study: Study, name: str, spec: RepresentationSpec) -> Step:
    folder, value = study.folder / name, mark(study, spec)
    outputs = (*(folder / model for model in kind_of(spec).MODELS), *_figures(study, name))
    return Step(f"train {name}", value, outputs, partial(_make, study, name, value))


def _figures(study: Study, name: str) -> list[Path]:
    return [
        study.figures / f"{what}_{name}.{suffix}"
        for what in ("loss_history", "reconstruction")
        for suffix in study.spec.plot.formats
    ]


def _make(study: Study, name: str, value: str) -> None:
    spec = study.representations()[name]
    given = inputs(study, name, "train", value)
    kind_of(spec).fit(spec, given)
    _draw(study, name, given)
    health = json.loads((given.folder / "health.json").read_text())
    say(f"  {name}: {health['verdict']}", style="bold red" if health["collapsed"] else "green")


def _draw(study: Study, name: str, given: Inputs) -> None:
    import pandas as pd

    from semisup.figures._style import save
    from semisup.figures.loss_history import plot_loss_history
    from semisup.figures.reconstruction import plot_reconstructions

    spec = study.representations()[name]
    history = pd.read_csv(given.folder / "history.csv")
    original, restored = kind_of(spec).reconstructions(spec, given)
    for suffix in study.spec.plot.formats:
        save(plot_loss_history(history, name), study.figures / f"loss_history_{name}.{suffix}")
        save(
            plot_reconstructions(original, restored, study.spec.chunks.sample_rate, name),
            study.figures / f"reconstruction_{name}.{suffix}",
        )
