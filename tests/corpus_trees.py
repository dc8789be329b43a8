"""Tiny made-up corpora for tests, and the way to the real ones."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from semisup.corpora import adapter

#: As the shipped studies look for them: beside the repository, unless the variable says otherwise.
REAL = Path(os.environ.get("SEMISUP_CORPORA", Path(__file__).parents[2] / "shared" / "corpora"))


def make(root: Path, *paths: str) -> Path:
    """Write 0.1 s of noise to every path."""
    rng = np.random.default_rng(0)
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(root / path, 0.1 * rng.standard_normal(800), 8000)
    return root


def write(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def rows(scanned: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return list(scanned[list(columns)].itertuples(index=False, name=None))


def scan(name: str, root: Path, **keys: object) -> pd.DataFrame:
    """Scan a folder by an adapter with some keys of ``[corpus]``."""
    kind = adapter(name)
    return kind(kind.Options(**keys)).scan(root)


def real(name: str) -> Path:
    if not (REAL / name).is_dir():
        pytest.skip(f"the real recordings {REAL / name} are not here")
    return REAL / name
