from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semisup.engine.artefacts import (
    discard,
    fingerprint,
    is_current,
    seal,
    table_fingerprint,
    write_json,
    write_table,
    write_text,
    write_whole,
)


def test_a_failed_write_leaves_the_old_artefact_and_no_partial_file(tmp_path):
    path = write_text(tmp_path / "a.txt", "old")

    def fail(partial):
        partial.write_text("half")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        write_whole(path, fail)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_threads_that_write_the_same_artefact_at_once_do_not_meet(tmp_path):
    both = Barrier(2, timeout=10)

    def write(partial):
        both.wait()
        partial.write_text("whole")
        both.wait()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: write_whole(tmp_path / "a.txt", write), range(2)))
    assert [path.read_text() for path in tmp_path.iterdir()] == ["whole"]


def test_a_folder_is_replaced_whole(tmp_path):
    def make(name):
        def write(folder):
            folder.mkdir()
            (folder / name).write_text(name)

        return write

    write_whole(tmp_path / "store", make("first"))
    write_whole(tmp_path / "store", make("second"))
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["second"]


def test_an_artefact_is_current_only_with_its_own_fingerprint(tmp_path):
    path = write_text(tmp_path / "a.txt", "x")
    assert not is_current([path], "1")
    seal([path], "1")
    assert is_current([path], "1")
    assert not is_current([path], "2")
    assert not is_current([path, tmp_path / "missing"], "1")
    discard([path])
    assert not is_current([path], "1")


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_the_same_table_gives_the_same_bytes(tmp_path, suffix):
    table = pd.DataFrame({"a": ["ü", "b"], "x": [0.1, 1 / 3]})
    first = write_table(tmp_path / f"1{suffix}", table).read_bytes()
    assert write_table(tmp_path / f"2{suffix}", table.copy()).read_bytes() == first


def test_json_is_sorted_and_keeps_letters(tmp_path):
    assert write_json(tmp_path / "a.json", {"b": 1, "a": "ł"}).read_text("utf-8") == (
        '{\n  "a": "ł",\n  "b": 1\n}\n'
    )


@given(st.lists(st.text(max_size=5), min_size=1, max_size=5, unique=True))
def test_a_table_fingerprint_sees_order_values_and_names(names):
    table = pd.DataFrame({"name": names, "row": range(len(names))})
    assert table_fingerprint(table) == table_fingerprint(table.copy())
    assert table_fingerprint(table) != table_fingerprint(table.rename(columns={"row": "line"}))
    assert table_fingerprint(table) != table_fingerprint(table.assign(row=table["row"] + 1))
    if len(names) > 1:
        assert table_fingerprint(table) != table_fingerprint(table.iloc[::-1])


def test_the_order_of_keys_does_not_change_a_fingerprint():
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})


@pytest.mark.parametrize(
    "text", ["a\rb", "a\r\nb", "\r", "a\nb", 'a"b', "a,b", "", "NA", "1", " a "]
)
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_has_its_rows_whatever_is_in_a_cell(tmp_path, text, suffix):
    column = f"{text}!"
    table = pd.DataFrame({"name": [text, "other"], "value": [0.1, 2.0], column: [1.0, 2.0]})
    path = write_table(tmp_path / f"x.{suffix}", table)
    if suffix == "parquet":
        again = pd.read_parquet(path)
    else:
        again = pd.read_csv(path, dtype={"name": str}, keep_default_na=False)
    assert again["name"].tolist() == [text, "other"]
    assert again["value"].tolist() == [0.1, 2.0]
    assert again[column].tolist() == [1.0, 2.0]


def test_a_table_without_returns_is_quoted_where_it_must_be_only(tmp_path):
    table = pd.DataFrame({"name": ["a b", "c,d"], "value": [0.5, 2.0]})
    path = write_table(tmp_path / "x.csv", table)
    assert path.read_bytes() == b'name,value\na b,0.5\n"c,d",2.0\n'
