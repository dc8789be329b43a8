"""Feature tables of an experiment in files, which its tasks name instead of carrying them.

Processes map the files into memory, so that a table is there once however many work on it, and
what is sent to a worker does not grow with the table.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from semisup.curve.sources import SUBSETS, ArraySource, Source, StoredTable, TableSource
from semisup.curve.task import Task
from semisup.engine.artefacts import write_whole

#: In the folder of the parts.
TABLES = "tables"


def with_stored_tables(tasks: Sequence[Task], folder: Path) -> list[Task]:
    """Write the tables of some tasks, each once, and return the tasks that read them there.

    Parameters
    ----------
    tasks : sequence of Task
        Those that share a table share its arrays.
    folder : Path
        Named by the fingerprint of the whole, so that files that are there are right.
    """
    tables = dict.fromkeys(id(table.labelled_rows) for task in tasks if (table := _table(task)))
    folders = {one: folder / TABLES / f"{number:03d}" for number, one in enumerate(tables)}
    return [task._replace(source=_stored(task.source, folders)) for task in tasks]


def _table(task: Task) -> TableSource | None:
    source = task.source
    table = source.numbers if isinstance(source, ArraySource) else source
    return table if isinstance(table, TableSource) else None


def _stored(source: Source, folders: dict[int, Path]) -> Source:
    if isinstance(source, ArraySource) and isinstance(source.numbers, TableSource):
        return source._replace(numbers=_write(source.numbers, folders))
    return _write(source, folders) if isinstance(source, TableSource) else source


def _write(table: TableSource, folders: dict[int, Path]) -> StoredTable:
    """Write the rows of a table that are not there yet."""
    folder = folders[id(table.labelled_rows)].absolute()
    for subset, rows in zip(SUBSETS, table, strict=True):
        path = folder / f"{subset}.npy"
        if rows is not None and not path.exists():
            write_whole(path, partial(_save, rows))
    return StoredTable(folder, table.unlabelled_rows is not None)


def _save(rows: np.ndarray, path: Path) -> None:
    np.save(path, rows)
