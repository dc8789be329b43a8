import numpy as np
import pytest

from semisup import registry
from semisup.classifiers import build_classifier, classifier
from semisup.errors import SpecError
from semisup.study.spec import ClassifierSpec

#: Networks, which take no tables: `test_networks.py` and `test_transfer.py` hold them to the same.
NAMES = [name for name in registry.classifiers.names() if not classifier(name).network]
every = pytest.mark.parametrize("name", NAMES)


def blobs(n: int = 40) -> tuple[np.ndarray, np.ndarray]:
    classes = np.repeat([0, 1, 2], n)
    # as many columns as classes, which argmax needs
    noise = np.random.default_rng(0).normal(size=(3 * n, 3))
    return noise + 6 * np.eye(3)[classes], classes


@every
def test_it_learns_separate_classes(name):
    X, y = blobs()
    fitted = classifier(name).build(0).fit(X[::2], y[::2])
    assert (fitted.predict(X[1::2]) == y[1::2]).mean() > 0.9


@every
def test_the_same_random_state_gives_the_same_answers(name):
    X, y = blobs(10)
    X += np.random.default_rng(1).normal(scale=4, size=X.shape)
    first, second = (classifier(name).build(7).fit(X, y) for _ in range(2))
    assert np.array_equal(first.predict(X), second.predict(X))


@every
def test_one_row_a_class_is_enough(name):
    X, y = blobs(1)
    assert set(classifier(name).build(0).fit(X, y).predict(X)) <= {0, 1, 2}


@every
def test_constant_features_give_a_poor_answer_and_no_error(name):
    X, y = np.zeros((9, 3)), np.repeat([0, 1, 2], 3)
    fitted = classifier(name).build(0).fit(X, y)
    assert len(set(fitted.predict(X))) == 1
    if hasattr(fitted, "predict_proba"):
        assert fitted.predict_proba(X).sum(axis=1) == pytest.approx(np.ones(9))


@every
def test_a_misspelt_parameter_is_named(name):
    with pytest.raises(SpecError, match=f"'{name}' has no parameter 'zzz'"):
        build_classifier(ClassifierSpec(kind=name, parameters={"zzz": 1}), 0)


def test_parameters_of_the_study_reach_the_classifier():
    spec = ClassifierSpec(kind="svm", parameters={"C": 3.5})
    assert build_classifier(spec, 0).get_params()["C"] == 3.5


#: Those that learn from unlabelled rows, marked by -1.
semi = pytest.mark.parametrize(
    "name",
    [name for name in registry.classifiers.names() if classifier(name).unlabelled],
)


@semi
def test_unlabelled_rows_are_no_class_of_their_own(name):
    X, y = blobs()
    hidden = np.where(np.arange(len(y)) % 40 < 3, y, -1)
    fitted = classifier(name).build(0).fit(X, hidden)
    assert fitted.classes_.tolist() == [0, 1, 2]
    assert (fitted.predict(X) == y).mean() > 0.9
    if hasattr(fitted, "predict_proba"):
        assert fitted.predict_proba(X).shape == (len(X), 3)


@pytest.mark.parametrize("name", ["self_training_random_forest", "label_spreading"])
def test_unlabelled_rows_help_where_classes_are_clouds(name):
    rng = np.random.default_rng(0)
    centres = 1.2 * rng.normal(size=(3, 20))
    y = rng.integers(3, size=600)
    X = centres[y] + rng.normal(size=(600, 20))
    few = np.concatenate([np.flatnonzero(y[:400] == label)[:2] for label in range(3)])
    hidden = np.full(400, -1)
    hidden[few] = y[few]
    scores = [
        (classifier(name).build(0).fit(*given).predict(X[400:]) == y[400:]).mean()
        for given in ((X[few], y[few]), (X[:400], hidden))
    ]
    assert scores[1] > scores[0] + 0.1


def test_only_a_base_with_probabilities_gives_them():
    found = {
        base: hasattr(classifier(f"self_training_{base}").build(0), "predict_proba")
        for base in ("svm", "knn")
    }
    assert found == {"svm": False, "knn": True}


def test_logistic_regression_is_scikit_learns():
    from sklearn.linear_model import LogisticRegression

    X, y = blobs(10)
    ours = build_classifier(ClassifierSpec(kind="logistic_regression"), 0)
    assert ours.get_params()["max_iter"] == 1000
    reference = LogisticRegression(max_iter=1000).fit(X, y)
    np.testing.assert_array_equal(ours.fit(X, y).predict_proba(X), reference.predict_proba(X))


def test_logistic_regression_converges_on_far_more_columns_than_rows():
    """A warning would fail this test: all frames of a recording are thousands of columns."""
    X = np.random.default_rng(0).normal(size=(30, 5000))
    y = np.arange(30) % 3
    assert (classifier("logistic_regression").build(0).fit(X, y).predict(X) == y).all()


def test_argmax_answers_with_the_largest_number_and_its_softmax():
    argmax = classifier("argmax")
    assert argmax.scales is False
    logits = np.array([[0.0, np.log(3), 0.0], [1000.0, 0.0, 1000.0]])
    # what it was fitted to changes nothing: column k is class k
    fitted = argmax.build(0).fit(np.zeros((3, 3)), np.array([2, 1, 0]))
    assert fitted.predict(logits).tolist() == [1, 0]
    np.testing.assert_allclose(fitted.predict_proba(logits), [[0.2, 0.6, 0.2], [0.5, 0, 0.5]])


def test_argmax_of_other_than_one_number_a_class_is_one_sentence():
    X, y = np.zeros((4, 64)), np.arange(4) % 2
    with pytest.raises(SpecError, match=r"one number for each class.*64 numbers and 2 classes"):
        classifier("argmax").build(0).fit(X, y)
