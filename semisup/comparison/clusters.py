"""What lies close together in a representation, without learning anything from it or for it.

In: features of recordings, and who and what they are. Out: how well clusters that are found without
labels agree with classes and with speakers, and the recordings that lie farthest out.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

CLUSTER_COLUMNS = ("representation", "factor", "recordings", "groups", "ami", "ari", "neighbours")
OUTLIER_COLUMNS = ("representation", "recording", "distance", "ratio")


def standardised(values: np.ndarray) -> np.ndarray:
    """Scale each feature by all rows; one that never varies, or is not finite, is left out."""
    finite = values[:, np.isfinite(values).all(axis=0)]
    spread = finite.std(axis=0)
    varied = finite[:, spread > 0]
    scaled: np.ndarray = (varied - varied.mean(axis=0)) / spread[spread > 0]
    return scaled


def agreement_of_clusters(
    values: np.ndarray, factors: Mapping[str, np.ndarray], neighbours: int, seed: int
) -> pd.DataFrame:
    """Compare k-means clusters, as many as a factor has groups, with each factor.

    Parameters
    ----------
    values : ndarray of shape (n_recordings, n_features)
        Standardised.
    factors : mapping of str to ndarray of shape (n_recordings,), str
        Such as class and speaker; "" where it is not known.
    neighbours : int
        That are asked of each recording.
    seed : int

    Returns
    -------
    DataFrame
        Columns `CLUSTER_COLUMNS` but for the representation. `ami` and `ari` are the adjusted
        mutual information and the adjusted Rand index of the clusters: 0 by chance, 1 where both
        are the same. `neighbours` needs no clusters: the share of nearest neighbours that are of
        the same group, beyond chance and scaled alike; a silhouette would not do, which is lower
        the more groups there are. NaN where there are not two groups.
    """
    rows = []
    for factor, names in factors.items():
        known = names != ""
        _, groups = np.unique(names[known], return_inverse=True)
        rows.append((factor, int(known.sum()), *_compared(values[known], groups, neighbours, seed)))
    return pd.DataFrame(rows, columns=list(CLUSTER_COLUMNS[1:]))


def outliers(
    values: np.ndarray, recordings: np.ndarray, neighbours: int, most: int
) -> pd.DataFrame:
    """List the recordings that lie farthest from their nearest neighbours, the farthest first.

    Returns
    -------
    DataFrame
        recording, distance (the mean to the nearest neighbours, per root of a feature: 1.4 between
        any two of independent normal features) and ratio (to the median of all recordings).
    """
    if len(values) < 2 or not values.shape[1]:
        return pd.DataFrame(columns=list(OUTLIER_COLUMNS[1:]))
    away, _ = _nearest(values, neighbours)
    distance = away.mean(axis=1) / np.sqrt(values.shape[1])
    median = np.median(distance)
    ratio = np.divide(distance, median, out=np.ones_like(distance), where=median > 0)
    farthest = np.argsort(-distance, kind="stable")[:most]
    columns = recordings[farthest], distance[farthest], ratio[farthest]
    return pd.DataFrame(dict(zip(OUTLIER_COLUMNS[1:], columns, strict=True)))


def _nearest(values: np.ndarray, neighbours: int) -> tuple[np.ndarray, np.ndarray]:
    """Return distances and places of each recording's nearest neighbours, itself none of them."""
    from sklearn.neighbors import NearestNeighbors

    count = min(neighbours, len(values) - 1)
    # without rows to look for, a recording is no neighbour of itself
    nearest = NearestNeighbors(n_neighbors=count).fit(values).kneighbors()
    return nearest[0], nearest[1]


def _compared(
    values: np.ndarray, groups: np.ndarray, neighbours: int, seed: int
) -> tuple[int, float, float, float]:
    """Return the number of groups, both agreements of clusters, and that of neighbours."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    n_groups = len(np.unique(groups))
    if not 2 <= n_groups < len(values) or not values.shape[1]:
        return n_groups, np.nan, np.nan, np.nan
    clusters = KMeans(n_groups, n_init=5, random_state=seed).fit_predict(values)
    return (
        n_groups,
        float(adjusted_mutual_info_score(groups, clusters)),
        float(adjusted_rand_score(groups, clusters)),
        _neighbourly(_nearest(values, neighbours)[1], groups),
    )


def _neighbourly(nearest: np.ndarray, groups: np.ndarray) -> float:
    """Return how many neighbours are of the same group, beyond chance: 0 by chance, 1 for all."""
    sizes, n = np.bincount(groups), len(groups)
    by_chance = (sizes * (sizes - 1)).sum() / (n * (n - 1))
    same = (groups[nearest] == groups[:, None]).mean()
    return float((same - by_chance) / (1 - by_chance))
