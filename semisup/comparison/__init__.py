"""The comparison of systems: intervals, differences, crossover, areas, labels saved, verdicts.

In: `scores`, `predictions.parquet` and the manifest. Out: `comparison.csv`, `summary.csv`,
`variance.csv`, `dummies.csv` and `loss_data.csv`. Definitions with formulas and references:
`docs/STATISTICS.md`. One subject a module; `table` joins them.
"""

from semisup.comparison.chance import chance
from semisup.comparison.summary import (
    MEAN,
    SCORE_COLUMNS,
    SUMMARY_COLUMNS,
    check_scores,
    require_columns,
    require_metric,
    summarise,
)

__all__ = [
    "MEAN",
    "SCORE_COLUMNS",
    "SUMMARY_COLUMNS",
    "chance",
    "check_scores",
    "require_columns",
    "require_metric",
    "summarise",
]
