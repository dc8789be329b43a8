"""Classes of unequal size, treated alike by every classifier, with the rows of the budget alone."""

import inspect

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.class_weight import compute_class_weight
from test_classifiers import every, separate, unfitted

from semisup import registry
from semisup.classifiers import classifier
from semisup.curve.balance import are_unequal, chosen, oversampled, said, treatment, weights
from semisup.curve.cells import fit_cell, run_task
from semisup.curve.per_class import gather_classes, joined_classes, one_class_only
from semisup.curve.plan import plan
from semisup.curve.task import budget
from semisup.study.spec import CurveSpec

NAMES = registry.classifiers.built_in()
unequal_classes = st.lists(st.integers(1, 12), min_size=1, max_size=4).map(
    lambda counts: np.repeat(np.arange(len(counts)), counts)
)


@given(unequal_classes, st.integers(0, 99))
def test_weights_are_scikit_learns_balanced_ones(classes, seed):
    classes = np.random.default_rng(seed).permutation(classes)
    balanced = compute_class_weight("balanced", classes=np.unique(classes), y=classes)
    np.testing.assert_array_equal(weights(classes), balanced[classes])
    assert weights(classes).mean() == pytest.approx(1)


@given(unequal_classes, st.integers(0, 99))
def test_copies_make_all_classes_as_large_as_the_largest(classes, seed):
    positions = oversampled(classes, seed)
    assert np.array_equal(positions, oversampled(classes, seed))
    assert set(np.bincount(classes[positions])) == {np.bincount(classes).max()}
    # every row is there, none of a class more than once more often than another
    times = np.bincount(positions, minlength=len(classes))
    for label in np.unique(classes):
        of_class = times[classes == label]
        assert of_class.min() >= 1
        assert np.ptp(of_class) <= 1


@given(st.integers(1, 40), st.integers(1, 40))
def test_equal_classes_are_left_as_they_are(n, seed):
    classes = np.repeat([0, 1, 2], n)
    assert np.array_equal(oversampled(classes, seed), np.arange(3 * n))
    assert (weights(classes) == 1).all()


@pytest.mark.parametrize(
    ("counts", "unequal"), [([30, 20], False), ([31, 20], True), ([5], False), ([1, 2, 1], True)]
)
def test_what_is_not_said_is_chosen_by_the_classes(counts, unequal):
    assert are_unequal(np.array(counts)) == unequal
    assert chosen(None, np.array(counts)) == ("weights" if unequal else "none")
    assert chosen("oversample", np.array(counts)) == "oversample"
    assert chosen("none", np.array(counts)) == "none"


@every
def test_a_classifier_declares_whether_its_fit_takes_weights(name):
    # self-training can weigh rows where what it trains can
    estimator = unfitted(name)
    estimator = vars(estimator).get("base", estimator)
    takes = "sample_weight" in inspect.signature(estimator.fit).parameters
    assert classifier(name).weighted == takes
    assert treatment(classifier(name), {}, "weights") == ("weights" if takes else "oversample")
    assert treatment(classifier(name), {}, "oversample") == "oversample"
    assert treatment(classifier(name), {}, "none") == "none"
    for parameter in ("class_weight", "base__class_weight"):
        assert treatment(classifier(name), {parameter: "balanced"}, "weights") == "none"


@pytest.mark.parametrize("name", [name for name in NAMES if classifier(name).weighted])
@pytest.mark.slow
def test_weights_do_what_a_balanced_class_weight_does(name):
    X, y = separate(name, 12, noise=4)
    rows = np.r_[0:12, 12:18, 24:27]
    X, y = X[rows], y[rows]
    short = {"epochs": 2} if classifier(name).trained else {}

    def answers(of_rows=None, **parameters):
        estimator = unfitted(name, 1).set_params(**short, **parameters)
        return estimator.fit(X, y, sample_weight=of_rows).predict(X)

    if "class_weight" in unfitted(name).get_params():
        np.testing.assert_array_equal(answers(weights(y)), answers(class_weight="balanced"))
    np.testing.assert_array_equal(answers(np.ones(len(y))), answers())


