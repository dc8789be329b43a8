import subprocess
import sys
from pathlib import Path
from typing import Literal, get_args, get_origin

import numpy as np
import pandas as pd
import pytest
from corpus_trees import make, rows, scan, write
from pydantic import ValidationError

from semisup import registry
from semisup.corpora import SCAN_COLUMNS, adapter, emodb, folder
from semisup.corpora._listings import read_listing
from semisup.errors import CorpusError, SpecError
from semisup.recordings.manifest import assemble, separate, verify
from semisup.study.spec import CorpusSpec

NAMES = registry.corpora.built_in()
NAN = float("nan")
#: The keys that an adapter cannot do without.
NEEDED = {"table": {"path": "list.csv"}}


# Every adapter


@pytest.mark.parametrize("name", NAMES)
def test_an_adapter_says_what_it_is(name):
    kind = adapter(name)
    for text in (kind.citation, kind.licence, kind.source):
        assert isinstance(text, str)
        assert len(text) > 10
    assert kind.labels
    assert len(registry.corpora.summary(name)) > 20


@pytest.mark.parametrize("name", NAMES)
def test_options_are_frozen_and_name_their_adapter(name):
    options = adapter(name).Options
    assert issubclass(options, CorpusSpec)
    annotation = options.model_fields["adapter"].annotation
    assert get_origin(annotation) is Literal
    assert get_args(annotation) == (name,)
    made = options(**NEEDED.get(name, {}))
    with pytest.raises(ValidationError, match="frozen"):
        made.root = "elsewhere"
    with pytest.raises(ValidationError, match="Extra inputs"):
        options(**NEEDED.get(name, {}), colour="red")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "synthetic"])
def test_a_missing_folder_is_named(name, tmp_path):
    with pytest.raises(CorpusError, match=rf"{name} folder .*nowhere does not exist; it should"):
        scan(name, tmp_path / "nowhere", **NEEDED.get(name, {}))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("synthetic", "table")])
def test_a_folder_with_something_else_in_it_is_an_error_that_says_what(name, tmp_path):
    write(tmp_path / "holiday.txt", "sun")
    (tmp_path / "photos").mkdir()
    with pytest.raises(CorpusError, match=r"should hold .*; found: holiday\.txt, photos/$"):
        scan(name, tmp_path)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("synthetic", "table")])
def test_an_empty_folder_is_an_error(name, tmp_path):
    with pytest.raises(CorpusError, match=r"found: nothing$"):
        scan(name, tmp_path)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "synthetic"])
def test_a_label_that_the_corpus_does_not_give_is_an_error(name, tmp_path):
    with pytest.raises(
        SpecError, match=rf"label = 'colour': the corpus '{name}' gives {adapter(name).labels[0]}"
    ):
        scan(name, tmp_path, label="colour", **NEEDED.get(name, {}))


