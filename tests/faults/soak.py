"""`make soak`, an hour of faults, changed keys and damaged files, and what came of them.

Run as ``python -m faults.soak SECONDS [SEED]`` from `tests`. Writes ``build/soak.json``, prints the
tables, and ends with exit status 1 if anything was not as it must be.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from faults import key_runs
from faults.runs import HERE, Bench, Warm
from faults.trials import TRIALS, Row

ROOT = HERE.parents[1]
#: Shares of the time; what is left is for fuzzing.
OF_FAULTS, OF_KEYS = 0.5, 0.25
#: How often a kind of trial comes among others: most kills are quick and tell most.
OFTEN = {"kill of the group": 4, "disk full": 3, "disk full, injected": 2}


def faults(seconds: float, seed: int, folder: Path) -> list[Row]:
    """Try all kinds of faults in turns, on each study that they are tried on."""
    rng, deadline, rows = np.random.default_rng(seed), time.monotonic() + seconds, []
    warm = Warm()
    try:
        bench = Bench(folder, warm)
        while time.monotonic() < deadline:
            for kind in np.repeat([*TRIALS], [OFTEN.get(name, 1) for name in TRIALS]):
                trial, studies = TRIALS[kind]
                name = str(rng.choice(studies.split()))
                rows += trial(bench, name, rng)
                print(_line(rows[-1]), flush=True)
                if time.monotonic() > deadline:
                    break
    finally:
        warm.end()
    return rows


def _line(row: Row) -> str:
    state = "well" if row.is_well else "NOT WELL"
    return f"{state:9}{row.kind:32}{row.study:9}{row.moment:>14}  {row.came[:60]}"


def keys(seconds: float, seed: int, folder: Path) -> list[dict[str, object]]:
    """Change keys of a study that has run, in a random order."""
    wanted = key_runs.changes(key_runs.recordings_in(folder))
    random.Random(seed).shuffle(wanted)
    deadline, rows = time.monotonic() + seconds, []
    with silent():
        for mutation, change in key_runs.run(wanted, folder):
            rows.append({"key": mutation.name, **change._asdict(), "well": change.is_well})
            if time.monotonic() > deadline:
                break
    return rows


@contextmanager
def silent() -> Iterator[None]:
    """Let runs in this process say nothing."""
    saved = os.dup(2)
    with open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)


def fuzzed(seconds: float, seed: int, folder: Path) -> dict[str, dict[str, object]]:
    """Fuzz all readers in a process of their own; files that are crashes come to the folder."""
    path = os.pathsep.join(map(str, (HERE.parent, ROOT)))
    environment = {**os.environ, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"}
    words = [str(folder), str(seed), f"{seconds:.0f}s", "all"]
    command = [sys.executable, "-m", "faults.fuzzing_run", *words]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main(seconds: float, seed: int) -> int:
    """Do all, write and print it; return the exit status."""
    target = ROOT / "build"
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        rows = faults(OF_FAULTS * seconds, seed, Path(scratch) / "faults")
        changed = keys(OF_KEYS * seconds, seed, Path(scratch) / "keys")
    rest = (1 - OF_FAULTS - OF_KEYS) * seconds
    read = fuzzed(rest, seed, target / "soak-crashes")
    of_all = {
        "seed": seed,
        "faults": [row.as_data() for row in rows],
        "keys": changed,
        "read": read,
    }
    (target / "soak.json").write_text(json.dumps(of_all, indent=2) + "\n")
    return int(not print_all(rows, changed, read))


def print_all(
    rows: list[Row], changed: list[dict[str, object]], read: dict[str, dict[str, object]]
) -> bool:
    """Print the tables; return whether everything is well."""
    print(f"\n{'fault':34}{'times':>6}{'happened':>9}{'well':>6}")
    for kind, times in Counter(row.kind for row in rows).items():
        of_kind = [row for row in rows if row.kind == kind]
        happened = sum(bool(row.at) or row.came != "done" for row in of_kind)
        print(f"{kind:34}{times:6}{happened:9}{sum(row.is_well for row in of_kind):6}")
    well = sum(bool(row["well"]) for row in changed)
    print(f"\nchanged keys: {len(changed)}, as in an empty folder and nothing for nothing: {well}")
    print(f"\n{'reader':22}{'inputs':>9}{'read':>9}{'refused':>9}{'crashes':>9}{'s':>7}{'MiB':>6}")
    for name, tally in read.items():
        numbers = (tally["inputs"], tally["read"], tally["refused"], len(tally["crashes"]))
        cells = "".join(f"{number:9}" for number in numbers)
        print(f"{name:22}{cells}{tally['most_seconds']:7.2f}{tally['most_mib']:6}")
    for row in [row.as_data() for row in rows if not row.is_well]:
        print(row)
    for row in [row for row in changed if not row["well"]]:
        print(row)
    crashes = [tally["crashes"] for tally in read.values() if tally["crashes"]]
    print(*crashes, sep="\n")
    return all(row.is_well for row in rows) and well == len(changed) and not crashes


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
