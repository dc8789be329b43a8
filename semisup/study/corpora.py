"""Names of a study's corpora, which set their recordings and speakers apart."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from semisup.study.spec import CorpusSpec


def corpus_names(corpora: Sequence[CorpusSpec]) -> list[str]:
    """Return a name for each corpus; no two are the same.

    It is the key `name`; else the adapter; else, where several corpora have that name, the adapter
    with the last folder of the root, and a number where that is not enough.

    Examples
    --------
    >>> labelled = CorpusSpec(adapter="folder", root="data/labelled")
    >>> unlabelled = CorpusSpec(adapter="folder", root="data/unlabelled", role="unlabelled")
    >>> corpus_names([labelled, unlabelled, CorpusSpec(adapter="nemo")])
    ['folder_labelled', 'folder_unlabelled', 'nemo']
    >>> corpus_names([labelled, labelled])
    ['folder_labelled', 'folder_labelled_2']
    """
    given = [corpus.name or corpus.adapter for corpus in corpora]
    names: list[str] = []
    # names that the study gives are kept, wherever in the file they stand
    taken = {corpus.name for corpus in corpora if corpus.name}
    for corpus, name in zip(corpora, given, strict=True):
        if corpus.name is None and given.count(name) > 1:
            name = _with_root(corpus)
        names.append(name if corpus.name else _unlike(taken, name))
        taken.add(names[-1])
    return names


def _with_root(corpus: CorpusSpec) -> str:
    # as written: a variable's value would give the corpus another name on another machine
    folder = re.sub(r"[^\w.-]+", "_", PurePosixPath(corpus.root or "").name).strip("_.")
    return f"{corpus.adapter}_{folder}" if folder else corpus.adapter


def _unlike(taken: set[str], name: str) -> str:
    """Add the first number that makes a name one of its own."""
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate
