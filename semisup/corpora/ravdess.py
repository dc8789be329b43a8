"""RAVDESS: 24 North American actors speak two sentences in eight emotions (speech part).

In: ``Actor_12/03-01-06-01-02-01-12.wav`` (or ``.flac``), with or without a folder above the
actors'; the fields of a name are modality, vocal channel, emotion, intensity, statement,
repetition and actor. Out: one row a recording; song and whatever is not named so have a reason.
"""

from pathlib import Path, PurePosixPath
from typing import Literal

import pandas as pd

from semisup.corpora._contract import (
    Corpus,
    emotion_label,
    first_with_audio,
    scan_table,
)
from semisup.corpora._layout import is_laid_out
from semisup.study.spec import CorpusSpec

HOLDS = "folders Actor_01 to Actor_24 of files such as Actor_12/03-01-06-01-02-01-12.wav"
NAME = r"(?:\d\d-){6}\d\d"
PATTERNS = ("Actor_*/*", "*/Actor_*/*")
EMOTIONS = {
    "01": "neutral",
    "02": "calm",
    "03": "happy",
    "04": "sad",
    "05": "angry",
    "06": "fearful",
    "07": "disgust",
    "08": "surprised",
}
INTENSITIES = {"01": "normal", "02": "strong"}
ACTORS = {f"{number:02d}" for number in range(1, 25)}


class Options(CorpusSpec):
    """`[corpus]` keys of RAVDESS: none of its own."""

    adapter: Literal["ravdess"] = "ravdess"


class Ravdess(Corpus[Options]):
    """The speech part of RAVDESS, in its own layout."""

    Options = Options
    citation = (
        "Livingstone, S. R., & Russo, F. A. (2018). The Ryerson Audio-Visual Database of Emotional "
        "Speech and Song (RAVDESS). PLoS ONE 13(5): e0196391. doi:10.1371/journal.pone.0196391"
    )
    licence = "CC BY-NC-SA 4.0"
    source = "https://zenodo.org/records/1188976 (Audio_Speech_Actors_01-24.zip)"
    labels = ("valence", "emotion")
    first_label_from = "emotion"

    @classmethod
    def recognises(cls, root: Path) -> bool:
        """Tell whether a folder is laid out as the corpus is."""
        return is_laid_out(root, PATTERNS, NAME)

    def scan(self, root: Path) -> pd.DataFrame:
        """List the recordings; own columns: emotion, gender, intensity, statement, repetition.

        Raises
        ------
        CorpusError
            If the folder is missing or holds no ``Actor_..`` folders.
        """
        label = self.chosen_label()
        paths = first_with_audio(root, "ravdess", PATTERNS, HOLDS, self.source, NAME)
        rows = ({"path": path, **_read_name(path, label)} for path in paths)
        return scan_table(rows, ("emotion", "gender", "intensity", "statement", "repetition"))


def _read_name(path: str, label: str) -> dict[str, str]:
    fields = PurePosixPath(path).stem.split("-")
    if len(fields) != 7:
        return {"reason": "its name does not have the seven fields of RAVDESS"}
    modality, channel, emotion, intensity, statement, repetition, actor = fields
    if (modality, channel) != ("03", "01"):
        return {"reason": f"not audio-only speech (03-01) but {modality}-{channel}"}
    if emotion not in EMOTIONS or intensity not in INTENSITIES or actor not in ACTORS:
        return {
            "reason": "its name has a code that RAVDESS does not: "
            f"emotion {emotion}, intensity {intensity}, actor {actor}"
        }
    return {
        **emotion_label(label, EMOTIONS[emotion]),
        "speaker": actor,
        # actors of odd numbers are male: https://zenodo.org/records/1188976
        "gender": "male" if int(actor) % 2 else "female",
        "intensity": INTENSITIES[intensity],
        "statement": statement,
        "repetition": repetition,
    }
