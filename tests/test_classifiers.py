import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import KNeighborsClassifier
from tiny_encoder import encoder_file

from semisup import registry
from semisup.classifiers import Estimator, build_classifier, classifier
from semisup.errors import SpecError
from semisup.study.spec import ClassifierSpec

NAMES = registry.classifiers.built_in()
every = pytest.mark.parametrize("name", NAMES)
#: Rows that a classifier takes: networks transforms, all others feature tables, unless said here.
SHAPES = {"vgg16": (32, 32, 3)}
TABLE, TRANSFORM = (3,), (6, 10)  # argmax needs as many columns as classes
TRAINED = {"epochs": 25, "batch_size": 16, "learning_rate": 0.01}
#: Parameters of those whose defaults take minutes or a download.
QUICK: dict[str, dict[str, object]] = {
    "cnn_1d": {**TRAINED, "filters": 8, "blocks": 3},
    "cnn_2d": {**TRAINED, "filters": 8, "blocks": 3},
    "lstm_network": {**TRAINED, "units": 12},
    "vgg16": {"weights": "random", "head": "simple", "epochs": 20, "fine_tuning_epochs": 0},
    "finetune": {**TRAINED, "fine_tuning_epochs": 5},
    "fixmatch": {**TRAINED, "fine_tuning_epochs": 2, "steps": 4},
}
pytestmark = pytest.mark.usefixtures("bases_are_forgotten")


def unfitted(name: str, random_state: int = 0) -> Estimator:
    encoder = (
        {"encoder": encoder_file(TRANSFORM, blind=False, scale=0.005)}
        if classifier(name).tunes
        else {}
    )
    return classifier(name).build(random_state).set_params(**QUICK.get(name, {}), **encoder)


def shape_of(name: str) -> tuple[int, ...]:
    return SHAPES.get(name, TRANSFORM if classifier(name).network else TABLE)


def separate(name: str, n: int = 40, noise: float = 1) -> tuple[np.ndarray, np.ndarray]:
    """Make rows of three classes: a third of the columns, bands or colours is high."""
    shape, y = shape_of(name), np.repeat([0, 1, 2], n)
    axis = 0 if shape == TRANSFORM else len(shape) - 1
    thirds = np.arange(shape[axis]) * 3 // shape[axis]
    high = np.expand_dims(thirds, [other for other in range(len(shape)) if other != axis])
    X = 6 * (high == y.reshape(-1, *[1] * len(shape)))
    X = X + noise * np.random.default_rng(0).normal(size=(3 * n, *shape))
    if classifier(name).network:
        X = (60 + 20 * X).astype(np.float32)  # levels in dB, or colours from 0 to 255
    return X, y


@every
def test_it_learns_separate_classes(name):
    X, y = separate(name)
    fitted = unfitted(name).fit(X[::2], y[::2])
    assert (fitted.predict(X[1::2]) == y[1::2]).mean() > 0.9


@every
def test_the_same_random_state_gives_the_same_answers(name):
    X, y = separate(name, 10, noise=4)
    first, second = (unfitted(name, 7).fit(X, y) for _ in range(2))
    assert np.array_equal(first.predict(X), second.predict(X))
    if hasattr(first, "predict_proba"):
        assert np.array_equal(first.predict_proba(X), second.predict_proba(X))


@every
def test_one_row_a_class_is_enough(name):
    X, y = separate(name, 1)
    assert set(unfitted(name).fit(X, y).predict(X)) <= {0, 1, 2}


@every
def test_constant_features_give_a_poor_answer_and_no_error(name):
    X, y = np.zeros((9, *shape_of(name)), np.float32), np.repeat([0, 1, 2], 3)
    fitted = unfitted(name).fit(X, y)
    assert len(set(fitted.predict(X))) == 1
    if hasattr(fitted, "predict_proba"):
        assert fitted.predict_proba(X).sum(axis=1) == pytest.approx(np.ones(9))


