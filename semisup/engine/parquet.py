"""Parquet tables of others: looked at before they are believed."""

from pathlib import Path

import pandas as pd

from semisup.engine.sizes import why_parquet_too_large


def read_checked(path: Path) -> pd.DataFrame:
    """Read a table that anybody may have written.

    Raises
    ------
    OSError, ValueError
        If it is no Parquet table, would take more memory than it can need, or is damaged.
    """
    from pyarrow.parquet import read_table

    why = why_parquet_too_large(path)
    if why:
        raise ValueError(why)
    # text that is not UTF-8 would be an error only where somebody looks at it
    read_table(path).validate(full=True)
    try:
        return pd.read_parquet(path)
    except Exception as error:  # pandas believes what the file says of its columns
        raise ValueError(f"what it says of its columns is damaged ({error!r})") from error
