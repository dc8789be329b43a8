import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semisup.errors import BadAudioError, SpecError
from semisup.signals.chunk_spectrogram import (
    chunk_shape,
    chunk_spectrograms,
    chunk_starts,
    spectrogram,
    spectrograms,
)
from semisup.signals.handcrafted_filters import frame_length
from semisup.study.spec import ChunkSpec


def noise(n_samples: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, n_samples)


def library(chunk: np.ndarray, rate: int) -> np.ndarray:
    from pyAudioAnalysis.ShortTermFeatures import spectrogram as of_library

    frame = frame_length(rate)
    rows = of_library(chunk * 2**15, rate, frame, frame)[0]
    assert not rows[-1].any()  # the row that it appends
    return rows[:-1]


CHUNKS = {
    "noise": noise(30000),
    "quiet noise": 1e-6 * noise(30000),
    "silence": np.zeros(30000),
    "constant": np.full(30000, 0.3),
    "impulse": np.eye(1, 30000, 12345)[0],
    "square wave": np.sign(np.sin(np.arange(30000) / 7)),
    "tone": np.sin(2 * np.pi * 440 * np.arange(30000) / 8000),
}


@pytest.mark.parametrize("chunk", CHUNKS.values(), ids=list(CHUNKS))
def test_a_spectrogram_is_the_library_s(chunk, capsys):
    np.testing.assert_allclose(spectrogram(chunk, 8000), library(chunk, 8000), rtol=0, atol=1e-9)
    capsys.readouterr()


@pytest.mark.parametrize("rate", [1000, 8000, 11025, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize("extra", [0, 1, 77])
def test_a_spectrogram_is_the_library_s_at_any_rate_and_length(rate, extra, capsys):
    chunk = noise(6 * frame_length(rate) + min(extra, frame_length(rate) - 1))
    found = spectrogram(chunk, rate)
    assert found.shape == chunk_shape(rate, chunk.size)
    np.testing.assert_allclose(found, library(chunk, rate), rtol=0, atol=1e-9)
    capsys.readouterr()


def test_chunks_are_rounded_to_float32_and_nothing_else():
    signal = noise(70000)
    found = chunk_spectrograms(signal)
    assert found.shape == (2, 74, 200)
    assert found.dtype == np.float32
    for row, start in zip(found, (0, 30000), strict=True):
        expected = spectrogram(signal[start : start + 30000], 8000)
        np.testing.assert_array_equal(row, expected.astype(np.float32))


def test_a_tone_peaks_in_its_bin_with_half_its_amplitude_times_two():
    # Over 400 samples, a sine of amplitude 1 has |X| = 200 in its bin, which is divided by 200.
    tone = np.sin(2 * np.pi * 1000 * np.arange(20000) / 8000)
    found = chunk_spectrograms(tone, chunk_samples=20000)
    expected = np.zeros((1, 49, 200))
    expected[..., 50] = 1
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_shapes_are_those_of_the_original_study():
    assert chunk_shape(8000, 30000) == (74, 200)
    assert chunk_shape(8000, 20000) == (49, 200)


def test_the_first_frame_is_skipped():
    signal = noise(30000) * 0.5
    signal[[0, 1]] = 1.0, -1.0  # the same peak and mean in both
    other = signal.copy()
    other[2:400] = signal[2:400][::-1]
    np.testing.assert_allclose(chunk_spectrograms(other), chunk_spectrograms(signal), atol=1e-7)


def test_a_short_recording_is_dropped_or_padded_with_zeros():
    signal = noise(29999)
    assert chunk_spectrograms(signal).shape == (0, 74, 200)
    np.testing.assert_array_equal(
        chunk_spectrograms(signal, short="pad"), chunk_spectrograms(np.append(signal, 0.0))
    )


def test_covering_chunks_are_taken_where_they_start():
    spec = ChunkSpec(chunk_samples=20000, tail="cover")
    signal = noise(50000)
    assert chunk_starts(50000, spec).tolist() == [0, 15000, 30000]
    expected = [spectrogram(signal[start:][:20000], 8000) for start in (0, 15000, 30000)]
    np.testing.assert_array_equal(spectrograms(signal, spec), np.float32(expected))


def test_integers_are_taken_as_pcm():
    samples = (noise(30000) * 2**15).astype(np.int16)
    np.testing.assert_array_equal(chunk_spectrograms(samples), chunk_spectrograms(samples / 2**15))


specs = st.builds(
    ChunkSpec,
    sample_rate=st.just(1000),
    chunk_samples=st.integers(100, 400),
    short=st.sampled_from(["drop", "pad"]),
    tail=st.sampled_from(["drop", "cover"]),
)


@settings(max_examples=200)
@given(n_samples=st.integers(0, 5000), spec=specs)
def test_starts_ascend_from_0_and_chunks_stay_within_the_recording(n_samples, spec):
    starts = chunk_starts(n_samples, spec)
    if n_samples < spec.chunk_samples:
        padded = spec.short == "pad" and n_samples > 0
        assert starts.tolist() == ([0] if padded else [])
        return
    assert starts.dtype == np.int64
    assert starts[0] == 0
    assert (np.diff(starts) > 0).all()
    assert starts[-1] + spec.chunk_samples <= n_samples


@settings(max_examples=200)
@given(n_samples=st.integers(100, 5000), chunk_samples=st.integers(100, 400))
def test_cover_loses_no_sample_with_the_fewest_chunks_evenly_spread(n_samples, chunk_samples):
    spec = ChunkSpec(sample_rate=1000, chunk_samples=chunk_samples, tail="cover", short="pad")
    starts = chunk_starts(n_samples, spec)
    covered = np.zeros(max(n_samples, chunk_samples), dtype=bool)
    for start in starts:
        covered[start : start + chunk_samples] = True
    assert covered.all()
    assert len(starts) == -(-n_samples // chunk_samples)
    if len(starts) > 1:
        assert starts[-1] + chunk_samples == n_samples
        assert np.ptp(np.diff(starts)) <= 1


@settings(max_examples=200)
@given(n_samples=st.integers(100, 5000), chunk_samples=st.integers(100, 400))
def test_drop_loses_less_than_one_chunk_and_overlaps_nothing(n_samples, chunk_samples):
    starts = chunk_starts(n_samples, ChunkSpec(sample_rate=1000, chunk_samples=chunk_samples))
    assert starts.tolist() == [k * chunk_samples for k in range(len(starts))]
    assert 0 <= n_samples - len(starts) * chunk_samples < chunk_samples


@pytest.mark.parametrize(
    ("signal", "message"),
    [
        (np.zeros(0), "holds no samples"),
        (np.append(np.zeros(40000), np.nan), "1 of 40001 are NaN or infinite"),
        (np.zeros((2, 40000)), r"shape \(2, 40000\)"),
    ],
)
def test_a_bad_signal_is_refused(signal, message):
    with pytest.raises(BadAudioError, match=message):
        chunk_spectrograms(signal)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"chunk_samples": 799}, "chunk_samples must be at least two frames of 0.05 s .800"),
        ({"tail": "keep"}, "tail: .*'drop' or 'cover'"),
        ({"sample_rate": 10}, "sample_rate: .*1000"),
    ],
)
def test_a_bad_parameter_is_refused(parameters, message):
    with pytest.raises(SpecError, match=message):
        chunk_spectrograms(np.zeros(40000), **parameters)
