"""Where a study's artefacts go: folders that can be written, and disks with room for them."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np

from semisup.engine.failures import writing
from semisup.errors import OutputError, RemoteError
from semisup.recordings.durations import chunk_counts
from semisup.remote.store import Store
from semisup.remote.urls import url_of
from semisup.signals.chunk_spectrogram import chunk_shape
from semisup.stages.gates.problem import Outlook, Problem, fatal
from semisup.stages.split import published
from semisup.study.study import Study

#: Bytes of a number of chunks and arrays; of a prediction in memory of the file, names by number.
FLOAT, PREDICTION = 4, 20
#: Parts lie beside the array that they are joined to.
COPIES = 2


def writable(study: Study) -> list[Problem]:
    """Try to write where the study and its published split go; nothing is left behind."""
    problems = []
    for folder in (study.folder, published(study)):
        above = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        try:
            # a file where the folder should be is said in the same words as by a run
            with writing(folder), TemporaryFile(dir=above):
                pass
        except OutputError as error:
            problems.append(str(error))
    if url := url_of(study.folder):
        try:
            Store(url.rpartition("/")[0]).probe()
        except RemoteError as error:
            problems.append(str(error))
    return fatal(*dict.fromkeys(problems))


def room(outlook: Outlook, shapes: dict[str, tuple[int, ...]]) -> list[Problem]:
    """Compare what the largest artefacts take with what is free.

    Parameters
    ----------
    outlook : Outlook
    shapes : dict of str to tuple of int
        Of a row of each representation of arrays.
    """
    folder = outlook.study.folder
    above = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    # what is there already need not be written again, or goes before it is
    needed = about_bytes(outlook, shapes) - _size(folder.rglob("*"))
    free = shutil.disk_usage(above).free
    if needed <= free:
        return []
    return fatal(
        f"{folder} needs about {_gigabytes(needed)}, and {_gigabytes(free)} are free on its disk; "
        "make room, or write elsewhere with --out"
    )


def about_bytes(outlook: Outlook, shapes: dict[str, tuple[int, ...]]) -> int:
    """Estimate the bytes of chunks, arrays and predictions, uncompressed."""
    return sum([_chunks(outlook), _arrays(outlook, shapes), _predictions(outlook)])


def _chunks(outlook: Outlook) -> int:
    if all(kind.needs != "chunks" for kind in outlook.kinds.values()):
        return 0
    spec = outlook.study.spec.chunks
    chunks = int(chunk_counts(outlook.recordings["seconds"], spec).sum())
    frames, bins = chunk_shape(spec.sample_rate, spec.chunk_samples)
    return chunks * frames * bins * FLOAT * COPIES


def _arrays(outlook: Outlook, shapes: dict[str, tuple[int, ...]]) -> int:
    rows, total = outlook.recordings, 0
    for name, shape in shapes.items():
        grid = outlook.kinds[name].grid()
        windows = len(rows) if grid is None else int(grid.count(rows["seconds"]).sum())
        total += windows * int(np.prod(shape)) * FLOAT * COPIES
    return total


def _predictions(outlook: Outlook) -> int:
    curve = outlook.study.spec.curve
    systems = sum(curve.runs(c, name) for c in curve.classifiers for name in outlook.compared)
    tested = outlook.of_subset("test")
    units = len(tested)
    if curve.unit == "chunk":
        units = int(np.ceil(tested["seconds"].fillna(1)).sum())
    return systems * len(curve.budgets()) * curve.n_draws() * units * PREDICTION


def _size(paths: Iterable[Path]) -> int:
    return sum(path.stat().st_size for path in paths if path.is_file())


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.3g} GB" if size >= 1e9 else f"{size / 1e6:.3g} MB"
