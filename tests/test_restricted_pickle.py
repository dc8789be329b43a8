import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from semisup.errors import TableError
from semisup.importers.restricted_pickle import load_plain


def write(path: Path, value: object, protocol: int = 4) -> Path:
    path.write_bytes(pickle.dumps(value, protocol=protocol))
    return path


def object_array(values):
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


@pytest.mark.parametrize("protocol", range(6))
def test_arrays_numbers_and_lists_come_back_as_they_were(tmp_path, protocol):
    vectors = [np.arange(3.0), np.ones(2, np.float32)]
    value = [
        object_array(vectors),
        vectors,
        np.array([0, 1, 2], np.int32),
        np.array([[1, 2, 3], [4, 5, 6]], order="F"),
        np.arange(12.0)[::2],
        np.zeros((0, 4)),
        np.array([True, False]),
        [np.float64(1.5), np.int32(-3), 2, 2.5, True, (1, 2)],
    ]
    found = load_plain(write(tmp_path / "x.pickle", value, protocol))
    assert found[0].dtype == object
    assert found[0].shape == (2,)
    for one, other in zip([*found[0], *found[1], *found[2:7]], [*vectors, *vectors, *value[2:7]],
                          strict=True):  # fmt: skip
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other, strict=True)
    assert found[7] == [1.5, -3, 2, 2.5, True, [1, 2]]


@given(
    array=hnp.arrays(
        st.sampled_from(["<f4", ">f8", "<i4", "|u1", ">i8", "<f2"]),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    ),
    protocol=st.integers(0, 5),
)
@settings(max_examples=40)
def test_any_numeric_array_is_read_as_pickle_reads_it(tmp_path_factory, array, protocol):
    path = write(tmp_path_factory.mktemp("any") / "x.pickle", [array], protocol)
    np.testing.assert_array_equal(load_plain(path)[0], array)


def test_a_two_dimensional_object_array_keeps_its_shape(tmp_path):
    array = np.array([[1.0, 2.0], [3.0, 4.0]], dtype=object)
    found = load_plain(write(tmp_path / "x.pickle", [array]))[0]
    np.testing.assert_array_equal(found.astype(float), array.astype(float))


def test_a_pickle_of_python_2_and_numpy_1_is_read(tmp_path):
    # As Python 2 wrote it: protocol 2, array bytes as a str, NumPy's old module name.
    data = struct.pack("<2d", 0.5, -2.0)
    pickled = (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01K\x02\x85cnumpy\ndtype\nU\x02f8K\x00K\x01\x87R"
        b"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
        b"U" + bytes([len(data)]) + data + b"tb."
    )
    (tmp_path / "old.pickle").write_bytes(pickled)
    np.testing.assert_array_equal(load_plain(tmp_path / "old.pickle"), [0.5, -2.0])


class Evil:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    ("function", "name"),
    [(os.system, r"(posix|nt)\.system"), (eval, r"\.eval"), (getattr, r"\.getattr"),
     (np.load, r"numpy\.load"), (bytearray, r"\.bytearray")],
)  # fmt: skip
def test_a_pickle_that_calls_anything_else_is_refused_by_name(tmp_path, function, name, protocol):
    mark = tmp_path / "mark"
    arguments = (f"touch {mark}",) if function is os.system else (str(mark),)
    path = write(tmp_path / "evil.pickle", [Evil(function, *arguments)], protocol)
    with pytest.raises(TableError, match=rf"evil\.pickle .* asks for '.*{name}', which is refused"):
        load_plain(path)
    assert not mark.exists()


def refused(tmp_path, pickled, match):
    path = tmp_path / "x.pickle"
    path.write_bytes(pickled)
    with pytest.raises(TableError, match=match):
        load_plain(path)


@pytest.mark.parametrize(
    ("value", "match"),
    [
        ("text", "a value of type 'str'"),
        ({"a": 1}, "a value of type 'dict'"),
        ([None], "a value of type 'NoneType'"),
        ([np.array(["a"])], "an array of type 'U1'"),
        ([np.zeros(1, [("a", "f8")])], "an array of type 'V8'"),
        ([np.ones(2, complex)], "an array of type 'c16'"),
    ],
)
def test_values_of_other_types_are_named(tmp_path, value, match):
    refused(tmp_path, pickle.dumps(value), match)


def test_a_file_that_is_cut_short_empty_or_no_pickle_is_refused(tmp_path):
    whole = pickle.dumps([np.arange(5.0), [1, 2]])
    for length in range(len(whole)):
        refused(tmp_path, whole[:length], r"x\.pickle is no pickle")
    refused(tmp_path, b"RIFF$\x00\x00\x00WAVEfmt ", "is no pickle")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(TableError, match=r"none\.pickle"):
        load_plain(tmp_path / "none.pickle")


def test_a_list_that_holds_itself_is_refused(tmp_path):
    endless: list = []
    endless.append(endless)
    refused(tmp_path, pickle.dumps(endless), "nested more than 5 deep")


def test_a_forged_shape_reserves_no_memory(tmp_path):
    pickled = pickle.dumps(np.arange(3.0), protocol=2)
    forged = pickled.replace(b"K\x03\x85", b"J\xff\xff\xff\x7f\x85")
    assert forged != pickled
    refused(tmp_path, forged, "cannot reshape")


@given(st.integers(0, 10_000), st.integers(0, 255))
@settings(max_examples=150)
def test_no_changed_byte_leads_to_anything_but_plain_values_or_one_error(
    tmp_path_factory, place, byte
):
    content = [object_array([np.arange(2.0), np.arange(3.0)]), np.arange(2, dtype=np.int32)]
    pickled = bytearray(pickle.dumps(content))
    pickled[place % len(pickled)] = byte
    path = tmp_path_factory.getbasetemp() / "changed.pickle"
    path.write_bytes(pickled)
    try:
        found = load_plain(path)
    except TableError:
        return
    assert isinstance(found, list | int | float | np.ndarray)
