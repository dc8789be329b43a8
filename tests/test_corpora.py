import csv
import subprocess
import sys
from pathlib import Path
from typing import Literal, get_args, get_origin

import numpy as np
import pandas as pd
import pytest
from corpus_trees import make, rows, scan, write
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from semisup import registry
from semisup.corpora import SCAN_COLUMNS, adapter, emodb, folder
from semisup.corpora._listings import read_listing
from semisup.errors import CorpusError, SpecError
from semisup.recordings.manifest import assemble, separate, verify
from semisup.splits import split_by_speaker
from semisup.study.spec import CorpusSpec
from semisup.study.split_spec import SplitSpec

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
    with pytest.raises(CorpusError, match=r"should hold .*; found: holiday\.txt, photos/(;|$)"):
        scan(name, tmp_path)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("synthetic", "table")])
def test_an_empty_folder_is_an_error(name, tmp_path):
    with pytest.raises(CorpusError, match=r"found: nothing(;|$)"):
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
    "esc50": ("audio/1-100-A-0.wav", "audio/1-101-A-10.wav"),
    "gtzan": ("blues/blues.00000.wav", "jazz/jazz.00001.wav"),
    "msp_podcast": ("negative/MSP-PODCAST_1_1.wav", "neutral/MSP-PODCAST_2_1.wav"),
    "nemo": ("samples/A_anger_1.wav", "samples/B_neutral_2.wav"),
    "pictures": ("a/1.png", "b/2.png"),
    "ravdess": ("Actor_01/03-01-05-02-01-01-01.wav", "Actor_12/03-01-02-01-02-01-12.wav"),
    "synthetic": (),
}
SOUNDS = ("a/s1_1.wav", "b/s2_1.wav")
LISTINGS = {
    "esc50": (
        "meta/esc50.csv",
        "filename,fold,target,category,esc10,src_file,take",
        "1-100-A-0.wav,1,0,dog,True,100,A",
        "1-101-A-10.wav,1,10,rain,True,101,A",
    ),
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
    assert rows(scanned, "path", "reason") == [
        ("a/1.wav", ""),
        ("b/1.wav", "its label 'b' is not in classes"),
        ("c/1.wav", ""),
        ("stray.wav", "it is in no class folder"),
    ]
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


# labels and speakers from paths, in folders and tables alike


def scan_paths(name: str, root: Path, paths: list[str], **keys: object) -> pd.DataFrame:
    """Scan the same files as a folder, and as a table without labels or speakers."""
    if name == "folder":
        return scan(name, make(root, *paths), **keys)
    write(root / "l.tsv", "file", *sorted(paths))
    return scan(name, root, path="l.tsv", **keys)


@pytest.mark.parametrize("name", ["folder", "table"])
@pytest.mark.parametrize(
    ("paths", "keys", "expected"),
    [
        (  # TESS
            ["OAF_angry/OAF_back_angry.wav", "YAF_happy/YAF_bar_happy.wav"],
            {"label_pattern": r"_(\w+?)/", "speaker_pattern": "^(.AF)"},
            [("angry", "OAF"), ("happy", "YAF")],
        ),
        (  # SAVEE
            ["DC_a01.wav", "DC_sa01.wav", "JE_n30.wav"],
            {
                "label_pattern": r"_([a-z]+)\d",
                "speaker_pattern": "^([A-Z]+)_",
                "map_labels": {"a": "anger", "sa": "sadness", "n": "neutral"},
            },
            [("anger", "DC"), ("sadness", "DC"), ("neutral", "JE")],
        ),
        (  # RAVDESS without its folders
            ["03-01-05-01-01-01-12.wav", "03-01-06-01-01-01-13.wav"],
            {
                "label_pattern": r"^\d\d-\d\d-(?P<label>\d\d)",
                "speaker_pattern": r"(?P<rest>-)(?P<speaker>\d\d)\.wav$",
                "map_labels": {"05": "angry", "06": "fearful"},
            },
            [("angry", "12"), ("fearful", "13")],
        ),
        (  # names that change places
            ["x/a1.wav", "x/b2.wav"],
            {
                "label_pattern": r"/(.)",
                "speaker_pattern": r"(\d)",
                "map_labels": {"a": "b", "b": "a"},
                "classes": ["a", "b"],
            },
            [("b", "1"), ("a", "2")],
        ),
    ],
)
def test_labels_and_speakers_are_found_in_paths(tmp_path, name, paths, keys, expected):
    scanned = scan_paths(name, tmp_path, paths, **keys)
    assert rows(scanned, "label", "speaker") == expected
    assert (scanned[["reason", "no_label"]] == "").all(axis=None)


IEMOCAP = ["s1_exc.wav", "s1_hap.wav", "s2_neu.wav", "s2_xxx.wav", "other.wav", "s3_.wav"]
IEMOCAP_KEYS = {
    "label_pattern": r"_(\w*)\.wav",
    "speaker_pattern": r"^(s\d)",
    "map_labels": {"exc": "happy", "hap": "happy"},
}


@pytest.mark.parametrize("name", ["folder", "table"])
@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"classes": ["happy", "neu"]}, "its label 'xxx' is not in classes"),
        (
            {"map_labels": {"exc": "happy", "hap": "happy", "xxx": ""}},
            "map_labels leaves out the label 'xxx'",
        ),
    ],
)
def test_classes_left_out_are_rows_with_a_reason(tmp_path, name, keys, why):
    scanned = scan_paths(name, tmp_path, IEMOCAP, **(IEMOCAP_KEYS | keys))
    table = assemble([(name, "all", tmp_path, scanned)])
    assert rows(table, "recording", "label", "reason") == [
        ("other.wav", "", r"speaker_pattern '^(s\d)' does not match its path"),
        ("s1_exc.wav", "happy", ""),
        ("s1_hap.wav", "happy", ""),
        ("s2_neu.wav", "neu", ""),
        ("s2_xxx.wav", "" if "map_labels" in keys else "xxx", why),
        ("s3_.wav", "", r"label_pattern '_(\w*)\.wav' finds no label in its path"),
    ]


