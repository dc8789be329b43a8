"""Code from outside the package: loading it, identifying it, and naming the line of its mistakes.

A reference is ``package.module:Name``, or ``folder/file.py:Name`` for a file of the user's. Where
such code raises, `calling` names the file and the line of the user's that did it; the traceback
through ours helps nobody.
"""

import hashlib
import importlib
import sys
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from semisup.engine.failures import named_words_of
from semisup.errors import OutsideError, SemisupError, nearest

#: What the modules of users' files are called, before a number that their content gives them.
PREFIX = "semisup_outside_"


def is_reference(name: str) -> bool:
    """Tell whether a name refers to code, as ``module:Name`` does, and is not that of an entry."""
    return ":" in name


def is_file(reference: str) -> bool:
    """Tell whether a reference is to a file, not to an installed module."""
    return reference.rpartition(":")[0].endswith(".py")


def load(reference: str) -> object:
    """Import what a reference names.

    Raises
    ------
    OutsideError
        If there is no such file, module or name, or importing it raises.
    """
    place, _, name = reference.rpartition(":")
    module = _module_of_file(Path(place)) if is_file(reference) else _installed(place)
    if name not in vars(module):
        names = [public for public in vars(module) if not public.startswith("_")]
        raise OutsideError(f"{place} has no '{name}'; {nearest(name, names)}")
    return vars(module)[name]


def identity(reference: str) -> str:
    """Return what stands for code in fingerprints: its name, and its content or version.

    A file counts by its name and content, wherever it lies. A module counts by the version of its
    package, and by the content of its own file, which changes under an editable installation.
    """
    place, _, name = reference.rpartition(":")
    if is_file(reference):
        return f"{Path(place).name}:{name} {_content(Path(place))}"
    source = _installed(place).__file__
    content = _content(Path(source)) if source and source.endswith(".py") else ""
    return f"{reference} {_version(place)} {content}".rstrip()


@contextmanager
def calling(reference: str) -> Iterator[None]:
    """Turn any error of the user's code into one sentence that names file and line.

    Raises
    ------
    OutsideError
        From anything but our own errors, which are sentences already.
    """
    try:
        yield
    except SemisupError:
        raise
    except Exception as error:
        raise OutsideError(_sentence(reference, error)) from error


def guarded(reference: str) -> AbstractContextManager[None]:
    """Return `calling` for code from outside, and nothing for ours, whose reference is ""."""
    return calling(reference) if reference else nullcontext()


def _sentence(reference: str, error: BaseException) -> str:
    place, _, name = reference.rpartition(":")
    where = _line_of(error, place)
    what = named_words_of(error)
    return f"{where}: {what} (in '{Path(place).name}:{name}')" if name else f"{where}: {what}"


def _line_of(error: BaseException, place: str) -> str:
    """Return file and line of the last frame in the user's code, or the module if there is none."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}"
    package = place.partition(".")[0]
    # the last frame of all may lie in a library that the user's code calls
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == place or f"/{package}/" in frame.filename.replace("\\", "/")
    ]
    return f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else place


def _installed(name: str) -> ModuleType:
    try:
        with calling(f"{name}:"):
            return importlib.import_module(name)
    except OutsideError as error:
        # only where the module itself or a package above it is missing, not one that it imports
        cause = error.__cause__
        if isinstance(cause, ModuleNotFoundError) and f"{name}.".startswith(f"{cause.name}."):
            raise OutsideError(f"There is no Python module '{name}' to import") from error
        raise


def _module_of_file(path: Path) -> ModuleType:
    """Import a file under a name that its path and content give: an edited file is another one."""
    if not path.is_file():
        raise OutsideError(f"There is no file {path}")
    name = PREFIX + hashlib.sha256(f"{path.absolute()}{_content(path)}".encode()).hexdigest()[:16]
    if name in sys.modules:
        return sys.modules[name]
    spec = spec_from_file_location(name, path)
    assert spec is not None  # a file that ends in .py has a loader
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their own module up while it is imported
    try:
        with calling(f"{path}:"):
            spec.loader.exec_module(module)
    except BaseException:  # half a module must not be there for the next who loads it
        del sys.modules[name]
        raise
    return module


def _content(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else "missing"


def _version(module: str) -> str:
    package = module.partition(".")[0]
    for distribution in _distributions().get(package, [package]):
        try:
            return f"{distribution} {version(distribution)}"
        except PackageNotFoundError:  # a folder of the user's on the path has no version
            continue
    return package


@cache
def _distributions() -> dict[str, list[str]]:
    """Return the distributions by top-level package: reading all their metadata takes a second."""
    return {name: list(of) for name, of in packages_distributions().items()}
