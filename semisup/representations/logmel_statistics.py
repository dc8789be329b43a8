"""576 statistics of the log-mel spectrogram, without learning: a control for learned codes."""

from typing import Literal

import pandas as pd
from pydantic import Field

from semisup.features.inputs import Inputs
from semisup.representations._descriptors import Frames, describe, log_mel_misfits, names_of
from semisup.representations._speakers import BySpeaker, SpeakerNormalised, normalised_table
from semisup.study.spec import ChunkSpec


class Options(BySpeaker):
    """Keys of a representation of this kind."""

    kind: Literal["logmel_statistics"]
    frames: Frames = Field("all", description="speech: without the pauses")


class LogMelStatistics(SpeakerNormalised[Options]):
    """Statistics of the log-mel spectrogram."""

    Options = Options

    def misfits(self, chunks: ChunkSpec) -> list[str]:
        """Return why there is no log-mel spectrogram at the study's sample rate, if so."""
        return log_mel_misfits(chunks)

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Return one row of 576 statistics for every labelled and test recording."""
        rows = inputs.scored()
        values = describe(inputs, rows, ("logmel",), self.options.frames)
        return normalised_table(self.options, rows, values, names_of("logmel", inputs.sample_rate))
