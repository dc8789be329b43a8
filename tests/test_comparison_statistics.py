"""The parts of the comparison, each against a closed form, a library or a hand-worked case."""

import math
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from test_metrics import REFERENCES

from semisup.comparison.area import area_weights
from semisup.comparison.bayes import correlated_t_test, second_opinion
from semisup.comparison.bootstrap import (
    Curve,
    Weights,
    curves,
    mean_curve,
    resample,
)
from semisup.comparison.chance import permuted
from semisup.comparison.crossover import crossings, crossover, labels_saved, risings, smoother
from semisup.comparison.efficiency import loss_data, sample_complexity, surplus_description_length
from semisup.comparison.interval import calibrated, interval
from semisup.comparison.larger import Size, half_width
from semisup.comparison.multiple import (
    holm,
    is_attainable,
    notes_on_permutations,
    with_holm,
)
from semisup.comparison.population import population
from semisup.comparison.predictions import System
from semisup.comparison.variance import Variance, variance
from semisup.comparison.verdict import stretches
from semisup.curve.target import Classes
from semisup.metrics import CLASS_METRICS, confusion, scores

BUDGETS = np.array([2.0, 5, 10, 20, 40, 70, 100])


def make_system(seed=0, n_budgets=2, n_draws=3, n_speakers=4, n=40, right=0.5):
    rng = np.random.default_rng(seed)
    truth, speaker = rng.integers(0, 3, n), np.arange(n) % n_speakers
    hit = rng.random((n_budgets, n_draws, n)) < right
    predicted = np.where(hit, truth, rng.integers(0, 3, hit.shape)).astype(np.int8)
    return System(predicted, truth, speaker, Classes(3))


def linear_curve(values, n_resamples=4000, seed=0):
    """A curve whose statistic is the mean of a table (n, draws, speakers): all is closed form."""
    rng = np.random.default_rng(seed)
    n_draws, n_speakers = values.shape[1:]
    weights = resample(n_resamples, n_draws, n_speakers, rng)
    resampled = np.einsum("rd,nds,rs->rn", weights.draws, values, weights.speakers)
    return Curve(values.mean(axis=(1, 2)), resampled / (n_draws * n_speakers), values)


def crossed(n=1, n_draws=6, n_speakers=10, sds=(1.0, 2.0, 0.5), seed=0, mean=0.0):
    rng = np.random.default_rng(seed)
    shapes = ((n, n_draws, 1), (n, 1, n_speakers), (n, n_draws, n_speakers))
    return mean + sum(sd * rng.normal(size=shape) for sd, shape in zip(sds, shapes, strict=True))


@pytest.mark.parametrize("metric", CLASS_METRICS)
def test_a_resample_scores_what_its_recordings_score_one_by_one(metric):
    system, rng = make_system(), np.random.default_rng(1)
    weights = resample(5, 3, 4, rng)
    curve = curves(system, weights)[metric]
    for r in range(5):
        rows = np.concatenate(
            [np.flatnonzero(system.speaker == s) for s in range(4)
             for _ in range(weights.speakers[r, s])]
        )  # fmt: skip
        by_draw = [
            REFERENCES[metric](system.truth[rows], system.predicted[1, d][rows])
            for d in range(3)
            for _ in range(weights.draws[r, d])
        ]
        assert curve.resampled[r, 1] == pytest.approx(np.mean(by_draw), abs=1e-12)


@pytest.mark.parametrize("metric", CLASS_METRICS)
def test_the_estimate_is_the_mean_of_the_draws_scores(metric):
    system = make_system()
    curve = curves(system, resample(2, 3, 4, np.random.default_rng(0)))[metric]
    expected = [
        np.mean([REFERENCES[metric](system.truth, predicted) for predicted in draws])
        for draws in system.predicted
    ]
    assert curve.estimate == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("metric", CLASS_METRICS)
def test_pseudo_values_are_those_of_leaving_each_speaker_out(metric):
    system = make_system()
    curve = curves(system, resample(2, 3, 4, np.random.default_rng(0)))[metric]
    whole = REFERENCES[metric](system.truth, system.predicted[0, 2])
    kept = system.speaker != 1
    without = REFERENCES[metric](system.truth[kept], system.predicted[0, 2][kept])
    assert curve.pseudo[0, 2, 1] == pytest.approx(4 * whole - 3 * without, abs=1e-5)


