"""Tables of a study file whose keys an entry declares: ``[corpus]`` and ``[representations]``.

Names of code from outside, such as ``./my_features.py:MyRepresentation``, are looked for beside
the study file, and stand in the checked study with their whole path.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from semisup import registry
from semisup.corpora import adapter
from semisup.engine import outside
from semisup.errors import OutsideError, SpecError, UnknownNameError
from semisup.features.kinds import kind_class
from semisup.reading.messages import validated, without_mistakes
from semisup.remote.urls import is_url
from semisup.splits import WITH_LABELS
from semisup.study.paths import find_path, instead_of
from semisup.study.spec import CorpusSpec, RepresentationSpec
from semisup.study.table import Table

TableType = TypeVar("TableType", bound=Table)


def corpora(document: Any, base: Path, problems: list[str]) -> tuple[CorpusSpec, ...]:
    """Validate `[corpus]` or each `[[corpus]]` by its adapter's own model."""
    if document is None:
        problems.append("[corpus] is missing: it names the adapter and the folder")
        return ()
    tables = document if isinstance(document, list) else [document]
    names = [f"corpus {i + 1}" if len(tables) > 1 else "corpus" for i in range(len(tables))]
    parsed = [
        _by_entry(
            registry.corpora,
            lambda name: adapter(name).Options,
            "adapter",
            table,
            name,
            base,
            problems,
        )
        for name, table in zip(names, tables, strict=True)
    ]
    corpora = tuple(table for table in parsed if table is not None)
    if len(corpora) == len(tables):  # of one that could not be read nobody knows the role
        problems += _role_problems({corpus.role for corpus in corpora})
    return corpora


def _role_problems(roles: set[str]) -> list[str]:
    """Tell which subset with labels no corpus may be in."""
    lacking = [subset for subset in WITH_LABELS if not {subset, "all"} & roles]
    return [
        f"[corpus] role: no corpus may be in '{subset}', as the roles are "
        f'{" and ".join(sorted(roles))}; one corpus needs role = "{subset}" or "all"'
        for subset in lacking[:1]
    ]


def representations(
    document: Any, base: Path, problems: list[str]
) -> dict[str, RepresentationSpec]:
    """Validate each `[representations.<name>]` by its kind's own model."""
    if not isinstance(document, dict) or not document:
        problems.append("[representations] needs at least one [representations.<name>]")
        return {}
    parsed = {
        name: _by_entry(
            registry.representations,
            lambda kind: kind_class(kind).Options,
            "kind",
            table,
            f"representations.{name}",
            base,
            problems,
        )
        for name, table in document.items()
    }
    # names go into paths of files; "a+b" is the name of the two side by side
    problems += [
        f"[representations.{name}]: a name has letters, digits, '_', '-' and '.' only"
        for name in document
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]*(\+[A-Za-z0-9][\w.-]*)*", name)
    ]
    return {name: table for name, table in parsed.items() if table is not None}


def instead_of_code(reference: str) -> str:
    """Say what there is instead of a file of code, for the end of a sentence; "" if it is there."""
    path = Path(reference.rpartition(":")[0])
    return f"; {instead_of(path)}" if outside.is_file(reference) and not path.is_file() else ""


def with_whole_path(reference: str, base: Path) -> str:
    """Return a reference to a file with the file's whole path, any other name as it is."""
    if not outside.is_file(reference):
        return reference
    if is_url(reference):
        raise SpecError(f"'{reference}' is at a URL: code is run from files of this machine alone")
    path, _, name = reference.rpartition(":")
    return f"{find_path(path, base).absolute()}:{name}"


def _by_entry(
    entries: registry.Registry,
    options_of: Callable[[str], type[TableType]],
    key: str,
    table: Any,
    where: str,
    base: Path,
    problems: list[str],
) -> TableType | None:
    """Validate a table by the options of the entry that its `key` names.

    Of one with wrong keys, the rest is returned where that is a table: its paths can be looked at.
    """
    if not isinstance(table, dict) or not isinstance(table.get(key), str):
        problems.append(f"[{where}] needs the key {key}, one of {', '.join(entries.names())}")
        return None
    name = with_whole_path(table[key], base)
    # without its entry nobody knows a table's keys: they go unchecked until the name is right
    try:
        options = options_of(name)
    except (UnknownNameError, OutsideError) as error:
        problems.append(f"[{where}] {key}: {error}{instead_of_code(name)}")
        return None
    table = {**table, key: name}
    checked = validated(options, table, where, problems)
    return checked if checked is not None else without_mistakes(options, table)
