r"""Agreement of several raters, and what one of them reaches against the others.

In: who gave a recording which label. Out: `agreement.csv`: Krippendorff's alpha for names, and a
ceiling for systems, the mean score of one rater against the majority of the others.

.. math:: \alpha = 1 - (n - 1) \frac{n - \sum_c o_{cc}}{n^2 - \sum_c n_c^2}, \qquad
          o_{cc} = \sum_u \frac{n_{uc} (n_{uc} - 1)}{m_u - 1}

with :math:`n_{uc}` raters who gave recording u the label c, :math:`m_u \ge 2` who rated it at all,
:math:`n_c = \sum_u n_{uc}` and :math:`n = \sum_c n_c`.

References
----------
Krippendorff 2011, Computing Krippendorff's alpha-reliability, Annenberg School for Communication.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from semisup.comparison.bootstrap import Curve
from semisup.comparison.interval import interval
from semisup.metrics import METRICS, scores
from semisup.study.spec import CompareSpec

AGREEMENT_COLUMNS = ("statistic", "value", "low", "high", "raters", "recordings", "ratings")
#: What stands for no rating.
NONE = -1


def agreement(
    ratings: np.ndarray,
    speaker: np.ndarray,
    n_classes: int,
    weights: np.ndarray,
    metrics: Sequence[str],
    spec: CompareSpec,
) -> pd.DataFrame:
    """Return alpha, and the mean score of a rater against the majority of the others.

    Parameters
    ----------
    ratings : ndarray of shape (n_recordings, n_raters), int
        Class numbers; `NONE` where somebody gave none.
    speaker : ndarray of shape (n_recordings,), int
        Clusters that are resampled.
    n_classes : int
    weights : ndarray of shape (n_resamples, n_speakers)
        How often each speaker is in each resample.
    metrics : sequence of str
    spec : CompareSpec
        Kind and level of the intervals.

    Returns
    -------
    DataFrame
        Columns `AGREEMENT_COLUMNS`; `statistic` is "alpha" or a metric. Empty where nobody rated
        what another did.
    """
    counts = np.stack([(ratings == label).sum(axis=1) for label in range(n_classes)], axis=1)
    several = counts.sum(axis=1) > 1
    if not several.any():
        return pd.DataFrame(columns=list(AGREEMENT_COLUMNS))
    n_speakers = weights.shape[1]
    by_speaker = _summed(_pairs(counts[several]), speaker[several], n_speakers)
    statistics: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "alpha": lambda of: alpha(of @ by_speaker)
    }
    matrices = _confusions(ratings, speaker, n_classes, n_speakers)
    for metric in metrics:
        statistics[metric] = partial(_mean_score, matrices, metric)
    rows = []
    for name, statistic in statistics.items():
        curve = _curve(statistic, weights)
        bounds = interval(curve, spec.level, spec.interval)
        lowest, greatest = METRICS[name].bounds if name in METRICS else (-1.0, 1.0)
        bounds = bounds.within(lowest, greatest)
        rows.append((name, curve.estimate[0], bounds.low[0], bounds.high[0]))
    table = pd.DataFrame(rows, columns=list(AGREEMENT_COLUMNS[:4]))
    rated = int((ratings != NONE).sum())
    return table.assign(raters=ratings.shape[1], recordings=int(several.sum()), ratings=rated)


def alpha(sums: np.ndarray) -> np.ndarray:
    """Return Krippendorff's alpha for names.

    Parameters
    ----------
    sums : ndarray of shape (..., 1 + n_classes)
        Sum of the coincidences of equal labels, then how often each label was given, of recordings
        with two ratings or more.

    Returns
    -------
    ndarray of shape (...)
        1 where all agree; NaN where there is one label only, which tells nothing.
    """
    equal, of_label = sums[..., 0], sums[..., 1:]
    n = of_label.sum(axis=-1)
    different = n**2 - (of_label**2).sum(axis=-1)
    return 1 - np.divide(
        (n - 1) * (n - equal), different, out=np.full_like(n, np.nan), where=different > 0
    )


def majority(counts: np.ndarray) -> np.ndarray:
    """Return the label that most gave, `NONE` where two were given as often, or none at all."""
    most = counts.max(axis=-1, keepdims=True)
    is_clear = ((counts == most).sum(axis=-1) == 1) & (most[..., 0] > 0)
    return np.where(is_clear, counts.argmax(axis=-1), NONE)


def _pairs(counts: np.ndarray) -> np.ndarray:
    """Return what each recording adds to the sums of `alpha`."""
    equal = (counts * (counts - 1)).sum(axis=1) / (counts.sum(axis=1) - 1)
    return np.column_stack([equal, counts])


def _summed(values: np.ndarray, speaker: np.ndarray, n_speakers: int) -> np.ndarray:
    sums = np.zeros((n_speakers, *values.shape[1:]))
    np.add.at(sums, speaker, values)
    return sums


def _confusions(
    ratings: np.ndarray, speaker: np.ndarray, n_classes: int, n_speakers: int
) -> np.ndarray:
    """Count each rater's labels where the others have a majority.

    Returns
    -------
    ndarray of shape (n_speakers, n_raters, n_classes, n_classes)
        Rows are the majority of the others.
    """
    matrices = np.zeros((n_speakers, ratings.shape[1], n_classes, n_classes))
    for rater in range(ratings.shape[1]):
        others = np.delete(ratings, rater, axis=1)
        counts = np.stack([(others == label).sum(axis=1) for label in range(n_classes)], axis=1)
        truth, answer = majority(counts), ratings[:, rater]
        known = (truth != NONE) & (answer != NONE)
        place = speaker[known], rater, truth[known], answer[known]
        np.add.at(matrices, place, 1)
    return matrices


def _mean_score(matrices: np.ndarray, metric: str, weights: np.ndarray) -> np.ndarray:
    """Return the mean over the raters; one who shares no recording with others counts not."""
    summed = np.tensordot(weights, matrices, 1)
    of_raters = np.where(summed.sum(axis=(-2, -1)) > 0, scores(summed)[metric], np.nan)
    return np.nanmean(of_raters, axis=-1)


def _curve(statistic: Callable[[np.ndarray], np.ndarray], weights: np.ndarray) -> Curve:
    """Return a statistic of weighted speakers with all that its interval needs."""
    n_speakers = weights.shape[1]
    whole = statistic(np.ones((1, n_speakers)))
    without = statistic(1.0 - np.eye(n_speakers))
    pseudo = n_speakers * whole - (n_speakers - 1) * without
    resampled = statistic(weights.astype(float))
    # a resample of speakers about whom nothing can be told says nothing of the spread
    return Curve(whole, np.nan_to_num(resampled, nan=whole[0])[:, None], pseudo[None, None, :])
