"""Every file that looks like audio is listed; what cannot be read is named, with what to do."""

import os
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pandas as pd
import pytest
import soundfile
from corpus_trees import make, scan

from semisup.corpora import adapter
from semisup.errors import BadAudioError, CorpusError
from semisup.recordings import ffmpeg
from semisup.recordings.audio import inspect, load
from semisup.recordings.manifest import assemble, verify
from semisup.stages import manifest as manifest_stage
from semisup.stages.scan import scan_corpora
from semisup.study.spec import StudySpec

RATE = 16000
#: First bytes of what libsndfile does not read; nothing after them decodes.
FOREIGN = {
    "a.m4a": (b"\0\0\0\x20ftypM4A \0\0\0\0", "sound in an MP4 container"),
    "b.aac": (b"\xff\xf1\x50\x80", "AAC"),
    "c.wma": (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media Audio"),
    "d.webm": (b"\x1aE\xdf\xa3", "sound in a Matroska container"),
    "e.amr": (b"#!AMR\n", "AMR"),
    "f.AWB": (b"#!AMR-WB\n", "AMR"),
    "g.3gp": (b"\0\0\0\x18ftyp3gp4", "sound in an MP4 container"),
    "h.mp2": (b"\xff\xfd\x84\x04", "MPEG layer II"),
}


def noise(seconds: float = 0.5) -> np.ndarray:
    return 0.1 * np.random.default_rng(0).standard_normal(round(seconds * RATE))


def foreign(root: Path) -> Path:
    for name, (head, _) in FOREIGN.items():
        path = root / "angry" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(head + bytes(2000))
    return root


def reasons(root: Path) -> dict[str, str]:
    table = verify(assemble([("folder", "all", root, scan("folder", root))]))
    return dict(zip(table["recording"], table["reason"], strict=True))


@pytest.fixture
def without_ffmpeg(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("PATH", str(tmp_path_factory.mktemp("empty")))


@pytest.fixture
def made_up_ffmpeg(monkeypatch, tmp_path_factory):
    """Put a program of that name on the path which takes the wav that follows 16 bytes."""
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "ffmpeg"
    program.write_text(
        "#!/bin/sh\n"
        'for last; do :; done\nwhile [ "$1" != -i ]; do shift; done\n'
        'file="${2#file:}"\n'
        'case "$(head -c 200 "$file" | tr -d "\\0")" in\n'
        '*RIFF*) tail -c +17 "$file" > "$last" ;;\n'
        '*) echo "$file: Invalid data found when processing input" >&2; exit 1 ;;\nesac\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize(
    ("suffix", "how"),
    [
        ("opus", {"format": "OGG", "subtype": "OPUS"}),
        ("caf", {}),
        ("w64", {}),
        ("rf64", {}),
        ("voc", {"subtype": "PCM_16"}),
        ("sph", {"format": "NIST"}),
        ("aifc", {"format": "AIFF", "subtype": "ULAW"}),
        ("snd", {"format": "AU"}),
        ("WAVE", {"format": "WAV"}),
        ("mpga", {"format": "MP3"}),
    ],
)
def test_what_libsndfile_reads_is_listed_and_read(tmp_path, suffix, how):
    path = make(tmp_path, "sad/x.wav") / "angry" / f"x.{suffix}"
    path.parent.mkdir()
    soundfile.write(path, noise(), RATE, **how)
    assert reasons(tmp_path) == {f"angry/x.{suffix}": "", "sad/x.wav": ""}
    header = inspect(path)
    assert (header.seconds, header.decoder) == (pytest.approx(0.5, abs=0.05), "libsndfile")


@pytest.mark.parametrize("suffix", ["caf", "w64", "rf64", "voc", "sph", "opus"])
@pytest.mark.parametrize("share", [0.5, 0.97])
def test_what_is_newly_listed_is_refused_where_it_is_truncated(tmp_path, suffix, share):
    path = tmp_path / f"x.{suffix}"
    how = {
        "opus": {"format": "OGG", "subtype": "OPUS"},
        "sph": {"format": "NIST"},
        "voc": {"subtype": "PCM_16"},
    }
    soundfile.write(path, noise(5.0), RATE, **how.get(suffix, {}))
    data = path.read_bytes()
    path.write_bytes(data[: round(share * len(data))])
    with pytest.raises(BadAudioError, match=r"cut short|file is malformed"):
        inspect(path)


@pytest.mark.parametrize("name", ["x", "x.dat", "x.bin", "x.wav.1", "x.123"])
@pytest.mark.parametrize("form", ["WAV", "FLAC", "OGG", "MP3", "AIFF", "AU", "CAF", "W64"])
def test_a_name_that_says_nothing_is_no_obstacle(tmp_path, name, form):
    make(tmp_path, "sad/x.wav")
    (tmp_path / "angry").mkdir()
    soundfile.write(tmp_path / "angry" / name, noise(), RATE, format=form)
    assert reasons(tmp_path)[f"angry/{name}"] == ""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text",
        "UTF-16 text".encode("utf-16"),
        b"\x89PNG\r\n\x1a\n",
        b"PK\3\4",
        b"\xff\xd8\xff",
    ],
)
def test_other_files_are_not_listed(tmp_path, content):
    make(tmp_path, "sad/x.wav", "angry/x.wav")
    (tmp_path / "sad" / "notes.txt").write_bytes(content)
    assert set(reasons(tmp_path)) == {"sad/x.wav", "angry/x.wav"}


