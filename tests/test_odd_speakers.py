"""Speakers that are recordings, or classes of a person, are warned of with three examples."""

import pandas as pd
import pytest
from table_study import table_study

from semisup.errors import SplitError
from semisup.reading.file import read_study
from semisup.recordings.odd_speakers import odd_speakers
from semisup.stages.preflight import check_study
from semisup.stages.runner import run_study
from semisup.study.study import Study

EMOTIONS = ("angry", "happy", "sad")
PEOPLE = [f"spk{i:02d}" for i in range(8)]


def manifest(speakers, labels=None, corpus="x", paths=None) -> pd.DataFrame:
    count = len(speakers)
    return pd.DataFrame(
        {
            "speaker": speakers,
            "label": labels or [EMOTIONS[i % 3] for i in range(count)],
            "corpus": corpus,
            "path": paths or [f"/data/{corpus}/{i}.wav" for i in range(count)],
        }
    )


def in_names(form: str, people=PEOPLE, labels=EMOTIONS) -> pd.DataFrame:
    rows = [(form.format(label=label, person=p), label) for label in labels for p in people]
    # three recordings each
    names, classes = zip(*(rows * 3), strict=True)
    return manifest(list(names), list(classes))


@pytest.mark.parametrize(
    "names",
    [[f"{i}" for i in range(20)], [f"angry_{i:03d}" for i in range(100)], [*"abcdef"]],
)
def test_a_speaker_for_every_recording(names):
    (warning,) = odd_speakers(manifest(names), ["x"])
    expected = f"The corpus 'x' has {len(names)} speakers in {len(names)} recordings, such as "
    assert warning.startswith(expected + ", ".join(f"'{name}'" for name in names[:3]) + ":")


def test_nearly_as_many_speakers_as_recordings():
    assert odd_speakers(manifest([*map(str, range(18)), "0", "1"]), ["x"])
    assert not odd_speakers(manifest([*map(str, range(17)), "0", "1", "2"]), ["x"])


@pytest.mark.parametrize("count", [1, 3, 5])
def test_of_a_few_recordings_nothing_is_said(count):
    assert odd_speakers(manifest([*map(str, range(count))]), ["x"]) == []


def test_excerpts_of_a_file_are_one_recording():
    # ten people, each with a long file of ten excerpts
    people = [str(i // 10) for i in range(100)]
    assert odd_speakers(manifest(people, paths=people), ["x"])
    two_files = [f"{i // 5}" for i in range(100)]
    assert odd_speakers(manifest(people, paths=two_files), ["x"]) == []


def test_other_corpora_and_unknown_speakers_are_not_asked():
    names = [f"{i}" for i in range(20)]
    assert odd_speakers(manifest(names), []) == []
    assert odd_speakers(manifest(names), ["y"]) == []
    assert odd_speakers(manifest([""] * 20), ["x"]) == []
    both = pd.concat([manifest(names), manifest(names, corpus="y")])
    assert len(odd_speakers(both, ["x", "y"])) == 2
    assert len(odd_speakers(both, ["y"])) == 1


@pytest.mark.parametrize(
    "form",
    [
        *("{label}/{person}", "{person}/{label}", "{label}_{person}", "{person}-{label}"),
        *("{label}{person}", "{person}{label}", "x/{label}/{person}", "a_{label}_{person}"),
    ],
)
def test_a_person_who_is_several_speakers_by_class(form):
    (warning,) = odd_speakers(in_names(form), ["x"])
    assert warning.startswith("The names of 24 speakers of the corpus 'x' have their class in them")
    shown = ", ".join(f"'{form.format(label=label, person='spk00')}'" for label in EMOTIONS)
    assert f"such as {shown}: if these are one person" in warning


@pytest.mark.parametrize("labels", [("Angry", "Sad"), ("a", "b"), ("1", "2"), ("$x", "(y")])
def test_labels_of_any_text(labels):
    (warning,) = odd_speakers(in_names("{label}/{person}", labels=labels), ["x"])
    assert "The names of 16 speakers" in warning


def test_capitals_make_no_difference():
    table = in_names("{label}/{person}")
    (warning,) = odd_speakers(table.assign(speaker=table["speaker"].str.upper()), ["x"])
    assert "'ANGRY/SPK00', 'HAPPY/SPK00', 'SAD/SPK00'" in warning


@pytest.mark.parametrize(
    ("speakers", "labels"),
    [
        # a class in the name, but of another person each
        (["angry_anna", "sad_bert"] * 9, ["angry", "sad"] * 9),
        # people who are in several classes, one of which is in the name
        (["angry_a"] * 9 + ["sad_a"] * 9, ["angry", "sad", "happy"] * 6),
        # a letter of the name is a label
        (["anna", "bert", "bob"] * 6, ["a", "b", "b"] * 6),
        # no name but the class
        (["angry", "sad"] * 9, ["angry", "sad"] * 9),
        # classes of people, whose names do not have them
        (["p1", "p2", "p3"] * 6, ["ill", "well", "ill"] * 6),
        (["p1", "p2", "p3"] * 6, ["", "", ""] * 6),
    ],
)
def test_names_of_people_are_left_alone(speakers, labels):
    assert odd_speakers(manifest(speakers, labels), ["x"]) == []


STUDY = table_study("names")


def study(folder, table) -> Study:
    listing = table.rename(columns={"path": "file"}).drop(columns="corpus")
    listing.to_csv(folder / "list.csv", index=False)
    features = pd.DataFrame({"recording": listing["file"], "chunk": -1})
    values = [i % 7 / 3 for i in range(len(features))]
    features.assign(f=values).to_csv(folder / "mine.csv", index=False)
    (folder / "study.toml").write_text(STUDY)
    return read_study(folder / "study.toml", out=folder / "files")


def test_check_warns_of_speakers_and_of_spellings(tmp_path):
    problems, fatal = check_study(study(tmp_path, in_names("{label}/{person}")))
    assert not fatal
    (warning,) = [line for line in problems if line.startswith("warning")]
    assert warning.startswith("warning: The names of 24 speakers of the corpus 'table' have their")


def test_spellings_are_warned_of_where_they_make_the_split_impossible(tmp_path, capsys):
    table = in_names("{person}")
    table.loc[0, "label"] = "Angry"
    problems, fatal = check_study(study(tmp_path, table))
    warning = "Labels 'Angry' and 'angry' look like one name in 2 spellings"
    assert fatal
    assert any(line.startswith(f"warning: {warning}") for line in problems)
    with pytest.raises(SplitError):
        run_study(study(tmp_path, table))
    assert warning in " ".join(capsys.readouterr().err.split())
