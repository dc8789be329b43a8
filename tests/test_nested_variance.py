"""Draws nested in encoders: exact expectations, limits that are known, simulated studies."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from semisup.comparison.bayes import second_opinion
from semisup.comparison.bootstrap import Curve, curves, mean_curve, resample
from semisup.comparison.interval import interval
from semisup.comparison.larger import Size, half_width
from semisup.comparison.nested import NESTED, contributions, encoder_of, mean_squares
from semisup.comparison.predictions import System
from semisup.comparison.sources import source_rows
from semisup.comparison.variance import variance
from semisup.curve.target import Classes

#: Standard deviations in the order of `NESTED`, of scores that another training changes.
SDS = (0.5, 1.0, 1.0, 1.5, 0.5)


def tables(n, n_draws, n_speakers, encoders, sds=SDS, seed=0):
    """Tables (n, draws, speakers) of known components, mean zero."""
    rng = np.random.default_rng(seed)
    own = encoder_of(n_draws, encoders)
    draw, speaker, residual, encoder, mixed = sds
    return (
        draw * rng.normal(size=(n, n_draws, 1))
        + speaker * rng.normal(size=(n, 1, n_speakers))
        + residual * rng.normal(size=(n, n_draws, n_speakers))
        + encoder * rng.normal(size=(n, encoders, 1))[:, own]
        + mixed * rng.normal(size=(n, encoders, n_speakers))[:, own]
    )


def curve_of(values, encoders=1, n_resamples=2, seed=0):
    """A curve whose statistic is the mean of a table: each budget is a study of its own."""
    weights = resample(n_resamples, *values.shape[1:], np.random.default_rng(seed))
    by_speaker = np.einsum("nds,rs->rnd", values, weights.speakers, optimize=True)
    resampled = np.einsum("rnd,rd->rn", by_speaker, weights.draws)
    return Curve(values.mean(axis=(1, 2)), resampled / values[0].size, values, encoders)


def indicators(n_draws, n_speakers, encoders):
    """For each source, the tables that are one at one of its levels and zero elsewhere."""
    cells = np.indices((n_draws, n_speakers))
    own = encoder_of(n_draws, encoders)[cells[0]]
    levels = {
        "draw": cells[0],
        "speaker": cells[1],
        "residual": cells[0] * n_speakers + cells[1],
        "encoder": own,
        "encoder x speaker": own * n_speakers + cells[1],
    }
    return [np.stack([levels[s] == level for level in np.unique(levels[s])]).astype(float)
            for s in NESTED]  # fmt: skip


@given(st.integers(2, 4), st.integers(1, 5), st.integers(2, 5))
@settings(max_examples=40)
def test_contributions_are_unbiased_for_any_number_of_draws(encoders, more, n_speakers):
    # The expectation of a quadratic form in a factor of unit variance is its sum over the levels.
    n_draws = encoders + more
    found = contributions(n_draws, n_speakers, encoders)
    sources = indicators(n_draws, n_speakers, encoders)
    expected = np.stack([mean_squares(tables_, encoders)[0].sum(axis=1) for tables_ in sources])
    truth = np.diag([(tables_.mean(axis=(1, 2)) ** 2).sum() for tables_ in sources])
    assert found @ expected.T == pytest.approx(truth, abs=1e-12)


def test_with_as_many_draws_each_it_is_the_variance_of_the_encoders_means():
    values = tables(30, 12, 9, 3, (1.0, 2.0, 1.0, 3.0, 2.0))
    nested = variance(curve_of(values, 3))
    means = np.stack([values[:, encoder_of(12, 3) == e].mean(axis=1) for e in range(3)], axis=1)
    plain = variance(curve_of(means))
    positive = (nested.parts > 0).all(axis=0) & (plain.parts > 0).all(axis=0)
    assert positive.sum() > 15
    assert nested.total[positive] == pytest.approx(plain.total[positive])
    assert nested.parts.sum(axis=0) == pytest.approx(nested.total)


def test_one_draw_an_encoder_is_the_table_of_draws():
    values = tables(20, 5, 9, 5, (0.0, 2.0, 1.0, 2.0, 0.0))
    nested, plain = variance(curve_of(values, 5)), variance(curve_of(values))
    positive = (plain.parts > 0).all(axis=0)
    assert positive.sum() > 15
    assert nested.total[positive] == pytest.approx(plain.total[positive])
    assert nested.df[positive] == pytest.approx(plain.df[positive])


def test_encoders_that_are_all_the_same_add_nothing_between_budgets_or_speakers():
    speakers = np.random.default_rng(0).normal(size=(3, 1, 7))
    found = variance(curve_of(np.repeat(speakers, 6, axis=1), 2))
    assert found.parts[[0, 2, 3, 4]] == pytest.approx(0)
    assert found.total == pytest.approx(speakers.var(axis=(1, 2), ddof=1) / 7)


def test_components_are_right_on_average():
    levels = (12, 16, 12 * 16, 4, 4 * 16)
    truth = np.square(SDS) / levels
    squares, _ = mean_squares(tables(4000, 12, 16, 4), 4)
    assert (contributions(12, 16, 4) @ squares).mean(axis=1) == pytest.approx(truth, rel=0.1)
    # Counted as zero where below: a little too large where they are small.
    parts = variance(curve_of(tables(4000, 12, 16, 4), 4)).parts.mean(axis=1)
    assert (parts > 0.97 * truth).all()
    assert parts == pytest.approx(truth, rel=0.3)


@pytest.mark.parametrize(("n_draws", "encoders"), [(12, 4), (13, 5)])
def test_intervals_hold_the_truth_that_those_without_encoders_miss(n_draws, encoders):
    values = tables(1000, n_draws, 16, encoders)

    def coverage(curve):
        bounds = interval(curve)
        return ((bounds.low <= 0) & (bounds.high >= 0)).mean()

    assert 0.93 < coverage(curve_of(values, encoders, 400)) < 0.97
    assert coverage(curve_of(values, 1, 400)) < 0.88


def test_intervals_are_not_wide_where_encoders_do_not_matter():
    values = tables(1000, 12, 16, 4, (0.5, 1.0, 1.0, 0.0, 0.0))
    nested, plain = (variance(curve_of(values, encoders)).total for encoders in (4, 1))
    assert np.sqrt(nested / plain).mean() < 1.1


def test_a_curve_keeps_its_encoders_and_a_difference_is_nested_where_a_side_is():
    values = tables(3, 6, 5, 3)
    nested, plain = curve_of(values, 3), curve_of(values[::-1])
    assert (nested - plain).encoders == (plain - nested).encoders == 3
    assert nested.shifted(1).encoders == nested.mapped(np.ones((1, 3))).encoders == 3
    assert mean_curve([nested, nested]).encoders == 3
    assert (plain - plain).encoders == 1
    system = System(np.zeros((1, 6, 8), np.int8), np.arange(8) % 2, np.arange(8) % 4, Classes(2))
    weights = resample(3, 6, 4, np.random.default_rng(0))
    assert curves(system, weights, 3)["uar"].encoders == 3


def test_the_second_opinion_counts_encoders_as_shared_by_the_speakers():
    values = tables(1, 12, 10, 3, (0.01, 0.01, 0.01, 0.1, 0.0)) + 0.05
    nested, plain = (second_opinion(curve_of(values, encoders), 0.02) for encoders in (3, 1))
    assert nested.a < plain.a


def test_bca_intervals_take_encoders_as_one_influence_each():
    # Draws are skewed, the sums of each encoder are not.
    draws = np.array([2.0, 2.0, -1.0, -1.0, -1.0, -1.0])[None, :, None]
    values = draws + np.array([-0.2, 0.2, -0.1, 0.1])

    def shift(encoders):
        curve = curve_of(values, encoders, 4000)
        plain, bca = interval(curve), interval(curve, kind="bca")
        return ((bca.high - plain.high) / (plain.high - plain.low))[0]

    assert shift(1) > shift(2) + 0.05


@pytest.mark.parametrize("encoders", [1, 4])
def test_of_the_same_design_the_prediction_is_the_interval(encoders):
    values = tables(1, 12, 10, 4)
    spread = variance(curve_of(values, encoders))
    assert (spread.parts > 0).all()  # none was counted as zero: else less is expected
    half = half_width(spread, Size(12, 10, encoders), Size(1, 1, 1), 0.95)
    assert half == pytest.approx(stats.t.ppf(0.975, spread.df) * np.sqrt(spread.total))


def rows(values, encoders):
    curve = curve_of(values, encoders)
    budgets = np.arange(1.0, len(values) + 1)
    return list(source_rows(("code", "knn"), {"uar": curve}, budgets, 0.95))


def test_the_table_has_a_row_for_encoders_with_what_twice_as_many_would_buy():
    values = tables(1, 12, 10, 4)
    found = {row[4]: row for row in rows(values, 4)}
    spread = variance(curve_of(values, 4))
    assert list(found) == ["encoder", "draw", "speaker", "residual"]
    assert sum(row[6] for row in found.values()) == pytest.approx(1)
    assert found["residual"][5] == pytest.approx(spread.parts[2, 0] + spread.parts[4, 0])
    fewer = half_width(spread, Size(12, 10, 4), Size(1, 1, 2), 0.95)
    by_hand = spread.parts[:3].sum(axis=0) + spread.parts[3:].sum(axis=0) / 2
    assert (fewer > stats.norm.ppf(0.975) * np.sqrt(by_hand)).all()
    assert (fewer < stats.t.ppf(0.975, 3) * np.sqrt(by_hand)).all()
    assert found["encoder"][7].startswith("twice as many encoders: half-width ")
    assert found["residual"][7].startswith("twice as many of all: ")


def test_without_several_encoders_the_table_has_no_row_for_them():
    assert [row[4] for row in rows(tables(1, 6, 5, 2), 1)] == ["draw", "speaker", "residual"]


def test_fewer_than_two_draws_an_encoder_cannot_tell_them_apart():
    found = {row[4]: row for row in rows(tables(1, 7, 10, 4), 4)}
    assert np.isnan(found["encoder"][5])
    assert found["encoder"][7] == found["draw"][7]
    assert "fewer than two draws an encoder" in found["encoder"][7]
    known = [row[6] for row in found.values() if np.isfinite(row[6])]
    assert sum(known) == pytest.approx(1)
