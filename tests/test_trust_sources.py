"""Nothing of a file is executed: what the sources may not call, and what outputs may not do."""

import ast
import csv
import importlib.util
import json
import os
import re
import shutil
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_study import CLASSES, STUDY, make_labels, write_study
from small_study import STUDY as SMALL
from small_study import write_recording, write_small_study

from semisup.errors import SemisupError, SpecError
from semisup.networks.models import load_model
from semisup.reading import read_study
from semisup.report import write_report
from semisup.report._latex import escape
from semisup.report._tables import _inert, inert, write_tables
from semisup.stages.foreign import foreign_code, licences, say_foreign
from semisup.stages.runner import run_study

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "semisup").rglob("*.py"))
#: What runs code of a file, and where it may be called: why is said there.
CALLS = {
    r"(pickle|cPickle|dill|cloudpickle)\.(load|loads|Unpickler)": {
        "engine/apart.py": "what the process writes that started this one, or was started by it",
        "importers/restricted_pickle.py": "calls nothing that a file names",
    },
    r"(marshal|shelve|runpy)\.\w+\(": {},
    r"joblib\.load": {},
    r"(?<![\w.])(eval|exec|compile|__import__)\((?!uation)": {},
    r"os\.(system|popen|exec\w+|spawn\w+)\(": {},
    r"shell=True": {},
    r"subprocess\.": {
        "engine/apart.py": "this Python, for libraries that cannot share a process",
        "recordings/ffmpeg.py": "ffmpeg, without a shell",
    },
    r"\byaml\b": {},
    r"allow_pickle=True": {},
    r"torch\.load\((?!.*weights_only=True)": {},
    r"torch\.jit\.load": {"representations/torch.py": "a program, as the kind says"},
    r"load_model\((?!.*safe_mode=True).*compile": {},
    r"enable_unsafe_deserialization|safe_mode=False": {},
    r"trust_remote_code=True": {},
    r"exec_module": {"engine/outside.py": "a file of the user's, named in the study file"},
    r"importlib\.import_module": {
        "engine/outside.py": "a module that the study file names",
        "hear/foreign.py": "a module that the study file names",
    },
    r"extractall|unpack_archive|\.extract\(.*[zZ]ip": {},
    r"read_pickle|to_pickle": {},
}
NASTY = '<script>document.title="run"</script>'
FORMULAS = ["=1+1", "+1+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", " =1", "\uff1d1"]


