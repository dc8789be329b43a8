"""The manifest: one row a recording that can be used, and the list of those that cannot.

In: what a corpus adapter scanned. Out: `manifest.parquet` and `skipped.csv`. Every recording is
decoded once here, so that a bad file never reaches a subset, a table or a score. A picture, known
by its suffix, is a recording without seconds.
"""

import os.path
from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd

from semisup.errors import BadAudioError, BadPictureError, CorpusError
from semisup.recordings import pictures
from semisup.recordings.audio import inspect
from semisup.remote.urls import input_place, is_url
from semisup.study.blanks import is_blank
from semisup.study.paths import instead_of
from semisup.study.spelling import on_disk_as

COLUMNS = ("recording", "path", "label", "speaker", "seconds", "start", "end")
SKIPPED_COLUMNS = ("recording", "path", "reason")
#: What the file system says of a file: bytes, and when its content and anything of it changed.
STATE = ("size", "changed", "touched")
#: Names that a column of a corpus adapter's own may not have; the stages use them.
RESERVED = (
    *COLUMNS,
    "corpus",
    "role",
    "reason",
    "no_label",
    "audio",
    *STATE,
    "content",
    "sample_rate",
    "channels",
    "excerpt_seconds",
    "label_number",
    "decoder",
)
#: What there is to say of a recording that was not decoded.
UNDECODED = {"seconds": np.nan, "sample_rate": 0, "channels": 0, "decoder": "", "content": ""}
NO_EXCERPT = "it is a picture, of which there are no excerpts"


def assemble(
    scans: Sequence[tuple[str, str, Path, pd.DataFrame]], same_speakers: Collection[str] = ()
) -> pd.DataFrame:
    """Join the scans of one or several corpora into one table.

    Parameters
    ----------
    scans : list of (corpus, role, root, table)
        `corpus` is a name that no other has; `role` is "all" or "unlabelled"; `table` as a corpus
        adapter's `scan` gives it.
    same_speakers : collection of str
        Names of the corpora among which a speaker's name means one person.

    Returns
    -------
    DataFrame
        With `recording`, an identifier unique in the study: the path below the root, or the URL,
        after the name of the corpus where there are several, with ``#start-end`` for an excerpt.
        The names of speakers, too, begin with the corpus, unless it is one of `same_speakers`; one
        called "nan", "None", "Unknown" or the like is "", not known. Recordings of role
        "unlabelled" have no label; one of role "all" without a label has a `reason`.

    Raises
    ------
    CorpusError
        If a recording is listed more than once, or a file by corpora whose speakers are set apart.
    """
    prefixes = [f"{corpus}/" if len(scans) > 1 else "" for corpus, *_ in scans]
    tables = [
        _named(*scan, prefix, "" if scan[0] in same_speakers else prefix)
        for scan, prefix in zip(scans, prefixes, strict=True)
    ]
    joined = _check_unique(pd.concat(tables, ignore_index=True))
    # two corpora may list one file under two names, by a link or by ".." too
    places = [_places(root.resolve(), table["path"]) for *_, root, table in scans]
    _check_places(joined.assign(path=list(chain(*places))), same_speakers)
    text = joined.select_dtypes(["object", "string"]).columns
    # A column that only some corpora have, such as gender, is "" for the others.
    return joined.fillna(dict.fromkeys(text, ""))


def _places(root: Path, paths: Iterable[str]) -> list[str]:
    """Return where files are that a scan names by their paths below a root, or by their URLs."""
    return [str(input_place(path) if is_url(path) else on_disk_as(root / path)) for path in paths]


def _named(
    corpus: str, role: str, root: Path, scanned: pd.DataFrame, prefix: str, speaker_prefix: str
) -> pd.DataFrame:
    """Give the recordings of one corpus names that no other corpus has, and speakers theirs."""
    # one name for all recordings of which nobody knows who speaks would make them one person's
    speaker = scanned["speaker"].mask(scanned["speaker"].map(is_blank).astype(bool), "")
    table = scanned.assign(
        corpus=corpus,
        role=role,
        path=_places(root, scanned["path"]),
        speaker=speaker.mask(speaker != "", speaker_prefix + speaker),
    )
    table.insert(0, "recording", prefix + scanned["path"] + _excerpt_names(scanned))
    if role == "unlabelled":
        table["label"] = ""
    else:
        without = (table["reason"] == "") & (table["label"] == "")
        why = table["no_label"].replace("", "it has no label")
        table["reason"] = table["reason"].mask(without, why)
    return table.drop(columns="no_label")


def verify(table: pd.DataFrame) -> pd.DataFrame:
    """Decode every recording of an assembled table and note what it is or why it can't be used.

    Returns
    -------
    DataFrame
        The table with `seconds`, `sample_rate`, `channels` filled (of a picture NaN, 0, 0),
        `decoder` ("libsndfile", "ffmpeg" or ""), `content`, the hash of what was decoded, and
        `reason` set where a recording cannot be used.
    """
    rows = zip(table["path"], table["start"], table["end"], table["reason"], strict=True)
    checked = [_verify_one(*row) for row in rows]
    columns = [*UNDECODED, "reason"]
    return table.assign(**pd.DataFrame(checked, columns=columns, index=table.index))


