"""Reading `study.toml`: text in, a checked `StudySpec` out, all problems at once.

A misspelt key is an error that names the nearest known key. Paths may hold ``${VAR}`` and
``${VAR:-default}``; `find_path` says where a relative one is looked for.
"""

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from semisup import registry
from semisup.errors import SpecError, UnknownNameError, nearest
from semisup.study.checks import declares, network_problems, train_problems
from semisup.study.spec import Range, RepresentationSpec, StudySpec, Table

_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
_TableType = TypeVar("_TableType", bound=Table)


def read_study(path: Path, overrides: Sequence[str] = ()) -> StudySpec:
    """Read and check a study file.

    Parameters
    ----------
    path : Path
        A TOML file.
    overrides : sequence of str
        ``table.key=value`` in TOML syntax; a bare word is a string.

    Raises
    ------
    SpecError
        Listing every problem: unknown keys with the nearest known one, wrong values, names that
        no registry has.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SpecError(f"There is no study file {path}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SpecError(f"{path} cannot be read as TOML: {error}") from error
    for override in overrides:
        apply_override(document, override)
    return parse_study(document, str(path))


def parse_study(document: Mapping[str, Any], where: str = "study") -> StudySpec:
    """Check a study given as nested dictionaries; `where` begins every message."""
    problems: list[str] = []
    sections = with_short_names(document)
    sections["corpus"] = _corpora(sections.get("corpus"), problems)
    sections["representations"] = _representations(
        sections.get("representations", {"handcrafted": {"kind": "handcrafted"}}), problems
    )
    study = _validate(StudySpec, sections, "", problems)
    if study is not None:
        problems += _unknown_names(study) + _misfits(study)
    if problems or study is None:
        listed = "".join(f"\n  {problem}" for problem in problems)
        raise SpecError(f"{where} has {_count(len(problems))}:{listed}")
    return study


def with_short_names(document: Mapping[str, Any]) -> dict[str, Any]:
    """Write out what a study file may say in short.

    ``kind = "hear:module"`` is the kind `hear` with that module; ``a+b`` among the representations
    of the curve is one of kind `fused`.
    """
    sections = dict(document)
    given = sections.get("representations")
    if isinstance(given, dict):
        sections["representations"] = {name: _of_module(table) for name, table in given.items()}
        curve = sections.get("curve")
        chosen = curve.get("representations") if isinstance(curve, dict) else None
        for name in chosen if isinstance(chosen, list) else ():
            if isinstance(name, str) and "+" in name:
                fused = {"kind": "fused", "of": name.split("+")}
                sections["representations"].setdefault(name, fused)
    return sections


def _of_module(table: Any) -> Any:
    kind = table.get("kind") if isinstance(table, dict) else None
    if not isinstance(kind, str) or not kind.startswith("hear:"):
        return table
    return {**table, "kind": "hear", "module": kind.removeprefix("hear:")}


def apply_override(document: dict[str, Any], override: str) -> None:
    """Set one ``table.key=value`` in a study given as nested dictionaries."""
    dotted, equals, text = override.partition("=")
    keys = [key.strip() for key in dotted.split(".")]
    if not equals or not all(keys):
        raise SpecError(f"--set takes table.key=value, got '{override}'")
    table = document
    for key in keys[:-1]:
        table = table.setdefault(key, {})
        if not isinstance(table, dict):
            raise SpecError(f"--set {override}: '{key}' is not a table of the study file")
    table[keys[-1]] = _toml_value(text.strip())


def expand(text: str, where: str = "path") -> str:
    """Replace ``${VAR}`` and ``${VAR:-default}``.

    Examples
    --------
    >>> expand("${SEMISUP_NO_SUCH_VARIABLE:-corpora}/ravdess")
    'corpora/ravdess'
    """

    def value(match: re.Match[str]) -> str:
        name, default = match.groups()
        found = os.environ.get(name) or default
        if found is None:
            raise SpecError(f"{where} uses ${{{name}}}, but the variable {name} is not set")
        return found

    return _VARIABLE.sub(value, text)


def find_path(text: str, base: Path) -> Path:
    """Return the path meant: below the study file's folder if it is there, else as given."""
    path = Path(expand(text)).expanduser()
    beside = base / path
    return beside if beside.exists() else path


