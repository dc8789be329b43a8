"""Class sub-folders of files: what the adapters `folder` and `pictures` have in common.

In: ``<class>/.../<file>``. Out: one row a file. A corpus of role "unlabelled" needs no class
folders.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from semisup.corpora._contract import require_folder, scan_table, wrong_layout
from semisup.corpora._naming import Naming, named
from semisup.corpora._nearest import holds_files
from semisup.recordings.formats import link_to_nothing


class Contents(NamedTuple):
    """What an adapter looks for in the folders.

    Parameters
    ----------
    files : callable
        Lists them below a folder.
    is_one : callable
        Tells whether a file is one of them.
    what : str
        What they are, as in "no class with audio in it".
    holds, source : str
        What the root should hold and where to get it.
    """

    files: Callable[[Path], list[str]]
    is_one: Callable[[Path], bool]
    what: str
    holds: str
    source: str


def scan_folders(root: Path, options: Naming, contents: Contents) -> pd.DataFrame:
    """List the files; the first folder of the path is the label, unless a pattern finds it.

    Raises
    ------
    CorpusError
        If the root is missing, has no class folders, or lacks a class that is asked for.
    """
    # a corpus that joins as unlabelled may lie flat, and one whose file names tell the labels
    may_be_flat = options.role == "unlabelled" or options.label_pattern is not None

    def fits(folder: Path) -> bool:
        patterns = ("*", "*/*") if may_be_flat else ("*/*", "*/*/*")
        return holds_files(folder, patterns, contents.is_one)

    require_folder(root, options.adapter, contents.holds, contents.source, fits)
    paths = contents.files(root)
    if not paths or not (may_be_flat or any("/" in path for path in paths)):
        raise wrong_layout(root, options.adapter, contents.holds, fits)
    scanned = scan_table(_row(root, path) for path in paths)
    return named(scanned, options, f"The folder {root}", f" with {contents.what} in it")


def _row(root: Path, path: str) -> dict[str, str]:
    folder, _, name = path.partition("/")
    row = {"path": path, "reason": link_to_nothing(root / path)}
    if not name:
        return {**row, "no_label": "it is in no class folder"}
    return {**row, "label": folder}
