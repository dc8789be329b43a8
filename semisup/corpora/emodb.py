"""EmoDB: ten German actors speak ten sentences in seven emotions (Berlin database).

In: ``wav/03a01Fa.wav``: speaker 03, text a01, emotion F (Freude), version a. Out: one row a
recording; a file that is not named so has a reason.
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
from semisup.study.spec import CorpusSpec

HOLDS = "a folder wav of files such as wav/03a01Fa.wav"
PATTERNS = ("wav/*", "*.*")
#: By the first letter of the German word: Wut, Langeweile, Ekel, Angst, Freude, Trauer, neutral.
EMOTIONS = {
    "W": "anger",
    "L": "boredom",
    "E": "disgust",
    "A": "fear",
    "F": "happiness",
    "T": "sadness",
    "N": "neutral",
}
GENDERS = {
    **dict.fromkeys(("03", "10", "11", "12", "15"), "male"),
    **dict.fromkeys(("08", "09", "13", "14", "16"), "female"),
}
_NAME = re.compile(r"(\d\d)([ab]\d\d)([WLEAFTN])([a-z]?)")


class Options(CorpusSpec):
    """`[corpus]` keys of EmoDB: none of its own."""

    adapter: Literal["emodb"] = "emodb"


class EmoDb(Corpus[Options]):
    """The Berlin Database of Emotional Speech, in its own layout."""

    Options = Options
    citation = (
        "Burkhardt, F., Paeschke, A., Rolfes, M., Sendlmeier, W., & Weiss, B. (2005). A Database "
        "of German Emotional Speech. Proceedings of Interspeech 2005, 1517-1520. "
        "doi:10.21437/Interspeech.2005-446"
    )
    licence = "free to use with citation, as its site says"
    source = "http://emodb.bilderbar.info"
    labels = ("valence", "emotion")
    first_label_from = "emotion"

    @classmethod
    def recognises(cls, root: Path) -> bool:
        """Tell whether a folder is laid out as the corpus is."""
        return is_laid_out(root, PATTERNS, _NAME.pattern)

    def scan(self, root: Path) -> pd.DataFrame:
        """List the recordings; own columns: emotion, gender, text, version.

        Raises
        ------
        CorpusError
            If the folder is missing or holds no audio.
        """
        label = self.chosen_label()
        paths = first_with_audio(root, "emodb", PATTERNS, HOLDS, self.source, _NAME.pattern)
        rows = ({"path": path, **_read_name(path, label)} for path in paths)
        return scan_table(rows, ("emotion", "gender", "text", "version"))


def _read_name(path: str, label: str) -> dict[str, str]:
    match = _NAME.fullmatch(PurePosixPath(path).stem)
    if match is None:
        return {"reason": "its name is not of the form 03a01Fa"}
    speaker, text, letter, version = match.groups()
    return {
        **emotion_label(label, EMOTIONS[letter]),
        "speaker": speaker,
        "gender": GENDERS.get(speaker, ""),
        "text": text,
        "version": version,
    }