def test_counts_of_all_speakers_are_the_whole_confusion_matrix():
    system = make_system()
    counts = system.counts(0, 4)
    assert counts.sum() == 3 * 40
    assert (
        counts[1, 2, 0, 3]
        == ((system.truth == 1) & (system.predicted[0, 0] == 2) & (system.speaker == 3)).sum()
    )


def test_linear_maps_and_differences_of_curves_are_those_of_their_parts():
    a, b = (linear_curve(crossed(3, seed=seed), 50) for seed in (1, 2))
    matrix = np.array([[0.5, 0.5, 0.0]])
    mapped = (a - b).mapped(matrix)
    assert mapped.estimate == pytest.approx((a.estimate - b.estimate)[:2].mean())
    assert mapped.resampled[:, 0] == pytest.approx((a.resampled - b.resampled)[:, :2].mean(axis=1))
    assert mapped.pseudo[0] == pytest.approx((a.pseudo - b.pseudo)[:2].mean(axis=0))
    both = mean_curve([a, b])
    assert both.estimate == pytest.approx((a.estimate + b.estimate) / 2)


def test_variance_components_are_those_of_the_two_way_table():
    values = crossed(n_draws=5, n_speakers=7)
    found = variance(linear_curve(values, 10))
    table = values[0]
    rest = table - table.mean(0) - table.mean(1, keepdims=True) + table.mean()
    draws, speakers = 7 * table.mean(1).var(ddof=1), 5 * table.mean(0).var(ddof=1)
    error = (rest**2).sum() / 24
    assert found.parts[:, 0] * 35 == pytest.approx([draws - error, speakers - error, error])
    assert found.total[0] * 35 == pytest.approx(draws + speakers - error)
    below = draws**2 / 4 + speakers**2 / 6 + error**2 / 24
    assert found.df[0] == pytest.approx((draws + speakers - error) ** 2 / below)


def test_variance_is_right_on_average():
    sds = (1.0, 2.0, 3.0)
    found = [variance(linear_curve(crossed(200, 6, 8, sds, seed), 2)) for seed in range(5)]
    truth = np.array([1 / 6, 4 / 8, 9 / 48])
    means = np.mean([v.parts.mean(axis=1) for v in found], axis=0)
    assert means == pytest.approx(truth, rel=0.12)


def test_one_draw_leaves_the_interval_of_the_speakers_alone():
    values = crossed(1, n_draws=1, n_speakers=12)
    curve = linear_curve(values)
    bounds = interval(curve)
    error = values[0, 0].std(ddof=1) / np.sqrt(12)
    expected = stats.t.interval(0.95, 11, values.mean(), error)
    assert (bounds.low[0], bounds.high[0]) == pytest.approx(expected, abs=0.12 * error)
    assert bounds.p_value[0] == pytest.approx(stats.ttest_1samp(values[0, 0], 0).pvalue, rel=1e-5)


def test_one_draw_and_one_speaker_have_no_interval():
    bounds = interval(linear_curve(np.ones((2, 1, 1)), 10))
    assert all(np.isnan(numbers).all() for numbers in bounds)


def test_draws_that_are_all_the_same_add_no_variance():
    values = np.repeat(crossed(1, 1, 9), 4, axis=1)
    found = variance(linear_curve(values, 10))
    assert found.parts[[0, 2], 0] == pytest.approx(0)
    assert found.df[0] == pytest.approx(8)


def test_calibrated_resamples_have_the_variance_and_quantile_asked_for():
    curve = linear_curve(crossed(3))
    spread = variance(curve)
    resampled = calibrated(curve, spread, 0.95)
    factor = stats.t.ppf(0.975, spread.df) / stats.norm.ppf(0.975)
    assert resampled.std(axis=0) == pytest.approx(factor * np.sqrt(spread.total))
    assert resampled.mean(axis=0) == pytest.approx(curve.estimate)


