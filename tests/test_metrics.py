from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, recall_score

from semisup.metrics import METRICS, confusion, scores

pairs = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)


def recall_of_the_classes_that_occur(truth, predicted):
    return recall_score(truth, predicted, labels=np.unique(truth), average="macro", zero_division=0)


#: What scikit-learn calls each metric.
REFERENCES = {
    "f1_weighted": partial(f1_score, average="weighted", zero_division=0),
    "f1_macro": partial(f1_score, average="macro", zero_division=0),
    "uar": recall_of_the_classes_that_occur,
    "accuracy": accuracy_score,
}


@pytest.mark.parametrize("name", METRICS)
@given(pairs)
def test_scores_are_those_of_scikit_learn(name, rows):
    truth, predicted = np.array(rows).T
    score = scores(confusion(truth, predicted, 4))[name]
    assert score == pytest.approx(REFERENCES[name](truth, predicted))
    low, high = METRICS[name].bounds
    assert low <= score <= high


@pytest.mark.parametrize("name", METRICS)
def test_many_matrices_are_scored_as_one_by_one(name):
    matrices = np.random.default_rng(0).integers(0, 9, (5, 2, 3, 3))
    together = scores(matrices)[name]
    assert together.shape == (5, 2)
    for place in np.ndindex(5, 2):
        assert together[place] == scores(matrices[place])[name]


@pytest.mark.parametrize(("name", "metric"), METRICS.items())
def test_an_entry_says_all_that_others_read(name, metric):
    assert metric.name == name
    assert metric.title[0].isupper()
    assert metric.phrase == metric.title[0].lower() + metric.title[1:]
    assert metric.beside in METRICS
    assert metric.beside != name
    assert scores(np.diag([3, 2]))[name] == metric.bounds[1]
    assert scores(np.array([[0, 3], [2, 0]]))[name] == metric.bounds[0]


def test_rows_are_the_truth_and_columns_the_guess():
    assert confusion(np.array([0, 0, 1]), np.array([1, 1, 0]), 2).tolist() == [[0, 2], [1, 0]]
