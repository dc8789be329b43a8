"""`predictions.parquet`, the class of every test unit in every cell, written piece by piece."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from semisup.curve.class_names import metadata

if TYPE_CHECKING:
    from pyarrow.parquet import RowGroupMetaData


def write_predictions(
    path: Path, tables: Iterable[pd.DataFrame], classes: Sequence[str], with_repeats: bool = False
) -> None:
    """Write predictions table by table: memory does not grow with their number.

    Parameters
    ----------
    path : Path
    tables : iterable of DataFrame
        As `semisup.curve.gather.gather_predictions` yields them.
    classes : sequence of str
        Sorted, of which `predicted` is the place; none where it is a number.
    with_repeats : bool
        Whether the tables have the column `repeat`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    # names repeat in millions of rows: a dictionary keeps each once
    name = pa.dictionary(pa.int32(), pa.string())
    columns = {
        "representation": name,
        "classifier": name,
        "percentage": pa.float64(),
        **({"repeat": pa.int32()} if with_repeats else {}),
        "draw": pa.int32(),
        "recording": name,
        "chunk": pa.int32(),
        "predicted": pa.int8() if classes else pa.float32(),
        "probability": pa.float32(),
    }
    schema = pa.schema(columns, metadata=metadata(classes) if classes else None)
    with pq.ParquetWriter(path, schema) as writer:
        for table in tables:
            writer.write_table(pa.Table.from_pandas(table, schema, preserve_index=False))


def read_predictions(
    path: Path, wanted: Mapping[str, Sequence[object]], columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Read some of the predictions: of the others memory holds those of one piece at most.

    Parameters
    ----------
    path : Path
        As `write_predictions` wrote it.
    wanted : mapping of str to sequence
        By column, the values that rows must have.
    columns : sequence of str, optional
        What is read of them; all, if left out.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        names = list(columns or file.schema_arrow.names)
        pieces = [pa.schema([file.schema_arrow.field(name) for name in names]).empty_table()]
        for number in range(file.num_row_groups):
            if not _may_hold(file.metadata.row_group(number), wanted):
                continue
            piece = file.read_row_group(number, [*names, *(set(wanted) - set(names))])
            for name, values in wanted.items():
                # of a dictionary, what is in it is compared
                piece = piece.filter(pc.is_in(piece[name], pa.array(values)))
            pieces.append(piece.select(names))
        return pa.concat_tables(pieces).to_pandas()


def _may_hold(piece: "RowGroupMetaData", wanted: Mapping[str, Sequence[object]]) -> bool:
    """Tell from what the file says of a piece if it may have such rows."""
    for number in range(piece.num_columns):
        column = piece.column(number)
        values, told = wanted.get(column.path_in_schema), column.statistics
        if values is None or told is None or not told.has_min_max:
            continue
        if not any(told.min <= value <= told.max for value in values):
            return False
    return True
