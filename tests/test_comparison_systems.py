"""All systems against the best one: what must hold of the band, and studies with known answers."""

import numpy as np
import pandas as pd
import pytest
from test_comparison_table import Made

from semisup.comparison.bootstrap import Curve, resample
from semisup.comparison.systems import SYSTEMS_COLUMNS, system_rows
from semisup.spec import CompareSpec, CurveSpec

ONE_BUDGET = CurveSpec(classifiers=["tree"], percentages=[100], draws=5)
SIGNALS = {"handcrafted": 0.8, "code": 1.6}


def test_of_two_systems_it_is_their_paired_difference(tmp_path):
    found = Made(tmp_path, SIGNALS, ONE_BUDGET).found
    pair = found.comparison.query("statistic == 'difference' and classifier == 'tree'")
    pair = pair.set_index("metric").loc["uar"]
    own = found.systems.query("metric == 'uar'").set_index("representation")
    sign = 1 if own.loc["code", "outcome"] == "best" else -1
    other = own[own["outcome"] != "best"].iloc[0]
    assert other["difference"] == pytest.approx(-sign * pair["value"])
    bounds = sorted(-sign * pair[["low_simultaneous", "high_simultaneous"]].to_numpy(float))
    assert list(other[["difference_low", "difference_high"]]) == pytest.approx(bounds)


def test_scores_and_intervals_are_those_of_the_summary(tmp_path):
    found = Made(tmp_path, SIGNALS).found
    assert list(found.systems.columns) == list(SYSTEMS_COLUMNS)
    assert set(found.systems["percentage"]) == {100.0}
    keys = ["metric", "percentage", "classifier", "representation"]
    both = found.systems.merge(found.summary, on=keys, suffixes=("", "_summary"))
    assert len(both) == len(found.systems) == 2 * 2 * 2
    np.testing.assert_allclose(both["value"], both["mean"])
    np.testing.assert_allclose(both["low"], both["low_summary"])
    np.testing.assert_allclose(both["high"], both["high_summary"])


def test_systems_that_guess_are_behind_those_that_know(tmp_path):
    systems = Made(tmp_path, {"handcrafted": 0.0, "code": 6.0}).found.systems
    for _, own in systems.groupby("metric"):
        assert list(own["outcome"]).count("best") == 1
        behind = own[own["representation"] == "handcrafted"]
        assert (behind["outcome"] == "behind").all()
        assert (behind["difference_high"] < 0).all()
        best = own[own["outcome"] == "best"].iloc[0]
        assert best["representation"] == "code"
        assert list(best[["difference", "difference_low", "difference_high"]]) == [0, 0, 0]


def test_systems_that_do_the_same_are_not_told_apart(tmp_path):
    systems = Made(tmp_path, {"handcrafted": 0.8, "code": 0.8}).found.systems
    same = systems[systems["classifier"] == "knn"]
    assert (same["outcome"] != "behind").all() or (same["difference_high"] < 0).all()
    twins = same.groupby("metric")["difference"].nunique()
    assert (twins == 1).all()  # whichever classifier leads, twins are as far behind


def test_one_system_is_the_best_and_the_only_one(tmp_path):
    systems = Made(tmp_path, {"code": 0.8}, ONE_BUDGET).found.systems
    assert set(systems["outcome"]) == {"best"}
    assert (systems["difference"] == 0).all()


def simulated(rng: np.random.Generator, n_systems=8, n_draws=5, n_speakers=24) -> dict:
    """Curves of systems that are equally good: a mean over draws and speakers, of one budget."""
    shared = rng.normal(size=(n_draws, 1)) + rng.normal(size=(1, n_speakers))
    weights = resample(300, n_draws, n_speakers, rng)
    curves = {}
    for number in range(n_systems):
        values = shared + 0.5 * rng.normal(size=(1, n_speakers))
        values = values + rng.normal(size=(n_draws, n_speakers))
        sums = np.einsum("rd,dk,rk->r", weights.draws, values, weights.speakers)
        curves[f"s{number}", "tree"] = Curve(
            values.mean(keepdims=True)[0], sums[:, None] / (n_draws * n_speakers), values[None]
        )
    return curves


def test_of_equal_systems_one_is_seldom_called_worse():
    rng = np.random.default_rng(0)
    wrong = naive = 0
    for _ in range(120):
        rows = pd.DataFrame(system_rows(simulated(rng), "uar", 100.0, CompareSpec(resamples=300)))
        others = rows[rows["outcome"] != "best"]
        wrong += (others["outcome"] == "behind").any()
        half = others["difference_high"] - others["difference"]
        naive += (others["difference"] + 0.6 * half < 0).any()
    assert wrong <= 12  # 5 % asked
    assert naive > 18  # a band as narrow as a plain interval would not do
