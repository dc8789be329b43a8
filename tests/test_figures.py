import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from semisup.comparison import SCORE_COLUMNS, summarise
from semisup.errors import SpecError, TableError, UnknownNameError
from semisup.figures.durations import (
    DROP_COLUMNS,
    box_statistics,
    plot_dropped,
    plot_durations,
    plot_lengths,
)
from semisup.figures.learning_curve import plot_learning_curve, plot_panel
from semisup.figures.loss_history import best_epoch, plot_loss_history
from semisup.figures.reconstruction import levels, plot_reconstructions
from semisup.figures.style import COLOURS, finish, line_styles, new_axes, save, words
from semisup.metrics import CLASS_METRICS

CLASSIFIERS = ("svm", "knn", "tree", "random_forest", "adaboost")


def make_summary(
    representations=("handcrafted", "code"),
    classifiers=CLASSIFIERS,
    percentages=(2.0, 50.0, 100.0),
    draws=4,
):
    rng = np.random.default_rng(0)
    rows = [
        (name, classifier, percentage, 7, 70, draw, "recording", *rng.random(len(CLASS_METRICS)))
        for name in representations
        for classifier in classifiers
        for percentage in percentages
        for draw in range(draws)
    ]
    return summarise(pd.DataFrame(rows, columns=list(SCORE_COLUMNS)))


def lines_of(ax: Axes):
    return {line.get_label(): line for line in ax.get_lines()}


def bands_of(ax: Axes):
    return [band for band in ax.collections if len(band.get_paths())]


def legend_of(holder):
    legend = holder.figure.legends[0]
    return [text.get_text() for text in legend.get_texts()]


# --- style


def test_no_two_of_the_first_28_lines_look_alike():
    styles = line_styles(map(str, range(28)))
    looks = {(s["color"], s["marker"], str(s["linestyle"])) for s in styles.values()}
    assert len(looks) == 28
    first = list(styles.values())[:4]
    assert len({(s["marker"], str(s["linestyle"])) for s in first}) == 4


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("random_forest", "Random forest"),
        ("handcrafted", "Hand-crafted features"),
        ("code", "Code features"),
        ("code_log", "Code features (log)"),
        ("opensmile_egemaps", "openSMILE eGeMAPS"),
        ("_", "_"),
        ("a$b", r"A\$b"),
    ],
)
def test_names_are_written_as_a_paper_prints_them(name, text):
    assert words(name) == text


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_same_figure_gives_the_same_bytes(tmp_path, suffix):
    summary = make_summary(classifiers=CLASSIFIERS[:2])
    figures = [plot_panel(summary, chance=0.3) for _ in range(2)]
    first, second, again = (
        save(figure, tmp_path / f"{i}.{suffix}").read_bytes()
        for i, figure in enumerate([*figures, figures[0]])
    )
    assert first == second == again
    assert not any(date in first for date in (b"CreationDate", b"<dc:date>", b"tIME"))


def test_an_axes_is_saved_as_its_whole_figure_whatever_the_case_of_the_suffix(tmp_path):
    ax = plot_learning_curve(make_summary(), "svm")
    by_axes, by_figure = save(ax, tmp_path / "a.svg"), save(ax.figure, tmp_path / "b.SVG")
    assert by_axes.read_bytes() == by_figure.read_bytes()


def test_an_unknown_suffix_is_refused_and_nothing_is_left(tmp_path):
    with pytest.raises(SpecError, match=r"png, svg or pdf.*'figure\.jpg'"):
        save(new_axes(), tmp_path / "figure.jpg")
    assert list(tmp_path.iterdir()) == []


def test_a_figure_is_written_into_a_folder_that_was_not_there(tmp_path):
    path = save(new_axes(), tmp_path / "figures" / "figure.png")
    assert path.read_bytes()[:4] == b"\x89PNG"
    assert [found.name for found in path.parent.iterdir()] == ["figure.png"]