def test_bca_of_a_symmetric_statistic_is_the_percentile_interval():
    values = crossed(1, 10, 30, sds=(0.5, 1.0, 0.2))
    values = np.concatenate([values, -values], axis=2)
    curve = linear_curve(values, 8000)
    plain, bca = interval(curve), interval(curve, kind="bca")
    width = plain.high - plain.low
    assert np.abs([bca.low - plain.low, bca.high - plain.high]).max() < 0.04 * width


def test_bca_moves_with_the_skewness():
    rng = np.random.default_rng(3)
    curve = linear_curve(rng.lognormal(sigma=1.2, size=(1, 1, 25)), 8000)
    plain, bca = interval(curve), interval(curve, kind="bca")
    assert bca.low > plain.low
    assert bca.high > plain.high


def test_the_simultaneous_band_is_wider_than_the_interval_and_wider_with_more_budgets():
    few, many = (linear_curve(crossed(n, 10, 40, seed=4)) for n in (1, 30))
    for curve in (few, many):
        bounds = interval(curve)
        assert (bounds.high_simultaneous - bounds.low_simultaneous
                > 0.9 * (bounds.high - bounds.low)).all()  # fmt: skip

    def ratio(curve):
        bounds = interval(curve)
        return (bounds.high_simultaneous - curve.estimate)[0] / np.sqrt(variance(curve).total[0])

    assert ratio(many) > 1.2 * ratio(few)


def test_a_band_of_one_budget_is_students_interval():
    curve = linear_curve(crossed(1, 8, 20), 20_000)
    spread, bounds = variance(curve), interval(curve)
    half = stats.t.ppf(0.975, spread.df[0]) * math.sqrt(spread.total[0])
    assert bounds.high_simultaneous[0] - curve.estimate[0] == pytest.approx(half, rel=0.03)


@pytest.mark.parametrize(("times", "total"), [((2, 1, 1), 8), ((1, 4, 1), 6.5), ((2, 2, 1), 5)])
def test_more_draws_and_speakers_narrow_the_interval_by_their_own_parts(times, total):
    parts = np.array([[4.0], [2.0], [8.0]])
    spread = Variance(parts.sum(axis=0), np.array([2.0]), parts, parts[0])
    half = half_width(spread, Size(3, 5, 1), Size(*times), 0.95)
    draws, speakers = 3 * times[0], 5 * times[1]
    residual = 8 / (times[0] * times[1])
    # Satterthwaite's of the mean squares that the larger design expects
    squares = [4 / times[0] + residual, 2 / times[1] + residual, residual]
    free = [draws - 1, speakers - 1, (draws - 1) * (speakers - 1)]
    df = total**2 / sum(square**2 / n for square, n in zip(squares, free, strict=True))
    df = np.clip(df, min(free[:2]), max(free[2], free[0] + free[1]))
    assert half[0] == pytest.approx(stats.t.ppf(0.975, df) * math.sqrt(total))


def test_twice_as_many_speakers_take_the_quantile_of_twice_as_many():
    # speakers alone vary: Student's quantile falls from 3 to 7 degrees of freedom
    parts = np.array([[0.0], [1.0], [0.0]])
    spread = Variance(np.ones(1), np.full(1, 3.0), parts, parts[0])
    half = half_width(spread, Size(1, 4, 1), Size(1, 2, 1), 0.95)
    assert half[0] == pytest.approx(stats.t.ppf(0.975, 7) / math.sqrt(2))


def test_the_smoother_keeps_straight_lines_over_the_logarithm():
    matrix = smoother(BUDGETS)
    line = 0.3 - 0.1 * np.log(BUDGETS)
    assert matrix @ line == pytest.approx(line, abs=1e-6)
    assert matrix.sum(axis=1) == pytest.approx(1)


@given(st.floats(2.5, 95), st.sampled_from([-1, 1]))
@settings(max_examples=40)
def test_a_line_over_the_logarithm_crosses_where_it_is_zero(at, sign):
    place, above = crossings(sign * np.log(BUDGETS / at), BUDGETS)
    assert place == pytest.approx(at)
    assert above == sign


