"""One study from recordings to figures: the artefacts, re-runs, kills, leaks and bad input."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

import semisup
from semisup.errors import CorpusError, SpecError, SplitError
from semisup.reading import parse_study, read_study
from semisup.stages.preflight import check_study
from semisup.stages.resolve import resolve
from semisup.stages.runner import STAGES, run_study
from semisup.stages.skipped import list_skipped
from semisup.study.study import Study

#: What must be the same bytes whenever the same study runs.
TABLES = (
    "scores.csv",
    "scores.parquet",
    "predictions.parquet",
    "summary.csv",
    "split.csv",
    "durations.csv",
    "chunks.parquet",
    "features/handcrafted.parquet",
    "features/code_log.parquet",
    "code_log/history.csv",
    "code_log/health.json",
)


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in TABLES}


def test_every_artefact_of_the_design_is_there(tiny_run):
    names = {str(path.relative_to(tiny_run)) for path in tiny_run.rglob("*")}
    assert {
        *TABLES,
        *("manifest.parquet", "skipped.csv", "timings.parquet", "provenance.json"),
        *("code_log/encoder.keras", "code_log/autoencoder.keras", "figures/durations.png"),
        *("figures/learning_curve.png", "figures/learning_curve_random_forest.png"),
        *("figures/loss_history_code_log.png", "figures/reconstruction_code_log.png"),
    } <= names
    assert not [name for name in names if ".partial" in name or ".parts/" in name]
    assert (tiny_run.parent / "data_splits" / "tiny.csv").exists()


def test_scores_hold_every_cell_and_predictions_every_test_recording(tiny_run):
    scores = pd.read_csv(tiny_run / "scores.csv")
    assert len(scores) == 2 * 3 * 3 * 2
    assert list(scores.columns) == [
        *("representation", "classifier", "percentage", "n_recordings", "n_rows", "draw", "unit"),
        *("f1_weighted", "f1_macro", "uar", "accuracy", "cohen_kappa"),
    ]
    predictions = pd.read_parquet(tiny_run / "predictions.parquet")
    assert len(predictions) % len(scores) == 0
    assert predictions["predicted"].dtype == np.int8
    assert set(predictions["predicted"]) <= {0, 1, 2}


def test_scores_follow_from_predictions(tiny_run):
    manifest = pd.read_parquet(tiny_run / "manifest.parquet").set_index("recording")
    predictions = pd.read_parquet(tiny_run / "predictions.parquet")
    classes = sorted(manifest["label"].unique())
    truth = predictions["recording"].map(manifest["label"]).map(classes.index)
    keys = ["representation", "classifier", "percentage", "draw"]
    hits = (truth.astype(int) == predictions["predicted"]).groupby(
        [predictions[key].astype(object) for key in keys]
    )
    scores = pd.read_csv(tiny_run / "scores.csv").set_index(keys)["accuracy"]
    pd.testing.assert_series_equal(
        hits.mean().sort_index(), scores.sort_index(), check_names=False, check_index_type=False
    )


def test_no_speaker_is_in_two_subsets_and_no_label_passes_the_split(tiny_run):
    manifest = pd.read_parquet(tiny_run / "manifest.parquet").set_index("recording")
    split = pd.read_csv(tiny_run / "split.csv").set_index("recording")["subset"]
    assert manifest["speaker"].groupby(split).unique().explode().duplicated().sum() == 0
    for path in (tiny_run / "chunks.parquet", *(tiny_run / "features").glob("*.parquet")):
        assert "label" not in pd.read_parquet(path).columns


def test_a_second_run_makes_nothing_again(tiny_run, tiny_study, capfd):
    before = {path: path.stat().st_mtime_ns for path in tiny_run.rglob("*") if path.is_file()}
    semisup.run(tiny_study, out=tiny_run.parent)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert "curve" not in capfd.readouterr().err


class KilledError(BaseException):
    """What a run that is killed raises here: nothing in the package catches it."""


#: A file of every step, and whether the run dies when it is there or just before.
MOMENTS = (
    *(("manifest.parquet", False), ("split.csv", True), ("durations.png", False)),
    *(("chunks.zarr", True), ("autoencoder.keras", False), ("code_log.parquet", True)),
    *(("000007.npz", False), ("summary.csv", True), ("learning_curve.png", False)),
    *(("difference_code_log_handcrafted.png", True), ("scores.tex", False)),
)


def kill_at(monkeypatch, name: str, there: bool) -> None:
    """Let the process die when a file of this name is put in its place."""
    put = os.replace

    def fragile(partial, path):
        if Path(path).name != name:
            return put(partial, path)
        if there:
            put(partial, path)
        raise KilledError

    monkeypatch.setattr("semisup.engine.artefacts.os.replace", fragile)


@pytest.mark.slow
def test_a_run_killed_in_every_step_ends_with_the_same_tables(
    tiny_run, tiny_study, tmp_path, monkeypatch
):
    for name, there in MOMENTS:
        with monkeypatch.context() as patch:
            kill_at(patch, name, there)
            with pytest.raises(KilledError):
                semisup.run(tiny_study, out=tmp_path, jobs=1)
    assert contents(semisup.run(tiny_study, out=tmp_path, jobs=1)) == contents(tiny_run)


@pytest.fixture(scope="module")
def killed_run(tiny_study, tmp_path_factory) -> Path:
    """The folder of the tiny study, run by two jobs until the system killed them all."""
    out = tmp_path_factory.mktemp("killed")
    options = ["--out", str(out), "--jobs", "2", "--until", "compare"]
    command = [sys.executable, "-m", "semisup", "run", str(tiny_study), *options]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        # whole ones: those that are being written begin with a dot
        if list(out.glob("tiny/.parts/curve-*/0*.npz")):
            break
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)  # its workers and all
    assert process.wait() == -signal.SIGKILL
    assert not (out / "tiny" / "scores.csv").exists()
    return out / "tiny"


@pytest.mark.slow
def test_two_jobs_that_the_system_killed_end_with_the_same_bytes_as_one(
    tiny_run, tiny_study, killed_run, capfd
):
    assert list(killed_run.glob(".parts/curve-*/0*.npz"))
    semisup.run(tiny_study, out=killed_run.parent, jobs=2, until="compare")
    assert contents(killed_run) == contents(tiny_run)
    assert "train" not in capfd.readouterr().err
    _force_the_curve(tiny_study, killed_run, capfd)
    assert contents(killed_run) == contents(tiny_run)


def _force_the_curve(study: Path, folder: Path, capfd) -> None:
    """Make a stage again that is current, and those after it."""
    made = (folder / "scores.csv").stat().st_ino
    semisup.run(study, out=folder.parent, force="curve", until="compare")
    assert (folder / "scores.csv").stat().st_ino != made
    said = capfd.readouterr().err
    assert "learning curve" in said
    assert "compare" in said
    assert "train" not in said


def test_noise_in_the_place_of_the_test_speakers_changes_nothing_that_is_learned(
    tiny_run, tiny_study, corpus, tmp_path
):
    root = shutil.copytree(corpus, tmp_path / "corpus")
    split = pd.read_csv(tiny_run / "split.csv").set_index("recording")["subset"]
    rng = np.random.default_rng(0)
    for recording in split.index[split == "test"]:
        path = root / recording
        frames = soundfile.info(path).frames
        soundfile.write(path, rng.uniform(-0.5, 0.5, frames), 8000, subtype="PCM_16")
    overrides = [f"corpus.root={root}"]
    noisy = semisup.run(tiny_study, out=tmp_path, until="features", overrides=overrides)
    for name in ("split.csv", "code_log/history.csv", "code_log/health.json"):
        assert (noisy / name).read_bytes() == (tiny_run / name).read_bytes()
    for name in ("handcrafted", "code_log"):
        before, after = (
            pd.read_parquet(run / "features" / f"{name}.parquet").set_index(["recording", "chunk"])
            for run in (tiny_run, noisy)
        )
        labelled = before.index.get_level_values(0).isin(split.index[split == "labelled"])
        pd.testing.assert_frame_equal(before[labelled], after.loc[before.index[labelled]])
        assert not before[~labelled].equals(after.loc[before.index[~labelled]])


def test_a_changed_recording_is_noticed(tiny_study, corpus, tmp_path):
    root = shutil.copytree(corpus, tmp_path / "corpus")
    study = read_study(tiny_study, tmp_path, [f"corpus.root={root}"])
    before = resolve(study).fingerprints.data
    path = next(root.rglob("*.wav"))
    state, samples = path.stat(), bytearray(path.read_bytes())
    samples[-1] ^= 1
    path.write_bytes(samples)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert path.stat().st_size == state.st_size
    assert not set(resolve(study).fingerprints.data) & set(before)


def steps_not_current(study) -> list[str]:
    return [step.name for steps in STAGES.values() for step in steps(study) if not step.is_current]


@pytest.mark.slow
def test_touching_or_copying_recordings_makes_nothing_again(tiny_study, corpus, tmp_path):
    root = shutil.copytree(corpus, tmp_path / "corpus", copy_function=shutil.copyfile)
    out = tmp_path / "files"
    folder = run_study(read_study(tiny_study, out, [f"corpus.root={root}"])).folder
    skipped = (folder / "skipped.csv").read_bytes()
    chunks = (folder / "chunks.parquet").stat().st_ino
    for path in root.rglob("*.wav"):
        os.utime(path, (1, 1))
        # other bytes, the same samples
        soundfile.write(path, *soundfile.read(path), subtype="PCM_24")
    touched = resolve(read_study(tiny_study, out, [f"corpus.root={root}"]))
    assert steps_not_current(touched) == []
    moved = root.rename(tmp_path / "elsewhere")
    study = read_study(tiny_study, out, [f"corpus.root={moved}"])
    # what tells where recordings lie, and the pages that show it
    assert steps_not_current(resolve(study)) == ["manifest", "figures", "report"]
    run_study(study)
    assert pd.read_parquet(folder / "manifest.parquet")["path"].str.startswith(str(moved)).all()
    assert (folder / "chunks.parquet").stat().st_ino == chunks
    assert (folder / "skipped.csv").read_bytes() == skipped.replace(bytes(root), bytes(moved))


@pytest.mark.parametrize(
    ("change", "first", "handcrafted"),
    [
        ("curve.draws=3", "curve", False),
        ("plot.metric=uar", "compare", False),
        ("compare.rope=0.05", "compare", False),
        ("report.audio=link", "report", False),
        ("representations.code_log.epochs=2", "train code_log", False),
        ("representations.handcrafted.cover_seconds=0.5", "features handcrafted", True),
        ("chunks.tail=cover", "durations", False),
        ("chunks.sample_rate=16000", "durations", True),
    ],
)
def test_a_changed_key_makes_again_only_what_depends_on_it(
    tiny_run, tiny_study, change, first, handcrafted
):
    study = resolve(read_study(tiny_study, tiny_run.parent, [change]))
    steps = [step for steps_of in STAGES.values() for step in steps_of(study)]
    stale = [step.name for step in steps if not step.is_current]
    assert stale[0] == first
    assert ("features handcrafted" in stale) == handcrafted


def test_provenance_names_versions_seconds_and_the_study(tiny_run):
    found = json.loads((tiny_run / "provenance.json").read_text())
    assert found["versions"]["numpy"] == np.__version__
    assert found["study"]["corpus"][0]["speakers"] == 10
    assert set(found["steps"]["curve"]) == {"fingerprint", "seconds", "peak_memory_mib"}


def test_an_unknown_stage_is_named_with_the_nearest(tiny_study, tmp_path):
    with pytest.raises(SpecError, match="no stage 'curv'; did you mean 'curve'"):
        semisup.run(tiny_study, out=tmp_path, until="curv")


def folder_study(root: Path, out: Path, **tables: object) -> Study:
    """A study of a folder of classes, hand-crafted features only."""
    document = {
        "name": "mine",
        "corpus": {"adapter": "folder", "root": str(root), "speaker_pattern": r"_(s\d+)_"},
        "curve": {"classifiers": ["tree"], "percentages": [100], "draws": 1},
        **tables,
    }
    return Study(parse_study(document), Path(), out)


def make_recordings(root: Path, first_speaker: int = 0) -> None:
    """Write two recordings a class of each of six speakers."""
    # no sound is in two folders
    rng = np.random.default_rng(list(root.name.encode()))
    for number, label in enumerate(("calm", "angry")):
        (root / label).mkdir(parents=True)
        for speaker in range(first_speaker, first_speaker + 6):
            for take in range(2):
                tone = np.sin(np.arange(4000) * (0.1 + 0.2 * number)) * 0.5
                path = root / label / f"a_s{speaker}_{take}.wav"
                soundfile.write(path, tone + 0.01 * rng.normal(size=4000), 8000)


def test_bad_recordings_are_listed_and_never_scored(tmp_path):
    root = tmp_path / "corpus"
    make_recordings(root)
    good = (root / "calm" / "a_s0_0.wav").read_bytes()
    bad = {
        "corrupt": b"RIFF" + np.random.default_rng(0).bytes(300),
        "cut short": good[: len(good) // 2],
        "empty": b"",
        "text": b"not audio",
    }
    for number, data in enumerate(bad.values()):
        (root / "calm" / f"bad {number} żółw_s1_.wav").write_bytes(data)
    soundfile.write(root / "angry" / "nan_s1_.wav", np.full(4000, np.nan), 8000, subtype="FLOAT")
    soundfile.write(root / "angry" / "silent_s1_.wav", np.zeros(4000), 8000)
    soundfile.write(root / "angry" / "one_s1_.wav", np.ones(1), 8000)
    folder = run_study(folder_study(root, tmp_path / "files"), until="curve").folder
    skipped = pd.read_csv(folder / "skipped.csv")
    assert len(skipped) == len(bad) + 3
    assert skipped["reason"].str.len().min() > 10
    scored = set(pd.read_parquet(folder / "predictions.parquet")["recording"])
    assert scored
    assert not scored & set(skipped["recording"])
    assert len(pd.read_parquet(folder / "manifest.parquet")) == 24


def test_a_study_of_nothing_but_bad_recordings_says_so(tmp_path):
    (tmp_path / "corpus" / "calm").mkdir(parents=True)
    (tmp_path / "corpus" / "calm" / "x_s1_.wav").write_bytes(b"")
    with pytest.raises(CorpusError, match=r"None of the 1 recordings.*the file is empty"):
        run_study(folder_study(tmp_path / "corpus", tmp_path / "files"))


def test_a_class_with_one_speaker_is_one_sentence(tmp_path):
    make_recordings(tmp_path / "corpus")
    for path in (tmp_path / "corpus" / "angry").glob("*.wav"):
        if "_s0_" not in path.name:
            path.unlink()
    with pytest.raises(semisup.SemisupError, match="angry"):
        run_study(folder_study(tmp_path / "corpus", tmp_path / "files"))


def test_a_study_of_one_class_is_refused_by_check_and_run_with_the_root_that_has_more(tmp_path):
    for name in ("high/wavs", "deep/er/wavs", "alone"):
        make_recordings(tmp_path / name)
    shutil.rmtree(tmp_path / "alone" / "angry")
    table = pd.DataFrame({"file": sorted(map(str, (tmp_path / "high").rglob("*.wav")))})
    table = table.assign(label="speech", speaker=[f"s{row}" for row in range(len(table))])
    table.to_csv(tmp_path / "list.csv", index=False)
    folder = {"adapter": "folder", "speaker_pattern": r"_(s\d+)_"}
    for corpus, advice in (
        (folder | {"root": str(tmp_path / "high")}, f"root = '{tmp_path}/high/wavs' has the"),
        (folder | {"root": str(tmp_path / "deep")}, f"root = '{tmp_path}/deep/er/wavs' has the"),
        (folder | {"root": str(tmp_path / "alone")}, "look at [corpus] root"),
        (
            folder | {"root": str(tmp_path / "high" / "wavs"), "classes": ["calm"]},
            "look at [corpus] root",
        ),
        ({"adapter": "table", "root": str(tmp_path), "path": "list.csv"}, "look at [corpus] root"),
    ):
        study = folder_study(tmp_path, tmp_path / "files", corpus=corpus)
        with pytest.raises(SplitError, match="recordings with a label are of one class") as caught:
            run_study(study)
        assert advice in str(caught.value)
        problems, fatal = check_study(study)
        assert fatal
        assert f"fatal: {caught.value}" in problems


def two_corpora(root: Path) -> list[dict[str, str]]:
    """Two folders of classes, the second of which is unlabelled."""
    own = {"adapter": "folder", "speaker_pattern": r"_(s\d+)_"}
    return [
        own | {"root": str(root / "one")},
        own | {"root": str(root / "two"), "role": "unlabelled"},
    ]


def test_two_corpora_join_and_the_unlabelled_one_is_never_scored(tmp_path):
    make_recordings(tmp_path / "one")
    make_recordings(tmp_path / "two", first_speaker=6)
    study = folder_study(tmp_path, tmp_path / "files", corpus=two_corpora(tmp_path))
    folder = run_study(study, until="curve").folder
    manifest = pd.read_parquet(folder / "manifest.parquet").set_index("recording")
    second = manifest.index[manifest["role"] == "unlabelled"]
    assert (len(manifest), len(second)) == (48, 24)
    assert set(manifest.loc[second, "label"]) == {""}
    split = pd.read_csv(folder / "split.csv").set_index("recording")["subset"]
    assert set(split[second]) == {"unlabelled"}
    assert set(split.drop(second)) == {"labelled", "unlabelled", "test"}
    scored = set(pd.read_parquet(folder / "predictions.parquet")["recording"])
    assert scored == set(split.index[split == "test"])


def run_split(root: Path, corpora: list[dict[str, object]]) -> tuple[pd.DataFrame, dict]:
    """Return the manifest with `subset` ("" for none) and what `split.json` says."""
    study = folder_study(root, root / "files", corpus=corpora)
    folder = run_study(study, until="split").folder
    manifest = pd.read_parquet(folder / "manifest.parquet").set_index("recording")
    split = pd.read_csv(folder / "split.csv").set_index("recording")["subset"]
    subsets = split.reindex(manifest.index).fillna("")
    return manifest.assign(subset=subsets), json.loads((folder / "split.json").read_text())


def test_two_folders_of_equal_names_are_recordings_and_people_of_their_own(tmp_path):
    make_recordings(tmp_path / "one")
    make_recordings(tmp_path / "two")
    manifest, report = run_split(tmp_path, two_corpora(tmp_path))
    assert manifest["corpus"].value_counts().to_dict() == {"folder_one": 24, "folder_two": 24}
    assert manifest.index.str.startswith(("folder_one/", "folder_two/")).all()
    assert set(manifest["speaker"]) == {
        f"folder_{name}/s{number}" for name in ("one", "two") for number in range(6)
    }
    of_first = manifest[manifest["corpus"] == "folder_one"]
    assert set(of_first["subset"]) == {"labelled", "unlabelled", "test"}
    assert set(manifest.loc[manifest["role"] == "unlabelled", "subset"]) == {"unlabelled"}
    assert "6 speakers' names are in more than one corpus" in report["warnings"][0]
    # whoever says that they are others is not warned
    corpora = [corpus | {"same_speakers": False} for corpus in two_corpora(tmp_path)]
    again, report = run_split(tmp_path, corpora)
    assert again.equals(manifest)
    assert not [text for text in report["warnings"] if "more than one corpus" in text]


def test_three_corpora_of_which_two_have_the_same_speakers(tmp_path):
    make_recordings(tmp_path / "one")
    make_recordings(tmp_path / "two", first_speaker=4)
    make_recordings(tmp_path / "three", first_speaker=3)
    first, second = [corpus | {"same_speakers": True} for corpus in two_corpora(tmp_path)]
    third = second | {"root": str(tmp_path / "three"), "name": "radio", "same_speakers": False}
    manifest, _ = run_split(tmp_path, [first, second, third])
    assert set(manifest["corpus"]) == {"folder_one", "folder_two", "radio"}
    assert set(manifest["speaker"]) == {
        *(f"s{number}" for number in range(10)),
        *(f"radio/s{number}" for number in range(3, 9)),
    }
    # s4 and s5 are heard in the unlabelled folder too
    used = manifest[(manifest["corpus"] == "folder_one") & (manifest["subset"] != "")]
    assert set(used["speaker"]) == {"s0", "s1", "s2", "s3"}


@pytest.mark.slow
def test_what_a_split_leaves_out_is_listed_and_counted_everywhere(tmp_path, capsys):
    make_recordings(tmp_path / "one")
    make_recordings(tmp_path / "two", first_speaker=5)
    (tmp_path / "one" / "calm" / "empty_s0_.wav").write_bytes(b"")
    corpora = [corpus | {"same_speakers": True} for corpus in two_corpora(tmp_path)]
    tables = {"split": {"strategy": "quota", "per_class": {"labelled": 3, "test": 3}}}
    study = folder_study(tmp_path, tmp_path / "files", corpus=corpora, **tables)
    folder = run_study(study).folder
    skipped = pd.read_csv(folder / "skipped.csv")
    assert skipped["recording"].is_unique
    by_stage = skipped["stage"].value_counts().to_dict()
    assert by_stage == {"split": 48 - 24 - 12, "manifest": 1}
    left = skipped[skipped["stage"] == "split"]
    # s5 is heard in the unlabelled folder too
    of_s5 = left.loc[left["reason"].str.contains("role 'unlabelled' too"), "recording"]
    assert len(of_s5) == 4
    assert of_s5.str.contains("folder_one/.*_s5_").all()
    counts = {
        row["reason"]: row["recordings"]
        for row in json.loads((folder / "split.json").read_text())["left_out"]
    }
    assert counts == left["reason"].value_counts().to_dict()
    page = (folder / "report.html").read_text()
    assert "No recording was left out" not in page
    assert "13 left out" in page
    said = capsys.readouterr().err
    for reason, count in counts.items():
        assert f"left out {count}: {reason}" in said
    # a list that was lost is whole again
    (folder / "skipped.csv").unlink()
    run_study(study)
    assert pd.read_csv(folder / "skipped.csv").equals(skipped)
    # another split takes the rows of the first one away, and keeps those of the manifest
    whole = folder_study(tmp_path, tmp_path / "files", corpus=corpora)
    problems, fatal = check_study(whole)
    assert not fatal
    assert [text for text in problems if text.startswith(("skipped", "left out"))] == [
        f"skipped: {tmp_path}/one/calm/empty_s0_.wav: the file is empty (0 bytes)",
        "left out: 4 by the split: its speaker is in a corpus of role 'unlabelled' too",
    ]
    run_study(whole, until="split")
    skipped = pd.read_csv(folder / "skipped.csv")
    assert skipped["stage"].value_counts().to_dict() == {"split": 4, "manifest": 1}


def test_a_stage_replaces_its_rows_of_the_list_and_those_of_the_stages_after_it(tmp_path):
    path = tmp_path / "skipped.csv"

    def stages_after(stage, *recordings):
        rows = pd.DataFrame({"recording": recordings, "path": "NA", "reason": "so"}, dtype=str)
        list_skipped(path, stage, rows)
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        assert set(table["path"]) <= {"NA"}
        return dict(zip(table["recording"], table["stage"], strict=True))

    assert stages_after("manifest", "007") == {"007": "manifest"}
    assert stages_after("split", "a", "b") == {"007": "manifest", "a": "split", "b": "split"}
    assert stages_after("chunks", "c")["c"] == "chunks"
    assert stages_after("chunks") == {"007": "manifest", "a": "split", "b": "split"}
    assert stages_after("chunks", "d")["d"] == "chunks"
    assert stages_after("split", "e") == {"007": "manifest", "e": "split"}
    assert stages_after("manifest") == {}


def test_one_root_twice_is_refused(tmp_path):
    make_recordings(tmp_path / "one")
    once, _ = two_corpora(tmp_path)
    with pytest.raises(CorpusError, match=r"24 recordings are listed more than once.*_one_2'"):
        run_split(tmp_path, [once, once | {"role": "unlabelled"}])


@pytest.mark.slow
def test_feature_tables_alone_make_a_study(tmp_path):
    rng = np.random.default_rng(0)
    rows = [
        {"file": f"r{i}", "label": "ab"[i % 2], "speaker": f"s{i}", "subset": subset}
        for i, subset in enumerate(["labelled"] * 20 + ["test"] * 10)
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "mine.csv", index=False)
    values = rng.normal(size=(30, 2)) + np.arange(30)[:, None] % 2 * 3
    table = pd.DataFrame({"recording": [row["file"] for row in rows], "x": values[:, 0]})
    table.assign(y=values[:, 1]).to_csv(tmp_path / "x.csv", index=False)
    (tmp_path / "study.toml").write_text(
        """
        name = "tables"
        [corpus]
        adapter = "table"
        path = "mine.csv"
        audio = false
        [split]
        strategy = "column"
        [representations.mine]
        kind = "table"
        path = "x.csv"
        [curve]
        classifiers = ["svm", "tree"]
        draws = 2
        percentages = [50, 100]
        """
    )
    folder = semisup.run(tmp_path / "study.toml", out=tmp_path / "files")
    scores = pd.read_csv(folder / "scores.csv")
    assert len(scores) == 2 * 2 * 2
    assert scores.loc[scores["percentage"] == 100, "uar"].mean() > 0.8
    assert not (folder / "chunks.zarr").exists()
