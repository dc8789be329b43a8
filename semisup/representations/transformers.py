"""Frames of a pretrained audio encoder of the library transformers, pooled over the recording."""

from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.encoders.folder import (
    config_of,
    files_of,
    folder_of,
    layer_count,
    what_is_missing,
)
from semisup.encoders.pooling import Pooling
from semisup.encoders.pretrained import Described
from semisup.encoders.rows import encoded, layer_sizes
from semisup.encoders.transformers_models import (
    ABSENT,
    Source,
    TransformersEncoder,
    is_installed,
)
from semisup.engine.artefacts import file_hash
from semisup.errors import SpecError
from semisup.features.contract import PreparedRows
from semisup.features.inputs import Inputs
from semisup.representations._speakers import BySpeaker, SpeakerNormalised, normalised_table
from semisup.representations.columns import Options as ColumnsOptions
from semisup.study.controls import Control
from semisup.study.spec import ChunkSpec, RepresentationSpec

#: Seconds of a recording that an encoder is trained on, unless window_seconds says otherwise:
#: training keeps what each layer gives, whose attention grows with their square.
TUNED = 10.0
Number = Annotated[int, Field(ge=0)]


class Options(BySpeaker):
    """Keys of a representation of this kind."""

    kind: Literal["transformers"]
    model: str = Field(min_length=1, description="its folder, or its name on the Hugging Face hub")
    revision: str = Field("", description="commit on the hub, where model is a name")
    layer: (
        Number | Literal["last", "mean", "all"] | Annotated[list[Number], Field(min_length=1)]
    ) = Field(
        "last",
        description="0 is what enters the first layer; all, or a list: each layer is a "
        "representation by itself, `NAME.layer_00` and so on, of one pass",
    )
    pooling: Pooling = Field("mean", description="of the frames over time")
    window_seconds: float | None = Field(
        None,
        gt=0.1,
        description="longer recordings are encoded in windows of this length; 30, or as long as "
        "the model takes, if left out",
    )
    batch_size: int = Field(8, ge=1, description="windows encoded at once")
    weights: Literal["pretrained", "random"] = Field(
        "pretrained", description="random: the same network with weights drawn from the seed"
    )
    trust_pickle: bool = Field(
        False, description="read weights that are not safetensors, which can run code"
    )
    float16: bool = Field(True, description="on a GPU; on a processor it is float32")


