"""The size of figures: every kind in both styles and all widths, with nothing cut off."""

import json
import re
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_study import (
    CLASSES,
    make_comparison,
    make_labels,
    make_scores,
    with_numbers,
    write_looks,
    write_study,
)
from matplotlib.text import Text

from semisup.errors import SpecError, UnknownNameError
from semisup.figures.catalogue import FIGURES, draw_scores, help_of, plot_scores
from semisup.figures.confusion import confusion_table, plot_confusions
from semisup.figures.look import STYLES, inches, look, looking
from semisup.figures.options import OF_EVERY
from semisup.figures.panel import columns_of
from semisup.figures.study_tables import StudyTables
from semisup.figures.style import finish, phrase, plain, save, words
from semisup.figures.wrapping import panels_of, width_of, wrapped

#: Style and width of every kind, and of those that change most with it.
LOOKS = (("paper", "column"), ("talk", "page"))
MORE = (("paper", 2.6), ("paper", "page"), ("talk", "column"))
CASES = [
    *((kind, *sizes) for kind in FIGURES for sizes in LOOKS),
    *((kind, *sizes) for kind in ("confusion", "difference", "systems") for sizes in MORE),
]
#: Names that are long, not Latin, or of many words.
LONG = ["überrascht und sehr erfreut", "sehr_lange_klasse_ohne_leerzeichen", "злость"]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study that has what every kind needs."""
    return _complete(write_looks(write_study(tmp_path_factory.mktemp("study") / "made_up")))


@pytest.fixture(scope="module")
def numbers(study, tmp_path_factory):
    """The same with labels that are numbers."""
    return with_numbers(study, tmp_path_factory.mktemp("numbers") / "made_up")


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """The same with long names of classes and speakers."""
    labels = make_labels().map(dict(zip(CLASSES, LONG, strict=True)))
    folder = tmp_path_factory.mktemp("odd") / "made_up"
    long = write_study(folder, labels, "Frau Müller-Lüdenscheidt ", classes=LONG)
    return _complete(write_looks(long))


def _complete(folder):
    names = ("handcrafted", "code.untrained", "code", "code_log")
    make_scores(names).to_parquet(folder / "scores.parquet")
    make_comparison(names).to_csv(folder / "comparison.csv", index=False)
    scores = make_scores(names)
    # the forest asks for recordings, the other classifier takes those of the draw
    drawn, asks = scores["classifier"].unique()[:2]
    asking = pd.DataFrame({"representation": names, "classifier_a": asks, "classifier_b": drawn})
    asking.to_csv(folder / "queries.csv", index=False)
    durations = [
        (subset, "all", samples, 100, k, k / 100)
        for subset in ("labelled", "unlabelled", "test")
        for k, samples in ((5, 10000), (50, 30000), (99, 60000))
    ]
    columns = ["subset", "label", "chunk_samples", "recordings", "dropped", "dropped_share"]
    pd.DataFrame(durations, columns=columns).to_csv(folder / "durations.csv", index=False)
    fits = [
        ("code", "random_forest", percentage, draw, "", "frozen", epoch, 1 / epoch, 1.2 / epoch)
        for percentage in (20.0, 100.0)
        for draw in range(2)
        for epoch in range(1, 9)
    ]
    keys = ["representation", "classifier", "percentage", "draw", "head", "phase", "epoch"]
    table = pd.DataFrame(fits, columns=[*keys, "loss", "val_loss"])
    table.assign(accuracy=0.5, val_accuracy=0.4).to_parquet(folder / "histories.parquet")
    return folder


def texts_of(figure):
    """All text that is seen: ticks beyond the limits have labels too, which are not drawn."""
    legends = [text for legend in legends_of(figure) for text in legend.findobj(Text)]
    heads = [text for text in figure.get_children() if isinstance(text, Text)]
    panels = [text for ax in figure.axes for text in _texts_of_panel(ax)]
    return [text for text in (*legends, *heads, *panels) if text.get_visible() and text.get_text()]


def _texts_of_panel(ax):
    inner = ax.get_legend().get_texts() if ax.get_legend() else []
    yield from (ax.title, ax.xaxis.label, ax.yaxis.label, *ax.texts, *inner)
    for axis in (ax.xaxis, ax.yaxis, *(child.xaxis for child in ax.child_axes)):
        low, high = sorted(axis.get_view_interval())
        for tick in axis.get_major_ticks():
            if low <= tick.get_loc() <= high:
                yield from (label for label in (tick.label1, tick.label2) if label.get_visible())


def legends_of(figure):
    blocks = [figure, *figure.subfigs]
    return [legend for block in blocks for legend in block.legends]


def assert_nothing_is_cut_off(figure):
    finish(figure)
    outer = figure.bbox
    for text in texts_of(figure):
        box = text.get_window_extent()
        within = outer.x0 - 1 <= box.x0 and box.x1 <= outer.x1 + 1
        assert within, f"{text.get_text()!r} leaves the figure at a side"
        within = outer.y0 - 1 <= box.y0 and box.y1 <= outer.y1 + 1
        assert within, f"{text.get_text()!r} leaves the figure above or below"
    panels = [ax.get_tightbbox() for ax in figure.axes]
    for legend in legends_of(figure):
        assert not any(legend.get_window_extent().overlaps(box) for box in panels)
    names = [ax.title.get_window_extent() for ax in figure.axes if ax.get_title()]
    assert not any(a.overlaps(b) for a, b in combinations(names, 2))


@pytest.mark.parametrize(("kind", "style", "width"), CASES)
def test_every_figure_has_its_width_and_style_and_nothing_is_cut_off(
    study, numbers, kind, style, width
):
    folder = numbers if kind == "agreement" else study
    figure = draw_scores(folder / "scores.parquet", kind, width=width, style=style)
    assert_nothing_is_cut_off(figure)
    assert figure.get_figwidth() == pytest.approx(inches(width, STYLES[style]))
    sizes = {text.get_fontsize() for text in texts_of(figure)}
    assert sizes <= {STYLES[style].title, STYLES[style].text, STYLES[style].tick}


@pytest.mark.parametrize(
    ("kind", "width"), [("curve", 7.0), ("systems", 7.0), ("loss_history", 3.4)]
)
def test_figures_of_one_panel_are_a_column_wide_and_others_a_page(study, kind, width):
    assert draw_scores(study / "scores.parquet", kind).get_figwidth() == width


@pytest.mark.parametrize("kind", ["confusion", "durations", "projection", "systems"])
@pytest.mark.parametrize("width", ["column", "page"])
def test_long_and_odd_names_of_classes_and_speakers_are_not_cut_off(odd, kind, width):
    assert_nothing_is_cut_off(draw_scores(odd / "scores.parquet", kind, width=width))


@pytest.mark.parametrize(
    ("n_kinds", "n_classes", "width"),
    [(1, 24, "page"), (1, 24, "column"), (13, 8, "column"), (13, 3, "page"), (2, 2, "column")],
)
def test_confusions_of_many_classes_and_representations_can_be_read(width, n_classes, n_kinds):
    classes = [f"class number {i:02d}" for i in range(n_classes)]
    recordings = [f"r{i}" for i in range(n_classes)]
    predictions = pd.concat(
        pd.DataFrame(
            {"representation": f"kind_{kind}", "classifier": "svm", "percentage": 100.0, "draw": 0,
             "recording": recordings, "predicted": np.arange(n_classes)}
        )
        for kind in range(n_kinds)
    )  # fmt: skip
    labels = pd.Series(classes, index=recordings)
    with looking(width=width):
        figure = plot_confusions(confusion_table(predictions, labels, classes), "svm")
    assert_nothing_is_cut_off(figure)
    panels = panels_of(figure)
    assert len(panels) == n_kinds
    # names of classes do not touch each other
    for axis in (panels[0].xaxis, panels[0].yaxis):
        boxes = [text.get_window_extent() for text in axis.get_ticklabels()]
        assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    # and numbers stay within their cells
    cell = panels[0].get_window_extent().width / n_classes
    assert all(text.get_window_extent().width <= cell for text in panels[0].texts)


def test_text_is_text_in_an_svg_and_fonts_are_true_in_a_pdf(study, tmp_path):
    pages = {}
    for suffix in ("svg", "pdf"):
        path = tmp_path / f"x.{suffix}"
        pages[suffix] = plot_scores(
            study / "scores.parquet", path, "difference", representation="code"
        ).read_bytes()
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", pages["svg"].decode())
    assert {"Code features minus hand-crafted features", "Random forest"} <= set(texts)
    assert b"/CIDFontType2" in pages["pdf"]
    assert b"/Type3" not in pages["pdf"]


def test_a_title_is_replaced_or_left_out_and_the_figure_is_no_larger_without_one(study):
    scores = study / "scores.parquet"
    for kind, read in (("difference", lambda f: f.get_suptitle()),
                       ("loss_history", lambda f: f.axes[0].get_title())):  # fmt: skip
        whole, titled, bare = (
            draw_scores(scores, kind, title=title) for title in (None, "Preis: 5 $ und 6 $", "")
        )
        assert read(whole)
        assert read(titled) == r"Preis: 5 \$ und 6 \$"
        assert read(bare) == ""
        assert bare.get_figheight() <= whole.get_figheight() == titled.get_figheight()
        assert_nothing_is_cut_off(titled)
    long = draw_scores(scores, "difference", title="A very long title " * 12, width="column")
    assert_nothing_is_cut_off(long)


def test_a_budget_is_drawn_where_one_is_asked_for(study):
    scores = study / "scores.parquet"
    for kind in ("confusion", "systems", "network_history"):
        for budget in (20, "20", 20.0):
            figure = draw_scores(scores, kind, budget=budget)
            assert "20 % of the labels" in figure.get_suptitle()
    with pytest.raises(UnknownNameError, match=r"no budget '15'; the nearest are 20 and 2$"):
        draw_scores(scores, "confusion", budget=15)
    with pytest.raises(
        SpecError, match="'curve' takes no budget; those that do: systems, confusion, "
    ):
        draw_scores(scores, "curve", budget=20)


def test_the_metric_is_that_of_the_study_where_none_is_asked_for(study, tmp_path):
    folder = write_study(tmp_path / "uar")
    known = json.loads((folder / "provenance.json").read_text())
    known["study"]["plot"]["metric"] = "uar"
    (folder / "provenance.json").write_text(json.dumps(known))
    axes = draw_scores(folder / "scores.parquet").axes
    assert axes[0].get_ylabel() == "Unweighted average recall"
    assert draw_scores(study / "scores.parquet").axes[0].get_ylabel() == "Weighted F1"


@pytest.mark.parametrize("width", ["wide", "0", "1e9", "nan", -3, 1.5])
def test_a_width_that_no_figure_can_have_is_told(study, width):
    with pytest.raises(SpecError, match=r"column, page or 2\.55 to 40 inches; found"):
        draw_scores(study / "scores.parquet", width=width)


def test_a_style_that_is_not_there_is_told_and_leaves_the_look_as_it_was(study):
    before = look()
    with pytest.raises(UnknownNameError, match=r"no style 'papers'; did you mean 'paper'"):
        draw_scores(study / "scores.parquet", style="papers")
    with looking("talk", 5):
        assert look().several == 5
    assert look() == before


def test_lines_of_a_talk_are_thicker_than_those_of_a_paper(study):
    thin, thick = (
        draw_scores(study / "scores.parquet", style=style).axes[0].get_lines()[0]
        for style in ("paper", "talk")
    )
    assert thick.get_linewidth() == 2 * thin.get_linewidth()
    assert thick.get_markersize() == 2 * thin.get_markersize()


def test_every_option_has_a_word_of_help():
    options = {option.name for kind in FIGURES.values() for option in kind.options}
    assert all(help_of(name) for name in (*options, *OF_EVERY))


def test_the_same_bytes_whatever_was_drawn_before(study, tmp_path):
    tables = StudyTables(study)
    first = save(FIGURES["curve"].figure(tables), tmp_path / "a.svg").read_bytes()
    FIGURES["curve"].figure(tables, style="talk", width=9)
    assert first == save(FIGURES["curve"].figure(tables), tmp_path / "b.svg").read_bytes()


@given(
    st.text(alphabet="ab %$ÄЖ\n", max_size=60),
    st.floats(0.2, 5),
    st.floats(5, 20),
)
@settings(max_examples=60)
def test_wrapped_text_loses_no_letter_and_has_room(text, width, size):
    safe = plain(text)
    lines = wrapped(safe, width, size).split("\n")
    assert "".join("".join(lines).split()) == "".join(safe.split())
    for line in lines:
        # a letter, or a dollar sign with its backslash, may be wider than a line; " %" stays
        longest = max((len(word) for word in line.replace(" %", "%").split()), default=0)
        assert width_of(line, size) <= width or longest <= 2 or "%" in line
        assert line.count("\\") == line.count("$")


@given(st.floats(2, 40), st.integers(1, 40))
@settings(max_examples=40)
def test_panels_stand_side_by_side_where_there_is_room_and_no_row_is_longer(width, panels):
    columns = columns_of(width, panels)
    assert 1 <= columns <= min(3, panels)
    rows = -(-panels // columns)
    assert (rows - 1) * columns < panels <= rows * columns


def test_names_within_a_sentence_keep_the_capitals_that_are_theirs():
    for name, written in (
        ("random_forest", "random forest"), ("adaboost", "AdaBoost"), ("pca_10", "PCA 10"),
        ("opensmile_egemaps", "openSMILE eGeMAPS"),
        ("handcrafted+code", "hand-crafted features + code features"),
    ):  # fmt: skip
        assert phrase(name) == written
    assert words("handcrafted_speaker") == "Hand-crafted features (speaker)"
    assert words("two_layer_network") == "Two-layer network"
