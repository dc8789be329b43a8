from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    cohen_kappa_score,
    f1_score,
    log_loss,
    recall_score,
    roc_auc_score,
)

from semisup.metrics import (
    CLASS_METRICS,
    PROBABILITY_METRICS,
    SMALLEST,
    confusion,
    probability_scores,
    scores,
)

pairs = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)


def recall_of_the_classes_that_occur(truth, predicted):
    return recall_score(truth, predicted, labels=np.unique(truth), average="macro", zero_division=0)


def kappa_where_there_are_several_classes(truth, predicted):
    several = len({*truth, *predicted}) > 1
    return cohen_kappa_score(truth, predicted) if several else 0


#: What scikit-learn calls each metric.
REFERENCES = {
    "f1_weighted": partial(f1_score, average="weighted", zero_division=0),
    "f1_macro": partial(f1_score, average="macro", zero_division=0),
    "uar": recall_of_the_classes_that_occur,
    "accuracy": accuracy_score,
    "cohen_kappa": kappa_where_there_are_several_classes,
}


@pytest.mark.parametrize("name", CLASS_METRICS)
@given(pairs)
def test_scores_are_those_of_scikit_learn(name, rows):
    truth, predicted = np.array(rows).T
    score = scores(confusion(truth, predicted, 4))[name]
    assert score == pytest.approx(REFERENCES[name](truth, predicted))
    low, high = CLASS_METRICS[name].bounds
    assert low <= score <= high


@pytest.mark.parametrize("name", CLASS_METRICS)
def test_many_matrices_are_scored_as_one_by_one(name):
    matrices = np.random.default_rng(0).integers(0, 9, (5, 2, 3, 3))
    together = scores(matrices)[name]
    assert together.shape == (5, 2)
    for place in np.ndindex(5, 2):
        assert together[place] == scores(matrices[place])[name]


@pytest.mark.parametrize(("name", "metric"), CLASS_METRICS.items())
def test_an_entry_says_all_that_others_read(name, metric):
    assert metric.name == name
    assert metric.title[0].isupper()
    assert metric.phrase == metric.title[0].lower() + metric.title[1:]
    assert metric.beside in CLASS_METRICS
    assert metric.beside != name
    assert scores(np.diag([3, 2]))[name] == metric.bounds[1]
    assert scores(np.array([[0, 3], [3, 0]]))[name] == metric.bounds[0]


def test_rows_are_the_truth_and_columns_the_guess():
    assert confusion(np.array([0, 0, 1]), np.array([1, 1, 0]), 2).tolist() == [[0, 2], [1, 0]]


def test_kappa_of_a_guesser_is_its_chance():
    shares = np.array([0.2, 0.3, 0.5])
    independent = np.rint(1000 * np.outer(shares, [0.1, 0.1, 0.8]))
    assert scores(independent)["cohen_kappa"] == pytest.approx(
        CLASS_METRICS["cohen_kappa"].chance(shares)
    )


def brier(truth, probabilities):
    one_hot = np.eye(probabilities.shape[1])[truth]
    return ((probabilities - one_hot) ** 2).sum(axis=1).mean()


def area(truth, probabilities):
    if probabilities.shape[1] == 2:
        return roc_auc_score(truth, probabilities[:, 1])
    return roc_auc_score(truth, probabilities, multi_class="ovr", average="macro")


#: What scikit-learn calls each metric of probabilities.
OF_PROBABILITIES = {"log_loss": log_loss, "brier": brier, "auc": area}


@pytest.mark.parametrize("name", PROBABILITY_METRICS)
@given(st.integers(2, 4), st.integers(0, 999), st.booleans())
def test_scores_of_probabilities_are_those_of_scikit_learn(name, n_classes, seed, tied):
    rng = np.random.default_rng(seed)
    truth = np.r_[np.arange(n_classes), rng.integers(0, n_classes, 20)]
    # votes of chunks: not yet divided by their number, and many of them equal
    weights = rng.integers(1, 4, (len(truth), n_classes)).astype(float)
    weights += 0 if tied else rng.random(weights.shape)
    shares = weights / weights.sum(axis=1, keepdims=True)
    score = dict(zip(PROBABILITY_METRICS, probability_scores(weights, truth), strict=True))[name]
    assert score == pytest.approx(OF_PROBABILITIES[name](truth, shares))
    low, high = PROBABILITY_METRICS[name].bounds
    assert low <= score <= high


def test_the_brier_score_of_two_classes_is_twice_that_of_one():
    truth, of_second = np.array([0, 1, 1, 0]), np.array([0.2, 0.9, 0.4, 0.7])
    both = np.column_stack([1 - of_second, of_second])
    score = PROBABILITY_METRICS["brier"].score(both, truth)
    assert score == pytest.approx(2 * brier_score_loss(truth, of_second))


@pytest.mark.parametrize(("name", "metric"), PROBABILITY_METRICS.items())
def test_certainty_reaches_the_bounds_and_shares_of_the_classes_reach_chance(name, metric):
    truth = np.repeat([0, 1, 2], [2, 3, 5])
    best, worst = metric.bounds if metric.lower_is_better else metric.bounds[::-1]
    assert metric.score(np.eye(3)[truth], truth) == pytest.approx(best)
    # each taken for the next: of two classes, as of three a false one may be ranked right
    pair = np.array([0, 0, 1])
    assert metric.score(np.eye(2)[1 - pair], pair) == pytest.approx(worst)
    shares = np.array([0.2, 0.3, 0.5])
    level = metric.score(np.tile(shares, (10, 1)), truth)
    assert level == pytest.approx(metric.chance(shares))
    assert metric.name == name


def test_what_has_no_probabilities_has_no_score_of_them():
    assert np.isnan(probability_scores(None, np.array([0, 1]))).all()


def test_a_class_that_is_not_tested_has_no_area():
    weights = np.array([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.3, 0.6, 0.1]])
    metric = PROBABILITY_METRICS["auc"]
    assert metric.score(weights, np.array([0, 1, 1])) == 1
    assert np.isnan(metric.score(weights, np.array([1, 1, 1])))
    assert PROBABILITY_METRICS["log_loss"].bounds[1] == -np.log(SMALLEST)
