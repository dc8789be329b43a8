"""From `[corpus]` to a table of recordings: the adapters' scans, joined, nothing decoded."""

from pathlib import Path

import numpy as np
import pandas as pd

from semisup import registry
from semisup.errors import SpecError
from semisup.recordings.manifest import assemble
from semisup.study.file import find_path
from semisup.study.spec import CorpusSpec, StudySpec


def scan_corpora(spec: StudySpec, base: Path, folder: Path) -> pd.DataFrame:
    """Scan every corpus of a study.

    Parameters
    ----------
    spec : StudySpec
    base : Path
        The study file's folder.
    folder : Path
        The study's folder of artefacts; a generated corpus goes to its ``audio``.

    Returns
    -------
    DataFrame
        As `manifest.assemble` gives it, with `audio`: False where there is nothing to decode, and
        `size` and `changed` as the file system has them, so that a changed file is noticed.
    """
    scans, has_audio, lengths = [], [], []
    for corpus in spec.corpus:
        root = corpus_root(corpus, base, folder)
        table = registry.corpora.get(corpus.adapter).scan(root, corpus)
        scans.append((corpus.adapter, corpus.role, root.absolute(), table))
        has_audio += [getattr(corpus, "audio", True)] * len(table)
        lengths += [corpus.excerpt_seconds] * len(table)
    table = assemble(scans).assign(audio=has_audio)
    if any(length is not None for length in lengths):
        table["excerpt_seconds"] = np.array(lengths, dtype=float)
    stats = [
        _stat(path) if audio else (0, 0)
        for path, audio in table[["path", "audio"]].itertuples(index=False)
    ]
    return table.assign(size=[size for size, _ in stats], changed=[when for _, when in stats])


def corpus_root(corpus: CorpusSpec, base: Path, folder: Path) -> Path:
    """Return the folder of a corpus.

    Raises
    ------
    SpecError
        If the study gives none and the adapter does not generate its recordings.
    """
    if corpus.root is not None:
        return find_path(corpus.root, base)
    default = getattr(registry.corpora.get(corpus.adapter), "DEFAULT_ROOT", None)
    if default is None:
        raise SpecError(f"[corpus] root is missing: the folder of the {corpus.adapter} recordings")
    return folder / "audio" if default == "generated" else base


def _stat(path: str) -> tuple[int, int]:
    try:
        found = Path(path).stat()
    except OSError:
        return -1, -1
    return found.st_size, found.st_mtime_ns
