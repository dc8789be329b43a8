"""Networks as scikit-learn's classifiers: lazy rows and classes in, probabilities out.

A fitted classifier holds its weights as arrays and no Keras model: it can be pickled, and loaded by
another Keras backend. Models are traced once in a process and shared by all fits of one layout.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin

from semisup.errors import SpecError
from semisup.networks.augmentation import Augmentation
from semisup.networks.backend import import_keras
from semisup.networks.classifying import (
    Change,
    Examples,
    Plan,
    class_weights,
    compiled,
    fit_network,
    predict_logits,
)
from semisup.networks.held_out import training_and_validation
from semisup.networks.layouts import STANDARDISED, Layout, build_network, check_shape
from semisup.networks.parameters import shown, wrong_values
from semisup.networks.rows import LazyRows, held
from semisup.networks.scaling import Moments, row_moments
from semisup.networks.training import Trainer

if TYPE_CHECKING:
    from keras import Model


@dataclass(kw_only=True, eq=False, repr=False)
class TrainedClassifier(ClassifierMixin, BaseEstimator):
    """What all networks share as classifiers.

    Parameters
    ----------
    random_state : int
        Of everything that is random.
    epochs, patience : int
        Epochs at most, and without a lower val_loss before the end.
    batch_size : int
    learning_rate : float
        Of the first epoch.
    schedule : {"plateau", "cosine", "constant"}
        A plateau halves the learning rate after half of the patience.
    validation_share : float
        Of each class's groups; where nothing can be held out, training rows are watched.
    class_weight : {"balanced", "none"}
        Whether all classes weigh the same in the loss, however many rows they have. In a study
        `[curve] balance` decides, unless this is among a classifier's parameters.
    memory_gb : float
        GiB that rows may take in memory; more of them are read anew in every epoch.

    Attributes
    ----------
    classes_ : ndarray
    history_ : DataFrame
        Columns epoch (from 1), loss, val_loss, accuracy, learning_rate, val_accuracy.
    weights_ : list of ndarray
        Of the network, best epoch.
    """

    random_state: int = 0
    epochs: int = 60
    patience: int = 12
    batch_size: int = 32
    learning_rate: float = 0.001
    schedule: str = "plateau"
    validation_share: float = 0.2
    class_weight: str = "none"
    memory_gb: float = 0.5

    def fit(
        self,
        X: LazyRows,
        y: np.ndarray,
        groups: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        unlabelled: LazyRows | None = None,
    ) -> Self:
        """Fit on rows (n, ...) and classes (n,).

        Parameters
        ----------
        X : LazyRows or ndarray of shape (n, ...)
        y : array-like of shape (n,)
        groups : array-like of shape (n,), optional
            Recording of each row: no recording is on both sides of the validation.
        sample_weight : array-like of shape (n,), optional
            Of each row in the loss, held out ones too; times the weight of its class.
        unlabelled : LazyRows of shape (m, ...), optional
            For networks that learn from these too.
        """
        self._check()
        self.classes_, classes = np.unique(y, return_inverse=True)
        training, validation = training_and_validation(
            classes, groups, self.validation_share, self.random_state
        )
        weights = class_weights(classes, len(self.classes_), self.class_weight == "balanced")
        targets = np.zeros((len(classes), len(self.classes_)), np.float32)
        targets[np.arange(len(classes)), classes] = weights[classes] * _or_ones(sample_weight)
        self.shape_ = tuple(X.shape[1:])
        self.check_rows(self.shape_)
        self.fit_examples(Examples(X, targets, training, validation, unlabelled))
        return self

    def predict(self, X: LazyRows) -> np.ndarray:
        """Return the classes of rows (n, ...)."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])

    def predict_proba(self, X: LazyRows) -> np.ndarray:
        """Return the probabilities of the classes for rows (n, ...), (n, n_classes).

        Raises
        ------
        SpecError
            If the rows are not of the shape that the classifier was fitted on.
        """
        if tuple(X.shape[1:]) != self.shape_:
            raise SpecError(
                f"The network was fitted on rows of shape {self.shape_}; got {tuple(X.shape[1:])}"
            )
        # float64, as the probabilities of scikit-learn's classifiers
        return np.asarray(softmax(self._logits(X).astype(float), axis=1))

    def wrong_values(self) -> dict[str, str]:
        """Return what is wrong with the parameters, by name; known without Keras."""
        return wrong_values(self)

    def check_rows(self, shape: tuple[int, ...]) -> None:
        """Raise where the network does not take rows of a shape; known without Keras.

        Raises
        ------
        SpecError
            Saying which rows it takes.
        """

    def try_rows(self, shape: tuple[int, ...], n_classes: int) -> None:
        """Build the network for rows of a shape, with weights that it begins with; no training.

        Raises
        ------
        SpecError
            If it does not take such rows, or lacks its weights.
        """
        self.check_rows(shape)
        self.shape_, self.classes_ = shape, np.arange(n_classes)

    def fit_examples(self, examples: Examples) -> None:
        """Fit on rows and targets, once `classes_` and `shape_` are known."""
        raise NotImplementedError

    def _logits(self, X: LazyRows) -> np.ndarray:
        raise NotImplementedError

    def _plan(self) -> Plan:
        return Plan(self.epochs, self.patience, self.batch_size, self.learning_rate, self.schedule)

    def _check(self) -> None:
        # scikit-learn's rule: `fit` checks parameters, the constructor only keeps them
        for name, problem in self.wrong_values().items():
            raise SpecError(f"{name} = {shown(getattr(self, name))}: it {problem}")


