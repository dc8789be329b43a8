"""Messages about a table of a study file: its key, what is allowed, and the value.

In: a model and a table. Out: the model's instance, or what pydantic says in the words of the file.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar, get_args, get_origin

from pydantic import ValidationError

from semisup.errors import nearest
from semisup.study.table import Table
from semisup.study.wording import Mistake, mistakes

TableType = TypeVar("TableType", bound=Table)


def validated(
    model: type[TableType], table: Mapping[str, Any], where: str, problems: list[str]
) -> TableType | None:
    """Return a table as its model, or None and a problem more for everything that is wrong.

    Parameters
    ----------
    model : type
    table : mapping
        As TOML gives it.
    where : str
        Name of the table in the study file; "" for the study itself.
    problems : list of str
        Gets the sentences.
    """
    try:
        return model.model_validate(table)
    except ValidationError as error:
        problems += [_sentence(model, mistake, where) for mistake in mistakes(error, table)]
        return None


def without_mistakes(model: type[TableType], table: Mapping[str, Any]) -> TableType | None:
    """Return a table as its model without the keys that are wrong.

    None where the other keys are no table, as where one is missing. Of a nested table the wrong
    key alone is left out where that is enough, and else the whole of it.
    """
    try:
        return model.model_validate(table)
    except ValidationError as error:
        wrong = [(*mistake.tables, mistake.key) for mistake in mistakes(error, table)]
    for paths in (wrong, [path[:1] for path in wrong]):
        try:
            return model.model_validate(_without(table, paths))
        except ValidationError:
            continue
    return None


def _without(table: Mapping[str, Any], paths: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return a copy of nested tables without some keys."""
    inner = {key: [path[1:] for path in paths if path[0] == key and len(path) > 1] for key in table}
    return {
        key: _without(value, inner[key]) if inner[key] and isinstance(value, Mapping) else value
        for key, value in table.items()
        if (key,) not in [tuple(path) for path in paths]
    }


def unless_known(name: str, names: Collection[str], where: str) -> list[str]:
    """Return the problem that a name is not known, and the nearest one; none if it is known."""
    return [] if name in names else [f"{where}: '{name}' is not known; {nearest(name, names)}"]


def counted(number: int) -> str:
    """Return how many problems there are.

    Examples
    --------
    >>> counted(1), counted(2)
    ('1 problem', '2 problems')
    """
    return "1 problem" if number == 1 else f"{number} problems"


def _sentence(model: type[Table], mistake: Mistake, where: str) -> str:
    tables, key, kind, message, value = mistake
    place = ".".join(filter(None, [where, *tables]))
    section = f"[{place}] " if place else ""
    if kind == "extra_forbidden":
        return f"{section}{key} is not a known key; {nearest(key, _keys_of(model, tables))}"
    if kind == "missing":
        return f"{section}{key} is missing"
    name = f"{key}: " if key else ""
    # a message that names what was written need not end with it, nor may one end with tables
    is_named = isinstance(value, dict | Table) or repr(value) in message
    got = "" if is_named else f", got {value!r}"
    return f"{section}{name}{message[:1].lower()}{message[1:]}{got}"


def _keys_of(model: type[Table], tables: Sequence[str]) -> list[str]:
    """Return the keys that a nested table may have."""
    nested: type[Table] | None = model
    for name in tables:
        field = nested.model_fields.get(name) if nested else None
        # names of the user's own tables are in the path, too
        if field is not None:
            nested = _table_in(field.annotation)
    return sorted({*nested.model_fields, *nested.shorthand}) if nested else []


def _table_in(annotation: object) -> type[Table] | None:
    """Return the last table that an annotation allows, however deep, or None."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    inner = [_table_in(type_) for type_ in (get_origin(annotation), *get_args(annotation)) if type_]
    return next((table for table in reversed(inner) if table is not None), None)
