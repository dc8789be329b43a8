"""Speakers of one name in several corpora: the same person or not, only the study can tell."""

from collections.abc import Collection

import pandas as pd


def namesakes(manifest: pd.DataFrame, corpora: Collection[str]) -> list[str]:
    """Warn of names that speakers of several corpora have, and who count as different people.

    Parameters
    ----------
    manifest : DataFrame
        As `semisup.recordings.manifest.assemble` names speakers.
    corpora : collection of str
        Names of the corpora to compare: all but those with ``same_speakers = false``.

    Returns
    -------
    list of str
        One sentence, or none.
    """
    asked = manifest["corpus"].isin(corpora) & (manifest["speaker"] != "")
    speakers = manifest.loc[asked, ["corpus", "speaker"]].drop_duplicates()
    speakers["name"] = [
        speaker.removeprefix(f"{corpus}/")
        for corpus, speaker in speakers[["corpus", "speaker"]].itertuples(index=False)
    ]
    # one speaker in several corpora is one person there, as the study says
    people = speakers.groupby("name").nunique()
    names = people.index[(people["corpus"] > 1) & (people["speaker"] > 1)]
    if names.empty:
        return []
    where = "' and '".join(speakers.loc[speakers["name"] == names[0], "corpus"])
    what = "1 speaker's name is" if len(names) == 1 else f"{len(names)} speakers' names are"
    return [
        f"{what} in more than one corpus and taken for different people (the first: "
        f"'{names[0]}', in '{where}'); if they are the same people, write same_speakers = true in "
        "each [[corpus]], else same_speakers = false"
    ]
