"""The manifest: one row a recording that can be used, and the list of those that cannot.

In: what a corpus adapter scanned. Out: `manifest.parquet` and `skipped.csv`. Every recording is
decoded once here, so that a bad file never reaches a subset, a table or a score.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from semisup.audio import inspect
from semisup.errors import BadAudioError, CorpusError

COLUMNS = ("recording", "path", "label", "speaker", "seconds", "start", "end")
SKIPPED_COLUMNS = ("recording", "path", "reason")


def assemble(scans: list[tuple[str, str, Path, pd.DataFrame]]) -> pd.DataFrame:
    """Join the scans of one or several corpora into one table.

    Parameters
    ----------
    scans : list of (corpus, role, root, table)
        `role` is "all" or "unlabelled"; `table` as a corpus adapter's `scan` gives it.

    Returns
    -------
    DataFrame
        With `recording`, an identifier unique in the study: the path below the root, behind the
        name of the corpus where there are several, with ``#start-end`` for an excerpt. Recordings
        of role "unlabelled" have no label.
    """
    tables = []
    for corpus, role, root, scanned in scans:
        prefix = f"{corpus}/" if len(scans) > 1 else ""
        table = scanned.assign(corpus=corpus, role=role)
        table.insert(0, "recording", prefix + scanned["path"] + _excerpt_names(scanned))
        table["path"] = [str(root / path) for path in scanned["path"]]
        if len(scans) > 1:
            known = table["speaker"] != ""
            table.loc[known, "speaker"] = prefix + table.loc[known, "speaker"]
        if role == "unlabelled":
            table = table.assign(label="", reason="")
        tables.append(table)
    return _check_unique(pd.concat(tables, ignore_index=True))


def verify(table: pd.DataFrame) -> pd.DataFrame:
    """Decode every recording of an assembled table and note what it is or why it can't be used.

    Returns
    -------
    DataFrame
        The table with `seconds`, `sample_rate`, `channels` filled and `reason` set where a
        recording cannot be used.
    """
    checked = [_verify_one(*row) for row in _excerpts(table)]
    columns = ["seconds", "sample_rate", "channels", "reason"]
    return table.assign(**pd.DataFrame(checked, columns=columns, index=table.index))


def separate(verified: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part the usable recordings from the others.

    Returns
    -------
    manifest : DataFrame
        Columns `COLUMNS`, then the adapter's own.
    skipped : DataFrame
        Columns `SKIPPED_COLUMNS`.

    Raises
    ------
    CorpusError
        If nothing can be used.
    """
    bad = verified["reason"] != ""
    skipped = verified.loc[bad, list(SKIPPED_COLUMNS)].reset_index(drop=True)
    if bad.all():
        first = f"; the first: {skipped['reason'].iloc[0]}" if len(skipped) else ""
        raise CorpusError(f"None of the {len(verified)} recordings found can be used{first}")
    own = [name for name in verified.columns if name not in (*COLUMNS, "reason")]
    manifest = verified.loc[~bad, [*COLUMNS, *own]].reset_index(drop=True)
    return check_manifest(manifest), skipped


def check_manifest(manifest: pd.DataFrame) -> pd.DataFrame:
    """Return the manifest if it is one.

    Raises
    ------
    CorpusError
        If a column is missing or a recording is named twice.
    """
    missing = [name for name in COLUMNS if name not in manifest.columns]
    if missing:
        raise CorpusError(
            f"A manifest needs the columns {', '.join(COLUMNS)}; missing: {', '.join(missing)}"
        )
    return _check_unique(manifest)


def _check_unique(table: pd.DataFrame) -> pd.DataFrame:
    twice = table["recording"][table["recording"].duplicated()]
    if len(twice):
        raise CorpusError(
            f"{len(twice)} recordings are listed more than once, the first: {twice.iloc[0]}"
        )
    return table


def _excerpt_names(scanned: pd.DataFrame) -> pd.Series:
    whole = scanned["start"].isna() & scanned["end"].isna()
    names = [
        "" if is_whole else f"#{0 if np.isnan(start) else start:g}-{end:g}"
        for is_whole, start, end in zip(whole, scanned["start"], scanned["end"], strict=True)
    ]
    return pd.Series(names, index=scanned.index, dtype=str)


def _excerpts(table: pd.DataFrame) -> zip:
    return zip(table["path"], table["start"], table["end"], table["reason"], strict=True)


def _verify_one(path: str, start: float, end: float, reason: str) -> tuple:
    if reason:
        return np.nan, 0, 0, reason
    try:
        header = inspect(path, *excerpt(start, end))
    except BadAudioError as error:
        return np.nan, 0, 0, str(error).removeprefix(f"{path}: ")
    return header.seconds, header.sample_rate, header.channels, ""


def excerpt(start: float, end: float) -> tuple[float, float | None]:
    """Turn a manifest's start and end, NaN for none, into the arguments of `audio.load`."""
    return (0.0 if np.isnan(start) else start), (None if np.isnan(end) else end)
