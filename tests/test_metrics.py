import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, recall_score

from semisup.metrics import METRICS, confusion, scores

pairs = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)


@given(pairs)
def test_scores_are_those_of_scikit_learn(rows):
    truth, predicted = np.array(rows).T
    found = scores(confusion(truth, predicted, 4))
    occurring = np.unique(truth)
    options = {"zero_division": 0}
    assert found["accuracy"] == pytest.approx(accuracy_score(truth, predicted))
    assert found["f1_macro"] == pytest.approx(f1_score(truth, predicted, average="macro"))
    assert found["f1_weighted"] == pytest.approx(
        f1_score(truth, predicted, average="weighted", **options)
    )
    assert found["uar"] == pytest.approx(
        recall_score(truth, predicted, labels=occurring, average="macro", **options)
    )


def test_many_matrices_are_scored_as_one_by_one():
    matrices = np.random.default_rng(0).integers(0, 9, (5, 2, 3, 3))
    together = scores(matrices)
    for name in METRICS:
        assert together[name].shape == (5, 2)
        assert together[name][4, 1] == pytest.approx(scores(matrices[4, 1])[name])


def test_rows_are_the_truth_and_columns_the_guess():
    assert confusion(np.array([0, 0, 1]), np.array([1, 1, 0]), 2).tolist() == [[0, 2], [1, 0]]
