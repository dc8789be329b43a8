from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from semisup.corpora._contract import scan_table
from semisup.errors import CorpusError, SplitError
from semisup.recordings.manifest import COLUMNS, assemble, check_manifest, excerpt, separate, verify
from semisup.recordings.namesakes import namesakes
from semisup.splits import split_by_speaker
from semisup.study.split_spec import SplitSpec

RATE = 8000
NAN = float("nan")


def noise(samples: int = 800) -> np.ndarray:
    return 0.1 * np.random.default_rng(0).standard_normal(samples)


def scan(*rows: dict[str, object]) -> pd.DataFrame:
    return scan_table([{"label": "a", "speaker": "1", **row} for row in rows])


def cut(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def make_bad_files(folder: Path) -> dict[str, str]:
    """Write one file of each kind of bad input; return the reasons by name."""
    write = soundfile.write
    bad = noise()
    bad[7] = np.nan
    write(folder / "truncated.wav", noise(8000), RATE)
    cut(folder / "truncated.wav")
    write(folder / "truncated.flac", noise(8000), RATE)
    cut(folder / "truncated.flac")
    write(folder / "zero length.wav", np.zeros(0), RATE)
    write(folder / "silent.wav", np.zeros(800), RATE)
    write(folder / "nan.wav", bad, RATE, subtype="FLOAT")
    write(folder / "one sample.wav", [0.5], RATE)
    (folder / "empty.wav").touch()
    (folder / "corrupt.wav").write_bytes(np.random.default_rng(0).bytes(999))
    return {
        "truncated.wav": "cut short, 7978 of 16000 bytes of samples are there",
        "truncated.flac": "cut short or damaged, not all of its 8000 samples can be decoded",
        "zero length.wav": "holds no samples",
        "silent.wav": "silent, every sample is 0",
        "nan.wav": "1 of 800 samples are NaN or infinite",
        "one sample.wav": "only 1 sample at 8000 Hz, shorter than one frame of 0.05 s",
        "empty.wav": "the file is empty (0 bytes)",
        "corrupt.wav": "cannot be decoded as audio (Format not recognised)",
        "missing.wav": "there is no such file",
    }


def make_good_files(folder: Path) -> dict[str, tuple[float, int, int]]:
    """Write one file of each kind of odd but good input; return seconds, rate, channels by name."""
    write = soundfile.write
    write(folder / "eight channels.wav", np.outer(noise(), np.ones(8)), RATE)
    write(folder / "24-bit.wav", noise(), RATE, subtype="PCM_24")
    write(folder / "float.wav", noise(), RATE, subtype="FLOAT")
    write(folder / "odd rate.wav", noise(7919), 7919)
    write(folder / "źródło 音声.flac", noise(), RATE)
    for suffix in ("mp3", "ogg", "aiff", "au"):
        write(folder / f"x.{suffix}", noise(), RATE)
    return {
        "eight channels.wav": (0.1, RATE, 8),
        "odd rate.wav": (1.0, 7919, 1),
        **dict.fromkeys(("24-bit.wav", "float.wav", "źródło 音声.flac"), (0.1, RATE, 1)),
        **dict.fromkeys(("x.mp3", "x.ogg", "x.aiff", "x.au"), (0.1, RATE, 1)),
    }


def test_every_kind_of_bad_input_is_listed_and_the_rest_goes_on(tmp_path, capfd):
    reasons = make_bad_files(tmp_path)
    good = make_good_files(tmp_path)
    scanned = scan(*({"path": name} for name in (*reasons, *good)))
    manifest, skipped = separate(verify(assemble([("folder", "all", tmp_path, scanned)])))
    assert dict(zip(skipped["recording"], skipped["reason"], strict=True)) == reasons
    assert list(skipped.columns) == ["recording", "path", "reason"]
    facts = manifest[["recording", "seconds", "sample_rate", "channels"]].itertuples(index=False)
    assert {name: tuple(rest) for name, *rest in facts} == good
    assert tuple(manifest.columns[: len(COLUMNS)]) == COLUMNS
    assert "reason" not in manifest
    assert capfd.readouterr() == ("", "")


def test_a_row_that_the_adapter_left_out_is_not_opened(tmp_path):
    table = assemble([("x", "all", tmp_path, scan({"path": "a.wav", "reason": "no"}))])
    assert verify(table).loc[0, ["reason", "sample_rate"]].tolist() == ["no", 0]


def test_excerpts_of_one_file_are_recordings_of_their_own(tmp_path):
    soundfile.write(tmp_path / "a.wav", noise(8000), RATE)
    rows = [(0.0, 0.25), (0.25, 0.5), (0.5, NAN), (0.9, 1.5)]
    scanned = scan(*({"path": "a.wav", "start": start, "end": end} for start, end in rows))
    manifest, skipped = separate(verify(assemble([("x", "all", tmp_path, scanned)])))
    assert manifest["recording"].tolist() == ["a.wav#0-0.25", "a.wav#0.25-0.5", "a.wav#0.5-"]
    assert manifest["seconds"].tolist() == [0.25, 0.25, 0.5]
    assert skipped["reason"].tolist() == ["excerpt 0.9-1.5 s is not within its 1 s"]


def test_excerpts_that_a_file_does_not_have_are_skipped_and_the_rest_goes_on(tmp_path):
    soundfile.write(tmp_path / "a.wav", noise(8000), RATE)
    reasons = {
        (1.0, 1.04): "excerpt 1-1.04 s is not within its 1 s",
        (7.0, NAN): "excerpt from 7 s on is not within its 1 s",
        (0.5, 0.5): "excerpt 0.5-0.5 s does not end after it starts",
        (0.3, 0.2): "excerpt 0.3-0.2 s does not end after it starts",
        (0.1, 0.100001): "excerpt 0.1-0.100001 s is shorter than one sample at 8000 Hz",
        (0.99999, NAN): "excerpt from 0.99999 s on is shorter than one sample at 8000 Hz",
        (0.1, 0.101): "only 8 samples at 8000 Hz, shorter than one frame of 0.05 s",
    }
    spans = [(0.0, 0.25), *reasons]
    scanned = scan(*({"path": "a.wav", "start": start, "end": end} for start, end in spans))
    manifest, skipped = separate(verify(assemble([("x", "all", tmp_path, scanned)])))
    assert manifest["recording"].tolist() == ["a.wav#0-0.25"]
    assert sorted(skipped["reason"]) == sorted(reasons.values())


def test_excerpts_a_millisecond_apart_late_in_a_file_have_two_names(tmp_path):
    rows = [{"path": "a.wav", "start": 12345.678, "end": end} for end in (12346.001, 12346.002)]
    table = assemble([("x", "all", tmp_path, scan(*rows))])
    assert table["recording"].tolist() == [
        "a.wav#12345.678-12346.001",
        "a.wav#12345.678-12346.002",
    ]


def test_one_corpus_keeps_its_names_and_several_put_theirs_in_front(tmp_path):
    one = scan({"path": "a.wav"})
    two = scan({"path": "a.wav"}, {"path": "b.wav", "speaker": ""})
    alone = assemble([("x", "all", tmp_path, one)])
    assert alone[["recording", "speaker"]].to_numpy().tolist() == [["a.wav", "1"]]
    both = assemble([("x", "all", tmp_path / "x", one), ("y", "all", tmp_path / "y", two)])
    assert both["recording"].tolist() == ["x/a.wav", "y/a.wav", "y/b.wav"]
    assert both["speaker"].tolist() == ["x/1", "y/1", ""]
    assert both["path"].tolist() == [
        str(tmp_path / name) for name in ("x/a.wav", "y/a.wav", "y/b.wav")
    ]
    assert both["corpus"].tolist() == ["x", "y", "y"]


def test_a_text_column_of_one_corpus_is_blank_in_another(tmp_path):
    one = scan({"path": "a.wav"}).assign(gender="female", age=30)
    both = assemble([("x", "all", tmp_path, one), ("y", "all", tmp_path, scan({"path": "b.wav"}))])
    assert both["gender"].tolist() == ["female", ""]
    assert both["age"].tolist() == pytest.approx([30, NAN], nan_ok=True)


def test_labels_count_for_role_all_alone(tmp_path):
    scanned = scan(
        {"path": "a.wav"},
        {"path": "b.wav", "label": "", "no_label": "the emotion 'surprise' has no valence"},
        {"path": "c.wav", "label": ""},
        {"path": "d.wav", "label": "", "speaker": "", "reason": "the speaker is unknown"},
    )
    labelled = assemble([("x", "all", tmp_path, scanned)])
    assert labelled["reason"].tolist() == [
        "",
        "the emotion 'surprise' has no valence",
        "it has no label",
        "the speaker is unknown",
    ]
    unlabelled = assemble([("x", "unlabelled", tmp_path, scanned)])
    assert unlabelled["label"].tolist() == [""] * 4
    assert unlabelled["reason"].tolist() == ["", "", "", "the speaker is unknown"]
    assert "no_label" not in unlabelled


def test_a_recording_listed_twice_is_an_error(tmp_path):
    with pytest.raises(CorpusError, match=r"1 recording is listed more than once, .* a\.wav"):
        assemble([("x", "all", tmp_path, scan({"path": "a.wav"}, {"path": "a.wav"}))])


def test_a_file_that_two_corpora_list_is_an_error(tmp_path):
    one, two = scan({"path": "sub/a.wav"}), scan({"path": "a.wav"})
    with pytest.raises(CorpusError, match=r"1 recording is listed more than once, .*a\.wav"):
        assemble([("x", "all", tmp_path, one), ("y", "unlabelled", tmp_path / "sub", two)])


def test_corpora_with_the_same_speakers_keep_their_bare_names(tmp_path):
    scans = [
        (name, "all", tmp_path / name, scan({"path": "a.wav"}, {"path": "b.wav", "speaker": ""}))
        for name in "xyz"
    ]
    joined = assemble(scans, same_speakers=["x", "z"])
    assert joined["recording"].is_unique
    assert joined["speaker"].tolist() == ["1", "", "y/1", "", "1", ""]


@pytest.mark.parametrize("way", ["the same", "dots", "link", "nested"])
def test_a_folder_that_is_a_corpus_twice_is_an_error_that_names_both(tmp_path, way):
    (tmp_path / "one").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "one")
    root, path = {
        "the same": (tmp_path / "one", "a.wav"),
        "dots": (tmp_path / "one" / ".." / "one", "a.wav"),
        "link": (tmp_path / "link", "a.wav"),
        "nested": (tmp_path, "one/a.wav"),
    }[way]
    scans = [
        ("x", "all", tmp_path / "one", scan({"path": "a.wav"})),
        ("y", "unlabelled", root, scan({"path": path})),
    ]
    for same_speakers in ((), ("x", "y")):
        with pytest.raises(CorpusError, match=r"listed more than once, .*a\.wav.* 'x' and 'y'"):
            assemble(scans, same_speakers)


