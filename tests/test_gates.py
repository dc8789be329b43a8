"""`check` is the gate: one list of everything that a later stage would refuse, with proposals."""

from collections import namedtuple
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from semisup.errors import SemisupError
from semisup.reading import read_draft, read_study
from semisup.stages.gates import output
from semisup.stages.gates.problem import Problem
from semisup.stages.gates.recordings import listed
from semisup.stages.preflight import Findings, check_draft
from semisup.stages.runner import run_study

STUDY = """
name = "tried"
[corpus]
adapter = "folder"
root = "recordings"
speaker_pattern = '(s\\d)_'
[split]
fractions = { labelled = 0.5, test = 0.5 }
[curve]
classifiers = ["tree"]
percentages = [50, 100]
draws = 2
"""
HANDCRAFTED = '[representations.handcrafted]\nkind = "handcrafted"\n'


def recordings(root: Path, seconds: dict[str, list[float]], speakers: int = 4) -> Path:
    """Write noise: of each class and speaker one recording a length."""
    rng = np.random.default_rng(0)
    for label, lengths in seconds.items():
        (root / label).mkdir(parents=True)
        for speaker in range(speakers):
            for number, length in enumerate(lengths):
                noise = 0.1 * rng.standard_normal(int(length * 8000))
                soundfile.write(root / label / f"s{speaker}_{number}.wav", noise, 8000)
    return root


def study(folder: Path, text: str = HANDCRAFTED, **tables: str) -> Path:
    """Write a study file: its tables with lines replaced or added, then some more text."""
    lines = STUDY
    for table, line in tables.items():
        key = line.partition("=")[0]
        kept = [old for old in lines.splitlines() if not old.startswith(key)]
        at = kept.index(f"[{table}]") if f"[{table}]" in kept else len(kept)
        lines = "\n".join([*kept[:at], f"[{table}]", line, *kept[at + 1 :]]) + "\n"
    (folder / "study.toml").write_text(lines + text)
    return folder / "study.toml"


def check(path: Path, *overrides: str) -> Findings:
    return check_draft(read_draft(path, path.parent / "files", overrides))


