"""Speakers whose names, as the study finds them, probably do not tell who speaks.

In: the manifest, and the corpora whose speakers the study finds by a pattern or in a table. Out:
sentences.
"""

import re
from collections.abc import Collection, Iterator

import pandas as pd

#: Speakers in this share of the recordings or more: each recording seems to have its own.
NEARLY_ALL = 0.9
#: Fewer recordings than this may well have as many speakers.
FEWEST = 6
#: Letters of a label that are no chance at the beginning or end of a name.
_LONG = 3


def odd_speakers(manifest: pd.DataFrame, corpora: Collection[str]) -> list[str]:
    """Warn of a speaker for every recording, and of speakers who are called after their class.

    Parameters
    ----------
    manifest : DataFrame
        As `semisup.recordings.manifest.assemble` names speakers.
    corpora : collection of str
        Names of those whose speakers are found as the study says.

    Returns
    -------
    list of str
        A sentence a corpus at most, with three examples.
    """
    asked = manifest[manifest["corpus"].isin(corpora) & (manifest["speaker"] != "")]
    found = (_of_corpus(corpus, rows) for corpus, rows in asked.groupby("corpus", sort=False))
    return [sentence for sentence in found if sentence]


def _of_corpus(corpus: str, rows: pd.DataFrame) -> str:
    speakers, files = rows["speaker"].nunique(), rows["path"].nunique()
    if files >= FEWEST and speakers >= NEARLY_ALL * files:
        return (
            f"The corpus '{corpus}' has {speakers} speakers in {files} recordings, such as "
            f"{_three(rows['speaker'].unique())}: if these are not people, find the speakers "
            "otherwise, or one person will be in several subsets"
        )
    divided = _divided(rows)
    if not divided:
        return ""
    first = max(divided, key=len)
    return (
        f"The names of {sum(map(len, divided))} speakers of the corpus '{corpus}' have their class "
        f"in them, such as {_three(first)}: if these are one person, take the class out of the "
        "name, or one person will be in several subsets"
    )


def _divided(rows: pd.DataFrame) -> list[list[str]]:
    """Return the speakers of one class each whose names are equal but for the class."""
    of_one = rows[rows["label"] != ""].groupby("speaker")["label"].agg(["nunique", "first"])
    of_one = of_one[of_one["nunique"] == 1]
    names = pd.DataFrame({"speaker": of_one.index, "label": of_one["first"].to_numpy()})
    names["rest"] = [_without(*row) for row in names.itertuples(index=False)]
    groups = names[names["rest"] != ""].groupby("rest")
    return [list(group["speaker"]) for _, group in groups if len(set(group["label"])) > 1]


def _without(speaker: str, label: str) -> str:
    """Return the name of a speaker without the label in it, "" if it is not in it.

    Between the label and the rest stands what is no letter or digit; a label of some length needs
    no such thing at the beginning or end.
    """
    for place in _places(speaker, label):
        rest = f"{speaker[: place.start()]}*{speaker[place.end() :]}"
        # of nothing but marks there is no name
        if re.search(r"[^\W_]", rest):
            return rest
    return ""


def _places(speaker: str, label: str) -> Iterator[re.Match[str]]:
    text = re.escape(label)
    yield from re.finditer(rf"(?<![^\W_]){text}(?![^\W_])", speaker, re.IGNORECASE)
    if len(label) >= _LONG:
        yield from re.finditer(rf"^{text}|{text}$", speaker, re.IGNORECASE)


def _three(names: Collection[str]) -> str:
    return ", ".join(f"'{name}'" for name in list(names)[:3])
