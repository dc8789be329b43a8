"""A folder here and one at a URL that are kept the same: what differs is copied, nothing twice.

Beside the folder a file notes of each name which content is on both sides: the version that the
store gives it, and size and time of the copy. A fingerprint goes before the artefact that it speaks
of changes, and comes after it, on both sides: a kill at any moment leaves nothing that looks
current and is not.
"""

import json
import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from semisup.engine.artefacts import write_json, write_whole
from semisup.engine.progress import Amount, track
from semisup.errors import RemoteError
from semisup.remote.store import Store, Version, each

#: Files between two writings of the notes: what a kill lets be copied again.
BATCH = 64
#: Size and time of the last change.
Stat = list[int]


class Mirror:
    """A folder and what is at a URL.

    Parameters
    ----------
    url : str
    folder : Path
    wanted : callable
        Tells by its name whether a file is copied.
    """

    def __init__(self, url: str, folder: Path, wanted: Callable[[str], bool]) -> None:
        self.store, self.folder, self._wanted = Store(url), folder, wanted
        self._notes = folder.with_name(f".{folder.name}.mirror.json")
        #: By name: the version there and the stat here of what is the same on both sides.
        self._same: dict[str, tuple[Version, Stat]] = {}
        if self._notes.exists():
            noted = json.loads(self._notes.read_text("utf-8"))
            self._same = {
                name: (Version(*version), stat) for name, (version, stat) in noted.items()
            }

    def fetch(self, names: Collection[str] | None = None) -> int:
        """Make the folder what is there; return how many files that is.

        Parameters
        ----------
        names : collection of str, optional
            These files alone.
        """
        there = self._there(names)
        gone = [n for n in self._same if n not in there and (names is None or n in names)]
        for name in gone:
            (self.folder / name).unlink(missing_ok=True)
            del self._same[name]
        missing = [name for name, version in there.items() if not self._is_same(name, version)]

        def fetch(name: str) -> None:
            size = there[name].size
            write_whole(self.folder / name, lambda partial: self.store.fetch(name, partial, size))

        for some in _batches(sorted(missing, key=_is_fingerprint), "fetch"):
            each(fetch, some)
            for name in some:
                if (stat := self._stat(name)) is not None:
                    self._same[name] = there[name], stat
            self._note()
        if gone:
            self._note()
        return len(there)

    def catch_up(self) -> None:
        """Make the folder what is there if somebody else has written there since.

        What is here alone stays, but for fingerprints: what they speak of may be another's by now.
        """
        there = self._there()
        if there == {name: version for name, (version, _) in self._same.items()}:
            return
        for name in self._listed(_is_fingerprint):
            if not self._is_same(name, there.get(name)):
                (self.folder / name).unlink()
        self.fetch()

    def push(self, *, label: str = "", but: tuple[str, ...] = ()) -> None:
        """Make what is there the same as the folder, which others may change meanwhile.

        Parameters
        ----------
        label : str
            What is shown of it, nothing if left out.
        but : tuple of str
            Ends of names of files that are sent another time.
        """
        earlier = self._listed(_is_fingerprint)
        files = self._listed(lambda name: not _is_fingerprint(name))
        now = self._listed(_is_fingerprint)
        # an artefact that changed while it was looked at has lost its fingerprint before
        here = {**files, **now}
        stale = [name for name, (_, stat) in self._same.items() if here.get(name) != stat]
        first = [name for name in stale if _is_fingerprint(name) or name not in files]
        if first:
            self.store.remove(first)
            for name in first:
                del self._same[name]
            self._note()
        ready = {name: stat for name, stat in files.items() if not name.endswith(but)}
        self._send(self._unsent(ready), label)
        # one that is still as it was speaks of what has just been sent
        sealed = {name: stat for name, stat in earlier.items() if self._stat(name) == stat}
        self._send(self._unsent(sealed), label)

    def _unsent(self, files: dict[str, Stat]) -> dict[str, Stat]:
        return {
            name: stat
            for name, stat in files.items()
            if name not in self._same or self._same[name][1] != stat
        }

    def _send(self, files: dict[str, Stat], label: str) -> None:
        for some in _batches(list(files), label):
            each(self._send_one, some)
            there = self.store.versions(some)
            # what has changed while it was sent differs from what is noted, and is sent again
            self._same |= {name: (version, files[name]) for name, version in there.items()}
            self._note()

    def _send_one(self, name: str) -> None:
        try:
            self.store.send(name, self.folder / name)
        except RemoteError as error:
            # a part that its step needs no longer
            if not isinstance(error.__cause__, FileNotFoundError) or self._stat(name):
                raise

    def _there(self, names: Collection[str] | None = None) -> dict[str, Version]:
        there = self.store.versions(names)
        return {name: version for name, version in there.items() if self._wanted(name)}

    def _is_same(self, name: str, version: Version | None) -> bool:
        # of a store that gives no versions nobody knows
        known = version is not None and bool(version.tag)
        return known and self._same.get(name) == (version, self._stat(name))

    def _listed(self, wanted: Callable[[str], bool]) -> dict[str, Stat]:
        """Return the files of the folder that are copied, with size and time."""
        files = {}
        for above, _, names in os.walk(self.folder):
            for path in (Path(above) / name for name in names):
                name = path.relative_to(self.folder).as_posix()
                if self._wanted(name) and wanted(name) and (stat := self._stat(name)):
                    files[name] = stat
        return files

    def _stat(self, name: str) -> Stat | None:
        try:
            stat = (self.folder / name).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return [stat.st_size, stat.st_mtime_ns]

    def _note(self) -> None:
        write_json(self._notes, self._same)


def _batches(names: list[str], label: str) -> Iterator[list[str]]:
    """Yield some names at a time, and show under a label how many are done."""
    starts = range(0, len(names), BATCH)
    batches = (names[start : start + BATCH] for start in starts)
    return track(batches, Amount(label, "files", len(names)), len) if label else batches


def _is_fingerprint(name: str) -> bool:
    return name.rpartition("/")[2].startswith(".") and name.endswith(".fingerprint")
