"""MP3 files that were joined are read whole or refused, whatever the first header tells."""

from io import BytesIO

import numpy as np
import pytest
import soundfile

from semisup.errors import BadAudioError
from semisup.recordings.audio import inspect, load
from semisup.recordings.mp3 import read_stream
from semisup.recordings.mp3_frames import read_frame

DECODER = 529
ID3 = b"ID3\x04\x00\x00\x00\x00\x02\x00" + bytes(256)
ID3V1 = b"TAG" + b"a title".ljust(125, b"\0")
APE = (
    b"APETAGEX"
    + bytes([208, 7, 0, 0, 43, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xA0])
    + bytes(8)
    + bytes(11)
    + (b"APETAGEX" + bytes([208, 7, 0, 0, 43, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80]) + bytes(8))
)
LYRICS = b"LYRICSBEGIN" + b"la " * 10 + b"000041LYRICS200"


def tone(hertz: float, rate: int) -> np.ndarray:
    times = np.arange(3 * rate) / rate
    noise = np.random.default_rng(round(hertz)).standard_normal(times.size)
    return 0.3 * np.sin(2 * np.pi * hertz * times) + 0.02 * noise


def encode(
    hertz: float = 440, rate: int = 16000, mode: str = "CONSTANT", channels: int = 1
) -> bytes:
    """Encode with LAME's header, which tells the number of frames and bytes."""
    file = BytesIO()
    samples = np.stack([tone(hertz, rate)] * channels, axis=1)
    soundfile.write(file, samples, rate, format="MP3", bitrate_mode=mode, compression_level=0.5)
    return file.getvalue()


def bare(data: bytes) -> bytes:
    """Take the header off."""
    return data[read_stream(data).first :]


def vbri(data: bytes, frames: int) -> bytes:
    """Put the header of Fraunhofer's encoder in the place of LAME's."""
    sound = bare(data)
    frame = read_frame(sound, 0)
    assert frame is not None
    numbers = (len(sound) + frame.length).to_bytes(4, "big") + frames.to_bytes(4, "big")
    header = sound[:4] + bytes(32) + b"VBRI" + bytes([0, 1, 0, 0, 0, 0]) + numbers
    return header.ljust(frame.length, b"\0") + sound


def frames(*files: bytes) -> int:
    return sum(read_stream(bare(file)).frames for file in files)


FIRST, SECOND = encode(440), encode(1000)
JOINED = {
    "two": FIRST + SECOND,
    "the second bare": FIRST + bare(SECOND),
    "the first bare": bare(FIRST) + SECOND,
    "tags around both": ID3 + FIRST + ID3V1 + ID3 + SECOND + ID3V1,
    "bare with a tag between": bare(FIRST) + ID3V1 + bare(SECOND),
    "ape between": FIRST + APE + SECOND,
    "all tags between": FIRST + LYRICS + APE + ID3V1 + ID3 + SECOND,
    "zeros and a tag between": FIRST + bytes(700) + ID3 + SECOND,
    "vbri": vbri(FIRST, frames(FIRST)) + vbri(SECOND, frames(SECOND)),
}


@pytest.mark.parametrize("name", JOINED)
def test_two_files_of_a_kind_are_read_whole(tmp_path, name, capfd):
    path = tmp_path / "x.mp3"
    path.write_bytes(JOINED[name])
    header = inspect(path)
    assert header.seconds == (frames(FIRST, SECOND) * 576 - DECODER) / 16000
    heard = load(path)[0]
    for place, hertz in ((slice(16000, 32000), 440), (slice(66000, 82000), 1000)):
        spectrum = np.abs(np.fft.rfft(heard[place]))
        assert np.argmax(spectrum) == hertz
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("mode", ["CONSTANT", "VARIABLE", "AVERAGE"])
@pytest.mark.parametrize("rate", [8000, 22050, 44100])
@pytest.mark.parametrize("channels", [1, 2])
def test_three_files_of_any_kind_are_read_whole(tmp_path, mode, rate, channels):
    files = [encode(hertz, rate, mode, channels) for hertz in (300, 400, 500)]
    path = tmp_path / "x.mp3"
    path.write_bytes(b"".join(files))
    samples = 1152 if rate >= 32000 else 576
    assert inspect(path).seconds == (frames(*files) * samples - DECODER) / rate
    assert inspect(path).channels == channels


