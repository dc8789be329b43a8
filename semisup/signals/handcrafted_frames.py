"""The 34 short-term features of frames, all frames of a block at once.

In: frames of normalised signals and the tables of their sample rate. Out: 34 values a frame, as
pyAudioAnalysis 0.3.14 computes them. Magnitudes are the library's bit by bit, and sums run in its
order wherever a threshold or a difference of near-equal numbers would make the last bit visible
(zero crossings, roll-off, spread, flux).

Matrix products go through sparse matrices, which add in one fixed order: a frame's features are
the same bits whatever else is in its block, and whatever BLAS there is.
"""

import numpy as np
from scipy.fft import dct

from semisup.signals.handcrafted_filters import Tables, magnitudes

#: The library's guard against dividing by zero and logarithms of zero.
EPS = np.finfo(np.float64).eps
N_MFCC = 13
#: Parts of a frame or spectrum over which the entropies are taken.
ENTROPY_PARTS = 10
ROLLOFF_SHARE = 0.9
#: Bins that are summed up at once, until the roll-off is reached.
ROLLOFF_BINS = 100

SHORT_TERM_NAMES = (
    "zcr",
    "energy",
    "energy_entropy",
    "spectral_centroid",
    "spectral_spread",
    "spectral_entropy",
    "spectral_flux",
    "spectral_rolloff",
    *(f"mfcc_{k}" for k in range(1, N_MFCC + 1)),
    *(f"chroma_{k}" for k in range(1, 13)),
    "chroma_std",
)


def frame_features(frames: np.ndarray, planned: Tables) -> np.ndarray:
    """Return the short-term features of consecutive frames of one or several recordings.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, frame), float64
        Of normalised signals.
    planned : Tables
        Of their sample rate.

    Returns
    -------
    ndarray of shape (n_frames, 34), float64
        In the order of `SHORT_TERM_NAMES`. Spectral flux compares a frame with the row above it,
        whatever recording that is from, and is 0 in the first row.
    """
    magnitude = magnitudes(frames)
    squares, power = frames**2, magnitude**2
    energy, total_power = squares.sum(axis=1), power.sum(axis=1)
    chroma = _chroma(power, total_power, planned)
    return np.column_stack(
        [
            _zero_crossing_rate(frames),
            energy / frames.shape[1],
            _entropy(squares, energy),
            *_centroid_and_spread(magnitude, planned.bin_hz),
            _entropy(power, total_power),
            _flux(magnitude),
            _rolloff(power, total_power),
            _mfcc(magnitude, planned),
            chroma,
            chroma.std(axis=1),
        ]
    )


def _zero_crossing_rate(frames: np.ndarray) -> np.ndarray:
    # As np.sign, in bytes rather than floats.
    signs = (frames > 0).view(np.int8) - (frames < 0).view(np.int8)
    steps = np.diff(signs)
    # in 32 bits, which is three times as fast as the 64 that NumPy takes if it is not told
    crossings = np.abs(steps, out=steps).sum(axis=1, dtype=np.int32)
    return crossings / 2 / (frames.shape[1] - 1.0)


def _entropy(energies: np.ndarray, total: np.ndarray) -> np.ndarray:
    length = energies.shape[1] // ENTROPY_PARTS
    subframes = energies[:, : ENTROPY_PARTS * length].reshape(-1, ENTROPY_PARTS, length)
    # subframes.sum(axis=2), which is slow over so short an axis
    share = np.einsum("fpk->fp", subframes) / (total + EPS)[:, None]
    return -(share * np.log2(share + EPS)).sum(axis=1)


def _centroid_and_spread(magnitude: np.ndarray, bin_hz: np.ndarray) -> tuple[np.ndarray, ...]:
    # Not from the second moment: of a pure tone it would leave sqrt(rounding error), over 1e-9.
    peak = magnitude.max(axis=1, keepdims=True)
    weight = magnitude / np.where(peak == 0, EPS, peak)
    total = weight.sum(axis=1) + EPS
    centroid = (bin_hz * weight).sum(axis=1) / total
    weighted = bin_hz - centroid[:, None]
    np.square(weighted, out=weighted)
    weighted *= weight
    spread = np.sqrt(weighted.sum(axis=1) / total)
    return centroid / bin_hz[-1], spread / bin_hz[-1]


def _flux(magnitude: np.ndarray) -> np.ndarray:
    relative = magnitude / (magnitude + EPS).sum(axis=1, keepdims=True)
    steps, flux = np.diff(relative, axis=0), np.zeros(len(magnitude))
    np.square(steps, out=steps)
    flux[1:] = steps.sum(axis=1)
    return flux


def _rolloff(power: np.ndarray, total: np.ndarray) -> np.ndarray:
    # where nothing is ever reached, the library says 0 too
    result, wanted = np.zeros(len(power)), ROLLOFF_SHARE * total[:, None]
    rows, before = np.arange(len(power)), np.zeros(len(power))
    for start in range(0, power.shape[1], ROLLOFF_BINS):
        # sums go on where those of the bins before ended, for rows that have not got there: most
        # sounds have nearly all of their power in the lowest bins
        cumulated = power[rows, start : start + ROLLOFF_BINS]
        cumulated[:, 0] += before
        np.cumsum(cumulated, axis=1, out=cumulated)
        before = cumulated[:, -1]
        reached = cumulated + EPS > wanted[rows]
        first = reached.argmax(axis=1)
        there = reached[np.arange(len(rows)), first]
        result[rows[there]] = start + first[there]
        rows, before = rows[~there], before[~there]
        if not len(rows):
            break
    return result / power.shape[1]


def _mfcc(magnitude: np.ndarray, planned: Tables) -> np.ndarray:
    mel = np.log10(planned.mel @ magnitude.T + EPS)
    return dct(mel, type=2, norm="ortho", axis=0)[:N_MFCC].T


def _chroma(power: np.ndarray, total: np.ndarray, planned: Tables) -> np.ndarray:
    share = planned.chroma @ power.T / np.where(total == 0, EPS, total)
    # Rows in memory: how NumPy orders the sums of strided rows would depend on their number.
    return np.ascontiguousarray(share.T)
