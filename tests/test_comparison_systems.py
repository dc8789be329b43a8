"""All systems against the best one: what must hold of the bands, and studies with known answers."""

import importlib.util
import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy.special import stdtr, stdtrit
from test_comparison_table import Made

from semisup.comparison.bootstrap import Curve
from semisup.comparison.multiple import holm
from semisup.comparison.systems import SYSTEMS_COLUMNS, half_widths
from semisup.comparison.variance import variance
from semisup.study.spec import CurveSpec

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
    # of one pair and one budget the two bands are nearly the same
    assert list(other[["difference_low", "difference_high"]]) == pytest.approx(bounds, abs=0.02)


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
    assert set(systems["outcome"]) == {"best", "not resolved"}
    same = systems[systems["classifier"] == "knn"]
    twins = same.groupby("metric")["difference"].nunique()
    assert (twins == 1).all()  # whichever classifier leads, twins are as far behind


def test_one_system_is_the_best_and_the_only_one(tmp_path):
    systems = Made(tmp_path, {"code": 0.8}, ONE_BUDGET).found.systems
    assert set(systems["outcome"]) == {"best"}
    assert (systems["difference"] == 0).all()


@pytest.fixture(scope="module")
def simulation():
    path = Path(__file__).parents[1] / "benchmarks" / "comparison.py"
    spec = importlib.util.spec_from_file_location("comparison_benchmark", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("varies", [True, False])
@pytest.mark.parametrize("design", [(8, 5, 24), (20, 2, 30), (15, 3, 5)])
def test_of_equal_systems_one_is_seldom_called_worse(simulation, design, varies):
    rng = np.random.default_rng(0)
    assert simulation.called_worse(100, design, varies, rng) <= 0.1  # 5 % are allowed


def test_a_band_for_one_pair_would_not_do(simulation):
    rng, wrong = np.random.default_rng(0), 0
    for _ in range(60):
        scores = simulation.equal_systems((8, 5, 24), False, rng)
        leader = np.eye(8)[scores.estimate.argmax()]
        apart = scores.mapped(np.delete(np.eye(8), scores.estimate.argmax(), axis=0) - leader)
        spread = variance(apart)
        high = apart.estimate + stdtrit(spread.df, 0.975) * np.sqrt(spread.total)
        wrong += bool((high < 0).any())
    assert wrong > 60 * 0.1


def test_who_is_behind_is_what_holm_says_of_all_pairs(simulation):
    rng, n = np.random.default_rng(1), 6
    found = set()
    for _ in range(30):
        scores = simulation.equal_systems((n, 4, 12), True, rng)
        worse = np.repeat([0.0, 1.5], n // 2)
        scores = Curve(
            scores.estimate - worse,
            scores.resampled - worse,
            scores.pseudo - worse[:, None, None],
        )
        best = int(scores.estimate.argmax())
        half = half_widths(scores, best, 0.95)
        pairs = list(itertools.combinations(range(n), 2))
        spread = variance(scores.mapped(np.array([np.eye(n)[a] - np.eye(n)[b] for a, b in pairs])))
        apart = [abs(scores.estimate[a] - scores.estimate[b]) for a, b in pairs]
        corrected = holm(2 * stdtr(spread.df, -np.array(apart) / np.sqrt(spread.total)))
        for (a, b), p_value in zip(pairs, corrected, strict=True):
            if best in (a, b):
                other = a + b - best
                behind = scores.estimate[other] + half[other] < scores.estimate[best]
                assert behind == (p_value < 0.05)
                found.add(bool(behind))
    assert found == {True, False}
