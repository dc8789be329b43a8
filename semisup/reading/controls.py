"""``controls = true``: what a learned representation has without learning, written out.

In: the tables of a study file. Out: the controls as representations of their own, which are then
named wherever the file names the representation.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from semisup.features.contract import Representation
from semisup.features.kinds import kind_of
from semisup.study.controls import CONTROLS, Control, control_name
from semisup.study.spec import RepresentationSpec

KEY = "controls"


def without_key(tables: Any) -> Any:
    """Return `[representations]` as kinds know it; what is no table stays for them to refuse."""
    if not isinstance(tables, dict):
        return tables
    return {
        name: {key: value for key, value in table.items() if key != KEY}
        if isinstance(table, dict)
        else table
        for name, table in tables.items()
    }


def with_controls(
    tables: Any, specs: Mapping[str, RepresentationSpec], problems: list[str]
) -> dict[str, RepresentationSpec]:
    """Put the controls that a study asks for behind each representation.

    Parameters
    ----------
    tables : mapping
        `[representations]` of the study file.
    specs : mapping of str to RepresentationSpec
        The same, checked.
    problems : list of str
        Gets the sentences.
    """
    made: dict[str, dict[str, RepresentationSpec]] = {}
    # controls of what is made of others are made of the others' controls
    for name in sorted(specs, key=lambda name: _depth(name, specs)):
        problems += _mistakes(tables[name], name)
        if asks(tables[name]):
            known = {*specs, *(other for controls in made.values() for other in controls)}
            made[name] = _made(name, specs[name], known, problems)
    # a table of this name in the study has the last word
    return {
        key: specs.get(key, other)
        for name, spec in specs.items()
        for key, other in ({name: spec} | made.get(name, {})).items()
    }


def named_beside(
    curve: Any,
    added: Mapping[str, list[str]],
    tuning: Mapping[str, Mapping[str, list[str]]] = MappingProxyType({}),
) -> Any:
    """Name controls in `[curve]` wherever it names the representation.

    Parameters
    ----------
    curve : mapping
        The table of the study file.
    added : mapping of str to list of str
        The controls of each representation.
    tuning : mapping of str to mapping
        By classifier that goes on training an encoder: those of these controls that have one.
    """
    if not isinstance(curve, dict):
        return curve
    only = curve.get("only")
    lists = {"representations": _beside(curve.get("representations"), added)}
    if isinstance(only, dict):
        lists["only"] = {
            name: _beside(chosen, tuning.get(name, added)) for name, chosen in only.items()
        }
    return curve | {key: value for key, value in lists.items() if value is not None}


def asks(table: Mapping[str, Any]) -> bool:
    """Tell whether a representation's table asks for controls."""
    return table.get(KEY) is True


def _mistakes(table: Mapping[str, Any], name: str) -> list[str]:
    value = table.get(KEY, False)
    if isinstance(value, bool):
        return []
    return [f"[representations.{name}] {KEY}: should be true or false, got {value!r}"]


def _depth(name: str, specs: Mapping[str, RepresentationSpec], above: tuple[str, ...] = ()) -> int:
    """Return how many representations stand one on the other below this one.

    What is made of itself, or of what there is not, is refused elsewhere.
    """
    if name not in specs or name in above:
        return 0
    parents = kind_of(specs[name]).parents()
    return 1 + max((_depth(parent, specs, (*above, name)) for parent in parents), default=0)


def _made(
    name: str, spec: RepresentationSpec, known: Collection[str], problems: list[str]
) -> dict[str, RepresentationSpec]:
    kind = kind_of(spec)
    parents = kind.parents()
    controls = _of_parents(kind, known) if parents else kind.controls()
    if not controls:
        reason = (
            f"needs controls = true in [representations.{parents[0]}] too, or in another that it "
            "is made of"
            if parents
            else f"the kind '{spec.kind}' has none, as it learns nothing by itself or does not say "
            "what it is without learning"
        )
        problems.append(f"[representations.{name}] {KEY}: {reason}")
    return {control_name(name, control): made for control, made in controls.items()}


def _of_parents(kind: Representation, known: Collection[str]) -> dict[Control, RepresentationSpec]:
    """Return the same made of the controls of what it is made of, as far as these have any."""
    made: dict[Control, RepresentationSpec] = {}
    for control in CONTROLS:
        replaced = {parent: control_name(parent, control) for parent in kind.parents()}
        replaced = {parent: name for parent, name in replaced.items() if name in known}
        if replaced:
            made[control] = kind.made_of(replaced)
    return made


def _beside(names: Any, added: Mapping[str, list[str]]) -> Any:
    # what is not a list of names stays as it is: the model says what is wrong with it
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return names
    written = set(names)
    return [
        other
        for name in names
        for other in (name, *(c for c in added.get(name, ()) if c not in written))
    ]