def fatal(found: Findings) -> list[str]:
    return [problem.text for problem in found.problems if problem.severity == "fatal"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder of recordings of 1 and 2 s, for studies that differ in a table; to read only."""
    made = tmp_path_factory.mktemp("gates")
    recordings(made / "recordings", {"angry": [1.0, 2.0], "calm": [1.0, 2.0]})
    return made


# --- keys and paths


def test_wrong_keys_and_missing_files_are_in_one_list(tmp_path):
    path = study(
        tmp_path,
        '[chunks]\nchunk_sampels = 3\n[representations.mine]\nkind = "table"\npath = "none.csv"\n'
        '[representations.v]\nkind = "vgg16"\nweights = "w.h5"\nsizes = 3\n'
        '[representations.h]\nkind = "hear:no_such_module"\nweights = "none.pt"\n'
        "[representations.own]\nkind = './own.py:f'\n"
        '[classifiers.s]\nkind = "svm"\nparameters = { class_wieght = "balanced", C = -1 }\n'
        '[classifiers.v]\nkind = "vgg16"\nparameters = { weights = "v.h5" }\n',
        curve='classifiers = ["s", "v"]',
        corpus="speeker_pattern = 'x'",
    )
    found = check(path)
    for text in (
        "[corpus] speeker_pattern is not a known key; did you mean 'speaker_pattern'?",
        "[chunks] chunk_sampels is not a known key; did you mean 'chunk_samples'?",
        "[representations.v] sizes is not a known key; did you mean 'size'?",
        f"[representations.own] kind: There is no file {tmp_path}/own.py; {tmp_path} has study",
        f"[representations.mine] The feature table {tmp_path}/none.csv cannot be read: there is no",
        f"[representations.v] There is no file of weights '{tmp_path}/w.h5'; {tmp_path} has",
        f"weights of the HEAR module 'no_such_module': there is no {tmp_path}/none.pt; {tmp_path} ",
        "[representations.h] There is no Python module 'no_such_module' to import, nor a file",
        "[classifiers.s] class_wieght is not one of its parameters; did you mean 'class_weight'?",
        "[classifiers.s] C = -1: it must be a number in the range (0.0, inf]",
        f"[classifiers.v] There is no file of weights '{tmp_path}/v.h5'; {tmp_path} has",
        f"The folder folder {tmp_path}/recordings does not exist",
    ):
        assert len([line for line in fatal(found) if text in line]) == 1, text
    assert found.summary() == "12 things prevent the study from running"
    assert not (tmp_path / "files").exists()


def test_a_study_without_a_name_or_a_corpus_is_looked_at_all_the_same(tmp_path):
    path = tmp_path / "study.toml"
    table = '[representations.mine]\nkind = "table"\npath = "none.csv"\n'
    for name in ("", 'name = "a b"\n', "name = 3\n"):
        path.write_text(name + table)
        assert [line.split()[0].strip(":") for line in fatal(check(path))] == [
            "[corpus]",
            "name",
            "[representations.mine]",
        ]


def test_of_two_corpora_both_are_looked_at(tmp_path):
    recordings(tmp_path / "good", {"angry": [1.0], "calm": [1.0]})
    (tmp_path / "empty").mkdir()
    corpora = "".join(
        f'[[corpus]]\nadapter = "folder"\nroot = "{root}"\nspeaker_pattern = "(s.)_"\n'
        for root in ("gone", "good", "empty")
    )
    path = tmp_path / "study.toml"
    path.write_text(f'name = "three"\n{corpora}{HANDCRAFTED}')
    problems = fatal(check(path))
    assert len(problems) == 2
    assert f"{tmp_path}/gone does not exist" in problems[0]
    assert f"{tmp_path}/empty should hold" in problems[1]


def test_names_without_a_cell_are_refused_by_the_study_file(tmp_path):
    for override, text in (
        ("curve.percentages=[]", "[curve] percentages: there is no label budget in []"),
        ("curve.percentages={start=50, stop=10}", "there is no label budget in 50 to 10"),
        ("curve.only={tree=[]}", "[curve] only: no classifier is run on any representation"),
        ("compare.pairs=[['handcrafted','code']]", "[compare] pairs: 'code' is not known"),
    ):
        recordings_are_missing, wrong = 1, fatal(check(study(tmp_path), override))
        assert len(wrong) == 1 + recordings_are_missing
        assert text in wrong[0]


# --- split


def test_several_things_that_are_wrong_with_a_split_are_said_together(tmp_path):
    recordings(tmp_path / "recordings", {"angry": [1.0], "calm": [1.0]})
    recordings(tmp_path / "more", {"alone": [1.0], "lonely": [1.0]}, speakers=1)
    for label in ("alone", "lonely"):
        (tmp_path / "more" / label).rename(tmp_path / "recordings" / label)
    soundfile.write(tmp_path / "recordings" / "calm" / "nan_0.wav", np.sin(np.arange(8000.0)), 8000)
    path = study(tmp_path, corpus="speaker_pattern = '(s.|nan)_'")
    wrong = fatal(check(path))
    assert len(wrong) == 2
    assert "The speaker of 1 of 11 recordings is not known" in wrong[0]
    assert wrong[1].startswith(
        "Classes 'alone' ('s0') and 'lonely' ('s0') have recordings of one speaker only"
    )
    assert "[corpus] classes = ['angry', 'calm'] leaves them out" in wrong[1]
    # as told
    (tmp_path / "recordings" / "calm" / "nan_0.wav").unlink()
    assert not check(path, "corpus.classes=['angry','calm']").fatal


def test_a_quota_is_proposed_and_what_is_behind_it_looked_at_too(folder):
    quota = ("split.strategy=quota", "split.per_class={labelled=9, test=6}")
    own = "[representations.code]\nkind = 'autoencoder'\narchitecture = 'autoencoder_2'\n"
    path = study(folder, own + "[chunks]\nchunk_samples = 12000\n")
    found = check(path, *quota)
    wrong = fatal(found)
    proposed = 'per_class = { unlabelled = "rest", labelled = 1, test = 1 }'
    assert wrong[0].endswith(f"; largest quota that fits: {proposed}")
    # the next gate sees the split that was proposed
    dropped = [problem.text for problem in found.problems if "would be dropped" in problem.text]
    assert dropped[0].endswith("; chunk_samples = 8000 would keep 100 % of them, short = 'pad' all")
    assert len(wrong) == len(dropped) == 1
    overrides = ("split.strategy=quota", f"split.{proposed}", "chunks.chunk_samples=8000")
    assert not fatal(check(path, *overrides))
    wrong = fatal(check(study(folder), *quota))
    assert wrong[0].endswith("; largest quota that fits: per_class = { labelled = 4, test = 2 }")
    with pytest.raises(ValueError, match="semisup check says how much fits"):
        run_study(read_study(study(folder), folder / "files", quota), until="split")


# --- chunks

CODE = """
[representations.code]
kind = 'autoencoder'
architecture = 'autoencoder_2'
padding = 'valid'
"""
THREE = "fractions = { labelled = 0.3, test = 0.3, unlabelled = 0.4 }"


@pytest.mark.parametrize(
    ("seconds", "samples", "told", "is_fatal"),
    [
        # every recording but the longest: what keeps 98 % is proposed
        (
            {"angry": [2.5, 4], "calm": [2.5, 4]},
            30000,
            "chunk_samples = 20000 would keep 100 % of",
            False,
        ),
        ({"angry": [2.5], "calm": [2.5]}, 30000, "All 16 recordings are shorter than one", True),
        (
            {"angry": [2.5, 2.5], "calm": [4, 4]},
            30000,
            "among them all of 'angry' in 'labelled'",
            True,
        ),
        # too short for any length that the encoder takes
        (
            {"angry": [0.5, 4], "calm": [0.5, 4]},
            30000,
            "short = 'pad' in [chunks] would keep",
            False,
        ),
    ],
)
def test_short_recordings_are_counted_with_a_length_that_keeps_them(
    tmp_path, seconds, samples, told, is_fatal
):
    recordings(tmp_path / "recordings", seconds, speakers=8)
    path = study(tmp_path, f"{CODE}[chunks]\nchunk_samples = {samples}\n", split=THREE)
    found = check(path)
    lines = [line.text for line in found.problems if "shorter than one chunk" in line.text]
    assert len(lines) == 1
    assert told in lines[0]
    assert bool(found.fatal) == is_fatal
    assert not check(path, "chunks.short=pad").problems
    # without a representation of chunks it does not matter
    assert not check(study(tmp_path, split=THREE)).problems


def test_an_encoder_without_unlabelled_speakers_is_told_before_chunks_are_made(folder):
    kinds = {"autoencoder": "at least 2 speakers", "deep_autoencoder": "at least 2 speakers"}
    kinds |= {"vicreg": "at least 2", "random_encoder": "no unlabelled", "voice_pca": "need 2 un"}
    for kind, text in kinds.items():
        own = f'[representations.own]\nkind = "{kind}"\n'
        if kind == "autoencoder":
            own += "architecture = 'autoencoder_2'\n[chunks]\nchunk_samples = 8000\n"
        wrong = fatal(check(study(folder, own)))
        assert len(wrong) == 1
        assert wrong[0].startswith("[representations.own] ")
        assert text in wrong[0]


# --- code of one's own, rows

OWN = """
import numpy as np
def fine(signal, sample_rate):
    return [signal.mean(), signal.std()]
def name_error(signal, sample_rate):
    return [signel.mean()]
def a_word(signal, sample_rate):
    return "loud"
def nan(signal, sample_rate):
    return [np.nan, 1.0]
def by_length(signal, sample_rate):
    return np.ones(len(signal) // 8000)
class Fussy:
    def __init__(self, least=1):
        self.least = least
    def get_params(self, deep=True):
        return {"least": self.least}
    def set_params(self, **keys):
        self.least = keys.get("least", self.least)
        return self
    def fit(self, X, y):
        if len(X) < self.least:
            raise ValueError(f"I need {self.least} rows")
        self.classes_ = np.unique(y)
        return self
    def predict(self, X):
        return np.full(len(X), self.classes_[0])
class Lazy(Fussy):
    def fit(self, X, y):
        return undefined
class Short(Fussy):
    def predict(self, X):
        return self.classes_[:1]
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("name_error", r"own.py, line 6: NameError: name 'signel' is not defined"),
        ("a_word", "must return a vector of numbers for every signal"),
        ("nan", "gives NaN or infinity in 1 of 2 features"),
        # the first recording and the shortest are of 1 and 2 s
        ("by_length", "gives 2 features for .* and 1 for"),
    ],
)
def test_features_of_ones_own_are_tried_on_recordings(tmp_path, name, text):
    recordings(tmp_path / "recordings", {"angry": [2.0, 1.0], "calm": [2.0]})
    (tmp_path / "own.py").write_text(OWN)
    own = f"[representations.own]\nkind = './own.py:{name}'\n"
    wrong = fatal(check(study(tmp_path, own)))
    assert len(wrong) == 1
    with pytest.raises(ValueError, match=text):
        raise ValueError(wrong[0])
    assert not check(study(tmp_path, own.replace(name, "fine"))).fatal


