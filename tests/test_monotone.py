"""Curves that fall: the largest loss, its p value for all pairs of budgets, and its words."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_study import make_comparison, write_scores
from scipy import stats

from semisup.comparison.bootstrap import Curve, resample
from semisup.comparison.monotone import (
    MOST_BUDGETS,
    _spread_out,
    largest_loss,
    sentence,
    with_losses,
)
from semisup.comparison.variance import variance
from semisup.figures.study_tables import StudyTables
from semisup.report.cautions import cautions_of

BUDGETS = np.array([2.0, 10, 50, 100])


def curve_of(means, n_draws=5, n_speakers=8, sd=0.05, seed=0):
    """A curve whose scores are means of a table of draws and speakers."""
    rng = np.random.default_rng(seed)
    shape = (len(means), n_draws, n_speakers)
    values = np.reshape(means, (-1, 1, 1)) + sd * rng.normal(size=shape)
    weights = resample(800, n_draws, n_speakers, rng)
    resampled = np.einsum("rd,nds,rs->rn", weights.draws, values, weights.speakers)
    return Curve(values.mean(axis=(1, 2)), resampled / (n_draws * n_speakers), values)


def test_a_fall_is_found_where_it_is():
    curve = curve_of([0.5, 0.6, 0.7, 0.55])
    loss = largest_loss(curve, BUDGETS)
    assert (loss.start, loss.end) == (50, 100)
    assert loss.value == pytest.approx(curve.estimate[3] - curve.estimate[2])
    assert loss.p_value < 0.01
    words = sentence("svm@code", loss, 0.95)
    assert words.startswith(
        f"svm@code loses {-loss.value:.3f} from 50 to 100 % of the labels (95 %"
    )


def test_a_rising_curve_loses_nothing():
    assert largest_loss(curve_of([0.5, 0.6, 0.7, 0.8]), BUDGETS).p_value > 0.9


def test_of_flat_curves_one_in_twenty_falls_at_most():
    p_values = [largest_loss(curve_of([0.5] * 4, seed=s), BUDGETS).p_value for s in range(200)]
    # three standard errors of a share of 200 above 5 %
    assert np.mean(np.array(p_values) < 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_the_p_value_is_that_of_the_largest_of_six_losses():
    curve = curve_of([0.5, 0.5, 0.5, 0.45])
    loss = largest_loss(curve, BUDGETS)
    alone = curve.mapped((loss.start == BUDGETS) * 1.0 - (loss.end == BUDGETS)[None])
    spread = variance(alone)
    one = stats.t.sf(alone.estimate / np.sqrt(spread.total), spread.df)[0]
    assert loss.p_value == pytest.approx(6 * one)


def test_one_order_of_the_labels_tells_of_no_loss():
    assert np.isnan(largest_loss(curve_of([0.5, 0.6, 0.7, 0.2], n_draws=1), BUDGETS).p_value)
    assert largest_loss(curve_of([0.5]), BUDGETS[:1]) is None


@given(st.sets(st.floats(0.5, 100), min_size=2, max_size=60))
def test_of_many_budgets_some_are_compared_the_ends_among_them(budgets):
    chosen = _spread_out(np.array(sorted(budgets)))
    assert len(chosen) <= MOST_BUDGETS
    assert len(chosen) == len(budgets) or len(budgets) > MOST_BUDGETS
    assert {0, len(budgets) - 1} <= set(chosen.tolist())
    assert (np.diff(chosen) > 0).all()


def test_who_loses_is_told_by_corrected_p_values_and_the_mean_by_its_own():
    rows = [("svm", 0.01, 0.06), ("knn", 0.001, 0.01), ("mean", 0.01, np.nan), ("tree", 0.5, 0.5)]
    table = pd.DataFrame(rows, columns=["classifier", "p_value", "p_holm"]).assign(
        statistic="monotone", outcome=None, sentence="it loses"
    )
    other = table[:1].assign(statistic="difference", outcome="ahead", p_holm=0.01)
    found = with_losses(pd.concat([table, other], ignore_index=True), 0.95)
    open_, loses = "not resolved", "loses"
    assert found["outcome"].tolist() == [open_, loses, loses, open_, "ahead"]
    assert found["sentence"].notna().tolist() == [False, True, True, False, True]


def test_the_first_screen_names_who_loses_but_no_control(tmp_path):
    write_scores(tmp_path, representations=("code", "code.untrained"))
    words = "loses .100 from 50 to 100 % of the labels (95 %, all budgets and systems at once)"
    losses = pd.DataFrame(
        {
            "statistic": "monotone",
            "classifier": ["svm", "random_forest", "svm"],
            "representation_a": ["code", "code", "code.untrained"],
            "representation_b": "fewer labels",
            "metric": "uar",
            "outcome": ["loses", "not resolved", "loses"],
            "sentence": [f"svm@code {words}", np.nan, f"svm@code.untrained {words}"],
        }
    )
    table = pd.concat([make_comparison(("code", "code.untrained")), losses])
    table.to_csv(tmp_path / "comparison.csv", index=False)
    found = [text for text in cautions_of(StudyTables(tmp_path), "uar") if "loses" in text]
    assert found == [f"Support vector machine on code features {words}."]
