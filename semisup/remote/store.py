"""A remote folder through fsspec: names, versions and bytes; each error is one sentence."""

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

from semisup.engine.failures import words_of
from semisup.errors import RemoteError, SemisupError

#: Requests at once: most of the time of each is waiting.
AT_ONCE = 8
#: What tells one content of an object from the next: what the store computes of it, or its times.
_TAGS = ("ETag", "etag", "md5Hash", "generation", "content_hash")
_TIMES = ("mtime", "created", "LastModified", "last_modified", "updated", "modified")

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Version(NamedTuple):
    """Which content an object has.

    Parameters
    ----------
    size : int or None
        Bytes, None where the store doesn't say.
    tag : str
        Another for another content, "" where the store doesn't say.
    """

    size: int | None
    tag: str


@contextmanager
def asking(url: str) -> Iterator[None]:
    """Turn whatever the library of a store raises into one sentence that names the URL.

    Raises
    ------
    RemoteError
        From any error but our own, which are sentences already.
    """
    try:
        yield
    except SemisupError:
        raise
    # each library has errors of its own, with nothing in common
    except Exception as error:
        raise RemoteError(f"{url}: {_why(error)}") from error


def _why(error: Exception) -> str:
    name, words = type(error).__name__, words_of(error)
    if isinstance(error, ImportError):
        return f"{words}; pip install 'semisup[remote]' installs what s3:// needs"
    if isinstance(error, ValueError) and "rotocol not known" in words:
        return "nothing that is installed knows this kind of URL; known are s3, gs, file and others"
    if isinstance(error, PermissionError):
        return f"permission denied ({words}); whose credentials are used, the environment says"
    if isinstance(error, FileNotFoundError):
        return "there is no such bucket, folder or file"
    if "Credentials" in name or "DefaultCredentials" in words:
        return (
            f"there are no credentials ({words}); set those of the store in the environment, such "
            "as AWS_PROFILE, or FSSPEC_S3_ANON=true for a public bucket"
        )
    return words


class Store:
    """What is at a URL of a folder.

    Parameters
    ----------
    url : str

    Raises
    ------
    RemoteError
        By every method, too, if the store does not answer, or refuses.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        with asking(self.url):
            import fsspec

            # a folder of the file system must be made before a file in it is
            options = {"auto_mkdir": True} if url.startswith("file:") else {}
            self._fs, root = fsspec.url_to_fs(self.url, **options)
            self._root = root.rstrip("/")

    def versions(self, names: Collection[str] | None = None) -> dict[str, Version]:
        """Return what there is by name, and which content it is.

        Parameters
        ----------
        names : collection of str, optional
            To ask for these alone; those that are not there are left out.
        """
        with asking(self.url):
            self._fs.invalidate_cache()
            if names is not None:
                asked = zip(names, each(self._info, names), strict=True)
                return {name: _version(info) for name, info in asked if info is not None}
            listed = self._fs.find(self._root, detail=True)
            files = [info for info in listed.values() if info["type"] == "file"]
        start = len(self._root) + 1
        # some consoles write an empty object for a folder
        told = {info["name"][start:]: info for info in files if info["name"][-1:] != "/"}
        for name in told:
            self._check_name(name)
        return {name: _version(info) for name, info in told.items()}

    def is_file(self) -> bool:
        """Tell whether there is a file at the URL itself, not a folder."""
        with asking(self.url):
            self._fs.invalidate_cache()
            return bool(self._fs.isfile(self._root))

    def fetch(self, name: str, path: Path, size: int | None = None) -> None:
        """Copy a file from there to a path, whose folder is there."""
        with asking(self._url_of(name)):
            self._fs.get_file(self._at(name), str(path))
        arrived = path.stat().st_size
        if size is not None and arrived != size:
            raise RemoteError(
                f"{self._url_of(name)}: {arrived} of {size} bytes arrived; the same command tries "
                "again"
            )

    def send(self, name: str, path: Path) -> None:
        """Copy a file there."""
        with asking(self._url_of(name)):
            self._fs.put_file(str(path), self._at(name))

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; those that are gone already do not matter."""

        def remove(name: str) -> None:
            try:
                self._fs.rm_file(self._at(name))
            except FileNotFoundError:
                return

        with asking(self.url):
            each(remove, list(names))

    def read(self, name: str) -> bytes | None:
        """Return the content of a small file, None if it is not there."""
        with asking(self._url_of(name)):
            self._fs.invalidate_cache()
            try:
                return bytes(self._fs.cat_file(self._at(name)))
            except FileNotFoundError:
                return None

    def write(self, name: str, content: bytes) -> None:
        """Write a small file, whatever is there."""
        with asking(self._url_of(name)):
            self._fs.pipe_file(self._at(name), content)

    def create(self, name: str, content: bytes) -> bool:
        """Write a small file unless it is there, which one of several at once can; tell if so."""
        with asking(self._url_of(name)):
            self._fs.invalidate_cache()
            try:
                if self.url.startswith("file:"):  # whose `pipe_file` looks first, and then writes
                    with self._fs.open(self._at(name), "xb") as file:
                        file.write(content)
                else:
                    self._fs.pipe_file(self._at(name), content, mode="create")
            except FileExistsError:
                return False
            return True

    def probe(self) -> None:
        """Write a small file and remove it."""
        name = f".semisup-{uuid4().hex[:12]}"
        self.write(name, b"may be removed\n")
        self.remove([name])

    def _info(self, name: str) -> dict[str, Any] | None:
        try:
            return dict(self._fs.info(self._at(name)))
        except FileNotFoundError:
            return None

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _url_of(self, name: str) -> str:
        return f"{self.url}/{name}"

    def _check_name(self, name: str) -> None:
        if str(PurePosixPath(name)) != name or ".." in name.split("/") or name.startswith("/"):
            raise RemoteError(f"{self.url}: '{name}' there cannot be the name of a file here")


def each(function: Callable[[Item], Answer], items: Collection[Item]) -> list[Answer]:
    """Call a function that waits for a store most of its time, several at once."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(function, items))


def _version(info: dict[str, Any]) -> Version:
    tag = next((str(info[key]) for key in _TAGS if info.get(key)), None)
    times = [str(info[key]) for key in _TIMES if info.get(key) is not None]
    return Version(info.get("size"), tag or " ".join(times))
