r"""Mean squares where draws are nested in encoders, and both are crossed with test speakers.

In: pseudo-values of draws and speakers. Out: mean squares, and the linear map from them to what
each source adds to the variance of the mean.
"""

import numpy as np

#: Order of mean squares and sources.
NESTED = ("draw", "speaker", "residual", "encoder", "encoder x speaker")


def encoder_of(n_draws: int, encoders: int) -> np.ndarray:
    """Return the encoder of each draw: the learning curve takes them in turn.

    Examples
    --------
    >>> encoder_of(5, 2)
    array([0, 1, 0, 1, 0])
    """
    return np.arange(n_draws) % encoders


def mean_squares(values: np.ndarray, encoders: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean squares of a nested, crossed table and their degrees of freedom.

    Parameters
    ----------
    values : ndarray of shape (n, n_draws, n_speakers)
    encoders : int
        At least 2, at most `n_draws`.

    Returns
    -------
    squares : ndarray of shape (5, n)
        In the order of `NESTED`; zero where there are no degrees of freedom.
    free : ndarray of shape (5,)
    """
    n_draws, n_speakers = values.shape[1:]
    encoder = encoder_of(n_draws, encoders)
    sizes = np.bincount(encoder)
    groups = np.stack([values[:, encoder == e].mean(axis=1) for e in range(encoders)], axis=1)
    grand = values.mean(axis=(1, 2))[:, None]
    by_draw, by_speaker, by_group = values.mean(axis=2), values.mean(axis=1), groups.mean(axis=2)
    # effects, in turn: of draws within their encoder, what is left, of encoders with speakers
    within = by_draw - by_group[:, encoder]
    rest = values - groups[:, encoder] - within[:, :, None]
    mixed = groups - by_group[:, :, None] - (by_speaker - grand)[:, None, :]
    free_draws, free_speakers, free_encoders = n_draws - encoders, n_speakers - 1, encoders - 1
    free = np.array(
        [
            free_draws,
            free_speakers,
            free_draws * free_speakers,
            free_encoders,
            free_encoders * free_speakers,
        ]
    )
    sums = np.stack(
        [
            n_speakers * (within**2).sum(axis=1),
            n_draws * ((by_speaker - grand) ** 2).sum(axis=1),
            (rest**2).sum(axis=(1, 2)),
            n_speakers * (sizes * (by_group - grand) ** 2).sum(axis=1),
            (sizes[:, None] * mixed**2).sum(axis=(1, 2)),
        ]
    )
    # Sums without degrees of freedom are zero: dividing them by one keeps them so.
    return sums / np.maximum(free, 1)[:, None], free


def contributions(n_draws: int, n_speakers: int, encoders: int) -> np.ndarray:
    r"""Return what sources add to the variance of the mean, as a map of the mean squares.

    With :math:`m_e` draws of encoder e, :math:`q = \sum m_e^2 / D^2` and
    :math:`m_0 = D (1 - q) / (E - 1)` (balanced: :math:`q = 1/E, m_0 = D/E`) the mean squares
    expect

    .. math::
        E\,MS_a &= \sigma^2_e + m_0 \sigma^2_{as} + S \sigma^2_d + S m_0 \sigma^2_a \\
        E\,MS_d &= \sigma^2_e + S \sigma^2_d \\
        E\,MS_s &= \sigma^2_e + q D \sigma^2_{as} + D \sigma^2_s \\
        E\,MS_{as} &= \sigma^2_e + m_0 \sigma^2_{as} \\
        E\,MS_e &= \sigma^2_e

    and the mean has the variance :math:`q \sigma^2_a + \sigma^2_d / D + \sigma^2_s / S +
    q \sigma^2_{as} / S + \sigma^2_e / (DS)`.

    Returns
    -------
    ndarray of shape (5, 5)
        Rows: sources; columns: mean squares; both in the order of `NESTED`.

    References
    ----------
    Searle, Casella and McCulloch 1992, Variance Components, chapters 4 and 5 (unbalanced data).
    """
    share = float((np.bincount(encoder_of(n_draws, encoders)) ** 2).sum()) / n_draws**2
    between = share * (encoders - 1) / (n_draws * (1 - share) * n_speakers)
    each = 1 / (n_draws * n_speakers)
    mixed = between * np.array([0, 0, -1, 0, 1])
    # Each row solves the expectations above for one component, times what the mean has of it.
    return np.array(
        [
            each * np.array([1, 0, -1, 0, 0]),
            each * np.array([0, 1, -1, 0, 0]) - mixed,
            each * np.array([0, 0, 1, 0, 0]),
            between * np.array([-1, 0, 1, 1, -1]),
            mixed,
        ]
    )