def _corpora(given: Any, problems: list[str]) -> tuple[Table, ...]:
    """Validate `[corpus]` or each `[[corpus]]` by its adapter's own model."""
    if given is None:
        problems.append("[corpus] is missing: it names the adapter and the folder")
        return ()
    tables = given if isinstance(given, list) else [given]
    names = [f"corpus {i + 1}" if len(tables) > 1 else "corpus" for i in range(len(tables))]
    parsed = [
        _by_entry(registry.corpora, "adapter", table, name, problems)
        for name, table in zip(names, tables, strict=True)
    ]
    return tuple(table for table in parsed if table is not None)


def _representations(given: Any, problems: list[str]) -> dict[str, Table]:
    if not isinstance(given, dict) or not given:
        problems.append("[representations] needs at least one [representations.<name>]")
        return {}
    parsed = {
        name: _by_entry(
            registry.representations, "kind", table, f"representations.{name}", problems
        )
        for name, table in given.items()
    }
    problems += [
        f"[representations.{name}]: a name has letters, digits, '_', '-' and '.' only"
        for name in given
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]*(\+[A-Za-z0-9][\w.-]*)*", name)
    ]
    return {name: table for name, table in parsed.items() if table is not None}


def _by_entry(
    entries: registry.Registry, key: str, table: Any, where: str, problems: list[str]
) -> Table | None:
    """Validate a table by the `Options` of the registry entry that its `key` names."""
    if not isinstance(table, dict) or not isinstance(table.get(key), str):
        problems.append(f"[{where}] needs the key {key}, one of {', '.join(entries.names())}")
        return None
    try:
        options = entries.get(table[key]).Options
    except UnknownNameError as error:
        problems.append(f"[{where}] {key}: {error}")
        return None
    return _validate(options, table, where, problems)


def _validate(
    model: type[_TableType], table: Mapping[str, Any], where: str, problems: list[str]
) -> _TableType | None:
    try:
        return model.model_validate(table)
    except ValidationError as error:
        problems += [_sentence(model, dict(item), where) for item in error.errors()]
        return None


def _sentence(model: type[Table], item: dict[str, Any], where: str) -> str:
    *tables, key = [str(part) for part in item["loc"]] or [""]
    place = ".".join(filter(None, [where, *tables]))
    section = f"[{place}] " if place else ""
    if item["type"] == "extra_forbidden":
        known = _keys_of(model, tables)
        return f"{section}{key} is not a known key; {nearest(key, known)}"
    if item["type"] == "missing":
        return f"{section}{key} is missing"
    message = item["msg"].removeprefix("Value error, ")
    name = f"{key}: " if key else ""
    # A message that names what was written need not end with it, nor may one end with tables.
    named = isinstance(item["input"], dict | Table) or repr(item["input"]) in message
    got = "" if named else f", got {item['input']!r}"
    return f"{section}{name}{message[:1].lower()}{message[1:]}{got}"


def _keys_of(model: type[Table], tables: list[str]) -> list[str]:
    """Return the keys that a nested table may have."""
    current: Any = model
    for name in tables:
        field = getattr(current, "model_fields", {}).get(name)
        if field is not None:
            current = _table_in(field.annotation)
    return sorted(getattr(current, "model_fields", {}))


