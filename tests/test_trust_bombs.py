"""Files of a few bytes, and values, that ask for gigabytes: refused early, in one sentence."""

import struct
import zlib
from contextlib import suppress
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile
from small_study import STUDY, write_small_study

import semisup
from semisup.corpora._listings import read_listing
from semisup.engine import sizes
from semisup.errors import (
    BadAudioError,
    BadPictureError,
    CorpusError,
    SemisupError,
    SpecError,
    TableError,
)
from semisup.networks.models import load_model
from semisup.reading import read_study
from semisup.recordings import audio, pictures
from semisup.representations.table import TableFromFile

NOISE = 0.1 * np.random.default_rng(0).standard_normal(8000)


def rewritten(path: Path, place: bytes, offset: int, layout: str, value: int) -> Path:
    """Change a number in a file, so many bytes after some others."""
    content = bytearray(path.read_bytes())
    struct.pack_into(layout, content, content.index(place) + offset, value)
    path.write_bytes(content)
    return path


def test_a_flac_file_that_tells_more_than_it_holds(tmp_path):
    path = tmp_path / "a.flac"
    soundfile.write(path, NOISE, 8000)
    content = bytearray(path.read_bytes())
    told = int.from_bytes(content[18:26], "big")
    content[18:26] = (told >> 36 << 36 | 2**36 - 1).to_bytes(8, "big")
    path.write_bytes(content)
    for read in (audio.inspect, audio.load):
        with pytest.raises(BadAudioError, match=r"would take 512 GiB of memory, but the file has"):
            read(path)


def test_a_wav_file_of_hardly_any_samples_a_second(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, NOISE, 8000)
    rewritten(path, b"fmt ", 12, "<I", 1)
    for read in (audio.inspect, lambda path: audio.load(path, 48000)):
        with pytest.raises(BadAudioError, match=r"its sample rate is 1 Hz, where 100 Hz is the le"):
            read(path)


def test_a_recording_that_is_larger_than_memory(tmp_path, monkeypatch):
    path = tmp_path / "a.wav"
    soundfile.write(path, NOISE, 8000)
    monkeypatch.setattr(sizes, "memory", lambda: 1000)
    monkeypatch.setattr(sizes, "FREE", 64_000)
    assert len(audio.load(path, 8000, 0, 0.5)[0]) == 4000
    with pytest.raises(BadAudioError, match=r"1 s at 48000 Hz are too long: it would take"):
        audio.load(path, 48000)
    # whoever reads it block by block needs no more than a block
    assert sum(map(len, audio.stream(path, 48000))) == 48000


def png(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 100)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(2**31 - 1, 2**31 - 1), (50_000, 50_000), (9_000, 9_000)])
def test_a_picture_that_tells_more_than_it_holds(tmp_path, size):
    (tmp_path / "a.png").write_bytes(png(*size))
    with pytest.raises(BadPictureError, match=r"a\.png: cannot be decoded as a picture"):
        pictures.inspect(tmp_path / "a.png")


@pytest.mark.parametrize(
    "rate", [1e9, 10**400, float("inf"), float("nan"), "8000", 8000j, None, [1]]
)
def test_sample_rates_of_no_recording(rate):
    with pytest.raises(SpecError, match=r"need a sample_rate above 6854 Hz.* up to 10000000 Hz"):
        semisup.handcrafted_features(NOISE, rate)


SIGNALS = {
    "text": np.array(["a"] * 8000),
    "complex": NOISE + 1j,
    "masked": np.ma.masked_greater(NOISE, 0.1),
    "objects": np.array([10**400] * 8000, dtype=object),
    "moments": np.arange(8000).astype("datetime64[s]"),
    "infinity": np.full(8000, np.inf),
    "nothing": None,
}


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize(
    "function",
    [
        lambda signal: semisup.handcrafted_features(signal, 8000),
        lambda signal: semisup.chunk_spectrograms(signal, chunk_samples=2000),
        lambda signal: semisup.Handcrafted(sample_rate=8000).fit_transform([signal]),
        lambda signal: semisup.LogmelStatistics(sample_rate=8000).fit_transform([signal]),
        lambda signal: semisup.Mfcc(sample_rate=8000).fit_transform([signal]),
    ],
)
def test_signals_of_no_numbers(function, name):
    # the second is scikit-learn's own, of what has no rows
    with pytest.raises((SemisupError, ValueError)):
        function(SIGNALS[name])


def constant_parquet(path: Path, rows: int) -> Path:
    """Write a table whose column is one value, told once and meant often."""
    one = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int8)), pa.array([1.0]))
    table = pa.table({"recording": one, **{f"f{n}": one for n in range(200)}})
    pq.write_table(table, path, compression="zstd")
    return path


def test_a_parquet_file_that_unpacks_to_gigabytes(tmp_path):
    path = constant_parquet(tmp_path / "mine.parquet", 2_000_000)
    assert path.stat().st_size < 2e6
    kind = TableFromFile.of(kind="table", path=str(path))
    with pytest.raises(TableError, match=r"mine\.parquet cannot be read: it would take 3 GiB of"):
        kind.read(tmp_path)
    with pytest.raises(CorpusError, match=r"mine\.parquet cannot be read: it would take 3 GiB of"):
        read_listing(path, ["recording"])


def test_a_table_of_usual_size_is_read(tmp_path):
    table = pd.DataFrame({"recording": ["a"] * 1000, "label": "x"})
    table.to_parquet(tmp_path / "list.parquet")
    assert len(read_listing(tmp_path / "list.parquet", ["recording"])) == 1000


def keras_file(path: Path, config: bytes, weights: int = 0) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as members:
        members.writestr("config.json", config)
        members.writestr("metadata.json", b"{}")
        with members.open("model.weights.h5", "w", force_zip64=True) as file:
            for _ in range(weights // 2**24):
                file.write(bytes(2**24))
    return path


def test_a_keras_file_that_unpacks_to_gigabytes(tmp_path):
    path = keras_file(tmp_path / "a.keras", b"{}", weights=2**30 + 2**24)
    assert path.stat().st_size < 2e6
    with pytest.raises(SemisupError, match=r"a\.keras cannot be loaded as a Keras model: it would"):
        load_model(path)


def test_a_keras_file_of_a_layer_that_no_memory_holds(tmp_path):
    path = keras_file(tmp_path / "a.keras", b'{"config": {"units": 9000000000000}}')
    with pytest.raises(SemisupError, match=r"a\.keras cannot be loaded .* 33528 GiB of memory"):
        load_model(path)


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e400", "9" * 400, "-1", "1e308"])
@pytest.mark.parametrize(
    "key",
    [
        "seed", "chunks.chunk_samples", "chunks.sample_rate", "curve.draws", "compare.resamples",
        "compare.level", "split.fractions.test", "train.seeds", "curve.percentages.start",
        "curve.percentages.step", "representations.mfcc.coefficients", "split.folds",
        "split.repeats", "classifiers.tree.parameters.max_depth", "durations.chunk_samples",
    ],
)  # fmt: skip
def test_values_of_a_study_that_no_number_has(tmp_path, key, value):
    path = write_small_study(tmp_path, STUDY)
    with suppress(SpecError):
        read_study(path, tmp_path, [f"{key}={value}"])
