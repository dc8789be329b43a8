"""Feature tables that the user brings: what is refused, and what is warned of."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from table_study import table_study

from semisup.errors import TableError
from semisup.features.tables import check_no_index
from semisup.features.telling import telling, warnings
from semisup.reading.file import read_study
from semisup.representations.table import Options, TableFromFile
from semisup.stages import features
from semisup.stages.preflight import check_study
from semisup.stages.runner import run_study
from semisup.study.study import Study

N = 24
NAMES = [f"r{number}.wav" for number in range(N)]
LABELS = pd.Series(["happy", "sad"] * (N // 2), index=NAMES)
SPEAKERS = pd.Series([f"s{number // 4}" for number in range(N)], index=NAMES)


def noise(rows: int = N) -> np.ndarray:
    return np.random.default_rng(0).normal(size=rows)


def table(**features: object) -> pd.DataFrame:
    return pd.DataFrame({"recording": NAMES, "x": noise(), **features})


def read(path: Path) -> pd.DataFrame:
    return TableFromFile(Options(kind="table", path=str(path))).read(path.parent)


def shuffled(values: object) -> np.ndarray:
    return np.random.default_rng(1).permutation(np.asarray(values))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("n", range(N)),
        ("n", range(1, N + 1)),
        ("n", np.arange(N, dtype=float)),
        ("n", shuffled(range(N))),
        ("n", range(N - 1, -1, -1)),
        ("Unnamed: 0", shuffled(range(0, 3 * N, 3))),
        ("Unnamed: 0.1", noise()),
        ("index", shuffled(range(100, 100 + N))),
        ("level_0", range(0, 5 * N, 5)),
        ("__index_level_0__", range(5, 5 + N)),
    ],
)
def test_an_index_for_a_feature_is_refused_by_name(tmp_path, name, values):
    mine = table(**{name: values})
    with pytest.raises(TableError, match=rf"'mine' has a column '{name}' that is no feature but"):
        check_no_index(mine, "mine")
    for path in (tmp_path / "mine.csv", tmp_path / "mine.parquet"):
        mine.to_csv(path, index=False) if path.suffix == ".csv" else mine.to_parquet(path)
        with pytest.raises(TableError, match=rf"{path.name}' has a column '{name}' that"):
            read(path)


@pytest.mark.parametrize("index", [None, shuffled(range(N)), range(7, 7 + N)])
def test_a_table_saved_with_its_index_is_refused(tmp_path, index):
    table().set_axis(range(N) if index is None else index).to_csv(tmp_path / "mine.csv")
    with pytest.raises(TableError, match=r"'Unnamed: 0' that is no feature but an index.*index=Fa"):
        read(tmp_path / "mine.csv")


def test_several_indices_are_named_together():
    mine = table(**{f"n{number}": shuffled(range(N)) for number in range(7)})
    with pytest.raises(
        TableError, match=r"has columns 'n0', .*'n4' and 2 more that are no feature"
    ):
        check_no_index(mine, "mine")


def test_a_number_of_the_recording_is_refused_in_a_table_of_chunks():
    mine = pd.DataFrame({"recording": np.repeat(NAMES, 2), "chunk": [0, 1] * N})
    mine = mine.assign(x=noise(2 * N), number=np.repeat(np.arange(N), 2))
    with pytest.raises(TableError, match="a column 'number' that is no feature"):
        check_no_index(mine, "mine")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("index", noise()),
        ("index", [1, 2] * (N // 2)),
        ("n", [*range(N - 1), N]),
        ("n", [0, *range(N - 1)]),
        ("n", np.arange(N) + 0.5),
        ("n", np.arange(N) / N),
        ("n", [True, False] * (N // 2)),
    ],
)
def test_a_feature_that_is_no_index_is_kept(name, values):
    mine = table(**{name: values})
    assert check_no_index(mine, "mine") is mine


def test_few_rows_may_count_by_chance():
    mine = table(n=range(N)).head(3)
    assert check_no_index(mine, "mine") is mine


def test_a_parquet_file_may_keep_recordings_in_its_index(tmp_path):
    table().set_index("recording").to_parquet(tmp_path / "mine.parquet")
    assert list(read(tmp_path / "mine.parquet").columns) == ["recording", "chunk", "x"]
    chunks = table().assign(chunk=0).set_index(["recording", "chunk"])
    chunks.to_parquet(tmp_path / "chunks.parquet")
    assert read(tmp_path / "chunks.parquet")["recording"].tolist() == NAMES


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (LABELS.map({"happy": 0, "sad": 1}), ["label"]),
        (LABELS.map({"happy": -3.5, "sad": 1e9}), ["label"]),
        (SPEAKERS.str[1:].astype(int), ["speaker"]),
        (SPEAKERS.str[1:].astype(int) * 2 + (LABELS == "sad"), ["label", "speaker"]),
        (noise(), []),
        ([0, 0, 1, 1] * (N // 4), []),
        ([1.0] * N, []),
    ],
)
def test_a_feature_made_from_a_label_or_a_speaker_is_warned_of(values, expected):
    mine = table(code=np.asarray(values)).assign(chunk=-1)
    found = warnings(mine, "mine", LABELS, SPEAKERS)
    assert found == [
        f"'mine' has the feature 'code', each value of which belongs to one {what}: is it made "
        f"from the {what}?"
        for what in expected
    ]


def test_speakers_of_one_recording_each_tell_nothing():
    names = pd.Series(NAMES, index=NAMES)
    assert telling(table(code=np.arange(N) * 2).assign(chunk=-1), names) == []
    assert telling(table().assign(chunk=-1), LABELS.map(lambda _: "")) == []


def test_what_is_constant_in_a_recording_tells_nothing():
    mine = pd.DataFrame({"recording": np.repeat(NAMES, 3), "chunk": [0, 1, 2] * N})
    assert telling(mine.assign(mean=np.repeat(noise(), 3)), LABELS) == []


STUDY = table_study("codes")


def study(folder: Path, mine: pd.DataFrame) -> Study:
    listing = pd.DataFrame({"file": NAMES, "label": LABELS, "speaker": SPEAKERS})
    listing.to_csv(folder / "list.csv", index=False)
    mine.to_csv(folder / "mine.csv", index=False)
    (folder / "study.toml").write_text(STUDY)
    return read_study(folder / "study.toml", out=folder / "files")


def test_check_warns_of_a_code_and_refuses_an_index(tmp_path):
    coded = table(code=LABELS.map({"happy": 0, "sad": 1}).to_numpy())
    problems, fatal = check_study(study(tmp_path, coded))
    assert not fatal
    assert [line for line in problems if "'mine'" in line] == [
        "warning: 'mine' has the feature 'code', each value of which belongs to one label: "
        "is it made from the label?"
    ]
    problems, fatal = check_study(study(tmp_path, table(n=range(N))))
    assert fatal
    assert len([line for line in problems if "fatal" in line and "mine.csv" in line]) == 1


def test_a_run_warns_of_a_code(tmp_path, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(features, "say", lambda message, tone="": said.append(message))
    mine = table(code=SPEAKERS.str[1:].astype(int).to_numpy())
    run_study(study(tmp_path, mine), until="features")
    assert [line for line in said if "'code'" in line] == [
        "  'mine' has the feature 'code', each value of which belongs to one speaker: "
        "is it made from the speaker?"
    ]


def test_a_recording_may_have_a_number_for_a_name(tmp_path):
    names = [f"{number:03d}" for number in range(N)]
    table().assign(recording=names).to_csv(tmp_path / "mine.csv", index=False)
    assert read(tmp_path / "mine.csv")["recording"].tolist() == names
