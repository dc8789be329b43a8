"""A study file drafted from a folder or a table, with what is told of it on the terminal."""

import os
import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup.drafting.choices import choices, rare_classes
from semisup.drafting.lengths import SAMPLE_RATE, chunk_samples, seconds_of
from semisup.drafting.source import Ask, Source, source_of
from semisup.drafting.text import study_text
from semisup.engine.artefacts import write_text
from semisup.errors import SpecError, SplitError
from semisup.study.paths import expand, with_home

#: Classes that are told.
MOST = 12


class Drafted(NamedTuple):
    """A study file that is not written yet.

    Parameters
    ----------
    path : Path
        Where it goes.
    text : str
    told : list of str
        What was recognised and chosen, a line each.
    """

    path: Path
    text: str
    told: list[str]


def draft(
    place: Path,
    output: Path,
    ask: Ask,
    unlabelled: Sequence[Path] = (),
    label: str | None = None,
    *,
    force: bool = False,
) -> Drafted:
    """Look at a folder or a table and draft a study of it.

    Parameters
    ----------
    place : Path
    output : Path
        The study file: names of folders are relative to its own where they lie below that.
    ask : callable
        Confirms or corrects the patterns of classes and speakers.
    unlabelled : sequence of Path
        Folders or tables of more recordings, which need no labels.
    label : str, optional
        Which of a corpus's labels, or which column of a table.
    force : bool
        Whether a file that is there may be overwritten.

    Raises
    ------
    CorpusError, SpecError, SplitError
        If nothing can be made of it; a sentence says what was seen and what to do.
    """
    place, output = with_home(place), with_home(output)
    if output.exists() and not force:
        raise SpecError(
            f"{output} is there already: --force overwrites it, --output FILE names another"
        )
    source = source_of(place, ask, label)
    others = [source_of(with_home(folder), ask, role="unlabelled") for folder in unlabelled]
    _check_apart(source, others)
    rare = rare_classes(source.recordings)
    kept = source.recordings[~source.recordings["label"].isin(rare)]
    if kept["label"].nunique() < 2:
        raise SplitError(_too_few(source, rare))
    every = [source, *others]
    manifest = _manifest(source.root, kept, others)
    chosen = choices(manifest, knows_speakers=all(one.knows_speakers for one in every))
    corpora = [
        _corpus(source, output, rare, _classes(kept)),
        *(_corpus(one, output, {}, f"{len(one.recordings):,} recordings") for one in others),
    ]
    chunk = _chunk(manifest["seconds"].to_numpy(dtype=float))
    heading = [
        f"Drafted by `semisup init` from {os.path.abspath(place)}.",
        f"Look through it, then: semisup check {output}; semisup run {output}",
    ]
    text = study_text(_name(place), heading, corpora, chosen, chunk)
    told = [
        *(line for one in every for line in one.told),
        _classes(kept),
        *(f"'{name}' is left out: {why}" for name, why in rare.items()),
        *(UNKNOWN.format(one.root) for one in every if not one.knows_speakers),
        f"subsets: {chosen.split_remark}",
    ]
    return Drafted(output, text, told)


def write_draft(drafted: Drafted, tell: Callable[[str], None]) -> None:
    """Write a drafted study file, and tell what was chosen and what comes next."""
    write_text(drafted.path, drafted.text)
    for line in drafted.told:
        tell(line)
    path = shlex.quote(str(drafted.path))
    for line in (
        f"{drafted.path} is written; next:",
        f"  semisup check {path}",
        f"  semisup run {path}",
    ):
        tell(line)


#: What it means that speakers are not known.
UNKNOWN = (
    "speakers of {}: not known, so each recording counts as one; if a voice is in several, scores "
    "are too good: write a speaker_pattern that finds them in the paths"
)


def _check_apart(source: Source, others: Iterable[Source]) -> None:
    for other in others:
        one, two = source.root.resolve(), other.root.resolve()
        if one == two or one in two.parents or two in one.parents:
            raise SpecError(
                f"{source.root} and {other.root} lie in each other: a recording can't be labelled "
                "and unlabelled; name two folders side by side"
            )


def _manifest(root: Path, kept: pd.DataFrame, others: Sequence[Source]) -> pd.DataFrame:
    """Join the recordings of all corpora, with roles and seconds, speakers apart."""
    tables = [(root, kept, "all"), *((one.root, one.recordings, "unlabelled") for one in others)]
    parts = [
        table.assign(
            role=role,
            label=table["label"] if role == "all" else "",
            speaker=f"{number}/" + table["speaker"],
            seconds=seconds_of(folder, table),
        )
        for number, (folder, table, role) in enumerate(tables)
    ]
    joined = pd.concat(parts, ignore_index=True)
    return joined.assign(recording=[f"{number:08d}" for number in range(len(joined))])


def _corpus(
    source: Source, output: Path, rare: dict[str, str], remark: str
) -> tuple[dict[str, object], dict[str, str]]:
    keys: dict[str, object] = {"adapter": source.keys["adapter"]}
    keys["root"] = _root(source.root, output)
    keys |= {key: value for key, value in source.keys.items() if key != "adapter"}
    if rare:
        keys["map_labels"] = dict.fromkeys(rare, "")
    why = "left out: " + ", ".join(f"{name} ({why})" for name, why in rare.items())
    return keys, {"adapter": remark, **source.remarks, "map_labels": why}


def _name(place: Path) -> str:
    """Return the name of a study: that of its folder or table, as a study file allows it."""
    text = place.stem if place.is_file() else place.resolve().name
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", text).strip("_.-") or "study"


def _root(root: Path, output: Path) -> str:
    """Return how a study file names a folder: from its own on where it lies below that."""
    whole, base = (Path(os.path.abspath(path)) for path in (root, output.parent))
    text = whole.relative_to(base).as_posix() if whole.is_relative_to(base) else str(whole)
    if expand(text) != text:
        raise SpecError(f"{whole} has a $ in its name, which a study file takes for a variable")
    return text


def _classes(rows: pd.DataFrame) -> str:
    counts = rows["label"].value_counts()
    shown = ", ".join(f"{label} {count:,}" for label, count in counts[:MOST].items())
    more = f" and {len(counts) - MOST} more" if len(counts) > MOST else ""
    return f"{len(counts)} classes: {shown}{more}"


def _chunk(seconds: np.ndarray) -> tuple[int, str, bool]:
    """Return the samples of a chunk, how many fill one, and whether others are padded."""
    samples = chunk_samples(seconds)
    known = seconds[~np.isnan(seconds)]
    fill = float((known * SAMPLE_RATE >= samples).mean()) if known.size else 1.0
    remark = f"{samples / SAMPLE_RATE:g} s: {fill:.0%} of the recordings fill one"
    return samples, remark, fill < 1


def _too_few(source: Source, rare: dict[str, str]) -> str:
    why = "; ".join(f"'{name}' has {reason}" for name, reason in rare.items())
    only = ", ".join(sorted(set(source.recordings["label"]))[:MOST])
    return (
        f"{source.root} has no two classes that can be learned and tested, but {only}"
        f"{f' ({why})' if why else ''}: a study needs two, of two speakers and four recordings each"
    )
