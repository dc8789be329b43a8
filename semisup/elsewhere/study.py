"""The study that tables made elsewhere are shown as: no corpus, and systems that nobody fits."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from semisup.comparison.predictions import SystemName
from semisup.errors import SpecError, nearest
from semisup.reading.document import apply_override
from semisup.reading.messages import counted, validated
from semisup.study.spec import StudySpec
from semisup.study.wholes import WHOLE

#: The kind of a representation of which predictions alone are known.
KIND = "predictions"
#: Tables of a study file that say something here.
TABLES = ("compare", "plot", "report")


def name_of(source: object) -> str:
    """Return the name that a comparison has from its file.

    Examples
    --------
    >>> name_of(Path("results/my other.csv")), name_of(None)
    ('my_other', 'predictions')
    """
    if not isinstance(source, str | Path):
        return "predictions"
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", Path(source).stem).lstrip("_.-") or "predictions"


def options_of(
    metric: str | None, baseline: str | None, seed: int, overrides: Sequence[str]
) -> dict[str, Any]:
    """Return what is asked for as the tables of a study file.

    Raises
    ------
    SpecError
        If a table is overridden that says nothing here.
    """
    document: dict[str, Any] = {"seed": seed}
    for override in overrides:
        table = override.partition(".")[0].strip()
        if table not in TABLES:
            raise SpecError(
                f"--set {override}: only keys of {', '.join(TABLES)} say something of predictions "
                "that are there already"
            )
        apply_override(document, override)
    if metric is not None:
        document["plot"] = {**document.get("plot", {}), "metric": metric}
    if baseline is not None:
        document["compare"] = {**document.get("compare", {}), "baseline": baseline}
    return document


def spec_of(
    name: str,
    systems: Sequence[SystemName],
    budgets: Sequence[float],
    draws: int,
    unit: str,
    options: Mapping[str, Any],
) -> StudySpec:
    """Return the study.

    Parameters
    ----------
    name : str
    systems : sequence of SystemName
    budgets : sequence of float
        In percent.
    draws : int
    unit : str
        What is scored.
    options : mapping
        As `options_of` gives them.

    Raises
    ------
    SpecError
        Listing every problem of the options.
    """
    representations = list(dict.fromkeys(one.representation for one in systems))
    classifiers = list(dict.fromkeys(one.classifier for one in systems))
    compare = dict(options.get("compare", {}))
    if "baseline" in compare:
        compare["baseline"] = _representation(str(compare["baseline"]), classifiers)
    document = {
        **options,
        "name": name,
        "corpus": (),
        "representations": {one: {"kind": KIND} for one in representations},
        "curve": {
            "classifiers": classifiers,
            "only": _only(systems, representations, classifiers),
            "percentages": list(budgets),
            "draws": draws,
            "unit": unit,
        },
        "compare": compare,
    }
    problems: list[str] = []
    spec = validated(StudySpec, document, "", problems)
    named = compare.get("baseline")
    if named is not None and named not in representations:
        problems.append(f"baseline: there is no '{named}'; {nearest(named, representations)}")
    if problems or spec is None:
        raise SpecError(f"The comparison has {counted(len(problems))}:\n  " + "\n  ".join(problems))
    return spec


def _representation(baseline: str, classifiers: Sequence[str]) -> str:
    """Return the representation of a system: of ``svm@code`` that is ``code``."""
    classifier, _, name = baseline.partition("@")
    if name and classifiers == [WHOLE]:  # where one system is no pair, none is
        return baseline.replace("@", ".")
    return name if name and classifier in classifiers else baseline


def _only(
    systems: Sequence[SystemName], representations: Sequence[str], classifiers: Sequence[str]
) -> dict[str, list[str]]:
    """Return the representations of classifiers that are not run on all."""
    of = {c: [name for name, other in systems if other == c] for c in classifiers}
    return {c: names for c, names in of.items() if len(names) < len(representations)}