@pytest.mark.parametrize(
    ("name", "parameters", "text"),
    [
        ("Lazy", "", "own.py, line 30: NameError: name 'undefined' is not defined"),
        ("Short", "", r"Short.predict must return one of the classes .* for each of 90 rows"),
        ("Fussy", "least = 1000", "ValueError: I need 1000 rows"),
        # 4 recordings of each class are labelled, of which half are the smallest budget
        ("Fussy", "least = 5", r"percentages: 'own' cannot be fitted to 'handcrafted' at 50 %, 2 "
         "rows of a class.*I need 5 rows.*; it can be from 100 % on$"),
    ],
)  # fmt: skip
def test_classifiers_of_ones_own_are_fitted_to_a_few_rows(tmp_path, name, parameters, text):
    recordings(tmp_path / "recordings", {"angry": [1.0, 1.0], "calm": [1.0, 1.0]})
    (tmp_path / "own.py").write_text(OWN)
    own = f"[classifiers.own]\nkind = './own.py:{name}'\nparameters = {{ {parameters} }}\n"
    wrong = fatal(check(study(tmp_path, HANDCRAFTED + own, curve='classifiers = ["own"]')))
    assert len(wrong) == 1
    with pytest.raises(ValueError, match=text):
        raise ValueError(wrong[0])


