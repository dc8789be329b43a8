"""The contract of a representation whose features depend on labels: it is fitted in every cell.

Such a kind learns from the labels of a label budget, so it must be fitted for each budget of each
draw, on that draw's labels alone. Nothing is written before the learning curve.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from semisup.features.contract import KERAS, PreparedRows, Representation
from semisup.features.inputs import Inputs
from semisup.features.kinds import kind_of
from semisup.study.spec import RepresentationSpec

if TYPE_CHECKING:
    from keras import Model


class Labelled(NamedTuple):
    """The rows of one label budget.

    Parameters
    ----------
    x : ndarray of shape (n, ...), float32
    classes : ndarray of shape (n,), int
        From 0 to n_classes - 1; a small budget may lack none of them.
    owner : ndarray of shape (n,), int
        Which recording each row is of.
    """

    x: np.ndarray
    classes: np.ndarray
    owner: np.ndarray


class Fitted(NamedTuple):
    """What one fit gives.

    Parameters
    ----------
    history : DataFrame
        epoch (from 1), loss, val_loss, and whatever else was measured, such as accuracy.
    encode : callable
        Takes rows (n, ...) and returns an array (n, d), float32, by name of the kind's
        `outputs`.
    model : keras.Model or None
        For those who want to keep it.
    """

    history: pd.DataFrame
    encode: Callable[[np.ndarray], dict[str, np.ndarray]]
    model: "Model | None" = None


class LabelDependentSpec(RepresentationSpec):
    """Keys of every kind that is fitted in every cell."""

    output: str


SpecType = TypeVar("SpecType", bound=LabelDependentSpec)


class LabelDependent(Representation[SpecType]):
    """A kind that is fitted anew for every label budget of every draw.

    Representations whose options differ in `output` alone share their fits.

    Attributes
    ----------
    outputs : tuple of str
        Names of what one fit gives; ``options.output`` chooses one.
    """

    outputs: ClassVar[tuple[str, ...]] = ()
    uses = KERAS
    #: The option that no fit depends on.
    shared = "output"

    def rows(self, inputs: Inputs) -> PreparedRows:
        """Return the network's input, of all recordings of all subsets; no label."""
        raise NotImplementedError

    def refit(
        self, labelled: Labelled, unlabelled: np.ndarray, n_classes: int, seed: int
    ) -> Fitted:
        """Fit on the rows of a label budget and the unlabelled ones.

        Parameters
        ----------
        labelled : Labelled
        unlabelled : ndarray of shape (m, ...)
        n_classes : int
        seed : int
            Of everything random. Where recordings are held out for validation, they are whole ones
            of `labelled`.
        """
        raise NotImplementedError


def label_dependent(options: LabelDependentSpec) -> LabelDependent:
    """Return the kind that is fitted in every cell, with its options."""
    kind = kind_of(options)
    assert isinstance(kind, LabelDependent)  # the study's other kinds never get here
    return kind
