"""What a kind is given in a study, made from signals in memory; and the rows that it gives.

Kinds read recordings, so that signals become files for a while: what is computed is then the same,
number by number, as in a study of these recordings.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup.engine.parallel import Workers
from semisup.errors import BadAudioError, BadSignalError
from semisup.features.arrays import Arrays, flattened
from semisup.features.contract import ArrayRepresentation, Representation
from semisup.features.inputs import Inputs
from semisup.features.tables import check_extracted, feature_names, numbered, rows_of
from semisup.recordings.chunks import build, open_store
from semisup.study.spec import ChunkSpec
from semisup.transformers.signals import name_of

#: All signals are of one subset, which is learned from and encoded.
SUBSET = "unlabelled"


@dataclass(frozen=True)
class Setting:
    """What a study file says outside the representation's own table.

    Parameters
    ----------
    sample_rate : int
        Of the signals, in Hz.
    chunks : ChunkSpec
        With the rate that they are resampled to.
    seed, jobs : int
    """

    sample_rate: int
    chunks: ChunkSpec
    seed: int
    jobs: int


class Pooled(NamedTuple):
    """Features of signals, (n_signals, n_features), float64, and the names of the features."""

    values: np.ndarray
    names: list[str]


@contextmanager
def opened(
    kind: Representation,
    signals: list[np.ndarray],
    speakers: list[str],
    setting: Setting,
    models: dict[str, bytes],
) -> Iterator[Inputs]:
    """Give a kind its inputs in a folder that is gone afterwards.

    Parameters
    ----------
    kind : Representation
    signals : list of ndarray of shape (n_samples,), float64
    speakers : list of str
        Of each signal, "" if not known.
    setting : Setting
    models : dict of str to bytes
        What was learned: contents of the kind's files by their names.

    Raises
    ------
    BadSignalError
        If a signal cannot be used; the message names its number.
    """
    with TemporaryDirectory(prefix="semisup-") as name:
        folder = Path(name)
        recordings = _recordings(folder, signals, speakers, setting.sample_rate)
        (folder / "models").mkdir()
        for model, content in models.items():
            (folder / "models" / model).write_bytes(content)
        with _naming_signals(recordings):
            yield _inputs(kind, folder, recordings, setting)


def learned(kind: Representation, inputs: Inputs) -> dict[str, bytes]:
    """Let a kind learn from all signals; return the contents of the files that it writes."""
    kind.fit(replace(inputs, parts=inputs.parts / "fit"))
    return {name: (inputs.folder / name).read_bytes() for name in kind.models}


def pooled(kind: Representation, inputs: Inputs, deviation: bool) -> Pooled:
    """Compute the features of all signals, the rows of a signal's chunks or windows pooled.

    Parameters
    ----------
    kind : Representation
    inputs : Inputs
        With what was learned in its folder.
    deviation : bool
        Whether the deviations over a signal's rows stand beside their means.
    """
    table = _table(kind, replace(inputs, parts=inputs.parts / "features"))
    rows, names = rows_of(table, inputs.recordings["recording"]), feature_names(table)
    if kind.level == "recording":
        return Pooled(rows.features[np.argsort(rows.owner)], names)
    by_signal = [rows.features[rows.owner == n] for n in range(len(inputs.recordings))]
    means = np.stack([part.mean(axis=0) for part in by_signal])
    if not deviation:
        return Pooled(means, names)
    deviations = np.stack([part.std(axis=0) for part in by_signal])
    both = [f"{name}_{statistic}" for statistic in ("mean", "std") for name in names]
    return Pooled(np.hstack([means, deviations]), both)


def _recordings(
    folder: Path, signals: list[np.ndarray], speakers: list[str], sample_rate: int
) -> pd.DataFrame:
    """Write signals as files of doubles, which lose nothing; return what a manifest has of them."""
    import soundfile

    paths = [str(folder / f"{number:09d}.wav") for number in range(len(signals))]
    for path, signal in zip(paths, signals, strict=True):
        soundfile.write(path, signal, sample_rate, subtype="DOUBLE")
    return pd.DataFrame(
        {
            "recording": [name_of(number) for number in range(len(signals))],
            "path": paths,
            "speaker": speakers,
            "seconds": [len(signal) / sample_rate for signal in signals],
            "start": np.nan,
            "end": np.nan,
            "subset": SUBSET,
        }
    )


def _inputs(
    kind: Representation, folder: Path, recordings: pd.DataFrame, setting: Setting
) -> Inputs:
    workers, chunks = Workers(setting.jobs), setting.chunks
    inputs = Inputs(
        name=kind.options.kind,
        folder=folder / "models",
        parts=folder / "parts",
        base=Path(),
        seed=setting.seed,
        sample_rate=chunks.sample_rate,
        recordings=recordings,
        wanted=(SUBSET,),
        workers=workers,
    )
    if kind.needs != "chunks":
        return inputs
    dropped = build(recordings, chunks, folder / "parts" / "chunks", folder, workers)
    if len(dropped):
        raise BadSignalError(f"{dropped['recording'].iloc[0]}: {dropped['reason'].iloc[0]}")
    store = open_store(folder)
    return replace(inputs, chunks=store.spectrograms, chunk_index=store.index)


def _table(kind: Representation, inputs: Inputs) -> pd.DataFrame:
    """Return the feature table of a kind; of arrays one that has all of their numbers."""
    if isinstance(kind, ArrayRepresentation):
        store = inputs.parts / "rows.zarr"
        index = kind.arrays(inputs, store)
        values = flattened(Arrays(store, kind.pooled).rows(np.arange(len(index))))
        names = numbered(inputs.name, values.shape[1])
        return pd.concat([index, pd.DataFrame(values, columns=names)], axis=1)
    wanted = inputs.recordings["recording"]
    return check_extracted(kind.extract(inputs), inputs.name, wanted, kind.level)


@contextmanager
def _naming_signals(recordings: pd.DataFrame) -> Iterator[None]:
    """Name a signal in messages, not the file that it was for a while."""
    try:
        yield
    except BadSignalError:
        raise
    except BadAudioError as error:
        text = str(error)
        for row in recordings.itertuples():
            text = text.replace(row.path, row.recording)
        raise BadSignalError(text) from None
