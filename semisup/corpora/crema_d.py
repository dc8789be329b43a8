"""CREMA-D: 91 actors of many origins speak twelve English sentences in six emotions.

In: ``AudioWAV/1001_DFA_ANG_XX.wav`` (actor, sentence, emotion, intensity) and, for the gender,
``VideoDemographics.csv`` if it is there. Out: one row a recording; a file that is not named so has
a reason.
"""

import re
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
from semisup.corpora._listings import read_listing
from semisup.study.spec import CorpusSpec

HOLDS = "a folder AudioWAV of files such as AudioWAV/1001_DFA_ANG_XX.wav"
NAME = r"\d{4}_[A-Z]{3}_[A-Z]{3}_\w+"
PATTERNS = ("AudioWAV/*", "*.*")
EMOTIONS = {
    "ANG": "anger",
    "DIS": "disgust",
    "FEA": "fear",
    "HAP": "happiness",
    "NEU": "neutral",
    "SAD": "sadness",
}
#: One file of the corpus writes X for XX.
INTENSITIES = {"LO": "low", "MD": "medium", "HI": "high", "XX": "", "X": ""}
_NAME = re.compile(r"(\d{4})_([A-Z]{3})_([A-Z]{3})_([A-Z]{1,2})")


class Options(CorpusSpec):
    """`[corpus]` keys of CREMA-D: none of its own."""

    adapter: Literal["crema_d"] = "crema_d"


class CremaD(Corpus[Options]):
    """CREMA-D, in its own layout."""

    Options = Options
    citation = (
        "Cao, H., Cooper, D. G., Keutmann, M. K., Gur, R. C., Nenkova, A., & Verma, R. (2014). "
        "CREMA-D: Crowd-sourced Emotional Multimodal Actors Dataset. IEEE Transactions on "
        "Affective Computing 5(4), 377-390. doi:10.1109/TAFFC.2014.2336244"
    )
    licence = "Open Database License (ODbL) 1.0"
    source = "https://github.com/CheyneyComputerScience/CREMA-D"
    labels = ("valence", "emotion")
    first_label_from = "emotion"

    @classmethod
    def recognises(cls, root: Path) -> bool:
        """Tell whether a folder is laid out as the corpus is."""
        return is_laid_out(root, PATTERNS, NAME)

    def scan(self, root: Path) -> pd.DataFrame:
        """List the recordings; own columns: emotion, gender, sentence, intensity ("" if not given).

        Raises
        ------
        CorpusError
            If the folder is missing or holds no audio.
        """
        label = self.chosen_label()
        paths = first_with_audio(root, "crema_d", PATTERNS, HOLDS, self.source, NAME)
        genders = _genders(root / "VideoDemographics.csv")
        rows = ({"path": path, **_read_name(path, label, genders)} for path in paths)
        return scan_table(rows, ("emotion", "gender", "sentence", "intensity"))


def _genders(path: Path) -> dict[str, str]:
    """Return "female" or "male" by actor, nothing where the corpus came without the table."""
    if not path.is_file():
        return {}
    actors = read_listing(path, ("ActorID", "Sex"))
    return dict(zip(actors["ActorID"], actors["Sex"].str.lower(), strict=True))


def _read_name(path: str, label: str, genders: dict[str, str]) -> dict[str, str]:
    match = _NAME.fullmatch(PurePosixPath(path).stem)
    if match is None:
        return {"reason": "its name is not of the form 1001_DFA_ANG_XX"}
    speaker, sentence, emotion, intensity = match.groups()
    if emotion not in EMOTIONS or intensity not in INTENSITIES:
        return {"reason": f"its name has a code that CREMA-D does not: {emotion}_{intensity}"}
    return {
        **emotion_label(label, EMOTIONS[emotion]),
        "speaker": speaker,
        "gender": genders.get(speaker, ""),
        "sentence": sentence,
        "intensity": INTENSITIES[intensity],
    }
