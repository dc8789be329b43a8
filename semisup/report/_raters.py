"""What the page says beside the scores of people who rated the recordings: a sentence."""

import pandas as pd

from semisup.figures.study_tables import StudyTables
from semisup.report._words import count, in_sentence, short


def raters_sentence(tables: StudyTables, metric: str) -> str:
    """Say what a rater reaches against the others, and how far all agree; "" without raters."""
    table = tables.table("agreement")
    if table is None or table.empty:
        return ""
    by_name = table.set_index("statistic")
    first = by_name.iloc[0]
    parts = [f"Krippendorff's alpha {_bounds(by_name.loc['alpha'])}"]
    if metric in by_name.index:
        score = f"{in_sentence(metric)} {_bounds(by_name.loc[metric])}"
        parts.insert(0, f"A human rater reaches {score} against the majority of the others")
    who = f"{count(int(first['raters']), 'rater')}, {count(int(first['recordings']), 'recording')}"
    return f"{'; '.join(parts)} ({who})."


def _bounds(row: pd.Series) -> str:
    return f"{short(row['value'])} [{short(row['low'])}, {short(row['high'])}]"
