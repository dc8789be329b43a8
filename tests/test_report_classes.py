import numpy as np
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from semisup.report._classes import measures


def test_measures_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    true, predicted = rng.integers(3, size=(2, 200))
    counts = np.zeros((3, 3), int)
    np.add.at(counts, (true, predicted), 1)
    wanted = np.array(precision_recall_fscore_support(true, predicted))
    for place, row in enumerate(measures(counts)):
        found = [float(row[name]) for name in ("Precision", "Recall", "F1", "Recordings")]
        np.testing.assert_allclose(found, wanted[:, place], atol=6e-4)
        against_the_rest = accuracy_score(true == place, predicted == place)
        assert abs(float(row["Accuracy"]) - against_the_rest) < 6e-4


def test_a_class_that_was_never_predicted_has_a_recall_of_zero_and_no_precision():
    (_, never) = measures(np.array([[5, 0], [3, 0]]))
    assert never["Precision"] == "-"
    assert (float(never["Recall"]), float(never["F1"])) == (0, 0)
    # 5 of 8 are rightly not called so
    assert never["Accuracy"] == "0.625"
