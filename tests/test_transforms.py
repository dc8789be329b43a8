import shutil
import tracemalloc
from itertools import pairwise
from pathlib import Path

import librosa
import numpy as np
import pandas as pd
import pytest
import soundfile
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import colormaps

from semisup.engine.parallel import Workers
from semisup.errors import SpecError
from semisup.features.arrays import Arrays
from semisup.features.inputs import Inputs
from semisup.features.kinds import kind_class
from semisup.reading.file import parse_study
from semisup.recordings import signals
from semisup.representations import _transforms
from semisup.signals.framing import rolling_windows
from semisup.study.spec import ChunkSpec

RATE = 22050
SHAPES = {
    "waveform": (66150,),
    "fourier": (33076,),
    "stft": (1025, 130),
    "mel_spectrogram": (128, 130),
    "mfcc_frames": (20, 130),
    "picture": (180, 180, 3),
}
KINDS = sorted(SHAPES)
#: Quick ones, of 0.25 s at 8 kHz.
SMALL = {"sample_rate": 8000, "window_seconds": 0.25, "step_seconds": 0.2}
SMALL_FRAMES = SMALL | {"n_fft": 512, "hop_length": 128}


def transformed(kind: str, windows: np.ndarray, **keys: object) -> np.ndarray:
    return kind_class(kind).of(**keys).transform(windows)


def music(rng: np.random.Generator, n_samples: int, rate: int = RATE) -> np.ndarray:
    """Make decaying tones over noise 80 dB below them."""
    time = np.arange(n_samples) / rate
    tones = sum(np.sin(2 * np.pi * hz * time) / hz for hz in rng.uniform(60, rate / 2.2, 8))
    return 30 * tones * np.exp(-3 * (time % 0.5)) + 1e-4 * rng.normal(size=n_samples)


@pytest.fixture(scope="module")
def windows() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.stack([music(rng, 66150), 0.01 * rng.normal(size=66150)])


@given(st.integers(0, 60), st.integers(1, 20), st.integers(1, 25))
def test_windows_are_slices_of_the_signal_and_the_tail_is_dropped(n_samples, length, step):
    signal = np.arange(1, n_samples + 1)
    found = rolling_windows(signal, length, step)
    if n_samples < length:
        assert found.tolist() == [[*signal, *[0] * (length - n_samples)]]
        return
    starts = range(0, n_samples - length + 1, step)
    assert found.tolist() == [signal[start : start + length].tolist() for start in starts]


def test_overlapping_windows_take_no_memory():
    found = rolling_windows(np.zeros(10_000), 1000, 2)
    assert found.strides == (2 * 8, 8)
    assert np.shares_memory(found[0], found[1])


@pytest.mark.parametrize("kind", KINDS)
def test_three_seconds_have_the_shape_of_the_notebooks(kind, windows):
    found = transformed(kind, windows)
    assert found.shape == (2, *SHAPES[kind])
    assert found.dtype == np.float32
    assert np.isfinite(transformed(kind, 0 * windows[:1])).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_window_is_transformed_alone(kind, windows):
    together = transformed(kind, windows)
    for number in range(2):
        alone = transformed(kind, windows[number : number + 1])
        np.testing.assert_array_equal(together[number], alone[0])


def test_a_waveform_is_the_signal(windows):
    np.testing.assert_array_equal(transformed("waveform", windows), windows.astype(np.float32))


def test_the_fourier_transform_is_numpys_and_its_energy_parsevals(windows):
    found = transformed("fourier", windows)
    np.testing.assert_allclose(found, np.abs(np.fft.rfft(windows)), rtol=1e-5, atol=1e-4)
    twice = np.r_[1, np.full(found.shape[1] - 2, 2), 1]
    energy = (twice * found.astype(float) ** 2).sum(axis=1) / windows.shape[1]
    np.testing.assert_allclose(energy, (windows**2).sum(axis=1), rtol=1e-5)


@pytest.mark.parametrize("n_bins", [1, 7, 100, 33076])
def test_fewer_bins_are_means_of_neighbours(n_bins, windows):
    whole, found = transformed("fourier", windows), transformed("fourier", windows, n_bins=n_bins)
    edges = np.linspace(0, 33076, n_bins + 1).astype(int)
    expected = [whole[:, a:b].mean(axis=1, dtype=float) for a, b in pairwise(edges)]
    np.testing.assert_allclose(found, np.transpose(expected), rtol=1e-4)


@pytest.mark.parametrize(("n_fft", "hop"), [(2048, 512), (512, 400)])
def test_spectrograms_are_librosas(n_fft, hop, windows):
    how = {"n_fft": n_fft, "hop_length": hop}
    magnitude = np.abs(librosa.stft(windows, **how))
    linear = transformed("stft", windows, magnitude="linear", **how)
    np.testing.assert_allclose(linear, magnitude, rtol=1e-5, atol=1e-5)
    expected = [librosa.amplitude_to_db(part) for part in magnitude]
    np.testing.assert_allclose(transformed("stft", windows, **how), expected, atol=1e-3)


