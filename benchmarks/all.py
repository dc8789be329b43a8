"""All benchmarks in one table: what we take, what others take, how many times, and what is asked.

    python benchmarks/all.py [NAME ...] [--json build/bench.json]

Each is a script of this folder with a function ``rows()``, which gives a dict for every figure:
`name`, `ours` and `baseline` in `unit` (None where there is no baseline), `ratio`, and `target`,
such as ">= 15", which is about the ratio, or about `ours` where there is none. Each runs in a
process of its own; one that fails is a line of the table, and the others go on. Exit status 1 where
one failed or missed its target.
"""

import argparse
import ast
import importlib
import json
import operator
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
#: What a row has, and nothing else.
KEYS = ("name", "ours", "baseline", "ratio", "target", "unit")
COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
#: Read what others have measured, so they run last.
LAST = ("paper_scale",)
LONGEST_SECONDS = 900
_LIBRARIES = (
    "joblib",
    "keras",
    "numpy",
    "pandas",
    "scikit-learn",
    "scipy",
    "semisup",
    "tensorflow",
)


def benchmarks() -> list[str]:
    """Return the scripts that have a function ``rows``, in the order in which they run."""
    names = sorted(path.stem for path in FOLDER.glob("*.py") if _has_rows(path))
    return sorted(names, key=lambda name: name in LAST)


def _has_rows(path: Path) -> bool:
    body = ast.parse(path.read_text("utf-8")).body
    return any(isinstance(node, ast.FunctionDef) and node.name == "rows" for node in body)


def is_met(row: dict[str, Any]) -> bool | None:
    """Tell whether a row meets its target; None where it has none.

    Examples
    --------
    >>> is_met({"ours": 2.0, "ratio": 17.0, "target": ">= 15"})
    True
    >>> is_met({"ours": 2.0, "ratio": None, "target": "<= 1"})
    False
    """
    if not row["target"]:
        return None
    sign, number = row["target"].split()
    value = row["ours"] if row["ratio"] is None else row["ratio"]
    return bool(COMPARE[sign](value, float(number)))


def run(name: str) -> dict[str, Any]:
    """Run one benchmark in a process of its own; return its rows, seconds and what went wrong."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.json"
        command = [sys.executable, __file__, "--rows", name, str(path)]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False
            )
            problem = _last_line(done.stderr) if done.returncode else ""
        except subprocess.TimeoutExpired:
            problem = f"took more than {LONGEST_SECONDS} s"
        rows = [] if problem else json.loads(path.read_text("utf-8"))
    seconds = round(time.perf_counter() - began, 1)
    return {"benchmark": name, "seconds": seconds, "problem": problem, "rows": rows}


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it ended without a word"


def write_rows(name: str, path: Path) -> None:
    """Run a benchmark in this process and write its rows."""
    sys.path.insert(0, str(FOLDER))
    rows = [dict(one) for one in importlib.import_module(name).rows()]
    for one in rows:
        if sorted(one) != sorted(KEYS):
            raise SystemExit(f"A row of {name} has the keys {sorted(one)}, not {sorted(KEYS)}")
    path.write_text(json.dumps(rows), encoding="utf-8")


def circumstances() -> dict[str, Any]:
    """Return machine, versions and date."""
    import psutil

    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "system": platform.platform(),
            "processor": _processor(),
            "cores": psutil.cpu_count(),
            "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        },
        "versions": {"python": platform.python_version()}
        | {library: version(library) for library in _LIBRARIES},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()


def lines_of(result: dict[str, Any]) -> list[str]:
    """Return the lines of the table for one benchmark."""
    if result["problem"]:
        return [f"| {result['benchmark']} | failed: {result['problem']} | | | | |"]
    return [_line(one) for one in result["rows"]]


def _line(row: dict[str, Any]) -> str:
    ours, baseline = (
        "" if row[key] is None else f"{number(row[key])} {row['unit']}".strip()
        for key in ("ours", "baseline")
    )
    ratio = "" if row["ratio"] is None else number(row["ratio"])
    met = {True: "yes", False: "**no**", None: ""}[is_met(row)]
    return f"| {row['name']} | {ours} | {baseline} | {ratio} | {row['target']} | {met} |"


def number(value: float) -> str:
    """Write a number with three digits that count, and all before the point.

    Examples
    --------
    >>> number(1234.5), number(0.99912)
    ('1,234', '0.999')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def main(names: list[str], path: Path) -> int:
    """Print the table line by line and write the JSON; 1 where something failed or was missed."""
    print(
        "| name | ours | baseline | ratio | target | met? |\n|---|---|---|---|---|---|", flush=True
    )
    results = []
    for name in names or benchmarks():
        results.append(run(name))
        print("\n".join(lines_of(results[-1])), flush=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**circumstances(), "results": results}, indent=1), "utf-8")
    missed = [one for result in results for one in result["rows"] if is_met(one) is False]
    failed = [result for result in results if result["problem"]]
    seconds = sum(result["seconds"] for result in results)
    print(f"\n{seconds / 60:.0f} min; {len(missed)} missed, {len(failed)} failed; {path}")
    return int(bool(missed or failed))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--rows"]:
        write_rows(sys.argv[2], Path(sys.argv[3]))
        sys.exit(0)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", choices=[[], *benchmarks()], metavar="NAME")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"))
    chosen = parser.parse_args()
    sys.exit(main(chosen.names, chosen.json))
