import tracemalloc
import warnings
from pathlib import Path

import librosa
import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.fft import idct

from semisup.engine.parallel import Workers
from semisup.errors import BadAudioError, SpecError
from semisup.features.inputs import Inputs
from semisup.recordings import signals
from semisup.representations.mfcc import Mfcc
from semisup.signals.decibels import decibels
from semisup.signals.mfcc import mel_spectrogram, mfcc, slaney_filters

RATE = 22050


def music(rng: np.random.Generator, n_samples: int, rate: int = RATE) -> np.ndarray:
    """Make decaying tones over noise 80 dB below them."""
    time = np.arange(n_samples) / rate
    tones = sum(np.sin(2 * np.pi * hz * time) / hz for hz in rng.uniform(60, rate / 2.2, 8))
    return 30 * tones * np.exp(-3 * (time % 0.5)) + 1e-4 * rng.normal(size=n_samples)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100])
@pytest.mark.parametrize("n_samples", [1, 700, 2048, 30001])
def test_coefficients_are_librosas(rate, n_samples):
    signal = music(np.random.default_rng(n_samples), n_samples, rate).astype(np.float32)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "n_fft=2048 is too large")
        expected = librosa.feature.mfcc(y=signal, sr=rate, n_mfcc=64).T
    found = mfcc(signal, rate, 64)
    assert (found.dtype, found.shape) == (np.float32, expected.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=2e-3)


@pytest.mark.parametrize(("n_mels", "frame", "hop"), [(128, 2048, 512), (40, 1024, 441)])
def test_mel_powers_are_librosas(n_mels, frame, hop):
    signal = music(np.random.default_rng(0), 20000).astype(np.float32)
    how = {"sr": RATE, "n_fft": frame, "hop_length": hop, "n_mels": n_mels}
    expected = librosa.feature.melspectrogram(y=signal, **how).T
    found = mel_spectrogram(signal, RATE, n_mels, frame, hop)
    np.testing.assert_allclose(found, expected, rtol=2e-4, atol=1e-9)


@pytest.mark.parametrize(("rate", "n_mels", "frame"), [(22050, 128, 2048), (8000, 40, 512)])
def test_filters_are_librosas(rate, n_mels, frame):
    expected = librosa.filters.mel(sr=rate, n_fft=frame, n_mels=n_mels, dtype=np.float64)
    np.testing.assert_allclose(slaney_filters(rate, n_mels, frame), expected, rtol=1e-12, atol=0)


def test_a_tone_is_loudest_in_the_band_around_it():
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    loudest = mel_spectrogram(tone, RATE).mean(axis=0).argmax()
    nearest = np.abs(np.fft.rfftfreq(2048, 1 / RATE) - 1000).argmin()
    assert loudest == slaney_filters(RATE)[:, nearest].argmax()


def test_all_coefficients_hold_all_bands_and_a_click_is_in_the_frames_around_it():
    signal = np.zeros(20 * 512)
    signal[5 * 512 + 100] = 1
    power = mel_spectrogram(signal, RATE)
    np.testing.assert_allclose(
        idct(mfcc(signal, RATE, 128), norm="ortho", axis=1), decibels(power), atol=1e-3
    )
    assert np.flatnonzero(power.any(axis=1)).tolist() == [4, 5, 6, 7]
    assert power.sum(axis=1).argmax() == 5


