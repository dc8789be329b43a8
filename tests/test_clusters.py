"""What lies close together in a representation: exact where it is made so."""

import numpy as np
import pandas as pd
import pytest
from table_study import table_study

from semisup import read_study
from semisup.comparison.clusters import agreement_of_clusters, outliers, standardised
from semisup.stages.runner import run_study

CLASSES, SPEAKERS = np.arange(60) % 3, np.arange(60) // 12
FACTORS = {"class": CLASSES.astype(str), "speaker": SPEAKERS.astype(str)}


def made_of(groups, seed=0):
    rng = np.random.default_rng(seed)
    centres = 20 * rng.normal(size=(groups.max() + 1, 4))
    return centres[groups] + 0.1 * rng.normal(size=(len(groups), 4))


@pytest.mark.parametrize("factor", ["class", "speaker"])
def test_a_representation_of_one_thing_holds_that_and_not_the_other(factor):
    values = standardised(made_of({"class": CLASSES, "speaker": SPEAKERS}[factor]))
    table = agreement_of_clusters(values, FACTORS, 5, 0).set_index("factor")
    other = {"class": "speaker", "speaker": "class"}[factor]
    assert table["ami"][factor] == pytest.approx(1)
    assert table["ari"][factor] == pytest.approx(1)
    assert table["neighbours"][factor] == pytest.approx(1)
    assert table["ami"][other] < 0.1
    assert table["neighbours"][other] < 0.1
    assert table["groups"].to_dict() == {"class": 3, "speaker": 5}


def test_noise_holds_nothing():
    values = standardised(np.random.default_rng(0).normal(size=(600, 5)))
    factors = {"class": (np.arange(600) % 3).astype(str)}
    table = agreement_of_clusters(values, factors, 5, 0)
    assert abs(table["ami"][0]) < 0.02
    assert abs(table["neighbours"][0]) < 0.05


def test_who_is_not_known_is_left_out_and_one_group_has_no_number():
    values = standardised(made_of(CLASSES))
    factors = {
        "class": np.where(SPEAKERS == 0, "", CLASSES.astype(str)),
        "speaker": np.where(SPEAKERS == 0, "s0", ""),
    }
    table = agreement_of_clusters(values, factors, 5, 0).set_index("factor")
    assert table["recordings"].to_dict() == {"class": 48, "speaker": 12}
    assert table.loc["speaker", ["ami", "ari", "neighbours"]].isna().all()


def test_constant_features_count_not():
    values = np.column_stack([made_of(CLASSES), np.ones(60), np.full(60, np.nan)])
    assert standardised(values).shape == (60, 4)
    assert standardised(np.ones((5, 2))).shape == (5, 0)
    assert outliers(standardised(np.ones((5, 2))), np.arange(5), 2, 3).empty


def test_what_lies_alone_lies_farthest_out():
    values = np.random.default_rng(0).normal(size=(50, 3))
    values[7], values[21] = 30, -20
    table = outliers(values, np.arange(50), neighbours=5, most=3)
    assert table["recording"].tolist()[:2] == [7, 21]
    assert table["ratio"][0] > table["ratio"][1] > 10 > table["ratio"][2]
    # the mean of the five nearest distances, by hand
    nearest = np.sort(np.linalg.norm(values - values[7], axis=1))[1:6]
    assert table["distance"][0] == pytest.approx(nearest.mean() / np.sqrt(3))


def study(folder, keys="outliers = 3", order=None):
    names = [f"r{number:02d}.wav" for number in range(60)]
    listing = pd.DataFrame({"file": names, "label": np.array(list("abc"))[CLASSES]})
    listing["speaker"] = [f"s0{number}" for number in SPEAKERS]
    listing.to_csv(folder / "list.csv", index=False)
    values = made_of(SPEAKERS)
    values[33] += 500
    features = pd.DataFrame(values, columns=list("wxyz"))
    features.insert(0, "recording", names)
    features.to_csv(folder / "mine.csv", index=False)
    text = table_study("close") + '[curve]\nclassifiers = ["knn"]\npercentages = [100]\n'
    text += f"draws = 2\n[compare]\nresamples = 200\n[clusters]\n{keys}\n"
    (folder / "study.toml").write_text(text)
    return read_study(folder / "study.toml", out=folder / "out")


@pytest.mark.slow
def test_a_study_lists_outliers_and_changes_no_score(tmp_path):
    read = study(tmp_path)
    run_study(read)
    clusters = pd.read_csv(read.folder / "clusters.csv").set_index("factor")
    assert clusters["neighbours"]["speaker"] > clusters["neighbours"]["class"]
    far = pd.read_csv(read.folder / "outliers.csv")
    assert far["recording"][0] == "r33.wav"
    assert far["speaker"][0] == "s02"
    assert len(far) == 3
    page = (read.folder / "report.html").read_text("utf-8")
    assert "In every representation clusters are speakers rather than classes." in page
    assert "r33.wav" in page
    assert (read.folder / "figures" / "clusters.png").exists()
    scores, made = (read.folder / "scores.csv").read_bytes(), read.folder / "scores.csv"
    at = made.stat().st_mtime_ns
    # without the table nothing of it is left, and nothing else is made again
    text = (tmp_path / "study.toml").read_text()
    (tmp_path / "study.toml").write_text(text[: text.index("[clusters]")])
    run_study(read_study(tmp_path / "study.toml", out=tmp_path / "out"), until="compare")
    assert made.stat().st_mtime_ns == at
    assert made.read_bytes() == scores
    assert not (read.folder / "clusters.csv").exists()
    assert not (read.folder / "outliers.csv").exists()


def test_of_many_recordings_some_are_looked_at(tmp_path):
    read = study(tmp_path, "recordings = 20")
    run_study(read, until="clusters")
    clusters = pd.read_csv(read.folder / "clusters.csv")
    assert (clusters["recordings"] == 20).all()
