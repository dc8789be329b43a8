"""Weights that come in Python packages: their files where the package is installed.

Nothing is downloaded, and the packages are not imported: what they import besides may be missing.
"""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from semisup.errors import SemisupError


class Packaged(NamedTuple):
    """Files of a package that a HEAR module of ours reads.

    Parameters
    ----------
    package : str
        Name by which it is imported.
    files : tuple of str
        Paths inside it.
    library : str
        What runs them, by the name that is imported.
    install : str
        The command that installs both.
    """

    package: str
    files: tuple[str, ...]
    library: str
    install: str

    def unmet(self, module: str) -> list[str]:
        """Return in a sentence what a module misses, with the command that installs it, if any."""
        missing = [name for name in (self.package, self.library) if find_spec(name) is None]
        if missing:
            needed = " and ".join(missing)
            return [f"The HEAR module '{module}' needs {needed}: {self.install}"]
        return [
            f"The HEAR module '{module}' needs {path.name}, which {self.package} as it is "
            f"installed does not have: {self.install}"
            for path in self.paths()
            if not path.is_file()
        ]

    def paths(self) -> list[Path]:
        """Return the files, in their order; none where the package is not installed."""
        spec = find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            return []
        return [Path(spec.submodule_search_locations[0]) / name for name in self.files]

    def checked_paths(self, module: str, model_file_path: str) -> list[Path]:
        """Return the files, for a module's `load_model`.

        Raises
        ------
        SemisupError
            If they are not there, or others are named.
        """
        if model_file_path:
            raise SemisupError(
                f"The HEAR module '{module}' reads the weights of the package {self.package} and "
                f"takes no others, got {model_file_path}"
            )
        for problem in self.unmet(module):
            raise SemisupError(problem)
        return self.paths()


def packaged_weights(module: str) -> Packaged | None:
    """Return where a HEAR module of this package has its weights from, if from another package."""
    room = __name__.rpartition(".")[0]
    if not module.startswith(f"{room}.") or find_spec(module) is None:
        return None
    return getattr(import_module(module), "PACKAGED", None)
