"""Names of corpora, architectures, representations and classifiers: one file, one name.

A registry lists the files of a folder without importing them and imports the one that is asked for.
Files whose names begin with an underscore are shared support, not entries.
"""

import ast
from importlib import import_module
from pathlib import Path
from types import ModuleType

from semisup.errors import UnknownNameError, nearest


class Registry:
    """The entries of one sub-package.

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

    def names(self) -> list[str]:
        """Return the sorted names of all entries; nothing is imported."""
        return sorted(path.stem for path in self.folder.glob("*.py") if path.stem[0] != "_")

    def get(self, name: str) -> ModuleType:
        """Import the entry's module.

        Raises
        ------
        UnknownNameError
            If there is no such entry; the nearest name is named.
        """
        if name not in self.names():
            raise UnknownNameError(
                f"There is no {self.what} '{name}'; {nearest(name, self.names())}"
            )
        return import_module(f"semisup.{self.package}.{name}")

    def declares(self, name: str, what: str) -> bool:
        """Tell whether an entry says of itself that it is of a sort, such as ``NETWORK = True``."""
        return bool(getattr(self.get(name), what, False))

    def summary(self, name: str) -> str:
        """Return the first line of an entry's docstring, read from its source."""
        tree = ast.parse((self.folder / f"{name}.py").read_text(encoding="utf-8"))
        return (ast.get_docstring(tree) or "").partition("\n")[0]


corpora = Registry("corpora", "corpus")
architectures = Registry("autoencoders", "architecture")
representations = Registry("representations", "representation")
classifiers = Registry("classifiers", "classifier")