def test_a_dip_beside_the_crossing_does_not_count():
    place, sign = crossings(np.array([-3.0, -2, 0.1, -1, 2, 3, 4]), BUDGETS)
    assert 20 < place < 40
    assert sign == 1
    place, sign = crossings(np.array([[1.0, 2, 3, 3, 3, 3, 3], [0, 0, 0, 0, 0, 0, 0]]), BUDGETS)
    assert place.tolist() == [-np.inf, -np.inf]
    assert sign.tolist() == [1, 0]


def test_a_rise_is_found_from_below_only():
    found = risings(
        np.array([
            np.log(BUDGETS / 30), np.full(7, 1.0), np.full(7, -1.0), [-3, -2, -1, -1, -1, -1, 0],
        ]),
        BUDGETS,
    )  # fmt: skip
    assert found == pytest.approx([30, -np.inf, np.inf, 100])
    assert risings(np.array([0.5]), np.array([100.0])) == -np.inf
    assert risings(np.array([-0.5]), np.array([100.0])) == np.inf


def noisy(curve, sd=0.02, n_draws=10, n_speakers=20, seed=0):
    rng = np.random.default_rng(seed)
    noise = sd * rng.normal(size=(len(curve), n_draws, n_speakers))
    return linear_curve(curve[:, None, None] + noise, 1000, seed)


@pytest.mark.parametrize(
    ("curve", "outcome"),
    [
        (0.1 * np.log(BUDGETS / 20), "crossing"),
        (-0.1 * np.log(BUDGETS / 20), "crossing"),
        (np.full(7, 0.2), "always"),
        (np.full(7, -0.2), "none"),
        (np.zeros(7), "not resolved"),
    ],
)
def test_every_outcome_of_a_crossover_is_told(curve, outcome):
    place = crossover(noisy(curve), BUDGETS)
    assert place.outcome == outcome
    if outcome == "crossing":
        assert 15 < place.low <= place.value <= place.high < 25
    elif outcome != "not resolved":
        assert math.isnan(place.value)


def test_a_difference_that_is_zero_crosses_nowhere():
    same = linear_curve(np.zeros((7, 3, 5)), 50)
    assert crossover(same, BUDGETS)[3] == "not resolved"
    bounds = interval(same)
    assert (bounds.low_simultaneous == 0).all()
    assert (bounds.p_value == 1).all()


def test_labels_saved_are_read_off_the_curves():
    b = noisy(0.3 + 0.1 * np.log(BUDGETS), seed=1)
    a = noisy(0.4 + 0.1 * np.log(BUDGETS), seed=2)
    place = labels_saved(a, b, BUDGETS)
    assert place.outcome == "reached"
    assert place.low < 100 / math.e < place.high
    assert place.value == pytest.approx(100 / math.e, rel=0.1)
    assert labels_saved(noisy(np.full(7, 0.1)), b, BUDGETS).outcome == "not reached"
    assert labels_saved(b, b, BUDGETS).value == pytest.approx(100)


def test_areas_are_trapezoids():
    curve = np.sin(BUDGETS)
    width = BUDGETS[-1] - BUDGETS[0]
    assert area_weights(BUDGETS) @ curve == pytest.approx(np.trapezoid(curve, BUDGETS) / width)
    x = np.log(BUDGETS)
    expected = np.trapezoid(curve, x) / (x[-1] - x[0])
    assert area_weights(BUDGETS, log=True) @ curve == pytest.approx(expected)
    assert area_weights(np.array([7.0])).tolist() == [1.0]


def test_the_correlated_t_test_is_students_posterior():
    x = np.array([0.01, 0.03, -0.02, 0.05, 0.04])
    scale = x.std(ddof=1) * math.sqrt(1 / 5 + 0.1 / 0.9)
    posterior = stats.t(4, x.mean(), scale)
    found = correlated_t_test(x, 0.01, 0.1)
    expected = (posterior.sf(0.01), posterior.cdf(0.01) - posterior.cdf(-0.01))
    assert (found.a, found.same) == pytest.approx(expected)
    assert sum(found) == pytest.approx(1)
    assert correlated_t_test(np.zeros(4), 0.01) == (0, 1, 0)


