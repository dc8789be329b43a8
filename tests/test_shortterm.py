import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semisup.errors import BadAudioError, SpecError
from semisup.recordings.audio import load
from semisup.signals.handcrafted import FEATURE_NAMES, handcrafted_batch, handcrafted_features
from semisup.signals.handcrafted_filters import _chroma_map, _mel_filters, frame_length, tables

RATES = (8000, 11025, 16000, 22050, 44100, 48000)
RAVDESS = Path(os.environ.get("SEMISUP_CORPORA", "../shared/corpora")) / "ravdess"


def noise(rate: int, seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, int(rate * seconds))


def tone(rate: int, hz: float, seconds: float = 0.62) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(int(rate * seconds)) / rate)


def impulses(rate: int, every: int) -> np.ndarray:
    signal = np.zeros(rate // 2)
    signal[::every] = 0.5
    return signal


SIGNALS = {
    "noise over three windows": lambda rate: noise(rate, 2.3),
    "silence": lambda rate: np.zeros(rate // 2),
    "constant": lambda rate: np.full(rate // 2, 0.1),
    "step": lambda rate: np.repeat([0.5, -0.5], rate // 4),
    "impulse": lambda rate: impulses(rate, rate),
    "impulse in every frame": lambda rate: impulses(rate, frame_length(rate)),
    "tone on a bin": lambda rate: tone(rate, 1000),
    "tone off any bin": lambda rate: tone(rate, 443.3),
    "tone of a quarter of the rate": lambda rate: tone(rate, rate / 4),
    "clipped square wave": lambda rate: np.clip(9 * tone(rate, 440), -1, 1),
    "alternating sign": lambda rate: (-1.0) ** np.arange(rate // 2),
    "last bit of 16": lambda rate: np.round(noise(rate, 0.5)) / 2**15,
    "far below a bit": lambda rate: 1e-12 * noise(rate, 0.5),
    "denormal": lambda rate: 1e-315 * noise(rate, 0.5),
    "far above 1": lambda rate: 1e290 * noise(rate, 0.5),
    "silence, then noise": lambda rate: np.append(np.zeros(rate // 2), noise(rate, 0.5)),
    "noise that fades out": lambda rate: noise(rate, 1) * 0.1 ** np.linspace(0, 15, rate),
    "one frame": lambda rate: noise(rate, 1)[: frame_length(rate)],
    "one frame and a bit": lambda rate: noise(rate, 0.08),
    "one frame past a window": lambda rate: noise(rate, 1.2)[: 21 * frame_length(rate)],
}


@pytest.mark.parametrize("rate", RATES)
def test_both_engines_agree_on_every_kind_of_signal(rate):
    for name, make in SIGNALS.items():
        ours = handcrafted_features(make(rate), rate)
        library = handcrafted_features(make(rate), rate, engine="pyaudioanalysis")
        np.testing.assert_allclose(ours, library, rtol=0, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("rate", [6854, 7001, 96000])
def test_both_engines_agree_at_odd_rates(rate):
    signal = noise(rate, 1.3)
    library = handcrafted_features(signal, rate, engine="pyaudioanalysis")
    np.testing.assert_allclose(handcrafted_features(signal, rate), library, rtol=0, atol=1e-9)


@settings(max_examples=25)
@given(
    rate=st.sampled_from([8000, 11025]),
    n_samples=st.integers(551, 20000),
    seed=st.integers(0, 2**32 - 1),
    levels=st.sampled_from([1, 2, 100, 2**15]),
    gain=st.sampled_from([1.0, 1e-3, 1e-8]),
)
def test_both_engines_agree_on_random_signals(rate, n_samples, seed, levels, gain):
    steps = np.random.default_rng(seed).integers(-levels, levels, n_samples, endpoint=True)
    signal = gain * steps / levels
    library = handcrafted_features(signal, rate, engine="pyaudioanalysis")
    np.testing.assert_allclose(handcrafted_features(signal, rate), library, rtol=0, atol=1e-9)


@pytest.mark.skipif(not RAVDESS.is_dir(), reason="no RAVDESS here")
def test_both_engines_agree_on_real_recordings():
    for path in sorted(RAVDESS.rglob("*.flac"))[::300]:
        signal, rate = load(path, 8000)
        library = handcrafted_features(signal, rate, engine="pyaudioanalysis")
        np.testing.assert_allclose(handcrafted_features(signal, rate), library, rtol=0, atol=1e-9)


@pytest.mark.filterwarnings("ignore:Couldn.t find ffmpeg:RuntimeWarning")
def test_names_are_the_library_s():
    from pyAudioAnalysis.MidTermFeatures import mid_feature_extraction

    _, _, names = mid_feature_extraction(noise(8000, 1), 8000, 8000, 8000, 400, 400)
    assert list(FEATURE_NAMES) == names


@settings(max_examples=25)
@given(
    seconds=st.lists(st.floats(0.06, 8), min_size=1, max_size=6),
    seed=st.integers(0, 2**16),
    rate=st.sampled_from([8000, 11025]),
)
def test_a_row_is_the_same_bits_whatever_the_batch(seconds, seed, rate):
    signals = [noise(rate, length, seed + k) for k, length in enumerate(seconds)]
    batch = handcrafted_batch(signals, rate)
    alone = np.stack([handcrafted_features(signal, rate) for signal in signals])
    np.testing.assert_array_equal(batch, alone)


def test_deltas_and_flux_start_afresh_with_each_recording():
    one_frame = [noise(8000, 0.05, seed) for seed in range(3)]
    rows = dict(zip(FEATURE_NAMES, handcrafted_batch(one_frame, 8000).T, strict=True))
    assert not rows["spectral_flux_mean"].any()
    assert not any(row.any() for name, row in rows.items() if name.startswith("delta"))


def test_a_pure_tone_has_its_centroid_and_crossings_where_they_belong():
    found = dict(zip(FEATURE_NAMES, handcrafted_features(tone(8000, 1000, 1), 8000), strict=True))
    # 1000 Hz is bin 50 of 400; the library counts bins from 1, so 51 of 200.
    assert found["spectral_centroid_mean"] == pytest.approx(51 / 200, abs=1e-6)
    assert found["spectral_spread_mean"] == pytest.approx(0, abs=1e-5)
    assert found["spectral_rolloff_mean"] == 50 / 200
    assert found["zcr_mean"] == pytest.approx(2 * 1000 / 8000, rel=0.3)


def test_gain_and_offset_change_nothing_but_rounding():
    signal = noise(8000, 1.5) * 0.5
    np.testing.assert_allclose(
        handcrafted_features(signal * 0.25 + 0.125, 8000),
        handcrafted_features(signal, 8000),
        atol=1e-6,
    )


@pytest.mark.parametrize("dtype", [np.int16, np.int32])
def test_integers_are_taken_as_pcm(dtype):
    full = 2.0 ** (8 * np.dtype(dtype).itemsize - 1)
    samples = (noise(8000, 0.5) * full).astype(dtype)
    np.testing.assert_array_equal(
        handcrafted_features(samples, 8000), handcrafted_features(samples / full, 8000)
    )


@pytest.mark.parametrize("order", ["every second sample", "backwards", "float32"])
def test_how_a_signal_lies_in_memory_changes_nothing(order):
    signal = noise(8000, 1).astype(np.float32).astype(np.float64)
    views = {
        "every second sample": np.repeat(signal, 2)[::2],
        "backwards": signal[::-1].copy()[::-1],
        "float32": signal.astype(np.float32),
    }
    np.testing.assert_array_equal(
        handcrafted_features(views[order], 8000), handcrafted_features(signal, 8000)
    )


def test_the_signals_given_are_left_as_they_were():
    signal = noise(8000, 0.5)
    before = signal.copy()
    handcrafted_batch([signal, signal], 8000)
    np.testing.assert_array_equal(signal, before)


def test_a_batch_of_none_has_no_rows():
    assert handcrafted_batch([], 8000).shape == (0, 136)


@pytest.mark.parametrize("engine", ["vectorised", "pyaudioanalysis"])
@pytest.mark.parametrize(
    ("signal", "message"),
    [
        (np.zeros(399), "one frame of 0.05 s .400 samples at 8000 Hz.*got 399 samples"),
        (np.zeros(1), "got 1 sample$"),
        (np.zeros(0), "holds no samples"),
        (np.append(np.zeros(800), np.nan), "1 of 801 are NaN or infinite"),
        (np.append(np.zeros(800), [np.inf, -np.inf]), "2 of 802 are NaN or infinite"),
        (np.full(800, 1e308), "their sum overflows"),
        (np.zeros((800, 2)), r"got an array of shape \(800, 2\)"),
        (np.zeros(800, np.uint8), "type uint8"),
        (np.zeros(800, complex), "type complex128"),
    ],
)
def test_a_signal_that_has_no_features_is_refused(signal, message, engine):
    with pytest.raises(BadAudioError, match=message):
        handcrafted_features(signal, 8000, engine)


def test_a_batch_says_which_signal_is_bad():
    with pytest.raises(BadAudioError, match=r"signal 1 of 2: .*got 10 samples"):
        handcrafted_batch([noise(8000, 1), np.zeros(10)], 8000)


@pytest.mark.parametrize("engine", ["vectorised", "pyaudioanalysis"])
@pytest.mark.parametrize("rate", [6853, 4000, 0])
def test_a_rate_that_breaks_the_filter_bank_is_refused(rate, engine):
    with pytest.raises(SpecError, match=f"above 6854 Hz.*got {rate} Hz"):
        handcrafted_features(np.zeros(8000), rate, engine)


def test_an_unknown_engine_is_refused():
    with pytest.raises(SpecError, match="must be 'vectorised' or 'pyaudioanalysis', got 'fast'"):
        handcrafted_features(np.zeros(8000), 8000, "fast")


@pytest.mark.parametrize("rate", RATES)
def test_the_filter_bank_is_the_library_s(rate):
    from pyAudioAnalysis.ShortTermFeatures import mfcc_filter_banks

    bins = frame_length(rate) // 2
    library, _ = mfcc_filter_banks(rate, bins)
    np.testing.assert_allclose(_mel_filters(rate, bins), library, rtol=1e-12, atol=0)


@pytest.mark.parametrize("rate", RATES)
def test_the_chroma_map_is_the_library_s(rate):
    from pyAudioAnalysis.ShortTermFeatures import chroma_features

    bins = frame_length(rate) // 2
    magnitude = np.random.default_rng(rate).random(bins)
    _, library = chroma_features(magnitude, rate, bins)
    power = magnitude**2
    np.testing.assert_allclose(
        _chroma_map(rate, bins) @ power / power.sum(), library[:, 0], rtol=1e-12, atol=0
    )


def test_tables_are_planned_once():
    assert tables(8000) is tables(8000)
