"""What cells keep of a fit beside its scores: probabilities, and the histories of networks."""

import numpy as np
import pandas as pd
import pytest
from test_learning_curve import study

from semisup.curve import cells
from semisup.curve.cells import fit_cell
from semisup.curve.gather import gather_histories, gather_predictions
from semisup.curve.learning_curve import run_cells
from semisup.curve.plan import plan
from semisup.engine.parallel import Workers
from semisup.errors import TableError
from semisup.figures.drawings import draw_network_history
from semisup.figures.network_history import fits_of, kept_epochs, plot_network_history
from semisup.figures.study_tables import StudyTables
from semisup.study.spec import ClassifierSpec, CurveSpec

KINDS = {
    "layer": ClassifierSpec(kind="encoder_classifier", parameters={"epochs": 4}),
    "tree": ClassifierSpec(kind="tree"),
    "svm": ClassifierSpec(kind="svm"),
}
SPEC = CurveSpec(classifiers=[*KINDS], percentages=[20, 100], draws=2, representations=["pieces"])


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    tables, manifest, split = study()
    experiment = plan({"pieces": tables["pieces"]}, manifest, split, SPEC, 3, KINDS)
    return experiment, run_cells(experiment, tmp_path_factory.mktemp("parts"), Workers())


def test_every_epoch_of_every_fit_is_kept_and_nothing_of_others(ran):
    table = gather_histories(*ran)
    assert set(table["classifier"]) == {"layer"}
    sizes = table.groupby(["percentage", "draw"]).size()
    assert len(sizes) == 4
    assert sizes.max() <= 4
    for _, own in table.groupby(["percentage", "draw"]):
        assert list(own["epoch"]) == list(range(1, len(own) + 1))
    assert (
        table[["loss", "val_loss", "accuracy", "val_accuracy", "learning_rate"]]
        .notna()
        .to_numpy()
        .all()
    )
    assert (table["head"] == "").all()


def test_a_kept_history_is_that_of_the_fit(ran):
    experiment, parts = ran
    task = experiment.tasks[0]
    history = fit_cell(task, 100, task.source.at(1)).history
    table = gather_histories(experiment, parts).query("percentage == 100 and draw == 0")
    np.testing.assert_array_equal(table["val_loss"], history["val_loss"])


def test_without_networks_the_table_is_there_and_empty(tmp_path):
    tables, manifest, split = study()
    spec = CurveSpec(classifiers=["tree"], percentages=[100], draws=1)
    experiment = plan(tables, manifest, split, spec, 0)
    empty = gather_histories(experiment, run_cells(experiment, tmp_path, Workers()))
    assert empty.empty
    assert {"representation", "epoch", "val_loss"} <= set(empty.columns)


def test_probabilities_are_those_of_the_predicted_class(ran):
    experiment, parts = ran
    for task, table in zip(experiment.tasks, gather_predictions(experiment, parts), strict=True):
        last = table[table["percentage"] == 100]
        if task.system.classifier == "svm":
            assert last["probability"].isna().all()
            continue
        source = task.source.at(1)
        by_row = fit_cell(task, 100, source).probabilities(source.test(), 3)
        means = pd.DataFrame(by_row).groupby(task.test.owner).mean().to_numpy()
        np.testing.assert_allclose(last["probability"], means.max(axis=1), rtol=1e-6)


def test_a_network_is_asked_once_for_chunks(monkeypatch, tmp_path):
    tables, manifest, split = study()
    spec = SPEC.model_copy(update={"unit": "chunk", "classifiers": ["layer"], "draws": 1})
    asked = []
    build = cells.build_classifier

    def counted(*given, **options):
        classifier = build(*given, **options)
        original = type(classifier).predict_proba
        monkeypatch.setattr(
            type(classifier), "predict_proba",
            lambda self, X: asked.append(len(X)) or original(self, X),
        )  # fmt: skip
        return classifier

    monkeypatch.setattr(cells, "build_classifier", counted)
    experiment = plan({"pieces": tables["pieces"]}, manifest, split, spec, 3, KINDS)
    cells.run_task(experiment.tasks[0]._replace(budgets=[100.0]), tmp_path / "part.npz")
    assert asked == [45]


def made_history(draws=2) -> pd.DataFrame:
    """Three heads, the second of which is released after four epochs; by hand."""
    rows = []
    for draw in range(draws):
        for head, phase, losses in [
            ("simple", "frozen", [3, 2, 2.5]),
            ("medium", "frozen", [3, 1.5, 1.6, 1.7]),
            ("complex", "frozen", [3, np.nan]),
            ("medium", "released", [1.6, 1.2]),
        ]:
            for epoch, loss in enumerate(losses, 1):
                measured = {"loss": loss, "val_loss": loss, "accuracy": 0.5, "val_accuracy": 0.4}
                keys = {"head": head, "phase": phase, "epoch": epoch, "draw": draw}
                rows.append(keys | measured)
    keys = {"representation": "picture", "classifier": "vgg16", "percentage": 100.0}
    return pd.DataFrame(rows).assign(**keys)


def test_epochs_go_on_through_the_phases_and_the_best_is_kept():
    fits = fits_of(made_history(), "vgg16", "picture")
    medium = fits[(fits["head"] == "medium") & (fits["draw"] == 0)]
    assert list(medium["epoch"]) == [1, 2, 3, 4, 5, 6]
    kept = kept_epochs(fits).set_index(["draw", "head"])["epoch"]
    assert kept[0, "simple"] == 2
    assert kept[1, "medium"] == 6
    assert kept[0, "complex"] == 1


def test_every_head_has_two_panels_and_every_draw_two_lines_in_each():
    figure = plot_network_history(made_history(), "vgg16", "picture")
    assert len(figure.axes) == 6
    simple, medium = figure.axes[0], figure.axes[2]
    assert len(simple.lines) == 2 * 2 + 1
    assert len(medium.lines) == 2 * 3 + 1
    assert "100 % of the labels, 2 draws" in figure.get_suptitle()


def test_only_the_largest_budget_is_drawn():
    less = made_history().assign(percentage=10.0, draw=7)
    fits = fits_of(pd.concat([less, made_history()]), "vgg16", "picture")
    assert set(fits["draw"]) == {0, 1}


def test_a_network_that_is_not_there_is_named():
    with pytest.raises(TableError, match="no history of cnn_1d@picture"):
        plot_network_history(made_history(), "cnn_1d", "picture")


def test_the_figure_comes_from_the_tables_of_a_study(tmp_path):
    made_history().to_parquet(tmp_path / "histories.parquet")
    tables = StudyTables(tmp_path)
    assert tables.networks == [("vgg16", "picture")]
    assert len(draw_network_history(tables).axes) == 6
    with pytest.raises(TableError, match=r"histories\.parquet with the fits of a network"):
        draw_network_history(StudyTables(tmp_path / "nothing"))
