"""Labels and speakers that are probably one name in two spellings, such as `Angry` and `angry`.

In: the manifest. Out: sentences. Two spellings of a label are two classes; two of a speaker are two
people, who may be in different subsets.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from unicodedata import category, normalize

import pandas as pd

from semisup.study.spelling import SELECTORS, escaped

#: Pairs that are warned of by name, of labels and of speakers each.
MOST_NAMED = 3
_SEPARATORS = re.compile(r"[\s_-]+")
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
#: A whole number that a table program wrote as a decimal.
_DECIMAL = re.compile(r"(\d+)\.0+")


def twins(manifest: pd.DataFrame) -> list[str]:
    """Warn of labels, and of speakers, whose names differ in nothing that a reader would mean.

    That is: capitals, forms and invisible characters of Unicode, spaces, underscores and hyphens,
    zeros in front of a number. Equal names in several corpora are left to
    `semisup.recordings.namesakes`.

    Parameters
    ----------
    manifest : DataFrame
        As `semisup.recordings.manifest.assemble` names speakers.

    Returns
    -------
    list of str
        A sentence each; of labels and of speakers the first three, the others are counted.
    """
    labels = _alike(("", label) for label in manifest["label"].unique() if label)
    named = manifest.loc[manifest["speaker"] != "", ["corpus", "speaker"]].drop_duplicates()
    speakers = _alike(_parts(*row) for row in named.itertuples(index=False))
    return [
        *_sentences("Labels", labels, "count as different classes: write them alike"),
        *_sentences(
            "Speakers",
            speakers,
            "count as different people, who may be in different subsets: write them alike if they "
            "are not",
        ),
    ]


def meant(name: str) -> str:
    r"""Return what several spellings of a name have in common.

    Examples
    --------
    >>> meant("Spk_007") == meant("spk-7\u200b"), meant("1.0") == meant("01")
    (True, True)
    """
    # capitals of some letters are several, and in another form
    folded = normalize("NFKC", normalize("NFKC", name).casefold())
    seen = "".join(c for c in folded if c.isspace() or category(c) not in ("Cf", "Cc"))
    plain = _SEPARATORS.sub(" ", _without_selectors(seen)).strip()
    number = _DECIMAL.fullmatch(plain)
    return _ZEROS.sub("", number[1] if number else plain)


def visible(names: Iterable[str]) -> list[str]:
    r"""Write names so that a reader sees how they differ.

    Examples
    --------
    >>> visible(["angry", "angry\u200b"]) == ["angry", r"angry\u200b"]
    True
    >>> visible(["caf\u00e9", "cafe\u0301"]) == [r"caf\xe9", r"cafe\u0301"]
    True
    """
    names = list(names)
    shown = ["".join(c if c.isprintable() else escaped(c) for c in name) for name in names]
    if len({_look(name) for name in shown}) == len(names):
        return shown
    return ["".join(c if c.isascii() else escaped(c) for c in name) for name in shown]


def _look(name: str) -> str:
    """Return what names have in common that look alike, whatever characters they are made of."""
    return _without_selectors(normalize("NFKC", name))


def _without_selectors(text: str) -> str:
    return "".join(c for c in text if c not in SELECTORS)


def _parts(corpus: str, speaker: str) -> tuple[str, str]:
    """Return the corpus that stands before a speaker's name, and the name."""
    name = speaker.removeprefix(f"{corpus}/")
    return speaker[: len(speaker) - len(name)], name


def _alike(names: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Group names, each with what stands before it; several of a group are one name."""
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    for before, name in names:
        # a name of nothing but separators and invisible characters is like no other
        groups[before, meant(name) or name].add(before + name)
    return sorted(sorted(group) for group in groups.values() if len(group) > 1)


def _sentences(what: str, groups: list[list[str]], why: str) -> list[str]:
    named = [
        f"{what} {_listed(group)} look like one name in {len(group)} spellings, but {why}"
        for group in groups[:MOST_NAMED]
    ]
    more = len(groups) - MOST_NAMED
    return [*named, f"... and {more} more such names of {what.lower()}"] if more > 0 else named


def _listed(names: list[str]) -> str:
    *first, last = [f"'{name}'" for name in visible(names)]
    return f"{', '.join(first)} and {last}"
