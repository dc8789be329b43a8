"""Cells that are fitted once for several draws or budgets, and tables that lie in files."""

import json
import pickle

import numpy as np
import pytest
from test_learning_curve import study

from semisup import registry
from semisup.classifiers import build_classifier, classifier
from semisup.curve import cells
from semisup.curve.learning_curve import run_cells
from semisup.curve.plan import plan
from semisup.curve.shared import SharedCells, is_without_chance
from semisup.curve.sources import ArraySource, StoredTable, TableSource
from semisup.curve.stored import with_stored_tables
from semisup.engine.parallel import Workers, map_to_parts
from semisup.features.arrays import Arrays
from semisup.study.spec import ClassifierSpec, CurveSpec

WITHOUT_CHANCE = [
    name for name in registry.classifiers.built_in() if classifier(name).chance is not None
]
#: Of ten recordings a class: two budgets of one recording, two of five, all of them twice.
PERCENTAGES = [10, 19, 50, 59, 100]


def experiment(classifiers=("svm", "tree"), **options):
    spec = {"classifiers": list(classifiers), "percentages": PERCENTAGES, "draws": 3, **options}
    named = {"tuned": ClassifierSpec(kind="knn", tuned=True)}
    return plan(*study(), CurveSpec(**spec), 0, named)


def columns(parts):
    """Return all columns of files but the seconds."""
    files = [dict(np.load(path)) for path in parts]
    return [{name: file[name] for name in file if name != "seconds"} for file in files]


def counted(monkeypatch):
    fitted, fit_cell = [], cells.fit_cell

    def count(task, percentage, source, recordings=None):
        fitted.append((task.system.name, task.draw, percentage))
        return fit_cell(task, percentage, source, recordings)

    monkeypatch.setattr(cells, "fit_cell", count)
    return fitted


def test_equal_sets_of_recordings_are_fitted_once_and_no_number_changes(tmp_path, monkeypatch):
    planned = experiment()
    with monkeypatch.context() as apart:
        apart.setattr(SharedCells, "get", lambda *_: None)
        every = counted(apart)
        expected = run_cells(planned, tmp_path / "apart", Workers())
        assert len(every) == len(planned.tasks) * len(PERCENTAGES)
    fitted = counted(monkeypatch)
    together = run_cells(planned, tmp_path / "together", Workers())
    for ours, plain in zip(columns(together), columns(expected), strict=True):
        assert ours.keys() == plain.keys()
        for name, values in plain.items():
            np.testing.assert_array_equal(ours[name], values)
            assert ours[name].dtype == values.dtype
    by_system = {name: sorted(c[1:] for c in fitted if c[0] == name) for name, *_ in fitted}
    first = [(0, 10.0), (0, 50.0), (0, 100.0)]
    others = [(draw, budget) for draw in (1, 2) for budget in (10.0, 50.0)]
    assert by_system["svm@whole"] == by_system["svm@pieces"] == first + others
    # a tree breaks ties by its random state, which is another in every cell
    assert len(by_system["tree@whole"]) == 3 * len(PERCENTAGES)


def test_two_processes_share_what_one_would(tmp_path):
    planned = experiment(["svm", "knn"])
    one = columns(run_cells(planned, tmp_path / "one", Workers(1)))
    two = columns(run_cells(planned, tmp_path / "two", Workers(2)))
    for ours, other in zip(one, two, strict=True):
        for name in ours:
            np.testing.assert_array_equal(ours[name], other[name])


def test_encoders_do_not_share(tmp_path, monkeypatch):
    tables, manifest, split = study()
    other = tables["whole"].assign(f0=lambda table: -table["f0"])
    spec = CurveSpec(classifiers=["svm"], percentages=[100], draws=4)
    planned = plan({"whole": [tables["whole"], other]}, manifest, split, spec, 0)
    fitted = counted(monkeypatch)
    run_cells(planned, tmp_path, Workers())
    assert [draw for _, draw, _ in fitted] == [0, 1]


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"balance": "oversample"}, "knn"),
        ({}, "tuned"),
        ({}, "random_forest"),
        ({}, "adaboost"),
    ],
)
def test_what_a_random_state_may_change_is_not_shared(options, name):
    assert not any(map(is_without_chance, experiment([name], **options).tasks))


