"""Names of corpora, architectures, representations and classifiers: one file, one name.

A registry lists the files of a folder without importing them and imports the one that is asked for.
Files whose names begin with an underscore are shared support, not entries. What other packages
offer under an entry point ``semisup.<folder>`` counts as an entry too, and a reference such as
``package.module:Name`` or ``file.py:Name`` stands for what it names (`semisup.engine.outside`).
"""

import ast
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from semisup.engine import outside
from semisup.errors import UnknownNameError, nearest

Contract = TypeVar("Contract")


class Registry:
    """The entries of one room.

    Parameters
    ----------
    package : str
        Name of a folder of `semisup`, for example ``"corpora"``.
    what : str
        What one entry is called in messages, for example ``"corpus"``.
    """

    def __init__(self, package: str, what: str) -> None:
        self.package = package
        self.what = what
        self.folder = Path(__file__).parent / package

    def built_in(self) -> list[str]:
        """Return the sorted names of our own entries; nothing is imported."""
        return [*self._files]

    @cached_property
    def _files(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("*.py") if path.stem[0] != "_")

    @cached_property
    def from_outside(self) -> dict[str, EntryPoint]:
        """Entries of other packages by name; a name of ours stays ours."""
        points = entry_points(group=f"semisup.{self.package}")
        ours = self.built_in()
        return {point.name: point for point in points if point.name not in ours}

    def names(self) -> list[str]:
        """Return the sorted names of all entries; nothing is imported."""
        return sorted([*self.built_in(), *self.from_outside])

    def check(self, name: str) -> None:
        """Raise where there is no such entry.

        Raises
        ------
        UnknownNameError
            If the name is neither an entry's nor a reference; the nearest name is given.
        """
        if not outside.is_reference(name) and name not in self.names():
            raise UnknownNameError(
                f"There is no {self.what} '{name}'; {nearest(name, self.names())}"
            )

    def reference(self, name: str) -> str:
        """Return where an entry from outside lies, "" for one of ours."""
        if outside.is_reference(name):
            return name
        return self.from_outside[name].value if name in self.from_outside else ""

    def module(self, name: str) -> ModuleType:
        """Import the module of one of our own entries."""
        return import_module(f"semisup.{self.package}.{name}")

    def load(self, name: str, contract: type[Contract]) -> object:
        """Import an entry: of ours, the class or object that its module defines by the contract.

        What comes from outside is returned as it is: who asks says what else than the contract's
        subclasses is welcome, such as a plain function.

        Raises
        ------
        UnknownNameError
            If there is no such entry; the nearest name is named.
        OutsideError
            If code from outside cannot be imported.
        """
        self.check(name)
        reference = self.reference(name)
        return outside.load(reference) if reference else declared(self.module(name), contract)

    def summary(self, name: str) -> str:
        """Return the first line of an entry's docstring, read from its source."""
        if name in self.from_outside:
            point = self.from_outside[name]
            package = f" of {point.dist.name} {point.dist.version}" if point.dist else ""
            return f"{point.value}{package}"
        # not imported: a list of names would load TensorFlow, and optional libraries may be missing
        tree = ast.parse((self.folder / f"{name}.py").read_text(encoding="utf-8"))
        return (ast.get_docstring(tree) or "").partition("\n")[0]


def declared(module: ModuleType, contract: type[Contract]) -> object:
    """Return the one public class or object of a contract that a module defines itself."""
    # a class of another module is a base that it imports, not its entry
    return next(
        value
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (
            isinstance(value, contract)
            or (
                isinstance(value, type)
                and issubclass(value, contract)
                and value.__module__ == module.__name__
            )
        )
    )


corpora = Registry("corpora", "corpus")
architectures = Registry("autoencoders", "architecture")
representations = Registry("representations", "representation")
classifiers = Registry("classifiers", "classifier")
#: What `semisup list` shows, in its order.
LISTS = {
    "corpora": corpora,
    "architectures": architectures,
    "representations": representations,
    "classifiers": classifiers,
}
