"""ESC-50: 2,000 environmental sounds of 5 s in 50 classes; the group is the source clip.

In: ``meta/esc50.csv`` and ``audio/1-100032-A-0.wav``. Out: one row a listed recording, then those
that are not listed, with the reason. Recordings that were cut from one clip of Freesound share it
as their speaker, so that they are never in two subsets; the five published folds are the column
``fold``, which `[split] strategy = "column"` takes.
"""

from pathlib import Path, PurePosixPath
from typing import Literal

import pandas as pd

from semisup.corpora._contract import Corpus, audio_files, require_folder, scan_table, wrong_layout
from semisup.corpora._listings import read_listing
from semisup.study.spec import CorpusSpec

HOLDS = "meta/esc50.csv and a folder audio of files such as audio/1-100032-A-0.wav"
LISTING = "meta/esc50.csv"
NEEDED = ("filename", "fold", "target", "category", "esc10", "src_file")
#: Of ten classes each, in the order of their numbers.
GROUPS = ("animals", "nature", "human", "interior", "urban")


class Options(CorpusSpec):
    """`[corpus]` keys of ESC-50: none of its own."""

    adapter: Literal["esc50"] = "esc50"


class Esc50(Corpus[Options]):
    """ESC-50, in its own layout."""

    Options = Options
    citation = (
        "Piczak, K. J. (2015). ESC: Dataset for Environmental Sound Classification. Proceedings of "
        "the 23rd ACM International Conference on Multimedia, 1015-1018. "
        "doi:10.1145/2733373.2806390"
    )
    licence = "CC BY-NC 3.0"
    source = "https://github.com/karolpiczak/ESC-50"
    labels = ("category", "group")

    @classmethod
    def recognises(cls, root: Path) -> bool:
        """Tell whether a folder is laid out as the corpus is."""
        return (root / LISTING).is_file()

    def scan(self, root: Path) -> pd.DataFrame:
        """List the recordings; own columns: category, group, fold, esc10.

        Raises
        ------
        CorpusError
            If the folder, its table or one of the table's columns is missing.
        """
        label = self.chosen_label()
        require_folder(root, "esc50", HOLDS, self.source, self.recognises)
        if not self.recognises(root):
            raise wrong_layout(root, "esc50", HOLDS, self.recognises)
        listed = read_listing(root / LISTING, NEEDED)
        # by name without suffix: copies of the corpus are compressed
        there = {PurePosixPath(path).stem: path for path in audio_files(root, "audio/*")}
        rows = [_row(cells, there, label) for cells in listed[list(NEEDED)].to_dict("records")]
        rows += [{"path": path, "reason": f"not listed in {LISTING}"} for path in there.values()]
        return scan_table(rows, ("category", "group", "fold", "esc10"))


def _row(cells: dict[str, str], there: dict[str, str], label: str) -> dict[str, str]:
    """Describe a listed recording and take its file off those that are `there`."""
    file = cells["filename"]
    named = {"category": cells["category"], "group": _group(cells["target"])}
    return {
        # a file that is missing keeps its listed name; decoding will say that it is missing
        "path": there.pop(PurePosixPath(file).stem, f"audio/{file}"),
        "label": named[label],
        "speaker": cells["src_file"],
        "fold": cells["fold"],
        "esc10": cells["esc10"].lower(),
        **named,
    }


def _group(target: str) -> str:
    number = int(target) // 10 if target.isdecimal() else len(GROUPS)
    return GROUPS[number] if number < len(GROUPS) else ""
