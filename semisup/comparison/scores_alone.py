"""The comparison of scores without predictions: intervals cover the choice of draws alone.

In: one score a system, label budget and draw. Out: the tables of the comparison as far as they can
be told: nobody knows the test recordings, and so neither what their choice adds nor chance.
"""

import numpy as np
import pandas as pd

from semisup.comparison.bootstrap import Curve, Weights, resample
from semisup.comparison.design import Design, generator
from semisup.comparison.measured import Measured, score_intervals
from semisup.comparison.predictions import Clusters, SystemName
from semisup.comparison.sources import source_rows
from semisup.comparison.summary import check_scores
from semisup.comparison.table import Comparison, tables_of
from semisup.curve.target import Classes
from semisup.metrics import METRICS
from semisup.study.spec import CompareSpec

#: Nobody is tested as far as scores alone tell.
_NOBODY = Clusters(pd.Series(dtype=int), pd.Series(dtype=int), 0, 0, Classes(0))


def analyse_scores(scores: pd.DataFrame, metric: str, spec: CompareSpec, seed: int) -> Comparison:
    """Compare systems by their scores.

    Parameters
    ----------
    scores : DataFrame
        `scores.csv` with one metric at least; every system has every label budget and draw.
    metric : str
        What systems are compared by.
    spec : CompareSpec
    seed : int
        Of the resamples.
    """
    check_scores(scores)
    names = [
        SystemName(*pair)
        for pair in scores[["representation", "classifier"]]
        .drop_duplicates()
        .itertuples(index=False)
    ]
    n_draws = scores["draw"].nunique()
    weights = resample(spec.resamples, n_draws, 1, generator("resamples", seed))
    budgets = np.array(sorted(scores["percentage"].unique()), dtype=float)
    encoders = {name.representation: 1 for name in names}
    design = Design(spec, seed, (metric,), names, budgets, n_draws, [], _NOBODY, weights, encoders)
    systems = [_measure(scores, name, metric, design) for name in names]
    return tables_of(scores, systems, design, (), {})


def _measure(scores: pd.DataFrame, name: SystemName, metric: str, design: Design) -> Measured:
    rows = scores[
        (scores["representation"] == name.representation)
        & (scores["classifier"] == name.classifier)
    ]
    by_metric = {
        one: _curve(rows.pivot_table(one, "percentage", "draw"), design.weights)
        for one in METRICS
        if one in scores
    }
    nothing = np.empty((0, len(design.budgets)))
    return Measured(
        name,
        {metric: by_metric[metric]},
        {metric: nothing},
        {metric: np.nan},
        list(score_intervals(name, by_metric, design)),
        list(source_rows(name, by_metric, design.budgets, design.spec.level)),
    )


def _curve(values: pd.DataFrame, weights: Weights) -> Curve:
    """Return the curve of scores by budget and draw: its resamples are of draws."""
    table = values.sort_index().to_numpy(float)
    resampled = weights.draws @ table.T / table.shape[1]
    return Curve(table.mean(axis=1), resampled, table[..., None].astype(np.float32))