def test_a_parameter_that_lets_chance_in_ends_sharing():
    (task, *_) = experiment(["svm"]).tasks
    assert is_without_chance(task)
    spec = ClassifierSpec(kind="svm", parameters={"probability": True})
    assert not is_without_chance(task._replace(system=task.system._replace(spec=spec)))


@pytest.mark.parametrize("kind", WITHOUT_CHANCE)
def test_a_kind_without_chance_answers_alike_whatever_its_random_state(kind):
    rng = np.random.default_rng(0)
    # copies and rounded numbers: ties must be broken alike too
    X = np.repeat(rng.normal(size=(20, 2)).round(1), 2, axis=0)
    y = np.arange(40) % 2
    if classifier(kind).unlabelled:
        y[20:] = -1
    answers = []
    for state in (0, 1):
        fitted = build_classifier(ClassifierSpec(kind=kind), state).fit(X, y)
        methods = [
            n for n in ("predict", "predict_proba", "decision_function") if hasattr(fitted, n)
        ]
        answers.append([getattr(fitted, name)(X + 0.05) for name in methods])
    for one, other in zip(*answers, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_task_names_its_table_and_does_not_carry_it(tmp_path):
    tables, manifest, split = study(n_labelled=300, chunks=(1, 40))
    spec = CurveSpec(classifiers=["svm", "self_training_knn"], draws=2)
    planned = plan(tables, manifest, split, spec, 0)
    stored = with_stored_tables(planned.tasks, tmp_path)
    for task, plain in zip(stored, planned.tasks, strict=True):
        assert isinstance(task.source, StoredTable)
        rows = np.arange(len(plain.labelled.owner))[::2]
        np.testing.assert_array_equal(task.source.labelled(rows), plain.source.labelled(rows))
        np.testing.assert_array_equal(task.source.test(), plain.source.test())
        assert (task.source.unlabelled() is None) == (plain.source.unlabelled() is None)
        assert len(pickle.dumps(task.source)) < 1000
    assert len(list((tmp_path / "tables").iterdir())) == 2
    # mapped, and read only: nobody changes what all share
    assert not stored[0].source.test().flags.writeable


def test_row_numbers_of_arrays_are_stored_too(tmp_path):
    (task, *_) = experiment(["svm"]).tasks
    source = ArraySource(Arrays(tmp_path / "it.zarr"), task.source)
    (stored,) = with_stored_tables([task._replace(source=source)], tmp_path)
    assert isinstance(stored.source, ArraySource)
    assert isinstance(stored.source.numbers, StoredTable)
    assert stored.source.key == stored.source.numbers.key != ""
    assert isinstance(task.source, TableSource)
    assert task.source.key == ""


def test_test_rows_are_asked_once_where_a_fusion_keeps_the_answers(tmp_path, monkeypatch):
    (task, *_) = experiment(["logistic_regression"]).tasks
    asked = []
    probabilities = cells.Answers.probabilities.func
    monkeypatch.setattr(
        cells.Answers.probabilities, "func", lambda self: asked.append(1) or probabilities(self)
    )
    rules = task.rules._replace(keeps_weights=True)
    cells.run_task(task._replace(rules=rules, budgets=[50.0]), tmp_path / "part.npz")
    assert len(asked) == 1


def test_jobs_use_a_core_each(tmp_path):
    """Threads of a library would wait for those of other processes: each has one for its sums."""
    paths = map_to_parts(
        write_threads, [0, 1], tmp_path, ".json", Workers(2), "threads", "libraries"
    )
    for path in paths:
        counts = json.loads(path.read_text())
        assert counts
        assert set(counts) == {1}


def write_threads(_, path):
    """Write how many threads each library of a worker has, once the classifiers are there."""
    from sklearn.ensemble import RandomForestClassifier
    from threadpoolctl import threadpool_info

    RandomForestClassifier(2).fit(np.eye(4), np.arange(4) % 2)
    path.write_text(json.dumps([library["num_threads"] for library in threadpool_info()]))
