"""Normalisation by speaker: rows of features in, the same without what is the speaker's own out.

What remains says how a recording differs from the speaker's own others in its subset. No label is
used, but a speaker's recordings are looked at together, those of a test speaker too: it is
transductive by speaker, and refused where speakers are unknown or have too few recordings.
"""

from typing import Literal, TypeVar

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.features.contract import Representation
from semisup.features.speakers import groups_of, incomparable
from semisup.features.tables import feature_table
from semisup.study.spec import RepresentationSpec

Normalisation = Literal["none", "mean", "standard"]
#: Of a feature's largest size within a speaker: what deviates by less is round-off of a constant.
#: The speaker's own rows alone are asked; to look at all rows would let test audio decide on
#: labelled features.
ROUND_OFF = 1e-5
#: A deviation of less is round-off of zero.
LEAST_DEVIATION = 1e-12


class BySpeaker(RepresentationSpec):
    """Adds the key `speaker_normalisation` to a kind of representation."""

    speaker_normalisation: Normalisation = Field(
        "none",
        description="subtract the mean of the speaker's own recordings, or standardise by them",
    )
    min_recordings: int = Field(
        2,
        ge=1,
        description="that a speaker must have in a subset to be normalised; 1 takes lone ones, and "
        "those of unknown speakers, whose features become 0",
    )


def normalised(options: BySpeaker, recordings: pd.DataFrame, values: np.ndarray) -> np.ndarray:
    """Normalise values of recordings, one row each, by their speakers as the options say."""
    how = options.speaker_normalisation
    # who is grouped with whom is not worth the milliseconds where nobody is compared
    return values if how == "none" else by_speaker(values, groups_of(recordings), how)


def normalised_table(
    options: BySpeaker, recordings: pd.DataFrame, values: np.ndarray, names: list[str]
) -> pd.DataFrame:
    """Return the feature table of values of recordings, normalised as the options say.

    Parameters
    ----------
    options : BySpeaker
        Of the kind.
    recordings : DataFrame
        recording, speaker and subset of each row of the values.
    values : ndarray of shape (n, n_features)
    names : list of str
        Of the features.

    Returns
    -------
    DataFrame
        recording, chunk (-1), then one column a feature.
    """
    return feature_table(recordings, normalised(options, recordings, values), names)


OptionsType = TypeVar("OptionsType", bound=BySpeaker)


class SpeakerNormalised(Representation[OptionsType]):
    """A kind whose features can be normalised by speaker."""

    @property
    def by_speaker(self) -> bool:
        """Whether features of a recording depend on the speaker's other recordings."""
        return self.options.speaker_normalisation != "none"

    def incomparable(self, recordings: pd.DataFrame) -> list[str]:
        """Return which speakers are unknown, or have fewer than `min_recordings`."""
        return incomparable(recordings, self.options.min_recordings) if self.by_speaker else []


def by_speaker(values: np.ndarray, groups: np.ndarray, how: Normalisation) -> np.ndarray:
    """Normalise each speaker's rows by their mean, and deviation.

    Parameters
    ----------
    values : ndarray of shape (n, n_features)
    groups : ndarray of shape (n,)
        Whose rows are compared, as `groups_of` numbers them.
    how : {"none", "mean", "standard"}
        A feature that does not vary within a group becomes 0.

    Returns
    -------
    ndarray of shape (n, n_features)
        float64; the values as they are where `how` is "none".

    Examples
    --------
    >>> by_speaker(np.array([[1.0], [3.0], [7.0]]), np.array([0, 0, 1]), "standard")
    array([[-1.],
           [ 1.],
           [ 0.]])
    """
    if how == "none":
        return values
    result = np.array(values, dtype=np.float64)
    for rows in pd.Series(groups).groupby(groups).indices.values():
        least = np.maximum(ROUND_OFF * np.abs(result[rows]).max(axis=0), LEAST_DEVIATION)
        result[rows] -= result[rows].mean(axis=0)
        deviation = result[rows].std(axis=0)
        scale = deviation if how == "standard" else 1.0
        # divided by infinity, what does not vary becomes 0 and not round-off of any size
        result[rows] /= np.where(deviation > least, scale, np.inf)
    return result