#: Keys of those that generate many recordings.
SMALL = {"synthetic": {"speakers": 2, "recordings_per_speaker": 3}}
#: What lies in the folder of those that do not take class folders of sounds.
FILES = {
    "crema_d": ("AudioWAV/1001_DFA_ANG_XX.wav", "AudioWAV/1002_IEO_NEU_XX.wav"),
    "emodb": ("wav/03a01Wa.wav", "wav/08b02Fb.wav"),
    "gtzan": ("blues/blues.00000.wav", "jazz/jazz.00001.wav"),
    "msp_podcast": ("negative/MSP-PODCAST_1_1.wav", "neutral/MSP-PODCAST_2_1.wav"),
    "nemo": ("samples/A_anger_1.wav", "samples/B_neutral_2.wav"),
    "pictures": ("a/1.png", "b/2.png"),
    "ravdess": ("Actor_01/03-01-05-02-01-01-01.wav", "Actor_12/03-01-02-01-02-01-12.wav"),
    "synthetic": (),
}
SOUNDS = ("a/s1_1.wav", "b/s2_1.wav")
LISTINGS = {
    "nemo": (
        "data.tsv",
        "file_id\temotion\traw_text\tnormalized_text\tspeaker_id\tgender\tage",
        "A_anger_1.wav\tanger\tx\tx\tA\tmale\t23",
        "B_neutral_2.wav\tneutral\tx\tx\tB\tfemale\t27",
    ),
    "table": ("list.csv", "file,label,speaker", f"{SOUNDS[0]},a,s1", f"{SOUNDS[1]},b,s2"),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_scan_lists_every_recording_once_and_the_same_again(name, tmp_path):
    for path in FILES.get(name, SOUNDS):
        write(tmp_path / path, "not decoded")
    if name in LISTINGS:
        file, *lines = LISTINGS[name]
        write(tmp_path / file, *lines)
    keys = {**NEEDED.get(name, {}), **SMALL.get(name, {})}
    scanned = scan(name, tmp_path, **keys)
    assert tuple(scanned.columns[: len(SCAN_COLUMNS)]) == SCAN_COLUMNS
    paths = scanned["path"].tolist()
    assert paths == sorted(set(paths))
    assert paths == [*FILES.get(name, SOUNDS)] or name == "synthetic"
    assert all((tmp_path / path).is_file() for path in paths)
    # what is kept has a label, of which there are several, and else a reason why not
    assert len(set(scanned["label"])) > 1
    assert (scanned["reason"] == "").all()
    assert ((scanned["label"] != "") != (scanned["no_label"] != "")).all()
    pd.testing.assert_frame_equal(scanned, scan(name, tmp_path, **keys))


def test_the_first_label_is_the_default():
    assert emodb.EmoDb(emodb.Options()).chosen_label() == "valence"
    assert emodb.EmoDb(emodb.Options(label="emotion")).chosen_label() == "emotion"


def test_adapters_import_no_heavy_library():
    code = (
        "import sys; from semisup import registry; from semisup.corpora import adapter\n"
        "for name in registry.corpora.names():\n"
        "    if name != 'synthetic': adapter(name)\n"
        "heavy = {'keras', 'sklearn', 'matplotlib', 'soundfile', 'zarr', 'scipy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# folder


def test_folder_takes_the_class_and_the_speaker_from_the_path(tmp_path):
    make(
        tmp_path, "happy/anna 01.wav", "happy/deep/bert_02.flac", "sad/żaneta_03.wav", "sad/._x.wav"
    )
    write(tmp_path / "happy/notes.txt", "no audio")
    scanned = scan("folder", tmp_path, speaker_pattern=r"([^/_ ]+)[_ ]\d+\.\w+$")
    assert tuple(scanned.columns) == SCAN_COLUMNS
    assert rows(scanned, "path", "label", "speaker", "reason") == [
        ("happy/anna 01.wav", "happy", "anna", ""),
        ("happy/deep/bert_02.flac", "happy", "bert", ""),
        ("sad/żaneta_03.wav", "sad", "żaneta", ""),
    ]


def test_folder_prefers_the_group_named_speaker(tmp_path):
    make(tmp_path, "a/x_7.wav")
    scanned = scan("folder", tmp_path, speaker_pattern=r"(\w)_(?P<speaker>\d)")
    assert scanned["speaker"].tolist() == ["7"]


def test_folder_without_a_pattern_knows_no_speakers(tmp_path):
    scanned = scan("folder", make(tmp_path, "a/1.wav"))
    assert rows(scanned, "speaker", "reason") == [("", "")]


def test_folder_leaves_out_paths_without_a_speaker_and_says_why(tmp_path):
    make(tmp_path, "a/s1_x.wav", "a/other.wav", "a/s_x.wav")
    scanned = scan("folder", tmp_path, speaker_pattern=r"/s(\d*)_")
    assert rows(scanned, "path", "speaker", "reason") == [
        ("a/other.wav", "", r"speaker_pattern '/s(\d*)_' does not match its path"),
        ("a/s1_x.wav", "1", ""),
        ("a/s_x.wav", "", r"speaker_pattern '/s(\d*)_' finds no speaker in its path"),
    ]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("(", r"'\(' is not a regular expression: .*missing \)"), (r"\d+", "has no group in paren")],
)
def test_folder_refuses_a_pattern_that_finds_no_speaker(pattern, message):
    with pytest.raises(ValidationError, match=message):
        folder.Options(speaker_pattern=pattern)


