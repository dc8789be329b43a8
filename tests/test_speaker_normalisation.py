"""Normalisation by speaker: who is compared with whom, what is refused, and what is warned of."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

import semisup
from semisup.errors import SplitError
from semisup.features.kinds import kind_class
from semisup.features.speakers import groups_of, incomparable, transductive, warnings
from semisup.reading.file import parse_study
from semisup.representations._speakers import by_speaker
from semisup.stages.preflight import check_study
from semisup.stages.runner import run_study
from semisup.study.study import Study

RATE = 8000


def rows(*people: tuple[str, str, str]) -> pd.DataFrame:
    """Make recordings of speaker, subset and label."""
    table = pd.DataFrame(people, columns=["speaker", "subset", "label"])
    return table.assign(recording=[f"{n}.wav" for n in range(len(table))])


def crowd(speakers: int, labels: str, subset: str = "test") -> pd.DataFrame:
    """Make speakers who have the same recordings each, one a letter; ``|`` divides the speakers."""
    parts = labels.split("|")
    return rows(
        *((f"s{n}", subset, label) for n in range(speakers) for label in parts[n % len(parts)])
    )


# --- who is compared with whom


@pytest.mark.parametrize(
    ("people", "groups"),
    [
        (["ann test", "bob test", "ann test"], [0, 1, 0]),
        (["ann test", "ann labelled", "ann unlabelled"], [0, 1, 2]),
        ([" test", " test", "ann test", " labelled"], [0, 1, 2, 3]),
        ([], []),
    ],
)
def test_a_speaker_is_compared_within_a_subset_and_an_unknown_one_with_nobody(people, groups):
    table = rows(*((*person.split(" "), "x") for person in people))
    assert groups_of(table).tolist() == groups


@pytest.mark.parametrize("how", ["mean", "standard"])
@pytest.mark.parametrize("size", [1e-9, 1.0, 1e9])
def test_rows_depend_on_their_own_group_alone_to_the_bit(how, size):
    rng = np.random.default_rng(0)
    values, groups = rng.normal(size=(40, 5)), np.repeat([0, 1, 2, 3], 10)
    # what hardly varies, too: another speaker's rows must not decide whether that is something
    values[:10, 0] = 1 + 1e-4 * values[:10, 0]
    other = np.where((groups == 3)[:, None], size * rng.normal(size=(40, 5)), values)
    expected = by_speaker(values, groups, how)[groups < 3]
    np.testing.assert_array_equal(by_speaker(other, groups, how)[groups < 3], expected)
    assert expected[:10, 0].any()


@pytest.mark.parametrize("how", ["mean", "standard"])
@pytest.mark.parametrize("constant", [0.0, 1.0, -3e5, 0.1, 1e-20])
def test_what_does_not_vary_but_for_round_off_is_0(how, constant):
    rng = np.random.default_rng(0)
    noise = 1 + 2e-7 * rng.normal(size=12)
    values = np.column_stack([constant * noise, rng.normal(size=12)])
    result = by_speaker(values, np.repeat([0, 1], 6), how)
    assert not result[:, 0].any()
    assert result[:, 1].all()


def test_a_row_alone_is_0_whatever_it_is():
    values = np.array([[3.0, -1e9, 1e-9]])
    assert not by_speaker(values, np.array([0]), "mean").any()
    assert not by_speaker(values, np.array([0]), "standard").any()


# --- refused


@pytest.mark.parametrize(
    ("people", "least", "said"),
    [
        ([("ann", "test")] * 2, 2, []),
        ([("ann", "test")] * 2, 3, ["1 of 1 speakers have fewer", "'ann' with 2 in 'test'"]),
        ([("ann", "test"), ("ann", "labelled")], 2, ["2 of 2 speakers have fewer"]),
        ([("", "test")] * 3, 2, ["3 of 3 recordings have no known speaker"]),
        ([("", "test"), ("bob", "test")], 1, []),
        ([("", "test"), ("bob", "test")], 2, ["1 of 2 recordings have no", "'bob' with 1"]),
        ([], 2, []),
    ],
)
def test_recordings_that_cannot_be_compared_are_told_with_what_to_do(people, least, said):
    problems = incomparable(rows(*((*person, "x") for person in people)), least)
    assert all(text in " ".join(problems) for text in said)
    assert bool(problems) == bool(said)
    assert all("speaker_normalisation = 'none'" in problem for problem in problems)


def test_a_kind_that_does_not_normalise_refuses_nobody():
    lone = rows(("", "test", "a"), ("ann", "test", "a"))
    for kind in ("handcrafted", "voice_pca", "vicreg"):
        assert kind_class(kind).of(speaker_normalisation="none").incomparable(lone) == []
        assert len(kind_class(kind).of(speaker_normalisation="mean").incomparable(lone)) == 2
    assert kind_class("waveform").of().incomparable(lone) == []


def test_a_transformer_refuses_lone_speakers_unless_asked_to_take_them():
    signals = list(np.random.default_rng(0).normal(0, 0.1, (3, 4000)))
    keys = {"sample_rate": RATE, "speaker_normalisation": "standard"}
    with pytest.raises(SplitError, match="LogmelStatistics: 1 of 2 speakers have fewer"):
        semisup.LogmelStatistics(**keys).transform(signals, groups=["ann", "ann", "bob"])
    with pytest.raises(SplitError, match="2 of 3 recordings have no known speaker"):
        semisup.LogmelStatistics(**keys).transform(signals, groups=["ann", "", ""])
    lenient = semisup.LogmelStatistics(**keys, min_recordings=1)
    features = lenient.transform(signals, groups=["ann", "ann", "bob"])
    assert not features[2].any()
    assert features[0].any()


# --- warned of


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (crowd(4, "aabb"), "4 of 4 labelled and test speakers have fewer than 5"),
        (crowd(4, "aaabb|ab"), "2 of 4 labelled and test speakers have fewer than 5"),
        (crowd(9, "a|aabbb"), "5 of 9 labelled and test speakers have fewer than 5 recordings (5"),
        (rows(*[("", "test", "a"), ("", "test", "b")] * 3), "6 of 6 labelled and test"),
    ],
)
def test_few_recordings_a_speaker_are_warned_of(table, said):
    (warning,) = warnings(["code", "voice"], table)
    assert warning.startswith(f"code, voice: normalised by speaker, but {said}")


@pytest.mark.parametrize(
    ("table", "share", "of_all"),
    [
        (crowd(8, "aaaaaa|bbbbbb"), "100%", "50%"),
        (crowd(8, "aaaaaaaaab|bbbbbbbbba"), "90%", "50%"),
        (crowd(8, "aaaaab|bbbbbc|cccccd|ddddda"), "83%", "25%"),
        (crowd(8, "aaaaab|bbbbba", "labelled"), "83%", "50%"),
    ],
)
def test_speakers_of_one_class_are_warned_of(table, share, of_all):
    (warning,) = warnings(["code"], table)
    assert f"{share} of the labelled and test recordings are of their speaker's most" in warning
    assert f"({of_all} of the most frequent of all)" in warning
    assert warning.endswith("speaker_normalisation = 'none' keeps it")


@pytest.mark.parametrize(
    "table",
    [
        crowd(8, "ababab"),
        crowd(8, "abcdefgh"),
        # one class in most recordings of everybody: nothing of it is the speaker's
        crowd(8, "aaaaaaaaab"),
        crowd(8, "aaaab|bbbba").assign(subset="unlabelled"),
        crowd(6, "aaaabbb|aaabbbb"),
        crowd(3, "aaaaa"),
        rows(),
    ],
)
def test_of_others_nothing_is_said(table):
    assert warnings(["code"], table) == []


def test_nothing_is_said_where_nothing_is_normalised():
    assert warnings([], crowd(8, "a|b")) == []


# --- transductive


def test_what_is_made_of_a_transductive_representation_is_one_too():
    kinds = {
        "hand": kind_class("handcrafted").of(),
        "voice": kind_class("voice_pca").of(),
        "raw": kind_class("voice_pca").of(speaker_normalisation="none"),
        "both": kind_class("fused").of(of=["hand", "voice"]),
        "neither": kind_class("fused").of(of=["hand", "raw"]),
        "of_both": kind_class("pooled").of(of="both"),
    }
    assert transductive(kinds) == ["voice", "both", "of_both"]


# --- studies


def study(folder: Path, table: pd.DataFrame, **keys: object) -> Study:
    """Write recordings and their list; `subset` is the list's own column."""
    rng = np.random.default_rng(0)
    (folder / "audio").mkdir(exist_ok=True)
    for name in table["recording"]:
        soundfile.write(folder / "audio" / name, rng.normal(0, 0.1, 4000), RATE)
    table.rename(columns={"recording": "file"}).to_csv(folder / "list.csv", index=False)
    corpus = {"adapter": "table", "root": str(folder / "audio"), "path": str(folder / "list.csv")}
    spec = {
        "name": "it",
        "corpus": corpus,
        "split": {"strategy": "column", "column": "subset", "allow_unknown_speakers": True},
        "chunks": {"sample_rate": RATE},
        "representations": {
            "voice": {"kind": "logmel_statistics", "speaker_normalisation": "standard", **keys}
        },
        "curve": {"representations": ["voice"], "classifiers": ["knn"], "draws": 1},
    }
    return Study(parse_study(spec), folder, folder / "files")


