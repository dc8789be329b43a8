"""The table of all recordings that `[corpus]` names: the scans of its adapters, nothing decoded."""

from pathlib import Path

import numpy as np
import pandas as pd

from semisup.corpora import adapter
from semisup.engine.noted import state_of
from semisup.errors import CorpusError, SpecError
from semisup.recordings import ffmpeg
from semisup.recordings.formats import READ, why_not_read
from semisup.recordings.manifest import STATE, assemble
from semisup.recordings.names import NOT_UTF8, is_not_utf8, printable
from semisup.recordings.numbers import with_numbers
from semisup.recordings.pictures import is_picture
from semisup.study.corpora import corpus_names
from semisup.study.paths import find_path
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
        `manifest.STATE` as the file system has it, so that a changed file is noticed.

    Raises
    ------
    CorpusError
        If the name of a corpus's folder, or of one that it is in, is not UTF-8.
    """
    scans, has_audio, lengths = [], [], []
    names = corpus_names(spec.corpus)
    for name, options in zip(names, spec.corpus, strict=True):
        root = corpus_root(options, base, folder)
        if is_not_utf8(root.absolute()):
            raise CorpusError(f"The folder {printable(str(root.absolute()))}: {NOT_UTF8}")
        corpus = adapter(options.adapter)(options)
        table = corpus.listed(root)
        scans.append((name, options.role, root.absolute(), table))
        has_audio += [corpus.has_files] * len(table)
        lengths += [options.excerpt_seconds] * len(table)
    one_pool = [name for name, c in zip(names, spec.corpus, strict=True) if c.same_speakers]
    table = assemble(scans, one_pool).assign(audio=has_audio)
    # a column that no corpus needs would change the fingerprint of every manifest
    if any(length is not None for length in lengths):
        table["excerpt_seconds"] = np.array(lengths, dtype=float)
    table["reason"] = _with_needs(table)
    states = [
        state_of(path) if audio else (0,) * len(STATE)
        for path, audio in table[["path", "audio"]].itertuples(index=False)
    ]
    if spec.task == "regression":
        table = with_numbers(table)
    return table.join(pd.DataFrame(states, table.index, list(STATE), dtype=np.int64))


def corpus_root(options: CorpusSpec, base: Path, folder: Path) -> Path:
    """Return the folder of a corpus.

    Raises
    ------
    SpecError
        If the study gives none and the adapter needs one.
    """
    if options.root is not None:
        return find_path(options.root, base)
    match adapter(options.adapter).default_root:
        case "generated":
            return folder / "audio"
        case "study":
            return base
    raise SpecError(f"[corpus] root is missing: the folder of the {options.adapter} recordings")


def _with_needs(table: pd.DataFrame) -> pd.Series:
    """Return the reasons, also of files that need ffmpeg where it is not installed.

    Noted here, so that the manifest is made anew once ffmpeg is there.
    """
    has_ffmpeg = ffmpeg.is_installed()
    rows = table[["path", "audio", "reason"]].itertuples(index=False)
    reasons = [
        why_not_read(Path(path), has_ffmpeg)
        if audio and not reason and not _is_common(path)
        else reason
        for path, audio, reason in rows
    ]
    return pd.Series(reasons, table.index, dtype=table["reason"].dtype)


def _is_common(path: str) -> bool:
    """Tell by the suffix whether a file is opened later, when it is decoded."""
    return Path(path).suffix.lower() in READ or is_picture(path)