def test_the_correlated_t_test_gives_the_numbers_of_baycomp():
    x = np.random.default_rng(0).normal(0.01, 0.03, 10)
    # baycomp 1.0.3: CorrelatedTTest(x, zeros, rope=0.01).probs(), where rho is 1 / 10
    expected = (0.5905965932327473, 0.37646732156021423, 0.0329360852070385)
    assert correlated_t_test(x, 0.01, 0.1) == pytest.approx(expected, rel=1e-9)


def test_the_second_opinion_knows_of_the_draws_in_common():
    values = crossed(1, 6, 10, sds=(0.1, 0.1, 0.02), mean=0.05)
    curve = linear_curve(values, 10)
    found = second_opinion(curve, 0.02)
    spread = variance(curve)
    parts = spread.parts[:, 0]
    own = values.mean(axis=1)[0].var(ddof=1) / 10
    posterior = stats.t(9, values.mean(), math.sqrt(own + parts[0]))
    assert found.a == pytest.approx(posterior.sf(0.02), rel=1e-6)


def test_holm_is_the_step_down_of_bonferroni():
    assert holm(np.array([0.01, 0.02, 0.04])) == pytest.approx([0.03, 0.04, 0.04])
    table = pd.DataFrame(
        {
            "statistic": "difference",
            "classifier": ["svm", "knn", "tree", "mean", "svm"],
            "metric": "uar",
            "percentage": [2.0, 2.0, 2.0, 2.0, 4.0],
            "p_value": [0.01, 0.02, 0.04, 0.001, 0.03],
        }
    )
    found = with_holm(table, 999)["p_holm"].to_numpy()
    assert found[[0, 1, 2, 4]] == pytest.approx([0.03, 0.04, 0.04, 0.03])
    assert math.isnan(found[3])


@pytest.mark.parametrize(("n", "is_there"), [(49, True), (50, False), (65, False)])
def test_permutation_tests_that_no_correction_could_leave_below_the_level_get_none(n, is_there):
    table = pd.DataFrame(
        {
            "statistic": ["permutation"] * n + ["difference"],
            "classifier": [f"c{i}" for i in range(n)] + ["c0"],
            "metric": "uar",
            "percentage": 2.0,
            "p_value": 0.001,
        }
    )
    found = with_holm(table, 999)["p_holm"]
    assert found[:n].notna().all() == found[:n].notna().any() == is_there
    assert found[n] == 0.001
    [*notes] = notes_on_permutations(n, 999, 0.95)
    assert len(notes) == (not is_there)
    for note in notes:
        enough = int(note.split("permutations = ")[1].split()[0])
        assert is_attainable(n, enough, 0.95)
        assert not is_attainable(n, enough - 1, 0.95)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
@settings(max_examples=15)
def test_holm_is_that_of_statsmodels(p_values):
    expected = multipletests(p_values, method="holm")[1]
    assert holm(np.array(p_values)) == pytest.approx(expected)


def test_permuted_labels_score_what_chance_does():
    system = make_system(n=600, right=0.9)
    found = permuted(system, 200, np.random.default_rng(0))
    assert set(found) == set(CLASS_METRICS)
    assert found["uar"].shape == (200, 2)
    assert found["uar"].mean() == pytest.approx(1 / 3, abs=0.005)
    again = permuted(system, 200, np.random.default_rng(0))
    assert (found["accuracy"] == again["accuracy"]).all()


def test_permutations_are_those_of_shuffled_labels_whether_in_blocks_or_not(monkeypatch):
    system = make_system(n=600, right=0.9)
    whole = permuted(system, 7, np.random.default_rng(3))
    # the package has a function of the same name as the module
    monkeypatch.setattr(sys.modules[permuted.__module__], "MOST_INDICATORS", 3 * 600 * 2)
    in_blocks = permuted(system, 7, np.random.default_rng(3))
    rng = np.random.default_rng(3)
    for number in range(7):
        random = rng.random(600)
        truth = np.empty(600, int)
        for speaker in np.unique(system.speaker):
            places = np.flatnonzero(system.speaker == speaker)
            truth[places] = system.truth[places[np.argsort(random[places])]]
        expected = [
            np.mean([scores(confusion(truth, drawn, 3))["f1_macro"] for drawn in predicted])
            for predicted in system.predicted
        ]
        assert whole["f1_macro"][number] == pytest.approx(expected)
    assert all((whole[name] == in_blocks[name]).all() for name in CLASS_METRICS)