@given(st.integers(1, 9000), st.floats(-60, 0))
@settings(max_examples=25)
def test_a_louder_recording_differs_in_its_first_coefficient_alone(n_samples, gain):
    signal = 0.1 * np.random.default_rng(n_samples).normal(size=n_samples)
    first, second = mfcc(signal, RATE, 20), mfcc(signal * 10 ** (gain / 20), RATE, 20)
    assert first.shape == (1 + n_samples // 512, 20)
    if mel_spectrogram(signal, RATE).min() * 10 ** (gain / 10) > 1e-10:
        np.testing.assert_allclose((first - second)[:, 0], -gain * np.sqrt(128), atol=0.02)
        np.testing.assert_allclose(first[:, 1:], second[:, 1:], atol=0.01)


def test_silence_is_one_constant():
    np.testing.assert_allclose(mfcc(np.zeros(3000), RATE, 3)[:, 0], -100 * np.sqrt(128), rtol=1e-6)
    assert np.abs(mfcc(np.zeros(3000), RATE, 3)[:, 1:]).max() < 1e-4


def test_frames_are_never_all_in_memory():
    signal = np.random.default_rng(0).normal(size=60 * RATE)
    mel_spectrogram(signal[:5000], RATE)
    tracemalloc.start()
    found = mel_spectrogram(signal, RATE)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # frames overlap four times: all at once they would take 4 signals, and their spectra 4 more
    assert peak < 2 * signal.nbytes + found.nbytes + 2**24
    assert peak < 4 * signal.nbytes


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: mfcc(np.ones(9), RATE, 129), SpecError, "1 to 128 MFCC of 128 mel bands.*129"),
        (lambda: slaney_filters(RATE, 128, 256), SpecError, "128 mel bands are too many"),
        (lambda: mfcc(np.ones((2, 9)), RATE, 3), BadAudioError, "one channel"),
        (lambda: mfcc(np.array([np.nan]), RATE, 3), BadAudioError, "1 of 1 are NaN"),
        (lambda: mfcc(np.ones(0), RATE, 3), BadAudioError, "no samples"),
    ],
)
def test_what_cannot_be_is_one_sentence(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.fixture(scope="module")
def inputs(tmp_path_factory) -> Inputs:
    """Seven recordings of several lengths, the fourth unlabelled and the shortest."""
    folder, rng = tmp_path_factory.mktemp("mfcc"), np.random.default_rng(0)
    rows = []
    for number in range(7):
        path = folder / f"{number}.wav"
        soundfile.write(path, music(rng, 9000 - 1000 * (number == 3) + 300 * number), RATE)
        subset = ("labelled", "test", "test", "unlabelled")[number % 4]
        rows.append((path.name, str(path), f"s{number % 2}", subset, np.nan, np.nan))
    columns = ["recording", "path", "speaker", "subset", "start", "end"]
    table = pd.DataFrame(rows, columns=columns)
    return Inputs("it", folder, folder / "parts", folder, 0, 8000, table)


def extracted(inputs: Inputs, folder: Path, **options: object) -> pd.DataFrame:
    given_ = Inputs(**{**vars(inputs), "parts": folder / "parts"})
    return Mfcc.of(**options).extract(given_)


def test_timestamps_are_all_frames_side_by_side_and_scenes_their_mean(inputs, tmp_path):
    scenes = extracted(inputs, tmp_path / "scene", coefficients=5)
    stamps = extracted(inputs, tmp_path / "all", coefficients=5, embedding="timestamps")
    rows = inputs.scored()
    assert scenes["recording"].tolist() == stamps["recording"].tolist() == list(rows["recording"])
    shortest = 1 + 9000 // 512
    assert stamps.shape[1] == 2 + 5 * shortest
    assert stamps.columns[2 + 5 * 3 + 1] == "t03_mfcc_01"
    for number, path in enumerate(rows["path"]):
        frames = mfcc(soundfile.read(path)[0], RATE, 5)
        np.testing.assert_array_equal(stamps.iloc[number, 2:], frames[:shortest].ravel())
        np.testing.assert_allclose(scenes.iloc[number, 2:].astype(float), frames.mean(axis=0), 1e-5)


def test_two_jobs_give_the_same_table(inputs, tmp_path, monkeypatch):
    monkeypatch.setattr(signals, "BATCH", 2)
    one = extracted(inputs, tmp_path / "one")
    two = extracted(Inputs(**{**vars(inputs), "workers": Workers(2)}), tmp_path / "two")
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_speakers_can_be_normalised(inputs, tmp_path):
    table = extracted(inputs, tmp_path, speaker_normalisation="mean")
    speakers = inputs.scored()["speaker"].to_numpy()
    assert np.abs(table.iloc[:, 2:].groupby(speakers).mean().to_numpy()).max() < 1e-3


def test_a_hop_over_50_ms_is_refused():
    with pytest.raises(ValueError, match=r"at most 50 ms \(400 samples at 8000 Hz\), got 512"):
        Mfcc.of(sample_rate=8000)
