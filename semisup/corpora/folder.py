"""Any folder of class sub-folders; the speaker is found in the path by a regular expression.

In: ``<class>/.../<file>``. Out: one row a recording. A corpus of role "unlabelled" needs no class
folders.
"""

import re
from pathlib import Path, PurePosixPath
from typing import Literal

import pandas as pd
from pydantic import Field, field_validator

from semisup.corpora._contract import chosen_label, first_with_audio, scan_table, wrong_layout
from semisup.errors import CorpusError
from semisup.spec import CorpusSpec

CITATION = "Cite the corpus that the folder holds."
LICENCE = "as the corpus that the folder holds"
SOURCE = "your own recordings"
LABELS = ("label",)

HOLDS = "a sub-folder of audio files for every class"


class Options(CorpusSpec):
    """`[corpus]` keys of a folder."""

    adapter: Literal["folder"] = "folder"
    speaker_pattern: str | None = Field(
        None,
        description="regular expression searched in the path below the root; its group 'speaker', "
        "or its first, is the speaker; speakers are unknown if left out",
    )
    classes: list[str] | None = Field(None, min_length=1, description="all folders if left out")

    @field_validator("speaker_pattern")
    @classmethod
    def _has_a_group(cls, value: str | None) -> str | None:
        if value is None:
            return value
        try:
            groups = re.compile(value).groups
        except re.error as error:
            raise ValueError(f"'{value}' is not a regular expression: {error}") from error
        if groups == 0:
            raise ValueError(f"'{value}' has no group in parentheses to take the speaker from")
        return value


def scan(root: Path, options: Options) -> pd.DataFrame:
    """List the recordings; the first folder of the path is the label.

    Raises
    ------
    CorpusError
        If the folder is missing, has no class folders, or lacks a class that is asked for.
    """
    chosen_label(options, LABELS)
    paths = first_with_audio(root, "folder", ("**/*",), HOLDS, SOURCE)
    classes = {_class(path) for path in paths} - {""}
    if not classes and options.role == "all":
        raise wrong_layout(root, "folder", HOLDS)
    if options.classes is not None:
        missing = set(options.classes) - classes
        if missing:
            raise CorpusError(
                f"The folder {root} has no class {', '.join(sorted(missing))} with audio in it; "
                f"it has {', '.join(sorted(classes)) or 'none'}"
            )
        paths = [path for path in paths if _class(path) in options.classes]
    return scan_table(_row(path, options.speaker_pattern) for path in paths)


def _class(path: str) -> str:
    first, *rest = PurePosixPath(path).parts
    return first if rest else ""


def _row(path: str, pattern: str | None) -> dict[str, str]:
    label = _class(path)
    row = {"path": path, "label": label, "no_label": "" if label else "it is in no class folder"}
    if pattern is None:
        return row
    match = re.search(pattern, path)
    if match is None:
        return {**row, "reason": f"speaker_pattern '{pattern}' does not match its path"}
    speaker = match["speaker" if "speaker" in match.re.groupindex else 1]
    if not speaker:
        return {**row, "reason": f"speaker_pattern '{pattern}' finds no speaker in its path"}
    return {**row, "speaker": speaker}
