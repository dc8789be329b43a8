"""Folders and files at URLs that are read: copied here, and anew where they have changed there."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from semisup.engine.lock import locked
from semisup.errors import RemoteError
from semisup.remote.mirror import Mirror
from semisup.remote.store import Store
from semisup.remote.urls import input_place

#: What has been looked at; a run reads the same content all the time.
_looked: set[str] = set()


def look_again() -> None:
    """Forget what has been looked at, so that changes since are noticed."""
    _looked.clear()


def fetched(url: str) -> Path:
    """Return the copy of a folder or file, which is fetched as far as it is not the same here.

    Raises
    ------
    RemoteError
        If there is nothing, or the store does not answer, or refuses.
    """
    url, place = url.rstrip("/"), input_place(url)
    if url in _looked:
        return place
    if Store(url).is_file():
        fetch_files([url])
    else:
        with locked(place):
            count = Mirror(url, place, _is_visible).fetch()
        if not count:
            raise RemoteError(f"{url}: there is no such bucket, folder or file, or nothing in it")
    _looked.add(url)
    return place


def fetch_files(urls: Iterable[str]) -> None:
    """Fetch single files as far as they are not the same here; not those that are not there."""
    by_folder: dict[str, set[str]] = defaultdict(set)
    for url in set(urls) - _looked:
        input_place(url)  # which refuses what is no URL of a file
        folder, _, name = url.rpartition("/")
        by_folder[folder].add(name)
        _looked.add(url)
    for folder, names in by_folder.items():
        place = input_place(folder)
        with locked(place):
            Mirror(folder, place, _is_visible).fetch(sorted(names))


def _is_visible(name: str) -> bool:
    # hidden files and folders hold no recordings
    return not any(part.startswith(".") for part in name.split("/"))
