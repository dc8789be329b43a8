"""Names of one spelling in two forms of Unicode are one name, unless both are there."""

import shutil
from pathlib import Path
from unicodedata import normalize

import numpy as np
import pandas as pd
import pytest
from corpus_trees import make, rows, scan, write
from table_study import table_study

from semisup.errors import CorpusError
from semisup.reading.file import read_study
from semisup.recordings.manifest import assemble, verify
from semisup.stages.runner import run_study
from semisup.study.paths import find_path
from semisup.study.spelling import on_disk_as, renamed

#: French, Polish, Vietnamese (two accents on a letter), Korean, Japanese, Swedish.
NAMES = ["caf\u00e9", "\u017a\u00f3\u0142\u0107", "ti\u1ebfng", "\uac00\ub098", "\u304c", "\u00e5"]
FORMS = ["NFC", "NFD"]


def both(name: str) -> list[str]:
    return [normalize(form, name) for form in FORMS]


@pytest.mark.parametrize("here", FORMS)
@pytest.mark.parametrize("name", NAMES)
def test_a_path_is_spelled_as_on_disk(tmp_path, name, here):
    one, other = both(name) if here == "NFC" else both(name)[::-1]
    path = tmp_path / one / "b" / f"{one}.wav"
    path.parent.mkdir(parents=True)
    path.touch()
    assert on_disk_as(path) == path
    assert on_disk_as(tmp_path / other / "b" / f"{other}.wav") == path
    assert on_disk_as(tmp_path / one / "b" / f"{other}.wav") == path
    assert on_disk_as(tmp_path / other / "b") == path.parent


def test_of_two_forms_each_is_what_it_says(tmp_path):
    paths = [tmp_path / f"{name}.wav" for name in both(NAMES[0])]
    for path in paths:
        path.touch()
    assert [on_disk_as(path) for path in paths] == paths


def test_a_file_that_comes_later_is_found(tmp_path):
    one, other = (tmp_path / name for name in both(NAMES[0]))
    assert on_disk_as(one) == one
    other.touch()
    assert on_disk_as(one) == other


@pytest.mark.parametrize(
    "name", ["none.wav", "\u00e9.wav", "\u00e9/\u00e9.wav", "\u00e9\0.wav", 300 * "a" + "\u00e9"]
)
def test_what_is_not_there_stays_as_it_is(tmp_path, name):
    assert on_disk_as(tmp_path / name) == tmp_path / name
    (tmp_path / "\u00e9.txt").touch()
    assert on_disk_as(tmp_path / "\u00e9.txt" / name) == tmp_path / "\u00e9.txt" / name
    assert on_disk_as(Path(name)) == Path(name)


@pytest.mark.parametrize(
    ("names", "known", "expected"),
    [
        (["e\u0301"], ["\u00e9"], {"e\u0301": "\u00e9"}),
        (["\u00e9"], ["e\u0301"], {"\u00e9": "e\u0301"}),
        (["e\u0301", "\u00e9"], ["\u00e9"], {}),
        (["e\u0301"], ["e\u0301", "\u00e9"], {}),
        (["e", "a"], ["\u00e9"], {}),
        ([], ["\u00e9"], {}),
        # two forms in which neither is the known one
        (["\u1ebf", "e\u0302\u0301"], ["\u00ea\u0301"], {"e\u0302\u0301": "\u00ea\u0301"}),
    ],
)
def test_names_are_matched_with_those_known(names, known, expected):
    assert renamed(names, known) == expected


@pytest.mark.parametrize("here", FORMS)
@pytest.mark.parametrize("name", NAMES)
def test_files_of_a_table_are_found_and_keep_its_names(tmp_path, name, here):
    one, other = both(name) if here == "NFC" else both(name)[::-1]
    make(tmp_path, f"{one}/{one}.wav")
    write(tmp_path / "list.csv", "file,label,speaker", f"{other}/{other}.wav,a,p")
    table = assemble([("x", "all", tmp_path, scan("table", tmp_path, path="list.csv"))])
    assert rows(table, "recording", "path") == [
        (f"{other}/{other}.wav", str(tmp_path / one / f"{one}.wav"))
    ]
    assert verify(table)["reason"].tolist() == [""]