@pytest.mark.parametrize("name", ["folder", "table"])
@pytest.mark.parametrize(
    ("keys", "missing"),
    [
        ({"classes": ["happy", "neutral"]}, "neutral"),
        ({"map_labels": {"exz": "happy"}}, "exz"),
        # classes are named as they are after renaming
        ({"map_labels": {"exc": "happy"}, "classes": ["exc"]}, "exc"),
    ],
)
def test_a_class_that_no_row_has_is_refused(tmp_path, name, keys, missing):
    with pytest.raises(
        CorpusError, match=rf"^The {name} .* has no class {missing}.*; it has .*neu"
    ):
        scan_paths(name, tmp_path, IEMOCAP, **(IEMOCAP_KEYS | keys))


@pytest.mark.parametrize("name", ["folder", "table", "pictures"])
@pytest.mark.parametrize("what", ["speaker", "label"])
def test_a_pattern_without_a_group_is_refused(name, what):
    with pytest.raises(ValidationError, match=f"has no group in parentheses to take the {what} fr"):
        adapter(name).Options(**{f"{what}_pattern": r"\d+", **NEEDED.get(name, {})})


def test_columns_of_a_table_that_patterns_replace_need_not_be_there(tmp_path):
    with pytest.raises(CorpusError, match="lacks the column speaker"):
        scan_paths("table", tmp_path, ["a1.wav"], label_pattern="(.)")
    with pytest.raises(CorpusError, match="lacks the column label"):
        scan_paths("table", tmp_path, ["a1.wav"], speaker_pattern="(.)")
    scanned = scan_lines(tmp_path, "file,label,fold", "a1.wav,x,2", speaker_pattern=r"(\d)")
    assert rows(scanned, "label", "speaker", "fold") == [("x", "1", "2")]


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
    assert tuple(scanned.columns) == (*SCAN_COLUMNS, "who", "table_seconds")
    assert rows(scanned, "path", "label", "speaker", "start", "end", "table_seconds") == [
        ("a.wav", "anger", "1", 0.5, 1.0, "9")
    ]


def sentence_lines(separator: str, *sentences: str) -> list[str]:
    rows = [
        (f"{number}.wav", sentence, "happy" if number % 2 else "sad", f"s{number}")
        for number, sentence in enumerate(sentences)
    ]
    return [separator.join(cells) for cells in (("file", "sentence", "label", "speaker"), *rows)]


