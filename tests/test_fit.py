"""What a fit takes from a classifier, and what it refuses in one sentence."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.svm import SVC

from semisup.curve.cells import run_task
from semisup.curve.fit import Fit
from semisup.curve.plan import plan
from semisup.errors import OutsideError
from semisup.study.spec import ClassifierSpec, CurveSpec

ROWS = np.zeros((6, 2))


class Answers(BaseEstimator):
    """A classifier of the classes 0 and 2 that answers what it is told to."""

    classes_ = np.array([0, 2])

    def __init__(self, predicted):
        self.predicted = predicted

    def predict(self, X):
        return self.predicted


class Probable(Answers):
    def predict_proba(self, X):
        return self.predicted


class Decided(Answers):
    def decision_function(self, X):
        return self.predicted


class Last(BaseEstimator):
    """A user's classifier, whose numbers of classes are floats."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), float(self.classes_[-1]))


class OfTwoChunks(Last):
    """The first of three chunks is surely a, the others hardly b: votes say b, values a."""

    def predict(self, X):
        return (np.arange(len(X)) % 3 > 0).astype(int)

    def decision_function(self, X):
        return np.where(self.predict(X) == 1, 0.1, -1.0)


class OfPairs(OfTwoChunks):
    def __init__(self, decision_function_shape="ovo"):
        self.decision_function_shape = decision_function_shape


class OneTooFew(Last):
    def predict(self, X):
        return super().predict(X)[1:]


class NotFinite(Last):
    def predict_proba(self, X):
        return np.full((len(X), len(self.classes_)), np.nan)


@pytest.mark.parametrize(
    ("predicted", "got"),
    [
        ([0, 2, 0, 2, 0], r"of shape \(5,\) with values such as \[0, 2, 0\]"),
        ([0] * 7, r"of shape \(7,\)"),
        (np.zeros((6, 2), int), r"of shape \(6, 2\)"),
        ([1, 0, 0, 0, 0, 0], r"of shape \(6,\) with values such as \[1, 0, 0\]"),
        ([0, 0, 0, 0, 0, -1], r"of shape \(6,\)"),
        ([np.nan, 0, 0, 0, 0, 0], r"with values such as \[nan, 0.0, 0.0\]"),
        (["0"] * 6, r"with values such as \['0', '0', '0'\]"),
    ],
)
def test_predictions_that_are_not_a_known_class_a_row_are_refused(predicted, got):
    fitted = Fit(Answers(predicted), None, reads_arrays=False)
    sentence = r"^Answers.predict must return one of the classes .* for each of 6 rows, got .*"
    with pytest.raises(OutsideError, match=sentence + got) as refused:
        fitted.predict(ROWS)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_probabilities_that_are_not_finite_are_refused(wrong):
    shares = np.full((6, 2), 0.5)
    shares[3, 1] = wrong
    fitted = Fit(Probable(shares), None, reads_arrays=False)
    sentence = r"^Probable.predict_proba must return finite numbers of shape \(6, 2\), got"
    with pytest.raises(OutsideError, match=sentence) as refused:
        fitted.probabilities(ROWS, 3)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("shape", [(5, 2), (6, 3), (6,)])
def test_probabilities_of_another_shape_are_refused(shape):
    fitted = Fit(Probable(np.full(shape, 0.5)), None, reads_arrays=False)
    with pytest.raises(OutsideError, match=rf"\(6, 2\), got an array of shape \({shape[0]},"):
        fitted.probabilities(ROWS, 3)


def test_probabilities_stand_in_the_columns_of_their_classes():
    shares = np.tile([0.25, 0.75], (6, 1))
    by_row = Fit(Probable(shares), None, reads_arrays=False).probabilities(ROWS, 4)
    assert np.array_equal(by_row, np.tile([0.25, 0, 0.75, 0], (6, 1)))


def test_a_classifier_without_probabilities_has_none():
    fitted = Fit(Answers([0] * 6), None, reads_arrays=False)
    assert not fitted.has_probabilities
    assert fitted.probabilities(ROWS, 3) is None