def test_excerpts_of_one_file_in_two_corpora_need_the_same_speakers(tmp_path):
    scans = [
        (name, "all", tmp_path, scan({"path": "a.wav", "start": start, "end": start + 1}))
        for name, start in (("x", 0.0), ("y", 1.0))
    ]
    assert assemble(scans, ["x", "y"])["speaker"].tolist() == ["1", "1"]
    for same_speakers in ([], ["x"]):
        with pytest.raises(CorpusError, match=r"a\.wav is in the corpora 'x' and 'y', whose sp"):
            assemble(scans, same_speakers)


def test_equal_names_of_speakers_who_are_set_apart_are_a_warning(tmp_path):
    def named(*speakers):
        return scan(*({"path": f"{s}.wav", "speaker": s} for s in speakers))

    scans = [
        ("x", "all", tmp_path / "x", named("1", "2", "x/9", "9")),
        ("y", "unlabelled", tmp_path / "y", named("2", "3")),
        ("z", "unlabelled", tmp_path / "z", named("1", "3", "4")),
    ]
    (warning,) = namesakes(assemble(scans), [*"xyz"])
    assert warning.startswith("3 speakers' names are in more than one corpus")
    assert "the first: '1', in 'x' and 'z'" in warning
    (warning,) = namesakes(assemble(scans), [*"xy"])
    assert warning.startswith("1 speaker's name is in more than one corpus")
    assert namesakes(assemble(scans), ["x"]) == []
    assert namesakes(assemble(scans, ["x", "y", "z"]), [*"xyz"]) == []
    assert namesakes(assemble(scans[:1]), ["x"]) == []


