"""Forged indices in exported models: refused, or made again, before compiled code follows them."""

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import AdaBoostClassifier, RandomForestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from semisup.engine.npz import read_arrays
from semisup.errors import TableError
from semisup.prediction.indices import LEAF, check_indices
from semisup.representations._projection import Projection

ROWS = np.random.default_rng(0).normal(size=(60, 3))
CLASSES = np.arange(60) % 3
#: By name: a node's field, and what it must not be.
FORGED = {
    "a child that is not there": ("left_child", 10**6),
    "a child before its parent": ("right_child", 0),
    "a child that is a leaf's sign": ("right_child", LEAF),
    "a feature that is not there": ("feature", 3),
    "a feature before the first": ("feature", -5),
}


def forge(tree, field: str, value: int) -> None:
    """Change a field of a tree's root."""
    state = tree.__getstate__()
    state["nodes"][field][0] = value
    tree.__setstate__(state)


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize(
    "estimator",
    [
        DecisionTreeClassifier(random_state=0),
        RandomForestClassifier(3, random_state=0),
        AdaBoostClassifier(DecisionTreeClassifier(max_depth=2), n_estimators=3, random_state=0),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_a_tree_with_a_forged_index_is_refused(estimator, forged):
    estimator.fit(ROWS, CLASSES)
    check_indices(estimator, 3)
    first = estimator if hasattr(estimator, "tree_") else estimator.estimators_[0]
    forge(first.tree_, *FORGED[forged])
    with pytest.raises(ValueError, match="a tree of it"):
        check_indices(estimator, 3)


def test_a_tree_of_more_features_than_its_rows_have_is_refused():
    estimator = DecisionTreeClassifier(random_state=0).fit(ROWS, CLASSES)
    with pytest.raises(ValueError, match="other features than the 1 "):
        check_indices(estimator, 1)


@pytest.mark.parametrize("algorithm", ["kd_tree", "ball_tree"])
def test_the_tree_of_neighbours_is_built_anew(algorithm):
    estimator = KNeighborsClassifier(5, algorithm=algorithm).fit(ROWS, CLASSES)
    expected = estimator.kneighbors(ROWS + 0.1)
    state = list(estimator._tree.__getstate__())
    state[1] = np.full_like(state[1], 10**6)  # places of the rows
    estimator._tree.__setstate__(tuple(state))
    check_indices(estimator, 3)
    np.testing.assert_array_equal(estimator.kneighbors(ROWS + 0.1), expected)


def test_a_rebuilt_tree_is_that_of_the_file():
    estimator = KNeighborsClassifier(5, algorithm="kd_tree").fit(ROWS, CLASSES)
    loaded = skops.io.loads(skops.io.dumps(estimator), trusted=_types(estimator))
    check_indices(loaded, 3)
    for made, kept in zip(loaded._tree.get_arrays(), estimator._tree.get_arrays(), strict=True):
        np.testing.assert_array_equal(made, kept)


def _types(estimator) -> list[str]:
    return skops.io.get_untrusted_types(data=skops.io.dumps(estimator))


def test_estimators_in_one_another_without_an_end_are_refused():
    estimator = DecisionTreeClassifier()
    estimator.tree = [estimator]
    with pytest.raises(ValueError, match="without an end"):
        check_indices(estimator, 3)


@pytest.fixture
def projection() -> Projection:
    return Projection(np.zeros(3), np.ones(3), np.ones((3, 2)), np.ones(2))


@pytest.mark.parametrize("change", ["shape", "type", "lost", "cut", "missing"])
def test_a_damaged_projection_is_one_sentence(tmp_path, projection, change):
    path = tmp_path / "projection.npz"
    arrays = projection._asdict()
    if change == "shape":
        arrays["scale"] = np.ones(4)
    if change == "type":
        arrays["mean"] = np.array(["a", "b", "c"])
    if change == "lost":
        del arrays["weights"]
    np.savez(path, **arrays)
    if change == "cut":
        path.write_bytes(path.read_bytes()[:300])
    if change == "missing":
        path.unlink()
    with pytest.raises(TableError, match=r"projection\.npz"):
        Projection.load(path)


def test_rows_of_other_features_are_no_input_of_a_projection(projection):
    assert projection.apply(np.ones((4, 3))).shape == (4, 2)
    with pytest.raises(TableError, match="3 features got rows of 4"):
        projection.apply(np.ones((4, 4)))


def test_arrays_are_read_by_name_and_no_pickle_is(tmp_path):
    path = tmp_path / "arrays.npz"
    np.savez(path, a=np.arange(3), b=np.array([{}], dtype=object))
    assert read_arrays(path, ["a"])["a"].tolist() == [0, 1, 2]
    with pytest.raises(TableError, match="pickle"):
        read_arrays(path)
