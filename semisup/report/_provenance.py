"""Provenance of the numbers, and the study file that gives them again.

In: the study as plain data, `provenance.json` and the fingerprints beside the artefacts. Out: text
and pairs. Seconds, memory and dates stay out: the same study must give the same page.
"""

import hashlib
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
    "per_class.csv",
    "choices.csv",
    "importance.csv",
    "agreement.csv",
    "clusters.csv",
    "outliers.csv",
    "queried.csv",
    "queries.csv",
    "probabilities.csv",
)


@dataclass(frozen=True)
class Provenance:
    """What the last two sections show: where the numbers come from, and how to get them again."""

    fingerprints: list[tuple[str, str]]
    versions: list[tuple[str, str]]
    seed: int
    study_toml: str
    #: What compared predictions that were made elsewhere, of which there is no study file.
    command: str


def describe_provenance(tables: StudyTables, study: dict[str, Any]) -> Provenance:
    """Gather both sections."""
    command = (tables.json("elsewhere.json") or {}).get("command", "")
    return Provenance(
        fingerprints(tables), versions(tables), study["seed"], study_toml(study), command
    )


def sources(folder: Path, representations: list[str]) -> list[Path]:
    """List the artefacts that a report is made from, those that are there."""
    names = [*_TABLES, "split.json", "transductive.json", "learned.json", "cautions.json"]
    names += [f"features/{name}.parquet" for name in representations]
    names += [
        f"{name}/{what}" for name in representations for what in ("history.csv", "health.json")
    ]
    names += [f"figures/reconstruction_{name}.png" for name in representations]
    return [folder / name for name in names if (folder / name).exists()]


def fingerprint_of(path: Path) -> str:
    """Return the fingerprint beside an artefact, or a hash of its content where there is none."""
    beside = path.with_name(f".{path.name}.fingerprint")
    if beside.exists():
        return beside.read_text().strip()
    # artefacts that were imported have none
    return hashlib.sha256(path.read_bytes()).hexdigest()[:32]


def fingerprints(tables: StudyTables) -> list[tuple[str, str]]:
    """Return the fingerprint of every artefact that the report shows, by its name."""
    paths = sources(tables.folder, tables.representations)
    return [(path.relative_to(tables.folder).as_posix(), fingerprint_of(path)) for path in paths]


def versions(tables: StudyTables) -> list[tuple[str, str]]:
    """Return the versions that the study ran with, by library, those of single steps too."""
    provenance = tables.json("provenance.json") or {}
    found = dict(provenance.get("versions", {}))
    for step in provenance.get("steps", {}).values():
        found |= step.get("versions", {})
    return sorted((str(name), str(v)) for name, v in found.items())


def study_toml(study: dict[str, Any]) -> str:
    """Write a study given as plain data as a study file, defaults included."""
    import tomli_w

    return tomli_w.dumps(_without_none(study))


def _without_none(value: Any) -> Any:
    """Leave out what is None: TOML has no null, and a key that was left out is left out again."""
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    return value
