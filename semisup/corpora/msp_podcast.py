"""MSP-Podcast: spontaneous English speech from podcasts, rated for emotion by listeners.

In: ``labels_consensus.csv`` (in the root or in ``Labels``) and ``Audios``; or the older layout,
folders ``negative``, ``neutral``, ``positive`` of ``MSP-PODCAST_<speaker>_....wav``. Out: one row a
recording, and a reason where the speaker is unknown: such a recording could be in any subset.
"""

import re
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import pandas as pd
from pydantic import Field, model_validator

from semisup.corpora._contract import (
    Corpus,
    audio_files,
    emotion_label,
    require_folder,
    scan_table,
    wrong_layout,
)
from semisup.corpora._layout import is_laid_out
from semisup.corpora._listings import read_listing
from semisup.errors import CorpusError
from semisup.study.spec import CorpusSpec
from semisup.study.spelling import renamed

HOLDS = (
    "labels_consensus.csv (or Labels/labels_consensus.csv) with Audios, or folders negative, "
    "neutral and positive"
)
#: Early releases misspell the name.
LISTINGS = tuple(
    f"{folder}labels_{word}.csv"
    for word in ("consensus", "concensus")
    for folder in ("", "Labels/")
)
#: Listeners' mean ratings from 1 to 7, for task = "regression", by the corpus's own names.
RATINGS = ("EmoVal", "EmoAct", "EmoDom")
VALENCES = ("negative", "neutral", "positive")
EMOTIONS = {
    "A": "anger",
    "S": "sadness",
    "H": "happiness",
    "U": "surprise",
    "F": "fear",
    "D": "disgust",
    "C": "contempt",
    "N": "neutral",
}
_OLDER_NAME = re.compile(r"MSP-PODCAST_([^_]+)_.+")


class Options(CorpusSpec):
    """`[corpus]` keys of MSP-Podcast."""

    adapter: Literal["msp_podcast"] = "msp_podcast"
    negative_below: float = Field(
        3.5, ge=1, le=7, description="mean ratings of valence (1 to 7) below this are negative"
    )
    positive_above: float = Field(
        4.5, ge=1, le=7, description="above this positive; from one to the other, both in, neutral"
    )

    @model_validator(mode="after")
    def _has_thresholds_in_order(self) -> "Options":
        if self.negative_below > self.positive_above:
            raise ValueError(
                f"negative_below ({self.negative_below:g}) must not be greater than "
                f"positive_above ({self.positive_above:g})"
            )
        return self


class MspPodcast(Corpus[Options]):
    """MSP-Podcast, in its own layout or an older one."""

    Options = Options
    citation = (
        "Lotfian, R., & Busso, C. (2019). Building Naturalistic Emotionally Balanced Speech Corpus "
        "by Retrieving Emotional Speech from Existing Podcast Recordings. IEEE Transactions on "
        "Affective Computing 10(4), 471-483. doi:10.1109/TAFFC.2017.2736999"
    )
    licence = "academic licence, on request"
    source = "https://ecs.utdallas.edu/research/researchlabs/msp-lab/MSP-Podcast.html"
    labels = ("valence", "emotion", *RATINGS)
    first_label_from = "listeners' mean ratings"

    @classmethod
    def recognises(cls, root: Path) -> bool:
        """Tell whether a folder is laid out as the corpus is."""
        return any((root / name).is_file() for name in LISTINGS) or is_laid_out(
            root, [f"{name}/*" for name in VALENCES], _OLDER_NAME.pattern
        )

    def scan(self, root: Path) -> pd.DataFrame:
        """List the recordings; own columns of ``labels_consensus.csv``: emotion, gender, split_set.

        Raises
        ------
        CorpusError
            If the folder is missing, has neither layout, or its table lacks a column.
        """
        label = self.chosen_label()
        require_folder(root, "msp_podcast", HOLDS, self.source, _is_msp)
        listing = next((root / name for name in LISTINGS if (root / name).is_file()), None)
        if listing is not None:
            return _scan_listing(root, listing, label, self.options)
        paths = [path for name in VALENCES for path in audio_files(root, f"{name}/**/*")]
        if not paths:
            raise wrong_layout(root, "msp_podcast", HOLDS, _is_msp)
        if label != "valence":
            raise CorpusError(
                f"The msp_podcast folder {root} has class folders and no labels_consensus.csv: "
                f"it gives valence only, not {label}"
            )
        return scan_table(_older_row(path) for path in paths)


def _is_msp(folder: Path) -> bool:
    return any((folder / name).exists() for name in (*LISTINGS, *VALENCES))


def _scan_listing(root: Path, listing: Path, label: str, options: Options) -> pd.DataFrame:
    values = {"valence": "EmoVal", **{name: name for name in RATINGS}}.get(label, "EmoClass")
    table = read_listing(listing, ("FileName", values, "SpkrID"))
    # the columns that not every release has are blank
    table = table.reindex(
        columns=["FileName", *RATINGS, "EmoClass", "SpkrID", "Gender", "Split_Set"], fill_value=""
    )
    folder = "Audios/" if (root / "Audios").is_dir() else ""
    rows = [_row(folder, label, options, cells) for cells in table.itertuples(index=False)]
    there = audio_files(root, f"{folder}*")
    listed = {row["path"] for row in rows}
    listed |= set(renamed(listed, there).values())
    # a file that the table does not list is skipped with a reason, not overlooked
    others = [path for path in there if path not in listed]
    rows += [{"path": path, "reason": f"not listed in {listing.name}"} for path in others]
    return scan_table(rows, ("emotion", "gender", "split_set"))


def _row(folder: str, label: str, options: Options, cells: Any) -> dict[str, str]:
    named = EMOTIONS.get(cells.EmoClass, "")
    if label == "valence":
        labels = {**_valence(cells.EmoVal, options), "emotion": named}
    elif label in RATINGS:
        labels = {**_rating(label, getattr(cells, label)), "emotion": named}
    else:
        why = "" if named else f"no agreed emotion (EmoClass '{cells.EmoClass}')"
        labels = {**emotion_label(label, named), "no_label": why}
    return {
        "path": folder + cells.FileName,
        **labels,
        **_speaker(cells.SpkrID),
        "gender": cells.Gender.lower() if cells.Gender in ("Female", "Male") else "",
        "split_set": cells.Split_Set,
    }


def _valence(text: str, options: Options) -> dict[str, str]:
    rating = _rating("EmoVal", text)
    if "label" not in rating:
        return rating
    value = float(rating["label"])
    if value < options.negative_below:
        return {"label": "negative"}
    return {"label": "positive" if value > options.positive_above else "neutral"}


def _rating(name: str, text: str) -> dict[str, str]:
    """Return a rating as it is written, or why it is none."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 1 <= value <= 7:  # NaN is not, either
        return {"no_label": f"its {name} is '{text}', not a number from 1 to 7"}
    return {"label": text}


def _speaker(name: str) -> dict[str, str]:
    if name.lower() in ("", "unknown"):
        return {"reason": "the speaker is unknown"}
    return {"speaker": name}


def _older_row(path: str) -> dict[str, str]:
    match = _OLDER_NAME.fullmatch(PurePosixPath(path).stem)
    row = {"path": path, "label": path.partition("/")[0]}
    if match is None:
        return {**row, "reason": "its name is not of the form MSP-PODCAST_<speaker>_..."}
    return {**row, **_speaker(match[1])}
