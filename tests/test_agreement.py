"""Agreement of raters: alpha of a published example, ceilings known by construction, one study."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from table_study import table_study

from semisup import read_study
from semisup.comparison.agreement import NONE, agreement, majority
from semisup.comparison.bootstrap import resample
from semisup.errors import CorpusError
from semisup.stages.runner import run_study
from semisup.study.spec import CompareSpec

#: Krippendorff 2011, example C: four observers, twelve units, five values; nominal alpha .743.
KRIPPENDORFF = """
    1 2 3 3 2 1 4 1 2 * * *
    1 2 3 3 2 2 4 1 2 5 * 3
    * 3 3 3 2 3 4 2 2 5 1 *
    1 2 3 3 2 4 4 1 2 5 1 *
"""


def rated(text):
    rows = [line.split() for line in text.strip().splitlines()]
    return np.array([[NONE if cell == "*" else int(cell) - 1 for cell in row] for row in rows]).T


def measured(ratings, n_classes, metrics=("uar", "accuracy")):
    """Every recording is of a speaker of its own."""
    speaker = np.arange(len(ratings))
    weights = resample(200, 1, len(ratings), np.random.default_rng(0)).speakers
    table = agreement(ratings, speaker, n_classes, weights, metrics, CompareSpec(resamples=200))
    return table.set_index("statistic")


def test_alpha_is_krippendorffs():
    table = measured(rated(KRIPPENDORFF), 5)
    assert table["value"]["alpha"] == pytest.approx(0.743, abs=0.0005)
    # the twelfth unit has one rating only
    assert table["recordings"]["alpha"] == 11
    assert table["ratings"]["alpha"] == 41
    assert table["low"]["alpha"] < 0.743 < table["high"]["alpha"] <= 1


@given(st.integers(2, 5), st.integers(2, 4), st.integers(4, 20), st.integers(0, 99))
def test_raters_who_agree_are_perfect(n_raters, n_classes, n, seed):
    truth = np.random.default_rng(seed).permutation(np.arange(n) % n_classes)
    table = measured(np.repeat(truth[:, None], n_raters, axis=1), n_classes)
    assert (table["value"] == 1).all()
    assert (table["high"] == 1).all()


def test_dice_agree_by_chance_alone():
    ratings = np.random.default_rng(0).integers(0, 3, (3000, 3))
    table = measured(ratings, 3)
    assert table["value"]["alpha"] == pytest.approx(0, abs=0.03)
    assert table["low"]["alpha"] < 0 < table["high"]["alpha"]
    assert table["value"]["accuracy"] == pytest.approx(1 / 3, abs=0.03)


def test_the_ceiling_is_one_rater_against_the_majority_of_the_others():
    # the third is wrong about half of each class; two who are right outvote one who is not
    truth = np.repeat([0, 1], 8)
    odd = np.where(np.arange(16) % 2, 1 - truth, truth)
    ratings = np.stack([truth, truth, truth, odd], axis=1)
    table = measured(ratings, 2)
    # 1, 1 and 1 against the majority of right, right and odd; .5 of the odd one
    assert table["value"]["accuracy"] == pytest.approx((3 + 0.5) / 4)


def test_a_tie_is_no_majority():
    assert majority(np.array([[2, 1, 0], [1, 1, 0], [0, 0, 0]])).tolist() == [0, NONE, NONE]


def test_nobody_who_rated_the_same_gives_nothing():
    assert measured(np.array([[0, NONE], [NONE, 1]]), 2).empty


@pytest.fixture
def study(tmp_path):
    rng, classes = np.random.default_rng(0), np.arange(48) % 2
    names = [f"r{number:02d}.wav" for number in range(48)]
    words = np.array(["a", "b"])[classes]
    table = pd.DataFrame({"file": names, "label": words})
    table["speaker"] = [f"s{number // 6}" for number in range(48)]
    table["ann"] = table["bob"] = np.where(words == "a", "A", words)
    table["cem"] = np.where(np.arange(48) % 4 == 3, "?", words)
    table.to_csv(tmp_path / "list.csv", index=False)
    features = pd.DataFrame({"recording": names, "x": classes + 0.1 * rng.normal(size=48)})
    features.to_csv(tmp_path / "mine.csv", index=False)
    keys = 'audio = false\nraters = ["ann", "bob", "cem"]\nmap_labels = { A = "a" }'
    text = table_study("rated").replace("audio = false", keys)
    text += '[curve]\nclassifiers = ["knn"]\npercentages = [100]\ndraws = 1\n'
    (tmp_path / "study.toml").write_text(text + "[compare]\nresamples = 200\n")
    return tmp_path


@pytest.mark.slow
def test_ratings_have_their_names_mapped_and_stand_in_the_report(study, capsys):
    # labels themselves have no A
    listing = pd.read_csv(study / "list.csv")
    listing.loc[0, "label"] = "A"
    listing.to_csv(study / "list.csv", index=False)
    read = read_study(study / "study.toml", out=study / "out")
    run_study(read)
    table = pd.read_csv(read.folder / "agreement.csv").set_index("statistic")
    assert (table["value"] == 1).all()
    assert (table["raters"] == 3).all()
    assert "6 ratings name no class of the study" in capsys.readouterr().err
    page = (read.folder / "report.html").read_text("utf-8")
    assert "A human rater reaches weighted F1 1.00" in page
    text = (study / "study.toml").read_text()
    (study / "study.toml").write_text(text.replace('raters = ["ann", "bob", "cem"]', ""))
    run_study(read_study(study / "study.toml", out=study / "out"), until="compare")
    assert not (read.folder / "agreement.csv").exists()


def test_a_rater_without_a_column_is_an_error(study):
    text = (study / "study.toml").read_text()
    (study / "study.toml").write_text(text.replace('"cem"', '"dan"'))
    with pytest.raises(CorpusError, match="dan"):
        run_study(read_study(study / "study.toml", out=study / "out"), until="manifest")