def both(labels: str, speakers: int = 2) -> pd.DataFrame:
    """Make the same speakers' recordings for labelled and test, under other names."""
    parts = [crowd(speakers, labels, subset) for subset in ("labelled", "test")]
    named = [part.assign(speaker=f"{n}" + part["speaker"]) for n, part in enumerate(parts)]
    table = pd.concat(named, ignore_index=True)
    return table.assign(recording=[f"{n:03d}.wav" for n in range(len(table))])


def test_unknown_speakers_are_refused_before_anything_is_made(tmp_path):
    table = both("aabbab")
    table.loc[table["speaker"] == "0s1", "speaker"] = ""
    asked = study(tmp_path, table)
    problems, is_fatal = check_study(asked)
    assert is_fatal
    (said,) = [line for line in problems if line.startswith("fatal")]
    assert "[representations.voice] 6 of 24 recordings have no known speaker" in said
    with pytest.raises(SplitError, match="6 of 24 recordings have no known speaker"):
        run_study(asked)
    assert not (asked.folder / "features").exists()
    assert not (asked.folder / "durations.csv").exists()
    # without normalisation nobody asks
    assert not check_study(study(tmp_path, table, speaker_normalisation="none"))[1]


def test_warnings_come_before_features_and_once(tmp_path, capsys):
    asked = study(tmp_path, both("aaaaaa|bbbbbb"))
    problems, is_fatal = check_study(asked)
    assert not is_fatal
    said = "voice: normalised by speaker, but 100% of the labelled and test recordings"
    assert [line for line in problems if said in line and line.startswith("warning")]
    capsys.readouterr()
    run_study(asked, "features")
    written = " ".join(capsys.readouterr().err.split())
    assert written.index(said) < written.index("features voice")
    run_study(asked, "features")
    assert said not in " ".join(capsys.readouterr().err.split())


def test_noise_for_the_test_audio_leaves_labelled_features_of_unknown_speakers(tmp_path):
    table = both("aabbab")
    table.loc[table["speaker"].str.endswith("s1"), "speaker"] = ""
    table.loc[3, "speaker"] = "alone"
    asked = study(tmp_path, table, min_recordings=1)
    run_study(asked, "features")
    path = asked.folder / "features" / "voice.parquet"
    before = pd.read_parquet(path).set_index("recording")
    rng = np.random.default_rng(7)
    for name in table.loc[table["subset"] == "test", "recording"]:
        soundfile.write(tmp_path / "audio" / name, rng.uniform(-1, 1, 4000), RATE)
    run_study(asked, "features")
    after = pd.read_parquet(path).set_index("recording")
    labelled = table.loc[table["subset"] == "labelled", "recording"]
    pd.testing.assert_frame_equal(before.loc[labelled], after.loc[labelled], check_exact=True)
    assert not before.equals(after)
