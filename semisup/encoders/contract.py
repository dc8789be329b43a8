"""The contract of an encoder of waveforms: what each library's adapter gives the rest."""

from typing import Protocol

import numpy as np


class WaveformEncoder(Protocol):
    """A frozen network that makes frames of waveforms.

    Attributes
    ----------
    sample_rate : int
        In Hz, of the waveforms.
    window : int
        Samples of the longest waveform that it is given.
    stretch : float
        How many times as long as the shortest of a batch the longest may be: 1 where padding
        would change frames, infinite where all are padded to one length anyway.
    """

    @property
    def sample_rate(self) -> int: ...  # noqa: D102

    @property
    def window(self) -> int: ...  # noqa: D102

    @property
    def stretch(self) -> float: ...  # noqa: D102

    def frames(self, waveforms: list[np.ndarray]) -> list[list[np.ndarray]]:
        """Return the frames of each waveform in each layer asked for.

        Parameters
        ----------
        waveforms : list of ndarray of shape (n_samples,), float32
            In [-1, 1].

        Returns
        -------
        list of list of ndarray of shape (n_frames, size), float32
            By waveform and layer; a frame of padding is not among them.
        """
        ...
