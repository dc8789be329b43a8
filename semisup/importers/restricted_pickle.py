"""Reading of pickles of lists, numbers and NumPy arrays that runs no code of the file.

In: a pickle file, of any protocol, by Python 2 or 3 and NumPy 1 or 2. Out: nested lists, numbers
and arrays. The few names that NumPy's pickles ask for get stand-ins that keep their arguments;
arrays are made afterwards from their bytes. NumPy's own constructors are not called: they trust the
state in the file, and a forged state of theirs corrupts memory.
"""

import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from semisup.errors import TableError

#: A list of object arrays of vectors of one-element arrays is as deep as any of these files; a list
#: that holds itself is deeper than any number.
MAX_DEPTH = 5


def load_plain(path: Path) -> Any:
    """Read a pickle of lists, numbers and NumPy arrays.

    Returns
    -------
    list, int, float, bool or ndarray
        Tuples come as lists; object arrays hold the same kinds of values.

    Raises
    ------
    TableError
        If the file is no pickle, is cut short, or asks for anything else, which is named.
    """
    try:
        with path.open("rb") as file:
            return _plain(_Unpickler(file).load())
    # A damaged pickle can fail in any way: as an unknown opcode, a missing key, a wrong type.
    except Exception as error:
        raise TableError(
            f"{path} is no pickle of lists, numbers and NumPy arrays alone: "
            f"{error or type(error).__name__}"
        ) from error


class _Type:
    """Stand-in for a dtype."""

    def __init__(self, code: str, *_: object) -> None:
        self.code, self.order = code, "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.order = state[1]

    def dtype(self) -> np.dtype[Any]:
        if not re.fullmatch(r"[biuf][1248]", self.code):
            raise pickle.UnpicklingError(f"it holds an array of type '{self.code}'")
        return np.dtype(self.order + self.code)


class _Array:
    """Stand-in for an array."""

    def __init__(self, *_: object) -> None:
        self.state: tuple[Any, ...] = ()

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        # a version number may come first
        self.state = state[-4:]

    def plain(self, depth: int) -> np.ndarray:
        shape, type_, is_fortran, data = self.state
        if type_.code[0] == "O":
            flat = np.empty(len(data), dtype=object)
            for i, value in enumerate(data):
                flat[i] = _plain(value, depth + 1)
        else:
            flat = np.frombuffer(_bytes(data), dtype=type_.dtype())
        return flat.reshape(shape, order="F" if is_fortran else "C")


def _from_buffer(data: Any, type_: _Type, shape: tuple[int, ...], order: str, *_: object) -> _Array:
    if order not in ("C", "F"):
        raise pickle.UnpicklingError(f"it holds an array of memory order '{order}'")
    array = _Array()
    array.__setstate__((shape, type_, order == "F", data))
    return array


def _scalar(type_: _Type, data: Any) -> Any:
    return np.frombuffer(_bytes(data), dtype=type_.dtype())[0].item()


def _bytes(data: Any) -> bytes:
    """Return the bytes of an array; Python 2 wrote them as text."""
    return data.encode("latin1") if isinstance(data, str) else bytes(data)


#: NumPy 2 says numpy._core where NumPy 1 said numpy.core. Python 3 writes bytes as encoded text in
#: protocols up to 2.
_STAND_INS: dict[str, Callable[..., Any]] = {
    "numpy.ndarray": lambda: None,
    "numpy.dtype": _Type,
    "numpy.core.multiarray._reconstruct": _Array,
    "numpy.core.multiarray.scalar": _scalar,
    "numpy.core.numeric._frombuffer": _from_buffer,
    "_codecs.encode": lambda text, _: _bytes(text),
    "__builtin__.bytes": lambda: b"",
    "builtins.bytes": lambda: b"",
}


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, encoding="latin1")

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        full_name = f"{module}.{name}"
        make = _STAND_INS.get(full_name.replace("numpy._core.", "numpy.core.", 1))
        if make is None:
            raise pickle.UnpicklingError(f"it asks for '{full_name}', which is refused")
        # A new function each time: a pickle can set attributes of whatever it is given.
        return lambda *arguments: make(*arguments)


def _plain(value: Any, depth: int = 0) -> Any:
    if depth > MAX_DEPTH:
        raise pickle.UnpicklingError(f"its lists are nested more than {MAX_DEPTH} deep")
    if isinstance(value, _Array):
        return value.plain(depth)
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, int | float):
        return value
    raise pickle.UnpicklingError(f"it holds a value of type '{type(value).__name__}'")
