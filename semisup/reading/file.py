"""Reading `study.toml`: text in, a checked `Study` out, all problems at once.

A misspelt key is an error that names the nearest known key. Paths may hold ``${VAR}`` and
``${VAR:-default}``; `semisup.study.paths` says where a relative one is looked for.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from semisup.errors import SpecError
from semisup.features.kinds import kind_of
from semisup.reading import checks, controls, entries, members
from semisup.reading.document import apply_override, read_toml, with_short_names
from semisup.reading.messages import counted, validated, without_mistakes
from semisup.remote.urls import output_place
from semisup.study.controls import controls_of
from semisup.study.paths import with_home
from semisup.study.spec import StudySpec
from semisup.study.study import Study


class Draft(NamedTuple):
    """A study file as far as it can be read.

    Parameters
    ----------
    study : Study or None
        Without the keys that are wrong; None where the rest is no study.
    problems : list of str
        What is wrong with keys and values, a sentence each.
    where : str
        The file.
    """

    study: Study | None
    problems: list[str]
    where: str


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
        Root of artefacts, or its URL; the study gets a folder of its own below it.
    overrides : sequence of str
        ``table.key=value`` in TOML syntax, over the study file; a bare word is a string.

    Raises
    ------
    SpecError
        Listing every problem: unknown keys with the nearest known one, wrong values, names that
        no registry has.
    """
    draft = read_draft(path, out, overrides)
    if draft.problems or draft.study is None:
        raise SpecError(_listed(draft.where, draft.problems))
    return draft.study


def read_draft(
    path: Path | str | None = None, out: Path | str = "files", overrides: Sequence[str] = ()
) -> Draft:
    """Read a study file as far as that goes; parameters as of `read_study`.

    Raises
    ------
    SpecError
        If there is no such file, or it is no TOML.
    """
    path = with_home(path) if path is not None else QUICKSTART
    if path.is_dir():
        path = path / "study.toml"
    document = read_toml(path)
    for override in overrides:
        apply_override(document, override)
    spec, problems = _parsed(document, path.parent)
    study = None if spec is None else Study(spec, path.parent, with_home(output_place(out)))
    return Draft(study, problems, str(path))


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
    spec, problems = _parsed(document, base)
    if problems or spec is None:
        raise SpecError(_listed(where, problems))
    return spec


def _parsed(document: Mapping[str, Any], base: Path) -> tuple[StudySpec | None, list[str]]:
    """Return what a document says without the keys that are wrong, and what is wrong."""
    problems: list[str] = []
    sections = with_short_names(document)
    sections["corpus"] = entries.corpora(sections.get("corpus"), base, problems)
    sections |= _representations(sections, base, problems)
    # classifiers have one model; adapters and kinds of representation bring their own
    sections["classifiers"] = _with_whole_paths(sections.get("classifiers", {}), base)
    validated(StudySpec, sections, "", problems)
    study = without_mistakes(StudySpec, sections)
    if study is None:  # for want of a name, perhaps
        study = without_mistakes(StudySpec, sections | {"name": "unnamed"})
    # what tables say of each other: not where one is left out because nobody knows its kind
    if study is not None and _names(study) >= _names_in(document):
        problems += checks.problems_of(study)
    return study, list(dict.fromkeys(problems))


def _representations(
    sections: Mapping[str, Any], base: Path, problems: list[str]
) -> dict[str, Any]:
    """Return the representations with members and controls, and the curve that names these."""
    tables = sections.get("representations", {"handcrafted": {"kind": "handcrafted"}})
    written = entries.representations(controls.without_key(tables), base, problems)
    standing = members.of_all(written, base, problems)
    tables = members.with_tables(tables, standing)
    written = members.with_members(written, standing)
    curve = members.named_instead(sections.get("curve", {}), list(written), standing)
    expanded = controls.with_controls(tables, written, problems)
    asking = {name: controls_of(name, expanded) for name in written if controls.asks(tables[name])}
    with_encoder = {
        name: [other for other in others if kind_of(expanded[other]).encoder]
        for name, others in asking.items()
    }
    tuning = dict.fromkeys(_tuning(sections), with_encoder)
    curve = controls.named_beside(curve, asking, tuning)
    return {"representations": expanded, "curve": curve}


def _tuning(sections: Mapping[str, Any]) -> list[str]:
    """Return the classifiers that go on training an encoder, of those with representations."""
    curve, tables = sections.get("curve", {}), sections.get("classifiers", {})
    only = curve.get("only") if isinstance(curve, dict) else None
    if not isinstance(only, dict) or not isinstance(tables, dict):
        return []
    tables = {name: table for name, table in tables.items() if isinstance(table, dict)}
    kinds = {name: str(tables.get(name, {}).get("kind", name)) for name in only}
    loaded = {name: checks.entry_of(kind) for name, kind in kinds.items()}
    return [name for name, entry in loaded.items() if entry is not None and entry.tunes]


def _listed(where: str, problems: Sequence[str]) -> str:
    listed = "".join(f"\n  {problem}" for problem in problems)
    return f"{where} has {counted(len(problems))}:{listed}"


def _names(study: StudySpec) -> set[str]:
    return {*study.representations, *study.classifiers}


def _names_in(document: Mapping[str, Any]) -> set[str]:
    tables = [document.get(section) for section in ("representations", "classifiers")]
    return {name for table in tables if isinstance(table, dict) for name in table}


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
