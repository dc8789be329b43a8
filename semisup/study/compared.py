"""What is compared with what: the names in `[compare]`, its baseline, queries with the draw."""

from collections.abc import Mapping

from semisup.study.controls import without_controls
from semisup.study.spec import ClassifierSpec, CompareSpec, StudySpec

#: The kind that others are compared with where the study says nothing.
BASELINE_KIND = "handcrafted"


def named_in(compare: CompareSpec) -> list[tuple[str, str]]:
    """Return the key and the name of every representation that the table names."""
    pairs = [] if isinstance(compare.pairs, str) else compare.pairs or []
    names = [("pairs", name) for pair in pairs for name in pair]
    return names + ([("baseline", compare.baseline)] if compare.baseline else [])


def with_baseline(study: StudySpec) -> CompareSpec:
    """Return `[compare]` with the baseline that it means.

    Of two representations the later is compared with the earlier, whatever they are.
    """
    names = without_controls(study.compared())
    kinds = [study.representations[name].kind for name in names]
    has_one = len(names) > 2 and BASELINE_KIND in kinds
    first = names[kinds.index(BASELINE_KIND) if has_one else 0]
    return study.compare.model_copy(update={"baseline": study.compare.baseline or first})


def drawn_of(study: StudySpec) -> dict[str, str | None]:
    """Return `drawn_among` the classifiers of the curve."""
    return drawn_among({name: study.classifier(name) for name in study.curve.classifiers})


def drawn_among(specs: Mapping[str, ClassifierSpec]) -> dict[str, str | None]:
    """Return, of each classifier with a query, the one that is the same on the draw's recordings.

    It is the first that differs in the query alone; None if there is none.
    """
    drawn: dict[str, str | None] = {}
    for name, spec in specs.items():
        if spec.query is not None:
            same = spec.model_copy(update={"query": None})
            drawn[name] = next((other for other, its in specs.items() if its == same), None)
    return drawn