@cache
def code_of(path: Path) -> str:
    """Return the statements of a module, a line each, without docstrings and comments."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value = ast.Constant(value=None)
    return ast.unparse(tree)


@pytest.mark.parametrize("pattern", CALLS)
def test_no_source_runs_code_of_a_file(pattern):
    calling = {
        path.relative_to(ROOT / "semisup").as_posix()
        for path in SOURCES
        if re.search(pattern, code_of(path))
    }
    # what is allowed is there, or the list is out of date
    assert calling == set(CALLS[pattern])


def test_arrays_are_never_loaded_with_pickles():
    for path in SOURCES:
        for call in re.findall(r"np\.load\(.*", code_of(path)):
            assert "allow_pickle=True" not in call


def test_a_keras_file_that_brings_code_is_refused(tmp_path):
    import keras

    layers = [keras.layers.Input((2,)), keras.layers.Lambda(lambda x: x + 1)]
    keras.Sequential(layers).save(tmp_path / "a.keras")
    with pytest.raises(SemisupError, match=r"a\.keras cannot be loaded as a Keras model"):
        load_model(tmp_path / "a.keras")


NAMES = ["../x", "a/b", "/tmp/x", "..", ".", "", "a\n", "a\0", "~", "a\\b"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("where", ["study", "representation", "classifier", "fusion"])
def test_no_name_of_a_study_leads_elsewhere(tmp_path, where, name):
    # as TOML writes a text
    written = json.dumps(name)
    text = {
        "study": SMALL.replace('"small"', written),
        "representation": f'{SMALL}[representations.{written}]\nkind = "mfcc"\n',
        "classifier": SMALL.replace('"knn", ', f"{written}, ")
        + f'[classifiers.{written}]\nkind = "knn"\n',
        "fusion": f'{SMALL}[fusions.{written}]\nof = ["handcrafted", "mfcc"]\n',
    }[where]
    with pytest.raises(SpecError):
        read_study(write_small_study(tmp_path, text), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_links_in_a_corpus_are_read_and_never_written(tmp_path):
    path = write_small_study(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    write_recording(elsewhere / "s9_99.wav", 99)
    (tmp_path / "recordings" / "low" / "s8_98.wav").symlink_to(elsewhere / "s9_99.wav")
    (tmp_path / "recordings" / "high" / "more").symlink_to(elsewhere)
    before = {file: file.read_bytes() for file in elsewhere.rglob("*")}
    study = run_study(read_study(path, tmp_path / "out"), "features")
    assert {file: file.read_bytes() for file in elsewhere.rglob("*")} == before
    assert len(study.manifest) >= 17


def test_a_link_in_the_place_of_an_artefact_is_replaced_not_followed(tmp_path):
    path = write_small_study(tmp_path)
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("mine")
    study = read_study(path, tmp_path / "out")
    study.folder.mkdir(parents=True)
    (study.folder / "split.csv").symlink_to(theirs)
    run_study(study, "split")
    assert theirs.read_text() == "mine"
    assert not (study.folder / "split.csv").is_symlink()


def test_members_of_zip_files_are_never_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.keras", "w") as members:
        members.writestr("../../escaped", "x")
        members.writestr("config.json", "{}")
    with pytest.raises(SemisupError):
        load_model(tmp_path / "a.keras")
    assert not list(tmp_path.parent.parent.glob("escaped"))


@pytest.mark.parametrize("text", FORMULAS)
def test_tables_that_are_shown_hold_no_formulas(text):
    table = pd.DataFrame({"Class": [text, "joy"], text: ["-.05 [-.10, .02]", "+.3"], "n": [1, -2]})
    shown = inert(table)
    assert shown["Class"].tolist() == [f"'{text}", "joy"]
    assert list(shown) == ["Class", f"'{text}", "n"]
    assert shown.iloc[:, 1].tolist() == ["-.05 [-.10, .02]", "+.3"]
    assert shown["n"].tolist() == [1, -2]


@given(st.text(max_size=8))
def test_no_cell_begins_like_a_formula(text):
    cell = str(_inert(text))
    assert cell in (text, f"'{text}")
    if cell == text and text.lstrip()[:1] in "=+-@" and text.strip():
        assert re.fullmatch(r"[-+][\d.,]+%?( \[[-+\d., \u2212]+\])?", text)


def test_files_of_tables_are_inert_and_data_is_as_it_was(tmp_path):
    labels = make_labels().map(dict(zip(CLASSES, FORMULAS[:3], strict=True)))
    folder = write_study(tmp_path / "made_up", labels, classes=sorted(FORMULAS[:3]))
    write_tables(folder, "f1_weighted")
    found = []
    for path in (folder / "tables").glob("*.csv"):
        with path.open(newline="") as file:
            found += [cell for row in csv.reader(file) for cell in row if cell.strip()[:1] in "=@"]
    assert not [cell for cell in found if cell]
    assert set(pd.read_parquet(folder / "manifest.parquet")["label"]) == set(FORMULAS[:3])


@given(st.text(alphabet="\\{}$&#_%~^ab", max_size=12))
def test_latex_has_no_command_of_a_label(text):
    printed = escape(text)
    for known in (r"\textbackslash{}", r"\textasciitilde{}", r"\textasciicircum{}"):
        printed = printed.replace(known, "")
    assert not re.search(r"(?<!\\)[{}$&#_%~^]|\\[a-z]", printed)


FOUND = any(map(shutil.which, ("chromium", "google-chrome", "chrome")))


@pytest.mark.skipif(not FOUND, reason="there is no Chromium here")
@pytest.mark.slow
def test_no_script_of_a_name_runs_in_a_browser(tmp_path):
    classes = sorted([NASTY, '"><img src=x onerror="document.title=\'run\'">', "neutral"])
    labels = make_labels().map(dict(zip(CLASSES, classes, strict=True)))
    labels.index = [f"</script>{NASTY}{number}" for number in range(len(labels))]
    folder = write_study(tmp_path / "made_up", labels, speaker=NASTY, classes=classes)
    path = write_report(folder, {**STUDY, "note": NASTY})
    script = ROOT / "benchmarks" / "report_in_chromium.py"
    spec = importlib.util.spec_from_file_location("report_in_chromium", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.Browser() as browser:
        browser.open(path, 1280)
        assert browser.run("document.title") != "run"
        assert browser.run("document.querySelectorAll('img[src=x]').length") == 0
        # the probe itself works
        assert browser.run("document.title = 'run'") == "run"


def test_code_of_others_is_named_at_the_start_and_so_are_licences(tmp_path, capsys):
    (tmp_path / "mine.py").write_text(
        "from semisup.features.contract import Representation\n"
        "class Loud(Representation):\n"
        "    def features(self, signal, sample_rate):\n"
        "        return [abs(signal).mean()]\n"
    )
    own = SMALL + '[representations.own]\nkind = "./mine.py:Loud"\n'
    own = own.replace('"knn", ', '"linear", ')
    own += '[classifiers.linear]\nkind = "sklearn.svm:LinearSVC"\n'
    study = read_study(write_small_study(tmp_path, own), tmp_path)
    named = foreign_code(study.spec)
    assert any(name.endswith("mine.py:Loud") for name in named)
    assert "sklearn.svm:LinearSVC" in named
    say_foreign(study.spec)
    assert "runs code or models of others" in capsys.readouterr().err
    plain = read_study(write_small_study(tmp_path), tmp_path)
    assert foreign_code(plain.spec) == licences(plain.spec) == []
    say_foreign(plain.spec)
    assert capsys.readouterr().err == ""
    library = SMALL.replace(
        'kind = "handcrafted"', 'kind = "handcrafted"\nengine = "pyaudioanalysis"'
    )
    (known,) = licences(read_study(write_small_study(tmp_path, library), tmp_path).spec)
    assert "GPL" in known


def test_the_page_of_licences_is_that_of_what_is_installed():
    spec = importlib.util.spec_from_file_location("licences", ROOT / "docs" / "make_licences.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text("utf-8") == module.page(), "run python docs/make_licences.py"
    assert "openSMILE" in module.page()


def test_a_touched_recording_is_decoded_and_nothing_is_made_again(tmp_path, capsys):
    study = read_study(write_small_study(tmp_path), tmp_path / "out")
    run_study(study, "curve")
    path = tmp_path / "recordings" / "low" / "s0_0.wav"
    capsys.readouterr()
    os.utime(path, (1, 1))
    run_study(study, "curve")
    assert [line for line in capsys.readouterr().err.splitlines() if line[:1] != " "] == [
        "recordings"
    ]
    # the same size and the same times, another content
    stat = path.stat()
    write_recording(path, 100)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    run_study(study, "curve")
    said = capsys.readouterr().err
    assert all(step in said for step in ("manifest", "split", "features mfcc", "curve"))
    assert np.isfinite(pd.read_parquet(study.folder / "scores.parquet")["uar"]).all()
