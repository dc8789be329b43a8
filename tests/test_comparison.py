import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score, recall_score

from semisup.comparison import (
    SCORE_COLUMNS,
    SUMMARY_COLUMNS,
    chance,
    check_scores,
    summarise,
)
from semisup.errors import TableError, UnknownNameError
from semisup.metrics import CLASS_METRICS


def make_scores(representations=("code", "handcrafted"), draws=5, percentages=(10.0, 100.0)):
    rng = np.random.default_rng(0)
    rows = [
        (
            name,
            classifier,
            percentage,
            7,
            70 + draw,
            draw,
            "recording",
            *rng.random(len(CLASS_METRICS)),
        )
        for name in representations
        for classifier in ("svm", "knn")
        for percentage in percentages
        for draw in range(draws)
    ]
    return pd.DataFrame(rows, columns=list(SCORE_COLUMNS))


def test_summary_holds_numpys_mean_and_percentiles_of_the_draws():
    scores = make_scores()
    summary = summarise(scores)
    assert tuple(summary.columns) == SUMMARY_COLUMNS
    assert len(summary) == 2 * 2 * 2 * len(CLASS_METRICS)
    for row in summary.itertuples():
        cell = scores[
            (scores["representation"] == row.representation)
            & (scores["classifier"] == row.classifier)
            & (scores["percentage"] == row.percentage)
        ]
        values = cell[row.metric]
        expected = (values.mean(), *np.percentile(values, [2.5, 97.5]), 5, 7.0, 72.0)
        found = (row.mean, row.low, row.high, row.draws, row.n_recordings, row.n_rows)
        assert found == pytest.approx(expected, abs=1e-12)


def test_one_draw_has_a_mean_but_no_interval():
    scores = make_scores(draws=1)
    summary = summarise(scores)
    assert summary[["low", "high"]].isna().all(axis=None)
    assert sorted(summary["mean"]) == sorted(scores[list(CLASS_METRICS)].to_numpy().ravel())


def test_names_keep_the_order_of_the_scores_and_percentages_ascend():
    summary = summarise(make_scores(("zeta", "alpha"), percentages=(100.0, 2.0, 10.0)))
    assert list(summary["representation"].unique()) == ["zeta", "alpha"]
    assert list(summary["classifier"].unique()) == ["svm", "knn"]
    assert list(summary["metric"].unique()) == list(CLASS_METRICS)
    assert list(summary["percentage"].unique()) == [2.0, 10.0, 100.0]


@given(st.randoms(use_true_random=False))
@settings(max_examples=20)
def test_the_order_of_rows_changes_no_number(random):
    scores = make_scores()
    order = list(range(len(scores)))
    random.shuffle(order)
    by = ["representation", "classifier", "percentage", "metric"]
    shuffled, straight = (
        summarise(table).sort_values(by, ignore_index=True)
        for table in (scores.iloc[order], scores)
    )
    pd.testing.assert_frame_equal(shuffled, straight, rtol=1e-13)


def test_categorical_names_are_summarised_like_text():
    scores = make_scores()
    categories = scores.astype({"representation": "category", "classifier": "category"})
    pd.testing.assert_frame_equal(
        summarise(categories).astype({"representation": str, "classifier": str}), summarise(scores)
    )


def test_missing_columns_are_named_with_those_found():
    scores = make_scores()[["classifier", "draw", "uar"]]
    with pytest.raises(
        TableError, match=r"missing: representation, .*found: classifier, draw, uar"
    ):
        check_scores(scores)
    with pytest.raises(TableError, match="found: none"):
        check_scores(pd.DataFrame())


def test_a_table_that_lacks_a_newer_metric_is_summarised_without_it():
    scores = make_scores()
    summary = summarise(scores.drop(columns="cohen_kappa"))
    expected = summarise(scores)
    expected = expected[expected["metric"] != "cohen_kappa"].reset_index(drop=True)
    pd.testing.assert_frame_equal(summary, expected)
    with pytest.raises(TableError, match=r"missing: f1_weighted, .*cohen_kappa"):
        summarise(scores.drop(columns=list(CLASS_METRICS)))


def test_empty_mixed_and_repeated_scores_are_refused():
    scores = make_scores()
    with pytest.raises(TableError, match="has no rows"):
        check_scores(scores[:0])
    mixed = pd.concat([scores, scores.assign(unit="chunk")])
    with pytest.raises(TableError, match="found several: chunk, recording"):
        check_scores(mixed)
    with pytest.raises(TableError, match=r"1 cells .* representation code, classifier svm"):
        check_scores(pd.concat([scores, scores[:1]]))


SHARES = ([1 / 3, 1 / 3, 1 / 3], [0.7, 0.2, 0.1], [0.5, 0.5])


@pytest.mark.parametrize("metric", CLASS_METRICS)
@pytest.mark.parametrize("shares", SHARES, ids=str)
def test_chance_is_what_guessers_score(shares, metric):
    n = 20_000
    rng = np.random.default_rng(1)
    truth = np.repeat(np.arange(len(shares)), np.round(np.array(shares) * n).astype(int))
    guess = rng.permutation(truth)
    expected = {
        "f1_weighted": f1_score(truth, guess, average="weighted"),
        "f1_macro": f1_score(truth, guess, average="macro"),
        "uar": recall_score(truth, guess, average="macro"),
        "accuracy": accuracy_score(truth, np.full_like(truth, np.bincount(truth).argmax())),
        "cohen_kappa": cohen_kappa_score(truth, guess),
    }
    assert chance(truth, metric) == pytest.approx(expected[metric], abs=0.012)


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=40))
@settings(max_examples=50)
def test_naming_the_most_frequent_class_beats_guessing_by_share(labels):
    assert 1 / len(set(labels)) <= chance(labels, "f1_weighted") + 1e-12
    assert chance(labels, "f1_weighted") <= chance(labels, "accuracy") + 1e-12
    assert math.isclose(chance(labels, "uar"), 1 / len(set(labels)))


def test_chance_takes_text_labels_of_a_series():
    assert chance(pd.Series(["a", "b", "b", "b"]), "f1_weighted") == pytest.approx(0.625)


def test_chance_of_an_unknown_metric_or_no_labels_is_refused():
    with pytest.raises(UnknownNameError, match="did you mean 'f1_macro'"):
        chance(["a"], "f1_macr")
    with pytest.raises(TableError, match="found none"):
        chance([], "uar")
