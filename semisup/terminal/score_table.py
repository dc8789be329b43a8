"""The small table at the end of a run: scores by system and label budget."""

import pandas as pd

from semisup.figures.study_tables import StudyTables
from semisup.metrics import METRICS
from semisup.study.controls import without_controls
from semisup.study.wholes import WHOLE
from semisup.terminal.layout import Row, laid_out

#: Budgets in percent that the table shows: the nearest of the study's.
SHOWN = (2, 20, 100)
#: Systems that a terminal shows without choosing.
MANY = 6

#: After a name in the table: encoders that give one code for all, and what uses other recordings.
COLLAPSED_MARK, TRANSDUCTIVE_MARK = "*", "^"


def score_table(tables: StudyTables, metric: str, width: int | None, whole: bool = False) -> str:
    """Lay out mean and interval by system and budget.

    Parameters
    ----------
    tables : StudyTables
    metric : str
    width : int, optional
        Columns of the terminal; any number if left out.
    whole : bool
        Show all systems, also where they are many.
    """
    rows = _rows(tables, metric)
    budgets = tables.budgets(SHOWN)
    chosen = rows if whole or _n_systems(rows) <= MANY else _best_of_each(rows)
    systems = [
        Row(_name(tables, classifier, representation), _cells(of_system, budgets))
        for (classifier, representation), of_system in chosen.groupby(
            ["classifier", "representation"], sort=False
        )
    ]
    return laid_out("system", [f"{budget:g} % labels" for budget in budgets], systems, width)


def title(tables: StudyTables, metric: str, whole: bool = False) -> str:
    """Say what the numbers of the table are, and which systems it leaves out."""
    rows = _rows(tables, metric)
    sentence = f"{METRICS[metric].title}, {_sampled(tables)}"
    level = tables.chance(metric)
    if level is not None:
        sentence += f"; chance is {_short(level)}"
    n_systems = _n_systems(rows)
    if whole or n_systems <= MANY:
        return sentence
    budget = rows["percentage"].max()
    return (
        f"{sentence}. The best of each representation at {budget:g} % of the labels; all "
        f"{n_systems} systems: --verbose, or summary.csv"
    )


def _rows(tables: StudyTables, metric: str) -> pd.DataFrame:
    """Return the summary of the metric without controls: of these is said what learning added."""
    rows = tables.summary
    named = rows["representation"].isin(without_controls(tables.representations))
    return rows[(rows["metric"] == metric) & named]


def _sampled(tables: StudyTables) -> str:
    """Say over what the scores are means, and what their intervals cover."""
    draws = int(tables.summary["draws"].max())
    if tables.has_scores_alone:
        return f"mean of {draws} draws [95 % over draws alone]" if draws > 1 else "one draw"
    known = tables.recordings is None or tables.recordings["speaker"].any()
    whose = "speakers" if known else "recordings"
    if tables.n_folds and tables.splits is not None:
        tests = tables.splits.loc[tables.splits["subset"] == "test", "recording"]
        times = int(tests.value_counts().max())
        tested = f"all {whose} tested{f' {times} times' if times > 1 else ''}"
        return f"{tested} [95 % over {whose}, pools and draws]"
    if draws == 1:
        return f"one draw [95 % over test {whose}]"
    return f"mean of {draws} draws [95 % over draws and test {whose}]"


def _n_systems(rows: pd.DataFrame) -> int:
    return len(rows[["classifier", "representation"]].drop_duplicates())


def _best_of_each(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the best system of each representation at the largest budget."""
    last = rows[rows["percentage"] == rows["percentage"].max()]
    # of equal means the first in the study
    best = last.loc[last.groupby("representation", sort=False)["mean"].idxmax()]
    return best[["classifier", "representation"]].merge(rows, how="left")


def _name(tables: StudyTables, classifier: str, representation: str) -> str:
    marks = COLLAPSED_MARK * (representation in tables.collapsed)
    marks += TRANSDUCTIVE_MARK * (representation in tables.transductive)
    system = representation if classifier == WHOLE else f"{classifier}@{representation}"
    return f"{system}{marks}"


def _cells(of_system: pd.DataFrame, budgets: list[float]) -> list[str]:
    by_budget = of_system.set_index("percentage")
    return [_cell(by_budget.loc[budget]) for budget in budgets]


def _cell(row: pd.Series) -> str:
    if pd.isna(row["low"]):
        return _short(row["mean"])
    return f"{_short(row['mean'])} [{_short(row['low'])}, {_short(row['high'])}]"


def _short(score: float) -> str:
    """Write a score with two digits and no leading zero.

    Examples
    --------
    >>> _short(0.519), _short(-0.04), _short(1.0)
    ('.52', '-.04', '1.00')
    """
    return f"{score:.2f}".replace("0.", ".", 1) if abs(score) < 1 else f"{score:.2f}"
