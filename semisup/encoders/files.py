"""Encoders in one file, whatever runs it: waveforms prepared for it, and its output checked."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Literal

import numpy as np

from semisup.encoders.sentences import one_sentence
from semisup.errors import SpecError
from semisup.signals.chunk_spectrogram import whole_spectrogram
from semisup.signals.log_mel import log_mel

Input = Literal["waveform", "logmel", "spectrogram"]
#: Runs a batch (n, ...), float32, and returns (n, size) or (n, n_frames, size).
Run = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class FileEncoder:
    """An encoder that takes arrays of one length at a time; see `WaveformEncoder`.

    Parameters
    ----------
    name : str
        Of the file, for messages.
    run : callable
        What its library makes of a batch.
    takes : {"waveform", "logmel", "spectrogram"}
        Samples; our log-mel spectrogram; the magnitudes of `whole_spectrogram`.
    sample_rate : int
    seconds : float
        Of a window.
    pads : bool
        Whether it takes windows of this length alone, so that shorter ones are filled with zeros.
    """

    name: str
    run: Run
    takes: Input
    sample_rate: int
    seconds: float
    pads: bool

    @property
    def window(self) -> int:
        """Samples of the longest waveform."""
        return round(self.seconds * self.sample_rate)

    @property
    def stretch(self) -> float:
        """Any lengths may share a batch where all are made one; else none but equal ones."""
        return inf if self.pads else 1.0

    def frames(self, waveforms: list[np.ndarray]) -> list[list[np.ndarray]]:
        """Return the frames of each waveform, of one layer; one frame where it has no time axis."""
        missing = [self.window - len(waveform) if self.pads else 0 for waveform in waveforms]
        padded = [np.pad(w, (0, count)) for w, count in zip(waveforms, missing, strict=True)]
        batch = np.stack([self._prepared(waveform) for waveform in padded])
        with one_sentence(self.name, f"a batch of shape {batch.shape}"):
            output = np.asarray(self.run(batch), dtype=np.float32)
        self._check(output, len(batch))
        return [[frames if output.ndim == 3 else frames[None]] for frames in output]

    def _prepared(self, waveform: np.ndarray) -> np.ndarray:
        if self.takes == "waveform":
            return waveform
        transform = log_mel if self.takes == "logmel" else whole_spectrogram
        return transform(waveform.astype(np.float64), self.sample_rate).astype(np.float32)

    def _check(self, output: np.ndarray, count: int) -> None:
        if output.ndim not in (2, 3) or len(output) != count or not output.size:
            raise SpecError(
                f"'{self.name}' gives an output of shape {output.shape} for {count} inputs; an "
                "encoder gives (n, size) or (n, frames, size)"
            )
        if not np.isfinite(output).all():
            raise SpecError(f"'{self.name}' gives outputs that are NaN or infinite")
