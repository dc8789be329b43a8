"""Folds of speakers: splits that test everybody, studies of them, and what their variance is."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from semisup import read_study
from semisup.comparison.folded import FOLDED, folded_variance
from semisup.comparison.folds import Folds, folds_of
from semisup.comparison.predictions import clusters
from semisup.engine.parallel import Workers
from semisup.errors import SplitError
from semisup.reading import read_draft
from semisup.splits import each, over_repeats, split_table
from semisup.stages.preflight import check_draft
from semisup.stages.runner import run_study
from semisup.study.split_spec import SplitSpec

STUDY = """
name = "folds"
seed = 3
[corpus]
adapter = "synthetic"
root = "recordings"
speakers = 6
recordings_per_speaker = 6
[split]
folds = 3
repeats = 2
[chunks]
chunk_samples = 20000
short = "pad"
[representations.handcrafted]
kind = "handcrafted"
[representations.components]
kind = "logmel_pca"
components = 4
dimensions = 4
[curve]
classifiers = ["knn"]
percentages = [50, 100]
draws = 2
[compare]
resamples = 200
permutations = 999
"""
TABLES = ("scores.csv", "predictions.parquet", "summary.csv", "comparison.csv", "variance.csv")


def manifest_of(n_speakers: int, each_class: int = 2, classes: str = "abc") -> pd.DataFrame:
    rows = [
        (f"s{speaker:02d}_{label}_{number}", label, f"s{speaker:02d}")
        for speaker in range(n_speakers)
        for label in classes
        for number in range(each_class)
    ]
    return pd.DataFrame(rows, columns=["recording", "label", "speaker"]).assign(content="")


def speakers_by_subset(manifest: pd.DataFrame, split: pd.Series) -> dict[str, set[str]]:
    speaker = manifest.set_index("recording")["speaker"][split.index]
    return {name: set(speaker[split == name]) for name in split.unique()}


@settings(max_examples=20)
@given(
    n_speakers=st.integers(4, 9),
    n_folds=st.integers(2, 4),
    repeats=st.integers(1, 3),
    seed=st.integers(0, 99),
)
@pytest.mark.slow
def test_every_speaker_is_tested_once_a_repeat_and_never_heard_elsewhere(
    n_speakers, n_folds, repeats, seed
):
    manifest = manifest_of(n_speakers)
    table = split_table(manifest, SplitSpec(folds=n_folds, repeats=repeats), seed)
    shuffled = manifest.sample(frac=1, random_state=seed)
    again = split_table(shuffled, SplitSpec(folds=n_folds, repeats=repeats), seed)
    order = ["repeat", "recording"]
    pd.testing.assert_frame_equal(
        table.sort_values(order, ignore_index=True), again.sort_values(order, ignore_index=True)
    )
    splits = list(each(table))
    assert len(splits) == n_folds * repeats
    for first in range(0, len(splits), n_folds):
        tested = [
            speakers_by_subset(manifest, split)["test"] for split in splits[first : first + n_folds]
        ]
        assert sorted(name for fold in tested for name in fold) == sorted(set(manifest["speaker"]))
        assert max(map(len, tested)) - min(map(len, tested)) <= 1
    for split in splits:
        subsets = list(speakers_by_subset(manifest, split).values())
        assert sum(map(len, subsets)) == len(set.union(*subsets))


def test_quotas_hold_within_each_fold_and_one_speaker_a_fold_is_one_line():
    manifest = manifest_of(5)
    counts = {"labelled": 2, "unlabelled": "rest"}
    spec = SplitSpec(strategy="quota", per_class=counts, folds="speakers")
    labels = manifest.set_index("recording")["label"]
    for split in each(split_table(manifest, spec)):
        assert set(labels[split.index[split == "labelled"]].value_counts()) == {2}
        assert (split == "test").sum() == 6
    assert (over_repeats(split_table(manifest, spec)) == "test").all()


def test_folds_that_are_given_are_taken_as_they_are():
    manifest = manifest_of(6)
    given_folds = [["s00", "s05"], ["s01"]]
    splits = list(each(split_table(manifest, SplitSpec(folds=given_folds))))
    assert [sorted(speakers_by_subset(manifest, split)["test"]) for split in splits] == given_folds
    with pytest.raises(SplitError, match="of the speaker 's9'"):
        split_table(manifest, SplitSpec(folds=[["s00"], ["s9"]]))


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"folds": 1}, "whole number from 2, 'speakers'"),
        ({"folds": "speaker"}, "whole number from 2, 'speakers'"),
        ({"folds": [["a"], ["a", "b"]]}, "names 'a' twice"),
        ({"repeats": 2}, "needs folds"),
        ({"folds": 3, "strategy": "column"}, "'fraction' or 'quota'"),
        ({"folds": 3, "leaky": True}, "whole speakers"),
        ({"folds": 3, "strategy": "quota", "per_class": {"labelled": 1, "test": 2}}, "'rest'"),
    ],
)
def test_what_folds_cannot_be_is_said(keys, message):
    with pytest.raises(ValueError, match=message):
        SplitSpec(**keys)


def test_more_folds_than_speakers_and_a_class_of_one_speaker_are_refused():
    with pytest.raises(SplitError, match="folds = 9, but 4 speakers"):
        split_table(manifest_of(4), SplitSpec(folds=9))
    lonely = manifest_of(4)
    lonely.loc[(lonely["speaker"] == "s00") & (lonely["label"] == "a"), "label"] = "d"
    with pytest.raises(SplitError, match="where that one is tested"):
        split_table(lonely, SplitSpec(folds=2))


def test_one_split_has_no_column_of_repeats_and_keeps_its_fingerprint():
    table = split_table(manifest_of(4), SplitSpec())
    assert list(table.columns) == ["recording", "subset"]


def test_folds_are_read_from_the_splits():
    manifest = manifest_of(6)
    table = split_table(manifest, SplitSpec(folds=3, repeats=2), seed=1)
    tested = clusters(sorted(manifest["recording"]), manifest, ["a", "b", "c"])
    folds = folds_of(table, manifest, tested, repeats=2)
    assert folds.n_repeats == 2
    names = sorted(set(manifest["speaker"]))
    for number, split in enumerate(each(table)):
        for name in speakers_by_subset(manifest, split)["test"]:
            assert folds.of_speaker[number // 3, names.index(name)] == number
    assert np.diag(folds.overlap) == pytest.approx(np.ones(6))
    subsets = [speakers_by_subset(manifest, split) for split in each(table)]
    cosines = [
        len(subsets[0][name] & subsets[1][name])
        / np.sqrt(len(subsets[0][name]) * len(subsets[1][name]))
        for name in ("labelled", "unlabelled")
    ]
    assert folds.overlap[0, 1] == pytest.approx(max(cosines))


def made_up(sds: tuple[float, ...], rng: np.random.Generator, n_speakers=12, repeats=3, n_folds=4):
    """Draw scores whose pools are means of what their speakers are worth to learn from."""
    of_speaker, of_pool, of_draw, of_rest = sds
    worth = rng.normal(size=n_speakers)
    values = of_speaker * rng.normal(size=n_speakers) + of_rest * rng.normal(
        size=(repeats, 3, n_speakers)
    )
    number, pools = np.zeros((repeats, n_speakers), int), []
    for repeat in range(repeats):
        dealt = np.array_split(rng.permutation(n_speakers), n_folds)
        for fold in dealt:
            number[repeat, fold] = len(pools)
            others = np.setdiff1d(np.arange(n_speakers), fold)
            pool = rng.choice(others, len(others) // 2, replace=False)
            pools.append(np.isin(np.arange(n_speakers), pool).astype(float))
            values[repeat][:, fold] += of_pool * worth[pool].mean() * np.sqrt(len(pool))
            values[repeat][:, fold] += of_draw * rng.normal(size=(3, 1))
    members = np.array(pools)
    size = np.sqrt(members.sum(axis=1))
    return values.reshape(1, -1, n_speakers), Folds(
        number, members @ members.T / np.outer(size, size)
    )


def test_variance_over_folds_is_on_average_what_the_means_have():
    rng = np.random.default_rng(0)
    means, totals, parts = [], [], []
    for _ in range(400):
        values, folds = made_up((1.0, 0.5, 0.3, 0.5), rng)
        estimated = folded_variance(values, folds, 1).parts[:, 0]
        means.append(values.mean())
        totals.append(estimated.sum())
        parts.append(estimated)
    assert np.mean(totals) == pytest.approx(np.var(means), rel=0.15)
    shares = dict(zip(FOLDED, np.mean(parts, axis=0), strict=True))
    assert shares["pool"] > 0.5 * shares["speaker"]
    assert shares["encoder"] == 0


def test_of_one_repeat_the_variance_is_that_of_the_speakers_and_nadeau_and_bengios_share():
    values = np.random.default_rng(1).normal(size=(2, 3, 8))
    folds = Folds(np.arange(8)[None], np.full((8, 8), 0.5) + 0.5 * np.eye(8))
    assert not folds.tells_pools
    result = folded_variance(values, folds, 1)
    expected = values.mean(axis=1).var(axis=1, ddof=1) * (1 / 8 + 1 / 7)
    assert result.parts.sum(axis=0) == pytest.approx(expected)
    assert result.df == pytest.approx([7, 7])


def test_two_speakers_who_test_each_other_have_a_variance():
    values = np.random.default_rng(1).normal(size=(1, 3, 2))
    result = folded_variance(values, Folds(np.arange(2)[None], np.eye(2)), 1)
    expected = values.mean(axis=1).var(axis=1, ddof=1) * (1 / 2 + 1)
    assert result.parts.sum(axis=0) == pytest.approx(expected)


def run(folder: Path, until: str = "compare", jobs: int = 1) -> Path:
    path = folder / "study.toml"
    path.write_text(STUDY)
    study = read_study(path, folder / "files")
    return run_study(study, until, workers=Workers(jobs)).folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    return run(tmp_path_factory.mktemp("folds"))


def test_a_study_tests_every_recording_once_a_repeat(finished):
    manifest = pd.read_parquet(finished / "manifest.parquet")
    predictions = pd.read_parquet(finished / "predictions.parquet")
    cell = predictions[
        (predictions["representation"] == "components")
        & (predictions["percentage"] == 100)
        & (predictions["draw"] == 1)
    ]
    assert sorted(set(cell["repeat"])) == list(range(6))
    for repeat in range(2):
        rows = cell[cell["repeat"] // 3 == repeat]
        assert sorted(rows["recording"]) == sorted(manifest["recording"])


def test_scores_are_of_all_test_speakers_together(finished):
    from sklearn.metrics import recall_score

    manifest = pd.read_parquet(finished / "manifest.parquet").set_index("recording")
    predictions = pd.read_parquet(finished / "predictions.parquet")
    summary = pd.read_csv(finished / "summary.csv")
    row = summary[
        (summary["representation"] == "handcrafted")
        & (summary["percentage"] == 50)
        & (summary["metric"] == "uar")
    ].iloc[0]
    rows = predictions[
        (predictions["representation"] == "handcrafted") & (predictions["percentage"] == 50)
    ]
    classes = sorted(set(manifest["label"]))
    truth = manifest["label"][rows["recording"]].map(classes.index).to_numpy()
    scores = [
        recall_score(truth[cell], rows["predicted"][cell], average="macro")
        for repeat in range(2)
        for draw in range(2)
        for cell in [((rows["repeat"] // 3 == repeat) & (rows["draw"] == draw)).to_numpy()]
    ]
    assert row["mean"] == pytest.approx(np.mean(scores))
    assert row["low"] < row["mean"] < row["high"]
    assert row["draws"] == 4


def test_what_depends_on_no_split_is_made_once(finished):
    assert (finished / "features" / "handcrafted.parquet").exists()
    assert not (finished / "repeats" / "000" / "features" / "handcrafted.parquet").exists()
    assert (finished / "repeats" / "005" / "components" / "projection.npz").exists()
    assert not list((finished / ".parts").iterdir())
    first = finished / "repeats" / "000" / "components" / "projection.npz"
    assert (finished / "components" / "projection.npz").read_bytes() == first.read_bytes()


def test_sources_of_variance_are_told_apart(finished):
    sources = pd.read_csv(finished / "variance.csv")
    assert set(sources["source"]) == set(FOLDED)
    assert (sources["variance"] >= 0).all()


@pytest.mark.slow
def test_folds_side_by_side_give_the_same_bytes_and_a_broken_one_is_made_again(finished, tmp_path):
    shutil.copytree(finished.parents[1], tmp_path / "copy", dirs_exist_ok=True)
    copy = tmp_path / "copy" / "files" / "folds"
    before = {name: (copy / name).read_bytes() for name in TABLES}
    shutil.rmtree(copy / "repeats" / "004")
    shutil.rmtree(copy / "repeats" / "005")
    kept = (copy / "repeats" / "001" / "scores.csv").stat().st_mtime_ns
    for name in TABLES:
        (copy / name).unlink()
    run(tmp_path / "copy", jobs=2)
    assert {name: (copy / name).read_bytes() for name in TABLES} == before
    assert (copy / "repeats" / "001" / "scores.csv").stat().st_mtime_ns == kept


def test_noise_in_place_of_a_folds_test_speakers_changes_nothing_learned_in_it(finished, tmp_path):
    """The leak test: models, and the features of all others, of fold 2."""
    shutil.copytree(finished.parents[1] / "recordings", tmp_path / "recordings")
    split = next(iter(list(each(pd.read_csv(finished / "split.csv")))[2:]))
    paths = pd.read_parquet(finished / "manifest.parquet").set_index("recording")["path"]
    rng = np.random.default_rng(0)
    for recording in split.index[split == "test"]:
        name = Path(paths[recording]).name
        (path,) = (tmp_path / "recordings").rglob(name)
        signal, rate = soundfile.read(path)
        soundfile.write(path, 0.1 * rng.normal(size=len(signal)), rate)
    noisy = run(tmp_path, "features")
    pd.testing.assert_frame_equal(
        pd.read_csv(finished / "split.csv"), pd.read_csv(noisy / "split.csv")
    )
    one, other = (folder / "repeats" / "002" for folder in (finished, noisy))
    projections = [np.load(folder / "components" / "projection.npz") for folder in (one, other)]
    for name in projections[0].files:
        np.testing.assert_array_equal(projections[0][name], projections[1][name])
    tables = [
        pd.read_parquet(folder / "features" / "components.parquet").set_index("recording")
        for folder in (one, other)
    ]
    labelled = split.index[split == "labelled"]
    pd.testing.assert_frame_equal(tables[0].loc[labelled], tables[1].loc[labelled])
    test = split.index[split == "test"]
    assert not tables[0].loc[test].equals(tables[1].loc[test])


def test_check_says_what_folds_cost(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(STUDY.replace("folds = 3", 'folds = "speakers"'))
    found = check_draft(read_draft(path, tmp_path / "files"))
    assert not found.fatal
    # 6 speakers x 2 repeats x 2 systems x 2 budgets x 2 draws
    assert found.cost == "12 splits, 96 cells and 12 trainings"
