"""Late fusion: cells of several representations averaged, and what follows in a study."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from table_study import table_study

from semisup.curve.fusion import fused
from semisup.errors import SpecError
from semisup.figures.study_tables import StudyTables
from semisup.prediction.system import chosen_system
from semisup.reading import read_study
from semisup.report import answer_of, sheets
from semisup.stages import curve
from semisup.stages.runner import run_study

FUSED = """
[representations.other]
kind = "table"
path = "other.csv"
[fusions.both]
of = ["mine", "other"]
[fusions.product]
of = ["other", "mine"]
mean = "geometric"
[classifiers.asking]
kind = "logistic_regression"
query = "margin"
[curve]
classifiers = ["logistic_regression", "svm", "asking", "tree"]
only.tree = ["mine"]
percentages = [20, 100]
draws = 2
[compare]
resamples = 200
"""

shares = st.lists(st.floats(0.01, 1), min_size=3, max_size=3)


@given(st.lists(shares, min_size=2, max_size=4))
def test_means_of_probabilities_are_probabilities_in_any_order(rows):
    weights = [np.array(row) / sum(row) for row in rows]
    for mean in ("arithmetic", "geometric"):
        joined = fused(weights, mean)
        assert joined.sum() == pytest.approx(1)
        np.testing.assert_allclose(joined, fused(weights[::-1], mean))
        np.testing.assert_allclose(fused([weights[0]] * 3, mean), weights[0])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three classes: each table tells one of them from the others, of 20 speakers."""
    made = tmp_path_factory.mktemp("fused")
    rng, n = np.random.default_rng(0), 180
    y = np.arange(n) % 3
    names = [f"r{i:03d}" for i in range(n)]
    speakers = [f"s{i // 9:02d}" for i in range(n)]
    listed = pd.DataFrame({"file": names, "label": np.array(list("abc"))[y], "speaker": speakers})
    listed.to_csv(made / "list.csv", index=False)
    for name, told in (("mine", 0), ("other", 1)):
        x = 2.0 * (y == told) + rng.normal(size=n)
        pd.DataFrame({"recording": names, "chunk": -1, "x": x, "n": rng.normal(size=n)}).to_csv(
            made / f"{name}.csv", index=False
        )
    (made / "study.toml").write_text(table_study("fused") + FUSED)
    return made


@pytest.fixture(scope="module")
def finished(folder):
    return run_study(read_study(folder / "study.toml", folder / "files"), until="compare")


def test_a_fusion_has_the_cells_that_all_of_its_members_have(finished):
    scores = pd.read_parquet(finished.folder / "scores.parquet")
    keys = ["classifier", "percentage", "draw"]
    of = {
        name: set(map(tuple, rows[keys].values)) for name, rows in scores.groupby("representation")
    }
    expected = {key for key in of["mine"] & of["other"] if key[0] != "asking"}
    assert of["both"] == of["product"] == expected
    assert {key[0] for key in expected} == {"logistic_regression", "svm"}


@pytest.mark.parametrize("kind", ["logistic_regression", "svm"])
def test_it_is_the_mean_of_fits_by_hand(finished, kind):
    from semisup.curve.cells import fit_cell

    tasks = {
        task.system.representation: task
        for task in curve.experiment(finished).tasks
        if task.system.classifier == kind and task.draw == 0
    }
    values = []
    for name in ("mine", "other"):
        fit = fit_cell(tasks[name], 20, tasks[name].source)
        method = fit.probabilities if kind == "logistic_regression" else fit.decisions
        values.append(method(tasks[name].source.test(), 3))
    predictions = pd.read_parquet(finished.folder / "predictions.parquet")
    cell = predictions.query("classifier == @kind and percentage == 20 and draw == 0")
    ours = cell[cell["representation"] == "both"]
    np.testing.assert_array_equal(ours["predicted"], np.mean(values, axis=0).argmax(axis=1))
    if kind == "svm":
        assert ours["probability"].isna().all()
        # of decision values there is no geometric mean
        product = cell[cell["representation"] == "product"]
        np.testing.assert_array_equal(ours["predicted"], product["predicted"])
    else:
        np.testing.assert_allclose(
            ours["probability"], np.mean(values, axis=0).max(axis=1), rtol=1e-6
        )


def test_members_are_what_they_are_without_a_fusion(folder, finished, tmp_path):
    text = table_study("fused") + FUSED
    start, end = text.index("[fusions.both]"), text.index("[classifiers.asking]")
    path = folder / "alone.toml"
    path.write_text(text[:start] + text[end:])
    alone = run_study(read_study(path, tmp_path), until="curve").folder
    both = pd.read_parquet(finished.folder / "scores.parquet")
    kept = both[both["representation"].isin(["mine", "other"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(pd.read_parquet(alone / "scores.parquet"), kept)


def test_a_fusion_is_compared_reported_and_not_predicted_with(finished):
    tables = StudyTables(finished.folder)
    rows = tables.comparison
    pairs = rows.loc[rows["statistic"] == "verdict", ["representation_a", "representation_b"]]
    assert {("both", "mine"), ("product", "mine")} <= set(map(tuple, pairs.values))
    assert tables.tabular == ["mine", "other"]
    assert answer_of(tables, "f1_weighted").text
    (differences,) = [s.table for s in sheets(tables, "uar") if s.name == "differences"]
    assert {"Both", "Product"} <= {*differences["First"]}
    mean = pd.read_parquet(finished.folder / "scores.parquet")
    at_all = mean.query("percentage == 100").groupby("representation")["uar"].max()
    assert at_all["both"] > max(at_all["mine"], at_all["other"])
    with pytest.raises(SpecError, match="averages systems of mine and other"):
        chosen_system(finished, "svm@both")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('of = ["mine", "other"]', 'of = ["mine", "othr"]'), "did you mean 'other'"),
        (('of = ["mine", "other"]', 'of = ["mine", "mine"]'), "names a representation twice"),
        (("[fusions.both]", "[fusions.mine]"), "is none of a representation"),
        (("draws = 2", 'draws = 2\nunit = "chunk"'), "rows of their own"),
        (
            ('["logistic_regression", "svm", "asking", "tree"]', '["tree"]'),
            "no classifier is run on all of mine, other",
        ),
    ],
)
def test_what_cannot_be_fused_is_refused(folder, tmp_path, change, problem):
    path = tmp_path / "study.toml"
    path.write_text(table_study("fused") + FUSED.replace(*change))
    with pytest.raises(SpecError, match=problem):
        read_study(path, tmp_path)
