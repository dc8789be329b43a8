"""Representations that others stand for, such as each layer of an encoder: written out.

In: the tables of a study file. Out: the members as representations of their own, which are then
named wherever the curve names what they stand for.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from semisup.errors import SemisupError
from semisup.features.kinds import kind_of
from semisup.reading.controls import KEY
from semisup.study.spec import RepresentationSpec

#: The members of each representation that has some, and among them what it becomes itself.
Standing = Mapping[str, Mapping[str, RepresentationSpec]]


def of_all(
    specs: Mapping[str, RepresentationSpec], base: Path, problems: list[str]
) -> dict[str, dict[str, RepresentationSpec]]:
    """Return the members of each representation that has some.

    Parameters
    ----------
    specs : mapping of str to RepresentationSpec
        Those of the study file.
    base : Path
        Its folder.
    problems : list of str
        Gets the sentences.
    """
    standing = {}
    for name, spec in specs.items():
        try:
            standing[name] = kind_of(spec).members(name, base)
        except SemisupError as error:
            problems.append(f"[representations.{name}] {error}")
    return {name: members for name, members in standing.items() if members}


def with_members(
    specs: Mapping[str, RepresentationSpec], standing: Standing
) -> dict[str, RepresentationSpec]:
    """Put members after what they stand for; a table of such a name has the last word."""
    return {
        key: specs[key] if key in specs and key != name else spec
        for name, written in specs.items()
        for key, spec in ({name: written} | dict(standing.get(name, {}))).items()
    }


def with_tables(tables: Any, standing: Standing) -> Any:
    """Return `[representations]` with tables of the members, which ask for the same controls."""
    if not standing:
        return tables
    asking = {
        member: {KEY: tables[name][KEY]} if KEY in tables[name] else {}
        for name, members in standing.items()
        for member in members
    }
    return asking | tables


def named_instead(curve: Any, names: list[str], standing: Standing) -> Any:
    """Name members in `[curve]` instead of what they stand for.

    Parameters
    ----------
    curve : mapping
        The table of the study file.
    names : list of str
        Of all representations, members too: where the curve names none.
    standing : mapping
    """
    if not isinstance(curve, dict) or not standing:
        return curve
    chosen = curve.get("representations")
    # members stand in the list already
    every = [name for name in names if name not in standing]
    replaced = every if chosen is None else _instead(chosen, standing)
    only = curve.get("only")
    if isinstance(only, dict):
        curve = {**curve, "only": {key: _instead(each, standing) for key, each in only.items()}}
    return {**curve, "representations": replaced}


def _instead(names: Any, standing: Standing) -> Any:
    # what is not a list of names stays as it is: the model says what is wrong with it
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return names
    return list(
        dict.fromkeys(
            member
            for name in names
            for member in ([m for m in standing[name] if m != name] if name in standing else [name])
        )
    )