@pytest.mark.parametrize("values", [np.full(6, 2.0), np.tile([-2.0, 2.0], (6, 1))])
def test_decision_values_of_two_classes_are_two_columns(values):
    by_row = Fit(Decided(values), None, reads_arrays=False).decisions(ROWS, 3)
    # no sum of values can make a recording one of a class that the classifier has not seen
    assert np.array_equal(by_row, np.tile([-2.0, -np.inf, 2.0], (6, 1)))


@pytest.mark.parametrize("shape", [(5, 2), (6, 3), (5,)])
def test_decision_values_of_another_shape_are_refused(shape):
    with pytest.raises(OutsideError, match=r"^Decided.decision_function must .* \(6, 2\), got"):
        Fit(Decided(np.zeros(shape)), None, reads_arrays=False).decisions(ROWS, 3)


def test_a_support_vector_machine_of_three_classes_has_a_value_for_each():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 2)), np.arange(30) % 3
    fitted = SVC().fit(X, y)
    by_row = Fit(fitted, None, reads_arrays=False).decisions(X, 3)
    assert np.array_equal(by_row, fitted.decision_function(X))
    pairs = Fit(SVC(decision_function_shape="ovo").fit(X, y), None, reads_arrays=False)
    assert pairs.decisions(X, 3) is None


def task(name: str, unit: str, chunks: int = 1):
    """Plan the cells of a classifier of this file, as a study's reference names it."""
    names = [f"r{number:02d}" for number in range(12)]
    table = pd.DataFrame({"recording": np.repeat(names, chunks), "x": 1.0})
    table.insert(1, "chunk", -1 if chunks == 1 else np.tile(np.arange(chunks), 12))
    manifest = pd.DataFrame({"recording": names, "label": ["a", "b"] * 6})
    split = pd.Series(["labelled"] * 6 + ["test"] * 6, index=names)
    spec = CurveSpec(classifiers=["users"], percentages=[100], draws=1, unit=unit)
    kinds = {"users": ClassifierSpec(kind=f"{__name__}:{name}")}
    return plan({"it": table}, manifest, split, spec, 0, kinds).tasks[0]


@pytest.mark.parametrize("unit", ["recording", "chunk"])
@pytest.mark.parametrize("name", ["OneTooFew", "NotFinite"])
def test_a_cell_of_a_users_classifier_that_answers_wrongly_is_refused(name, unit, tmp_path):
    with pytest.raises(OutsideError, match=f"^{name}.predict.* must return"):
        run_task(task(name, unit), tmp_path / "part.npz")
    assert not (tmp_path / "part.npz").exists()


@pytest.mark.parametrize("unit", ["recording", "chunk"])
def test_numbers_of_classes_may_be_floats(unit, tmp_path):
    run_task(task("Last", unit), tmp_path / "part.npz")
    with np.load(tmp_path / "part.npz") as part:
        assert part["predicted"].tolist() == [[1] * 6]
        assert np.isnan(part["of_probabilities"]).all()


@pytest.mark.parametrize(("name", "predicted"), [("OfTwoChunks", 0), ("OfPairs", 1)])
def test_decision_values_of_chunks_are_summed_and_not_their_votes(name, predicted, tmp_path):
    run_task(task(name, "recording", chunks=3), tmp_path / "part.npz")
    with np.load(tmp_path / "part.npz") as part:
        assert part["predicted"].tolist() == [[predicted] * 6]
        assert np.isnan(part["probability"]).all()


def test_whole_recordings_are_what_predict_says(tmp_path):
    """Decision values of one row can differ from `predict`, as in a cycle of an SVM's pairs."""
    run_task(task("OfTwoChunks", "recording"), tmp_path / "part.npz")
    with np.load(tmp_path / "part.npz") as part:
        assert part["predicted"].tolist() == [[0, 1, 1, 0, 1, 1]]
