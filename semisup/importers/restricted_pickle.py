"""Reading of pickles of lists, numbers and NumPy arrays that runs no code of the file.

In: a pickle file, of any protocol, by Python 2 or 3 and NumPy 1 or 2. Out: nested lists, numbers
and arrays. The few names that NumPy's pickles ask for get stand-ins that keep their arguments;
arrays are made afterwards from their bytes. NumPy's own constructors are not called: they trust the
state in the file, and a forged state of theirs corrupts memory. A file of a few bytes can ask for
gigabytes too: its instructions are read through before any is followed, and what it holds is
counted.
"""

import pickle
import pickletools
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from semisup.errors import TableError

#: A list of object arrays of vectors of one-element arrays is as deep as any of these files; a list
#: that holds itself is deeper than any number.
MAX_DEPTH = 5
#: Values that a file may hold for each of its bytes: one at most where none is told twice.
VALUES_A_BYTE = 4
#: Values that any file may hold.
SOME_VALUES = 1000


def load_plain(path: Path) -> Any:
    """Read a pickle of lists, numbers and NumPy arrays.

    Returns
    -------
    list, int, float, bool or ndarray
        Tuples come as lists; object arrays hold the same kinds of values.

    Raises
    ------
    TableError
        If the file is no pickle, is cut short, asks for anything else, which is named, or for
        memory that what is in it cannot need.
    """
    try:
        content = path.read_bytes()
        _check_sizes(content)
        values = _Values(SOME_VALUES + VALUES_A_BYTE * len(content))
        return _plain(_Unpickler(BytesIO(content)).load(), values)
    # A damaged pickle can fail in any way: as an unknown opcode, a missing key, a wrong type.
    except Exception as error:
        raise TableError(
            f"{path} is no pickle of lists, numbers and NumPy arrays alone: "
            f"{error or type(error).__name__}"
        ) from error


def _check_sizes(content: bytes) -> None:
    """Raise where an instruction tells of more bytes, or of more places, than there can be.

    The unpickler would reserve memory for them before it looks at what is there.
    """
    for number, (code, argument, _) in enumerate(pickletools.genops(content)):
        if code.name in ("PUT", "BINPUT", "LONG_BINPUT") and int(argument or 0) > number:
            raise pickle.UnpicklingError(f"it has no use for a {argument}th place")


class _Values:
    """How many values a file may still hold: those told once and meant often count every time."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise pickle.UnpicklingError("it holds more values than its size allows")


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

    def plain(self, values: _Values, depth: int) -> np.ndarray:
        shape, type_, is_fortran, data = self.state
        if type_.code[0] == "O":
            flat = np.empty(len(data), dtype=object)
            for i, value in enumerate(data):
                flat[i] = _plain(value, values, depth + 1)
        else:
            flat = np.frombuffer(_bytes(data), dtype=type_.dtype())
        array = flat.reshape(shape, order="F" if is_fortran else "C")
        # rows of nothing are rows too
        values.take(max(array.size, *array.shape[:1], 1))
        return array


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
    if not isinstance(data, str | bytes | bytearray):
        # of a number, Python would make as many zeros
        raise pickle.UnpicklingError(f"it holds bytes of type '{type(data).__name__}'")
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
    def __init__(self, file: BytesIO) -> None:
        super().__init__(file, encoding="latin1")

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        full_name = f"{module}.{name}"
        make = _STAND_INS.get(full_name.replace("numpy._core.", "numpy.core.", 1))
        if make is None:
            raise pickle.UnpicklingError(f"it asks for '{full_name}', which is refused")
        # A new function each time: a pickle can set attributes of whatever it is given.
        return lambda *arguments: make(*arguments)


def _plain(value: Any, values: _Values, depth: int = 0) -> Any:
    if depth > MAX_DEPTH:
        raise pickle.UnpicklingError(f"its lists are nested more than {MAX_DEPTH} deep")
    values.take(1)
    if isinstance(value, _Array):
        return value.plain(values, depth)
    if isinstance(value, list | tuple):
        return [_plain(item, values, depth + 1) for item in value]
    if isinstance(value, int | float):
        return value
    raise pickle.UnpicklingError(f"it holds a value of type '{type(value).__name__}'")
