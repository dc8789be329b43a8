"""Reading `study.toml`: text in, a checked `Study` out, all problems at once.

A misspelt key is an error that names the nearest known key. Paths may hold ``${VAR}`` and
``${VAR:-default}``; `semisup.study.paths` says where a relative one is looked for.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from semisup.engine.failures import words_of
from semisup.errors import SpecError
from semisup.reading import checks, entries
from semisup.reading.messages import counted, validated
from semisup.study.paths import instead_of, with_home
from semisup.study.spec import StudySpec
from semisup.study.study import Study

QUICKSTART = Path(__file__).with_name("quickstart.toml")


def read_study(
    path: Path | str | None = None, out: Path | str = "files", overrides: Sequence[str] = ()
) -> Study:
    """Read and check a study file.

    Parameters
    ----------
    path : Path or str, optional
        A TOML file, or the folder of a `study.toml`; the built-in quickstart if left out.
    out : Path or str
        Root of artefacts; the study gets a folder of its own below it.
    overrides : sequence of str
        ``table.key=value`` in TOML syntax, over the study file; a bare word is a string.

    Raises
    ------
    SpecError
        Listing every problem: unknown keys with the nearest known one, wrong values, names that
        no registry has.
    """
    path = with_home(path) if path is not None else QUICKSTART
    if path.is_dir():
        path = path / "study.toml"
    document = _read_toml(path)
    for override in overrides:
        apply_override(document, override)
    return Study(parse_study(document, str(path), path.parent), path.parent, with_home(out))


def parse_study(
    document: Mapping[str, Any], where: str = "study", base: Path = Path()
) -> StudySpec:
    """Check a study given as nested dictionaries.

    Parameters
    ----------
    document : mapping
    where : str
        What begins every message.
    base : Path
        Folder of the study file, where users' own code is looked for.

    Raises
    ------
    SpecError
        Listing every problem.
    """
    problems: list[str] = []
    sections = with_short_names(document)
    sections["corpus"] = entries.corpora(sections.get("corpus"), base, problems)
    sections["representations"] = entries.representations(
        sections.get("representations", {"handcrafted": {"kind": "handcrafted"}}), base, problems
    )
    # classifiers have one model; adapters and kinds of representation bring their own
    sections["classifiers"] = _with_whole_paths(sections.get("classifiers", {}), base)
    study = validated(StudySpec, sections, "", problems)
    # only a study whose tables are whole can be checked for what they say of each other
    if study is not None:
        problems += checks.problems_of(study)
    if problems or study is None:
        listed = "".join(f"\n  {problem}" for problem in problems)
        raise SpecError(f"{where} has {counted(len(problems))}:{listed}")
    return study


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


def _with_whole_paths(tables: Any, base: Path) -> Any:
    """Return `[classifiers]` with the whole paths of users' files in their kinds."""
    # what is not a table or a name stays as it is: the model says what is wrong with it
    if not isinstance(tables, dict):
        return tables
    return {
        name: {**table, "kind": entries.with_whole_path(table["kind"], base)}
        if isinstance(table, dict) and isinstance(table.get("kind"), str)
        else table
        for name, table in tables.items()
    }


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


def _read_toml(path: Path) -> dict[str, Any]:
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