@pytest.mark.parametrize(
    ("kind", "classifier", "text"),
    [
        ("waveform", "cnn_2d", r"cnn_2d on own: The classifier 'cnn_2d' takes transforms"),
        ("mel_spectrogram", "vgg16", r"VGG16 takes pictures \(n, height, width, 3\); got rows of"),
        ("handcrafted", "argmax", "there are 136 numbers and 2 classes"),
        ("deep_softmax", "argmax", "there are 64 numbers and 2 classes"),
    ],
)
def test_a_classifier_that_does_not_take_the_rows_is_told(folder, kind, classifier, text):
    own = f'[representations.own]\nkind = "{kind}"\n'
    wrong = fatal(check(study(folder, own, curve=f'classifiers = ["{classifier}"]')))
    assert len(wrong) == 1
    with pytest.raises(ValueError, match=text):
        raise ValueError(wrong[0])


@pytest.mark.parametrize("least", [8, 11, 12, 13, 40])
def test_few_rows_of_chunks_are_counted_as_the_curve_draws_them(tmp_path, least):
    recordings(tmp_path / "recordings", {"angry": [1.0, 2.0], "calm": [1.0, 2.0]})
    (tmp_path / "own.py").write_text(OWN)
    own = (
        "[representations.own]\nkind = 'mel_spectrogram'\nwindow_seconds = 0.5\n"
        "step_seconds = 0.5\nn_mels = 8\n[classifiers.own]\nkind = './own.py:Fussy'\n"
        f"parameters = {{ least = {least} }}\n"
    )
    path = study(tmp_path, own, curve='classifiers = ["own"]')
    wrong = fatal(check(path))
    # two recordings a class, of 2 or 4 windows each
    dies = False
    try:
        run_study(read_study(path, tmp_path / "files"), until="curve")
    except SemisupError:
        dies = True
    assert bool(wrong) == dies
    assert dies or least < 16
    assert least > 8 or not dies
    if least == 40:
        assert wrong[0].endswith("it can't be at any budget")


def test_what_learns_from_unlabelled_recordings_does_without(folder, tmp_path):
    path = study(folder, curve='classifiers = ["label_spreading", "self_training_tree"]')
    found = check(path)
    assert [str(problem) for problem in found.problems] == [
        f"warning: [curve] '{name}' learns from unlabelled recordings, but there are none"
        for name in ("label_spreading", "self_training_tree")
    ]
    ran = run_study(read_study(path, tmp_path / "files"), until="curve")
    scores = pd.read_parquet(ran.folder / "scores.parquet")
    assert set(scores["classifier"]) == {"label_spreading", "self_training_tree"}


def test_tables_that_lack_a_class_are_told(folder, tmp_path):
    names = sorted(str(p.relative_to(folder / "recordings")) for p in folder.rglob("*.wav"))
    angry = pd.DataFrame({"recording": names, "x": np.random.default_rng(0).random(len(names))})
    angry = angry[angry["recording"].str.startswith("angry")]
    angry.to_csv(folder / "angry.csv", index=False)
    table = '[representations.mine]\nkind = "table"\npath = "angry.csv"\n'
    wrong = fatal(check(study(folder, table)))
    assert wrong == [
        "No labelled recording of class calm is in the table mine",
        "No test recording of class calm is in the table mine",
    ]


# --- output


