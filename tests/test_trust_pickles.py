"""Pickles of a few bytes that ask for gigabytes are refused before they get them."""

import pickle
import resource
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from semisup.errors import TableError
from semisup.importers.restricted_pickle import load_plain

#: A dtype of NumPy's as protocol 2 writes it, and an array of a shape with that dtype and data.
_TYPE = (
    b"cnumpy\ndtype\nU\x02f8K\x00K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
)
_MAKE = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01"
BILLIONS = b"\x8a\x05" + struct.pack("<Q", 5 * 10**9)[:5]


def nested(width: int) -> list:
    """Lists of the same list many times, as deep as is allowed."""
    inner: list = [0.5] * width
    for _ in range(3):
        inner = [inner] * width
    return inner


BOMBS = {
    "bytes of a number": _MAKE + BILLIONS + b"\x85" + _TYPE + b"\x89" + BILLIONS + b"tb.",
    "a scalar of a number": b"cnumpy.core.multiarray\nscalar\n" + _TYPE + BILLIONS + b"\x86R.",
    "a far place": b"\x80\x02]r" + struct.pack("<I", 2**31 - 1) + b".",
    "a far place in text": b"]p9999999999\n.",
    "many bytes": b"\x80\x04\x8e" + struct.pack("<Q", 2**40) + b"x.",
    "an array of bytes": b"\x80\x05\x96" + struct.pack("<Q", 2**36) + b"x.",
    "a long text": b"\x80\x04\x8d" + struct.pack("<Q", 2**40) + b"x.",
    "a long frame": b"\x80\x04\x95" + struct.pack("<Q", 2**40) + b"].",
    "lists of lists": pickle.dumps(nested(200)),
    "rows of nothing": pickle.dumps(np.zeros((10**12, 0)), protocol=2),
    "a long number": b"L" + b"9" * 10**5 + b"L\n.",
}  # fmt: skip
#: Loads a file with so much memory in all and so many seconds, and prints what it is told.
LOAD = """
import sys
from pathlib import Path
from semisup.errors import TableError
from semisup.importers.restricted_pickle import load_plain
try:
    load_plain(Path(sys.argv[1]))
except TableError as error:
    print(error)
"""


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, 2 * 2**30))
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused(tmp_path, name):
    path = tmp_path / "bomb.pickle"
    path.write_bytes(BOMBS[name])
    with pytest.raises(TableError, match=r"bomb\.pickle is no pickle of lists, numbers"):
        load_plain(path)


@pytest.mark.parametrize("name", ["bytes of a number", "a far place", "lists of lists"])
def test_a_bomb_gets_neither_memory_nor_time(tmp_path, name):
    path = tmp_path / "bomb.pickle"
    path.write_bytes(BOMBS[name])
    done = subprocess.run(
        [sys.executable, "-c", LOAD, path],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=_limited,
        env={"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": ":".join(sys.path)},
    )
    assert "bomb.pickle is no pickle" in done.stdout
    assert "MemoryError" not in done.stdout


def test_what_is_shared_within_reason_is_read(tmp_path):
    shared = [np.arange(5.0)] * 3
    (tmp_path / "x.pickle").write_bytes(pickle.dumps([shared, shared]))
    found = load_plain(Path(tmp_path / "x.pickle"))
    assert [[one.tolist() for one in row] for row in found] == [[[0, 1, 2, 3, 4]] * 3] * 2
