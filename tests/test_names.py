"""Files whose names are not UTF-8 are named, and the rest goes on."""

import os
import shutil
from pathlib import Path

import pytest
from corpus_trees import make, scan

from semisup.corpora import adapter
from semisup.errors import BadAudioError, BadPictureError, CorpusError
from semisup.recordings import audio, pictures
from semisup.recordings.manifest import assemble, separate, verify
from semisup.recordings.names import NOT_UTF8, is_not_utf8, on_disk, printable
from semisup.stages.scan import scan_corpora
from semisup.study.spec import StudySpec

#: Latin-1, Shift-JIS, and UTF-8 that was cut within a character.
RAW = {
    b"caf\xe9.wav": r"caf\xe9.wav",
    b"\x89\xb9\x90\xba.wav": r"\x89\xb9\x90\xba.wav",
    b"nai\xc3.wav": r"nai\xc3.wav",
}


def put(folder: Path, name: bytes) -> Path:
    """Copy the folder's ``1.wav`` to another name."""
    path = folder / os.fsdecode(name)
    try:
        shutil.copy(folder / "1.wav", path)
    except OSError:
        pytest.skip("this file system takes no such names")
    return path


@pytest.mark.parametrize(("name", "written"), RAW.items())
def test_a_file_is_skipped_by_its_printable_name(tmp_path, name, written):
    root = make(tmp_path, "angry/1.wav", "sad/1.wav")
    put(root / "sad", name)
    scanned = scan("folder", root)
    manifest, skipped = separate(verify(assemble([("folder", "all", root, scanned)])))
    assert manifest["recording"].tolist() == ["angry/1.wav", "sad/1.wav"]
    assert skipped["recording"].tolist() == [f"sad/{written}"]
    assert skipped["reason"].tolist() == [NOT_UTF8]
    skipped.to_csv(tmp_path / "skipped.csv")
    manifest.to_parquet(tmp_path / "manifest.parquet")


def test_a_class_folder_is_skipped_by_its_printable_name(tmp_path):
    root = make(tmp_path, "angry/1.wav", "sad/1.wav")
    put(root / "sad", b"other.wav")
    try:
        (root / "sad").rename(root / os.fsdecode(b"tr\xe4urig"))
    except OSError:
        pytest.skip("this file system takes no such names")
    table = verify(assemble([("folder", "all", root, scan("folder", root))]))
    assert dict(zip(table["recording"], table["reason"], strict=True)) == {
        "angry/1.wav": "",
        r"tr\xe4urig/1.wav": NOT_UTF8,
        r"tr\xe4urig/other.wav": NOT_UTF8,
    }


def test_named_corpora_skip_such_a_file_too(tmp_path):
    root = make(tmp_path, "wav/1.wav", "wav/03a01Fa.wav")
    put(root / "wav", b"03a02F\xe9.wav")
    (root / "wav" / "1.wav").unlink()
    table = scan("emodb", root)
    assert table["path"].tolist() == ["wav/03a01Fa.wav", r"wav/03a02F\xe9.wav"]


def test_a_corpus_folder_of_such_a_name_is_an_error_that_names_it(tmp_path):
    root = tmp_path / os.fsdecode(b"donn\xe9es")
    try:
        make(tmp_path / "data", "angry/1.wav", "sad/1.wav").rename(root)
    except OSError:
        pytest.skip("this file system takes no such names")
    # of the study it reads the corpora alone
    options = adapter("folder").Options(root=str(root))
    spec = StudySpec.model_construct(corpus=[options])
    with pytest.raises(CorpusError, match=r"folder .*donn\\xe9es: its name is not UTF-8"):
        scan_corpora(spec, tmp_path, tmp_path)


def test_readers_name_it(tmp_path):
    path = put(make(tmp_path, "1.wav"), b"caf\xe9.wav")
    for name in (path, printable(str(path))):
        with pytest.raises(BadAudioError, match=r"caf\\xe9\.wav: its name is not UTF-8"):
            audio.load(name)
        with pytest.raises(BadPictureError, match=r"caf\\xe9\.wav: its name is not UTF-8"):
            pictures.load(name)


def test_a_name_that_holds_a_backslash_is_what_it_is(tmp_path):
    path = make(tmp_path, "1.wav") / r"caf\xe9.wav"
    (tmp_path / "1.wav").rename(path)
    assert on_disk(path) == path
    assert not is_not_utf8(path)
    assert audio.inspect(path).seconds == 0.1
    assert not is_not_utf8(tmp_path / r"gone\xe9.wav")


def test_what_is_printable_stays():
    assert printable("źródło 音声.wav") == "źródło 音声.wav"
    assert printable("\ud800.wav") == r"\ud800.wav"
