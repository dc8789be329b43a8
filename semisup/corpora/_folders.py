"""Class sub-folders of files: what the adapters `folder` and `pictures` have in common.

In: ``<class>/.../<file>``. Out: one row a file. A corpus of role "unlabelled" needs no class
folders.
"""

import re
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pandas as pd
from pydantic import Field, field_validator

from semisup.corpora._contract import files_of, require_folder, scan_table, wrong_layout
from semisup.errors import CorpusError
from semisup.study.spec import CorpusSpec


class Folders(CorpusSpec):
    """`[corpus]` keys of class sub-folders."""

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


class Contents(NamedTuple):
    """What an adapter looks for in the folders.

    Parameters
    ----------
    suffixes : tuple of str
        Of its files.
    what : str
        What they are, as in "no class with audio in it".
    holds, source : str
        What the root should hold and where to get it.
    """

    suffixes: tuple[str, ...]
    what: str
    holds: str
    source: str


def scan_folders(root: Path, options: Folders, contents: Contents) -> pd.DataFrame:
    """List the files; the first folder of the path is the label.

    Raises
    ------
    CorpusError
        If the root is missing, has no class folders, or lacks a class that is asked for.
    """
    require_folder(root, options.adapter, contents.holds, contents.source)
    paths = files_of(root, contents.suffixes)
    classes = {_class(path) for path in paths} - {""}
    # a corpus that joins as unlabelled may lie flat
    if not paths or (not classes and options.role == "all"):
        raise wrong_layout(root, options.adapter, contents.holds)
    if options.classes is not None:
        missing = set(options.classes) - classes
        if missing:
            raise CorpusError(
                f"The folder {root} has no class {', '.join(sorted(missing))} with "
                f"{contents.what} in it; it has {', '.join(sorted(classes)) or 'none'}"
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
    # a group of alternatives may match nothing, or take no part in the match
    speaker = match["speaker" if "speaker" in match.re.groupindex else 1]
    if not speaker:
        return {**row, "reason": f"speaker_pattern '{pattern}' finds no speaker in its path"}
    return {**row, "speaker": speaker}
