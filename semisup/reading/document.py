"""A study file as nested dictionaries: TOML read, overridden, and written out where it is short."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from semisup.engine.failures import words_of
from semisup.errors import SpecError
from semisup.study.paths import instead_of


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


def read_toml(path: Path) -> dict[str, Any]:
    """Read a study file; a `SpecError` says where there is none, or why it is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SpecError(f"There is no study file {path}; {instead_of(path)}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SpecError(f"{path} cannot be read as TOML: {words_of(error)}") from error


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        # a shell takes the quotes of a name or path away
        if re.fullmatch(r"[\w./:${}~ -]+", text):
            return text
        raise SpecError(f"--set: {text} is neither a TOML value nor a bare word") from None


def with_short_names(document: Mapping[str, Any]) -> dict[str, Any]:
    """Write out what a study file may say in short.

    ``kind = "hear:module"`` is the kind `hear` with that module; ``a+b`` among the representations
    of the curve is one of kind `fused`.
    """
    sections = dict(document)
    tables = sections.get("representations")
    if isinstance(tables, dict):
        sections["representations"] = {name: _of_module(table) for name, table in tables.items()}
        curve = sections.get("curve")
        compared = curve.get("representations") if isinstance(curve, dict) else None
        for name in compared if isinstance(compared, list) else ():
            if isinstance(name, str) and "+" in name:
                # a table of this name in the study has the last word
                fused = {"kind": "fused", "of": name.split("+")}
                sections["representations"].setdefault(name, fused)
    return sections


def _of_module(table: Any) -> Any:
    kind = table.get("kind") if isinstance(table, dict) else None
    if not isinstance(kind, str) or not kind.startswith("hear:"):
        return table
    return {**table, "kind": "hear", "module": kind.removeprefix("hear:")}
