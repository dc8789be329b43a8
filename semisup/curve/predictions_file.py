"""`predictions.parquet`, the class of every test unit in every cell, written piece by piece."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from semisup.curve.class_names import metadata


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
        Sorted, of which `predicted` is the place.
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
        "predicted": pa.int8(),
        "probability": pa.float32(),
    }
    schema = pa.schema(columns, metadata=metadata(classes))
    with pq.ParquetWriter(path, schema) as writer:
        for table in tables:
            writer.write_table(pa.Table.from_pandas(table, schema, preserve_index=False))