def test_weights_are_spread_as_labels_are():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 2)), np.full(40, -1)
    y[:9] = [0, 0, 0, 0, 0, 0, 1, 1, 2]
    of_rows = np.ones(40)
    of_rows[:9] = weights(y[:9])
    fitted = classifier("label_spreading").build(0).set_params(tol=1e-12, max_iter=3000)
    fitted.fit(X, y, sample_weight=of_rows)
    # scikit-learn's iteration, on labels of other heights
    labels = np.where(y[:, None] == np.arange(3), of_rows[:, None], 0.0)
    graph, spread = fitted._build_graph(), labels
    for _ in range(3000):
        spread = 0.2 * (graph @ spread) + 0.8 * labels
    total = spread.sum(axis=1, keepdims=True)
    expected = np.divide(spread, total, out=np.zeros_like(spread), where=total > 0)
    np.testing.assert_allclose(fitted.label_distributions_, expected, atol=1e-9)


# --- cells

CLASSES = ("negative", "neutral", "positive")


def tables(noise_outside=(), seed=0, counts=(24, 8, 6)):
    """Make recordings of unequal classes that hardly differ, and a probe of the same."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(CLASSES, counts)
    names = [f"r{number:03d}" for number in range(2 * len(labels))]
    labels = np.concatenate([labels, labels])
    values = rng.normal(size=(len(names), 4))
    values[:, 0] += np.searchsorted(CLASSES, labels)
    for number in noise_outside:
        values[number] = 100
    table = pd.DataFrame(values, columns=list("abcd"))
    table.insert(0, "recording", names)
    table.insert(1, "chunk", -1)
    manifest = pd.DataFrame({"recording": names, "label": labels})
    half = len(names) // 2
    return {"it": table}, manifest, pd.Series(["labelled"] * half + ["test"] * half, index=names)


def planned(*args, balance=None, classifiers=("svm",), **keys):
    spec = CurveSpec(classifiers=list(classifiers), percentages=[25, 100], draws=2, balance=balance)
    return plan(*tables(*args, **keys), spec, 3)


def test_the_plan_chooses_by_the_labelled_recordings():
    assert planned().tasks[0].rules.balance == "weights"
    assert planned(counts=(9, 8, 6)).tasks[0].rules.balance == "none"
    assert planned(balance="oversample").tasks[0].rules.balance == "oversample"


def test_none_is_the_classifier_on_the_rows_of_the_budget():
    task = planned(balance="none").tasks[0]
    rows = budget(task.order, task.labelled.classes, 25)
    X, y = task.source.labelled_rows[rows], task.labelled.classes[rows]
    scaler = StandardScaler().fit(X)
    by_hand = SVC(random_state=0).fit(scaler.transform(X), y)
    fitted = fit_cell(task, 25, task.source)
    expected = by_hand.decision_function(scaler.transform(task.source.test()))
    np.testing.assert_array_equal(fitted.decisions(task.source.test(), 3), expected)


@pytest.mark.parametrize("balance", ["weights", "oversample"])
def test_a_rare_class_is_no_longer_given_up(balance):
    def recalls(how):
        experiment = planned(
            balance=how, classifiers=("svm", "logistic_regression"), counts=(120, 40, 20)
        )
        fits = [(task, fit_cell(task, 100, task.source)) for task in experiment.tasks]
        hits = [fit.predict(task.source.test()) == task.truth for task, fit in fits]
        truth = experiment.tasks[0].truth
        return np.mean([[hit[truth == c].mean() for c in range(3)] for hit in hits], axis=0)

    assert recalls(balance).mean() > recalls("none").mean() + 0.05
    assert recalls(balance)[2] > recalls("none")[2]


@pytest.mark.parametrize(
    "name",
    [
        *("svm", "knn", "label_spreading", "label_propagation", "self_training_tree"),
        *("pseudo_label_logistic_regression", "layer"),
    ],
)
@pytest.mark.parametrize("balance", ["weights", "oversample"])
def test_no_row_outside_of_the_budget_has_a_part_in_it(name, balance):
    kind = {"layer": "encoder_classifier"}.get(name, name)
    task = planned(balance=balance, classifiers=(kind,)).tasks[0]
    inside = set(budget(task.order, task.labelled.classes, 25))
    outside = [number for number in range(76) if number not in inside]
    other = planned(outside, balance=balance, classifiers=(kind,)).tasks[0]
    probe = task.source.test()
    fits = [fit_cell(one, 25, one.source).predict(probe) for one in (task, other)]
    assert not np.array_equal(task.source.test(), other.source.test())
    np.testing.assert_array_equal(*fits)


def test_copies_stay_with_their_recording_and_are_not_counted(tmp_path):
    seen = {}
    experiment = planned(balance="oversample", classifiers=("tree",))
    for number, task in enumerate(experiment.tasks):
        run_task(task, tmp_path / f"{number}.npz")
        with np.load(tmp_path / f"{number}.npz") as cells:
            seen[number] = cells["n_rows"].tolist()
    assert seen == {0: [6 + 2 + 1, 38], 1: [6 + 2 + 1, 38]}


def test_every_class_has_its_results_and_guessers_are_called_so(tmp_path):
    experiment = planned(balance="none", classifiers=("svm", "tree"))
    parts = [tmp_path / f"{number}.npz" for number in range(len(experiment.tasks))]
    for task, path in zip(experiment.tasks, parts, strict=True):
        run_task(task, path)
    table = gather_classes(experiment, parts)
    assert len(table) == 2 * 2 * 3
    assert table["class"].tolist() == [*CLASSES] * 4
    for row in table.itertuples():
        hits, named, true = [], [], []
        for task, path in zip(experiment.tasks, parts, strict=True):
            if task.system.classifier == row.classifier:
                with np.load(path) as cells:
                    predicted = cells["predicted"][[25, 100].index(row.percentage)]
                of_class = task.truth == CLASSES.index(row[4])
                hits.append((predicted[of_class] == CLASSES.index(row[4])).sum())
                named.append((predicted == CLASSES.index(row[4])).sum())
                true.append(of_class.sum())
        assert (row.hits, row.predicted, row.support) == (sum(hits), sum(named), sum(true))
        assert row.recall == pytest.approx(sum(hits) / sum(true))
        assert row.precision == pytest.approx(sum(hits) / max(sum(named), 1))
        assert row.f1 == pytest.approx(2 * sum(hits) / (sum(named) + sum(true)))
        assert row.draws == 2
    assert one_class_only(table) == [
        "svm@it predicts one class only, in most draws, at 25 % of the labels"
    ]
    twice = joined_classes([table, table])
    pd.testing.assert_frame_equal(twice[["recall", "f1"]], table[["recall", "f1"]])
    assert (twice["hits"] == 2 * table["hits"]).all()
    assert one_class_only(twice) == one_class_only(table)


def test_many_guessers_are_one_sentence_and_a_test_set_of_one_class_none():
    def guessing(systems, classes=2):
        keys = [(s, p, c) for s in range(systems) for p in (5, 10, 20, 30) for c in range(classes)]
        table = pd.DataFrame(keys, columns=["classifier", "percentage", "class"])
        return table.assign(representation="it", support=3, draws=classes, alone=1)

    assert one_class_only(guessing(1)) == [
        "0@it predicts one class only, in most draws, at 4 label budgets from 5 to 30 % of the "
        "labels"
    ]
    (sentence,) = one_class_only(guessing(4))
    assert sentence.startswith("4 systems predict one class only")
    assert one_class_only(guessing(4, classes=1)) == []
    assert one_class_only(guessing(4).assign(draws=4)) == []


@pytest.mark.parametrize(
    ("asked", "metric", "end"),
    [
        (None, "f1_weighted", "count all classes alike"),
        (None, "uar", "(balance = 'none' in [curve] leaves them)"),
        ("none", "f1_macro", "(balance = 'weights' in [curve] weighs them)"),
        ("oversample", "uar", "(balance = 'none' in [curve] leaves them)"),
    ],
)
def test_unequal_classes_are_told_with_numbers_and_keys(asked, metric, end):
    labels = pd.Series(["a"] * 8 + ["b"] * 3)
    (sentence,) = said(asked, labels, metric)
    assert sentence.startswith("Classes of the labelled recordings are unequal (a 8, b 3): ")
    assert sentence.endswith(end)
    assert said(asked, labels[:6].replace("a", "c"), metric) == []


def test_of_many_classes_the_largest_and_the_smallest_are_told():
    labels = pd.Series(list("aaaaabbbbccddef"))
    assert "(a 5 to f 1)" in said("weights", labels, "uar")[0]
