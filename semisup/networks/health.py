"""Health of a trained encoder: codes and errors in, figures and a verdict in words out."""

from typing import TYPE_CHECKING

import numpy as np

from semisup.networks.models import Chunks, encode, encoder_of, evenly, in_batches, target_of

if TYPE_CHECKING:
    from keras import Model

#: Codes of so many training chunks, and as many validation chunks, are enough to judge by.
JUDGED = 2048
#: A unit that deviates by less than this share of its own size is dead. Collapsed softmax codes of
#: RAVDESS deviate by 0.0004 (what an untrained network gives), learned codes by 0.1 and more.
DEAD = 0.01
#: So is one that deviates by less than this share of the whole code's size: float32 round-off.
ROUND_OFF = 1e-6
#: From this share of the mean spectrogram's error on, the codes are called weak.
WEAK = 0.98
#: Fewer effective directions than this make a code narrow.
NARROW = 2.0
#: What the verdict calls one row, and the mean of all, of encoders of spectrograms.
CHUNKS = ("chunk", "mean spectrogram")


def effective_rank(codes: np.ndarray) -> float:
    r"""Compute the number of directions in which codes effectively vary.

    The exponential of the entropy of the normalised singular values of the centred codes:
    :math:`\exp(-\sum_i p_i \ln p_i)` with :math:`p_i = \sigma_i / \sum_j \sigma_j`.

    Parameters
    ----------
    codes : ndarray of shape (n, latent_dim)
        Dead units count as constant, so that round-off gives no rank.

    Returns
    -------
    float
        Between 1 and latent_dim; 0 where all codes are the same.

    References
    ----------
    O. Roy and M. Vetterli, "The effective rank: a measure of effective dimensionality", EUSIPCO
    2007. https://doi.org/10.5281/zenodo.40328

    Examples
    --------
    >>> round(effective_rank(np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])), 6)
    2.0
    >>> effective_rank(np.ones((5, 3)))
    0.0
    """
    alive = codes[:, ~_is_dead(codes)].astype(float)
    if alive.size == 0:
        return 0.0
    values = np.linalg.svd(alive - alive.mean(axis=0), compute_uv=False)
    # codes are float32: smaller singular values are their round-off
    share = values[values > values[0] * 1e-7] / values.sum()
    return float(np.exp(-(share * np.log(share)).sum()))


def health(
    codes: np.ndarray,
    reconstruction_error: float,
    mean_error: float,
    words: tuple[str, str] = CHUNKS,
) -> dict:
    """Judge an encoder.

    Parameters
    ----------
    codes : ndarray of shape (n, latent_dim)
        Of unlabelled chunks.
    reconstruction_error : float
        Mean squared error on validation chunks.
    mean_error : float
        The same error of predicting the mean spectrogram of the training chunks.
    words : tuple of str
        What the verdict calls one row, and the mean of all.

    Returns
    -------
    dict
        ``chunks``, ``latent_dim``, ``effective_rank``, ``dead_units`` (share), ``deviation`` (of
        the codes, as a share of their size), ``reconstruction_error``, ``mean_error``,
        ``relative_error`` (their ratio), ``collapsed`` (bool) and ``verdict`` (a sentence).
    """
    relative = float(reconstruction_error / mean_error) if mean_error > 0 else float("inf")
    figures = {
        "chunks": len(codes),
        **code_figures(codes),
        "reconstruction_error": float(reconstruction_error),
        "mean_error": float(mean_error),
        "relative_error": relative,
    }
    return {**figures, "verdict": _verdict(figures, *words)}


def code_figures(codes: np.ndarray) -> dict:
    """Measure how codes differ, whatever they were learned by.

    Parameters
    ----------
    codes : ndarray of shape (n, latent_dim)

    Returns
    -------
    dict
        ``latent_dim``, ``effective_rank``, ``dead_units`` (share), ``deviation`` (as a share of
        their size), ``collapsed`` (bool).
    """
    dead = _is_dead(codes)
    return {
        "latent_dim": codes.shape[1],
        "effective_rank": effective_rank(codes),
        "dead_units": float(dead.mean()),
        "deviation": _deviation(codes),
        "collapsed": bool(dead.all()),
    }


def judge(
    autoencoder: "Model",
    training: Chunks,
    validation: Chunks,
    mean: np.ndarray,
    words: tuple[str, str] = CHUNKS,
) -> dict:
    """Measure a trained autoencoder and give its `health`.

    Parameters
    ----------
    autoencoder : keras.Model
        Trained.
    training, validation : Chunks of shape (n, frames, bins)
        Unlabelled; errors are measured on the validation chunks, codes taken from both.
    mean : ndarray of shape (frames, bins)
        Mean of the training chunks in the space that the autoencoder has to restore.
    words : tuple of str
        What the verdict calls one row, and the mean of all.
    """
    target = target_of(autoencoder)
    errors = np.zeros(2)
    for batch in in_batches(validation):
        wanted = target(batch).astype(float)
        for number, guess in enumerate((autoencoder.predict_on_batch(batch), mean)):
            # each batch by its share of the chunks, as the last one is smaller
            errors[number] += np.square(wanted - guess).mean() * len(batch) / len(validation)
    encoder = encoder_of(autoencoder)
    codes = [encode(encoder, evenly(chunks, JUDGED)) for chunks in (training, validation)]
    return health(np.concatenate(codes), errors[0], errors[1], words)


def is_collapsed(codes: np.ndarray) -> bool:
    """Tell whether every unit is dead: all chunks get the same code."""
    return bool(_is_dead(codes).all())


def as_control(judged: dict) -> dict:
    """Put a verdict in other words where nothing was to be learned: that is no failed training.

    Examples
    --------
    >>> as_control({"collapsed": True, "latent_dim": 8, "effective_rank": 2.0})["verdict"]
    'untrained, as a control: the codes vary along about 2.0 of 8 directions'
    """
    verdict = (
        "untrained, as a control: the codes vary along about {effective_rank:.1f} of {latent_dim} "
        "directions"
    ).format_map(judged)
    return {**judged, "collapsed": False, "verdict": verdict}


def collapsed_verdict(figures: dict, row: str) -> str:
    """Say that all codes are the same."""
    return (
        f"collapsed: every {row} gets the same code, to within {figures['deviation']:.2%} of "
        "its size; an untrained encoder leaves such remains too, so scores on these codes are "
        "not to be taken for a result of training"
    )


def _is_dead(codes: np.ndarray) -> np.ndarray:
    squares = np.square(codes, dtype=float)
    size, whole = np.sqrt(squares.mean(axis=0)), np.sqrt(squares.mean())
    return codes.std(axis=0, dtype=float) <= np.maximum(DEAD * size, ROUND_OFF * whole)


def _deviation(codes: np.ndarray) -> float:
    """Return how much the codes differ, as a share of their size."""
    whole = np.sqrt(np.square(codes, dtype=float).mean())
    return float(np.sqrt(codes.var(axis=0, dtype=float).mean()) / whole) if whole else 0.0


def _verdict(figures: dict, row: str, mean: str) -> str:
    details = (
        "the codes vary along about {effective_rank:.1f} of {latent_dim} directions, "
        "{dead_units:.0%} of the units are dead, and the reconstruction error is "
        "{relative_error:.2f} times that of the "
    ).format_map(figures) + mean
    if figures["collapsed"]:
        return collapsed_verdict(figures, row)
    if figures["relative_error"] >= WEAK:
        return f"weak: the {mean} is as near to a {row} as what is restored; {details}"
    if figures["effective_rank"] < NARROW:
        return f"narrow: nearly all {row}s lie on one line; {details}"
    return f"healthy: {details}"
