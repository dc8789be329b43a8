"""Which recordings a label budget adds: the next of the draw's order, or those that a fit asks for.

In: a task, the recordings of one budget and what the fit on them makes of the others. Out: the
recordings of the next budget, as many as the draw's has. A query sees the features of recordings
that are not chosen yet, never their labels; of these the size of a budget alone depends on them.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from semisup.curve.plan import Experiment
from semisup.curve.sources import Source
from semisup.curve.task import Task, budget
from semisup.features.arrays import ArrayRows, flattened

#: Of some recordings, sorted: what a fit makes of each, (n, n_classes).
Weigher = Callable[[np.ndarray], np.ndarray]
#: Of the most doubtful recordings so many times as many as are wanted are dealt into clusters.
CANDIDATES = 3
COLUMNS = ("representation", "classifier", "draw", "recording", "label", "percentage")


def first_recordings(task: Task) -> np.ndarray:
    """Return the recordings of the first budget: those of the draw, whoever chooses the others."""
    return budget(task.order, task.labelled.classes, task.budgets[0])


def drawn_after(task: Task, number: int) -> np.ndarray:
    """Return the recordings of the draw in the budget after a number; after the last, its own."""
    following = min(number + 1, len(task.budgets) - 1)
    return budget(task.order, task.labelled.classes, task.budgets[following])


def next_recordings(
    task: Task,
    number: int,
    chosen: np.ndarray,
    weights: Weigher,
    source: Source,
    seed: int,
) -> np.ndarray:
    """Return the recordings of the budget after a number, sorted; without a query the draw's.

    Parameters
    ----------
    task : Task
    number : int
        Of the budget that was fitted.
    chosen : ndarray of int
        Its recordings.
    weights : Weigher
        Probabilities or decision values, means over the rows of a recording.
    source : Source
    seed : int
        Of the clusters.
    """
    if number + 1 == len(task.budgets):
        return chosen
    drawn = drawn_after(task, number)
    query, wanted = task.system.spec.query, len(drawn) - len(chosen)
    if query is None or not wanted:
        return drawn if query is None else chosen
    rest = np.setdiff1d(task.order, chosen)
    doubtful = by_doubt(rest, weights(rest), task.order)
    if query == "diverse" and wanted < len(rest):
        candidates = doubtful[: CANDIDATES * wanted]
        doubtful = spread_out(candidates, _means(task, source, candidates), wanted, seed)
    return np.sort(np.r_[chosen, doubtful[:wanted]])


def by_doubt(recordings: np.ndarray, weights: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return recordings by the margin of the likeliest class over the next, the smallest first.

    Of equal margins the first in the draw's order comes first.

    Examples
    --------
    >>> weights = np.array([[0.9, 0.1], [0.5, 0.5], [0.5, 0.5]])
    >>> by_doubt(np.array([4, 7, 9]), weights, np.arange(9, -1, -1))
    array([9, 7, 4])
    """
    top = np.sort(weights, axis=1)[:, -2:]
    # as sums of chunks are rounded where they are predicted: ties are ties
    margins = (top[:, -1] - top[:, 0]).round(12)
    place = np.empty(int(order.max()) + 1, dtype=int)
    place[order] = np.arange(len(order))
    # the last key is the first to count
    return recordings[np.lexsort((place[recordings], margins))]


def spread_out(recordings: np.ndarray, rows: np.ndarray, wanted: int, seed: int) -> np.ndarray:
    """Return one recording a cluster of k-means, the nearest to its centre, then all others.

    References
    ----------
    F. Zhdanov 2019, Diverse mini-batch active learning, arXiv 1901.05954: the most doubtful ones
    are much alike.
    """
    from sklearn.cluster import KMeans

    different = np.unique(rows, axis=0)
    clusters = KMeans(min(wanted, len(different)), n_init=1, random_state=seed).fit(rows)
    distance = clusters.transform(rows)
    of_cluster = [
        members[distance[members, cluster].argmin()]
        for cluster in range(clusters.n_clusters)
        if len(members := np.flatnonzero(clusters.labels_ == cluster))
    ]
    rest = np.setdiff1d(np.arange(len(recordings)), of_cluster)
    return recordings[np.r_[np.sort(of_cluster), rest].astype(int)]


def _means(task: Task, source: Source, recordings: np.ndarray) -> np.ndarray:
    """Return the mean row of each recording, scaled as clusters need it."""
    owner = task.labelled.owner
    numbers = np.flatnonzero(np.isin(owner, recordings))
    rows = source.labelled(numbers)
    table = pd.DataFrame(flattened(rows) if isinstance(rows, ArrayRows) else rows)
    means = table.groupby(owner[numbers]).mean().loc[recordings].to_numpy()
    spread = means.std(axis=0)
    return np.asarray((means - means.mean(axis=0)) / np.where(spread > 0, spread, 1))


def query_column(task: Task, recordings: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """Return, of a task with a query, the number of the first budget that has each recording."""
    if task.system.spec.query is None:
        return {}
    first = np.full(len(task.order), -1)
    # from the last to the first: each budget holds the one before it
    for number in reversed(range(len(recordings))):
        first[recordings[number]] = number
    return {"queried": first}


def gather_queries(experiment: Experiment, parts: list[Path]) -> pd.DataFrame:
    """List what was chosen by queries, and at which budget: columns `COLUMNS`.

    A recording that no budget has is left out.
    """
    tables = [pd.DataFrame(columns=list(COLUMNS))]
    for task, path in zip(experiment.tasks, parts, strict=True):
        if task.system.spec.query is None:
            continue
        with np.load(path) as cells:
            first = cells["queried"]
        # by budget, and within one by recording
        order = np.argsort(first, kind="stable")[(first < 0).sum() :]
        table = {
            **task.keys(np.array(task.budgets)[first[order]]),
            "recording": np.array(experiment.labelled, dtype=object)[order],
            "label": np.array(experiment.classes, dtype=object)[task.labelled.classes[order]],
        }
        tables.append(pd.DataFrame(table)[list(COLUMNS)])
    return pd.concat(tables[1:] or tables, ignore_index=True)