@dataclass(kw_only=True, eq=False, repr=False)
class BuiltClassifier(TrainedClassifier):
    """A network that is built from a layout and trained from nothing, on rows (n, bands, frames).

    Parameters
    ----------
    dropout : float
        Before the classification.
    """

    architecture: ClassVar[str]

    dropout: float = 0.3

    def layout(self) -> Layout:
        """Return what the network is built from, known once it is fitted."""
        raise NotImplementedError

    def check_rows(self, shape: tuple[int, ...]) -> None:
        """Raise where the architecture does not take rows of a shape."""
        check_shape(self.architecture, shape)

    def try_rows(self, shape: tuple[int, ...], n_classes: int) -> None:
        """Build the network for rows of a shape."""
        super().try_rows(shape, n_classes)
        build_network(self.layout(), self.random_state)

    def network(self) -> "Model":
        """Return the fitted network as a Keras model of its own: rows to one number a class."""
        network = build_network(self.layout(), self.random_state)
        network.set_weights(self.weights_)
        return network

    def fit_examples(self, examples: Examples) -> None:
        """Build the network anew and train it."""
        examples = examples._replace(rows=held(examples.rows, self.memory_gb))
        network = build_network(self.layout(), self.random_state)
        moments = row_moments(examples.rows, examples.training)
        network.get_layer(STANDARDISED).set_weights(list(moments))
        # the traced model is shared: it takes its seeded weights, and moments, from a fresh one
        trainer = _trainer(self.layout())
        trainer.model.set_weights(network.get_weights())
        self.history_ = fit_network(
            trainer,
            examples,
            self._plan(),
            self.random_state,
            self.architecture,
            self._change(moments),
        )
        self.weights_ = trainer.model.get_weights()

    def _logits(self, X: LazyRows) -> np.ndarray:
        model = _trainer(self.layout()).model
        model.set_weights(self.weights_)
        return predict_logits(model, X, self.batch_size)

    def _change(self, moments: Moments) -> Change | None:
        """Return what makes other training batches of those that are read, if anything."""
        return None


@dataclass(kw_only=True, eq=False, repr=False)
class NetworkClassifier(BuiltClassifier):
    """A network on waveforms (n, samples) or transforms (n, bands, frames).

    Parameters
    ----------
    time_shift, gain_db, spec_augment, mixup
        See `semisup.networks.augmentation.Augmentation`; nothing by default.
    decibels : bool
        Whether transforms are in dB, so that a gain is added; waveforms are always multiplied.
    """

    time_shift: float = 0.0
    gain_db: float = 0.0
    spec_augment: float = 0.0
    mixup: float = 0.0
    decibels: bool = True

    def check_rows(self, shape: tuple[int, ...]) -> None:
        """Raise where the architecture, or a mask, does not take rows of a shape."""
        super().check_rows(shape)
        if self.spec_augment and len(shape) == 1:
            raise SpecError(
                f"spec_augment masks bands and frames, which waveforms lack; got rows of shape "
                f"{shape}"
            )

    def _change(self, moments: Moments) -> Change | None:
        options = Augmentation(
            self.time_shift,
            self.gain_db,
            self.spec_augment,
            self.mixup,
            decibels=self.decibels and len(self.shape_) == 2,
        )
        if not any(options[:4]):
            return None
        # masked values become their band's mean, which is 0 once the network has standardised it
        return lambda rows, targets, rng: options.apply(rows, targets, moments.mean, rng)


def _or_ones(sample_weight: ArrayLike | None) -> np.ndarray:
    return np.ones(1) if sample_weight is None else np.asarray(sample_weight)


@lru_cache(maxsize=8)
def _trainer(layout: Layout) -> Trainer:
    """Build and compile a network: its tracing is most of a short training."""
    adam = import_keras().optimizers.Adam()
    # any seed: each fit sets weights of its own
    return compiled(build_network(layout, 0), adam)


def histories(by_phase: dict[tuple[str, str], pd.DataFrame]) -> pd.DataFrame:
    """Put histories one below the other, with the columns head and phase first."""
    tables = [
        history.assign(head=head, phase=phase)[["head", "phase", *history.columns]]
        for (head, phase), history in by_phase.items()
    ]
    return pd.concat(tables, ignore_index=True)


def lowest(history: pd.DataFrame) -> float:
    """Return the lowest val_loss; infinite without epochs, so that any training is better."""
    return float(min(history["val_loss"], default=np.inf))
