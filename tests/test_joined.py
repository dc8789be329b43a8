"""Files of one format in one file are named; what may follow the sound of one is no second file."""

from io import BytesIO

import numpy as np
import pytest
import soundfile

from semisup.errors import BadAudioError
from semisup.recordings.audio import inspect
from semisup.recordings.joined import why_joined

#: Name, format and codec of what libsndfile writes.
FORMATS = {
    "wav": ("WAV", "WAV", "PCM_16"),
    "float wav": ("WAV", "WAV", "FLOAT"),
    "extensible wav": ("WAV", "WAVEX", "PCM_24"),
    "rf64": ("WAV", "RF64", "PCM_16"),
    "flac": ("FLAC", "FLAC", "PCM_16"),
    "vorbis": ("Ogg", "OGG", "VORBIS"),
    "opus": ("Ogg", "OGG", "OPUS"),
    "aiff": ("AIFF", "AIFF", "PCM_16"),
    "au": ("AU", "AU", "PCM_16"),
    "float au": ("AU", "AU", "FLOAT"),
    "w64": ("W64", "W64", "PCM_16"),
    "caf": ("CAF", "CAF", "PCM_16"),
    "voc": ("VOC", "VOC", "PCM_16"),
    "nist": ("NIST", "NIST", "PCM_16"),
}
ID3 = b"ID3\x04\x00\x00\x00\x00\x40\x00" + bytes(8192)
ID3V1 = b"TAG" + b"a title".ljust(125, b"\0")
LIST = b"LIST" + (12).to_bytes(4, "little") + b"INFOINAM\0\0\0\0"
#: libsndfile takes what follows their samples for samples, or trips over it.
NOTHING_FOLLOWS = ("w64", "voc", "nist", "opus")


def encode(kind: str, rate: int = 16000, channels: int = 1, seed: int = 0) -> bytes:
    file = BytesIO()
    noise = 0.1 * np.random.default_rng(seed).standard_normal((rate, channels))
    soundfile.write(file, noise, rate, FORMATS[kind][2], format=FORMATS[kind][1])
    return file.getvalue()


@pytest.mark.parametrize("between", [b"", bytes(1000), ID3V1], ids=["", "zeros", "tag"])
@pytest.mark.parametrize(
    "other", [{"seed": 1}, {"rate": 8000}, {"channels": 2}], ids=["like", "rate", "stereo"]
)
@pytest.mark.parametrize("kind", FORMATS)
def test_two_files_are_refused_with_the_place(tmp_path, kind, other, between):
    first = encode(kind) + between
    path = tmp_path / "x"
    path.write_bytes(first + encode(kind, **other))
    name = FORMATS[kind][0]
    reason = f"two {name} files one after the other, the second from byte {len(first)} on"
    with pytest.raises(BadAudioError, match=reason):
        inspect(path)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_truncated_file_is_not_filled_with_the_next(tmp_path, kind):
    first = encode(kind)
    path = tmp_path / "x"
    path.write_bytes(first[: len(first) // 2] + encode(kind, seed=1))
    assert f"the second from byte {len(first) // 2} on" in why_joined(path)


@pytest.mark.parametrize("size", [0, 2**31 - 1, 2**32 - 1])
def test_wav_files_from_a_pipe_do_not_hide_the_next(tmp_path, size):
    first = bytearray(encode("wav"))
    first[4:8] = first[40:44] = size.to_bytes(4, "little")
    path = tmp_path / "x.wav"
    path.write_bytes(first * 2)
    assert f"the second from byte {len(first)} on" in why_joined(path)


@pytest.mark.parametrize(
    "back",
    [b"", bytes(5000), ID3V1, LIST, b"junk" * 500, b"RIFF", b"fLaC", b".snd"],
    ids=["nothing", "zeros", "id3v1", "chunk", "junk", "riff", "flac", "snd"],
)
@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_no_file_may_follow_the_sound(tmp_path, kind, back):
    path = tmp_path / "x"
    path.write_bytes(encode(kind) + back)
    if kind in NOTHING_FOLLOWS:
        assert why_joined(path) == ""
    else:
        assert inspect(path).seconds == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("tags", [ID3, ID3 + ID3], ids=["one", "two"])
def test_tags_in_front_do_not_hide_the_format(tmp_path, tags):
    path = tmp_path / "x.flac"
    path.write_bytes(tags + encode("flac"))
    assert inspect(path).seconds == 1
    path.write_bytes(tags + encode("flac") * 2)
    assert "two FLAC files" in why_joined(path)


def test_a_header_that_was_written_twice_is_no_second_file(tmp_path):
    inner = encode("wav")
    sizes = [(36 + len(inner)).to_bytes(4, "little"), len(inner).to_bytes(4, "little")]
    path = tmp_path / "x.wav"
    path.write_bytes(b"RIFF" + sizes[0] + inner[8:40] + sizes[1] + inner)
    assert why_joined(path) == ""
    assert inspect(path).seconds == (16000 + 22) / 16000


def test_ogg_streams_that_play_together_are_one_file(tmp_path):
    data = encode("vorbis")
    second = data.find(b"OggS", 4)
    # another first page beside the first, as of a video with sound
    path = tmp_path / "x.ogg"
    path.write_bytes(data[:second] + data)
    assert why_joined(path) == ""


@pytest.mark.parametrize("kind", ["wav", "flac", "caf"])
def test_noise_holds_no_header_by_chance(tmp_path, kind):
    path = tmp_path / "x"
    path.write_bytes(encode(kind)[:200] + np.random.default_rng(0).bytes(10**7))
    assert why_joined(path) == ""


def test_a_file_that_cannot_be_read_is_left_to_the_decoder(tmp_path):
    assert why_joined(tmp_path) == ""
    assert why_joined(tmp_path / "none.wav") == ""
