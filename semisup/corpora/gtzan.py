"""GTZAN: music of ten genres, 100 excerpts of 30 s of each; the group is the track.

In: ``blues/blues.00000.wav`` (``.au``, ``.flac``), in the root or in ``genres`` or
``genres_original``. Out: one row a track; a file that is not named after its folder has a reason.
"""

import re
from pathlib import Path, PurePosixPath
from typing import Literal

import pandas as pd
from pydantic import Field

from semisup.corpora._contract import Corpus, first_with_audio, scan_table
from semisup.corpora._layout import is_laid_out
from semisup.errors import CorpusError
from semisup.study.spec import CorpusSpec

HOLDS = "a folder a genre of files such as blues/blues.00000.wav"
#: The last is how the copy on Kaggle lies: Data/genres_original.
PATTERNS = ("*/*", "genres/*/*", "genres_original/*/*", "*/genres_original/*/*")
_NAME = re.compile(r"(?:^|/)([^/]+)/(\1\.\d{5})\.\w+$")


class Options(CorpusSpec):
    """`[corpus]` keys of GTZAN."""

    adapter: Literal["gtzan"] = "gtzan"
    genres: list[str] | None = Field(None, min_length=1, description="all if left out")


class Gtzan(Corpus[Options]):
    """GTZAN, in its own layout."""

    Options = Options
    citation = (
        "Tzanetakis, G., & Cook, P. (2002). Musical Genre Classification of Audio Signals. IEEE "
        "Transactions on Speech and Audio Processing 10(5), 293-302. doi:10.1109/TSA.2002.800560"
    )
    licence = "none given; the music is under copyright, for research use"
    source = "https://huggingface.co/datasets/marsyas/gtzan"
    labels = ("genre",)

    @classmethod
    def recognises(cls, root: Path) -> bool:
        """Tell whether a folder is laid out as the corpus is."""
        return is_laid_out(root, PATTERNS, r"([^/]+)/\1\.\d{5}")

    def scan(self, root: Path) -> pd.DataFrame:
        """List the tracks; the speaker is the track, such as ``blues.00000``.

        Raises
        ------
        CorpusError
            If the folder is missing, holds no tracks, or none of a genre that is asked for.
        """
        self.chosen_label()
        paths = first_with_audio(root, "gtzan", PATTERNS, HOLDS, self.source, r"\w+\.\d{5}")
        genres = {PurePosixPath(path).parent.name for path in paths}
        wanted = genres if self.options.genres is None else set(self.options.genres)
        if wanted - genres:
            raise CorpusError(
                f"The gtzan folder {root} has no tracks of {', '.join(sorted(wanted - genres))}; "
                f"it has {', '.join(sorted(genres))}"
            )
        return scan_table(_row(path) for path in paths if PurePosixPath(path).parent.name in wanted)


def _row(path: str) -> dict[str, str]:
    match = _NAME.search(path)
    if match is None:
        return {"path": path, "reason": "its name is not its genre and a number of five digits"}
    return {"path": path, "label": match[1], "speaker": match[2]}
