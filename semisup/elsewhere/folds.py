"""Folds of predictions that were made elsewhere: each speaker in one, and tested as often.

In: cells and the manifest. Out: sentences on folds that are no folds, and how often each tests.
"""

import pandas as pd

from semisup.elsewhere.cells import Cells


def fold_problems(cells: Cells, manifest: pd.DataFrame) -> list[str]:
    """Say where folds do not test every recording equally often, or a speaker in two at once."""
    if not cells.is_folded:
        return []
    tests = cells.rows[["repeat", "recording"]].drop_duplicates()
    times = tests.groupby("recording", observed=True).size()
    if times.min() != times.max():
        least, most = times.idxmin(), times.idxmax()
        return [
            f"folds must test every recording equally often: {least} is tested {times.min()} times "
            f"and {most} {times.max()} times"
        ]
    repeats, folds = int(times.max()), int(tests["repeat"].max()) + 1
    a_repeat = folds // repeats
    tests = tests.assign(turn=tests["repeat"] // max(a_repeat, 1))
    if folds % repeats or tests.duplicated(["recording", "turn"]).any():
        return [
            f"each recording is tested {repeats} times in {folds} folds, but not once in each of "
            f"{repeats} runs of as many folds: number the folds through all repetitions, those of "
            "one after the other"
        ]
    speaker = tests["recording"].astype(str).map(manifest.set_index("recording")["speaker"])
    split = tests[speaker != ""].assign(speaker=speaker)
    several = split.groupby(["turn", "speaker"])["repeat"].nunique()
    torn = several[several > 1]
    if torn.empty:
        return []
    return [
        f"{len(torn)} speakers are tested in several folds of one repetition (the first: "
        f"{torn.index[0][1]}), and so learned from where they are tested; intervals would not hold"
    ]


def repeats_of(cells: Cells) -> int:
    """Return how often the folds test every recording."""
    if not cells.is_folded:
        return 1
    tests = cells.rows[["repeat", "recording"]].drop_duplicates()
    return int(tests["recording"].value_counts().iloc[0])
