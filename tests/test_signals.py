"""The front door for recordings: what is read, in which order, what an interrupted run keeps."""

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from PIL import Image

from semisup.engine.parallel import Workers
from semisup.errors import BadAudioError
from semisup.recordings import signals
from semisup.recordings.audio import load
from semisup.recordings.signals import map_batches, map_signals, signals_of

RATE = 1000
#: Of each recording's file: no two rates and no two lengths side by side.
RATES = (1000, 2000, 1000, 4000, 1000, 2000, 1000)


@pytest.fixture(scope="module")
def rows(tmp_path_factory) -> pd.DataFrame:
    """Seven recordings; the files of the third and the sixth are cut into excerpts."""
    folder, rng, table = tmp_path_factory.mktemp("audio"), np.random.default_rng(0), []
    for number, rate in enumerate(RATES):
        path = folder / f"{number}.wav"
        soundfile.write(path, rng.uniform(-1, 1, rate + 100 * number), rate, subtype="DOUBLE")
        start, end = {2: (0.25, np.nan), 5: (0.1, 0.6)}.get(number, (np.nan, np.nan))
        table.append((path.name, str(path), f"s{number % 2}", start, end))
    return pd.DataFrame(table, columns=["recording", "path", "speaker", "start", "end"])


def features(signal: np.ndarray, sample_rate: int) -> np.ndarray:
    """Make the vector that a user might: duration, level, first sample."""
    return np.array([len(signal) / sample_rate, np.abs(signal).mean(), signal[0]])


def pairs(signal: np.ndarray, sample_rate: int) -> np.ndarray:
    return signal[: len(signal) // 2 * 2].reshape(-1, 2).astype(np.float32)


def counted(log: Path, signal: np.ndarray, sample_rate: int) -> np.ndarray:
    with log.open("a") as file:
        file.write(f"{len(signal)}\n")
    return features(signal, sample_rate)


def with_their_number(batch: Iterator[np.ndarray], sample_rate: int) -> np.ndarray:
    """Return the length of each signal and how many are in its batch."""
    lengths = [len(signal) for signal in batch]
    return np.array([[length, len(lengths)] for length in lengths])


def mapped(rows: pd.DataFrame, parts: Path, function=features, jobs: int = 1) -> list[np.ndarray]:
    return map_signals(function, rows, RATE, parts, Workers(jobs), "features")


def bytes_of(parts: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in parts.iterdir()}


def test_signals_come_in_the_order_of_the_rows_whatever_their_index(rows):
    shuffled = rows.iloc[[4, 0, 6, 1]]
    read = list(signals_of(shuffled, RATE))
    assert len(read) == 4
    for signal, path in zip(read, shuffled["path"], strict=True):
        np.testing.assert_array_equal(signal, load(path, RATE)[0])


def test_an_excerpt_is_cut_at_its_bounds_in_the_files_own_samples(rows):
    after_a_quarter, half_a_second = signals_of(rows.iloc[[2, 5]], RATE)
    whole, _ = soundfile.read(rows["path"][2])
    np.testing.assert_array_equal(after_a_quarter, whole[250:])
    assert half_a_second.shape == (500,)
    (unchanged,) = signals_of(rows.iloc[[5]], 2000)
    np.testing.assert_array_equal(unchanged, soundfile.read(rows["path"][5])[0][200:1200])


def test_an_excerpt_that_is_not_within_the_recording_is_refused(rows):
    with pytest.raises(BadAudioError, match=r"2\.wav: excerpt 0\.25-9 s is not within its 1\.2 s"):
        next(signals_of(rows.iloc[[2]].assign(end=9.0), RATE))


def test_one_recording_is_read_at_a_time(rows):
    lacking = pd.concat([rows.head(1), rows.tail(1).assign(path="nowhere.wav")])
    reading = signals_of(lacking, RATE)
    assert len(next(reading)) == 1000
    with pytest.raises(BadAudioError, match=r"nowhere\.wav: there is no such file"):
        next(reading)


def test_pictures_come_through_the_same_door_where_they_are_asked_for(rows, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    picture = pd.DataFrame({"path": [str(tmp_path / "a.png")], "start": np.nan, "end": np.nan})
    mixed = pd.concat([picture, rows[signals.COLUMNS].head(1)])
    first, second = signals_of(mixed, RATE, picture_size=6)
    np.testing.assert_array_equal(first, pixels)
    assert second.shape == (1000,)
    with pytest.raises(BadAudioError, match=r"a\.png: it is a picture"):
        next(signals_of(picture, RATE))


@pytest.mark.parametrize("function", [features, pairs])
def test_arrays_come_in_the_order_of_the_rows_whatever_the_batch(
    function, rows, tmp_path, monkeypatch
):
    monkeypatch.setattr(signals, "BATCH", 3)
    chosen = rows.iloc[::-1]
    arrays = mapped(chosen, tmp_path, function)
    assert len(arrays) == 7
    assert len(list(tmp_path.iterdir())) == 3
    for array, signal in zip(arrays, signals_of(chosen, RATE), strict=True):
        expected = function(signal, RATE)
        assert array.dtype == expected.dtype
        np.testing.assert_array_equal(array, expected)


def test_no_recordings_are_no_arrays(rows, tmp_path):
    assert mapped(rows.head(0), tmp_path) == []


def test_one_and_two_workers_write_the_same_parts(rows, tmp_path, monkeypatch):
    monkeypatch.setattr(signals, "BATCH", 2)
    one = mapped(rows, tmp_path / "one", pairs)
    two = mapped(rows, tmp_path / "two", pairs, jobs=2)
    for first, second in zip(one, two, strict=True):
        np.testing.assert_array_equal(first, second)
    assert len(bytes_of(tmp_path / "one")) == 4
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


def test_batches_are_the_same_whoever_works(rows, tmp_path):
    for jobs in (1, 2):
        parts = tmp_path / str(jobs)
        arrays = map_batches(with_their_number, rows, RATE, parts, Workers(jobs), "lengths", 4)
        assert [array[1] for array in arrays] == [4, 4, 4, 4, 3, 3, 3]
        assert arrays[0][0] == 1000


def test_a_run_goes_on_from_its_finished_parts(rows, tmp_path, monkeypatch):
    monkeypatch.setattr(signals, "BATCH", 2)
    whole = mapped(rows, tmp_path / "whole")
    shutil.copytree(tmp_path / "whole", tmp_path / "parts")
    (tmp_path / "parts" / "000001.npz").unlink()
    log = tmp_path / "log"
    resumed = mapped(rows, tmp_path / "parts", partial(counted, log))
    assert len(log.read_text().splitlines()) == 2
    for before, after in zip(whole, resumed, strict=True):
        np.testing.assert_array_equal(before, after)


def test_a_recording_that_cannot_be_read_leaves_the_finished_parts(rows, tmp_path, monkeypatch):
    monkeypatch.setattr(signals, "BATCH", 2)
    broken = rows.copy()
    broken.loc[3, "path"] = "nowhere.wav"
    with pytest.raises(BadAudioError, match=r"nowhere\.wav"):
        mapped(broken, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["000000.npz"]