def test_figures_do_without_pyplot():
    code = (
        "import sys; from semisup.figures import catalogue, durations, learning_curve; "
        "from semisup.figures import loss_history, reconstruction, style; "
        "assert 'matplotlib' not in sys.modules; style.new_axes(); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# --- learning curve


def test_a_learning_curve_draws_the_means_and_intervals_of_the_summary():
    summary = make_summary()
    ax = plot_learning_curve(summary, "random_forest", metric="uar", chance=1 / 3)
    lines = lines_of(ax)
    for name, label in (("handcrafted", "Hand-crafted features"), ("code", "Code features")):
        own = summary.query("classifier == 'random_forest' and metric == 'uar'")
        own = own[own["representation"] == name]
        np.testing.assert_array_equal(lines[label].get_xdata(), own["percentage"])
        np.testing.assert_array_equal(lines[label].get_ydata(), own["mean"])
        colour = lines[label].get_color()
        band = next(b for b in bands_of(ax) if to_hex(b.get_facecolor()[0]) == colour.lower())
        heights = band.get_paths()[0].vertices[:, 1]
        assert heights.min() == own["low"].min()
        assert heights.max() == own["high"].max()
    assert set(lines["Chance (0.33)"].get_ydata()) == {1 / 3}
    assert lines["Chance (0.33)"].get_linestyle() == ":"
    assert ax.get_title() == "Random forest"
    assert ax.get_xlabel() == "Percentage of labels"
    assert ax.get_ylabel() == "Unweighted average recall"
    assert legend_of(ax) == [
        *("Hand-crafted features", "Code features", "95 % interval, 4 draws", "Chance (0.33)")
    ]


def test_one_draw_has_no_band_and_no_word_of_one():
    ax = plot_learning_curve(make_summary(draws=1), "svm")
    assert bands_of(ax) == []
    assert legend_of(ax) == ["Hand-crafted features", "Code features"]


def test_fifty_budgets_have_at_most_ten_markers_a_line_and_two_have_two():
    many = make_summary(percentages=[float(p) for p in range(2, 101, 2)])
    for line in lines_of(plot_learning_curve(many, "svm")).values():
        start, every = line.get_markevery()
        assert len(range(start, 50, every)) <= 10
    for line in lines_of(plot_learning_curve(make_summary(percentages=(5.0, 9.0)), "svm")).values():
        start, every = line.get_markevery()
        assert len(range(start, 2, every)) == 2


def test_a_representation_that_a_classifier_lacks_leaves_the_colours_as_they_are():
    summary = make_summary()
    partial = summary[(summary["classifier"] != "svm") | (summary["representation"] == "code")]
    whole = lines_of(plot_learning_curve(summary, "svm"))["Code features"]
    alone = lines_of(plot_learning_curve(partial, "svm"))
    assert list(alone) == ["Code features"]
    assert alone["Code features"].get_color() == whole.get_color()
    assert alone["Code features"].get_marker() == whole.get_marker()


def test_a_learning_curve_is_drawn_on_the_axes_given():
    ax = new_axes()
    assert plot_learning_curve(make_summary(), "svm", ax) is ax


def test_unknown_classifiers_metrics_and_columns_are_named():
    summary = make_summary()
    with pytest.raises(UnknownNameError, match="no classifier 'smv'; did you mean 'svm'"):
        plot_learning_curve(summary, "smv")
    with pytest.raises(UnknownNameError, match="no metric 'f1'"):
        plot_panel(summary, "f1")
    with pytest.raises(TableError, match=r"summary needs .* missing: mean"):
        plot_panel(summary.drop(columns="mean"))


@pytest.mark.parametrize("n", range(1, 6))
def test_a_panel_has_one_axes_a_classifier_and_one_legend(n):
    figure = plot_panel(make_summary(classifiers=CLASSIFIERS[:n]), "f1_macro", 0.3)
    assert [ax.get_title() for ax in figure.axes] == [words(name) for name in CLASSIFIERS[:n]]
    assert len({ax.get_xlim() for ax in figure.axes}) == 1
    assert len({ax.get_ylim() for ax in figure.axes}) == 1
    assert len(figure.legends) == 1
    assert all(ax.get_legend() is None for ax in figure.axes)
    assert legend_of(figure)[:2] == ["Hand-crafted features", "Code features"]


def test_every_column_of_a_panel_has_numbers_and_words_below_and_every_row_at_the_left():
    figure = plot_panel(make_summary())
    figure.draw_without_rendering()
    labelled = [ax.get_xlabel() != "" for ax in figure.axes]
    assert labelled == [False, False, True, True, True]
    assert [any(t.get_visible() for t in ax.get_xticklabels()) for ax in figure.axes] == labelled
    assert [ax.get_ylabel() for ax in figure.axes] == ["Weighted F1", "", "", "Weighted F1", ""]


def test_nothing_of_a_panel_overlaps_its_legend():
    figure = plot_panel(make_summary([f"representation_{i}" for i in range(6)]), chance=0.3)
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer() if hasattr(figure.canvas, "get_renderer") else None
    legend = figure.legends[0].get_window_extent(renderer)
    assert legend.y0 >= 0
    assert all(not ax.get_tightbbox(renderer).overlaps(legend) for ax in figure.axes)


# --- durations


def make_lengths():
    rng = np.random.default_rng(0)
    rows = [
        (f"{subset}{label}{i}", subset, label, seconds)
        for subset, labels in (
            ("test", ("neg", "pos")),
            ("unlabelled", ("",)),
            ("labelled", ("pos", "neg")),
        )
        for label in labels
        for i, seconds in enumerate(rng.gamma(9, 0.5, 40))
    ]
    return pd.DataFrame(rows, columns=["recording", "subset", "label", "seconds"])


def make_durations():
    rows = [
        (subset, label, chunk_samples, 100, k, k / 100)
        for subset in ("labelled", "unlabelled", "test")
        for label in ("all", "neg")
        for k, chunk_samples in ((5 if label == "all" else 90, 10000), (50, 30000), (99, 60000))
    ]
    return pd.DataFrame(rows, columns=list(DROP_COLUMNS))


def test_boxes_hold_the_quantiles_of_each_class_and_subset():
    lengths = make_lengths()
    boxes = box_statistics(lengths)
    assert list(zip(boxes["label"], boxes["subset"], strict=True)) == [
        *(("neg", "labelled"), ("neg", "test"), ("pos", "labelled"), ("pos", "test")),
        ("", "unlabelled"),
    ]
    own = lengths.query("label == 'pos' and subset == 'test'")["seconds"]
    expected = np.quantile(own, [0.05, 0.25, 0.5, 0.75, 0.95])
    found = boxes.loc[3, ["whislo", "q1", "med", "q3", "whishi"]].to_numpy(dtype=float)
    np.testing.assert_allclose(found, expected)
    assert list(boxes["recordings"]) == [40] * 5


def test_unknown_lengths_and_missing_labels_do_not_stop_the_boxes():
    lengths = make_lengths()
    lengths.loc[0, "seconds"] = np.nan
    lengths.loc[lengths["subset"] == "unlabelled", "label"] = None
    assert sorted(box_statistics(lengths)["recordings"]) == [39, 40, 40, 40, 40]


def test_signal_lengths_show_a_box_each_and_the_chunk_length():
    lengths = make_lengths()
    ax = plot_lengths(lengths, 3.75)
    boxes = box_statistics(lengths)
    assert len(ax.patches) == len(boxes)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["neg", "pos", "no label"]
    assert set(lines_of(ax)["Chunk: 3.75 s"].get_ydata()) == {3.75}
    assert legend_of(ax) == ["Labelled", "Unlabelled", "Test", "Chunk: 3.75 s"]
    tops = sorted(patch.get_path().vertices[:, 1].max() for patch in ax.patches)
    np.testing.assert_allclose(tops, sorted(boxes["q3"]))
    assert ax.get_ylim()[0] == 0
    assert ax.get_ylim()[1] > boxes["whishi"].max()


def test_the_share_dropped_is_that_of_whole_subsets_in_percent():
    ax = plot_dropped(make_durations(), 30000, 8000)
    lines = lines_of(ax)
    for subset in ("Labelled", "Unlabelled", "Test"):
        np.testing.assert_array_equal(lines[subset].get_xdata(), [10000, 30000, 60000])
        np.testing.assert_allclose(lines[subset].get_ydata(), [5, 50, 99])
    assert set(lines["Chunk: 3.75 s"].get_xdata()) == {30000}
    assert "8,000 Hz" in ax.get_xlabel()


def test_durations_side_by_side_share_the_chunk_length():
    figure = plot_durations(make_lengths(), make_durations(), 3.75, 8000)
    left, right = figure.axes
    assert "Chunk: 3.75 s" in lines_of(left)
    assert "Chunk: 3.75 s" in lines_of(right)
    assert lines_of(right)["Labelled"].get_color() == COLOURS[0]


def test_missing_columns_of_the_duration_tables_are_named():
    with pytest.raises(TableError, match=r"signal lengths needs .* missing: seconds"):
        plot_lengths(make_lengths().drop(columns="seconds"))
    with pytest.raises(TableError, match=r"durations needs .* missing: dropped_share"):
        plot_dropped(make_durations().drop(columns="dropped_share"))


# --- loss history


def test_a_loss_history_marks_the_epoch_of_least_validation_loss():
    history = pd.DataFrame(
        {"epoch": [1, 2, 3, 4], "loss": [4.0, 3.0, 2.0, 1.0], "val_loss": [5.0, 2.5, 2.5, np.nan]}
    )
    ax = plot_loss_history(history, "code_log", loss="Mean squared error")
    lines = lines_of(ax)
    np.testing.assert_array_equal(lines["Training"].get_ydata(), history["loss"])
    np.testing.assert_array_equal(lines["Validation"].get_ydata(), history["val_loss"])
    np.testing.assert_array_equal(lines["Best epoch: 2 (2.5)"].get_xydata(), [[2, 2.5]])
    assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == (
        *("Code features (log)", "Epoch", "Mean squared error"),
    )


def test_a_diverged_history_has_no_best_epoch_and_is_still_drawn():
    history = pd.DataFrame({"epoch": [1], "loss": [np.nan], "val_loss": [np.nan]})
    assert best_epoch(history) is None
    assert list(lines_of(plot_loss_history(history))) == ["Training", "Validation"]


#: Of a training of `conv_pool`, rounded.
LOSS = [3.06, 2.3, 1.83, 1.38, 1.15, 0.94, 0.8, 0.65, 0.58, 0.48, 0.41, 0.39, 0.34, 0.31]
VAL_LOSS = [3.06, 2.79, 2.58, 2.39, 2.26, 2.5, 2.28, 2.12, 2.08, 2.19, 2.11, 2.15, 2.12, 2.2]
UPDATES = pd.DataFrame(
    {
        "epoch": range(1, 15),
        "loss": LOSS,
        "val_loss": VAL_LOSS,
        "updates": range(100, 1500, 100),
    }
)


def test_the_legend_of_a_history_lies_below_it():
    ax = plot_loss_history(UPDATES)
    finish(ax.figure)
    (legend,) = ax.figure.legends
    assert legend_of(ax)[-1] == "Best: 900 updates (2.08)"
    assert not legend.get_window_extent().overlaps(ax.get_tightbbox())
    assert "1,000" in [text.get_text() for text in ax.get_xticklabels()]


def test_in_a_figure_of_the_callers_the_legend_of_a_history_is_inside():
    figure = Figure()
    axes = figure.subplots(1, 2)
    for ax in axes:
        plot_loss_history(UPDATES, ax=ax)
    assert not figure.legends
    assert all(len(ax.get_legend().get_texts()) == 3 for ax in axes)


def test_a_network_left_untrained_is_called_so_and_has_no_numbers():
    ax = plot_loss_history(UPDATES[:0])
    assert [text.get_text() for text in ax.texts] == ["Not trained"]
    assert len(ax.get_xticks()) == len(ax.get_yticks()) == 0


def test_a_history_without_validation_loss_is_refused():
    with pytest.raises(TableError, match="missing: val_loss; found: epoch, loss"):
        plot_loss_history(pd.DataFrame({"epoch": [1], "loss": [1.0]}))


# --- reconstruction


def test_reconstructions_stand_below_their_originals_on_one_scale():
    rng = np.random.default_rng(0)
    original = rng.random((3, 74, 200)).astype(np.float32)
    figure = plot_reconstructions(original, original / 10, 8000, "code", ["a", "b", "c"])
    *axes, bar = figure.axes
    images = [ax.get_images()[0] for ax in axes]
    for i in range(3):
        np.testing.assert_allclose(images[i].get_array(), levels(original[i]).T)
        np.testing.assert_allclose(images[3 + i].get_array(), levels(original[i] / 10).T)
    limits = (levels(original).min(), levels(original).max())
    assert all(image.get_clim() == pytest.approx(limits) for image in images)
    # 30,000 samples at 8,000 Hz, the first frame of 0.05 s skipped.
    assert images[0].get_extent() == pytest.approx([0.05, 3.75, 0, 4000])
    assert [ax.get_title() for ax in axes] == ["a", "b", "c", "", "", ""]
    assert bar.get_ylabel() == "Magnitude (dB)"
    assert figure.get_suptitle() == "Code features"


def test_values_that_are_no_magnitudes_are_drawn_as_they_are():
    values = np.linspace(-3, 3, 2 * 4 * 5).reshape(2, 4, 5)
    figure = plot_reconstructions(values, values[::-1], magnitudes=False)
    np.testing.assert_array_equal(figure.axes[0].get_images()[0].get_array(), values[0].T)
    assert figure.axes[-1].get_ylabel() == "Input value"


def test_decibels_have_a_floor_of_minus_eighty():
    np.testing.assert_allclose(levels(np.array([0.0, 1e-4, 0.1, 1.0])), [-80, -80, -20, 0])


def test_arrays_of_different_shapes_are_refused():
    one = np.zeros((1, 74, 200))
    with pytest.raises(TableError, match=r"\(1, 74, 200\) and \(74, 200\)"):
        plot_reconstructions(one, one[0])
    with pytest.raises(TableError, match="found"):
        plot_reconstructions(one[:0], one[:0])


def test_a_collapsed_representation_is_called_so_in_the_legend():
    summary = make_summary(representations=["handcrafted", "code"])
    ax = plot_learning_curve(summary, "svm", notes={"code": "collapsed"})
    texts = legend_of(ax)
    assert "Code features, collapsed" in texts
    assert "Hand-crafted features" in texts
