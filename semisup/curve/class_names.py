"""Names of classes in the metadata of `predictions.parquet`, which holds their places only.

In: the sorted names. Out: metadata of the file, and the names again, whatever text they are.
"""

import json
from collections.abc import Sequence
from pathlib import Path

_KEY = "classes"


def metadata(classes: Sequence[str]) -> dict[str, str]:
    """Return the metadata that names the classes, as a JSON list."""
    return {_KEY: json.dumps(list(classes), ensure_ascii=False)}


def class_names(path: Path) -> list[str] | None:
    """Return the classes that a file names, None if it names none."""
    import pyarrow.parquet as pq

    found = pq.read_schema(path).metadata or {}
    return json.loads(found[_KEY.encode()]) if _KEY.encode() in found else None
