"""Classes of unequal size, treated alike by all classifiers: weights of rows, or copies of them.

In: the classes of the rows of a label budget, or of a study's labelled recordings. Out: a weight a
row, which rows to take how often, and what is done of these where the study does not say. No row
outside the budget has a part in it.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from semisup.classifiers import Classifier
from semisup.networks.classifying import class_weights
from semisup.study.spec import Balance

#: The largest class has at most so many times the recordings of the smallest where classes count as
#: equal.
EQUAL = 1.5
#: Metrics to which all classes are worth the same.
EVEN = ("uar", "f1_macro")


def are_unequal(counts: np.ndarray) -> bool:
    """Tell whether the largest class has more than 1.5 times the recordings of the smallest.

    Parameters
    ----------
    counts : ndarray of shape (n_classes,), int
    """
    return bool(counts.max() > EQUAL * counts.min())


def chosen(asked: Balance | None, counts: np.ndarray) -> Balance:
    """Return what is done: what the study asks for, or weights where classes are unequal.

    Examples
    --------
    >>> chosen(None, np.array([30, 20])), chosen(None, np.array([31, 20]))
    ('none', 'weights')
    """
    return asked or ("weights" if are_unequal(counts) else "none")


def treatment(entry: Classifier, parameters: Mapping[str, object], balance: Balance) -> Balance:
    """Return what is done for one classifier.

    Copies stand in for weights where it takes none. One whose parameters in the study weigh classes
    is left as it is.

    Parameters
    ----------
    entry : Classifier
        What the classifier declares of itself.
    parameters : mapping of str to value
        Those of the study; of a classifier within another, as ``base__class_weight``, too.
    balance : {"none", "weights", "oversample"}
    """
    if any(name.rpartition("__")[2] == "class_weight" for name in parameters):
        return "none"
    return "oversample" if balance == "weights" and not entry.weighted else balance


def weights(classes: np.ndarray) -> np.ndarray:
    """Return the weight of each row: inverse to its class's share of them, 1 on average.

    Examples
    --------
    >>> weights(np.array([0, 0, 0, 1]))
    array([0.66666667, 0.66666667, 0.66666667, 2.        ])
    """
    labels, places = np.unique(classes, return_inverse=True)
    return class_weights(places, len(labels), balanced=True)[places]


def oversampled(classes: np.ndarray, seed: int) -> np.ndarray:
    """Return positions of rows, ascending, by which all classes have as many as the largest.

    Every row is there, and none of a class more than once more often than another.

    Parameters
    ----------
    classes : ndarray of shape (n,), int
    seed : int
        Of which rows are copied once more, where a class does not fit evenly.
    """
    rng = np.random.default_rng(seed)
    labels, counts = np.unique(classes, return_counts=True)
    largest, positions = int(counts.max()), []
    for label, count in zip(labels, counts, strict=True):
        members = np.flatnonzero(classes == label)
        rest = rng.permutation(members)[: largest % count]
        positions.append(np.r_[np.repeat(members, largest // count), rest])
    return np.sort(np.concatenate(positions))


def said(asked: Balance | None, labels: pd.Series, metric: str) -> list[str]:
    """Say, where classes are unequal, what is done about it and by what a reader should judge.

    Parameters
    ----------
    asked : {"none", "weights", "oversample"}, optional
        ``[curve] balance``.
    labels : Series of str
        Of the labelled recordings.
    metric : str
        The study's.
    """
    counts = labels.value_counts()
    if counts.empty or not are_unequal(counts.to_numpy()):
        return []
    how = {
        "none": "classifiers are left as they are (balance = 'weights' in [curve] weighs them)",
        "weights": "classifiers are weighted by class (balance = 'none' in [curve] leaves them)",
        "oversample": "rows of rarer classes are copied (balance = 'none' in [curve] leaves them)",
    }[chosen(asked, counts.to_numpy())]
    sentence = f"Classes of the labelled recordings are unequal ({_in_words(counts)}): {how}"
    if metric in EVEN:
        return [sentence]
    return [f"{sentence}; metric = 'uar' in [plot] would count all classes alike"]


def _in_words(counts: pd.Series) -> str:
    """Return class and number, of many classes of the largest and the smallest."""
    shown = counts if len(counts) <= 4 else counts.iloc[[0, -1]]
    words = [f"{label} {count}" for label, count in shown.items()]
    return ", ".join(words) if len(counts) <= 4 else " to ".join(words)