@pytest.mark.usefixtures("without_ffmpeg")
def test_without_ffmpeg_every_file_is_named_with_the_command_that_converts_it(tmp_path):
    make(foreign(tmp_path), "sad/x.wav")
    said = reasons(tmp_path)
    assert said.pop("sad/x.wav") == ""
    assert said == {
        f"angry/{name}": f"{holds} is read by ffmpeg, which is not installed: install it, or where "
        f"it is convert the file: ffmpeg -i NAME{suffix} NAME.wav"
        for name, (_, holds) in FOREIGN.items()
        for suffix in [Path(name).suffix.lower()]
    }


@pytest.mark.usefixtures("without_ffmpeg")
@pytest.mark.parametrize("name", list(FOREIGN))
def test_the_content_tells_where_the_name_does_not(tmp_path, name):
    head, holds = FOREIGN[name]
    for other in ("x", "x.wav", "x.dat"):
        path = make(tmp_path, "sad/x.wav") / "angry" / other
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(head + bytes(2000))
        assert reasons(tmp_path)[f"angry/{other}"].startswith(f"{holds} is read by ffmpeg")


@pytest.mark.usefixtures("without_ffmpeg")
def test_a_wav_file_named_m4a_needs_no_ffmpeg(tmp_path):
    soundfile.write(tmp_path / "x.m4a", noise(), RATE, format="WAV")
    assert inspect(tmp_path / "x.m4a").seconds == 0.5


@pytest.mark.usefixtures("made_up_ffmpeg")
def test_with_ffmpeg_what_it_decodes_is_read_and_what_it_does_not_is_named(tmp_path):
    make(foreign(tmp_path), "sad/x.wav")
    good = tmp_path / "angry" / "good 'one'.m4a"
    soundfile.write(tmp_path / "x.wav", noise(), RATE)
    good.write_bytes(FOREIGN["a.m4a"][0].ljust(16, b"\0") + (tmp_path / "x.wav").read_bytes())
    (tmp_path / "x.wav").unlink()
    said = reasons(tmp_path)
    assert said["angry/good 'one'.m4a"] == ""
    assert said["angry/a.m4a"].startswith("cut short or damaged, ffmpeg says: ")
    assert said["angry/a.m4a"].endswith("Invalid data found when processing input")
    header = inspect(good, 0.1, 0.3)
    assert (header.seconds, header.sample_rate, header.decoder) == (0.2, RATE, "ffmpeg")
    np.testing.assert_allclose(load(good)[0], noise(), atol=1e-4)


@pytest.mark.usefixtures("made_up_ffmpeg")
def test_ffmpeg_is_said_once(tmp_path, capsys):
    table = pd.DataFrame({"decoder": ["libsndfile", "ffmpeg", "ffmpeg", ""]})
    manifest_stage.say_ffmpeg(table)
    said = capsys.readouterr().err
    assert said.count("ffmpeg") == 1
    assert "ffmpeg decodes 2 " in said


def test_a_manifest_is_made_anew_once_ffmpeg_is_installed(tmp_path, request):
    make(foreign(tmp_path / "data"), "sad/x.wav")
    # of the study it reads the corpora alone
    options = adapter("folder").Options(root=str(tmp_path / "data"))
    spec = StudySpec.model_construct(corpus=[options])
    request.getfixturevalue("without_ffmpeg")
    before = scan_corpora(spec, tmp_path, tmp_path)
    request.getfixturevalue("made_up_ffmpeg")
    after = scan_corpora(spec, tmp_path, tmp_path)
    assert (before["reason"] != "").sum() == len(FOREIGN)
    assert (after["reason"] == "").all()


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".avi", ".MKV"])
def test_a_video_is_named_with_the_command_that_takes_its_sound_out(tmp_path, suffix):
    make(tmp_path, "sad/x.wav", "angry/x.wav")
    (tmp_path / "angry" / f"x{suffix}").write_bytes(b"\0\0\0\x20ftypisom")
    assert reasons(tmp_path)[f"angry/x{suffix}"] == (
        f"it is a video ({suffix.lower()}); its sound is taken out by: "
        f"ffmpeg -i NAME{suffix.lower()} NAME.wav"
    )


# with the true program


