"""MP3 files without a count of their frames are counted; what is truncated stays refused."""

from io import BytesIO

import numpy as np
import pytest
import soundfile

from semisup.errors import BadAudioError
from semisup.recordings.audio import inspect, load
from semisup.recordings.mp3 import read_stream, with_count

#: Samples that LAME's encoder puts in front, and those that libsndfile's decoder takes off.
ENCODER, DECODER = 576, 529
ID3 = b"ID3\x04\x00\x00\x00\x00\x02\x00" + bytes(256)
ID3_WITH_FOOTER = (
    b"ID3\x04\x00\x10\x00\x00\x02\x00" + bytes(256) + b"3DI\x04\x00\x10\x00\x00\x02\x00"
)
ID3V1 = b"TAG" + b"a title".ljust(125, b"\0")
APE = (
    (b"APETAGEX" + bytes([208, 7, 0, 0, 43, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xA0]) + bytes(8))
    + bytes(11)
    + (b"APETAGEX" + bytes([208, 7, 0, 0, 43, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80]) + bytes(8))
)
LYRICS = b"LYRICSBEGIN" + b"la " * 10 + b"000041LYRICS200"


def signal(rate: int, seconds: float = 3.0) -> np.ndarray:
    times = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(0).standard_normal(times.size)
    return 0.3 * np.sin(2 * np.pi * 440 * times) + 0.05 * noise


def mp3(rate: int = 16000, level: float = 0.5, mode: str = "CONSTANT", channels: int = 1) -> bytes:
    """Encode without a frame that tells how many follow."""
    file = BytesIO()
    samples = np.stack([signal(rate)] * channels, axis=1)
    soundfile.write(file, samples, rate, format="MP3", bitrate_mode=mode, compression_level=level)
    data = file.getvalue()
    stream = read_stream(data)
    # LAME writes none where its frames are too short for it
    return data[stream.first :]


def samples_of(data: bytes, rate: int) -> int:
    """Return the number of samples that the frames decode to."""
    stream = read_stream(data)
    assert not stream.tells_frames
    return stream.frames * samples_of_frame(rate) - DECODER


def samples_of_frame(rate: int) -> int:
    return 1152 if rate >= 32000 else 576


@pytest.mark.parametrize("rate", [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000])
@pytest.mark.parametrize("level", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_constant_rate_is_read_whole(tmp_path, rate, level, channels, capfd):
    data = mp3(rate, level, channels=channels)
    count = samples_of(data, rate)
    path = tmp_path / "x.mp3"
    path.write_bytes(data)
    header = inspect(path)
    assert header.seconds == count / rate
    assert (header.sample_rate, header.channels) == (rate, channels)
    samples = samples_of_frame(rate)
    assert 3.0 <= header.seconds < 3.0 + 5 * samples / rate
    heard = load(path)[0][ENCODER:][: 3 * rate]
    # the first frames need bytes of a frame that is gone
    middle = slice(3 * samples, -samples)
    expected = signal(rate)[: heard.size]
    assert np.corrcoef(heard[middle], expected[middle])[0, 1] > 0.9
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("mode", ["VARIABLE", "AVERAGE"])
def test_a_variable_rate_is_counted_too(tmp_path, mode):
    data = mp3(44100, 0.3, mode)
    count = samples_of(data, 44100)
    (tmp_path / "x.mp3").write_bytes(ID3 + data)
    assert inspect(tmp_path / "x.mp3").seconds == count / 44100


@pytest.mark.parametrize(
    "front", [b"", ID3, ID3 + ID3, ID3_WITH_FOOTER, bytes(500), ID3 + b"\xff" * 9]
)
@pytest.mark.parametrize(
    "back",
    [b"", ID3V1, APE, APE + ID3V1, LYRICS + ID3V1, bytes(1000), b"\r\n", ID3V1 + ID3V1],
    ids=[
        "nothing",
        "id3v1",
        "ape",
        "ape id3v1",
        "lyrics id3v1",
        "zeros",
        "line end",
        "id3v1 twice",
    ],
)
def test_tags_and_padding_are_no_frames(tmp_path, front, back, capfd):
    data = mp3(22050)
    count = samples_of(data, 22050)
    (tmp_path / "x.mp3").write_bytes(front + data + back)
    assert inspect(tmp_path / "x.mp3").seconds == count / 22050
    assert capfd.readouterr() == ("", "")


def test_an_excerpt_of_what_was_counted_is_the_same_samples_as_the_whole(tmp_path):
    path = tmp_path / "x.mp3"
    path.write_bytes(ID3 + mp3(16000) + ID3V1)
    whole = load(path)[0]
    part = load(path, None, 1.0, 2.0)[0]
    np.testing.assert_allclose(part, whole[16000:32000], atol=1e-3)


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
@pytest.mark.parametrize("tags", [(b"", b""), (ID3, b""), (ID3, ID3V1)])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.97, 0.999])
def test_what_ends_within_a_frame_is_truncated(tmp_path, rate, tags, share):
    data = mp3(rate)
    size = round(share * len(data))
    # not by chance between two frames
    while read_stream(data[:size]).end == size:
        size -= 7
    (tmp_path / "x.mp3").write_bytes(tags[0] + data[:size] + tags[1])
    with pytest.raises(BadAudioError, match="cut short"):
        inspect(tmp_path / "x.mp3")


@pytest.mark.parametrize("lost", [1, 2, 3, 50])
def test_a_frame_that_lacks_a_few_bytes_is_truncated(tmp_path, lost):
    (tmp_path / "x.mp3").write_bytes(mp3()[:-lost])
    with pytest.raises(BadAudioError, match=r"cut short, \d+ of \d+ bytes of its last frame"):
        inspect(tmp_path / "x.mp3")


@pytest.mark.parametrize("hole", [b"\0" * 3000, b"junk" * 700])
def test_a_hole_in_the_middle_is_damage(tmp_path, hole):
    data = mp3()
    half = len(data) // 2
    (tmp_path / "x.mp3").write_bytes(data[:half] + hole + data[half + len(hole) :])
    with pytest.raises(BadAudioError, match="damaged, its frames break off after"):
        inspect(tmp_path / "x.mp3")


def test_the_leading_frame_tells_the_number(tmp_path):
    data = mp3(8000, 0.99)
    stream = read_stream(data)
    again = read_stream(with_count(data, stream))
    assert again.tells_frames
    assert again.frames == stream.frames


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"\xff\xfb", b"ID3", b"ID3\4\0\0\x7f\x7f\x7f\x7f"]
)
def test_bytes_that_are_no_stream_have_no_frames(content):
    assert read_stream(content).frames == 0


def test_random_bytes_end(tmp_path):
    rng = np.random.default_rng(0)
    for _ in range(50):
        read_stream(rng.bytes(3000) + b"TAG" + rng.bytes(125))
