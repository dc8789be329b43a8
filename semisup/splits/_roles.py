"""Roles of corpora: the subsets that the recordings of each may be in.

In: the manifest, whose `role` is that of a recording's corpus. Out: groups of recordings that are
shared among some of the subsets only, and what a reader must know of it. No two groups that have
labels share a subset: a subset that a corpus has as its role comes from such corpora alone.
"""

from collections.abc import Iterable, Iterator

import pandas as pd

from semisup.errors import SplitError
from semisup.splits._check import WITH_LABELS
from semisup.study.split_spec import SUBSETS, SplitSpec

#: A speaker of corpora of several roles is heard in the first of these alone.
ROLES = ("unlabelled", "test", "labelled", "all")


def subsets_of_roles(roles: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Say in which subsets the recordings of each role may be.

    Examples
    --------
    >>> subsets_of_roles(["all", "labelled"])
    {'labelled': ('labelled',), 'all': ('unlabelled', 'test')}
    >>> subsets_of_roles(["labelled", "test"])
    {'test': ('test',), 'labelled': ('labelled', 'unlabelled')}
    """
    there = set(roles)
    subsets: dict[str, tuple[str, ...]] = {role: (role,) for role in SUBSETS}
    subsets["all"] = tuple(name for name in SUBSETS if name not in there & set(WITH_LABELS))
    if not there & {"all", "unlabelled"}:
        # nobody else has recordings to learn from without labels
        subsets["labelled"] = ("labelled", "unlabelled")
    return {role: subsets[role] for role in ROLES if role in there}


def with_role(manifest: pd.DataFrame) -> pd.DataFrame:
    """Return the manifest with the column `role`: "all" where it has none."""
    return manifest if "role" in manifest else manifest.assign(role="all")


def are_set(manifest: pd.DataFrame) -> bool:
    """Tell whether corpora are for `labelled` or `test` alone: then nobody is dealt to both."""
    return not set(with_role(manifest)["role"]).isdisjoint(WITH_LABELS)


def heard_elsewhere(manifest: pd.DataFrame) -> pd.Series:
    """Return the role of another corpus that a recording's speaker is heard in, "" if in none.

    It is the first of `ROLES`: the speaker would be in two subsets, and belongs to that one.
    """
    rows = with_role(manifest)
    order = rows["role"].map(ROLES.index)
    # "" is nobody in particular
    first = order.groupby(rows["speaker"]).transform("min").where(rows["speaker"] != "", order)
    return first.map(lambda place: ROLES[place]).mask(first == order, "")


def check_any_left(manifest: pd.DataFrame, elsewhere: pd.Series) -> None:
    """Refuse a role of whose speakers none is left.

    Parameters
    ----------
    manifest : DataFrame
        With `role`.
    elsewhere : Series of str
        As `heard_elsewhere` gives it.

    Raises
    ------
    SplitError
        Naming the role, and that of the corpora that have its speakers too.
    """
    for role, others in elsewhere.groupby(manifest["role"]):
        if (others != "").all():
            named = " and ".join(f"'{other}'" for other in sorted(set(others)))
            raise SplitError(
                f"The speakers of all {len(others)} recordings of role '{role}' are in a corpus of "
                f"role {named} too, and no speaker may be in two subsets; leave some of these "
                "speakers out of that corpus"
            )


def check_same_classes(manifest: pd.DataFrame) -> None:
    """Refuse corpora for `labelled` and for `test` whose classes differ.

    Parameters
    ----------
    manifest : DataFrame
        With `role`.

    Raises
    ------
    SplitError
        Naming each class that one side lacks, the corpora of the other, and what to write.
    """
    if not are_set(manifest):
        return
    sides = {name: may_be_in(manifest, name) for name in WITH_LABELS}
    classes = {name: set(rows["label"]) - {""} for name, rows in sides.items()}
    lacking = [
        f"'{label}' is in {_corpora(rows[rows['label'] == label])} (for '{name}') alone"
        for name, rows in sides.items()
        for label in sorted(classes[name] - set.intersection(*classes.values()))
    ]
    if lacking:
        first = min(set.symmetric_difference(*classes.values()))
        shared = min(set.intersection(*classes.values()), default="other")
        raise SplitError(
            f"The classes of the corpora for 'labelled' and for 'test' differ: {'; '.join(lacking)}"
            "; in the [[corpus]] that has it, "
            f'map_labels = {{ "{first}" = "{shared}" }} renames a class, and '
            f'map_labels = {{ "{first}" = "" }} leaves it out'
        )


def groups(manifest: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, tuple[str, ...]]]:
    """Yield the recordings of each role, with the subsets that they may be in."""
    for role, subsets in subsets_of_roles(manifest["role"]).items():
        yield manifest[manifest["role"] == role], subsets


def may_be_in(manifest: pd.DataFrame, subset: str) -> pd.DataFrame:
    """Return the recordings whose role allows a subset."""
    subsets = subsets_of_roles(manifest["role"])
    return manifest[[subset in subsets[role] for role in manifest["role"]]]


def narrowed(spec: SplitSpec, subsets: tuple[str, ...]) -> SplitSpec:
    """Return what a split asks of some of the subsets; their shares keep their proportion.

    Examples
    --------
    >>> narrowed(SplitSpec(fractions={"labelled": 0.3, "unlabelled": 0.5}), ("labelled",)).fractions
    {'labelled': 1.0}
    """
    if {*spec.fractions, *spec.per_class} <= set(subsets):
        return spec
    shares = {name: share for name, share in spec.fractions.items() if name in subsets}
    counts = {name: count for name, count in spec.per_class.items() if name in subsets}
    whole = sum(shares.values())
    fractions = {name: share / whole for name, share in shares.items()}
    return spec.model_copy(update={"fractions": fractions, "per_class": counts})


def role_notes(manifest: pd.DataFrame, split: pd.Series) -> list[str]:
    """Say from which corpora each subset is, where roles of corpora decide about it."""
    if not are_set(manifest):
        return []
    rows = manifest[manifest["recording"].isin(split.index)]
    subset = rows["recording"].map(split)
    parts = [
        f"'{name}' is from {_corpora(rows[subset == name])}"
        for name in SUBSETS
        if (subset == name).any()
    ]
    notes = [f"By the roles of the corpora {', '.join(parts)}"]
    shared = "unlabelled" in subsets_of_roles(manifest["role"]).get("labelled", ())
    if shared and (subset == "unlabelled").any():
        notes.append(
            "No corpus has the role 'unlabelled' or 'all', so the speakers of "
            f"{_corpora(manifest[manifest['role'] == 'labelled'])} are shared between 'labelled' "
            "and 'unlabelled'; a [split] that does not name 'unlabelled' makes all of them labelled"
        )
    return notes


def _corpora(rows: pd.DataFrame) -> str:
    """Name the corpora of rows, or their roles where nobody gave the corpora names."""
    names = rows["corpus" if "corpus" in rows else "role"]
    return " and ".join(f"'{name}'" for name in sorted(set(names)))
