"""Square pictures of recordings: mel spectrograms in colour of sounds, pictures as they are.

What the kinds `picture` and `vgg16` have in common.
"""

from functools import partial

import numpy as np
from pydantic import Field, field_validator

from semisup.errors import nearest
from semisup.representations._transforms import Frames, Windows, mel_misfits
from semisup.signals.decibels import FLOOR, TOP_DECIBELS, decibels
from semisup.signals.mfcc import BANDS, mel_spectrogram


class Pictures(Windows, Frames):
    """Keys that say what a picture is; of a recording that is one, `size` alone counts."""

    n_mels: int = Field(BANDS, ge=1, description="bands from 0 Hz to half the sample rate")
    size: int = Field(180, ge=8, description="pixels a side")
    colours: str = Field("magma", description="a colour map of matplotlib")

    @property
    def picture_size(self) -> int:
        """Pixels a side of recordings that are pictures."""
        return self.size

    @field_validator("colours")
    @classmethod
    def _is_a_colour_map(cls, name: str) -> str:
        from matplotlib import colormaps

        if name not in colormaps:
            raise ValueError(f"matplotlib has no colour map '{name}'; {nearest(name, colormaps)}")
        return name


def mel_misfits_of(options: Pictures) -> list[str]:
    """Return why there are no such bands, if so."""
    return mel_misfits(options.sample_rate, options.n_mels, options.n_fft)


def pictures_of(options: Pictures, windows: np.ndarray) -> np.ndarray:
    """Return pictures of windows (k, window_samples): (k, size, size, 3), float32, whole 0 to 255.

    Red, green and blue; time runs to the right, frequency up. The brightest colour is the loudest
    of the window, the darkest 80 dB less, or silence.
    """
    from matplotlib import colormaps

    spectrogram_of = partial(
        mel_spectrogram,
        sample_rate=options.sample_rate,
        n_mels=options.n_mels,
        frame_length=options.n_fft,
        hop_length=options.hop_length,
    )
    shades = [_resized(_shades(spectrogram_of(window)), options.size) for window in windows]
    coloured = colormaps[options.colours](np.stack(shades), bytes=True)
    # the fourth is how opaque a pixel is: all of them are
    return coloured[..., :3].astype(np.float32)


def _shades(power: np.ndarray) -> np.ndarray:
    """Return (n_mels, n_frames) shades from 0 to 1 of the powers (n_frames, n_mels), low below."""
    levels = decibels(power).T[::-1]  # a picture's first row is its top
    # digital silence is dark, not the loudest there is
    darkest = max(levels.max() - TOP_DECIBELS, 10 * np.log10(FLOOR))
    return (levels - darkest) / TOP_DECIBELS


def _resized(shades: np.ndarray, size: int) -> np.ndarray:
    from PIL import Image

    picture = Image.fromarray(shades.astype(np.float32))
    return np.asarray(picture.resize((size, size), Image.Resampling.BILINEAR)).clip(0, 1)
