"""Feature columns that the user brings, in a CSV or Parquet file with a column `recording`."""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.engine.failures import words_of
from semisup.engine.parquet import read_checked
from semisup.engine.progress import say
from semisup.errors import TableError
from semisup.features.contract import Representation
from semisup.features.inputs import Inputs
from semisup.features.tables import KEYS, check_no_index, check_table
from semisup.study.paths import find_path, instead_of
from semisup.study.spec import RepresentationSpec
from semisup.study.spelling import renamed


class Options(RepresentationSpec):
    """Keys of a representation of this kind."""

    kind: Literal["table"]
    path: str = Field(description="CSV or Parquet: recording, optional chunk, feature columns")


class TableFromFile(Representation[Options]):
    """Feature columns from a file of the user's."""

    Options = Options
    level = "chunk"
    needs = "nothing"

    def unmet(self, base: Path) -> list[str]:
        """Return that there is no such file, if so."""
        path = find_path(self.options.path, base)
        return [] if path.exists() else [_not_there(path)]

    def watched(self, base: Path) -> list[Path]:
        """Return the file, whose change makes the features stale."""
        return [find_path(self.options.path, base)]

    def read(self, base: Path) -> pd.DataFrame:
        """Read the user's file; without a column `chunk` a row is of a whole recording.

        Raises
        ------
        TableError
            If the file cannot be read, is not a feature table or has its index for a feature.
        """
        path = find_path(self.options.path, base)
        try:
            is_parquet = path.suffix.lower() == ".parquet"
            table = _read_parquet(path) if is_parquet else _read_csv(path)
        except FileNotFoundError as error:
            raise TableError(_not_there(path)) from error
        except (OSError, ValueError) as error:
            raise TableError(
                f"The feature table {path} cannot be read: {words_of(error)}"
            ) from error
        check_no_index(table, str(path))
        if "chunk" not in table:
            # at 0 where the file has no column at all, which `check_table` then says
            table.insert(min(1, table.shape[1]), "chunk", np.int32(-1))
        # in a Parquet file they may be numbers
        return check_table(table, str(path)).astype({"recording": str})

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Return the rows of the labelled and test recordings; those missing are named on the way.

        Raises
        ------
        TableError
            If there is no row of any recording.
        """
        table = self.read(inputs.base)
        wanted = inputs.scored()["recording"]
        forms = renamed(table["recording"], wanted)
        table = table.assign(recording=[forms.get(name, name) for name in table["recording"]])
        missing = wanted[~wanted.isin(table["recording"])]
        lacking = missing[_joined(inputs, missing)]
        if len(missing) == len(wanted):
            raise TableError(
                f"The feature table {self.options.path} has no row for any of the {len(wanted)} "
                f"labelled and test recordings; the first of the study: {wanted.iloc[0]}, the "
                f"first of the table: {table['recording'].iloc[0]}"
            )
        if len(lacking):
            say(
                f"  {inputs.name}: no row for {len(lacking)} of {len(wanted)} labelled and test "
                f"recordings, the first: {lacking.iloc[0]}"
            )
        return table[table["recording"].isin(wanted)].reset_index(drop=True)


def _not_there(path: Path) -> str:
    there = instead_of(path)
    return f"The feature table {path} cannot be read: there is no such file; {there}"


def _read_parquet(path: Path) -> pd.DataFrame:
    table = read_checked(path)
    # recording, and chunk, may be kept in the index
    named = [name for name in table.index.names if name in KEYS]
    return table.reset_index(level=named) if named else table


def _read_csv(path: Path) -> pd.DataFrame:
    # recordings may be called 007, or NA, which pandas would take for a missing value
    table = pd.read_csv(path, dtype={"recording": str})
    if "recording" in table and table["recording"].isna().any():
        names = pd.read_csv(path, usecols=["recording"], dtype=str, na_filter=False)
        table["recording"] = names["recording"].to_numpy()
    return table


def _joined(inputs: Inputs, recordings: pd.Series) -> np.ndarray:
    """Tell which recordings every table should have: not the loose chunks of older pickles."""
    if "joined" not in inputs.recordings:
        return np.ones(len(recordings), dtype=bool)
    joined = inputs.recordings.set_index("recording")["joined"]
    return joined.loc[recordings].to_numpy(dtype=bool)
