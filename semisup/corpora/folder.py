"""Any folder of class sub-folders; the speaker is found in the path by a regular expression.

In: ``<class>/.../<file>``. Out: one row a recording. A corpus of role "unlabelled" needs no class
folders.
"""

from pathlib import Path
from typing import Literal

import pandas as pd

from semisup.corpora._contract import Corpus, audio_files
from semisup.corpora._folders import Contents, scan_folders
from semisup.corpora._naming import Naming
from semisup.recordings.formats import is_audio

HOLDS = "a sub-folder of audio files for every class"


class Options(Naming):
    """`[corpus]` keys of a folder."""

    adapter: Literal["folder"] = "folder"


class Folder(Corpus[Options]):
    """Class sub-folders of audio files."""

    Options = Options
    citation = "Cite the corpus that the folder holds."
    licence = "as the corpus that the folder holds"
    source = "your own recordings"
    labels = ("label",)
    renames = True

    def scan(self, root: Path) -> pd.DataFrame:
        """List the recordings; the label is the first folder of the path, or what a pattern finds.

        Raises
        ------
        CorpusError
            If the folder is missing, has no class folders, or lacks a class that is asked for.
        """
        self.chosen_label()
        contents = Contents(audio_files, is_audio, "audio", HOLDS, self.source)
        return scan_folders(root, self.options, contents)