def test_folder_takes_the_classes_that_are_asked_for(tmp_path):
    make(tmp_path, "a/1.wav", "b/1.wav", "c/1.wav", "stray.wav")
    scanned = scan("folder", tmp_path, classes=["c", "a"])
    assert scanned["path"].tolist() == ["a/1.wav", "c/1.wav"]
    with pytest.raises(CorpusError, match="has no class d, z with audio in it; it has a, b, c"):
        scan("folder", tmp_path, classes=["z", "a", "d"])


def test_folder_needs_class_folders_only_where_labels_count(tmp_path):
    make(tmp_path, "1.wav")
    with pytest.raises(
        CorpusError, match=r"a sub-folder of audio files for every class; found: 1\.wav"
    ):
        scan("folder", tmp_path)
    assert len(scan("folder", tmp_path, role="unlabelled")) == 1
    make(tmp_path, "a/1.wav")
    assert rows(scan("folder", tmp_path), "path", "no_label") == [
        ("1.wav", "it is in no class folder"),
        ("a/1.wav", ""),
    ]


# table


def scan_lines(root: Path, *lines: str, name: str = "list.csv", **options: object) -> pd.DataFrame:
    write(root / name, *lines)
    return scan("table", root, path=name, **options)


def test_table_reads_a_csv_file_and_keeps_other_columns(tmp_path):
    scanned = scan_lines(
        tmp_path,
        "file,label,speaker,gender,subset",
        "b.wav,happy,007,female,test",
        '"a, ź.wav",NA,s 1,,train',
    )
    assert tuple(scanned.columns) == (*SCAN_COLUMNS, "gender", "subset")
    assert rows(scanned, "path", "label", "speaker", "reason", "gender", "subset") == [
        ("a, ź.wav", "NA", "s 1", "", "", "train"),
        ("b.wav", "happy", "007", "", "female", "test"),
    ]
    assert scanned[["start", "end"]].isna().all(axis=None)


def test_table_reads_tabs_and_renames_columns(tmp_path):
    scanned = scan_lines(
        tmp_path,
        "\ufeffpath\temotion\twho\tfrom\tto\tseconds",
        "a.wav\tanger\t1\t0.5\t1\t9",
        name="list.tsv",
        file_column="path",
        label_column="emotion",
        speaker_column="who",
        start_column="from",
        end_column="to",
    )
    assert tuple(scanned.columns) == (*SCAN_COLUMNS, "table_seconds")
    assert rows(scanned, "path", "label", "speaker", "start", "end", "table_seconds") == [
        ("a.wav", "anger", "1", 0.5, 1.0, "9")
    ]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("0 days 00:00:01.5", "0 days 00:01:02.250000", (1.5, 62.25)),
        ("00:00:01.5", "2s", (1.5, 2.0)),
        ("1.5", "1e1", (1.5, 10.0)),
        ("0.25", "NaT", (0.25, NAN)),
        ("0 days 00:00:00", "NaT", (NAN, NAN)),
        ("0", "", (NAN, NAN)),
        ("0", "2", (0.0, 2.0)),
    ],
)
def test_table_reads_every_way_to_write_a_time(tmp_path, start, end, expected):
    scanned = scan_lines(tmp_path, "file,label,speaker,start,end", f"a.wav,x,1,{start},{end}")
    np.testing.assert_array_equal(scanned.loc[0, ["start", "end"]].to_numpy(float), expected)
    assert scanned["reason"].tolist() == [""]


