"""Files that are damaged on purpose: read, or refused in a sentence, within memory and time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from faults.readers import READERS

HERE = Path(__file__).parent
CASES = sorted((HERE / "cases").iterdir())


def run(*words: object) -> dict[str, object]:
    """Fuzz in a process that has no threads, which it may copy."""
    path = os.pathsep.join(map(str, (HERE.parent, HERE.parents[1])))
    environment = {**os.environ, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-m", "faults.fuzzing_run", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_what_once_was_a_crash_is_none():
    outcomes = run("cases", *CASES)
    assert {path.name for path in CASES} == outcomes.keys()
    assert set(outcomes.values()) <= {"read", "refused"}, outcomes


@pytest.mark.slow
def test_a_minute_of_damaged_files_is_read_or_refused(tmp_path):
    tallies = run(tmp_path, 1, 5, "all")
    assert tallies.keys() == READERS.keys()
    assert all(tally["inputs"] >= 200 for tally in tallies.values())
    crashes = {name: tally["crashes"] for name, tally in tallies.items() if tally["crashes"]}
    assert not crashes, crashes
