"""Guesses of a classifier about unlabelled rows that become labels: the surest, or all sure."""

from numbers import Integral, Real
from typing import Self

import numpy as np
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.svm import SVC
from sklearn.utils.metaestimators import available_if

from semisup.classifiers._contract import Estimator, classifier

#: Share of the unlabelled rows that gets a label in a round, and the number of rounds.
SHARE, ROUNDS = 0.1, 5
#: What a guess must be surer than to become a label, and rounds at most: scikit-learn's defaults.
THRESHOLD, MOST_ROUNDS = 0.75, 10


class MarginSVC(SVC):
    """A support vector machine whose margins say how sure it is.

    Its own probabilities need a cross-validation that one recording a class cannot have.
    """

    def sureness(self, X: np.ndarray) -> np.ndarray:
        """Return a softmax of the margins, (n, n_classes): it ranks, it is no probability."""
        margins = self.decision_function(X)
        if margins.ndim == 1:  # two classes have one margin, from either side
            margins = np.stack([-margins, margins], axis=1)
        return np.asarray(softmax(margins, axis=1))


class LearnsFromGuesses(ClassifierMixin, BaseEstimator):
    """Fit, make some guesses about unlabelled rows labels, and fit again, round after round.

    `_taken` of those below says which guesses.

    Parameters
    ----------
    base : estimator
        Unfitted.
    rounds : int
        At most.
    """

    base: Estimator | None
    rounds: int

    def fit(self, X: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None) -> Self:
        """Fit on rows (n, d) and classes (n,), -1 where there is no label.

        Weights are those of classes, equal within one; guesses weigh as their classes' labels.
        """
        labels = np.array(y)
        self.classes_, counts = np.unique(labels[labels >= 0], return_counts=True)
        unlabelled_of_class = (labels < 0).sum() * counts / counts.sum()
        weights = {} if sample_weight is None else dict(zip(y, sample_weight, strict=True))
        self.fitted_ = self._fit_base(X[labels >= 0], labels[labels >= 0], weights)
        for _ in range(self.rounds):
            rest = np.flatnonzero(labels < 0)
            if not len(rest):
                break
            chosen, guesses = self._taken(X[rest], unlabelled_of_class)
            if not len(chosen):
                break
            labels[rest[chosen]] = guesses
            # a fresh clone: no round builds on the parameters of the fit before
            self.fitted_ = self._fit_base(X[labels >= 0], labels[labels >= 0], weights)
        return self

    def _taken(self, rows: np.ndarray, of_class: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of the rows whose guesses become labels, and the guesses.

        Parameters
        ----------
        rows : ndarray of shape (n, d)
            Still without a label.
        of_class : ndarray of shape (n_classes,)
            How many unlabelled rows each class has by its share of the labels.
        """
        raise NotImplementedError

    def _fit_base(self, X: np.ndarray, y: np.ndarray, weights: dict[int, float]) -> Estimator:
        of_rows = {"sample_weight": np.array([weights[label] for label in y])} if weights else {}
        fitted: Estimator = clone(self.base).fit(X, y, **of_rows)
        return fitted

    def wrong_values(self) -> dict[str, str]:
        """Return what is wrong with the parameters, by name."""
        problems = {}
        if isinstance(self.base, str):
            problems["base"] = "is no key of a study: the name of the kind says which it is"
        if not isinstance(self.rounds, Integral) or self.rounds < 0:
            problems["rounds"] = "must be a whole number of at least 0"
        return problems

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the classes of rows (n, d)."""
        return np.asarray(self.fitted_.predict(X))

    @available_if(lambda self: hasattr(self.base, "predict_proba"))
    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the probabilities of the classes for rows (n, d), where the base has them."""
        return np.asarray(self.fitted_.predict_proba(X))

    @available_if(lambda self: hasattr(self.base, "decision_function"))
    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return the decision values of the classes for rows (n, d), where the base has them."""
        return np.asarray(self.fitted_.decision_function(X))


class SelfTraining(LearnsFromGuesses):
    """Fit, label the surest tenth of the unlabelled rows by the fit's own guesses, fit again.

    Guesses are taken class by class, in the shares of the labelled rows. scikit-learn's
    `SelfTrainingClassifier` takes the surest of all: on few labels one class swallows the others
    (a forest on six labelled rows of three Gaussians: .44 instead of .98, and .73 without
    self-training).

    Parameters
    ----------
    base : estimator
        Unfitted: a `MarginSVC`, or any with `predict_proba`.
    share : float
        Of the unlabelled rows, labelled in a round.
    rounds : int
        At most.

    References
    ----------
    D. Yarowsky, "Unsupervised Word Sense Disambiguation Rivaling Supervised Methods", ACL 1995.
    https://doi.org/10.3115/981658.981684
    """

    def __init__(
        self, base: Estimator | None = None, share: float = SHARE, rounds: int = ROUNDS
    ) -> None:
        self.base = base
        self.share = share
        self.rounds = rounds

    def wrong_values(self) -> dict[str, str]:
        """Return what is wrong with the parameters, by name."""
        problems = super().wrong_values()
        if not isinstance(self.share, Real) or not 0 < self.share <= 1:
            problems["share"] = "must be a number above 0 and at most 1"
        return problems

    def _taken(self, rows: np.ndarray, of_class: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Take the surest rows of each guessed class."""
        fitted = self.fitted_
        sureness = fitted.sureness if isinstance(fitted, MarginSVC) else fitted.predict_proba
        sure, guesses = sureness(rows).max(axis=1), fitted.predict(rows)
        # stable: many rows of a tree or of neighbours are equally sure
        order = np.argsort(-sure, kind="stable")
        guessed = [order[guesses[order] == label] for label in self.classes_]
        # by class, rounded up: even a rare class gets a label in every round
        wanted = np.ceil(self.share * of_class).astype(int)
        chosen = np.concatenate(
            [members[:most] for members, most in zip(guessed, wanted, strict=True)]
        )
        return chosen, guesses[chosen]


class PseudoLabels(LearnsFromGuesses):
    """Fit, make labels of all guesses that are surer than a threshold, fit again until none is.

    As scikit-learn's `SelfTrainingClassifier`, which knows no weights and warns where there are no
    unlabelled rows. Nothing keeps the classes in their shares: which guesses are sure decides.

    Parameters
    ----------
    base : estimator
        Unfitted, with `predict_proba`.
    threshold : float
        A guess whose probability is above it becomes a label.
    rounds : int
        At most.

    References
    ----------
    D.-H. Lee, "Pseudo-Label: The Simple and Efficient Semi-Supervised Learning Method for Deep
    Neural Networks", ICML 2013 workshop on challenges in representation learning.
    """

    def __init__(
        self,
        base: Estimator | None = None,
        threshold: float = THRESHOLD,
        rounds: int = MOST_ROUNDS,
    ) -> None:
        self.base = base
        self.threshold = threshold
        self.rounds = rounds

    def wrong_values(self) -> dict[str, str]:
        """Return what is wrong with the parameters, by name."""
        problems = super().wrong_values()
        if not isinstance(self.threshold, Real) or not 0 <= self.threshold < 1:
            problems["threshold"] = "must be a probability: a number of at least 0 and below 1"
        return problems

    def _taken(self, rows: np.ndarray, of_class: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Take the rows whose guesses are sure, however many of which class."""
        probabilities = self.fitted_.predict_proba(rows)
        chosen = np.flatnonzero(probabilities.max(axis=1) > self.threshold)
        return chosen, self.classes_[probabilities[chosen].argmax(axis=1)]


def self_training(base: str, random_state: int) -> SelfTraining:
    """Return an unfitted self-training of a classifier of the registry."""
    if base == "svm":
        return SelfTraining(MarginSVC(random_state=random_state))
    return SelfTraining(classifier(base).build(random_state))


def pseudo_label(base: str, random_state: int) -> PseudoLabels:
    """Return unfitted pseudo-labels of a classifier of the registry that has probabilities."""
    return PseudoLabels(classifier(base).build(random_state))
