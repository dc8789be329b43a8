"""A search: all that it depends on, and what follows from that for each of its trials."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from semisup.features.inputs import Inputs
from semisup.networks.models import Rows
from semisup.representations.autoencoder import Options, rows_to_train_and_validate
from semisup.study.tuning_spec import TuningSpec
from semisup.tuning.choice import Measure
from semisup.tuning.measures import mean_logarithm


@dataclass(frozen=True)
class Search:
    """All that a search depends on.

    Parameters
    ----------
    tuning : TuningSpec
        What is searched, and how.
    options : Options
        Of the representation: what is not searched.
    inputs : Inputs
        Of the representation. Its folder gets `tuning.db` and `trials/`.
    architectures : tuple of str
        Those to try.
    fingerprint : str
        Of data, options and space.
    labels : Series of str, optional
        Label by recording of the labelled subset; for the objective "probe" alone.
    """

    tuning: TuningSpec
    options: Options
    inputs: Inputs
    architectures: tuple[str, ...]
    fingerprint: str
    labels: pd.Series | None = None

    @property
    def folder(self) -> Path:
        """Where the folders of the trials are."""
        return self.inputs.folder / "trials" / self.fingerprint[:16]

    @property
    def measure(self) -> Measure:
        """What trials are ranked by."""
        if self.tuning.objective == "probe":
            return Measure("uar", "probe UAR", higher_is_better=True)
        if self.tuning.mixes_losses():
            return Measure("relative_error", "relative error")
        return Measure("val_loss", "validation loss")

    @cached_property
    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the chunks to train on, and of those to validate on."""
        return rows_to_train_and_validate(self.options, self.inputs)

    @cached_property
    def validation_speakers(self) -> np.ndarray:
        """The speaker of each validation chunk; an unknown one is the recording itself."""
        recordings = self.inputs.chunk_index["recording"].iloc[self.rows[1]]
        speakers = recordings.map(self.inputs.speakers)
        # no name begins with NUL: a recording is never taken for a speaker
        return speakers.where(speakers != "", "\0" + recordings).to_numpy(dtype=str)

    @cached_property
    def mean_logarithm(self) -> np.ndarray:
        """The mean spectrogram of the training chunks, log magnitudes."""
        return mean_logarithm(Rows(self.inputs.chunks, self.rows[0]))

    def trial_options(self, architecture: str, values: dict[str, Any]) -> Options:
        """Return the representation's options, with a trial's values in place of those searched."""
        # without defaults, as some follow from the trial's values: the loss from the scaling
        kept = self.options.model_dump(exclude=set(self.tuning.searched()), exclude_unset=True)
        limited = {**kept, **self.tuning.limits(), **values}
        return Options.model_validate({**limited, "architecture": architecture})

    def values(self, trial: pd.Series) -> dict[str, Any]:
        """Return the searched values of a row of the table of trials."""
        return {key: _plain(trial[column_of(key)]) for key in self.tuning.searched()}


def column_of(key: str) -> str:
    """Return the column of a searched key: `loss` is the loss that was reached."""
    return "loss_function" if key == "loss" else key


def _plain(value: Any) -> Any:
    # pandas gives NumPy's integers, which JSON cannot write
    return value.item() if isinstance(value, np.generic) else value
