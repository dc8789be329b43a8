"""Golden tables of the quickstart: hashes that any machine must come to, floats rounded.

Its networks are left out, and so are most cells: those of `make study` take minutes. Run
``python -m faults.golden`` from `tests` where tables are to change.
"""

import hashlib
import json
import tempfile
from pathlib import Path

import pandas as pd

import semisup
from semisup.reading.file import QUICKSTART

FILE = Path(__file__).with_name("golden.json")
TABLES = (
    *("split.csv", "durations.csv", "scores.csv", "predictions.parquet", "summary.csv"),
    *("comparison.csv", "features/handcrafted.parquet"),
)
#: Digits in which floats of different processors agree.
DIGITS = 6
OVERRIDES = (
    "representations.code={kind='logmel_pca', components=8, dimensions=8}",
    "representations.code_log={kind='logmel_statistics'}",
    "curve.percentages=[20, 100]",
    "curve.classifiers=['svm', 'knn', 'tree']",
    "curve.draws=2",
    "compare.resamples=200",
)


def run(folder: Path) -> Path:
    """Run the study of `make study`, shortened."""
    overrides = [f"corpus.root='{folder / 'generated'}'", *OVERRIDES]
    return Path(semisup.run(QUICKSTART, out=folder / "files", until="compare", overrides=overrides))


def rounded(path: Path) -> str:
    """Hash a table with its floats rounded: the last digits are the processor's."""
    table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    floats = table.select_dtypes("float").columns
    # + 0.0 makes -0.0 the same
    table[floats] = table[floats].round(DIGITS) + 0.0
    text = table.to_csv(index=False, float_format=f"%.{DIGITS}f", lineterminator="\n")
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def hashes(folder: Path) -> dict[str, str]:
    """Return the hash of every golden table."""
    return {name: rounded(folder / name) for name in TABLES}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        FILE.write_text(json.dumps(hashes(run(Path(made))), indent=2) + "\n")
