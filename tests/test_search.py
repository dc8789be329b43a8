"""Parameters chosen inside a label budget: of its recordings alone, by whole speakers."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semisup import registry
from semisup.classifiers import (
    Choice,
    at_point,
    build_classifier,
    classifier,
    grid_of,
    n_points,
    points,
    wrong_grid,
    wrong_parameters,
)
from semisup.curve.cells import fit_cell
from semisup.curve.choices import gather_choices
from semisup.curve.learning_curve import run_cells
from semisup.curve.plan import plan
from semisup.curve.search import choose, inner_folds
from semisup.curve.task import Known
from semisup.curve.trial import Size, tried
from semisup.engine.parallel import Workers
from semisup.study.spec import ClassifierSpec, CurveSpec

WITH_GRIDS = ["adaboost", "knn", "logistic_regression", "random_forest", "ridge", "svm", "tree"]
#: One neighbour tells two interleaved classes apart, thirty never do.
KNN = ClassifierSpec(kind="knn", grid={"n_neighbors": [30, 1]})
#: Of trees that are asked one question, and of those that may ask as many as they like.
TREE = ClassifierSpec(kind="tree", grid={"max_depth": [1, 8]})


def known(classes, speakers=None, chunks=1):
    classes = np.asarray(classes)
    speakers = np.arange(len(classes)) if speakers is None else np.asarray(speakers)
    owner = np.repeat(np.arange(len(classes)), chunks)
    return Known(owner, np.tile(np.arange(chunks), len(classes)), classes, speakers)


def planned(specs, *, chunks=1, unit="recording", n=48, percentages=(5, 50, 100), draws=2, seed=0):
    """Plan a curve over eight classes in a ring of two, which no line tells apart."""
    rng = np.random.default_rng(seed)
    names = [f"r{i:02d}" for i in range(2 * n)]
    place = np.arange(2 * n) % 8
    angle = 2 * np.pi * (place + 0.3 * rng.random(2 * n)) / 8
    manifest = pd.DataFrame(
        {
            "recording": names,
            "label": np.where(place % 2, "odd", "even"),
            "speaker": [f"s{i // 8}" for i in range(2 * n)],
        }
    )
    split = pd.Series(["labelled"] * n + ["test"] * n, index=pd.Index(names, name="recording"))
    owner = np.repeat(np.arange(2 * n), chunks)
    angle = angle[owner] + 0.01 * rng.random(len(owner))  # no chunk is a copy of another
    table = pd.DataFrame({"recording": np.array(names)[owner],
                          "chunk": np.tile(np.arange(chunks), 2 * n) if chunks > 1 else -1,
                          "x": np.cos(angle), "y": np.sin(angle)})  # fmt: skip
    curve = CurveSpec(
        classifiers=list(specs), percentages=list(percentages), draws=draws, unit=unit
    )
    return plan({"ring": table}, manifest, split, curve, seed, specs)


def choices(experiment, folder):
    folder.mkdir(parents=True)
    return gather_choices(experiment, run_cells(experiment, folder, Workers(1)))


# --- what is chosen


@pytest.mark.parametrize("unit", ["recording", "chunk"])
def test_the_point_that_is_obviously_best_is_chosen_and_fitted(unit):
    for task in planned({"mine": KNN}, chunks=3, unit=unit).tasks:
        fitted = fit_cell(task, 100, task.source)
        assert fitted.choice == Choice({"n_neighbors": 1}, 1.0, 5, "speaker")
        assert fitted.classifier.get_params()["n_neighbors"] == 1


def test_a_budget_that_is_too_small_keeps_the_defaults(tmp_path):
    spec = ClassifierSpec(kind="tree", parameters={"min_samples_leaf": 2}, grid=TREE.grid)
    table = choices(planned({"mine": spec}), tmp_path / "parts").set_index("percentage")
    small, others = table.loc[5.0], table.drop(5.0)
    assert (small["parameters"] == "default").all()
    assert small["inner_uar"].isna().all()
    assert (small["inner_folds"] == 0).all()
    assert [json.loads(text) for text in others["parameters"]] == [{"max_depth": 8}] * 4
    task = planned({"mine": spec}).tasks[0]
    by_budget = {p: fit_cell(task, p, task.source).classifier.get_params() for p in (5, 100)}
    assert by_budget[5]["max_depth"] is None
    assert by_budget[5]["min_samples_leaf"] == 2
    assert by_budget[100]["max_depth"] == 8
    assert by_budget[100]["min_samples_leaf"] == 2


def test_of_equally_good_points_the_first_is_taken():
    labelled, rows = known([0, 0, 1, 1]), np.ones(4, bool)
    spec = ClassifierSpec(kind="svm", grid={"C": [3.0, 1.0], "gamma": [0.1, 0.01]})
    chosen = choose(spec, labelled, rows, 0, lambda *_: np.eye(2))
    assert chosen.parameters == {"C": 3.0, "gamma": 0.1}
    better = choose(spec, labelled, rows, 0, lambda spec, *_: np.eye(2) + _wrong(spec))
    assert better.parameters == {"C": 1.0, "gamma": 0.01}


def _wrong(spec):
    return np.fliplr(np.eye(2)) * (spec.parameters != {"C": 1.0, "gamma": 0.01})


def test_a_point_that_so_few_rows_cannot_be_fitted_with_is_not_chosen():
    foreign = "sklearn.neighbors:KNeighborsClassifier"
    spec = ClassifierSpec(kind=foreign, grid={"n_neighbors": [99, 1]})
    task = planned({"mine": spec}).tasks[0]
    assert fit_cell(task, 100, task.source).choice.parameters == {"n_neighbors": 1}
    never = ClassifierSpec(kind=foreign, grid={"n_neighbors": [99, 98]})
    task = planned({"mine": never}).tasks[0]
    assert fit_cell(task, 100, task.source).choice == Choice({})


def test_a_random_search_tries_some_points_of_the_grid_by_its_seed():
    grid = {"C": [0.1, 1.0, 10.0], "gamma": [0.1, 1.0]}
    spec = ClassifierSpec(kind="svm", grid=grid, search="random", trials=3)
    everything = points(ClassifierSpec(kind="svm", grid=grid), 0)
    assert len(everything) == 6
    assert everything[1] == {"C": 0.1, "gamma": 1.0}
    drawn = [points(spec, seed) for seed in range(20)]
    assert n_points(spec) == 3
    for some in drawn:
        assert [point for point in everything if point in some] == some
        assert len(some) == 3
    assert drawn == [points(spec, seed) for seed in range(20)]
    assert len({str(some) for some in drawn}) > 5
    assert points(spec.model_copy(update={"trials": 99}), 0) == everything


# --- folds


@given(st.data())
@settings(max_examples=60)
def test_no_speaker_and_no_recording_is_in_two_folds(data):
    n = data.draw(st.integers(2, 24))
    labelled = known(
        data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)),
        data.draw(st.lists(st.integers(0, 6), min_size=n, max_size=n)),
        chunks=2,
    )
    rows = np.isin(labelled.owner, [*data.draw(st.sets(st.integers(0, n - 1), min_size=1))])
    most = data.draw(st.integers(2, 6))
    folds = inner_folds(labelled, rows, most, data.draw(st.integers(0, 2**32 - 1)))
    in_budget = labelled.classes[np.unique(labelled.owner[rows])]
    smallest = min((in_budget == c).sum() for c in np.unique(in_budget))
    assert bool(folds.outside) == (smallest >= 2)
    assert len(folds.outside) <= min(most, smallest)
    if folds.outside:
        assert (np.sum(folds.outside, axis=0) == rows).all()  # every row is held out once
    for inside, outside in zip(folds.inside, folds.outside, strict=True):
        assert ((inside | outside) == rows).all()
        assert not (inside & outside).any()
        assert not set(labelled.owner[inside]) & set(labelled.owner[outside])
        assert set(labelled.classes[labelled.owner[inside]]) == set(in_budget)
        speakers = [set(labelled.speakers[labelled.owner[mask]]) for mask in (inside, outside)]
        assert folds.grouped_by == "recording" or not speakers[0] & speakers[1]


def test_recordings_are_grouped_where_speakers_cannot_be():
    rows = np.ones(6, bool)
    assert inner_folds(known([0, 0, 0, 1, 1, 1], [7] * 6), rows, 5, 0).grouped_by == "recording"
    # each class has one speaker: without one of them a class would be gone
    alone = known([0, 0, 0, 1, 1, 1], [1, 1, 1, 2, 2, 2])
    assert inner_folds(alone, rows, 5, 0).grouped_by == "recording"
    both = known([0, 0, 1, 0, 1, 1], [1, 1, 1, 2, 2, 2])
    folds = inner_folds(both, rows, 5, 0)
    assert folds.grouped_by == "speaker"
    assert len(folds.outside) == 2


def test_speakers_reach_the_cells_and_unknown_ones_are_nobody_else():
    task = planned({"mine": KNN}).tasks[0]
    assert task.labelled.speakers.tolist() == [i // 8 for i in range(48)]
    names = [f"r{i}" for i in range(8)]
    manifest = pd.DataFrame({"recording": names, "label": list("abab") * 2,
                             "speaker": ["x", "x", "", "", "r2", "r2", "", ""]})  # fmt: skip
    split = pd.Series(["labelled"] * 6 + ["test"] * 2, index=names)
    table = pd.DataFrame({"recording": names, "chunk": -1, "x": 0.0})
    curve = CurveSpec(classifiers=["knn"], percentages=[100], draws=1)
    made = plan({"t": table}, manifest, split, curve, 0)
    assert made.tasks[0].labelled.speakers.tolist() == [0, 0, 1, 2, 3, 3]
    made = plan({"t": table}, manifest.drop(columns="speaker"), split, curve, 0)
    assert made.tasks[0].labelled.speakers.tolist() == [0, 1, 2, 3, 4, 5]


# --- nothing but the budget's own recordings


def test_noise_in_place_of_test_rows_and_of_other_labelled_rows_changes_no_choice():
    rng = np.random.default_rng(9)
    specs = {"knn_": KNN, "svm_": ClassifierSpec(kind="svm", tuned=True, search="random", trials=4)}
    for task in planned(specs, percentages=[50]).tasks:
        honest = fit_cell(task, 50, task.source)
        rows = np.isin(task.labelled.owner, _budget(task, 50))
        other = np.where(rows[:, None], task.source.labelled_rows, rng.normal(size=(len(rows), 2)))
        noise = task.source._replace(
            labelled_rows=other, test_rows=rng.normal(size=task.source.test_rows.shape)
        )
        assert fit_cell(task, 50, noise).choice == honest.choice
        assert honest.choice.folds == 5


def test_labels_of_others_and_of_the_test_change_no_choice():
    task = planned({"mine": ClassifierSpec(kind="tree", tuned=True)}).tasks[0]
    honest, inside = fit_cell(task, 50, task.source), _budget(task, 50)
    # of recordings after the budget's last one, so that the budget stays what it is
    last = max(np.flatnonzero(np.isin(task.order, inside)))
    after, classes = task.order[last + 1 :], task.labelled.classes.copy()
    classes[after] = classes[after][::-1]
    assert (classes != task.labelled.classes).any()
    wrong = task._replace(
        labelled=task.labelled._replace(classes=classes),
        test=task.test._replace(classes=1 - task.test.classes),
    )
    assert set(_budget(wrong, 50)) == set(inside)
    assert fit_cell(wrong, 50, task.source).choice == honest.choice


def _budget(task, percentage):
    from semisup.curve.task import budget

    return budget(task.order, task.labelled.classes, percentage)


def test_rows_are_scaled_by_those_that_are_not_held_out(monkeypatch):
    from semisup.curve import fit as fitting

    fitted_on = []
    scaler = fitting._scaler

    def noted(table, scale):
        fitted_on.append(len(table))
        return scaler(table, scale)

    monkeypatch.setattr(fitting, "_scaler", noted)
    task = planned({"mine": KNN}).tasks[0]
    fit_cell(task, 100, task.source)
    # two points on five folds of 48 recordings of six speakers, then the fit of the cell
    assert sorted(fitted_on[:5]) == [32, 40, 40, 40, 40]
    assert fitted_on[:5] == fitted_on[5:10]
    assert fitted_on[-1] == 48
    assert len(fitted_on) == 11


def test_a_choice_depends_on_its_cell_alone(tmp_path):
    grid = {"n_estimators": [1, 2, 3, 4]}
    some = ClassifierSpec(kind="random_forest", grid=grid, search="random", trials=2)
    experiment = planned({"some": some, "knn": ClassifierSpec(kind="knn")})
    table = choices(experiment, tmp_path / "parts")
    assert set(table["classifier"]) == {"some"}
    assert len(table) == 6
    assert list(table) == [
        *("representation", "classifier", "percentage", "draw"),
        *("parameters", "inner_uar", "inner_folds", "grouped_by"),
    ]
    # other cells before it, or none, and another classifier beside it or none
    for task in reversed(planned({"some": some}).tasks):
        chosen = fit_cell(task, 50, task.source).choice
        row = table[(table["draw"] == task.draw) & (table["percentage"] == 50)].iloc[0]
        assert (row["parameters"], row["inner_uar"]) == (
            json.dumps(chosen.parameters),
            chosen.uar,
        )


# --- grids of kinds, and of the user's


def test_the_classifiers_of_the_issue_have_grids():
    entries = registry.classifiers.built_in()
    assert [name for name in entries if classifier(name).grid] == WITH_GRIDS


@pytest.mark.parametrize("kind", WITH_GRIDS)
def test_the_grid_of_a_kind_is_small_and_right_and_begins_with_its_defaults(kind):
    spec = ClassifierSpec(kind=kind, tuned=True)
    assert wrong_grid(spec) == []
    tried_points = points(spec, 0)
    assert 6 <= len(tried_points) == n_points(spec) <= 16
    defaults = build_classifier(ClassifierSpec(kind=kind), 0).get_params()
    assert tried_points[0] == {name: defaults[name] for name in grid_of(spec)}
    for name, values in grid_of(spec).items():
        for value in values:
            alone = ClassifierSpec(kind=kind, parameters={name: value})
            assert wrong_parameters(alone) == []
    for point in (tried_points[0], tried_points[-1]):
        assert tried(at_point(spec, point), Size((2, 2, 2), 3)) == ""


WRONG = [
    ({"kind": "svm", "grid": {"kernle": ["rbf"]}}, ["grid: kernle is not one of its parameters"]),
    (
        {"kind": "svm", "grid": {"C": [-1, 1, "x"], "gamma": [-2]}},
        ["grid: C = -1: it must be", "grid: C = 'x': it must be", "grid: gamma = -2: it must be"],
    ),
    ({"kind": "svm", "grid": {"C": [1, 1]}}, ["grid: C names a value twice"]),
    (
        {"kind": "svm", "grid": {"C": [1]}, "parameters": {"C": 2}},
        ["parameters: C is in grid too; leave out one of them"],
    ),
    (
        {"kind": "svm", "tuned": True, "parameters": {"C": 2}},
        ["parameters: C is in the kind's own grid too"],
    ),
    ({"kind": "svm", "tuned": True, "grid": {"C": [1]}}, ["grid: tuned = true takes the kind's"]),
    ({"kind": "svm", "tuned": True, "trials": 3}, ["trials: search = 'grid' tries all points"]),
    ({"kind": "svm", "search": "random"}, ["search: there is nothing to choose among"]),
    ({"kind": "svm", "search": "grid", "tuned": False, "trials": 10, "grid": {}}, []),
    ({"kind": "cnn_2d", "tuned": True}, ["tuned: 'cnn_2d' is a network, and parameters are"]),
    ({"kind": "encoder_classifier", "grid": {"epochs": [1]}}, ["grid: 'encoder_classifier' is a"]),
    ({"kind": "self_training_svm", "tuned": True}, ["tuned: 'self_training_svm' learns from unl"]),
    ({"kind": "two_layer_network", "tuned": True}, ["has no grid of its own, as adaboost, knn"]),
]


@pytest.mark.parametrize(("keys", "sentences"), WRONG)
def test_what_is_wrong_with_a_grid_is_said_all_at_once(keys, sentences):
    problems = wrong_grid(ClassifierSpec(**keys))
    assert len(problems) == len(sentences)
    for problem, sentence in zip(problems, sentences, strict=True):
        assert sentence in problem
