"""Damaged input of every kind: no traceback, no hang, and every row accounted for."""

import io
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
import soundfile
from mutations import OF_BYTES, OF_STUDIES, OF_TEXT, OF_ZIPS, mutated

from semisup.errors import SemisupError
from semisup.reading import read_draft, read_study
from semisup.stages.preflight import check_draft
from semisup.stages.runner import run_study

RATE = 8000
FORMATS = {"wav": {}, "flac": {}, "ogg": {}, "mp3": {}, "aiff": {}, "au": {}}
#: A tenth always, all of them with the slow tests.
COUNTS = [20, pytest.param(200, marks=pytest.mark.slow)]


def write_audio(path, seed):
    rng = np.random.default_rng(seed)
    tone = np.sin(np.arange(RATE) * rng.uniform(0.1, 1)) * 0.5
    soundfile.write(path, tone + 0.01 * rng.normal(size=RATE), RATE)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Two recordings of each of two classes of six speakers."""
    root = tmp_path_factory.mktemp("recordings")
    names = [
        f"{label}/s{s}_{take}.wav" for label in ("joy", "sad") for s in range(6) for take in "ab"
    ]
    for seed, name in enumerate(names):
        (root / name).parent.mkdir(exist_ok=True)
        write_audio(root / name, seed)
    return root


STUDY = """
name = "it"
seed = 3
[corpus]
CORPUS
[split]
strategy = "quota"
per_class = { labelled = 4, test = 4, unlabelled = "rest" }
[chunks]
sample_rate = 8000
chunk_samples = 4000
REPRESENTATIONS
[classifiers.trees]
kind = "random_forest"
parameters = { n_estimators = 5, max_depth = 3 }
[curve]
classifiers = ["trees", "tree"]
percentages = [50, 100]
draws = 2
[compare]
resamples = 200
"""
BOTH = """
[representations.handcrafted]
kind = "handcrafted"
[representations.pca]
kind = "logmel_pca"
components = 3
"""


def study_of(corpus, representations=BOTH):
    return STUDY.replace("CORPUS", corpus).replace("REPRESENTATIONS", representations)


def of_folder(root):
    return f'adapter = "folder"\nroot = "{root}"\nspeaker_pattern = \'(s\\d)_\''


def checked(path, out):
    """Return what `check` finds, and None where the file is no study."""
    try:
        draft = read_draft(path, out)
    except SemisupError as error:
        one_sentence(str(error))
        return None
    found = check_draft(draft)
    for problem in found.problems:
        one_sentence(problem.text)
    return found


def one_sentence(text):
    assert text.strip()
    for word in ("Traceback", "pydantic", "constrained", "Error:", "errors.pydantic"):
        assert word not in text, text


@pytest.mark.parametrize("count", COUNTS)
def test_every_damaged_recording_is_read_or_skipped_with_a_reason(recordings, tmp_path, count):
    root = tmp_path / "corpus"
    for label in ("joy", "sad"):
        (root / label).mkdir(parents=True)
    for path in recordings.rglob("*.wav"):
        (root / path.relative_to(recordings)).write_bytes(path.read_bytes())
    for number, suffix in enumerate(FORMATS):
        write_audio(tmp_path / f"whole.{suffix}", number)
    for seed in range(count):
        suffix = [*FORMATS][seed % len(FORMATS)]
        data = (tmp_path / f"whole.{suffix}").read_bytes()
        name = f"{('joy', 'sad')[seed % 2]}/s{seed % 6}_{seed}.{suffix}"
        (root / name).write_bytes(mutated(data, seed, OF_BYTES, most=3))
    path = tmp_path / "study.toml"
    path.write_text(study_of(of_folder(root)))
    study = read_study(path, tmp_path / "files")
    folder = run_study(study, until="manifest").folder
    manifest = pd.read_parquet(folder / "manifest.parquet")
    skipped = pd.read_csv(folder / "skipped.csv", dtype=str, keep_default_na=False)
    names = {str(path.relative_to(root)) for path in root.rglob("*.*")}
    assert {*manifest["recording"], *skipped["recording"]} == names
    assert len(manifest) + len(skipped) == len(names)
    for reason in skipped["reason"]:
        one_sentence(reason)
    assert 24 <= len(manifest) < len(names)


@pytest.mark.parametrize("count", COUNTS)
def test_every_row_of_a_damaged_list_is_accounted_for(recordings, tmp_path, count):
    files = sorted(str(path.relative_to(recordings)) for path in recordings.rglob("*.wav"))
    for seed in range(count):
        comma = "," if seed % 2 else "\t"
        rows = ["file,speaker,label,text", *(f"{f},{f[4:6]},{f[:3]},it is {f[:3]}" for f in files)]
        whole = "\n".join(rows).replace(",", comma).encode()
        listed = tmp_path / f"list{seed}.{'csv' if seed % 2 else 'tsv'}"
        listed.write_bytes(mutated(whole, seed, OF_TEXT, most=2))
        path = tmp_path / "study.toml"
        path.write_text(study_of(f'adapter = "table"\nroot = "{recordings}"\npath = "{listed}"'))
        try:
            folder = run_study(read_study(path, tmp_path / "files"), until="manifest").folder
        except SemisupError as error:
            one_sentence(str(error))
            continue
        manifest = pd.read_parquet(folder / "manifest.parquet")
        skipped = pd.read_csv(folder / "skipped.csv", dtype=str, keep_default_na=False)
        found = {*manifest["path"], *skipped["path"]}
        # a row whose file is named as it was is used, or left out with a reason
        intact = [
            line.split(comma.encode())[0].decode()
            for line in listed.read_bytes().split(b"\n")[1:]
            if line.count(comma.encode()) == 3 and b'"' not in line and line.strip(b"\r")
        ]
        for name in set(intact) & set(files):
            assert str(recordings / name) in found, (seed, name)


@pytest.mark.parametrize("count", COUNTS)
def test_a_damaged_study_file_is_told_in_sentences_or_runs(recordings, tmp_path, count):
    whole = study_of(of_folder(recordings)).encode()
    ran = 0
    for seed in range(count):
        path = tmp_path / "study.toml"
        path.write_bytes(mutated(whole, seed, OF_STUDIES, most=2))
        found = checked(path, tmp_path / "files")
        # what passes is run to its end: it must not fail for a reason that could be known
        if found is not None and not found.fatal:
            run_study(read_study(path, tmp_path / "files"), until="compare")
            ran += 1
    assert ran


@pytest.mark.slow
@pytest.mark.parametrize("count", COUNTS)
def test_a_damaged_feature_table_is_told_in_sentences_or_runs(recordings, tmp_path, count):
    files = sorted(str(path.relative_to(recordings)) for path in recordings.rglob("*.wav"))
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(len(files), 3)).round(3), columns=["f0", "f1", "f2"])
    table.insert(0, "recording", files)
    whole = table.to_csv(index=False).encode()
    path = tmp_path / "study.toml"
    mine = '[representations.mine]\nkind = "table"\npath = "mine.csv"\n'
    path.write_text(study_of(of_folder(recordings), mine))
    ran = 0
    for seed in range(count):
        (tmp_path / "mine.csv").write_bytes(mutated(whole, seed, OF_TEXT, most=2))
        found = checked(path, tmp_path / "files")
        if found is not None and not found.fatal:
            run_study(read_study(path, tmp_path / "files"), until="curve")
            ran += 1
    assert ran


def test_a_zip_file_whose_members_lie_nowhere_can_be_changed_further():
    written = io.BytesIO()
    with ZipFile(written, "w") as file:
        file.writestr("config.json", "{}")
        file.infolist()[0].header_offset = 2**64 - 1
    assert mutated(written.getvalue(), 0, OF_ZIPS[-1:], most=1) == written.getvalue()