def test_two_files_that_differ_in_form_are_two_recordings(tmp_path):
    names = [f"{name}.wav" for name in both(NAMES[0])]
    make(tmp_path, *names)
    write(tmp_path / "list.csv", "file,label,speaker", *(f"{name},a,p" for name in names))
    table = assemble([("x", "all", tmp_path, scan("table", tmp_path, path="list.csv"))])
    assert sorted(table["path"]) == sorted(str(tmp_path / name) for name in names)


def test_one_file_that_is_listed_in_two_forms_is_refused(tmp_path):
    names = [f"{name}.wav" for name in both(NAMES[0])]
    make(tmp_path, names[0])
    write(tmp_path / "list.csv", "file,label,speaker", *(f"{name},a,p" for name in names))
    with pytest.raises(CorpusError, match="listed more than once"):
        assemble([("x", "all", tmp_path, scan("table", tmp_path, path="list.csv"))])


@pytest.mark.parametrize("here", FORMS)
def test_files_that_msp_podcast_lists_are_found(tmp_path, here):
    one, other = both(NAMES[0]) if here == "NFC" else both(NAMES[0])[::-1]
    make(tmp_path, f"Audios/{one}.wav", "Audios/MSP_1.wav", "Audios/MSP_2.wav")
    columns = "FileName,EmoClass,EmoVal,SpkrID,Gender,Split_Set"
    lines = [f"{name}.wav,H,6,1,Male,Train" for name in (other, "MSP_1")]
    write(tmp_path / "labels_consensus.csv", columns, *lines)
    table = assemble([("x", "all", tmp_path, scan("msp_podcast", tmp_path))])
    assert sorted(rows(table, "path", "reason")) == sorted(
        [
            (str(tmp_path / "Audios" / f"{one}.wav"), ""),
            (str(tmp_path / "Audios" / "MSP_1.wav"), ""),
            (str(tmp_path / "Audios" / "MSP_2.wav"), "not listed in labels_consensus.csv"),
        ]
    )


@pytest.mark.parametrize("here", FORMS)
def test_files_that_nemo_lists_are_found(tmp_path, here):
    one, other = both(NAMES[1]) if here == "NFC" else both(NAMES[1])[::-1]
    make(tmp_path, f"samples/{one}.flac", "samples/b.flac")
    header = "file_id\temotion\tspeaker_id\tgender\tage"
    write(tmp_path / "data.tsv", header, f"{other}.wav\tanger\tA\tfemale\t30")
    found = scan("nemo", tmp_path)
    assert sorted(rows(found, "path", "speaker", "reason")) == sorted(
        [(f"samples/{one}.flac", "A", ""), ("samples/b.flac", "", "not listed in data.tsv")]
    )


@pytest.mark.parametrize("here", FORMS)
def test_folders_and_files_of_a_study_are_found(tmp_path, here):
    one, other = both(NAMES[0]) if here == "NFC" else both(NAMES[0])[::-1]
    write(tmp_path / one / "list.csv", "file,label,speaker", "a.wav,a,p")
    assert find_path(other, tmp_path) == tmp_path / one
    assert find_path(f"{other}/list.csv", tmp_path) == tmp_path / one / "list.csv"
    assert find_path(str(tmp_path / other), tmp_path / "elsewhere") == tmp_path / one
    shutil.copy(tmp_path / one / "list.csv", tmp_path / f"{one}.csv")
    assert len(scan("table", tmp_path, path=f"{other}.csv")) == 1


STUDY = table_study("forms")


OTHERS = ["NA", "nan", "None", "NULL", "n/a", "01", "1", "1.0", "#N/A", "-", "TRUE", "1e5"]


@pytest.mark.parametrize("here", FORMS)
@pytest.mark.parametrize("names", [[n + str(i) for i in range(2) for n in NAMES], OTHERS])
def test_features_are_found_by_the_names_of_recordings(tmp_path, here, names):
    listing = pd.DataFrame({"file": names, "label": ["a", "b"] * 6})
    listing["speaker"] = [f"p{i // 3}" for i in range(12)]
    listing.to_csv(tmp_path / "list.csv", index=False)
    features = pd.DataFrame({"recording": [normalize(here, name) for name in names]})
    features.assign(f=np.arange(12) / 7).to_csv(tmp_path / "mine.csv", index=False)
    (tmp_path / "study.toml").write_text(STUDY)
    run_study(read_study(tmp_path / "study.toml", out=tmp_path / "files"), until="features")
    (path,) = (tmp_path / "files" / "forms" / "features").glob("*.parquet")
    table = pd.read_parquet(path).sort_values("f")
    assert table["recording"].tolist() == names