class Transformers(SpeakerNormalised[Options]):
    """Pooled frames of one or several layers."""

    Options = Options
    encoder = "encoder.json"
    encoder_of = "torch"
    uses = ("torch", "transformers")
    fine_tuning = MappingProxyType({"fine_tuning_rate": 3e-5})

    def members(self, name: str, base: Path) -> dict[str, RepresentationSpec]:
        """Return a representation for each layer, where several are asked for."""
        numbers = self._numbers(base)
        # normalised by speaker are the layers, each by itself
        bare = self.options.model_copy(update={"speaker_normalisation": "none"})
        layers: dict[str, RepresentationSpec] = {
            f"{name}.layer_{number:02d}": ColumnsOptions(
                kind="columns",
                of=name,
                begin=f"layer_{number:02d}_",
                speaker_normalisation=self.options.speaker_normalisation,
                min_recordings=self.options.min_recordings,
            )
            for number in numbers
        }
        return {name: bare} | layers if layers else {}

    def _numbers(self, base: Path) -> list[int]:
        """Return the layers, where each is a representation by itself; else none."""
        options = self.options
        if isinstance(options.layer, list):
            return options.layer
        # of a model that is not there, `unmet` tells
        if options.layer != "all" or self.unmet(base):
            return []
        count = layer_count(config_of(options.model, options.revision, base))
        if count is None:
            raise SpecError(
                f"layer: config.json of '{options.model}' does not tell how many layers there "
                "are; list them, as in layer = [0, 6, 12]"
            )
        return list(range(count))

    def controls(self) -> dict[Control, RepresentationSpec]:
        """Return the same network untrained."""
        if self.options.weights == "random":
            return {}
        return {"untrained": self.options.model_copy(update={"weights": "random"})}

    def misfits(self, chunks: ChunkSpec) -> list[str]:
        """Return how to install the libraries where they are missing."""
        return [] if is_installed() else [ABSENT]

    def unmet(self, base: Path) -> list[str]:
        """Return that there is no such model, or none that may be read."""
        options = self.options
        why = what_is_missing(options.model, options.revision, options.trust_pickle, base)
        return [why] if why else []

    def watched(self, base: Path) -> list[Path]:
        """Return the files of a model's folder; on the hub its commit says all."""
        folder = folder_of(self.options.model, base)
        return files_of(folder) if folder else []

    @property
    def outside_code(self) -> str:
        """The model: no exported system takes it along."""
        return self.options.model

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Return one row of pooled frames for every recording wanted.

        Raises
        ------
        SpecError
            If the model cannot be had, or is no audio encoder.
        """
        options, source = self.options, self._source(inputs)
        layer = tuple(options.layer) if isinstance(options.layer, list) else options.layer
        encoder = TransformersEncoder(source, layer, options.window_seconds)
        prefixes = ["frame"]
        if layer == "all" or isinstance(layer, tuple):
            numbers = layer if isinstance(layer, tuple) else range(len(layer_sizes(encoder)))
            prefixes = [f"layer_{number:02d}" for number in numbers]
        # a run that goes on elsewhere never mixes what a GPU has rounded with what it has not
        precision = str(encoder.model.dtype)
        asked = [options.model, options.revision, options.weights, inputs.seed, precision]
        files = [file_hash(path) for path in self.watched(inputs.base)]
        key = ["transformers", *asked, options.layer, encoder.seconds, files]
        rows = encoded(encoder, inputs, prefixes, options.pooling, options.batch_size, key)
        return normalised_table(options, rows.recordings, rows.values, rows.names)

    def encoder_rows(self, inputs: Inputs) -> PreparedRows:
        """Return the middle of each recording asked for, filled up with NaN to the longest."""
        rows, seconds = inputs.scored(), self._seconds(inputs)
        encoder = TransformersEncoder(self._source(inputs), "last", seconds)
        signals = inputs.of_signals(
            partial(middle, seconds=seconds),
            rows,
            encoder.sample_rate,
            f"waveforms of {inputs.name}",
        )
        x = np.full((len(rows), max(map(len, signals))), np.nan, np.float32)
        for row, signal in zip(x, signals, strict=True):
            row[: len(signal)] = signal
        index = rows[["recording"]].assign(chunk=np.int32(-1)).reset_index(drop=True)
        return PreparedRows(index, x)

    def described_encoder(self, inputs: Inputs) -> dict[str, Any]:
        """Return model, layer and pooling."""
        options = self.options
        assert not isinstance(options.layer, list)  # each is a representation by itself
        return Described(
            self._source(inputs),
            options.layer,
            options.pooling,
            self._seconds(inputs),
            options.batch_size,
        ).written()

    def _seconds(self, inputs: Inputs) -> float:
        """Return how much of a recording an encoder that is trained on reads at most."""
        if self.options.window_seconds:
            return self.options.window_seconds
        return min(TUNED, TransformersEncoder(self._source(inputs), "last").seconds)

    def _source(self, inputs: Inputs) -> Source:
        options = self.options
        return Source(
            options.model,
            options.revision,
            inputs.base,
            options.trust_pickle,
            options.weights == "random",
            inputs.seed,
            options.float16,
        )


def middle(signal: np.ndarray, sample_rate: int, seconds: float) -> np.ndarray:
    """Return at most so many seconds from the middle of a signal, float32."""
    length = int(seconds * sample_rate)
    start = max(0, (len(signal) - length) // 2)
    return signal[start : start + length].astype(np.float32)
