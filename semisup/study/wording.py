"""What pydantic finds wrong in a table, in the words of a study file.

In: its error and the table. Out: the place, the key and a sentence for each mistake. Where a value
may have several forms, pydantic tells what is wrong with each of them; that is one mistake here.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

#: What should stand there, by pydantic's name of the mistake; others speak of no Python type.
_SHOULD_BE = {
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "list_type": "a list",
    "tuple_type": "a list",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a smaller whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "string_pattern_mismatch": "text of the form {pattern}",
    "too_short": "a list of at least {min_length} item{s}",
    "too_long": "a list of at most {max_length} item{s}",
}
_BEGINNING = "Input should be "


class Mistake(NamedTuple):
    """One thing that is wrong in a table.

    Parameters
    ----------
    tables : tuple of str
        The nested tables that the key is in.
    key : str
        "" for the table itself.
    kind : str
        Pydantic's name of the mistake, such as "missing" or "extra_forbidden".
    message : str
        What should be there; it begins with a capital letter.
    value : object
        What is there.
    """

    tables: tuple[str, ...]
    key: str
    kind: str
    message: str
    value: object


def first_mistake(error: ValidationError, table: Mapping[str, Any]) -> str:
    """Return one sentence on the first thing that is wrong with named parameters."""
    first = mistakes(error, table)[0]
    name = ".".join([*first.tables, first.key])
    # one of two parameters together has no key
    return f"{name}: {first.message}" if name else first.message


class _Located(NamedTuple):
    """What pydantic says, and where: it names the forms that it tried among the keys."""

    path: tuple[str | int, ...]
    of_a_form: bool
    details: ErrorDetails


def mistakes(error: ValidationError, table: Mapping[str, Any]) -> list[Mistake]:
    """Return what is wrong with a table, one mistake a value.

    Parameters
    ----------
    error : ValidationError
    table : mapping
        What was validated.
    """
    located = [_located(details, table) for details in error.errors()]
    paths = {item.path for item in located}
    groups: list[list[_Located]] = []
    for item in located:
        # a value that is of one form, with something wrong inside, need not be told of the others
        if item.of_a_form and any(
            item.path == path[: len(item.path)] for path in paths - {item.path}
        ):
            continue
        if groups and item.of_a_form and groups[-1][0].path == item.path:
            groups[-1].append(item)
        else:
            groups.append([item])
    return [_mistake(group) for group in groups]


def _located(details: ErrorDetails, table: Mapping[str, Any]) -> _Located:
    path: list[str | int] = []
    value: Any = table
    of_a_form = False
    for step in details["loc"]:
        if _has(value, step):
            value = value[step]
        # the last one, as the others lead to it
        elif details["type"] != "missing" or step != details["loc"][-1]:
            # of a key that may not be there, the value is the key
            of_a_form = step != "[key]"
            continue
        path.append(step)
        of_a_form = False
    return _Located(tuple(path), of_a_form, details)


def _has(value: object, step: str | int) -> bool:
    if isinstance(value, list | tuple):
        return isinstance(step, int) and step < len(value)
    return isinstance(value, Mapping) and step in value


def _mistake(group: Sequence[_Located]) -> Mistake:
    """Return what is wrong with one value, of whichever forms it may be."""
    path, _, details = group[0]
    # which item of a list it is, its value tells
    *tables, key = [step for step in path if isinstance(step, str)] or [""]
    messages = list(dict.fromkeys(_message(item.path, item.details) for item in group))
    return Mistake(tuple(tables), key, _kind(path, details), _either(messages), details["input"])


def _kind(path: Sequence[str | int], details: ErrorDetails) -> str:
    is_item = bool(path) and isinstance(path[-1], int)
    return "too_short" if is_item and details["type"] == "missing" else details["type"]


def _message(path: Sequence[str | int], details: ErrorDetails) -> str:
    kind, context = details["type"], dict(details.get("ctx", {}))
    if _kind(path, details) != kind:
        return f"{_BEGINNING}a list with no item missing"
    if kind not in _SHOULD_BE:
        return details["msg"].removeprefix("Value error, ")
    length = context.get("min_length", context.get("max_length"))
    return _BEGINNING + _SHOULD_BE[kind].format(**context, s="" if length == 1 else "s")


def _either(messages: Sequence[str]) -> str:
    """Join what a value may be.

    Examples
    --------
    >>> _either(["Input should be a table", "Input should be a list"])
    'Input should be a table or a list'
    """
    if len(messages) == 1 or not all(message.startswith(_BEGINNING) for message in messages):
        return messages[0]
    *first, last = [message.removeprefix(_BEGINNING) for message in messages]
    return f"{_BEGINNING}{', '.join(first)} or {last}"
