"""How a recording differs from the speaker's others: components of log-mel and prosody statistics.

Descriptors are standardised by the speaker's own recordings before anything is fitted or projected:
see `_speakers` for what that asks of the data. docs/REPRESENTATIONS.md says how the defaults were
chosen.
"""

from typing import Literal

from pydantic import Field

from semisup.representations._components import ComponentOptions, Components
from semisup.representations._descriptors import Block, Frames
from semisup.representations._speakers import Normalisation


class Options(ComponentOptions):
    """Keys of a representation of this kind."""

    kind: Literal["voice_pca"]
    descriptors: tuple[Block, ...] = Field(("logmel", "prosody"), min_length=1)
    frames: Frames = "speech"
    speaker_normalisation: Normalisation = "standard"
    components: int = Field(10, ge=1, description="principal components in them")


class VoicePca(Components[Options]):
    """Components of log-mel and prosody statistics, by speaker."""

    Options = Options
