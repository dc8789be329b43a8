"""nEMO: nine Polish actors speak 90 sentences in six emotional states.

In: ``data.tsv`` and ``samples/``; a file that is listed as ``.wav`` may be there as ``.flac``.
Out: one row a listed recording, then those that are not listed, with the reason.
"""

from pathlib import Path, PurePosixPath
from typing import Literal

import pandas as pd

from semisup.corpora._contract import (
    Corpus,
    audio_files,
    emotion_label,
    require_folder,
    scan_table,
    wrong_layout,
)
from semisup.corpora._listings import read_listing
from semisup.study.spec import CorpusSpec
from semisup.study.spelling import renamed

HOLDS = "data.tsv and a folder samples of files such as samples/WR0_surprised_64.wav"
NEEDED = ("file_id", "emotion", "speaker_id", "gender", "age")


class Options(CorpusSpec):
    """`[corpus]` keys of nEMO: none of its own."""

    adapter: Literal["nemo"] = "nemo"


class Nemo(Corpus[Options]):
    """nEMO, in its own layout."""

    Options = Options
    citation = (
        "Christop, I. (2024). nEMO: Dataset of Emotional Speech in Polish. Proceedings of "
        "LREC-COLING 2024, 12111-12116. arXiv:2404.06292"
    )
    licence = "CC BY-NC-SA 4.0"
    source = "https://github.com/amu-cai/nEMO"
    labels = ("valence", "emotion")
    first_label_from = "emotion"

    @classmethod
    def recognises(cls, root: Path) -> bool:
        """Tell whether a folder is laid out as the corpus is."""
        return _is_nemo(root)

    def scan(self, root: Path) -> pd.DataFrame:
        """List the recordings; own columns: emotion, gender, age.

        Raises
        ------
        CorpusError
            If the folder, ``data.tsv`` or one of its columns is missing.
        """
        label = self.chosen_label()
        require_folder(root, "nemo", HOLDS, self.source, _is_nemo)
        if not (root / "data.tsv").is_file():
            raise wrong_layout(root, "nemo", HOLDS, _is_nemo)
        listed = read_listing(root / "data.tsv", NEEDED)
        # by name without suffix: copies of the corpus are compressed to FLAC
        there = {PurePosixPath(path).stem: path for path in audio_files(root, "samples/*")}
        stems = [PurePosixPath(file).stem for file in listed["file_id"]]
        for stem, spelled in renamed(stems, there).items():
            there[stem] = there.pop(spelled)
        rows = [_row(cells, there, label) for cells in listed[list(NEEDED)].itertuples(index=False)]
        rows += [{"path": path, "reason": "not listed in data.tsv"} for path in there.values()]
        return scan_table(rows, ("emotion", "gender", "age"))


def _is_nemo(folder: Path) -> bool:
    return (folder / "data.tsv").is_file() and (folder / "samples").is_dir()


def _row(cells: tuple[str, ...], there: dict[str, str], label: str) -> dict[str, str]:
    """Describe a listed recording and take its file off those that are `there`."""
    file, emotion, speaker, gender, age = cells
    return {
        # A file that is missing keeps its listed name; decoding will say that it is missing.
        "path": there.pop(PurePosixPath(file).stem, f"samples/{file}"),
        **emotion_label(label, emotion),
        "speaker": speaker,
        "gender": gender,
        "age": age,
    }