@pytest.mark.parametrize(
    "sentences",
    [
        ('a lone " in the middle', "b", "c", "d"),
        ('"a lone one at the beginning', "b", "c", "d"),
        ('a lone one at the end"', "b", "c", "d"),
        ('"two lone ones', "b", "c", 'swallow what is between"'),
        ('"two lone ones', "b", "c", '"that begin'),
        ('"Well," she said', "b", "c", "d"),
        ('"Well," she said', "b", '"', '""'),
        ('"', '"', '"', '"'),
        ("a", "b", "c", '"the last row'),
        ("6' 2\"", '"', "it's", '5" records'),
        ('"', "", "", 'x"'),
    ],
)
@pytest.mark.parametrize(("name", "separator"), [("l.tsv", "\t"), ("l.TAB", "\t"), ("l.csv", ",")])
def test_a_lone_quotation_mark_takes_no_row_away(tmp_path, name, separator, sentences):
    if separator == ",":
        sentences = tuple(text.replace(",", ";") for text in sentences)
    scanned = scan_lines(tmp_path, *sentence_lines(separator, *sentences), name=name)
    assert rows(scanned, "path", "label", "speaker", "reason") == [
        (f"{number}.wav", "happy" if number % 2 else "sad", f"s{number}", "") for number in range(4)
    ]


def test_a_mark_opened_in_one_cell_and_closed_in_the_next_joins_no_cells(tmp_path):
    scanned = scan_lines(
        tmp_path, "file\ta\tb\tlabel\tspeaker", 'a.wav\t"x\ty"\thappy\ts1', name="l.tsv"
    )
    assert rows(scanned, "path", "a", "b", "label", "speaker") == [
        ("a.wav", '"x', 'y"', "happy", "s1")
    ]


@pytest.mark.parametrize("separator", ["\t", ","])
def test_a_list_that_plainly_quotes_is_read_so(tmp_path, separator):
    content = {
        "file": ["a 1.wav", 'say "b".wav', "c.wav", "d.wav"],
        "sentence": [f"one{separator} two", 'he said "no"', "two\nlines", '"\n\n"'],
        "label": ["x", "y", f"x{separator}z", "y"],
        "speaker": ["1", "2", "3", '"4"'],
    }
    name = "l.tsv" if separator == "\t" else "l.csv"
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
        pd.DataFrame(content).to_csv(tmp_path / name, sep=separator, index=False, quoting=quoting)
        scanned = scan("table", tmp_path, path=name)
        assert sorted(rows(scanned, "path", "sentence", "label", "speaker")) == sorted(
            zip(*content.values(), strict=True)
        )


@settings(max_examples=60)
@given(st.lists(st.text(st.sampled_from("ab\" \\'"), max_size=6), min_size=1, max_size=8))
def test_no_row_of_a_tab_separated_list_is_lost(tmp_path_factory, sentences):
    root = tmp_path_factory.mktemp("list")
    scanned = scan_lines(root, *sentence_lines("\t", *sentences), name="l.tsv")
    assert scanned["path"].tolist() == [f"{number}.wav" for number in range(len(sentences))]
    assert scanned["speaker"].tolist() == [f"s{number}" for number in range(len(sentences))]


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


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1,5", "has a comma: decimals need a point"),
        ("1,500.0", "has a comma: decimals need a point"),
        ("0 days 00:00:01,5", "has a comma: decimals need a point"),
        ("1,5 s", "has a comma: decimals need a point"),
        ("1 5", "is neither seconds nor a duration"),
        ("1:30", "is neither seconds nor a duration"),
        ("1.2.3", "is neither seconds nor a duration"),
        ("1e400", "is neither seconds nor a duration"),
        ("99999999999 days", "is neither seconds nor a duration"),
        ("12 parsecs", "is neither seconds nor a duration"),
        ("-", "is neither seconds nor a duration"),
    ],
)
def test_table_skips_rows_whose_times_are_none_and_says_why(tmp_path, text, why):
    make(tmp_path, "a.wav")
    lines = ["file\tlabel\tspeaker\tstart\tend", f"a.wav\tx\t1\t{text}\t2", "a.wav\tx\t1\t0\t0.09"]
    lines.append(f"a.wav\tx\t1\t0\t{text}")
    scanned = scan_lines(tmp_path, *lines, name="l.tsv")
    manifest, skipped = separate(verify(assemble([("table", "all", tmp_path, scanned)])))
    assert manifest["recording"].tolist() == ["a.wav#0-0.09"]
    assert sorted(skipped["reason"]) == [f"end '{text}' {why}", f"start '{text}' {why}"]


