"""The tables of all folds as those of one study: the same columns, and the number of the repeat."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from semisup.curve.class_names import class_names
from semisup.curve.predictions_file import write_predictions
from semisup.engine.artefacts import write_table, write_whole

#: Beside `scores.csv`, which is `scores.parquet` in another form.
TABLES = ("scores", "losses", "histories", "timings")


def write(folder: Path, repeats: Sequence[Path]) -> None:
    """Write scores, losses, histories, timings and predictions of all folds.

    Parameters
    ----------
    folder : Path
        Of the study.
    repeats : sequence of Path
        Of its folds, by number.
    """
    for name in TABLES:
        joined = numbered(pd.read_parquet(path / f"{name}.parquet") for path in repeats)
        write_table(folder / f"{name}.parquet", joined)
        if name == "scores":
            write_table(folder / "scores.csv", joined)
    classes = class_names(repeats[0] / "predictions.parquet") or []
    write_whole(
        folder / "predictions.parquet",
        partial(_write_predictions, repeats=repeats, classes=classes),
    )


def numbered(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put the tables of folds into one, with the number of the repeat before that of the draw."""
    tables = list(tables)
    for number, table in enumerate(tables):
        table.insert(table.columns.get_loc("draw"), "repeat", number)
    return pd.concat(tables, ignore_index=True)


def _write_predictions(path: Path, repeats: Sequence[Path], classes: Sequence[str]) -> None:
    write_predictions(path, _predictions(repeats), classes, with_repeats=True)


def _predictions(repeats: Sequence[Path]) -> Iterator[pd.DataFrame]:
    """Yield the predictions of each fold, a system at a time."""
    import pyarrow.parquet as pq

    for number, folder in enumerate(repeats):
        file = pq.ParquetFile(folder / "predictions.parquet")
        for group in range(file.num_row_groups):
            yield file.read_row_group(group).to_pandas().assign(repeat=number)
