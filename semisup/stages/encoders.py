"""Cells that go on training an encoder: the encoder's file and what it reads, given to each task.

Chunks are read where they are; what other encoders read is written once, beside the cells' parts.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from semisup.classifiers import classifier
from semisup.curve.plan import Experiment
from semisup.curve.sources import ArraySource, TableSource
from semisup.curve.task import Task
from semisup.engine.artefacts import write_json, write_table, write_whole
from semisup.features.arrays import Arrays
from semisup.features.tables import KEYS, rows_of
from semisup.stages import train
from semisup.stages.fingerprints import wanted
from semisup.stages.resolved import ResolvedStudy, Training


def with_encoders(study: ResolvedStudy, planned: Experiment, folder: Path) -> Experiment:
    """Give the tasks of classifiers that tune an encoder its file and its rows.

    Parameters
    ----------
    study : ResolvedStudy
    planned : Experiment
    folder : Path
        Of the curve's parts: a killed run goes on from what is in it.
    """
    tuned = dict.fromkeys(t.system.representation for t in planned.tasks if _tunes(t))
    sources = {name: _source(study, planned, name, folder) for name in tuned}
    files = {
        training: _file(study, training, folder)
        for name in tuned
        for training in study.each_training(name)
    }

    def given(task: Task) -> Task:
        name = task.system.representation
        with_unlabelled = classifier(task.system.spec.kind).unlabelled
        kind = study.kinds[name]
        # the encoder that the codes of this draw are of, as in `semisup.curve.plan`
        encoder = files[Training(name, task.draw % study.trainings[name])]
        parameters = {**kind.fine_tuning, **task.system.spec.parameters, "encoder": str(encoder)}
        spec = task.system.spec.model_copy(update={"parameters": parameters})
        return task._replace(
            system=task.system._replace(spec=spec), source=sources[name][with_unlabelled]
        )

    return replace(planned, tasks=[given(t) if _tunes(t) else t for t in planned.tasks])


def _file(study: ResolvedStudy, training: Training, folder: Path) -> Path:
    """Return the file of an encoder; of one of PyTorch write what finds it again."""
    kind = study.kinds[training.name]
    if kind.encoder_of != "torch":
        return (study.models(training) / kind.encoder).absolute()
    path = folder / f"read-by-{training.name}.json"
    write_json(path, kind.described_encoder(train.inputs(study, training, folder)))
    return path.absolute()


def _tunes(task: Task) -> bool:
    return classifier(task.system.spec.kind).tunes


def _source(
    study: ResolvedStudy, planned: Experiment, name: str, folder: Path
) -> tuple[ArraySource, ArraySource]:
    """Return the rows of an encoder, without unlabelled ones and with them."""
    store, index = _input(study, name, folder)
    # in the order of the feature table, of which the plan knows classes and speakers
    keys = pd.read_parquet(study.table_paths(name)[0], columns=list(KEYS))
    numbers = keys.merge(
        index.assign(row=np.arange(len(index))), how="left", on=list(KEYS), validate="one_to_one"
    )
    labelled, test, rest = (
        rows_of(numbers, recordings).features
        for recordings in (
            planned.labelled,
            planned.test[name],
            study.split.index[study.split == "unlabelled"],
        )
    )
    arrays = Arrays(store)
    return (
        ArraySource(arrays, TableSource(labelled, test)),
        ArraySource(arrays, TableSource(labelled, test, rest)),
    )


def _input(study: ResolvedStudy, name: str, folder: Path) -> tuple[Path, pd.DataFrame]:
    """Return the array that an encoder reads, and recording and chunk of its rows."""
    if study.kinds[name].needs == "chunks":
        whole = (study.whole or study).folder
        index = pd.read_parquet(whole / "chunks.parquet", columns=list(KEYS))
        return whole / "chunks.zarr", index
    store, index_path = folder / f"read-by-{name}.zarr", folder / f"read-by-{name}.parquet"
    if not (store.exists() and index_path.exists()):
        data = train.inputs(study, Training(name), folder / f"read-by-{name}", wanted(study.spec))
        rows = study.kinds[name].encoder_rows(data)
        write_whole(store, lambda path: _write(path, rows.x))
        write_table(index_path, rows.index)
    return store, pd.read_parquet(index_path, columns=list(KEYS))


def _write(path: Path, rows: np.ndarray) -> None:
    import zarr

    blocks = (min(len(rows), 64), *rows.shape[1:])
    zarr.create_array(path, shape=rows.shape, chunks=blocks, dtype="float32")[:] = rows