def test_table_expands_variables_and_home_in_cells(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SEMISUP_TEST_ROOT", str(tmp_path / "data"))
    monkeypatch.setenv("SEMISUP_TEST_AUDIO", str(tmp_path / "root" / "audio"))
    make(tmp_path, "home/h.wav", "data/d.wav", "root/audio/a.wav", "root/5$.wav", "root/~/t.wav")
    cells = {
        "~/h.wav": str(tmp_path / "home/h.wav"),
        "$SEMISUP_TEST_ROOT/d.wav": str(tmp_path / "data/d.wav"),
        "${SEMISUP_TEST_ROOT}\\d.wav": str(tmp_path / "data/d.wav"),
        "${SEMISUP_NONE:-audio}/a.wav": "audio/a.wav",
        "$SEMISUP_TEST_AUDIO/a.wav": "audio/a.wav",
        "5$.wav": "5$.wav",
        "~/t.wav": "~/t.wav",
    }
    for cell, expected in cells.items():
        scanned = scan_lines(tmp_path / "root", "file,label,speaker", f"{cell},x,1")
        assert rows(scanned, "path", "reason") == [(expected, "")]
        manifest, _ = separate(verify(assemble([("table", "all", tmp_path / "root", scanned)])))
        assert manifest["recording"].tolist() == [expected]


def test_table_skips_paths_that_cannot_be_expanded_and_names_that_cannot_be(tmp_path):
    make(tmp_path, "a.wav")
    reasons = {
        "${SEMISUP_X}/a.wav": "its path uses ${SEMISUP_X}, but the variable SEMISUP_X is not set",
        "$SEMISUP_NONE/a.wav": "there is no such file",
        "~nobody of this name/a.wav": "there is no home folder '~nobody of this name'",
        "a\0.wav": "there is no such file",
        f"{'a' * 300}.wav": "there is no such file",
        f"{'a/' * 3000}.wav": "there is no such file",
        f"{'a' * 300}.png": "there is no such file",
        ".": "there is no such file",
    }
    content = {"file": ["a.wav", *reasons], "label": "x", "speaker": "1"}
    pd.DataFrame(content).to_parquet(tmp_path / "l.parquet")
    scanned = scan("table", tmp_path, path="l.parquet")
    manifest, skipped = separate(verify(assemble([("table", "all", tmp_path, scanned)])))
    assert manifest["recording"].tolist() == ["a.wav"]
    assert dict(zip(skipped["recording"], skipped["reason"], strict=True)) == reasons


def test_the_path_of_a_table_is_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path / "lists/l.csv", "file,label,speaker", "a.wav,x,1")
    (tmp_path / "audio").mkdir()
    for path in ("~/lists/l.csv", "$HOME/lists/l.csv", "${HOME}/lists/l.csv"):
        assert len(scan("table", tmp_path / "audio", path=path)) == 1
    with pytest.raises(SpecError, match="variable SEMISUP_NONE is not set"):
        scan("table", tmp_path / "audio", path="${SEMISUP_NONE}/l.csv")


def test_the_speaker_column_of_a_table_may_be_that_of_the_split(tmp_path):
    lines = ["file,label,fold"]
    lines += [f"{label}{fold}.wav,{label},{fold}" for fold in (1, 2, 3) for label in "ab"]
    write(tmp_path / "l.csv", *lines)
    pd.read_csv(tmp_path / "l.csv").to_parquet(tmp_path / "l.parquet")
    spec = SplitSpec(
        strategy="column",
        column="fold",
        values={"labelled": ["1"], "unlabelled": ["2"], "test": ["3"]},
    )
    for name in ("l.csv", "l.parquet"):
        scanned = scan("table", tmp_path, path=name, speaker_column="fold")
        table = assemble([("table", "all", tmp_path, scanned)])
        assert rows(table, "speaker", "fold")[::3] == [("1", "1"), ("1", "1")]
        split = split_by_speaker(table, spec, 0)
        assert split["a1.wav"] == split["b1.wav"] == "labelled"
        assert split["a3.wav"] == "test"
    # a name that the manifest has itself is not kept twice
    lines[0] = "file,label,speaker"
    write(tmp_path / "l.csv", *lines)
    assert tuple(scan("table", tmp_path, path="l.csv").columns) == SCAN_COLUMNS


def test_times_of_a_table_that_are_not_of_its_files_are_left_alone(tmp_path):
    make(tmp_path, "a.wav")
    lines = ("file,label,speaker,start,end", "a.wav,x,1,58.5,61.6")
    scanned = scan_lines(tmp_path, *lines, start_column="", end_column="")
    assert scanned[["start", "end"]].isna().all(axis=None)
    assert rows(scanned, "table_start", "table_end") == [("58.5", "61.6")]
    manifest, _ = separate(verify(assemble([("table", "all", tmp_path, scanned)])))
    assert manifest["recording"].tolist() == ["a.wav"]


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
        (
            "x.csv",
            b'file,label,speaker,s\n1,a,x,"y, z"\n2,b,x,"y\n3,a,x,z"\n',
            'cannot be read: a mark " opened in line 3 is not closed in its cell',
        ),
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