def separate(verified: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Separate the usable recordings from the others.

    Returns
    -------
    manifest : DataFrame
        Columns `COLUMNS`, then the adapter's own.
    skipped : DataFrame
        Columns `SKIPPED_COLUMNS`.

    Raises
    ------
    CorpusError
        If nothing can be used.
    """
    bad = verified["reason"] != ""
    skipped = verified.loc[bad, list(SKIPPED_COLUMNS)].reset_index(drop=True)
    if bad.all():
        first = f"; the first: {skipped['reason'].iloc[0]}" if len(skipped) else ""
        path = Path(skipped["path"].iloc[0]) if len(skipped) else Path()
        instead = "" if os.path.exists(path) else f" ({path}); {instead_of(path)}"
        raise CorpusError(
            f"None of the {len(verified)} recordings found can be used{first}{instead}"
        )
    inner = (*COLUMNS, "reason", "decoder", "audio")
    others = [name for name in verified.columns if name not in inner]
    manifest = verified.loc[~bad, [*COLUMNS, *others]].reset_index(drop=True)
    return check_manifest(manifest), skipped


def cut(manifest: pd.DataFrame) -> pd.DataFrame:
    """Cut recordings into excerpts of `excerpt_seconds` each, which are recordings of their own.

    What is left at the end is dropped; a recording shorter than one excerpt stays whole.

    Parameters
    ----------
    manifest : DataFrame
        Without the column `excerpt_seconds` it is returned as it is.
    """
    if "excerpt_seconds" not in manifest:
        return manifest
    length = manifest["excerpt_seconds"]
    # a nanosecond: 30 s are ten times 3 s, whatever the rounding of a sample count
    count = np.floor(manifest["seconds"] / length + 1e-9).fillna(0).astype(int)
    rows = manifest.loc[manifest.index.repeat(count.clip(lower=1))].drop(columns="excerpt_seconds")
    number = rows.groupby(level=0).cumcount()
    is_cut = (count >= 1)[rows.index]
    first = rows["start"].fillna(0) + number * length[rows.index]
    # an excerpt of an excerpt is named by its place in the file, not by both
    rows = rows.assign(
        recording=rows["recording"]
        .str.replace(r"#[\d.e-]+$", "", regex=True)
        .where(is_cut, rows["recording"]),
        start=first.where(is_cut, rows["start"]),
        end=(first + length[rows.index]).where(is_cut, rows["end"]),
        seconds=length[rows.index].where(is_cut, rows["seconds"]),
    )
    if "content" in rows:
        place = "#" + number.astype(str) + "x" + length[rows.index].astype(str)
        rows["content"] += place.where(is_cut & (rows["content"] != ""), "")
    names = pd.Series(_excerpt_names(rows), index=rows.index)
    rows["recording"] = (rows["recording"] + names).where(is_cut.to_numpy(), rows["recording"])
    return check_manifest(rows.reset_index(drop=True))


def check_manifest(manifest: pd.DataFrame) -> pd.DataFrame:
    """Return the manifest if it is one.

    Raises
    ------
    CorpusError
        If a column is missing or a recording is named twice.
    """
    missing = [name for name in COLUMNS if name not in manifest.columns]
    if missing:
        raise CorpusError(
            f"A manifest needs the columns {', '.join(COLUMNS)}; missing: {', '.join(missing)}"
        )
    return _check_unique(manifest)


def _check_unique(table: pd.DataFrame, by: Sequence[str] = ("recording",)) -> pd.DataFrame:
    twice = table.loc[table.duplicated(list(by)), by[0]]
    if len(twice):
        first = twice.iloc[0]
        corpora = table.loc[table[by[0]] == first, "corpus"].unique() if "corpus" in table else []
        where = f", in the corpora {_quoted(corpora)}" if len(corpora) > 1 else ""
        raise CorpusError(
            f"{len(twice)} recording{'s are' if len(twice) > 1 else ' is'} listed more than once, "
            f"the first: {first}{where}"
        )
    return table


def _check_places(table: pd.DataFrame, same_speakers: Collection[str]) -> None:
    """Refuse recordings that are one, and a file whose speaker would count as two people."""
    _check_unique(table, ["path", "start", "end"])
    listed = table[["path", "corpus"]].drop_duplicates()
    listed = listed[listed.duplicated("path", keep=False)]
    apart = listed.loc[~listed["corpus"].isin(same_speakers), "path"]
    if len(apart):
        corpora = listed.loc[listed["path"] == apart.iloc[0], "corpus"]
        raise CorpusError(
            f"{apart.iloc[0]} is in the corpora {_quoted(corpora)}, whose speakers count as "
            "different people; list the file in one of them only, or say same_speakers = true in "
            "both"
        )


def _quoted(names: Iterable[str]) -> str:
    return " and ".join(f"'{name}'" for name in names)


def _excerpt_names(scanned: pd.DataFrame) -> list[str]:
    spans = zip(scanned["start"], scanned["end"], strict=True)
    return [_excerpt_name(start, end) for start, end in spans]


def _excerpt_name(start: float, end: float) -> str:
    if np.isnan(start) and np.isnan(end):
        return ""
    # Ten digits: excerpts of a long file that are a millisecond apart have two names.
    first, last = ("" if np.isnan(at) else f"{at:.10g}" for at in (start, end))
    return f"#{first or 0}-{last}"


def _verify_one(path: str, start: float, end: float, reason: str) -> tuple:
    if reason:
        return (*UNDECODED.values(), reason)
    try:
        if pictures.is_picture(path):
            *_, content = pictures.inspect(path)
            return np.nan, 0, 0, "", content, "" if np.isnan([start, end]).all() else NO_EXCERPT
        header = inspect(path, *excerpt(start, end))
    except (BadAudioError, BadPictureError) as error:
        return (*UNDECODED.values(), str(error).removeprefix(f"{path}: "))
    return (*header, "")


def excerpt(start: float, end: float) -> tuple[float, float | None]:
    """Turn a manifest's start and end, NaN for none, into the arguments of `audio.load`."""
    return (0.0 if np.isnan(start) else start), (None if np.isnan(end) else end)
