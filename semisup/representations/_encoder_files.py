"""What kinds of encoder files share: keys, files that must be there, and their tables."""

from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, TypeVar

import pandas as pd
from pydantic import Field

from semisup.encoders.files import FileEncoder, Input, Run
from semisup.encoders.pooling import Pooling
from semisup.encoders.rows import encoded
from semisup.encoders.sentences import one_sentence
from semisup.engine.artefacts import file_hash
from semisup.errors import SpecError
from semisup.features.contract import KERAS
from semisup.features.inputs import Inputs
from semisup.representations._speakers import BySpeaker, SpeakerNormalised, normalised_table
from semisup.study.paths import find_path, instead_of
from semisup.study.spec import ChunkSpec


class EncoderFile(BySpeaker):
    """Keys of every kind of encoder file."""

    file: str = Field(min_length=1, description="beside the study file, or a path")
    sample_rate: int = Field(
        16000, ge=1000, description="Hz, that it takes; the study's may differ"
    )
    input: Input = Field(
        "waveform",
        description="(n, samples); logmel: (n, frames, 64), natural logarithm, 32 ms every 10 ms; "
        "spectrogram: (n, frames, bins) as of chunks, every 50 ms",
    )
    pooling: Pooling = Field("mean", description="of frames over time, and of windows")
    window_seconds: float = Field(
        30.0, gt=0.1, description="longer recordings are encoded in windows of this length at most"
    )
    pad: bool = Field(
        False,
        description="fill all shorter windows with zeros, for encoders that take one length alone",
    )
    batch_size: int = Field(8, ge=1, description="windows encoded at once")


OptionsType = TypeVar("OptionsType", bound=EncoderFile)


class FromFile(SpeakerNormalised[OptionsType]):
    """Pooled outputs of an encoder in a file."""

    #: The library that runs it, and the command that installs it; "" where it is there always.
    library: ClassVar[str] = ""
    command: ClassVar[str] = ""

    @property
    def libraries(self) -> tuple[str, ...]:
        """Packages that compute it."""
        return (self.library,) if self.library else KERAS

    def run(self, path: Path) -> Run:
        """Read the file and return what runs it."""
        raise NotImplementedError

    def misfits(self, chunks: ChunkSpec) -> list[str]:
        """Return how to install the library where it is missing."""
        if not self.library or find_spec(self.library):
            return []
        return [f"kind '{self.options.kind}' needs {self.library}: {self.command}"]

    def unmet(self, base: Path) -> list[str]:
        """Return that there is no such file, if so."""
        path = self._path(base)
        return [] if path.is_file() else [f"file: there is no {path}; {instead_of(path)}"]

    def watched(self, base: Path) -> list[Path]:
        """Return the file."""
        return [self._path(base)]

    @property
    def outside_code(self) -> str:
        """The file: no exported model takes it along."""
        return self.options.file

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Return one row of pooled outputs for every recording wanted.

        Raises
        ------
        SpecError
            If the file is not there or no encoder, or fails.
        """
        options = self.options
        problems = [*self.misfits(ChunkSpec()), *self.unmet(inputs.base)]
        if problems:
            raise SpecError(problems[0])
        with one_sentence(options.file, "loading"):
            run = self.run(self._path(inputs.base))
        encoder = FileEncoder(
            options.file,
            run,
            options.input,
            options.sample_rate,
            options.window_seconds,
            options.pad,
        )
        asked = [options.kind, options.input, options.window_seconds, options.pad]
        key = [*asked, [file_hash(path) for path in self.watched(inputs.base)]]
        rows = encoded(encoder, inputs, ["frame"], options.pooling, options.batch_size, key)
        return normalised_table(options, rows.recordings, rows.values, rows.names)

    def _path(self, base: Path) -> Path:
        return find_path(self.options.file, base)
