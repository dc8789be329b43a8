import numpy as np
import pytest

from semisup import registry
from semisup.cells import build_classifier
from semisup.errors import SpecError
from semisup.spec import ClassifierSpec

every = pytest.mark.parametrize("name", registry.classifiers.names())


def blobs(n: int = 40) -> tuple[np.ndarray, np.ndarray]:
    classes = np.repeat([0, 1, 2], n)
    noise = np.random.default_rng(0).normal(size=(3 * n, 4))
    return noise + 6 * np.eye(4)[classes], classes


@every
def test_it_learns_separate_classes(name):
    X, y = blobs()
    classifier = registry.classifiers.get(name).build(0).fit(X[::2], y[::2])
    assert (classifier.predict(X[1::2]) == y[1::2]).mean() > 0.9


@every
def test_the_same_random_state_gives_the_same_answers(name):
    X, y = blobs(10)
    X += np.random.default_rng(1).normal(scale=4, size=X.shape)
    first, second = (registry.classifiers.get(name).build(7).fit(X, y) for _ in range(2))
    assert np.array_equal(first.predict(X), second.predict(X))


@every
def test_one_row_a_class_is_enough(name):
    X, y = blobs(1)
    assert set(registry.classifiers.get(name).build(0).fit(X, y).predict(X)) <= {0, 1, 2}


@every
def test_constant_features_give_a_poor_answer_and_no_error(name):
    X, y = np.zeros((9, 4)), np.repeat([0, 1, 2], 3)
    classifier = registry.classifiers.get(name).build(0).fit(X, y)
    assert len(set(classifier.predict(X))) == 1
    if hasattr(classifier, "predict_proba"):
        assert classifier.predict_proba(X).sum(axis=1) == pytest.approx(np.ones(9))


@every
def test_a_misspelt_parameter_is_named(name):
    with pytest.raises(SpecError, match=f"'{name}' has no parameter 'zzz'"):
        build_classifier(ClassifierSpec(kind=name, parameters={"zzz": 1}), 0)


def test_parameters_of_the_study_reach_the_classifier():
    spec = ClassifierSpec(kind="svm", parameters={"C": 3.5})
    assert build_classifier(spec, 0).get_params()["C"] == 3.5