@pytest.mark.parametrize(("n_mels", "n_fft", "hop"), [(128, 2048, 512), (40, 1024, 441)])
def test_mel_spectrograms_are_librosas_in_db(n_mels, n_fft, hop, windows):
    how = {"n_mels": n_mels, "n_fft": n_fft, "hop_length": hop}
    powers = [librosa.feature.melspectrogram(y=window, sr=RATE, **how) for window in windows]
    expected = [librosa.power_to_db(power) for power in powers]
    np.testing.assert_allclose(transformed("mel_spectrogram", windows, **how), expected, atol=2e-3)


def test_coefficients_are_librosas_frame_by_frame(windows):
    expected = [librosa.feature.mfcc(y=window, sr=RATE, n_mfcc=13) for window in windows]
    found = transformed("mfcc_frames", windows, n_mfcc=13)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=5e-3)


def test_a_picture_holds_colours_of_the_map_and_whole_numbers(windows):
    found = transformed("picture", windows, size=64, colours="viridis")
    assert (found == found.round()).all()
    assert found.min() >= 0
    assert found.max() <= 255
    known = {tuple(colour[:3]) for colour in colormaps["viridis"](np.arange(256), bytes=True)}
    assert {tuple(pixel) for pixel in found.astype(np.uint8).reshape(-1, 3)} <= known


def test_in_a_picture_time_runs_right_frequency_up_and_silence_is_dark():
    time = np.arange(66150) / RATE
    sweep = np.sin(2 * np.pi * np.cumsum(np.geomspace(200, 8000, len(time))) / RATE)
    shade = transformed("picture", sweep[None], colours="gray")[0, ..., 0]
    early, late = shade[:, 20].argmax(), shade[:, 160].argmax()
    assert 20 < late < early - 40
    assert shade.max() == pytest.approx(255, abs=12)
    assert not transformed("picture", 0 * sweep[None], colours="gray").any()


def test_a_picture_is_as_bright_whatever_the_loudness(windows):
    first = transformed("picture", windows[:1], colours="gray")
    second = transformed("picture", 0.1 * windows[:1], colours="gray")
    assert np.abs(first - second).max() <= 1


@pytest.fixture(scope="module")
def recordings(tmp_path_factory) -> pd.DataFrame:
    """Twelve recordings of 0.1 to 1.2 s, a third of them unlabelled."""
    folder, rng = tmp_path_factory.mktemp("audio"), np.random.default_rng(0)
    rows = []
    for number in range(12):
        path = folder / f"{number:02d}.wav"
        signal = music(rng, 800 * (number + 1), 8000)
        soundfile.write(path, 0.3 * signal / np.abs(signal).max(), 8000)
        subset = ("labelled", "unlabelled", "test")[number % 3]
        rows.append((path.name, str(path), f"s{number}", subset, np.nan, np.nan))
    names = ["recording", "path", "speaker", "subset", "start", "end"]
    return pd.DataFrame(rows, columns=names)


def inputs_of(recordings: pd.DataFrame, folder: Path, jobs: int = 1) -> Inputs:
    return Inputs(
        name="it",
        folder=folder,
        parts=folder / "parts",
        base=folder,
        seed=0,
        sample_rate=8000,
        recordings=recordings,
        workers=Workers(jobs),
    )


def written(kind, recordings, folder, jobs=1, **keys) -> tuple[pd.DataFrame, np.ndarray]:
    store = folder / "it.zarr"
    index = kind_class(kind).of(**keys).arrays(inputs_of(recordings, folder, jobs), store)
    return index, zarr.open_array(store, mode="r")[:]


@pytest.mark.parametrize("kind", KINDS)
def test_line_i_of_the_index_describes_row_i(kind, recordings, tmp_path):
    own = SMALL if kind in ("waveform", "fourier") else SMALL_FRAMES
    own = own | ({"size": 16, "n_mels": 32} if kind == "picture" else {})
    own = own | ({"n_mels": 32} if kind == "mel_spectrogram" else {})
    own = own | ({"n_fft": 2048} if kind == "mfcc_frames" else {})
    index, rows = written(kind, recordings, tmp_path, **own)
    assert (list(index.columns), rows.dtype) == (["recording", "chunk"], np.float32)
    assert len(index) == len(rows)
    scored = recordings[recordings["subset"] != "unlabelled"]
    assert index["recording"].unique().tolist() == scored["recording"].tolist()
    for row in scored.itertuples():
        signal, _ = soundfile.read(row.path)
        expected = transformed(kind, rolling_windows(signal, 2000, 1600), **own)
        here = index["recording"] == row.recording
        assert index.loc[here, "chunk"].tolist() == list(range(len(expected)))
        np.testing.assert_allclose(rows[here], expected, rtol=1e-5, atol=1e-5)


