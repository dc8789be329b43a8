from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from semisup.errors import BadAudioError
from semisup.recordings import audio
from semisup.recordings.audio import inspect, load

RATE = 8000


def tone(rate: int = RATE, seconds: float = 1.0, hertz: float = 440.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    return 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))


def write(path: Path, signal: np.ndarray, rate: int = RATE, **how: object) -> Path:
    soundfile.write(path, signal, rate, **how)
    return path


def cut(path: Path, share: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: round(share * len(data))])
    return path


@given(st.lists(st.integers(-(2**15), 2**15 - 1), min_size=1, max_size=50))
def test_a_16_bit_sample_is_divided_by_two_to_the_15(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("int16") / "x.wav"
    write(path, np.array(values, dtype=np.int16))
    signal, rate = load(path)
    assert rate == RATE
    assert signal.dtype == np.float64
    np.testing.assert_array_equal(signal, np.array(values) / 2**15)


@pytest.mark.parametrize(("suffix", "subtype"), [("wav", "PCM_24"), ("flac", "PCM_24")])
def test_a_24_bit_sample_is_divided_by_two_to_the_23(tmp_path, suffix, subtype):
    values = np.array([-(2**23), -1, 0, 1, 2**23 - 1], dtype=np.int32)
    path = write(tmp_path / f"x.{suffix}", values * 2**8, subtype=subtype)
    np.testing.assert_array_equal(load(path)[0], values / 2**23)


def test_float_samples_come_back_as_they_are(tmp_path):
    values = np.array([0.1, -1.0, 0.75, 1.5])
    assert load(write(tmp_path / "x.wav", values, subtype="DOUBLE"))[0].tolist() == values.tolist()


@pytest.mark.parametrize("channels", [2, 8])
def test_channels_are_averaged(tmp_path, channels):
    values = np.random.default_rng(0).integers(-(2**15), 2**15, (900, channels)).astype(np.int16)
    path = write(tmp_path / "x.wav", values)
    np.testing.assert_allclose(load(path)[0], values.mean(axis=1) / 2**15, atol=1e-15)
    assert inspect(path)[:3] == (900 / RATE, RATE, channels)


@pytest.mark.parametrize("rate", [7919, 11025, 16000, 44100, 48000])
def test_a_resampled_tone_is_the_tone_at_the_other_rate(tmp_path, rate):
    path = write(tmp_path / "x.wav", tone(rate), rate, subtype="DOUBLE")
    signal, new_rate = load(path, RATE)
    assert new_rate == RATE
    assert signal.size == RATE
    middle = slice(800, -800)  # the filter rings at the ends
    np.testing.assert_allclose(signal[middle], tone()[middle], atol=1e-4)


def test_a_tone_above_half_the_new_rate_is_gone(tmp_path):
    path = write(tmp_path / "x.wav", tone(48000, hertz=6000.0), 48000)
    assert np.abs(load(path, RATE)[0][800:-800]).max() < 1e-4


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3", "au", "aiff"])
def test_every_format_is_decoded(tmp_path, suffix):
    path = write(tmp_path / f"x.{suffix}", tone(16000), 16000)
    assert inspect(path)[:4] == (1.0, 16000, 1, "libsndfile")
    signal = load(path)[0]
    lossless = suffix not in ("ogg", "mp3")
    np.testing.assert_allclose(
        signal[500:-500], tone(16000)[500:-500], atol=1e-4 if lossless else 0.05
    )


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3", "au", "aiff"])
def test_blocks_are_the_samples_of_the_whole(tmp_path, monkeypatch, suffix):
    path = tmp_path / f"noise.{suffix}"
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (20_011, 2))
    soundfile.write(path, samples, 22050)
    whole, _ = load(path)
    monkeypatch.setattr(audio, "BLOCK", 1000)
    # mpg123 rounds its last bit otherwise where a block begins
    np.testing.assert_allclose(load(path)[0], whole, rtol=0, atol=1e-7 if suffix == "mp3" else 0)
    assert inspect(path).seconds == len(whole) / 22050


@pytest.mark.parametrize("name", ["with two  spaces.wav", "źródło 音声 صوت.flac", "a'b;$(c).wav"])
def test_names_with_spaces_and_other_letters_are_no_obstacle(tmp_path, name):
    assert inspect(write(tmp_path / name, tone())).seconds == 1.0


def test_an_excerpt_is_the_same_samples_as_the_whole(tmp_path):
    path = write(tmp_path / "x.flac", noise(1.0))
    whole = load(path)[0]
    np.testing.assert_array_equal(load(path, None, 0.25, 0.5)[0], whole[2000:4000])
    np.testing.assert_array_equal(load(path, None, 0.25)[0], whole[2000:])
    assert inspect(path, 0.25, 0.5).seconds == 0.25


def test_an_end_that_rounding_put_past_the_file_means_its_end(tmp_path):
    path = write(tmp_path / "x.wav", noise(1.0))
    assert load(path, None, 0.5, 1.04)[0].size == 4000


OUTSIDE = "is not within its 1 s"
NO_LENGTH = "does not end after it starts"
NO_SAMPLE = "is shorter than one sample at 8000 Hz"


