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
    rows = rows.assign(stage=stage)
    stages = list(STAGES)
    place = stages.index(stage)
    before, after = stages[:place], stages[place + 1 :]
    # made again even if current, as after a lost list: they have rows to add
    discard(path.with_name(STAGES[later]) for later in after)
    if before:
        listed = pd.read_csv(path, dtype=str, keep_default_na=False)
        rows = pd.concat([listed[listed["stage"].isin(before)], rows], ignore_index=True)
    write_table(path, rows)


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
