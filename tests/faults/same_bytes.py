"""One study under other circumstances: languages, time zones, folders, orders, hash seeds."""

import locale
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from faults.runs import HERE

#: Circumstances by name: the environment, and whether folders are listed backwards.
CIRCUMSTANCES: dict[str, dict[str, str]] = {
    "plain": {"PYTHONHASHSEED": "0"},
    "another hash seed": {"PYTHONHASHSEED": "12345"},
    "another time zone": {"TZ": "Asia/Kathmandu"},
    "no language": {"LC_ALL": "C", "LANG": "C"},
    "folders listed backwards": {"BACKWARDS": "1"},
    "two jobs": {"JOBS": "2"},
    "all at once": {
        "PYTHONHASHSEED": "77",
        "TZ": "Pacific/Apia",
        "LC_ALL": "POSIX",
        "BACKWARDS": "1",
    },
}
#: Languages with another order, other capitals and decimal commas, where the system has them.
LANGUAGES = ("tr_TR.UTF-8", "de_DE.UTF-8", "sv_SE.UTF-8")


def languages() -> list[str]:
    """Return those of the languages that are installed."""
    there, before = [], locale.setlocale(locale.LC_ALL)
    for name in LANGUAGES:
        with suppress(locale.Error):
            locale.setlocale(locale.LC_ALL, name)
            there.append(name)
    locale.setlocale(locale.LC_ALL, before)
    return there


def run(study: Path, out: Path, circumstances: dict[str, str], until: str, folder: Path) -> None:
    """Run a study in a process of its own, from another folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = [HERE.parent, HERE.parents[1]]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path)), **circumstances}
    words = [str(study), "--out", str(out), "--jobs", circumstances.get("JOBS", "1")]
    command = [sys.executable, "-m", "faults.same_bytes", "run", *words, "--until", until]
    subprocess.run(command, env=environment, cwd=folder, check=True, capture_output=True)


def list_backwards() -> None:
    """Let every folder be listed in the reverse order of its names."""
    scandir, listdir = os.scandir, os.listdir

    class Backwards:
        def __init__(self, path: str = ".") -> None:
            with scandir(path) as entries:
                self.entries = iter(sorted(entries, key=lambda entry: entry.name, reverse=True))

        def __iter__(self) -> "Backwards":
            return self

        def __next__(self) -> os.DirEntry:
            return next(self.entries)

        def __enter__(self) -> "Backwards":
            return self

        def __exit__(self, *_: object) -> None:
            self.close()

        def close(self) -> None:
            self.entries = iter(())

    os.scandir = Backwards
    os.listdir = lambda path=".": sorted(listdir(path), reverse=True)


if __name__ == "__main__":
    if "BACKWARDS" in os.environ:
        list_backwards()
    from semisup.cli import main

    main()
