"""Hidden states of an LSTM over MFCC that is trained to tell the classes of a label budget."""

from functools import partial
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from semisup.engine.progress import say
from semisup.features.inputs import Inputs
from semisup.features.label_dependent import (
    Fitted,
    LabelDependent,
    LabelDependentSpec,
    Labelled,
    PreparedRows,
)
from semisup.networks.backend import import_keras
from semisup.networks.held_out import held_out
from semisup.representations._controls import untrained
from semisup.representations._lstm_network import (
    STATES,
    Pooling,
    build_network,
    encode_frames,
    frame_moments,
    part_of,
)
from semisup.representations._lstm_training import train_lstm
from semisup.representations._mfcc_frames import FrameOptions, read_frames
from semisup.representations._sequence_training import SequenceTraining
from semisup.signals.mfcc import BANDS
from semisup.study.controls import Control
from semisup.study.spec import RepresentationSpec

OUTPUTS = ("timestamps", "last", "mean", "attention", "logits")


class Options(FrameOptions, SequenceTraining, LabelDependentSpec):
    """Keys of a representation of this kind."""

    kind: Literal["lstm"]
    output: Literal["timestamps", "last", "mean", "attention", "logits"] = Field(
        "mean",
        description="all hidden states side by side, the last, their mean plain or weighted by "
        "attention, or the scores of the classes",
    )
    pooling: Pooling = Field("mean", description="what the training classifies")
    coefficients: int = Field(40, ge=1, le=BANDS, description="MFCC a frame")
    units: int = Field(64, ge=1, description="size of a hidden state")
    batch_size: int = Field(16, ge=1, description="recordings")
    epochs: int = Field(60, ge=0, description="at most; 0 leaves the network untrained")
    validation_share: float = Field(
        0.25, gt=0, lt=1, description="of a class's recordings in the label budget, one at least"
    )

    @model_validator(mode="after")
    def _gives_its_output(self) -> "Options":
        if self.output == "attention" and self.pooling != "attention":
            raise ValueError(
                "output = 'attention' needs pooling = 'attention', which learns the weights of the "
                f"frames; got pooling = '{self.pooling}'"
            )
        return self


class Lstm(LabelDependent[Options]):
    """Hidden states of an LSTM."""

    Options = Options
    outputs = OUTPUTS

    def controls(self) -> dict[Control, RepresentationSpec]:
        """Return the untrained network; of so many frames there is no projection of their size."""
        return {"untrained": untrained(self.options)}

    def rows(self, inputs: Inputs) -> PreparedRows:
        """Return the MFCC of all recordings, (n, frames, coefficients), as long as the shortest."""
        frames = read_frames(inputs, inputs.recordings, self.options, self.options.coefficients)
        shortest = min(map(len, frames))
        say(f"  {inputs.name}: recordings trimmed to the {shortest} frames of the shortest")
        index = pd.DataFrame({"recording": inputs.recordings["recording"].to_numpy(), "chunk": -1})
        return PreparedRows(index, np.stack([recording[:shortest] for recording in frames]))

    def refit(
        self, labelled: Labelled, unlabelled: np.ndarray, n_classes: int, seed: int
    ) -> Fitted:
        """Train on the recordings of a label budget; the unlabelled ones are of no use to it.

        Parameters
        ----------
        labelled : Labelled
            Frames (n, n_frames, coefficients) with the classes of the budget.
        unlabelled : ndarray of shape (m, n_frames, coefficients)
            Not looked at.
        n_classes : int
        seed : int
            Of the initial weights, the recordings held out and the order of the batches.

        Returns
        -------
        Fitted
            Its history has accuracy and val_accuracy, its model gives the hidden states of any
            number of frames, and it encodes `OUTPUTS`: "attention" only where it pools by it.
        """
        watched = held_out(labelled.classes, labelled.owner, self.options.validation_share, seed)
        # of the frames trained on alone: those held out must not show in what goes in
        scaling = frame_moments(labelled.x[~watched])
        inputs = import_keras().Input((None, labelled.x.shape[2]), name="mfcc")
        layout = self.options.units, self.options.pooling, n_classes
        network = build_network(inputs, *layout, seed, scaling)
        # scaled outside once, not in every epoch; the network kept scales by itself
        scaled = labelled._replace(x=scaling.standardisation().apply(labelled.x))
        history = train_lstm(network, layout, self.options, scaled, watched, seed)
        # the name tells `semisup.hear.lstm` which frames the model takes
        name = f"lstm_{self.options.sample_rate}_hz_hop_{self.options.hop_length}"
        return Fitted(history, partial(encode_frames, network), part_of(network, STATES, name))
