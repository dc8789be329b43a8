"""A run leaves what an empty folder would hold: what is taken out of a study leaves nothing."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from small_study import STUDY, write_small_study

from semisup.engine.artefacts import write_json, write_text
from semisup.reading import read_study
from semisup.stages import plot, report
from semisup.stages.runner import run_study
from semisup.study.study import Study

WHOLE = (
    STUDY.replace(
        "labelled = 0.5, test = 0.5", "labelled = 0.5, test = 0.25, unlabelled = 0.25"
    ).replace("[50, 100]", "[100]")
    + """
[representations.pca]
kind = "logmel_pca"
components = 2
[representations.mel]
kind = "mel_spectrogram"
[importance]
permutations = 1
features = 0
[clusters]
[plot]
formats = ["png", "svg"]
[train]
seeds = 2
"""
)
#: What is taken out, some things together, and what stands in its place.
CHANGES = {
    "a format, clusters and importance": [
        (', "svg"]', "]"),
        ("[clusters]\n", ""),
        ("[importance]\npermutations = 1\nfeatures = 0\n", ""),
    ],
    "trainings and arrays": [
        ("[train]\nseeds = 2\n", ""),
        ('[representations.mel]\nkind = "mel_spectrogram"\n', ""),
    ],
    "what learns, a classifier and the last pair": [
        ('[representations.pca]\nkind = "logmel_pca"\ncomponents = 2\n', ""),
        ('"knn", "tree"', '"tree"'),
        ('[representations.mfcc]\nkind = "mfcc"\n', ""),
    ],
}


@pytest.fixture
def quick(monkeypatch):
    """Leave drawing out: what matters here is which files there are."""

    def touch(paths):
        for path in paths:
            write_text(path, "")

    def plots(study, networks):
        touch([*plot._figures(study).values(), *plot._systems(study), *networks])

    monkeypatch.setattr(plot, "_make", plots)
    monkeypatch.setattr(report, "_draw", touch)
    monkeypatch.setattr(report, "write_report", lambda folder, *_: touch([folder / "report.html"]))


def files_in(folder: Path) -> list[str]:
    """List all but what was extracted of recordings, which is kept for whoever asks again."""
    names = (path.relative_to(folder) for path in folder.rglob("*"))
    return sorted(name.as_posix() for name in names if ".kept" not in name.parts)


def steps_in(folder: Path) -> set[str]:
    return set(json.loads((folder / "provenance.json").read_text())["steps"])


def with_text(study: Study, text: str) -> Study:
    (study.base / "study.toml").write_text(text)
    return read_study(study.base / "study.toml", study.out)


@pytest.mark.slow
def test_what_is_taken_out_leaves_nothing(tmp_path, quick):
    study = read_study(write_small_study(tmp_path, WHOLE), tmp_path / "out")
    run_study(study)
    text, before = WHOLE, files_in(study.folder)
    for name, changes in CHANGES.items():
        for change in changes:
            assert change[0] in text, change
            text = text.replace(*change)
        study = with_text(study, text)
        run_study(study)
        anew = replace(study, out=tmp_path / name)
        run_study(anew)
        after = files_in(study.folder)
        assert after == files_in(anew.folder), name
        assert steps_in(study.folder) == steps_in(anew.folder), name
        # that it left something is what the test is about
        assert len(after) < len(before), name
        before = after


@pytest.mark.slow
def test_folds_that_are_no_more_leave_nothing(tmp_path, quick):
    # the split of `test` and `labelled` alone, dealt anew
    text = WHOLE.replace("[split]", "[split]\nfolds = 3").replace("unlabelled = 0.25", "")
    text = text.replace("test = 0.25, ", "test = 0.25").split("[representations.mel]")[0]
    text = text.split("[representations.pca]")[0]
    study = read_study(write_small_study(tmp_path, text), tmp_path / "out")
    run_study(study)
    assert (study.folder / "repeats" / "002").is_dir()
    for number, (old, new) in enumerate([("folds = 3", "folds = 2"), ("folds = 2\n", "")]):
        text = text.replace(old, new)
        study = with_text(study, text)
        run_study(study)
        anew = replace(study, out=tmp_path / str(number))
        run_study(anew)
        assert files_in(study.folder) == files_in(anew.folder)


def test_files_of_the_users_stay_and_so_does_what_other_commands_made(tmp_path, quick):
    study = read_study(write_small_study(tmp_path), tmp_path / "out")
    run_study(study)
    theirs = [
        study.folder / name
        for name in (
            *("notes.txt", ".hidden", "figures/mine.png", "features/mine.parquet"),
            *("mfcc/mine.csv", "repeats/mine/x.csv", "tables/areas_mine.csv", "mine.partial"),
            *("fitted/tree@mfcc/system.json", "predictions/1/files.csv", "code/tuning.csv"),
        )
    ]
    for path in theirs:
        write_text(path, "mine")
    write_json(study.folder / "code" / "tuned.json", {})
    halves = [
        study.folder / "features" / f".mfcc.0a1b2c-77{thread}.partial.parquet"
        for thread in ("", "-78")
    ]
    for half in halves:
        half.write_text("half of a file that a killed run was writing")
    (study.folder / ".parts" / "curve-of-another").mkdir(parents=True)
    study = with_text(study, STUDY.replace('[representations.mfcc]\nkind = "mfcc"\n', ""))
    run_study(study)
    assert [path.read_text() for path in theirs] == ["mine"] * len(theirs)
    assert (study.folder / "code" / "tuned.json").exists()
    assert not (study.folder / "features" / "mfcc.parquet").exists()
    assert not any(half.exists() for half in halves)
    assert not (study.folder / ".parts").exists()


def test_what_a_killed_step_left_is_known_as_ours(tmp_path, quick, monkeypatch):
    study = read_study(write_small_study(tmp_path), tmp_path / "out")

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("semisup.curve.gather.gather_losses", die)
        patch.setattr("semisup.stages.curve.gather_losses", die)
        with pytest.raises(KeyboardInterrupt):
            run_study(study)
    assert (study.folder / "scores.parquet").exists()
    # of another name, as if the stage had been taken out
    (study.folder / "scores.parquet").rename(study.folder / "old.parquet")
    marks = [".scores.parquet.fingerprint", ".old.parquet.fingerprint"]
    (study.folder / marks[0]).rename(study.folder / marks[1])
    run_study(study)
    assert not (study.folder / "old.parquet").exists()
    assert (study.folder / "scores.parquet").exists()


def test_a_step_that_fails_leaves_no_marks(tmp_path, monkeypatch):
    study = read_study(write_small_study(tmp_path), tmp_path / "out")

    def fail(*_):
        raise ValueError("broken")

    monkeypatch.setattr("semisup.stages.features._write", fail)
    with pytest.raises(ValueError, match="broken"):
        run_study(study)
    assert not (study.folder / "features").exists()