def test_no_usable_recording_is_an_error_that_gives_the_first_reason(tmp_path):
    table = verify(assemble([("x", "all", tmp_path, scan({"path": "a.wav"}, {"path": "b.wav"}))]))
    with pytest.raises(CorpusError, match=r"None of the 2 recordings .* there is no such file"):
        separate(table)


def test_a_manifest_without_a_column_is_refused():
    with pytest.raises(CorpusError, match="missing: speaker, end"):
        check_manifest(pd.DataFrame(columns=["recording", "path", "label", "seconds", "start"]))


@pytest.mark.parametrize(
    ("given", "expected"),
    [((NAN, NAN), (0.0, None)), ((1.5, NAN), (1.5, None)), ((NAN, 2.0), (0.0, 2.0))],
)
def test_a_blank_start_or_end_means_that_of_the_file(given, expected):
    assert excerpt(*given) == expected


@pytest.mark.parametrize(
    "name", ["nan", "NaN", "None", "Unknown", "unknown ", "N/A", "<NA>", "NULL"]
)
def test_a_name_that_stands_for_nothing_is_no_speaker_in_any_corpus(name):
    for corpora in (1, 2):
        scans = [
            (f"corpus{i}", "all", Path(f"/{i}"), scan({"path": "a.wav", "speaker": name}))
            for i in range(corpora)
        ]
        assert set(assemble(scans)["speaker"]) == {""}
    with pytest.raises(SplitError, match=r"speaker of 1 of 1 recordings is not known.*'Unknown'"):
        split_by_speaker(assemble(scans[:1]), SplitSpec())


@pytest.mark.parametrize("name", ["NA", "Nancy", "0", "nobody", "none2"])
def test_a_name_that_may_be_somebody_s_is_a_speaker(name):
    scanned = scan({"path": "a.wav", "speaker": name})
    assert list(assemble([("x", "all", Path("/"), scanned)])["speaker"]) == [name]
