"""``controls = true``: what a learned representation has without learning, written out.

In: the tables of a study file. Out: the controls as representations of their own, which are then
named wherever the file names the representation.
"""

from collections.abc import Mapping
from typing import Any

from semisup.features.kinds import kind_of
from semisup.study.controls import control_name
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
    expanded: dict[str, RepresentationSpec] = {}
    for name, spec in specs.items():
        expanded[name] = spec
        problems += _mistakes(tables[name], name)
        if asks(tables[name]):
            # a table of this name in the study has the last word
            made = _made(name, spec, problems)
            expanded |= {key: specs.get(key, control) for key, control in made.items()}
    return expanded


def named_beside(curve: Any, added: Mapping[str, list[str]]) -> Any:
    """Name controls in `[curve]` wherever it names the representation.

    Parameters
    ----------
    curve : mapping
        The table of the study file.
    added : mapping of str to list of str
        The controls of each representation.
    """
    if not isinstance(curve, dict):
        return curve
    only = curve.get("only")
    lists = {"representations": _beside(curve.get("representations"), added)}
    if isinstance(only, dict):
        lists["only"] = {name: _beside(chosen, added) for name, chosen in only.items()}
    return curve | {key: value for key, value in lists.items() if value is not None}


def asks(table: Mapping[str, Any]) -> bool:
    """Tell whether a representation's table asks for controls."""
    return table.get(KEY) is True


def _mistakes(table: Mapping[str, Any], name: str) -> list[str]:
    value = table.get(KEY, False)
    if isinstance(value, bool):
        return []
    return [f"[representations.{name}] {KEY}: should be true or false, got {value!r}"]


def _made(
    name: str, spec: RepresentationSpec, problems: list[str]
) -> dict[str, RepresentationSpec]:
    controls = kind_of(spec).controls()
    if not controls:
        problems.append(
            f"[representations.{name}] {KEY}: the kind '{spec.kind}' has none, as it learns "
            "nothing by itself or does not say what it is without learning"
        )
    return {control_name(name, control): made for control, made in controls.items()}


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