def test_a_folder_that_cannot_be_written_is_told_at_once(folder, monkeypatch):
    path = study(folder)
    file = folder / "a_file"
    file.write_text("x")
    found = check_draft(read_draft(path, file / "deeper"))
    assert all("a_file is a file where a folder should be" in line for line in fatal(found))
    assert len(fatal(found)) == 2
    # the published split lies beside a folder called files
    (folder / "data_splits").write_text("x")
    wrong = fatal(check(path))
    (folder / "data_splits").unlink()
    assert len(wrong) == 1
    assert f"{folder}/data_splits cannot be written: a file is where" in wrong[0]

    def refuse(dir: Path) -> None:
        raise PermissionError(13, "no", str(dir))

    monkeypatch.setattr(output, "TemporaryFile", refuse)
    assert all("cannot be written: permission denied" in line for line in fatal(check(path)))


def test_a_full_disk_is_told_with_both_numbers(folder, monkeypatch):
    spectrograms = "[representations.mel]\nkind = 'mel_spectrogram'\n"
    path = study(folder, CODE + spectrograms + "[chunks]\nchunk_samples = 8000\n", split=THREE)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(output.shutil, "disk_usage", lambda path: usage(10**9, 10**9, 1000))
    wrong = fatal(check(path))
    # 16 recordings, 24 chunks of 19 x 200 and 16 windows of 128 x 130, twice as float32
    chunks, windows = 24 * 19 * 200 * 8, 16 * 128 * 130 * 8
    assert (
        0.9
        < float(wrong[-1].split(" needs about ")[1].split(" MB")[0]) * 1e6 / (chunks + windows)
        < 1.1
    )
    assert (
        "and 0.001 MB are free on its disk; make room, or write elsewhere with --out" in wrong[-1]
    )
    monkeypatch.setattr(output.shutil, "disk_usage", lambda path: usage(10**9, 0, 10**9))
    assert not fatal(check(path))


# --- what is not alike


def test_unequal_classes_and_unheard_ends_are_told_with_the_keys(tmp_path):
    recordings(tmp_path / "recordings", {"angry": [1.0, 1.5, 1.5], "calm": [2.0]})
    encoder = '[representations.code]\nkind = "autoencoder"\n'
    path = study(tmp_path, HANDCRAFTED + encoder, chunks="chunk_samples = 8000")
    warnings = [problem.text for problem in check(path).problems if problem.severity == "warning"]
    assert [text for text in warnings if "unequal" in text] == [
        "Classes of the labelled recordings are unequal (angry 3, calm 1): classifiers are "
        "weighted by class (balance = 'none' in [curve] leaves them); metric = 'uar' in [plot] "
        "would count all classes alike"
    ]
    assert [text for text in warnings if "tail" in text] == [
        "Chunks end before their recordings do: the last 17 % of the sound is not in 'code', but "
        "is in 'handcrafted'; tail = 'cover' in [chunks] lets all hear all of it"
    ]
    fixed = check(path, "chunks.tail=cover", "curve.balance=none", "plot.metric=uar")
    texts = [problem.text for problem in fixed.problems]
    assert not any("tail" in text for text in texts)
    assert [text for text in texts if "unequal" in text] == [
        "Classes of the labelled recordings are unequal (angry 3, calm 1): classifiers are left as "
        "they are (balance = 'weights' in [curve] weighs them)"
    ]


# --- the list


def test_rows_of_one_reason_are_one_line_from_four_on():
    rows = pd.DataFrame(
        {"path": [f"r{n}" for n in range(9)], "reason": ["a"] * 5 + ["b"] * 3 + ["c"]}
    )
    assert listed(rows) == [
        Problem("skipped", "r0, r1, r2 and 2 more, see skipped.csv: a"),
        *(Problem("skipped", f"r{n}: b") for n in (5, 6, 7)),
        Problem("skipped", "r8: c"),
    ]
    many = pd.DataFrame({"path": map(str, range(50)), "reason": map(str, range(50))})
    assert len(listed(many)) == 21
    assert listed(many)[-1].text == "30 more, for other reasons; see skipped.csv"
    assert listed(many[:0]) == []


@pytest.mark.parametrize(
    ("severities", "skipped", "line"),
    [
        ("", 0, "no problem found; the study can run"),
        ("warning", 0, "1 warning; the study can run"),
        ("warning warning skipped", 1, "2 warnings, 1 of 48 recordings skipped; the study can run"),
        ("fatal warning", 3, "1 thing prevents the study from running"),
        ("fatal fatal", 0, "2 things prevent the study from running"),
    ],
)
def test_the_last_line_says_whether_the_study_can_run(severities, skipped, line):
    problems = [Problem(severity, "x") for severity in severities.split()]
    assert Findings(problems, skipped, 48).summary() == line
