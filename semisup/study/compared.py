"""What `[compare]` compares with what: the names in it, and the baseline that it means."""

from semisup.study.controls import without_controls
from semisup.study.spec import CompareSpec, StudySpec

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
