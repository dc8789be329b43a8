"""What is no recording under the name of one is called what it is."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from semisup.errors import BadAudioError
from semisup.recordings.audio import inspect, load

RATE = 8000
LFS = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 160044\n"
)


def noise(seconds: float = 1.0) -> np.ndarray:
    return 0.1 * np.random.default_rng(0).standard_normal(round(seconds * RATE))


def wav(tag: int, content: bytes, extensible: bool = False) -> bytes:
    """Write a WAV file of a codec."""
    fmt = struct.pack("<HHIIHH", 0xFFFE if extensible else tag, 1, RATE, 2000, 1, 0)
    if extensible:
        guid = struct.pack("<I", tag) + bytes.fromhex("00001000800000aa00389b71")
        fmt += struct.pack("<HHI", 22, 0, 4) + guid
    body = b"WAVEfmt " + struct.pack("<I", len(fmt)) + fmt
    body += b"data" + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", len(body)) + body


def refused(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(BadAudioError) as error:
        inspect(path)
    return str(error.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3", "ogg", "au", "m4a", "aac"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (LFS, "a Git LFS pointer, not the recording: fetch it with 'git lfs pull'"),
        (b"/annex/objects/SHA256E-s9--ab.wav\n", "a git-annex pointer"),
        (b"../../.git/annex/objects/x/y/SHA256E-s9--ab.wav\n", "a git-annex pointer"),
        (b"outs:\n- md5: 0123\n  path: x.wav\n", "a DVC pointer"),
        (b"<!DOCTYPE html>\n<html><title>404 Not Found</title>", "an HTML page"),
        (b"\n  <html lang='en'><body>Quota exceeded", "an HTML page"),
        (b"<!-- saved -->\n<HTML>", "an HTML page"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "an XML text"),
        (b'{"message": "Not Found"}', "a JSON text"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"PK\x03\x04" + bytes(40), "a ZIP archive"),
        (b"\x1f\x8b\x08" + bytes(40), "a file compressed by gzip"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "a picture"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "a picture"),
        (b"MThd\0\0\0\6\0\1" + bytes(20), "MIDI"),
        (bytes(5000), "it begins with zeros only: its copy or download failed"),
        (b"03a01Fa happy\n03a02Wb angry\n" * 3, "it is text, not a recording: '03a01Fa happy 03a"),
        ("źródło\n".encode(), "it is text, not a recording: 'źródło'"),
        ("a text".encode("utf-16"), "it is text, not a recording: 'a text'"),
    ],
)
def test_it_is_called_what_it_is(tmp_path, suffix, content, words, capfd):
    assert words in refused(tmp_path / f"x.{suffix}", content)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("tag", "codec"),
    [
        (0x55, "MP3"),
        (0x50, "MPEG layer I or II"),
        (0x161, "Windows Media Audio"),
        (0x22, "TrueSpeech"),
        (0x42, "G.723.1"),
        (0xFF, "AAC"),
    ],
)
@pytest.mark.parametrize("extensible", [False, True])
def test_a_codec_in_a_wav_file_is_named(tmp_path, tag, codec, extensible, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    said = refused(tmp_path / "x.wav", wav(tag, b"\x12\x34" * 2000, extensible))
    assert said == (
        f"{codec} in a WAV file is read by ffmpeg, which is not installed: install it, or where it "
        "is convert the file: ffmpeg -i NAME.wav NAME-new.wav"
    )


def test_a_codec_in_a_caf_file_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    desc = struct.pack(">d4sIIIII", 44100.0, b"aac ", 0, 0, 1024, 1, 0)
    content = b"caff\0\1\0\0desc" + struct.pack(">q", len(desc)) + desc
    content += b"data" + struct.pack(">q", 4004) + bytes(4004)
    assert refused(tmp_path / "x.caf", content).startswith("'aac' in a CAF file is read by ffmpeg")


@pytest.mark.parametrize(
    ("form", "subtype"),
    [
        ("WAV", "GSM610"),
        ("AIFF", "GSM610"),
        ("W64", "GSM610"),
        ("WAV", "IMA_ADPCM"),
        ("WAV", "MS_ADPCM"),
        ("WAV", "ULAW"),
        ("WAV", "ALAW"),
        ("WAV", "G721_32"),
        ("AIFF", "IMA_ADPCM"),
        ("AU", "G721_32"),
        ("CAF", "ALAC_16"),
    ],
)
@pytest.mark.parametrize("seconds", [0.1, 1.0, 1.2345])
def test_telephone_codecs_are_read_whole_and_refused_truncated(tmp_path, form, subtype, seconds):
    path = tmp_path / "x.bin"
    soundfile.write(path, noise(seconds), RATE, format=form, subtype=subtype)
    heard, _ = load(path)
    wanted = noise(seconds)
    # whole blocks
    assert wanted.size <= heard.size < wanted.size + 1100
    assert np.corrcoef(heard[: wanted.size], wanted)[0, 1] > 0.3
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(BadAudioError):
        inspect(path)


def test_the_padding_of_gsm_in_a_wav_file_is_not_read(tmp_path):
    soundfile.write(tmp_path / "x.wav", noise(1.2345), RATE, subtype="GSM610")
    assert inspect(tmp_path / "x.wav").seconds == 1.2345
    assert load(tmp_path / "x.wav", None, 0.5, 1.0)[0].size == RATE // 2