def _table_in(annotation: Any) -> Any:
    """Return the last table that an annotation allows, however deep, or None."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    inner = [getattr(annotation, "__origin__", None), *getattr(annotation, "__args__", ())]
    tables = [_table_in(option) for option in inner if option is not None]
    return next((table for table in reversed(tables) if table is not None), None)


def _unknown_names(study: StudySpec) -> list[str]:
    """Check the names that one table uses and another defines."""
    problems = []
    known = registry.classifiers.names()
    for name, spec in study.classifiers.items():
        problems += _unless_known(spec.kind, known, f"[classifiers.{name}] kind")
    defined = {*known, *study.classifiers}
    for name in study.curve.classifiers:
        problems += _unless_known(name, defined, "[curve] classifiers")
    for name in study.curve.representations or ():
        problems += _unless_known(name, study.representations, "[curve] representations")
    for name, chosen in study.curve.only.items():
        problems += _unless_known(name, study.curve.classifiers, "[curve] only")
        for representation in chosen:
            compared = study.curve.representations or [*study.representations]
            problems += _unless_known(representation, compared, f"[curve] only.{name}")
    found = (_parent_problems, network_problems, train_problems, _tuning_problems)
    return problems + [problem for check in found for problem in check(study)]


def parents(spec: RepresentationSpec) -> list[str]:
    """Return the representations whose tables one is made of."""
    named = getattr(registry.representations.get(spec.kind), "parents", None)
    return list(named(spec)) if named else []


def _parent_problems(study: StudySpec) -> list[str]:
    """Check what derived representations are made of: known, fitted once, and not themselves."""
    problems = []
    for name, spec in study.representations.items():
        for parent in parents(spec):
            where = f"[representations.{name}] of"
            problems += _unless_known(parent, study.representations, where)
            if parent in study.representations:
                own = study.representations[parent]
                if declares(registry.representations, own.kind, "REFITTED"):
                    problems.append(
                        f"{where}: '{parent}' is fitted anew in every cell; it has no one table"
                    )
                if declares(registry.representations, own.kind, "ARRAYS"):
                    problems.append(f"{where}: '{parent}' is arrays; it has no feature table")
        if name in _ancestors(study, name):
            problems.append(f"[representations.{name}] of: it would be made of itself")
    return problems


def _ancestors(study: StudySpec, name: str) -> set[str]:
    """Return all that a representation is made of, directly or not."""
    found: set[str] = set()
    coming = [name]
    while coming:
        spec = study.representations.get(coming.pop())
        new = set(parents(spec)) - found if spec is not None else set()
        found |= new
        coming += new
    return found


def _tuning_problems(study: StudySpec) -> list[str]:
    """Check the names and every single value of `[tuning]` against what it tunes."""
    if study.tuning is None:
        return []
    try:
        name = tuned_name(study)
    except SpecError as error:
        return [str(error)]
    known = registry.architectures.names()
    problems = [
        problem
        for architecture in study.tuning.architectures or ()
        for problem in _unless_known(architecture, known, "[tuning] architectures")
        or _too_small(study, name, architecture)
    ]
    for key, values in study.tuning.searched().items():
        ends = [values.low, values.high] if isinstance(values, Range) else values
        for value in ends:
            problems += _wrong_value(study, name, key, value)
    return problems


def tuned_name(study: StudySpec) -> str:
    """Return the name of the representation that `semisup tune` tunes.

    Raises
    ------
    SpecError
        If it is not there, not an autoencoder, or not among those that the curve compares.
    """
    known = [name for name, spec in study.representations.items() if spec.kind == "autoencoder"]
    known = [name for name in known if name in (study.curve.representations or known)]
    given = study.tuning.representation if study.tuning else None
    if not known:
        raise SpecError(
            "[tuning] needs a representation of kind 'autoencoder' among those that the curve "
            "compares; the study has none"
        )
    if given is not None and given not in known:
        raise SpecError(
            f"[tuning] representation: '{given}' is not one of kind 'autoencoder' that the curve "
            f"compares; {nearest(given, known)}"
        )
    return given or known[0]


def _too_small(study: StudySpec, name: str, architecture: str) -> list[str]:
    """Tell why the study's chunks do not fit an architecture, if so."""
    spec = study.representations[name]
    changed = spec.model_copy(update={"architecture": architecture})
    misfits = registry.representations.get(spec.kind).misfits(changed, study.chunks)
    return [f"[tuning] architectures: {problem}" for problem in misfits]


def _wrong_value(study: StudySpec, name: str, key: str, value: Any) -> list[str]:
    """Tell why a searched key cannot have a value beside what is not searched, if so."""
    spec, tuning = study.representations[name], study.tuning
    searched = set(tuning.searched()) if tuning else set()
    kept = spec.model_dump(exclude=searched, exclude_unset=True)
    problems: list[str] = []
    _validate(type(spec), {**kept, key: value}, "tuning", problems)
    return problems


def _misfits(study: StudySpec) -> list[str]:
    """Ask each kind of representation whether it can work at this rate and chunk length."""
    return [
        f"[representations.{name}] {problem}"
        for name, spec in study.representations.items()
        for check in [getattr(registry.representations.get(spec.kind), "misfits", None)]
        if check is not None
        for problem in check(spec, study.chunks)
    ]


def _unless_known(name: str, known: Any, where: str) -> list[str]:
    return [] if name in known else [f"{where}: '{name}' is not known; {nearest(name, known)}"]


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        if re.fullmatch(r"[\w./:${}~ -]+", text):
            return text
        raise SpecError(f"--set: {text} is neither a TOML value nor a bare word") from None


def _count(number: int) -> str:
    return "1 problem" if number == 1 else f"{number} problems"
