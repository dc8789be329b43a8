"""Systems of a finished study beside those of predictions made elsewhere."""

from pathlib import Path
from typing import TypeVar

import pandas as pd

from semisup import splits
from semisup.elsewhere.columns import checked, read
from semisup.errors import TableError
from semisup.figures.notes import names_in
from semisup.study.paths import with_home
from semisup.study.wholes import WHOLE

Name = TypeVar("Name", str, pd.Series)

#: What the two must share, or only one needs to have.
_CELL = ["percentage", "draw"]


class Beside:
    """A study that has run.

    Parameters
    ----------
    folder : Path
        As the run has written it.

    Raises
    ------
    TableError
        If it has no predictions.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = with_home(folder)
        if not (self.folder / "predictions.parquet").exists():
            raise TableError(f"{self.folder} holds no predictions of a study that has run")

    @property
    def recordings(self) -> pd.DataFrame:
        """Its manifest."""
        return pd.read_parquet(self.folder / "manifest.parquet")

    @property
    def split(self) -> pd.DataFrame:
        """Who is learned from and tested."""
        return splits.read(self.folder / "split.csv")

    @property
    def transductive(self) -> set[str]:
        """Names under which its representations that use others' test recordings are compared."""
        names = names_in(self.folder / "transductive.json")
        scores = pd.read_parquet(self.folder / "scores.parquet", columns=["classifier"])
        wholes = {whole(name, one) for name in names for one in scores["classifier"].unique()}
        return {*names, *wholes}

    def joined(self, table: pd.DataFrame, problems: list[str]) -> pd.DataFrame:
        """Put the study's predictions before others of the same recordings, budgets and draws.

        Parameters
        ----------
        table : DataFrame
            With percentage and draw.
        problems : list of str
        """
        study = checked(read(self.folder / "predictions.parquet"), problems).table
        study = study.rename(columns={"budget": "percentage"})
        if ("fold" in study) != ("fold" in table):
            problems.append("both the study and the predictions must have folds, or neither")
            return table
        keys = ["fold", "recording"] if "fold" in study else ["recording"]
        differ = set(map(tuple, study[keys].drop_duplicates().to_numpy())) ^ set(
            map(tuple, table[keys].drop_duplicates().to_numpy())
        )
        if differ:
            problems.append(
                f"the study in {self.folder} tests other recordings: {len(differ)} are tested in "
                f"one of the two alone (the first: {min(differ)[-1]})"
            )
            return table
        for name, what in zip(_CELL, ("label budget", "draw"), strict=True):
            common = set(study[name]) & set(table[name])
            if not common:
                problems.append(f"the study in {self.folder} has no {what} of the predictions")
                return table
            study = study[study[name].isin(common)]
            table = table[table[name].isin(common)]
        return pd.concat(_named_alike(study, table, problems), ignore_index=True).fillna(
            dict.fromkeys(("true", "speaker"), "")
        )


def _named_alike(
    study: pd.DataFrame, table: pd.DataFrame, problems: list[str]
) -> list[pd.DataFrame]:
    """Name all systems as wholes where some are no pairs of classifier and representation."""
    if (table["classifier"] == WHOLE).any():
        named = whole(study["representation"], study["classifier"])
        study = study.assign(representation=named, classifier=WHOLE)
    pairs = [set(zip(t["representation"], t["classifier"], strict=True)) for t in (study, table)]
    for representation, classifier in sorted(pairs[0] & pairs[1]):
        problems.append(f"both have a system {classifier}@{representation}: rename one")
    return [study, table]


def whole(representation: Name, classifier: Name) -> Name:
    """Return the name of a pair as one whole."""
    return classifier + "." + representation
