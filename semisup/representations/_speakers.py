"""Normalisation by speaker: rows of features in, the same without what is the speaker's own out.

What remains says how a recording differs from the speaker's own others. No label is used, but a
speaker's recordings are looked at together, those of a test speaker too: it is transductive by
speaker, and of no use where a speaker has one recording only.
"""

from typing import Literal, TypeVar

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.features.contract import Representation
from semisup.features.tables import feature_table
from semisup.study.spec import RepresentationSpec

Normalisation = Literal["none", "mean", "standard"]
#: Of a feature's deviation over all rows: less within a speaker is taken for no variation.
LEAST_DEVIATION = 1e-3


class BySpeaker(RepresentationSpec):
    """Adds the key `speaker_normalisation` to a kind of representation."""

    speaker_normalisation: Normalisation = Field(
        "none",
        description="subtract the mean of the speaker's own recordings, or standardise by them",
    )


def normalised(options: BySpeaker, recordings: pd.DataFrame, values: np.ndarray) -> np.ndarray:
    """Normalise values of recordings, one row each, by their speakers as the options say."""
    return by_speaker(values, recordings["speaker"], options.speaker_normalisation)


def normalised_table(
    options: BySpeaker, recordings: pd.DataFrame, values: np.ndarray, names: list[str]
) -> pd.DataFrame:
    """Return the feature table of values of recordings, normalised as the options say.

    Parameters
    ----------
    options : BySpeaker
        Of the kind.
    recordings : DataFrame
        recording and speaker of each row of the values.
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


def by_speaker(values: np.ndarray, speakers: pd.Series, how: Normalisation) -> np.ndarray:
    """Normalise each speaker's rows by that speaker's mean, and deviation.

    Parameters
    ----------
    values : ndarray of shape (n, n_features)
    speakers : Series of str, of length n
        Speaker of each row; rows of an unknown speaker ("") count as one speaker's.
    how : {"none", "mean", "standard"}
        A feature that does not vary within a speaker becomes 0.

    Returns
    -------
    ndarray of shape (n, n_features)
        float64; the values as they are where `how` is "none".

    Examples
    --------
    >>> by_speaker(np.array([[1.0], [3.0], [7.0]]), pd.Series(["ann", "ann", "bob"]), "standard")
    array([[-1.],
           [ 1.],
           [ 0.]])
    """
    if how == "none":
        return values
    result = np.array(values, dtype=np.float64)
    # of all rows together: a single speaker's rows do not tell what is little
    least = LEAST_DEVIATION * result.std(axis=0)
    for rows in speakers.reset_index(drop=True).groupby(speakers.to_numpy()).indices.values():
        result[rows] -= result[rows].mean(axis=0)
        if how == "standard":
            deviation = result[rows].std(axis=0)
            # divided by infinity, what does not vary becomes 0 and not round-off of any size
            result[rows] /= np.where(deviation > least, deviation, np.inf)
    return result