def test_table_reads_parquet_as_audformat_writes_it(tmp_path):
    index = pd.MultiIndex.from_arrays(
        [
            ["audio/b.wav", "audio/a.wav", "audio/a.wav"],
            pd.to_timedelta([0, 2.5, 0], unit="s"),
            pd.to_timedelta([None, 3.25, 2.5], unit="s"),
        ],
        names=["file", "start", "end"],
    )
    content = {"emotion": ["anger", None, "joy"], "speaker": [3, 1, None], "age": [30, 40, 50]}
    pd.DataFrame(content, index=index).to_parquet(tmp_path / "db.parquet")
    scanned = scan("table", tmp_path, path="db.parquet", label_column="emotion")
    expected = [
        ("audio/a.wav", "joy", "", 0.0, 2.5, "", 50),
        ("audio/a.wav", "", "1", 2.5, 3.25, "the table gives no label", 40),
        ("audio/b.wav", "anger", "3", NAN, NAN, "", 30),
    ]
    found = rows(scanned, "path", "label", "speaker", "start", "end", "no_label", "age")
    pd.testing.assert_frame_equal(pd.DataFrame(found), pd.DataFrame(expected))


def test_table_says_which_cells_are_no_times(tmp_path):
    scanned = scan_lines(
        tmp_path, "file,label,speaker,start,end", "a.wav,x,1,soon,later", "b.wav,x,1,0.5,inf"
    )
    assert scanned["reason"].tolist() == [
        "start 'soon' is neither seconds nor a duration",
        "end 'inf' is neither seconds nor a duration",
    ]


def test_table_leaves_out_rows_without_a_file(tmp_path):
    scanned = scan_lines(tmp_path, "file,label,speaker", ",x,1", "a.wav,x,1")
    assert scanned["reason"].tolist() == ["the table names no file", ""]


def test_table_names_missing_columns_and_what_is_there(tmp_path):
    with pytest.raises(
        CorpusError, match=r"list\.csv lacks the columns label, speaker; it has file, s$"
    ):
        scan_lines(tmp_path, "file,s", "a.wav,1")
    assert len(scan_lines(tmp_path, "file,speaker", "a.wav,1", role="unlabelled")) == 1


def test_table_is_looked_for_below_the_root_and_as_given(tmp_path):
    write(tmp_path / "study/list.csv", "file,label,speaker", "a.wav,x,1")
    make(tmp_path / "audio", "a.wav")
    scanned = scan("table", tmp_path / "audio", path=str(tmp_path / "study/list.csv"))
    assert scanned["path"].tolist() == ["a.wav"]
    with pytest.raises(CorpusError, match=r"There is no table .*audio/none\.csv, nor .*none\.csv"):
        scan("table", tmp_path / "audio", path="none.csv")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.csv", b"", "cannot be read: No columns"),
        ("x.csv", b"file,label,speaker\n", "has no rows"),
        ("x.csv", b"file,label,speaker\na,b,c,d\n", "cannot be read: Length of header"),
        ("x.csv", b"file,label,speaker\na,b,c\na,b,c,d\n", "cannot be read: Error tokenizing"),
        ("x.csv", b"file,label,speaker\n\xff\xfe,b,c\n", "cannot be read: 'utf-8' codec"),
        ("x.parquet", b"file,label,speaker\n", "cannot be read: "),
    ],
)
def test_table_that_cannot_be_read_is_an_error(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CorpusError, match=rf"The table .*{name} {message}"):
        scan("table", tmp_path, path=name)


def test_table_excerpts_become_recordings(tmp_path):
    make(tmp_path, "a.wav")
    scanned = scan_lines(
        tmp_path, "file,label,speaker,start,end", "a.wav,x,1,0,0.05", "a.wav,y,1,0.05,NaT"
    )
    manifest, skipped = separate(verify(assemble([("table", "all", tmp_path, scanned)])))
    assert rows(manifest, "recording", "label", "seconds") == [
        ("a.wav#0-0.05", "x", 0.05),
        ("a.wav#0.05-", "y", 0.05),
    ]
    assert skipped.empty


def test_a_listing_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"There is no table .*none\.csv"):
        read_listing(tmp_path / "none.csv", ())
