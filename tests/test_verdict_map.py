"""The map of verdicts: its numbers, its colours, and the table of the page that shows the same."""

import numpy as np
import pytest
from test_answer import comparison_of

from semisup.comparison.standing import standing
from semisup.comparison.told import AHEAD, BEHIND
from semisup.figures.catalogue import FIGURES
from semisup.figures.study_tables import StudyTables
from semisup.figures.style import COLOURS
from semisup.figures.verdict_map import PALEST, colours_of, plot_verdict_map, verdict_grid
from semisup.report._map import describe_map

METRIC = "f1_weighted"
NAMES = ["handcrafted", "code"]


def standing_of(told, **names):
    return standing(comparison_of(told, **names), "code", "handcrafted", METRIC)


def test_cells_have_a_colour_exactly_where_somebody_is_ahead_the_mean_first():
    grid = verdict_grid(standing_of({"svm": "A..B", "knn": "g...", "mean": "...."}))
    assert grid.classifiers == ["mean", "svm", "knn"]
    assert (grid.shades > 0).tolist() == [[False] * 4, [True, False, False, True], [False] * 4]
    # the made-up differences are .2 and -.2 there
    assert grid.shades[1][[0, 3]] == pytest.approx(1)
    assert grid.largest == pytest.approx(0.2)
    weak = verdict_grid(standing_of({"svm": "AA.."}))
    assert weak.shades[0, 1] == pytest.approx(PALEST + (1 - PALEST) * 0.05 / 0.2)


def test_without_anything_resolved_all_is_white():
    grid = verdict_grid(standing_of({"svm": "....", "knn": "gggg"}))
    assert not grid.shades.any()
    assert grid.largest == 0
    ax = plot_verdict_map(standing_of({"svm": "...."}), METRIC)
    assert "nothing is resolved" in [text.get_text() for text in ax.texts]
    assert (np.asarray(ax.images[0].get_array()) == 1).all()


def test_no_two_sides_have_one_colour():
    one = standing_of({"svm": "A..B"})
    names = ["handcrafted", *(f"n{i}" for i in range(len(COLOURS) - 1)), "code"]
    colours = colours_of(one, names)
    assert colours[AHEAD] != colours[BEHIND] == COLOURS[0]


def test_the_figure_is_in_words_and_its_cells_have_the_numbers():
    ax = plot_verdict_map(standing_of({"svm": "A..B", "mean": "A..."}), METRIC, names=NAMES)
    assert ax.get_title() == "Weighted F1: who is ahead, and by how much"
    assert [text.get_text() for text in ax.texts] == [".20"] * 3
    labels = [label.get_text() for label in ax.figure.legends[0].get_texts()]
    assert labels == ["Code features ahead", "Hand-crafted features ahead", "not resolved"]
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["Mean of all classifiers", "Support vector machine"]


def test_the_table_of_the_page_says_in_words_what_its_colours_say():
    shown = describe_map(standing_of({"svm": "Ag.B", "mean": "...."}), NAMES)
    assert shown.title == "Code features against hand-crafted features"
    assert [budget for budget, _ in shown.budgets] == ["2", "20", "50", "100"]
    svm = shown.rows[1]
    assert [cell.side for cell in svm.cells] == ["first", "guess", "open", "second"]
    assert [cell.words for cell in svm.cells][::3] == [
        "2 % of the labels: code features are ahead by .20 [.10, .30]",
        "all labels: hand-crafted features are ahead by .20 [.10, .30]",
    ]
    assert [bool(cell.colour) for cell in svm.cells] == [True, False, False, True]
    assert svm.cells[1].words.startswith("20 % of the labels: not resolved from chance: .05 [")


def test_of_many_budgets_a_few_are_written_the_last_among_them():
    budgets = np.arange(2.0, 102, 2)
    table = comparison_of({"svm": "A..."}).iloc[[0]].loc[lambda rows: rows.index.repeat(50)]
    table = table.assign(percentage=budgets)
    shown = describe_map(standing(table, "code", "handcrafted", METRIC), NAMES)
    assert not shown.has_numbers
    assert [budget for budget, room in shown.budgets if room] == ["20", "40", "60", "80", "100"]


def test_a_study_draws_a_map_of_each_that_is_compared_with_the_baseline(tmp_path):
    from made_up_study import write_study

    from semisup.errors import TableError

    tables = StudyTables(write_study(tmp_path / "made_up"))
    kind = FIGURES["verdict_map"]
    assert set(kind.figures(tables, METRIC)) == {
        "verdict_map_code_handcrafted",
        "verdict_map_code_log_handcrafted",
    }
    assert kind.draw(tables).axes
    with pytest.raises(TableError, match="'code' and 'code' are not compared by uar"):
        kind.draw(tables, metric="uar", representation="code", baseline="code")