@pytest.mark.parametrize("tags", [b"", ID3V1 + ID3])
@pytest.mark.parametrize("strip", [bytes, bare])
@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"rate": 8000}, "8000 Hz mono"),
        ({"rate": 44100}, "44100 Hz mono"),
        ({"channels": 2}, "16000 Hz stereo"),
    ],
)
def test_streams_of_two_kinds_are_refused(tmp_path, tags, strip, other, words):
    path = tmp_path / "x.mp3"
    path.write_bytes(strip(FIRST) + tags + strip(encode(**other)))
    reason = f"two MP3 streams one after the other, 86 frames of 16000 Hz mono, then {words}"
    with pytest.raises(BadAudioError, match=reason):
        inspect(path)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
@pytest.mark.parametrize("second", [SECOND, bare(SECOND)], ids=["headed", "bare"])
def test_a_truncated_file_is_not_filled_with_the_next(tmp_path, share, second):
    path = tmp_path / "x.mp3"
    path.write_bytes(FIRST[: round(share * len(FIRST))] + second)
    with pytest.raises(BadAudioError, match=r"cut short, \d+ of the 86 frames that it tells"):
        inspect(path)


@pytest.mark.parametrize(
    "rest",
    [
        bytes(3000) + bare(SECOND),
        b"junk" * 700 + SECOND,
        b"junk" * 700 + bare(SECOND),
        ID3V1 + b"junk" * 700 + encode(channels=2),
    ],
    ids=["zeros", "junk", "junk and bare", "junk and stereo"],
)
def test_frames_after_a_gap_are_damage(tmp_path, rest):
    path = tmp_path / "x.mp3"
    path.write_bytes(FIRST + rest)
    with pytest.raises(BadAudioError, match="damaged, its frames break off after 86, and others"):
        inspect(path)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_a_second_file_that_is_truncated_is_refused(tmp_path, share):
    path = tmp_path / "x.mp3"
    path.write_bytes(FIRST + SECOND[: round(share * len(SECOND))])
    with pytest.raises(BadAudioError, match="cut short"):
        inspect(path)


@pytest.mark.parametrize("told", [87, 100, 172])
def test_a_header_that_tells_more_than_there_is_is_refused(tmp_path, told):
    path = tmp_path / "x.mp3"
    path.write_bytes(vbri(FIRST, told))
    with pytest.raises(BadAudioError, match=f"cut short, 86 of the {told} frames"):
        inspect(path)


@pytest.mark.parametrize(
    "back",
    [b"", ID3V1, APE + ID3V1, bytes(50000), b"junk" * 2000, b"<html>" * 30],
    ids=["nothing", "id3v1", "ape", "zeros", "junk", "page"],
)
def test_what_is_no_stream_changes_nothing_after_a_header_that_tells_all(tmp_path, back):
    path = tmp_path / "x.mp3"
    path.write_bytes(FIRST + back)
    assert inspect(path).seconds == 3.0


@pytest.mark.parametrize("frame", [FIRST, encode(rate=44100), encode(channels=2)])
def test_a_header_whose_number_is_missing_is_counted(tmp_path, frame):
    at = frame.find(b"Xing") if b"Xing" in frame else frame.find(b"Info")
    data = bytearray(frame)
    # the bytes and the table of contents are told, the frames are not
    data[at + 7] &= 0xFE
    path = tmp_path / "x.mp3"
    path.write_bytes(data)
    assert 3.0 <= inspect(path).seconds < 3.2
