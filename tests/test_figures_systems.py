from itertools import pairwise

import pandas as pd
import pytest

from semisup.errors import TableError
from semisup.figures.style import COLOURS, finish
from semisup.figures.systems import metrics_beside, plot_systems, systems_table


def summary(
    kinds=("code", "handcrafted"), classifiers=("svm", "knn"), metrics=("uar", "accuracy")
) -> pd.DataFrame:
    """The first classifier and the last representation are the worst; accuracy is .1 higher."""
    rows = [
        (name, classifier, budget, metric, mean, mean - 0.1, mean + 0.1, 3)
        for i, classifier in enumerate(classifiers)
        for j, name in enumerate(kinds)
        for budget in (50.0, 100.0)
        for k, metric in enumerate(metrics)
        for mean in [0.4 + 0.02 * i + 0.1 * (1 - j / len(kinds)) + 0.1 * k]
    ]
    columns = ["representation", "classifier", "percentage", "metric", "mean", "low", "high"]
    table = pd.DataFrame(rows, columns=[*columns, "draws"])
    return table.assign(n_recordings=10, n_rows=10)


def test_systems_are_ordered_by_the_first_metric_and_both_stand_in_one_row():
    table = systems_table(summary(), ["uar", "accuracy"])
    assert table["classifier"].tolist() == ["knn", "svm", "knn", "svm"]
    assert table["representation"].tolist() == ["code", "code", "handcrafted", "handcrafted"]
    assert table["uar"].tolist() == pytest.approx([0.52, 0.5, 0.47, 0.45])
    assert table["accuracy"].tolist() == pytest.approx([0.62, 0.6, 0.57, 0.55])
    assert table["accuracy_low"].tolist() == pytest.approx([0.52, 0.5, 0.47, 0.45])


def test_equal_systems_keep_the_order_of_the_study():
    equal = summary().assign(mean=0.5)
    table = systems_table(equal, ["uar"])
    assert [*zip(table["classifier"], table["representation"], strict=True)] == [
        ("svm", "code"), ("svm", "handcrafted"), ("knn", "code"), ("knn", "handcrafted")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "beside"),
    [("accuracy", "f1_macro"), ("uar", "accuracy"), ("f1_weighted", "accuracy")],
)
def test_an_f1_has_accuracy_beside_it_and_accuracy_an_f1(metric, beside):
    assert metrics_beside(metric) == (metric, beside)


def test_every_system_has_its_name_bar_and_interval_in_both_panels():
    level = {"uar": 1 / 3, "accuracy": 0.4}
    figure = plot_systems(summary(), "uar", chance=level, notes={"code": "collapsed"})
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == [
        "k nearest neighbours on code features, collapsed",
        "Support vector machine on code features, collapsed",
        "k nearest neighbours on hand-crafted features",
        "Support vector machine on hand-crafted features",
    ]
    for ax, metric, shift in zip(figure.axes, level, (0, 0.1), strict=True):
        wanted = [mean + shift for mean in (0.52, 0.5, 0.47, 0.45)]
        assert [bar.get_width() for bar in ax.patches] == pytest.approx(wanted)
        ends = [[x for x, _ in segment] for segment in ax.collections[0].get_segments()]
        assert ends == [pytest.approx([mean - 0.1, mean + 0.1]) for mean in wanted]
        chance = next(line for line in ax.lines if line.get_label() == "Chance")
        assert set(chance.get_xdata()) == {level[metric]}
    assert figure.axes[0].get_xlabel() == "Unweighted average recall (chance: 0.33)"
    assert figure.get_suptitle() == "Every system, all labels"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "95 % interval",
        "Chance",
    ]
    # the best on top: the first row is the highest of the panel
    assert figure.axes[0].yaxis_inverted()


def test_one_classifier_stands_in_the_title_and_one_draw_claims_no_interval():
    one = summary(classifiers=("svm",)).assign(low=float("nan"), high=float("nan"))
    figure = plot_systems(one, "uar", 50)
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["Code features", "Hand-crafted features"]
    assert figure.get_suptitle() == "Support vector machine, 50 % of the labels"
    assert figure.axes[0].get_xlabel() == "Unweighted average recall"
    assert not figure.legends


def test_representations_share_no_colour_unless_all_do():
    for kinds, colours in ((7, 7), (8, 1)):
        figure = plot_systems(summary([f"kind{i}" for i in range(kinds)]), "uar")
        bars = figure.axes[0].patches
        assert len(bars) == 2 * kinds
        assert len({bar.get_facecolor() for bar in bars}) == colours
        assert len(COLOURS) == 7


@pytest.mark.parametrize("kinds", [1, 5, 15])
def test_names_neither_touch_each_other_nor_leave_the_figure(kinds):
    long = [f"logmel_statistics_speaker_{i}" for i in range(kinds)]
    classifiers = ("self_training_random_forest", "svm", "knn", "tree")
    figure = plot_systems(summary(long, classifiers), "uar", chance={"uar": 0.3, "accuracy": 0.3})
    finish(figure)
    boxes = [label.get_window_extent() for label in figure.axes[0].get_yticklabels()]
    assert len(boxes) == 4 * kinds
    assert min(box.x0 for box in boxes) >= 0
    assert all(above.y0 >= below.y1 for above, below in pairwise(boxes))
    texts = [[ax.title, ax.xaxis.label] for ax in figure.axes]
    for left, right in zip(*texts, strict=True):
        assert left.get_window_extent().x1 < right.get_window_extent().x0
        assert right.get_window_extent().x1 <= figure.bbox.x1
    widths = [ax.get_window_extent().width / figure.dpi for ax in figure.axes]
    assert min(widths) > 1.8


def test_a_budget_or_metric_that_is_not_there_is_told():
    with pytest.raises(TableError, match="no uar at 10 %"):
        systems_table(summary(), ["uar"], 10)
    with pytest.raises(TableError, match="no f1_macro at 100 %"):
        plot_systems(summary(metrics=("accuracy",)), "f1_macro")


def test_a_metric_that_is_alone_has_the_only_panel():
    assert len(plot_systems(summary(metrics=("accuracy",)), "accuracy").axes) == 1


def test_an_interval_below_zero_is_drawn_whole():
    below = summary(metrics=("cohen_kappa", "accuracy"))
    below.loc[below["metric"] == "cohen_kappa", "low"] = -0.3
    for ax in plot_systems(below, "cohen_kappa").axes:
        assert ax.get_xlim()[0] < -0.3
    plain = plot_systems(summary(metrics=("uar", "accuracy")), "uar")
    assert plain.axes[0].get_xlim()[0] == 0
