import pickle
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from semisup.errors import SpecError, TableError
from semisup.importers.original_pickles import FILES, import_pickles
from semisup.recordings.manifest import check_manifest
from semisup.signals.handcrafted import FEATURE_NAMES

TRAIN_HLF, TEST_HLF, TRAIN_CF, TEST_CF = FILES
#: Recordings 1 and 7 are too short for a chunk; the chunks of recording 4 are not side by side.
TRACK = [0, 0, 2, 4, 3, 5, 4, 6, 8]


def objects(vectors) -> np.ndarray:
    array = np.empty(len(vectors), dtype=object)
    array[:] = list(vectors)
    return array


def make_contents(seed: int = 0) -> dict[str, list]:
    """Make the content of the four files: 9 training and 6 test recordings, 9 and 7 chunks."""
    rng = np.random.default_rng(seed)
    labels = np.repeat([0, 1, 2], 3).astype(np.int32)
    codes = rng.random((len(TRACK), 64)).astype(np.float32)
    test_labels = np.array([0, 0, 1, 1, 1, 2, 2], np.int32)
    return {
        TRAIN_HLF: [objects(rng.random((9, 136))), labels],
        TEST_HLF: [list(rng.random((6, 136))), labels[[0, 1, 3, 4, 6, 7]]],
        TRAIN_CF: [objects(codes), labels[TRACK], TRACK],
        TEST_CF: [objects(rng.random((7, 64)).astype(np.float32)), test_labels],
    }


