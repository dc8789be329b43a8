"""Where the numbers come from, and the study file that gives them again.

In: the study as plain data, `provenance.json` and the fingerprints beside the artefacts. Out: text
and pairs. Seconds, memory and dates stay out: the same study must give the same page.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semisup.figures.study_tables import StudyTables

_TABLES = (
    "manifest.parquet",
    "skipped.csv",
    "split.csv",
    "durations.csv",
    "chunks.parquet",
    "scores.parquet",
    "predictions.parquet",
    "summary.csv",
    "comparison.csv",
    "systems.csv",
    "variance.csv",
    "dummies.csv",
    "loss_data.csv",
)


@dataclass(frozen=True)
class Provenance:
    """What the last two sections show: where the numbers come from, and how to get them again."""

    fingerprints: list[tuple[str, str]]
    versions: list[tuple[str, str]]
    seed: int
    study_toml: str


def describe_provenance(tables: StudyTables, study: dict[str, Any]) -> Provenance:
    """Gather both sections."""
    return Provenance(fingerprints(tables), versions(tables), study["seed"], study_toml(study))


def sources(folder: Path, representations: list[str]) -> list[Path]:
    """List the artefacts that a report is made from, those that are there."""
    names = [*_TABLES, "split.json"]
    names += [f"features/{name}.parquet" for name in representations]
    names += [
        f"{name}/{what}" for name in representations for what in ("history.csv", "health.json")
    ]
    names += [f"figures/reconstruction_{name}.png" for name in representations]
    return [folder / name for name in names if (folder / name).exists()]


def mark_of(path: Path) -> str:
    """Return the fingerprint beside an artefact, or a hash of its content where there is none."""
    mark = path.with_name(f".{path.name}.fingerprint")
    if mark.exists():
        return mark.read_text().strip()
    return hashlib.sha256(path.read_bytes()).hexdigest()[:32]


def fingerprints(tables: StudyTables) -> list[tuple[str, str]]:
    """Return the fingerprint of every artefact that the report shows, by its name."""
    paths = sources(tables.folder, tables.representations)
    return [(path.relative_to(tables.folder).as_posix(), mark_of(path)) for path in paths]


def versions(tables: StudyTables) -> list[tuple[str, str]]:
    """Return the versions that the study ran with, by library."""
    provenance = tables.json("provenance.json") or {}
    return sorted((str(name), str(v)) for name, v in provenance.get("versions", {}).items())


def study_toml(study: dict[str, Any]) -> str:
    """Write a study given as plain data as a study file, defaults included."""
    plain = [_pair(key, value) for key, value in study.items() if _is_plain(value)]
    blocks = ["\n".join(filter(None, plain))]
    for key, value in study.items():
        if isinstance(value, dict):
            blocks += _tables(key, value)
        elif _is_tables(value):
            blocks += [_block(f"[[{key}]]", table) for table in value]
    return "\n\n".join(blocks) + "\n"


def _tables(name: str, table: dict[str, Any]) -> list[str]:
    """Write a table; one that holds tables only, such as `[representations]`, as one each."""
    if table and all(isinstance(value, dict) for value in table.values()):
        return [_block(f"[{name}.{_key(key)}]", inner) for key, inner in table.items()]
    return [_block(f"[{name}]", table)] if table else []


def _block(head: str, table: dict[str, Any]) -> str:
    pairs = (_pair(key, value) for key, value in table.items())
    return "\n".join([head, *filter(None, pairs)])


def _pair(key: str, value: Any) -> str:
    # TOML has no null: a key that was left out is left out again.
    return "" if value is None else f"{_key(key)} = {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        inner = (_pair(key, item) for key, item in value.items())
        return f"{{ {', '.join(filter(None, inner))} }}".replace("{  }", "{}")
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    # JSON's strings, numbers and truth values are TOML's.
    return json.dumps(value, ensure_ascii=False)


def _key(key: str) -> str:
    bare = key.replace("_", "").replace("-", "")
    return key if bare.isalnum() and bare.isascii() else json.dumps(key, ensure_ascii=False)


def _is_tables(value: Any) -> bool:
    listed = isinstance(value, list | tuple)
    return bool(listed and value and all(isinstance(item, dict) for item in value))


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict) and not _is_tables(value)