def test_permutations_keep_the_classes_of_a_speaker_where_it_has_several():
    truth = np.array([0, 1, 0, 1, 2, 2, 2, 2])
    speaker = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    predicted = np.full((1, 1, 8), 2, np.int8)
    predicted[..., :4] = 0
    found = permuted(System(predicted, truth, speaker, Classes(3)), 20, np.random.default_rng(0))
    assert found["accuracy"] == pytest.approx(6 / 8)
    own = permuted(System(predicted, truth, np.arange(8), Classes(3)), 20, np.random.default_rng(0))
    assert own["accuracy"].std() > 0


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ((20, ["s1", "s2"]), "new speakers and new orders of this labelled pool; another pool"),
        ((20, ["s1", "s1"]), "about this one test speaker and new orders"),
        ((20, ["", ""]), "about new recordings, whose speakers are unknown, and new orders"),
        ((1, ["s1", "s2"]), "about new speakers and this one order of the labelled pool;"),
        ((20, ["s1", "s2"], 3), "this labelled pool and new trainings of the encoders; another p"),
        (
            (1, ["s1", "s2"], 1, True),
            "new speakers, new orders of the labels, new pools and new trainings of the encoders; "
            "another corpus may differ",
        ),
    ],
)
def test_the_population_is_what_was_sampled(facts, words):
    sentence = population(*facts)
    assert words in sentence
    assert ("another training" in sentence) == (len(facts) == 2)


N, LOSS = np.array([10, 20, 40]), np.array([1.0, 0.5, 0.2])


def test_description_lengths_are_those_worked_by_hand():
    # 10 * 1.0 + 10 * 0.5 + 20 * 0.2
    assert surplus_description_length(N, LOSS) == pytest.approx(19)
    # 10 * 0.6 + 10 * 0.1 + 20 * 0
    assert surplus_description_length(N, LOSS, 0.4) == pytest.approx(7)
    assert surplus_description_length(N, LOSS, 1.0) == 0
    assert sample_complexity(N, LOSS, 0.4) == 2
    assert sample_complexity(N, LOSS, 0.1) is None


def test_loss_data_holds_losses_and_measures_of_every_system():
    losses = pd.DataFrame(
        {
            "representation": "code",
            "classifier": "knn",
            "percentage": [25.0, 25.0, 50.0, 50.0, 100.0, 100.0],
            "draw": [0, 1] * 3,
            "log_loss": [0.9, 1.1, 0.5, 0.5, 0.1, 0.3],
        }
    )
    scores = losses.assign(n_recordings=[10, 10, 20, 20, 40, 40])
    table = loss_data(losses, scores, [0.4, 0.1])
    by = table.set_index("measure")
    assert by.loc["log_loss", "value"].tolist() == pytest.approx([1.0, 0.5, 0.2])
    assert by.loc["mdl", "value"] == pytest.approx(19)
    assert by.loc["surplus_description_length", "value"].tolist() == pytest.approx([7, 15])
    reached = by.loc["epsilon_sample_complexity"]
    assert reached["value"].tolist()[0] == 40
    assert reached["percentage"].tolist()[0] == 100
    assert reached["value"].isna().tolist() == [False, True]


def test_stretches_of_budgets_are_named():
    mask = np.array([True, True, False, True, False, True, True])
    assert stretches(mask, BUDGETS) == "from 2 to 5 %, at 20 % and from 70 to 100 % of the labels"


def test_weights_add_up_to_what_there_is():
    weights = resample(30, 4, 6, np.random.default_rng(0))
    assert isinstance(weights, Weights)
    assert (weights.draws.sum(axis=1) == 4).all()
    assert (weights.speakers.sum(axis=1) == 6).all()
