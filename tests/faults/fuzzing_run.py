"""A run of the fuzzing, in a process that has no threads: so many inputs, or so many seconds.

Run as ``python -m faults.fuzzing_run FOLDER SEED COUNT`` or ``... SEED 600s``, with names of
readers, or "all"; or with ``cases`` and files instead. The crashes come to FOLDER; the last line
is JSON: numbers by reader.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from faults.fuzzing import Case, Tally, fuzz, read_all
from faults.readers import READERS

#: Inputs of a turn for each of a reader's shares.
UNIT = 20


def tallies_of(seed: int, extent: str, names: list[str]) -> dict[str, Tally]:
    """Fuzz readers in turns, each by its share, until the number or the time is reached."""
    tallies = {name: Tally() for name in names}
    deadline = time.monotonic() + float(extent.rstrip("s"))
    place = seed * 10**9
    with tempfile.TemporaryDirectory() as folder:
        while True:
            for name, tally in tallies.items():
                count = UNIT * READERS[name].share
                fuzz(name, range(place, place + count), Path(folder), tally)
            place += 10**5
            turns = (place - seed * 10**9) // 10**5
            if time.monotonic() > deadline if extent.endswith("s") else turns >= int(extent):
                return tallies


def as_data(tally: Tally) -> dict[str, object]:
    """Return numbers of a reader for JSON."""
    return {
        "inputs": tally.inputs,
        "read": tally.read,
        "refused": tally.refused,
        "crashes": {what: [case.name for case in cases] for what, cases in tally.crashes.items()},
        "most_seconds": tally.most_seconds,
        "most_mib": tally.most_bytes >> 20,
    }


def outcomes_of(paths: list[Path]) -> dict[str, str]:
    """Read kept cases, whose names begin with their reader's."""
    outcomes = {}
    for path in paths:
        name = path.name.partition("-")[0].replace("_", " ")
        READERS[name].seeds()  # what it imports is imported here, and not once a copy
        case = Case(name, path.suffix[1:], path.read_bytes())
        with tempfile.TemporaryDirectory() as folder:
            (outcome,) = read_all(READERS[name], [case], Path(folder))
        outcomes[path.name] = outcome.what
    return outcomes


def main(words: list[str]) -> None:
    """Do what the words say."""
    if words[0] == "cases":
        print(json.dumps(outcomes_of([Path(word) for word in words[1:]])))
        return
    folder, seed, extent, *names = words
    tallies = tallies_of(int(seed), extent, [*READERS] if names == ["all"] else names)
    Path(folder).mkdir(parents=True, exist_ok=True)
    for tally in tallies.values():
        for cases in tally.crashes.values():
            smallest = min(cases, key=lambda case: len(case.data))
            (Path(folder) / smallest.name).write_bytes(smallest.data)
    print(json.dumps({name: as_data(tally) for name, tally in tallies.items()}))


if __name__ == "__main__":
    main(sys.argv[1:])
