"""Arrays of a `.npz` file: all that are wanted, or one sentence."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from semisup.engine.failures import words_of
from semisup.engine.sizes import why_zip_too_large
from semisup.errors import TableError


def read_arrays(path: Path, names: Iterable[str] | None = None) -> dict[str, np.ndarray]:
    """Read arrays, of which none is a pickle.

    Parameters
    ----------
    path : Path
        As `numpy.savez` writes it.
    names : iterable of str, optional
        Arrays that must be there; all that are, if left out.

    Raises
    ------
    TableError
        If the file is missing, damaged, or would take more memory than it can need, or has no such
        array.
    """
    why = why_zip_too_large(path)
    if why:
        raise TableError(f"{path} cannot be read as arrays: {why}")
    try:
        # NumPy does not close what it has opened itself and cannot read
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in (file.files if names is None else names)}
        # NumPy gives the bytes of what is none
        if others := [name for name, array in arrays.items() if isinstance(array, bytes)]:
            raise ValueError(f"{others[0]} is no array")
        return arrays
    except Exception as error:  # damage fails in all ways that zip, headers and arrays can
        raise TableError(f"{path} cannot be read as arrays: {words_of(error)}") from error
