"""Normalisation by speaker against the split: who cannot be normalised, and where it will not help.

In: the representations, and the recordings with their subsets. Out: sentences, for `check` as
problems.
"""

from collections.abc import Mapping

import pandas as pd

from semisup.features import speakers
from semisup.features.contract import Representation
from semisup.stages.fingerprints import wanted
from semisup.stages.gates.problem import Outlook, Problem, fatal, warning
from semisup.study.spec import StudySpec


def incomparable(
    spec: StudySpec, kinds: Mapping[str, Representation], recordings: pd.DataFrame
) -> list[str]:
    """Return which representations can't compare recordings with their speakers' others, and why.

    Parameters
    ----------
    spec : StudySpec
    kinds : mapping of str to Representation
    recordings : DataFrame
        Rows of the manifest with `subset`.
    """
    return [
        f"[representations.{name}] {problem}"
        for name, kind in kinds.items()
        for problem in kind.incomparable(
            recordings[recordings["subset"].isin(_looked_at(spec, kind))]
        )
    ]


def warnings(kinds: Mapping[str, Representation], recordings: pd.DataFrame) -> list[str]:
    """Say where normalisation by speaker rests on little, or takes the label out."""
    names = [name for name, kind in kinds.items() if kind.by_speaker]
    return speakers.warnings(names, recordings)


def normalised(outlook: Outlook) -> list[Problem]:
    """List both for `check`."""
    manifest, kinds = outlook.manifest, outlook.kinds
    recordings = manifest.assign(subset=manifest["recording"].map(outlook.split))
    refused = incomparable(outlook.study.spec, kinds, recordings)
    return [*warning(*warnings(kinds, recordings)), *fatal(*refused)]


def _looked_at(spec: StudySpec, kind: Representation) -> set[str]:
    learned = {"unlabelled"} if kind.models else set()
    return {*wanted(spec), *learned}
