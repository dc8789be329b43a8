"""Any folder of class sub-folders of pictures, such as spectrograms that others have drawn.

In: ``<class>/.../<file>`` as PNG, JPEG, BMP, WebP or TIFF. Out: one row a picture, which is a
recording without sound: the kinds `picture` and `vgg16` take it.
"""

from functools import partial
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import field_validator

from semisup.corpora._contract import Corpus, files_of
from semisup.corpora._folders import Contents, scan_folders
from semisup.corpora._naming import Naming
from semisup.recordings.pictures import SUFFIXES, is_picture

HOLDS = "a sub-folder of pictures for every class"


class Options(Naming):
    """`[corpus]` keys of a folder of pictures."""

    adapter: Literal["pictures"] = "pictures"

    @field_validator("excerpt_seconds")
    @classmethod
    def _has_no_seconds(cls, value: float | None) -> float | None:
        if value is not None:
            raise ValueError("pictures have no seconds to cut")
        return value


class Pictures(Corpus[Options]):
    """Class sub-folders of pictures."""

    Options = Options
    citation = "Cite the corpus that the pictures are of."
    licence = "as the corpus that the pictures are of"
    source = "your own pictures"
    labels = ("label",)
    renames = True

    def scan(self, root: Path) -> pd.DataFrame:
        """List the pictures; the label is the first folder of the path, or what a pattern finds.

        Raises
        ------
        CorpusError
            If the folder is missing, has no class folders, or lacks a class that is asked for.
        """
        self.chosen_label()
        files = partial(files_of, suffixes=SUFFIXES)
        contents = Contents(files, is_picture, "pictures", HOLDS, self.source)
        return scan_folders(root, self.options, contents)
