"""openSMILE functionals of the whole recording: eGeMAPS (88) or ComParE 2016 (6373)."""

import warnings
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.engine.artefacts import write_table
from semisup.engine.parallel import batches, map_to_parts
from semisup.errors import BadAudioError, SpecError
from semisup.features.inputs import Inputs
from semisup.recordings.signals import COLUMNS, named, signals_of
from semisup.representations._speakers import BySpeaker, SpeakerNormalised, normalised_table
from semisup.study.spec import ChunkSpec

if TYPE_CHECKING:
    from opensmile import Smile

FeatureSet = Literal["eGeMAPSv02", "ComParE_2016"]
#: Recordings a batch: always the same ones together, whatever the number of jobs.
BATCH = 16
#: openSMILE's licence forbids commercial use, so that it is never installed unasked.
ABSENT = "kind 'opensmile' needs openSMILE: pip install 'semisup[opensmile]'"


class Options(BySpeaker):
    """Keys of a representation of this kind."""

    kind: Literal["opensmile"]
    feature_set: FeatureSet = "eGeMAPSv02"
    sample_rate: int = Field(
        16000, ge=8000, description="Hz, whatever the study's: the sets look at bands up to 5 kHz"
    )


class OpenSmile(SpeakerNormalised[Options]):
    """Functionals of openSMILE."""

    Options = Options
    uses = ("opensmile",)

    def misfits(self, chunks: ChunkSpec) -> list[str]:
        """Return how to install openSMILE where it is missing."""
        return [] if find_spec("opensmile") else [ABSENT]

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Return one row of functionals for every labelled and test recording.

        References
        ----------
        F. Eyben et al., "The Geneva Minimalistic Acoustic Parameter Set (GeMAPS) for Voice Research
        and Affective Computing", IEEE Trans. Affective Computing 7(2), 2016.
        https://doi.org/10.1109/TAFFC.2015.2457417
        """
        if self.misfits(ChunkSpec()):
            raise SpecError(ABSENT)
        rows = inputs.scored()
        items = [(batch, self.options) for batch in batches(rows[COLUMNS], BATCH)]
        # apart: in a process that has TensorFlow loaded, openSMILE 2.6 corrupts the heap
        label = f"openSMILE of {inputs.name}"
        paths = map_to_parts(
            _write_part,
            items,
            inputs.parts_of(
                ["opensmile", self.options.feature_set], rows, self.options.sample_rate
            ),
            ".parquet",
            inputs.workers,
            label,
            "recordings",
            [len(batch) for batch, _ in items],
            [named(label, batch["path"]) for batch, _ in items],
            apart=True,
        )
        table = pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)
        return normalised_table(self.options, rows, table.to_numpy(), list(table.columns))


@cache
def _extractor(feature_set: FeatureSet) -> "Smile":
    import opensmile

    return opensmile.Smile(
        feature_set=opensmile.FeatureSet[feature_set],
        feature_level=opensmile.FeatureLevel.Functionals,
    )


def _write_part(item: tuple[pd.DataFrame, Options], path: Path) -> None:
    rows, options = item
    signals = signals_of(rows, options.sample_rate)
    values = [
        _functionals(options, signal, recording)
        for signal, recording in zip(signals, rows["path"], strict=True)
    ]
    names = list(_extractor(options.feature_set).feature_names)
    write_table(path, pd.DataFrame(np.stack(values), columns=names))


def _functionals(options: Options, signal: np.ndarray, path: str) -> np.ndarray:
    """Return the functionals of one recording, (n_features,), float32; the path is for errors."""
    # openSMILE turns samples into 16-bit integers, of which 1.0 and what resampling adds wrap round
    clipped = np.clip(signal, -1, 1 - 2**-15).astype(np.float32)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Segment too short")
        values = _extractor(options.feature_set)(clipped, options.sample_rate).reshape(-1)
    if not np.isfinite(values).all():
        raise BadAudioError(
            f"{path}: openSMILE gives {int((~np.isfinite(values)).sum())} of {values.size} "
            f"functionals of {options.feature_set} as NaN for its "
            f"{signal.size / options.sample_rate:g} s"
        )
    return values
