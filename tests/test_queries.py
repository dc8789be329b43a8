"""Recordings that a classifier asks for: what is chosen, what has no part in it, what comes out."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from table_study import table_study

from semisup.curve.cells import _run_cell, run_task
from semisup.curve.plan import plan
from semisup.curve.queries import by_doubt, first_recordings, spread_out
from semisup.curve.task import budget
from semisup.errors import SpecError
from semisup.figures.catalogue import FIGURES
from semisup.figures.study_tables import StudyTables, read_csv
from semisup.reading import read_study
from semisup.report import sheets
from semisup.stages.gates.classifiers import parameter_problems
from semisup.stages.runner import run_study
from semisup.study.spec import ClassifierSpec, CurveSpec

BUDGETS = [10, 20, 50, 100]


def planned(kind="logistic_regression", query="margin", noise=1.0, chunks=1, seed=0):
    """Plan 60 labelled and 40 test recordings of three classes, in several rows or one."""
    rng = np.random.default_rng(seed)
    y = np.arange(100) % 3
    names = [f"r{number:03d}" for number in range(100)]
    rows = np.repeat(np.arange(100), chunks)
    X = 1.5 * np.eye(3)[y[rows]] + noise * rng.normal(size=(len(rows), 3))
    table = pd.DataFrame(X, columns=list("abc"))
    table.insert(0, "recording", [names[row] for row in rows])
    table.insert(1, "chunk", np.arange(len(rows)) % chunks if chunks > 1 else -1)
    manifest = pd.DataFrame({"recording": names, "label": np.array(list("uvw"))[y]})
    split = pd.Series(["labelled"] * 60 + ["test"] * 40, index=names)
    spec = CurveSpec(classifiers=["asking"], percentages=BUDGETS, draws=2)
    asking = ClassifierSpec(kind=kind, query=query)
    return plan({"it": table}, manifest, split, spec, 5, {"asking": asking}).tasks


def chosen_by(task):
    """Return the recordings of every budget."""
    recordings = [first_recordings(task)]
    for number in range(len(task.budgets)):
        recordings.append(_run_cell(task, number, recordings[-1])[1])
    return recordings[:-1]


@pytest.mark.parametrize("kind", ["logistic_regression", "svm", "random_forest"])
@pytest.mark.parametrize(("query", "chunks"), [("margin", 1), ("margin", 3), ("diverse", 1)])
def test_budgets_are_nested_and_as_large_as_the_draws(kind, query, chunks):
    for task in planned(kind, query, chunks=chunks):
        drawn = [budget(task.order, task.labelled.classes, share) for share in BUDGETS]
        asked = chosen_by(task)
        np.testing.assert_array_equal(asked[0], drawn[0])
        assert [len(recordings) for recordings in asked] == [len(each) for each in drawn]
        for fewer, more in pairwise(asked):
            assert set(fewer) <= set(more)
        assert not np.array_equal(asked[1], drawn[1])


def test_without_a_query_the_draw_chooses():
    task = planned(query=None)[0]
    for share, recordings in zip(BUDGETS, chosen_by(task), strict=True):
        np.testing.assert_array_equal(recordings, budget(task.order, task.labelled.classes, share))


def test_those_are_asked_for_whose_two_likeliest_classes_are_the_nearest():
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    task = planned()[0]
    X, y = task.source.labelled_rows, task.labelled.classes
    first, second, *_ = chosen_by(task)
    scaler = StandardScaler().fit(X[first])
    by_hand = LogisticRegression(max_iter=1000).fit(scaler.transform(X[first]), y[first])
    rest = np.setdiff1d(np.arange(60), first)
    shares = np.sort(by_hand.predict_proba(scaler.transform(X[rest])), axis=1)
    nearest = rest[np.argsort(shares[:, -1] - shares[:, -2])]
    np.testing.assert_array_equal(
        second, np.sort(np.r_[first, nearest[: len(second) - len(first)]])
    )


@given(st.permutations(range(6)), st.lists(st.sampled_from([0.1, 0.2]), min_size=6, max_size=6))
def test_of_equal_doubts_the_first_of_the_draw_is_asked_for(order, margins):
    weights = np.stack([np.array(margins), np.zeros(6)], axis=1)
    asked = by_doubt(np.arange(6), weights, np.array(order))
    assert sorted(asked, key=lambda r: (margins[r], order.index(r))) == asked.tolist()


def test_of_doubtful_ones_that_are_alike_one_is_asked_for():
    places = np.array([[0.0], [0.01], [5.0], [5.01], [9.0], [9.01]])
    recordings = np.array([8, 3, 5, 1, 7, 2])
    asked = spread_out(recordings, places, 3, seed=0)
    assert sorted(asked) == sorted(recordings)
    assert [len({8, 3} & {*asked[:3]}), len({5, 1} & {*asked[:3]}), len({7, 2} & {*asked[:3]})] == [
        *(1, 1, 1)
    ]


def test_of_equal_rows_as_many_are_asked_for_as_are_wanted():
    asked = spread_out(np.array([4, 2, 9]), np.zeros((3, 2)), 2, seed=0)
    assert sorted(asked) == [2, 4, 9]


# --- what has no part in it


@pytest.mark.parametrize("query", ["margin", "diverse"])
def test_only_labels_of_what_is_chosen_tell_what_is_next(query):
    rng = np.random.default_rng(0)
    for task in planned("random_forest", query):
        moved = 0
        for number, chosen in enumerate(chosen_by(task)[:-2]):
            following = _run_cell(task, number, chosen)[1]
            outside = np.setdiff1d(np.arange(60), chosen)
            for where in (outside, chosen):
                classes = task.labelled.classes.copy()
                classes[where] = rng.permutation(classes[where])
                other = task._replace(labelled=task.labelled._replace(classes=classes))
                after = _run_cell(other, number, chosen)[1]
                if where is outside:
                    np.testing.assert_array_equal(after, following)
                else:
                    moved += not np.array_equal(after, following)
        assert moved


@pytest.mark.parametrize("query", ["margin", "diverse"])
def test_nothing_of_the_test_subset_has_a_part_in_it(query):
    task = planned(query=query)[0]
    classes = np.random.default_rng(1).permutation(task.test.classes)
    noise = np.random.default_rng(1).normal(size=task.source.test_rows.shape)
    other = task._replace(
        test=task.test._replace(classes=classes), source=task.source._replace(test_rows=noise)
    )
    for one, two in zip(chosen_by(task), chosen_by(other), strict=True):
        np.testing.assert_array_equal(one, two)


def test_the_same_task_gives_the_same_file(tmp_path):
    task = planned("random_forest", "diverse")[0]
    for name in ("one", "two"):
        run_task(task, tmp_path / f"{name}.npz")
    with np.load(tmp_path / "one.npz") as one, np.load(tmp_path / "two.npz") as two:
        assert set(one) == set(two)
        for name in set(one) - {"seconds"}:
            np.testing.assert_array_equal(one[name], two[name])
        assert np.bincount(one["queried"]).cumsum().tolist() == one["n_recordings"].tolist()


def test_on_the_same_recordings_asking_is_the_same_fit(tmp_path):
    asking = planned("random_forest")[0]
    system = asking.system._replace(drawn="plain")
    plain = system._replace(classifier="plain", spec=ClassifierSpec(kind="random_forest"))
    for name, its in (("asking", system), ("plain", plain)):
        run_task(asking._replace(system=its), tmp_path / f"{name}.npz")
    with np.load(tmp_path / "asking.npz") as one, np.load(tmp_path / "plain.npz") as two:
        for number in (0, -1):
            np.testing.assert_array_equal(one["probability"][number], two["probability"][number])
        assert not np.array_equal(one["probability"][1], two["probability"][1])


# --- a study

ASKING = """
[representations.other]
kind = "table"
path = "other.csv"
[classifiers.line]
kind = "svm"
parameters = { kernel = "linear", C = 1000 }
[classifiers.asking]
kind = "svm"
parameters = { kernel = "linear", C = 1000 }
query = "margin"
[curve]
classifiers = ["line", "asking"]
percentages = [5, 7, 9, 11, 13, 100]
draws = 4
[compare]
resamples = 200
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two classes that a line parts, of 40 speakers with 6 recordings each."""
    made = tmp_path_factory.mktemp("asking")
    rng, n = np.random.default_rng(0), 240
    x = rng.uniform(-1, 1, n)
    names = [f"r{i:03d}" for i in range(n)]
    speakers = [f"s{i % 40:02d}" for i in range(n)]
    label = np.where(x > 0, "above", "below")
    listed = pd.DataFrame({"file": names, "label": label, "speaker": speakers})
    listed.to_csv(made / "list.csv", index=False)
    for name, noise in (("mine", 0.0), ("other", 0.5)):
        table = pd.DataFrame({"recording": names, "chunk": -1})
        table.assign(x=x + noise * rng.normal(size=n)).to_csv(made / f"{name}.csv", index=False)
    (made / "study.toml").write_text(table_study("asking") + ASKING)
    return made


@pytest.fixture(scope="module")
def finished(folder):
    return run_study(read_study(folder / "study.toml", folder / "files"), until="compare").folder


def test_what_asks_is_compared_with_the_draw(finished):
    queries = read_csv(finished / "queries.csv")
    assert set(queries["classifier_a"]) == {"asking"}
    assert set(queries["classifier_b"]) == {"line"}
    assert set(queries["representation"]) == {"mine", "other"}
    scores = pd.read_parquet(finished / "scores.parquet")
    means = scores.groupby(["representation", "classifier", "percentage"])["uar"].mean()
    of_uar = queries[(queries["metric"] == "uar") & (queries["statistic"] == "difference")]
    for row in of_uar.itertuples():
        at = row.representation, row.percentage
        gap = means[at[0], "asking", at[1]] - means[at[0], "line", at[1]]
        assert row.value == pytest.approx(gap)
    # where nothing is noise, asking near the line finds it as bisection does
    mine = of_uar[of_uar["representation"] == "mine"].set_index("percentage")["value"]
    assert means["mine", "asking", 13] == means["mine", "asking", 100] == 1
    assert mine[13] > 0
    assert mine[5] == 0
    assert mine[100] == 0
    # with all labels both are the same fit: what asking needs is never more than all
    saved = queries[queries["statistic"] == "labels_saved"]
    assert not (saved["outcome"] == "not reached").any()
    assert {"labels_saved", "crossover", "verdict"} <= set(queries["statistic"])
    verdicts = queries.loc[queries["statistic"] == "verdict", "sentence"]
    assert verdicts.str.contains("asking").all()


def test_every_recording_that_was_asked_for_is_listed(finished):
    queried = read_csv(finished / "queried.csv")
    assert set(queried["classifier"]) == {"asking"}
    scores = pd.read_parquet(finished / "scores.parquet")
    keys = ["representation", "draw", "percentage"]
    counts = queried.groupby(keys).size().groupby(keys[:2]).cumsum()
    expected = scores[scores["classifier"] == "asking"].set_index(keys)["n_recordings"]
    assert counts.to_dict() == expected.to_dict()


def test_report_and_figure_show_what_asking_saves(finished):
    tables = StudyTables(finished)
    (sheet,) = [sheet for sheet in sheets(tables, "uar") if sheet.name == "queries"]
    assert sheet.table["Representation"].tolist() == ["Mine", "Other"]
    assert list(sheet.table)[:3] == ["Representation", "Asks", "Drawn at random"]
    assert sheet.table["Asking needs (% of labels)"].str.len().min() > 0
    figure = FIGURES["queries"].figure(tables, metric="uar")
    panels = [ax for ax in figure.axes if ax.get_title()]
    assert [ax.get_title() for ax in panels] == ["Mine", "Other"]
    lines = {line.get_label() for ax in panels for line in ax.get_lines()}
    assert {"Line", "Asking"} <= lines
    assert set(FIGURES["queries"].figures(tables, "uar")) == {"queries_asking"}


def test_what_asks_is_no_part_of_the_mean_of_the_classifiers(finished):
    comparison = StudyTables(finished).comparison
    rows = comparison[(comparison["statistic"] == "difference") & (comparison["metric"] == "uar")]
    by_classifier = rows.set_index(["classifier", "percentage"])["value"]
    for share in (5, 9, 13, 100):
        assert by_classifier["mean", share] == by_classifier["line", share]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            ('classifiers = ["line", "asking"]', 'classifiers = ["asking"]'),
            r"\[classifiers.asking\] query: the same classifier without it must be among",
        ),
        (("draws = 4", 'draws = 4\nonly.line = ["mine"]'), "asks .* on 'other'"),
        (('query = "margin"', 'query = "margn"'), "query"),
    ],
)
def test_a_query_without_a_draw_to_compare_with_is_refused(folder, tmp_path, change, problem):
    text = table_study("asking") + ASKING.replace(*change)
    path = tmp_path / "study.toml"
    path.write_text(text)
    with pytest.raises(SpecError, match=problem):
        read_study(path, tmp_path)


def test_what_is_fitted_to_labels_of_the_draw_is_refused(folder, tmp_path):
    soft = '[representations.soft]\nkind = "deep_softmax"\noutput = "code"\n[representations.other]'
    path = tmp_path / "study.toml"
    path.write_text(table_study("asking") + ASKING.replace("[representations.other]", soft))
    with pytest.raises(SpecError, match=r"query: 'soft' is fitted anew to the labels"):
        read_study(path, tmp_path)


def test_a_classifier_that_doubts_nothing_is_refused(tmp_path):
    file = tmp_path / "sure.py"
    file.write_text(
        "from sklearn.base import BaseEstimator\nfrom sklearn.svm import SVC\n"
        "class Sure(BaseEstimator):\n"
        "    def fit(self, X, y):\n"
        "        self.inner_ = SVC().fit(X, y)\n"
        "        self.classes_ = self.inner_.classes_\n"
        "        return self\n"
        "    def predict(self, X):\n"
        "        return self.inner_.predict(X)\n"
    )
    specs = {query: ClassifierSpec(kind=f"{file}:Sure", query=query) for query in (None, "margin")}
    assert parameter_problems({"drawn": specs[None]}) == []
    (problem,) = parameter_problems({"asking": specs["margin"]})
    assert "[classifiers.asking] query: " in problem
    assert "neither probabilities nor decision values" in problem