@every
def test_it_is_what_it_declares(name):
    entry, (X, y) = classifier(name), separate(name, 4)
    assert set(entry.files) <= set(unfitted(name).get_params())
    assert entry.trained or not entry.network
    fitted = unfitted(name)
    fitted.fit(X, y + 5, **({"groups": np.arange(len(y)) // 2} if entry.trained else {}))
    assert fitted.classes_.tolist() == [5, 6, 7]
    assert hasattr(fitted, "history_") == entry.trained
    if entry.trained:
        assert {"epoch", "loss", "val_loss"} <= set(fitted.history_)
    if hasattr(fitted, "predict_proba"):
        shares = fitted.predict_proba(X)
        assert shares.shape == (len(X), 3)
        assert shares.min() >= 0
        np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)


def test_what_is_said_of_classifiers_is_said_of_those_that_there_are():
    assert set(SHAPES) | set(QUICK) <= set(NAMES)


@every
def test_a_misspelt_parameter_is_named(name):
    with pytest.raises(SpecError, match=f"'{name}' has no parameter 'zzz'"):
        build_classifier(ClassifierSpec(kind=name, parameters={"zzz": 1}), 0)


def test_parameters_of_the_study_reach_the_classifier():
    spec = ClassifierSpec(kind="svm", parameters={"C": 3.5})
    assert build_classifier(spec, 0).get_params()["C"] == 3.5


@given(
    st.lists(st.integers(1, 8), min_size=2, max_size=4),
    st.integers(1, 9),
    st.integers(0, 99),
)
def test_neighbours_are_no_more_than_the_smallest_class_has_rows(counts, k, seed):
    y = np.repeat(np.arange(len(counts)), counts)
    rng = np.random.default_rng(seed)
    X, others = rng.normal(size=(len(y), 2)), rng.normal(size=(20, 2))
    spec = ClassifierSpec(kind="knn", parameters={"n_neighbors": k})
    reference = KNeighborsClassifier(min(k, *counts)).fit(X, y)
    fitted = build_classifier(spec, 0).fit(X, y)
    assert np.array_equal(fitted.predict_proba(others), reference.predict_proba(others))


@pytest.mark.parametrize("name", ["knn", "self_training_knn"])
def test_one_row_a_class_makes_the_nearest_of_neighbours(name):
    X, y = separate(name, 1)
    others = np.random.default_rng(1).normal(3, 3, size=(50, 3))
    nearest = KNeighborsClassifier(1).fit(X, y).predict(others)
    assert len(set(nearest)) == 3
    assert np.array_equal(classifier(name).build(0).fit(X, y).predict(others), nearest)


def test_copies_of_a_row_are_one_neighbour():
    X, y = np.array([[0.0], [0.1], [1.0]]), np.array([0, 0, 1])
    copied = np.array([0, 1, 2, 2, 2, 2, 2])
    fitted = classifier("knn").build(0).fit(X[copied], y[copied])
    assert fitted.predict([[0.3], [0.7]]).tolist() == [0, 1]


#: Those that learn from unlabelled rows, marked by -1.
semi = pytest.mark.parametrize(
    "name",
    [name for name in NAMES if classifier(name).unlabelled and not classifier(name).network],
)


@semi
def test_unlabelled_rows_are_no_class_of_their_own(name):
    X, y = separate(name)
    hidden = np.where(np.arange(len(y)) % 40 < 3, y, -1)
    fitted = classifier(name).build(0).fit(X, hidden)
    assert fitted.classes_.tolist() == [0, 1, 2]
    assert (fitted.predict(X) == y).mean() > 0.9
    if hasattr(fitted, "predict_proba"):
        assert fitted.predict_proba(X).shape == (len(X), 3)


@pytest.mark.parametrize(
    ("name", "gain"),
    [
        ("self_training_random_forest", 0.1),
        ("label_spreading", 0.1),
        ("label_propagation", 0.1),
        ("pseudo_label_logistic_regression", 0.02),  # of .965 that the labels alone give
    ],
)
def test_unlabelled_rows_help_where_classes_are_clouds(name, gain):
    rng = np.random.default_rng(0)
    centres = 1.2 * rng.normal(size=(3, 20))
    y = rng.integers(3, size=600)
    X = centres[y] + rng.normal(size=(600, 20))
    few = np.concatenate([np.flatnonzero(y[:400] == label)[:2] for label in range(3)])
    hidden = np.full(400, -1)
    hidden[few] = y[few]
    scores = [
        (classifier(name).build(0).fit(*rows).predict(X[400:]) == y[400:]).mean()
        for rows in ((X[few], y[few]), (X[:400], hidden))
    ]
    assert scores[1] > scores[0] + gain


def some_labels(n: int = 80, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Make rows of three clouds, and the classes of a few: 5, 3 and 2."""
    rng = np.random.default_rng(seed)
    y = rng.integers(3, size=n)
    X = rng.normal(size=(3, 4))[y] * 2 + rng.normal(size=(n, 4))
    known = np.concatenate([np.flatnonzero(y == c)[:most] for c, most in enumerate((5, 3, 2))])
    hidden = np.full(n, -1)
    hidden[known] = y[known]
    return X, hidden


@pytest.mark.parametrize("weighted", [False, True])
def test_propagated_labels_are_the_mean_of_their_neighbours(weighted):
    """The solution of a linear system (Zhu, Ghahramani and Lafferty 2003, harmonic functions)."""
    from sklearn.neighbors import kneighbors_graph

    X, y = some_labels()
    of_class = np.array([2.0, 1.0, 3.0]) if weighted else np.ones(3)
    of_rows = {"sample_weight": np.where(y < 0, 1, of_class[y])} if weighted else {}
    fitted = classifier("label_propagation").build(0).set_params(tol=1e-13, max_iter=20000)
    fitted.fit(X, y, **of_rows)
    graph = kneighbors_graph(X, 7, include_self=True).toarray() / 7
    known = y >= 0
    labels = (y[known, None] == np.arange(3)).astype(float)
    inner = np.eye((~known).sum()) - graph[np.ix_(~known, ~known)]
    arrived = np.linalg.solve(inner, graph[np.ix_(~known, known)] @ labels) * of_class
    expected = arrived / arrived.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(fitted.label_distributions_[~known], expected, atol=1e-8)
    np.testing.assert_array_equal(fitted.label_distributions_[known], labels)


@pytest.mark.parametrize("base", ["logistic_regression", "random_forest"])
@pytest.mark.parametrize("parameters", [{}, {"threshold": 0.6, "rounds": 2}])
def test_pseudo_labels_are_those_of_scikit_learn(base, parameters):
    from sklearn.semi_supervised import SelfTrainingClassifier

    X, y = some_labels()
    spec = ClassifierSpec(kind=f"pseudo_label_{base}", parameters=parameters)
    ours = build_classifier(spec, 0).fit(X, y)
    theirs = SelfTrainingClassifier(
        classifier(base).build(0),
        threshold=parameters.get("threshold", 0.75),
        max_iter=parameters.get("rounds", 10),
    ).fit(X, y)
    assert (theirs.transduction_ >= 0).sum() > 10
    np.testing.assert_array_equal(ours.predict_proba(X), theirs.predict_proba(X))


def test_where_no_guess_is_sure_pseudo_labels_are_the_base_itself():
    X, y = some_labels()
    known = y >= 0
    plain = classifier("logistic_regression").build(0).fit(X[known], y[known])
    parameters = {"threshold": float(plain.predict_proba(X[~known]).max())}
    never = ClassifierSpec(kind="pseudo_label_logistic_regression", parameters=parameters)
    np.testing.assert_array_equal(
        build_classifier(never, 0).fit(X, y).predict_proba(X), plain.predict_proba(X)
    )


def test_labels_on_a_graph_take_memory_by_neighbour_and_not_by_pair():
    from scipy.sparse import issparse

    X, y = some_labels(300)
    for name in ("label_spreading", "label_propagation"):
        graph = classifier(name).build(0).fit(X, y)._build_graph()
        assert issparse(graph)
        assert graph.nnz <= 7 * len(X)


def test_only_a_base_with_probabilities_gives_them():
    found = {
        base: hasattr(classifier(f"self_training_{base}").build(0), "predict_proba")
        for base in ("svm", "knn")
    }
    assert found == {"svm": False, "knn": True}


def test_logistic_regression_is_scikit_learns():
    from sklearn.linear_model import LogisticRegression

    X, y = separate("logistic_regression", 10)
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
