"""`skipped.csv`, which several stages write: whatever was left out, why and at which stage."""

from pathlib import Path

import pandas as pd

from semisup.engine.artefacts import discard, write_table
from semisup.engine.progress import say

#: That leave recordings out, in the order in which they run, with an artefact of each.
STAGES = {"manifest": "manifest.parquet", "split": "split.csv", "chunks": "chunks.parquet"}


def list_skipped(path: Path, stage: str, rows: pd.DataFrame) -> None:
    """Add a stage's rows, in the place of its earlier ones and of those of the stages after it.

    Parameters
    ----------
    path : Path
        `skipped.csv`; begun by the first stage.
    stage : str
        One of `STAGES`.
    rows : DataFrame
        Columns recording, path, reason.
    """
    stages = list(STAGES)
    place = stages.index(stage)
    _make_later_again(path, stage)
    listed = _read(path)
    before = listed[listed["stage"].isin(stages[:place])]
    write_table(path, pd.concat([before, rows.assign(stage=stage)], ignore_index=True))


def begin_skipped(path: Path, rows: pd.DataFrame, places: pd.Series) -> None:
    """Write the rows of the first stage; those of later ones stay, with the paths of today.

    A later stage whose input has changed brings its own.

    Parameters
    ----------
    path, rows
        As in `list_skipped`.
    places : Series of str
        Path by recording.
    """
    first = next(iter(STAGES))
    if not path.exists():
        _make_later_again(path, first)
    listed = _read(path)
    later = listed[(listed["stage"] != first) & listed["recording"].isin(places.index)]
    later = later.assign(path=later["recording"].map(places))
    write_table(path, pd.concat([rows.assign(stage=first), later], ignore_index=True))


def _make_later_again(path: Path, stage: str) -> None:
    """Let the stages after one be made again even if current: they have rows to add."""
    stages = list(STAGES)
    discard(path.with_name(STAGES[later]) for later in stages[stages.index(stage) + 1 :])


def _read(path: Path) -> pd.DataFrame:
    if not path.exists():
        return pd.DataFrame(columns=["recording", "path", "reason", "stage"], dtype=str)
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def say_skipped(what: str, reasons: pd.Series) -> None:
    """Say how many were left out and why, a line a reason."""
    for reason, count in by_reason(reasons):
        say(f"  {what} {count}: {reason}")


def by_reason(reasons: pd.Series, most: int = 5) -> list[tuple[str, int]]:
    """Count the reasons, most frequent first, so that a terminal shows a few lines."""
    counts = reasons.value_counts()
    shown = [(str(reason), int(count)) for reason, count in counts.head(most).items()]
    rest = int(counts.iloc[most:].sum())
    return [*shown, ("other reasons, see skipped.csv", rest)] if rest else shown