@pytest.mark.parametrize("read", [load, inspect])
@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        (0.5, 1.06, OUTSIDE),
        (1.0, None, OUTSIDE),
        (-0.1, 0.5, OUTSIDE),
        (2.0, 3.0, OUTSIDE),
        (1.0, 1.04, OUTSIDE),
        (1.01, 1.04, OUTSIDE),
        (0.5, float("inf"), OUTSIDE),
        (1e300, None, OUTSIDE),
        (0.5, 0.5, NO_LENGTH),
        (0.6, 0.5, NO_LENGTH),
        (2.0, 1.0, NO_LENGTH),
        (0.0, 0.0, NO_LENGTH),
        (0.5, 0.50001, NO_SAMPLE),
        (1.5e-8, 2.25e-7, NO_SAMPLE),
        (0.99999, None, NO_SAMPLE),
        (0.99999, 1.04, NO_SAMPLE),
    ],
)
def test_an_excerpt_that_the_file_does_not_have_is_refused(tmp_path, read, start, end, why):
    path = write(tmp_path / "x.wav", noise(1.0))
    excerpt = {"start": start, "end": end}
    with pytest.raises(BadAudioError, match=rf"x\.wav: excerpt (from )?\S+ s (on )?{why}$"):
        read(path, **excerpt)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadAudioError, match=r"gone\.wav: there is no such file"):
        load(tmp_path / "gone.wav")


@pytest.mark.parametrize("suffix", ["wav", "mp3", "flac"])
def test_a_file_of_no_bytes_is_called_empty(tmp_path, suffix):
    path = tmp_path / f"x.{suffix}"
    path.touch()
    with pytest.raises(BadAudioError, match=r"the file is empty \(0 bytes\)"):
        load(path)


@pytest.mark.parametrize("suffix", ["wav", "aiff", "au"])
def test_a_header_without_samples_is_refused(tmp_path, suffix):
    with pytest.raises(BadAudioError, match="holds no samples"):
        load(write(tmp_path / f"x.{suffix}", np.zeros(0)))


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3", "au", "aiff"])
def test_bytes_that_are_not_audio_are_refused_without_noise_on_the_terminal(
    tmp_path, suffix, capfd
):
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(np.random.default_rng(0).bytes(5000))
    with pytest.raises(
        BadAudioError, match=r"cannot be decoded as audio \(Format not recognised\)"
    ):
        load(path)
    assert capfd.readouterr() == ("", "")


def test_a_corrupt_stretch_of_a_flac_file_is_noticed(tmp_path):
    path = write(tmp_path / "x.flac", noise(2.0))
    data = bytearray(path.read_bytes())
    data[9000:12000] = bytes(3000)
    path.write_bytes(data)
    with pytest.raises(BadAudioError, match="damaged, not all of its 16000 samples"):
        load(path)


@pytest.mark.parametrize(
    ("suffix", "reason"),
    [
        ("wav", r"cut short, \d+ of 160000 bytes of samples are there"),
        ("au", r"cut short, \d+ of 160000 bytes of samples are there"),
        ("aiff", r"cut short, \d+ of 160008 bytes of samples are there"),
        ("flac", "cut short or damaged, not all of its 80000 samples can be decoded"),
        ("ogg", "cut short, its last Ogg page is missing or incomplete"),
        ("mp3", "cut short or damaged, not all of its 80000 samples can be decoded"),
    ],
)
@pytest.mark.parametrize("share", [0.5, 0.97])
def test_a_file_cut_short_is_refused(tmp_path, suffix, reason, share, capfd):
    path = cut(write(tmp_path / f"x.{suffix}", noise(10.0)), share)
    with pytest.raises(BadAudioError, match=reason):
        load(path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("size", [2**31 - 1, 2**32 - 1])
def test_a_wav_file_written_to_a_pipe_is_not_cut_short(tmp_path, size):
    path = write(tmp_path / "x.wav", tone())
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = size.to_bytes(4, "little")
    path.write_bytes(data)
    assert inspect(path).seconds == 1.0


def test_a_flac_file_that_does_not_tell_its_length_is_refused(tmp_path):
    path = write(tmp_path / "x.flac", tone())
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    path.write_bytes(data)
    with pytest.raises(BadAudioError, match="its header does not say how long it is"):
        load(path)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_counted(tmp_path, bad):
    signal = tone()
    signal[[3, 5]] = bad
    path = write(tmp_path / "x.wav", signal, subtype="FLOAT")
    with pytest.raises(BadAudioError, match="2 of 8000 samples are NaN or infinite"):
        load(path)


@pytest.mark.parametrize(("level", "shown"), [(0.0, "0"), (0.25, "0.25")])
def test_silence_is_refused(tmp_path, level, shown):
    path = write(tmp_path / "x.wav", np.full(RATE, level))
    with pytest.raises(BadAudioError, match=f"silent, every sample is {shown}$"):
        inspect(path)


@pytest.mark.parametrize(("samples", "words"), [(1, "only 1 sample at"), (399, "399 samples at")])
def test_a_recording_shorter_than_a_frame_is_refused(tmp_path, samples, words):
    path = write(tmp_path / "x.wav", noise(1.0)[:samples])
    with pytest.raises(BadAudioError, match=f"{words} 8000 Hz, shorter than one frame of 0.05 s"):
        inspect(path)


def test_a_recording_of_one_frame_is_enough(tmp_path):
    assert inspect(write(tmp_path / "x.wav", noise(0.05))).seconds == 0.05
