"""Contours of recordings over time, which small networks read in fixed windows.

A frame every 20 ms holds 64 log-mel bands, the pitch in octaves and the strength of voicing,
standardised by the speaker's own recordings or over all unlabelled ones.
"""

import numpy as np
import pandas as pd

from semisup.features.inputs import Inputs
from semisup.features.speakers import groups_of
from semisup.networks.scaling import Standardisation
from semisup.signals.log_mel import BANDS, log_mel
from semisup.signals.prosody import pitch

#: Frames of 10 ms from one that is kept to the next.
STEP = 2
CONTOURS = BANDS + 2
#: Frames of a window: 2.56 s.
WINDOW = 128


def scaling_of(contours: list[np.ndarray]) -> Standardisation:
    """Measure recordings, one after the other: mean and deviation of each contour, (66,)."""
    count = sum(map(len, contours))
    # in double and around the mean: sums of float32 over so many frames lose their last digits
    mean = sum(frames.sum(axis=0, dtype=np.float64) for frames in contours) / count
    squares = sum(np.square(frames - mean, dtype=np.float64).sum(axis=0) for frames in contours)
    deviation = np.sqrt(squares / count)
    # a contour that never varies would only have its round-off blown up
    return Standardisation(mean, np.where(deviation > 1e-3, deviation, 1.0))


def read_contours(inputs: Inputs, recordings: pd.DataFrame) -> list[np.ndarray]:
    """Compute the contours of recordings, in parallel: each of shape (n_frames, 66), float32."""
    label = f"contours of {inputs.name}"
    return inputs.of_signals(contours_of, recordings, inputs.sample_rate, label)


def contours_of(signal: np.ndarray, sample_rate: int) -> np.ndarray:
    """Compute the contours of one signal, (n_frames, 66), float32."""
    power, (octaves, strength) = log_mel(signal, sample_rate), pitch(signal, sample_rate)
    frames = min(len(power), len(octaves))
    joined = np.column_stack([power[:frames], octaves[:frames], strength[:frames]])
    return joined[::STEP].astype(np.float32)


def mean_and_deviation(contours: np.ndarray) -> np.ndarray:
    """Pool the contours of a recording over time: their means, then their deviations, (132,)."""
    return np.concatenate([contours.mean(axis=0, dtype=float), contours.std(axis=0, dtype=float)])


def standardised(
    contours: list[np.ndarray], rows: pd.DataFrame, scaling: Standardisation, by_speaker: bool
) -> list[np.ndarray]:
    """Standardise recordings, each by its speaker's own recordings or all by the given scaling."""
    if not by_speaker:
        return [scaling.apply(frames) for frames in contours]
    spoken = list(zip(contours, groups_of(rows).tolist(), strict=True))
    scalings = {
        group: scaling_of([frames for frames, other in spoken if other == group])
        for group in {group for _, group in spoken}
    }
    return [scalings[group].apply(frames) for frames, group in spoken]


def crop(contours: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cut a window at a random place; what is shorter is padded with zeros, the mean."""
    start = rng.integers(max(1, len(contours) - WINDOW + 1))
    return _padded(contours[start : start + WINDOW])


def covering_windows(contours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return windows that cover a recording, spread evenly, and which frames are not padding.

    Returns
    -------
    windows : ndarray of shape (n_windows, 128, 66)
    real : ndarray of shape (n_windows, 128), bool
    """
    count = max(1, -(-len(contours) // WINDOW))
    starts = np.linspace(0, max(0, len(contours) - WINDOW), count).astype(int)
    windows = np.stack([_padded(contours[start : start + WINDOW]) for start in starts])
    real = np.arange(WINDOW)[None] < np.minimum(len(contours) - starts, WINDOW)[:, None]
    return windows, real


def _padded(contours: np.ndarray) -> np.ndarray:
    return np.pad(contours, ((0, WINDOW - len(contours)), (0, 0)))
