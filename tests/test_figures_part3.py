import importlib.util
import inspect

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_study import (
    BUDGETS,
    CLASSES,
    CLASSIFIERS,
    DIFFERENCES,
    HALF,
    REPRESENTATIONS,
    make_comparison,
    make_labels,
    make_predictions,
    make_scores,
    write_looks,
    write_scores,
    write_study,
)
from matplotlib.colors import to_hex
from matplotlib.container import BarContainer
from matplotlib.patches import Rectangle

from semisup.comparison import summarise
from semisup.errors import SemisupError, SpecError, TableError, UnknownNameError
from semisup.figures.catalogue import FIGURES, help_of, plot_scores
from semisup.figures.confusion import confusion_table, plot_confusions
from semisup.figures.crossover import crossover_table
from semisup.figures.difference import difference_table, plot_difference, plot_differences
from semisup.figures.heat_map import difference_grid, plot_heat_map
from semisup.figures.learning_curve import plot_learning_curve
from semisup.figures.paired import baselines, pairs, representations, stretches
from semisup.figures.projection import plot_projection, projection_table
from semisup.figures.study_tables import StudyTables
from semisup.figures.style import COLOURS, save, words


def lines_of(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def bars_of(ax):
    return [patch for patch in ax.patches if isinstance(patch, Rectangle)]


def texts_of(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


@pytest.fixture(scope="module")
def comparison():
    return make_comparison()


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return write_looks(write_study(tmp_path_factory.mktemp("study") / "made_up"))


# --- rows of the comparison


def test_pairs_and_the_order_of_representations_follow_the_study(comparison):
    assert pairs(comparison) == [("code", "handcrafted"), ("code_log", "handcrafted"),
                                 ("code_log", "code")]  # fmt: skip
    assert representations(comparison) == list(REPRESENTATIONS)
    assert baselines(comparison) == ["handcrafted", "code"]


@given(st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=30))
@settings(max_examples=60)
def test_stretches_cover_exactly_the_budgets_that_are_resolved(ahead):
    rebuilt = [0] * len(ahead)
    for first, last, sign in stretches(ahead):
        assert first <= last
        assert not any(rebuilt[first : last + 1])
        rebuilt[first : last + 1] = [sign] * (last - first + 1)
    assert rebuilt == ahead


# --- differences


def test_only_a_simultaneous_band_without_zero_counts_as_ahead(comparison):
    table = difference_table(comparison, "f1_weighted", "code", "handcrafted", "svm")
    assert table["percentage"].tolist() == list(BUDGETS)
    assert table["ahead"].tolist() == [1, 0, 0, -1]
    assert table["high_simultaneous"].tolist() == pytest.approx([d + HALF for d in DIFFERENCES])


def test_of_one_draw_there_is_no_band_and_the_legend_speaks_of_none(comparison):
    one = comparison.assign(outcome=comparison["outcome"].replace(["ahead", "behind"], "open"))
    one[["low_simultaneous", "high_simultaneous"]] = np.nan
    figure = plot_differences(one, "f1_weighted")
    (legend,) = figure.legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert "95 % at one budget, of this order" in texts
    assert not [text for text in texts if "ahead" in text or "at once" in text]
    bars = [bar for ax in figure.axes for bar in ax.containers if isinstance(bar, BarContainer)]
    assert not bars


def test_difference_rows_in_any_order_give_the_same_table(comparison):
    shuffled = comparison.sample(frac=1, random_state=0)
    case = ("f1_weighted", "code", "handcrafted", "svm")
    pd.testing.assert_frame_equal(
        difference_table(comparison, *case), difference_table(shuffled, *case)
    )


def test_difference_figure_has_a_zero_line_curves_bands_and_marks(comparison):
    ax = plot_difference(comparison, "svm", pair=("code_log", "handcrafted"))
    zero, curve = ax.get_lines()[:2]
    assert set(zero.get_ydata()) == {0}
    assert curve.get_ydata().tolist() == list(DIFFERENCES)
    assert len(ax.collections) >= 2  # the bands at one budget, and at all at once
    filled, hatched = bars_of(ax)
    # each in the colour of who is ahead
    assert to_hex(filled.get_facecolor()) == COLOURS[2].lower()
    assert to_hex(hatched.get_edgecolor()) == COLOURS[0].lower()
    assert to_hex(hatched.get_facecolor()) == "#ffffff"
    assert hatched.get_hatch()
    assert filled.get_x() <= 2 <= filled.get_x() + filled.get_width()
    assert hatched.get_x() <= 100 <= hatched.get_x() + hatched.get_width()
    assert ax.get_ylim()[0] < min(DIFFERENCES) - HALF


def test_a_crossover_is_marked_only_where_there_is_one(comparison):
    def diamonds(ax):
        return [line for line in ax.get_lines() if line.get_marker() == "D"]

    table = crossover_table(comparison, "uar").set_index(["classifier", "representation_a"])
    assert table.loc[("svm", "code"), "percentage"] == 35
    crossing = plot_difference(comparison, "svm", pair=("code_log", "code"))
    assert [line.get_xdata()[0] for line in diamonds(crossing) if len(line.get_xdata())] == [35]
    assert "Crossover, 95 % interval" in texts_of(crossing.figure)
    nowhere = plot_difference(comparison, "mean")
    assert not diamonds(nowhere)
    assert not [text for text in texts_of(nowhere.figure) if "Crossover" in text]


def test_differences_of_all_classifiers_share_axes_and_one_legend(comparison):
    figure = plot_differences(comparison, "uar")
    assert [ax.get_title() for ax in figure.axes] == [
        *("Support vector machine", "Random forest", "Mean of all classifiers")
    ]
    assert len({ax.get_ylim() for ax in figure.axes}) == 1
    assert figure.get_suptitle() == "Code features minus hand-crafted features"
    texts = texts_of(figure)
    ahead = {"Code features ahead", "Hand-crafted features ahead"}
    assert {"Difference", "95 % at all budgets at once", *ahead} <= set(texts)
    assert len(texts) == len(set(texts))


def test_where_nobody_is_ahead_the_figure_says_so(comparison):
    level = comparison.assign(outcome=comparison["outcome"].replace(["ahead", "behind"], "open"))
    texts = texts_of(plot_differences(level, "f1_weighted"))
    assert "Neither is ahead at any budget" in texts
    assert not [text for text in texts if text.endswith(" ahead")]
    heat = texts_of(plot_heat_map(level, "code", "handcrafted").figure)
    assert heat == ["Neither is ahead at any budget (95 %, all budgets at once)"]


def test_a_misspelt_pair_or_metric_is_named(comparison):
    with pytest.raises(UnknownNameError, match=r"representation_b 'hancrafted'.*'handcrafted'"):
        plot_difference(comparison, "svm", pair=("code", "hancrafted"))
    # which pairs there are is the study's choice: the sentence says how to have all
    with pytest.raises(UnknownNameError, match=r'\[compare\] pairs = "all" compares every two$'):
        plot_heat_map(comparison, "handcrafted", "code")
    with pytest.raises(UnknownNameError, match="metric 'accuracy'"):
        plot_difference(comparison, "svm", "accuracy")
    with pytest.raises(TableError, match="missing: value"):
        plot_difference(comparison.drop(columns="value"), "svm")


def test_learning_curves_mark_crossovers_with_the_first_representation(comparison):
    summary = summarise(make_scores())
    ax = plot_learning_curve(summary, "svm", comparison=comparison)
    marks = [line for line in ax.get_lines() if line.get_marker() == "D" and len(line.get_xdata())]
    colours = {to_hex(line.get_color()) for line in marks if line.get_xdata()[0] == 35}
    assert colours == {COLOURS[1].lower(), COLOURS[2].lower()}
    # the comparison has no rows of accuracy, and so no crossovers
    other = plot_learning_curve(summary, "svm", metric="accuracy", comparison=comparison)
    assert not [
        line for line in other.get_lines() if line.get_marker() == "D" and len(line.get_xdata())
    ]


# --- heat map


def test_heat_map_is_centred_at_zero_in_the_colours_of_both(comparison):
    ax = plot_heat_map(comparison, "code", "handcrafted")
    image = ax.images[0]
    assert image.get_clim() == (-0.2, 0.2)
    low, middle, high = image.cmap(image.norm([-0.2, 0, 0.2]))
    assert to_hex(low) == COLOURS[0].lower()
    assert np.allclose(middle[:3], 1, atol=0.01)
    assert to_hex(high) == COLOURS[1].lower()


def test_heat_map_hatches_what_is_resolved_and_puts_the_mean_last(comparison):
    values, ahead = difference_grid(comparison, "uar", "code", "handcrafted")
    assert list(values.index) == [*CLASSIFIERS, "mean"]
    assert list(values.columns) == list(BUDGETS)
    assert ahead.to_numpy().tolist() == [[1, 0, 0, -1]] * 3
    ax = plot_heat_map(comparison, "code", "handcrafted", "uar")
    cells = sorted((bar.get_y() + 0.5, bar.get_x() + 0.5, bar.get_hatch()) for bar in bars_of(ax))
    assert cells == [(row, x, h) for row in range(3) for x, h in ((0, "////"), (3, "...."))]


# --- confusion


def test_confusion_counts_are_those_of_scikit_learn():
    from sklearn.metrics import confusion_matrix

    labels = make_labels()
    predictions = make_predictions(labels)
    rng = np.random.default_rng(0)
    predictions["predicted"] = rng.integers(0, 3, len(predictions)).astype(np.int8)
    table = confusion_table(predictions, labels, CLASSES, [20.0])
    own = table[(table["representation"] == "code") & (table["classifier"] == "svm")]
    rows = predictions.query("representation == 'code' and classifier == 'svm'")
    rows = rows[rows["percentage"] == 20.0]
    wanted = confusion_matrix(labels[rows["recording"]], np.array(CLASSES)[rows["predicted"]])
    assert own["count"].to_numpy().reshape(3, 3).tolist() == wanted.tolist()
    assert own.groupby("true")["share"].sum().tolist() == pytest.approx([1, 1, 1])
    assert set(table["percentage"]) == {20.0}


def test_confusion_figure_has_a_matrix_with_shares_and_counts_for_every_representation():
    labels = make_labels()
    table = confusion_table(make_predictions(labels), labels, CLASSES, [2.0, 100.0])
    for budget in (2.0, 100.0):
        figure = plot_confusions(table, "svm", budget)
        assert [ax.get_title() for ax in figure.axes] == list(map(words, REPRESENTATIONS))
        cells = [text.get_text().split("\n") for text in figure.axes[0].texts]
        assert [share for share, _ in cells] == [
            *("90", "10", "0", "0", "100", "0", "0", "0", "100")
        ]
        counts = [int(count.strip("()")) for _, count in cells]
        assert counts == [18, 2, 0, 0, 20, 0, 0, 0, 20]  # of ten recordings in two draws
    assert figure.get_suptitle().startswith("Support vector machine, all labels:")
    with pytest.raises(UnknownNameError, match="no budget of 20 %"):
        plot_confusions(table, "svm", 20.0)
    with pytest.raises(UnknownNameError, match="classifier 'svn'"):
        plot_confusions(table, "svn")


def test_predictions_of_an_unlabelled_recording_are_named():
    labels = make_labels()
    with pytest.raises(TableError, match=r"r00\.wav has no label"):
        confusion_table(make_predictions(labels), labels.iloc[1:], CLASSES)


# --- projection


def recordings_of(labels):
    table = labels.reset_index().set_axis(["recording", "label"], axis=1)
    subsets = ["test", "labelled"] * (len(table) // 2)
    return table.assign(speaker=[f"s{i % 12}" for i in range(len(table))], subset=subsets)


def features_of(labels, values):
    table = pd.DataFrame(values, columns=[f"x{i}" for i in range(values.shape[1])])
    table.insert(0, "recording", labels.index)
    table.insert(1, "chunk", 0)
    return table


def test_projection_is_principal_components_of_standardised_features():
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    labels = make_labels()
    values = np.random.default_rng(0).normal(size=(30, 6)) * [1, 10, 3, 1, 2, 1] + 5
    points = projection_table({"x": features_of(labels, values)}, recordings_of(labels))
    wanted = PCA(2).fit(StandardScaler().fit_transform(values))
    projected = wanted.transform(StandardScaler().fit_transform(values))
    assert np.allclose(np.abs(points[["x", "y"]]), np.abs(projected))
    assert points[["x_share", "y_share"]].iloc[0].tolist() == pytest.approx(
        wanted.explained_variance_ratio_.tolist()
    )


def test_projection_averages_chunks_and_bears_constant_features():
    labels = make_labels()
    values = np.random.default_rng(0).normal(size=(30, 2))
    once = features_of(labels, values)
    twice = pd.concat([once.assign(x0=once["x0"] - 1), once.assign(chunk=1, x0=once["x0"] + 1)])
    constant = features_of(labels, np.full((30, 4), 0.3, dtype=np.float32))
    tables = {"once": once, "twice": twice, "constant": constant}
    points = projection_table(tables, recordings_of(labels)).groupby("representation")
    a, b = points.get_group("once"), points.get_group("twice")
    assert np.allclose(a[["x", "y"]], b[["x", "y"]])
    assert (points.get_group("constant")[["x", "y"]] == 0).all(axis=None)


def test_projection_figure_tells_classes_subsets_and_speakers_apart():
    labels = make_labels()
    features = features_of(labels, np.random.default_rng(0).normal(size=(30, 3)))
    points = projection_table({"code": features}, recordings_of(labels))
    figure = plot_projection(points, notes={"code": "collapsed"})
    upper, _ = figure.axes
    assert upper.get_title().replace("\n", " ") == "Code features, collapsed"
    classes, speakers = (
        [t.get_text() for t in block.legends[0].get_texts()] for block in figure.subfigs
    )
    assert classes == CLASSES
    assert speakers[-1] == "and 3 more"
    shown = [group for group in upper.collections if len(group.get_offsets())]
    assert len(shown) == 6  # three classes, each labelled (hollow) and test (filled)
    assert sum(len(group.get_offsets()) for group in shown) == 30
    assert sum(len(group.get_facecolors()) == 0 for group in shown) == 3


def test_projection_without_common_recordings_is_an_error():
    labels = make_labels()
    features = features_of(labels, np.zeros((30, 2))).assign(recording="other")
    with pytest.raises(TableError, match="'code' has none of the recordings"):
        projection_table({"code": features}, recordings_of(labels))


@pytest.mark.skipif(importlib.util.find_spec("umap") is not None, reason="umap is installed")
def test_umap_that_is_not_installed_is_said_in_a_sentence():
    labels = make_labels()
    features = features_of(labels, np.random.default_rng(0).normal(size=(30, 3)))
    with pytest.raises(SemisupError, match="umap-learn"):
        projection_table({"code": features}, recordings_of(labels), "umap")


# --- semisup plot


@pytest.mark.parametrize(
    "kind",
    sorted(set(FIGURES) - {"agreement", "durations", "learning", "network_history", "queries"}),
)
def test_every_kind_of_figure_comes_from_the_tables_alone(study, tmp_path, kind):
    path = plot_scores(study / "scores.parquet", tmp_path / f"{kind}.svg", kind=kind)
    assert path.read_text().startswith("<?xml")


def test_plot_names_what_it_does_not_find(study, tmp_path):
    alone = write_scores(tmp_path / "alone") / "scores.parquet"
    output = tmp_path / "x.png"
    with pytest.raises(UnknownNameError, match=r"kind of figure 'heatmap'.*heat_map"):
        plot_scores(alone, output, kind="heatmap")
    with pytest.raises(TableError, match=r"needs comparison\.csv beside the scores"):
        plot_scores(alone, output, kind="difference")
    with pytest.raises(TableError, match=r"handcrafted/history\.csv"):
        plot_scores(alone, output, kind="loss_history")
    with pytest.raises(UnknownNameError, match="representation 'cod'"):
        plot_scores(study / "scores.parquet", output, kind="projection", representation="cod")
    with pytest.raises(UnknownNameError, match="method 'tsne'"):
        plot_scores(study / "scores.parquet", output, kind="projection", method="tsne")


@pytest.mark.parametrize("kind", FIGURES.values(), ids=lambda kind: kind.name)
def test_a_figure_takes_the_options_that_its_entry_names_and_no_other(study, tmp_path, kind):
    drawn_from, *parameters = inspect.signature(kind.draw).parameters
    assert drawn_from == "tables"
    assert parameters == [option.name for option in kind.options]
    tables = StudyTables(study)
    for option in ("metric", "classifier", "representation", "baseline", "budget", "method"):
        assert (kind.name in help_of(option)) == (option in parameters)
        if option not in parameters:
            takers = ", ".join(other.name for other in FIGURES.values() if option in other.takes)
            with pytest.raises(SpecError, match=f"takes no {option}; those that do: {takers}$"):
                kind.check(tables, {option: "svm"})


@pytest.mark.parametrize(
    "kind", [kind for kind in FIGURES.values() if kind.needs], ids=lambda kind: kind.name
)
def test_a_figure_says_what_it_needs(tmp_path, kind):
    tables = StudyTables(write_scores(tmp_path))
    assert not kind.is_possible(tables)
    with pytest.raises(TableError, match=r"This figure needs .* beside the scores"):
        kind.draw(tables)


def test_the_report_stage_draws_what_the_study_has_tables_for(study, tmp_path):
    names = {name for kind in FIGURES.values() for name in kind.figures(StudyTables(study), "uar")}
    assert {"difference_code_handcrafted", "heat_map_code_handcrafted", "projection"} <= names
    bare = StudyTables(write_scores(tmp_path))
    assert not any(kind.figures(bare, "uar") for kind in FIGURES.values())


def test_a_summary_of_other_scores_is_not_used(tmp_path):
    folder = write_scores(tmp_path)
    own = StudyTables(folder).summary
    wider = own.assign(low=own["low"] - 0.1)
    wider.to_csv(folder / "summary.csv", index=False)
    assert np.allclose(StudyTables(folder).summary["low"], wider["low"])
    wider.assign(mean=wider["mean"] + 0.01).to_csv(folder / "summary.csv", index=False)
    assert np.allclose(StudyTables(folder).summary["low"], own["low"])


def test_the_same_figure_gives_the_same_bytes(comparison, tmp_path):
    first = save(plot_differences(comparison), tmp_path / "a.png").read_bytes()
    assert first == save(plot_differences(comparison), tmp_path / "b.png").read_bytes()


# --- the stage


def test_a_study_draws_its_curves_as_semisup_plot_does_crossovers_included(
    study, tmp_path, monkeypatch
):
    from semisup.reading.file import parse_study
    from semisup.stages import plot
    from semisup.study.study import Study

    spec = parse_study(
        {
            "name": "made_up",
            "corpus": {"adapter": "synthetic"},
            "representations": {name: {"kind": "handcrafted"} for name in REPRESENTATIONS},
            "curve": {"classifiers": list(CLASSIFIERS)},
            "plot": {"formats": ["svg"]},
        }
    )
    drawn = {}

    def keep(figure, path):
        drawn[path.name] = figure
        return save(figure, tmp_path / path.name)

    monkeypatch.setattr("semisup.figures.style.save", keep)
    plot.step_of(Study(spec, out=study.parent), "").make()
    names = {name: f"learning_curve{name and '_' + name}.svg" for name in ("", *CLASSIFIERS)}
    assert drawn.pop("systems.svg").axes
    assert set(drawn) == set(names.values())
    for figure in drawn.values():
        assert "Crossover with hand-crafted features, 95 % interval" in texts_of(figure)
        for ax in figure.axes:
            assert len(ax.containers) == 2  # of both other representations
            assert {tuple(bar.lines[0].get_xdata()) for bar in ax.containers} == {(35.0,)}
    for name, file in names.items():
        again = plot_scores(
            study / "scores.parquet", tmp_path / f"again_{file}", classifier=name or None
        )
        assert again.read_bytes() == (tmp_path / file).read_bytes()