def test_batches_blocks_and_processes_change_no_byte(recordings, tmp_path, monkeypatch):
    index, rows = written("stft", recordings, tmp_path / "a", **SMALL_FRAMES)
    monkeypatch.setattr(_transforms, "BLOCK_BYTES", 3 * rows[0].nbytes)
    monkeypatch.setattr(_transforms, "COPIED_BYTES", 4 * rows[0].nbytes)
    monkeypatch.setattr(_transforms, "BATCH", 3)
    other, same = written("stft", recordings, tmp_path / "b", 2, **SMALL_FRAMES)
    pd.testing.assert_frame_equal(index, other)
    np.testing.assert_array_equal(rows, same)


def test_a_killed_run_goes_on_from_its_parts(recordings, tmp_path, monkeypatch):
    monkeypatch.setattr(_transforms, "BATCH", 2)
    _, rows = written("waveform", recordings, tmp_path / "whole", **SMALL)
    load, loaded = signals.load, []

    def killed(path, *rest, **options):
        loaded.append(path)
        if len(loaded) == 4:
            raise KeyboardInterrupt
        return load(path, *rest, **options)

    monkeypatch.setattr(signals, "load", killed)
    with pytest.raises(KeyboardInterrupt):
        written("waveform", recordings, tmp_path / "cut", **SMALL)
    assert not (tmp_path / "cut" / "it.zarr").exists()
    _, resumed = written("waveform", recordings, tmp_path / "cut", **SMALL)
    assert len(loaded) == 4 + 6  # of eight recordings two were done
    np.testing.assert_array_equal(rows, resumed)


def test_memory_does_not_grow_with_overlap_or_the_number_of_recordings(
    recordings, tmp_path, monkeypatch
):
    many = pd.concat([recordings.tail(1)] * 12, ignore_index=True)
    monkeypatch.setattr(_transforms, "COPIED_BYTES", 2**20)
    keys = SMALL | {"step_seconds": 0.005}
    kind, inputs = kind_class("waveform").of(**keys), inputs_of(many, tmp_path)
    store = tmp_path / "it.zarr"
    kind.arrays(inputs, tmp_path / "warm.zarr")
    shutil.rmtree(inputs.parts)
    tracemalloc.start()
    index = kind.arrays(inputs, store)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert Arrays(store).rows(index.index).shape == (len(index), 2000)
    assert len(index) * 2000 * 4 > 15e6
    assert peak < 6e6


@settings(max_examples=25)
@given(st.lists(st.integers(0, 9), max_size=12), st.integers(0, 99))
def test_rows_are_those_of_the_array_whatever_their_order(tmp_path_factory, positions, seed):
    path = tmp_path_factory.mktemp("rows") / "it.zarr"
    values = np.random.default_rng(seed).normal(size=(15, 2, 3)).astype(np.float32)
    zarr.create_array(path, shape=values.shape, chunks=(4, 2, 3), dtype="float32")[:] = values
    numbers = np.random.default_rng(seed).permutation(15)[:10]
    rows = Arrays(path).rows(numbers)
    assert (len(rows), rows.shape, rows.dtype) == (10, (10, 2, 3), np.float32)
    chosen = np.array(positions, dtype=int)
    np.testing.assert_array_equal(rows[chosen], values[numbers[chosen]])
    np.testing.assert_array_equal(rows[2:7], values[numbers[2:7]])
    np.testing.assert_array_equal(rows[3], values[numbers[3]])


@pytest.mark.parametrize(
    ("kind", "keys", "sentence"),
    [
        ("waveform", {"window_seconds": 1e-6}, "window_seconds must be at least one sample"),
        ("waveform", {"step_seconds": 1e-6}, "step_seconds must be at least one sample at 22050"),
        ("fourier", {"n_bins": 33077}, "n_bins must be at most 33076"),
        ("picture", {"colours": "virids"}, "no colour map 'virids'; did you mean 'viridis'?"),
        ("waveform", {"pooling": "mean_std"}, "pooling"),
    ],
)
def test_keys_that_make_no_sense_are_refused(kind, keys, sentence):
    with pytest.raises(ValueError, match=sentence):
        kind_class(kind).of(**keys)


@pytest.mark.parametrize("kind", ["mel_spectrogram", "mfcc_frames", "picture"])
def test_too_many_bands_are_told_before_anything_is_made(kind):
    table = {"kind": kind, "n_fft": 256}
    with pytest.raises(SpecError, match="128 mel bands are too many for frames of 256 samples"):
        parse_study(
            {"name": "a", "corpus": {"adapter": "synthetic"}, "representations": {"x": table}}
        )
    assert kind_class(kind).of().misfits(ChunkSpec()) == []
