"""Recordings without sound are skipped with what they hold instead; quiet ones are kept."""

import numpy as np
import pytest
import soundfile

from semisup.errors import BadAudioError
from semisup.recordings import audio
from semisup.recordings.audio import inspect

RATE = 16000
#: Codec and step of one.
STEPS = {"PCM_U8": 2**-7, "PCM_16": 2**-15, "PCM_24": 2**-23, "PCM_32": 2**-31}
LOSSY = [("ogg", "VORBIS"), ("ogg", "OPUS"), ("mp3", "MPEG_LAYER_III")]


def write(path, samples, subtype="PCM_16"):
    soundfile.write(path, samples, RATE, subtype)
    return path


def bits(seed: int = 0, channels: int = 1) -> np.ndarray:
    """Return zeros and ones by chance."""
    return np.random.default_rng(seed).integers(0, 2, (RATE, channels)).astype(float)


def tone(hertz: float = 440.0) -> np.ndarray:
    return 0.4 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("lowest", [-1, 0, 50])
@pytest.mark.parametrize("subtype", STEPS)
def test_noise_in_the_last_bit_is_no_sound(tmp_path, subtype, lowest, channels):
    step = STEPS[subtype]
    path = write(tmp_path / "x.wav", (bits(channels=channels) + lowest) * step, subtype)
    low, high = lowest * step, (lowest + 1) * step
    reason = f"silent but for its last bit, all samples lie between {low:g} and {high:g}$"
    with pytest.raises(BadAudioError, match=reason):
        inspect(path)


@pytest.mark.parametrize(("suffix", "subtype"), [("flac", "PCM_16"), ("flac", "PCM_24")])
def test_one_bit_in_one_sample_is_no_sound_either(tmp_path, suffix, subtype):
    samples = np.zeros(RATE)
    samples[5000] = -STEPS[subtype]
    with pytest.raises(BadAudioError, match="silent but for its last bit"):
        inspect(write(tmp_path / f"x.{suffix}", samples, subtype))


@pytest.mark.parametrize(
    ("subtype", "values"), [("ULAW", (0, 8)), ("ULAW", (-8, 0)), ("ALAW", (-8, 8))]
)
def test_of_telephones_the_smallest_step_is_no_sound(tmp_path, subtype, values):
    samples = np.where(bits() > 0, *values).astype(np.int16)
    path = write(tmp_path / "x.wav", samples, subtype)
    assert np.unique(audio.load(path)[0] * 2**15).tolist() == sorted(values)
    with pytest.raises(BadAudioError, match="silent but for its last bit"):
        inspect(path)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32"])
def test_dithered_silence_is_no_sound(tmp_path, subtype):
    samples = np.random.default_rng(0).integers(-1, 2, RATE) * STEPS[subtype]
    with pytest.raises(BadAudioError, match="silent but for its last bit"):
        inspect(write(tmp_path / "x.wav", samples, subtype))


@pytest.mark.parametrize(("subtype", "steps"), [(s, 2 if "8" in s else 3) for s in STEPS])
def test_more_than_the_last_bit_is_sound(tmp_path, subtype, steps):
    samples = (np.arange(RATE) % (steps + 1) - 1) * STEPS[subtype]
    assert inspect(write(tmp_path / "x.wav", samples, subtype)).seconds == 1


@pytest.mark.parametrize("unit", [1e-9, 2**-15, 1e-30])
@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_floats_may_have_any_unit(tmp_path, subtype, unit):
    assert inspect(write(tmp_path / "x.wav", bits() * unit, subtype)).seconds == 1


@pytest.mark.parametrize(("suffix", "subtype"), LOSSY)
@pytest.mark.parametrize("level", [0.0, 2**-24, 2**-20])
def test_what_a_codec_made_of_silence_is_none(tmp_path, suffix, subtype, level):
    path = tmp_path / f"x.{suffix}"
    soundfile.write(path, level * bits(), RATE, subtype, format="MP3" if suffix == "mp3" else "OGG")
    with pytest.raises(BadAudioError, match="silent"):
        inspect(path)


def test_an_excerpt_without_sound_is_named_and_the_rest_is_kept(tmp_path):
    samples = np.concatenate([bits()[:, 0] * 2**-15, tone()])
    path = write(tmp_path / "x.wav", samples)
    assert inspect(path).seconds == 2
    assert inspect(path, 0.5, 1.5).seconds == 1
    with pytest.raises(BadAudioError, match="silent but for its last bit"):
        inspect(path, 0.0, 1.0)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT", "DOUBLE"])
@pytest.mark.parametrize("weights", [[1, -1], [1, -0.5, -0.5], [1, -1, 1, -1]])
def test_channels_that_cancel_are_named(tmp_path, subtype, weights):
    path = write(tmp_path / "x.wav", np.outer(tone(), weights), subtype)
    with pytest.raises(BadAudioError, match=f"its {len(weights)} channels cancel each other"):
        inspect(path)


@pytest.mark.parametrize("noise", [1e-9, 1e-6, 1e-5])
def test_channels_that_cancel_to_rounding_are_named(tmp_path, noise):
    rounding = noise * np.random.default_rng(0).standard_normal((RATE, 2))
    path = write(tmp_path / "x.wav", np.outer(tone(), [1, -1]) + rounding, "FLOAT")
    with pytest.raises(BadAudioError, match=r"spans .* and one of them 0\.8: keep one channel$"):
        inspect(path)


@pytest.mark.parametrize(("suffix", "subtype"), LOSSY)
def test_channels_that_cancel_in_a_codec_are_named(tmp_path, suffix, subtype):
    path = tmp_path / f"x.{suffix}"
    samples = np.outer(tone(), [1, -1])
    soundfile.write(path, samples, RATE, subtype, format="MP3" if suffix == "mp3" else "OGG")
    with pytest.raises(BadAudioError, match="cancel"):
        inspect(path)


@pytest.mark.parametrize(
    "channels",
    [
        (tone(), np.zeros(RATE)),
        (tone(), -0.9 * tone()),
        (tone(), -tone() + 0.01 * tone(700)),
        (0.5 + 0 * tone(), tone()),
        (tone(), tone(441)),
    ],
    ids=["one silent", "a tenth left", "a hundredth left", "one constant", "two tones"],
)
def test_channels_that_leave_sound_are_kept(tmp_path, channels):
    path = write(tmp_path / "x.wav", np.stack(channels, axis=1))
    assert inspect(path).channels == 2


@pytest.mark.parametrize("values", [(0.5, -0.5), (0.25, 0.25), (0.0, 0.5, 0.25)])
def test_constant_channels_are_silent(tmp_path, values):
    samples = np.tile(values, (RATE, 1))
    with pytest.raises(BadAudioError, match=f"silent, every sample is {np.mean(values):g}$"):
        inspect(write(tmp_path / "x.wav", samples, "DOUBLE"))


@pytest.mark.parametrize("block", [100, 7919, 2**22])
def test_blocks_make_no_difference(tmp_path, monkeypatch, block):
    monkeypatch.setattr(audio, "BLOCK", block)
    # constant within each block of 100, but not throughout
    samples = np.repeat(np.linspace(-0.5, 0.5, RATE // 100), 100)
    assert inspect(write(tmp_path / "x.wav", samples)).seconds == 1
    with pytest.raises(BadAudioError, match="last bit"):
        inspect(write(tmp_path / "y.wav", bits() * 2**-15))