@pytest.fixture
def true_ffmpeg(monkeypatch, tmp_path_factory):
    """Put the ffmpeg of the package imageio-ffmpeg, whose name has a version, on the path."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def encode(path: Path, *how: str) -> Path:
    wav = path.with_name("source.wav")
    soundfile.write(wav, noise(3.0), RATE)
    subprocess.run(["ffmpeg", "-v", "fatal", "-i", str(wav), *how, str(path)], check=True)
    wav.unlink()
    return path


@pytest.mark.usefixtures("true_ffmpeg")
@pytest.mark.parametrize("suffix", ["m4a", "aac", "wma", "webm", "mka", "ac3", "mp2", "wv", "tta"])
def test_ffmpeg_reads_what_it_wrote(tmp_path, suffix):
    header = inspect(encode(tmp_path / f"x.{suffix}"))
    assert header.decoder == "ffmpeg"
    assert header.seconds == pytest.approx(3.0, abs=0.15)


@pytest.mark.usefixtures("true_ffmpeg")
@pytest.mark.parametrize("suffix", ["m4a", "aac", "webm", "wma", "mka", "mp2", "wv", "tta", "ac3"])
def test_what_ffmpeg_finds_truncated_is_refused(tmp_path, suffix):
    path = encode(tmp_path / f"x.{suffix}")
    # half of an MP2 file may end with a frame
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 - 9])
    with pytest.raises(BadAudioError, match="cut short"):
        inspect(path)


def test_ffmpeg_is_looked_for_on_the_path(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not ffmpeg.is_installed()


# links


def listed(root: Path) -> list[str]:
    return scan("folder", root)["path"].tolist()


def test_class_folders_that_are_links_are_followed(tmp_path):
    make(tmp_path / "raw", "A/1.wav", "B/deep/2.wav")
    root = make(tmp_path / "root", "sad/3.wav")
    (root / "angry").symlink_to(tmp_path / "raw" / "A")
    (root / "happy").symlink_to(Path("..", "raw", "B"))
    (root / "sad" / "4.wav").symlink_to(tmp_path / "raw" / "A" / "1.wav")
    assert listed(root) == ["angry/1.wav", "happy/deep/2.wav", "sad/3.wav", "sad/4.wav"]
    assert set(reasons(root).values()) == {""}


def test_a_root_that_is_a_link_and_links_in_linked_folders_are_followed(tmp_path):
    make(tmp_path / "raw", "A/1.wav")
    make(tmp_path / "more", "2.wav")
    (tmp_path / "raw" / "A" / "more").symlink_to(tmp_path / "more")
    (tmp_path / "mid").mkdir()
    (tmp_path / "mid" / "angry").symlink_to(tmp_path / "raw" / "A")
    (tmp_path / "root").symlink_to(tmp_path / "mid")
    assert listed(tmp_path / "root") == ["angry/1.wav", "angry/more/2.wav"]


@pytest.mark.parametrize("target", [".", "..", "../..", "../sad"])
def test_circles_end(tmp_path, target):
    root = make(tmp_path / "root", "angry/1.wav", "sad/2.wav")
    (root / "angry" / "again").symlink_to(target)
    (root / "sad" / "back").symlink_to("../angry")
    found = listed(root)
    assert {"angry/1.wav", "sad/2.wav"} <= set(found)
    assert len(found) < 8


def test_many_folders_that_link_to_each_other_are_no_maze(tmp_path):
    names = [f"class{number}" for number in range(12)]
    root = make(tmp_path, *(f"{name}/x.wav" for name in names))
    for name in names:
        for other in set(names) - {name}:
            (root / name / f"to-{other}").symlink_to(root / other)
    assert {f"{name}/x.wav" for name in names} <= set(listed(root))


def test_links_to_nothing_are_named(tmp_path):
    root = make(tmp_path, "sad/1.wav", "angry/2.wav")
    (root / "happy").symlink_to("/gone/happy")
    (root / "sad" / "3.wav").symlink_to("4.wav")
    (root / "angry" / "self.wav").symlink_to("self.wav")
    said = {name: reason for name, reason in reasons(root).items() if reason}
    assert said == {
        "happy": "it is a link to /gone/happy, which is not there",
        "sad/3.wav": "it is a link to 4.wav, which is not there",
        "angry/self.wav": "it is a link to self.wav, which is not there",
    }


@pytest.mark.parametrize(("name", "link"), [("emodb", "wav"), ("ravdess", "Actor_01")])
def test_linked_folders_of_named_corpora_are_followed(tmp_path, name, link):
    file = {"emodb": "03a01Fa.wav", "ravdess": "03-01-01-01-01-01-01.wav"}[name]
    make(tmp_path / "raw", file)
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / link).symlink_to(tmp_path / "raw")
    assert scan(name, tmp_path / "root")["path"].tolist() == [f"{link}/{file}"]


def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path, monkeypatch):
    root = make(tmp_path, "sad/1.wav", "angry/2.wav")
    scandir = os.scandir

    def refuse(folder):
        if Path(folder).name == "sad":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(CorpusError, match=r"folder .*sad cannot be listed: Permission denied"):
        listed(root)