def write_pickles(folder: Path, contents: dict[str, list], protocol: int = 4) -> Path:
    """Write made-up older pickles."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(pickle.dumps(content, protocol=protocol))
    return folder


def imported(tmp_path: Path, contents: dict[str, list], **options) -> Path:
    source = write_pickles(tmp_path / "old", contents, **options)
    return import_pickles(source, tmp_path / "study").parent


@pytest.mark.parametrize("protocol", [2, 5])
def test_tables_hold_the_vectors_in_file_order(tmp_path, protocol):
    contents = make_contents()
    folder = imported(tmp_path, contents, protocol=protocol)
    handcrafted = pd.read_parquet(folder / "handcrafted.parquet")
    assert list(handcrafted.columns) == ["recording", "chunk", *FEATURE_NAMES]
    vectors = np.stack([*contents[TRAIN_HLF][0], *contents[TEST_HLF][0]])
    np.testing.assert_array_equal(handcrafted.drop(columns=["recording", "chunk"]), vectors)
    assert set(handcrafted["chunk"]) == {-1}
    assert list(handcrafted["recording"]) == [
        *(f"train_{i:06d}" for i in range(9)), *(f"test_{i:06d}" for i in range(6))
    ]  # fmt: skip
    code = pd.read_parquet(folder / "code.parquet")
    assert list(code.columns[[0, 1, 2, -1]]) == ["recording", "chunk", "code_00", "code_63"]
    values = code.drop(columns=["recording", "chunk"]).to_numpy()
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, np.stack([*contents[TRAIN_CF][0], *contents[TEST_CF][0]]))


def test_training_chunks_belong_to_their_track_and_test_chunks_to_themselves(tmp_path):
    code = pd.read_parquet(imported(tmp_path, make_contents()) / "code.parquet")
    training, test = code[:9], code[9:]
    assert list(training["recording"]) == [f"train_{track:06d}" for track in TRACK]
    assert list(training["chunk"]) == [0, 1, 0, 0, 0, 0, 1, 0, 0]
    assert list(test["recording"]) == [f"test_chunk_{i:06d}" for i in range(7)]
    assert set(test["chunk"]) == {0}


def test_the_manifest_has_every_row_its_label_its_subset_and_whether_it_can_be_joined(tmp_path):
    contents = make_contents()
    folder = imported(tmp_path, contents)
    manifest = check_manifest(pd.read_parquet(folder / "manifest.parquet"))
    assert list(manifest.columns) == [
        *("recording", "path", "label", "speaker", "seconds", "start", "end", "subset", "joined")
    ]
    assert len(manifest) == 9 + 6 + 7
    numbers = np.concatenate([contents[name][1] for name in (TRAIN_HLF, TEST_HLF, TEST_CF)])
    words = np.array(["negative", "neutral", "positive"])
    assert list(manifest["label"]) == list(words[numbers])
    assert list(manifest["subset"]) == ["labelled"] * 9 + ["test"] * 13
    assert list(manifest["joined"]) == [True] * 15 + [False] * 7
    assert set(manifest["path"]) == set(manifest["speaker"]) == {""}
    assert manifest[["seconds", "start", "end"]].isna().all(axis=None)
    used = pd.concat(pd.read_parquet(folder / f"{name}.parquet")["recording"]
                     for name in ("handcrafted", "code"))  # fmt: skip
    assert set(used) == set(manifest["recording"])


def test_names_sort_as_the_rows_of_each_file_do(tmp_path):
    manifest = pd.read_parquet(imported(tmp_path, make_contents()) / "manifest.parquet")
    for _, rows in manifest.groupby(["subset", "joined"]):
        assert list(rows["recording"]) == sorted(rows["recording"])


def test_the_study_file_is_one_that_semisup_reads(tmp_path):
    from semisup.reading.file import read_study

    path = imported(tmp_path, make_contents()) / "study.toml"
    study = read_study(path).spec
    assert study.name == "study"
    assert list(study.representations) == ["handcrafted", "code"]
    assert (study.curve.order, study.curve.scale, study.curve.unit) == ("prefix", "none", "chunk")
    assert (study.split.strategy, study.split.allow_unknown_speakers) == ("column", True)


@pytest.mark.parametrize(
    ("folder", "name"),
    [("MSP Podcast (2019)", "MSP_Podcast_2019_"), ("über", "ber"), ("你好", "imported")],
)
def test_the_study_is_named_after_its_folder_as_far_as_a_name_allows(tmp_path, folder, name):
    source = write_pickles(tmp_path / "old", make_contents())
    path = import_pickles(source, tmp_path / folder)
    assert tomllib.loads(path.read_text(encoding="utf-8"))["name"] == name


def test_a_study_of_random_orders_lies_beside_the_original_order(tmp_path):
    folder = imported(tmp_path, make_contents())
    prefix, random = (
        tomllib.loads((folder / name).read_text()) for name in ("study.toml", "random_orders.toml")
    )
    assert prefix["curve"].pop("order") == "prefix"
    assert random["curve"].pop("draws") == 20
    assert random.pop("name") == prefix.pop("name") + "_random"
    assert random == prefix


@pytest.mark.parametrize(
    ("names", "table", "rows"),
    [((TRAIN_HLF, TEST_HLF), "handcrafted", 15), ((TRAIN_CF, TEST_CF), "code", 14)],
)
def test_one_pair_of_files_is_enough(tmp_path, names, table, rows):
    contents = make_contents()
    folder = imported(tmp_path, {name: contents[name] for name in names})
    assert list(tomllib.loads((folder / "study.toml").read_text())["representations"]) == [table]
    assert sorted(path.name for path in folder.iterdir()) == [
        *sorted([f"{table}.parquet", "manifest.parquet", "random_orders.toml", "study.toml"])
    ]
    manifest = pd.read_parquet(folder / "manifest.parquet")
    assert len(manifest) == rows
    if table == "code":
        training = manifest[manifest["subset"] == "labelled"]
        assert list(training["recording"]) == [f"train_{i:06d}" for i in (0, 2, 3, 4, 5, 6, 8)]
        assert list(training["label"].str[:3]) == ["neg", "neg", "neu", "neu", "neu", "pos", "pos"]


def test_importing_again_gives_the_same_bytes_but_spares_a_study_file_that_was_changed(tmp_path):
    folder = imported(tmp_path, make_contents())
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert imported(tmp_path, make_contents()) == folder
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    for name in ("random_orders.toml", "study.toml"):
        (folder / name).write_text("mine")
        with pytest.raises(SpecError, match=rf"{name} is there".replace(".", r"\.")):
            imported(tmp_path, make_contents(seed=1))
        (folder / name).write_bytes(before[name])
    (folder / "study.toml").write_text("mine")
    with pytest.raises(SpecError, match=r"study\.toml is there"):
        imported(tmp_path, make_contents(seed=1))
    changed = before | {"study.toml": b"mine"}
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == changed


def test_a_folder_without_pickles_is_told_which_there_could_be(tmp_path):
    with pytest.raises(TableError, match="none of the files " + ", ".join(FILES)):
        import_pickles(tmp_path, tmp_path / "study")
    assert not (tmp_path / "study").exists()


def test_half_a_pair_is_not_enough(tmp_path):
    contents = make_contents()
    del contents[TEST_CF], contents[TRAIN_HLF]
    with pytest.raises(TableError) as caught:
        imported(tmp_path, contents)
    assert f"{TEST_HLF} is there, but {TRAIN_HLF} is not" in str(caught.value)
    assert f"{TRAIN_CF} is there, but {TEST_CF} is not" in str(caught.value)


def change(name: str, place: int, value: object, row: int | None = None):
    contents = make_contents()
    if row is None:
        contents[name][place] = value
    else:
        contents[name][place] = list(contents[name][place])
        contents[name][place][row] = value
    return contents


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (change(TEST_HLF, 0, np.zeros(135), 4),
         "test_data_hlf.pickle: 1 of 6 rows are no vectors of 136 numbers; "
         "the first is row 4, of shape (135,)"),
        (change(TEST_CF, 0, [[1.0], 2.0], 0), "the first is row 0, not a vector of numbers"),
        (change(TEST_CF, 0, np.full(64, np.nan), 2),
         "1 of 7 rows hold NaN or infinite values; the first is row 2"),
        (change(TRAIN_CF, 0, np.full(64, 1e300), 2), "rows hold NaN or infinite values"),
        (change(TEST_HLF, 1, [0, 1]), "[X, y] of equal lengths above 0; found lengths 6, 2"),
        (change(TRAIN_CF, 2, [0]), "[X, y, track] of equal lengths above 0; found lengths 9, 9, 1"),
        (change(TEST_HLF, 1, 3), "found lengths 6, none"),
        ({**make_contents(), TEST_CF: [[], []]}, "found lengths 0, 0"),
        ({**make_contents(), TEST_CF: np.zeros(3)}, "found no list"),
        (change(TEST_HLF, 1, 3, 5),
         "1 of 6 labels are not whole numbers from 0 to 2; the first is row 5, 3"),
        (change(TEST_HLF, 1, 0.5, 5), "the first is row 5, 0.5"),
        (change(TRAIN_CF, 2, -1, 3), "tracks are not whole numbers from 0"),
        (change(TRAIN_CF, 2, np.nan, 3), "tracks are not whole numbers from 0"),
        (change(TRAIN_CF, 2, 9, 8),
         "1 chunks have a track that is no row of training_data_hlf.pickle (0 to 8); "
         "the first is row 8, track 9"),
        (change(TRAIN_CF, 1, 2, 6),
         "1 chunks have another label than their recording; the first is row 6, positive, of the "
         "recording train_000004, neutral"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_file_and_row(tmp_path, contents, message):
    with pytest.raises(TableError) as caught:
        imported(tmp_path, contents)
    assert message in str(caught.value)
    assert "1 problem:" in str(caught.value)
    assert not (tmp_path / "study").exists()


def test_chunks_of_one_track_must_agree_without_the_recordings_too(tmp_path):
    contents = change(TRAIN_CF, 1, 2, 6)
    with pytest.raises(TableError, match="recording train_000004, neutral"):
        imported(tmp_path, {name: contents[name] for name in (TRAIN_CF, TEST_CF)})


def test_all_problems_of_all_files_are_told_at_once(tmp_path):
    contents = make_contents()
    contents[TRAIN_HLF][0][3] = np.zeros(5)
    contents[TRAIN_HLF][1] = contents[TRAIN_HLF][1] + 1
    contents[TEST_CF][0][1] = np.full(64, np.inf)
    source = write_pickles(tmp_path / "old", contents)
    (source / TEST_HLF).write_bytes(b"cposix\nsystem\n(S'true'\ntR.")
    with pytest.raises(TableError) as caught:
        import_pickles(source, tmp_path / "study")
    told = str(caught.value)
    assert "4 problems:" in told
    for part in ("of shape (5,)", "labels are not", "NaN or infinite", "asks for 'posix.system'"):
        assert part in told
    assert TEST_HLF in told
