"""The report of a study with one label budget, and how it says who is told from the best."""

import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from made_up_study import CLASSIFIERS, REPRESENTATIONS, STUDY, write_scores, write_study

from semisup.figures.study_tables import StudyTables
from semisup.figures.systems import systems_table
from semisup.reading import read_study
from semisup.report import _confusion, _training, answer_of, sheets, write_tables
from semisup.report._images import Picture
from semisup.report._page import render
from semisup.report._training import Trained
from semisup.report._verdicts import pairs_of
from semisup.stages.report import _figures
from semisup.stages.resolve import resolve

METRIC = STUDY["plot"]["metric"]
GONE = {"crossover", "areas", "labels_saved"}


def keep_one_budget(folder, budget=100.0):
    scores = pd.read_parquet(folder / "scores.parquet")
    scores[scores["percentage"] == budget].to_parquet(folder / "scores.parquet")
    if (folder / "comparison.csv").exists():
        table = pd.read_csv(folder / "comparison.csv")
        own = table["percentage"].isna() | (table["percentage"] == budget)
        table[own].to_csv(folder / "comparison.csv", index=False)
    return folder


def write_systems(folder, half=0.2):
    """Fabricate the file: who is more than `half` worse than the best is behind it."""
    summary = StudyTables(folder).summary
    rows = []
    for metric in ("f1_weighted", "uar"):
        found = systems_table(summary, [metric])
        for place, row in enumerate(found.itertuples(index=False)):
            difference = getattr(row, metric) - found[metric].iloc[0]
            low, high = (0.0, 0.0) if place == 0 else (difference - half, difference + half)
            outcome = "best" if place == 0 else "behind" if high < 0 else "not resolved"
            rows.append((metric, summary["percentage"].max(), *row[:5], difference, low, high,
                         outcome))  # fmt: skip
    columns = ["metric", "percentage", "classifier", "representation", "value", "low", "high",
               "difference", "difference_low", "difference_high", "outcome"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    # The order of the file is nobody's promise.
    table.iloc[::-1].to_csv(folder / "systems.csv", index=False)
    return table[table["metric"] == METRIC].reset_index(drop=True)


@pytest.fixture(autouse=True)
def undrawn(monkeypatch):
    for module in ("_opening", "_comparison", "_curves", "_data", "_training"):
        monkeypatch.setattr(f"semisup.report.{module}.picture", lambda *_: Picture("data:,", 1, 1))


@pytest.fixture
def curves(tmp_path):
    return write_study(tmp_path / "made_up")


@pytest.fixture
def one(curves):
    return keep_one_budget(curves)


def part(page, name):
    """Cut a section out of a page."""
    return re.search(rf'<section id="{name}".*?</section>', page, re.DOTALL)[0]


def words(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


# --- what one budget has no use for


def test_nothing_of_curves_is_in_the_page_of_one_budget(one, curves):
    page = render(one, STUDY)
    assert '<a href="#systems">Systems</a>' in page
    assert "All systems" in part(page, "systems")
    for gone in ('id="curves"', "#curves", 'id="chart"', 'id="curve-data"', "<noscript>",
                 "Heat map", "Paired differences from", "Crossover", "Labels saved",
                 "areas under the curves", "Learning curves"):  # fmt: skip
        assert gone not in page, gone
    assert len(re.findall(r"<table", part(page, "systems"))) == 1


def test_several_budgets_keep_their_curves(curves):
    page = render(curves, STUDY)
    assert "Which of these" not in page
    assert 'id="systems"' not in page
    for there in ('href="#curves">Curves', 'id="curve-data"', "<noscript>", "Heat map",
                  "Paired differences from", "Crossover", "Labels saved"):  # fmt: skip
        assert there in page, there


def test_tables_and_figures_of_curves_are_not_written(curves, tmp_path):
    text = f'name = "made_up"\n[corpus]\nadapter = "folder"\nroot = "{tmp_path}"\n'
    (tmp_path / "study.toml").write_text(text)
    study = resolve(read_study(tmp_path / "study.toml", tmp_path))

    def drawn():
        return {path.stem.split("_")[0] for path in _figures(study, StudyTables(study.folder))}

    assert {path.stem for path in write_tables(curves, METRIC)} >= GONE
    assert {"difference", "heat", "confusion", "projection"} <= drawn()
    keep_one_budget(curves)
    shutil.rmtree(curves / "tables")
    written = {path.stem for path in write_tables(curves, METRIC)}
    assert {"scores", "differences", "chance", "bayes"} <= written
    assert not written & {*GONE, "systems"}
    assert drawn() == {"confusion", "projection"}


# --- the question and the answer


def test_the_answer_of_one_budget_speaks_of_no_other(one):
    write_systems(one)
    (one / "learned.json").write_text('["code", "code_log"]')
    answer = words(part(render(one, STUDY), "answer"))
    # the made-up difference at 100 % is -0.2, its simultaneous band 0.1 to either side
    assert answer.startswith(
        "No With all labels, hand-crafted features are ahead of code features with every "
        "classifier. For code features (log) the answer is the same. Best system: "
    )
    assert "all budgets at once" not in answer


def test_one_system_is_asked_how_good_it_is(tmp_path):
    kinds = {"representations": ("code",), "classifiers": ("svm",)}
    tables = StudyTables(keep_one_budget(write_scores(tmp_path, **kinds)))
    answer = answer_of(tables, METRIC)
    assert answer.question == "How good are code features, and with which classifier?"
    assert answer.best.startswith("The system: support vector machine on code features, weighted")


# --- the table of systems


@pytest.mark.parametrize("budgets", ["one", "several"])
def test_the_table_tells_how_far_behind_the_best_each_system_is(curves, budgets):
    if budgets == "one":
        keep_one_budget(curves)
    name = "scores" if budgets == "one" else "systems"

    def sheet():
        return next(made for made in sheets(StudyTables(curves), METRIC) if made.name == name)

    assert list(sheet().table) == ["Classifier", "Representation", "Weighted F1", "Accuracy"]
    wanted = write_systems(curves)
    made = sheet()
    assert list(made.table)[4:] == ["Behind the best", "Outcome"]
    assert made.table["Outcome"].tolist() == wanted["outcome"].tolist()
    assert made.table["Behind the best"].iloc[0] == "-"
    for text, row in zip(made.table["Behind the best"][1:], wanted[1:].to_dict("records"),
                         strict=True):  # fmt: skip
        found = [float(one.replace("\N{MINUS SIGN}", "-")) for one in re.findall(r"[^][, ]+", text)]
        ends = [row["difference"], row["difference_low"], row["difference_high"]]
        np.testing.assert_allclose(found, ends, atol=6e-4)
    assert "weighted F1 less that of the best (95 %, all pairs at once)" in made.caption


def test_a_system_that_the_file_does_not_know_has_no_outcome(one):
    table = write_systems(one)
    table.iloc[:-1].to_csv(one / "systems.csv", index=False)
    made = sheets(StudyTables(one), METRIC)[0].table
    assert made[["Behind the best", "Outcome"]].iloc[-1].tolist() == ["-", "-"]
    assert len(made) == len(CLASSIFIERS) * len(REPRESENTATIONS)


# --- verdicts and marks


def test_verdicts_of_one_budget_speak_of_no_other(one):
    pair = pairs_of(StudyTables(one), METRIC)[0]
    assert (pair.first, pair.second) == ("Code features", "Hand-crafted features")
    assert [verdict.sentence for verdict in pair.verdicts] == [
        f"{name}: hand-crafted features are ahead of code features by .20 [.10, .30]."
        for name in ("Mean of all classifiers", "Support vector machine", "Random forest")
    ]
    assert {verdict.mark for verdict in pair.verdicts} == {"behind"}
    assert pair.unresolved == ""
    table = next(one for one in sheets(StudyTables(one), METRIC) if one.name == "differences").table
    assert set(table["Outcome"]) == {"Second ahead"}
    assert "Budgets" not in table


def test_marks_are_explained_where_they_stand_and_nowhere_else(one):
    def explained():
        comparison = part(render(one, STUDY), "comparison")
        return "not resolved (95 %" in words(comparison), 'class="mark' in comparison

    assert explained() == (True, True)
    table = pd.read_csv(one / "comparison.csv")
    table[table["statistic"] != "difference"].to_csv(one / "comparison.csv", index=False)
    assert explained() == (False, False)


# --- the look


def test_many_warnings_are_folded_away_after_three(one):
    for n, folded in ((3, 0), (10, 7)):
        warnings = [f"Warning number {i}." for i in range(n)]
        (one / "split.json").write_text(json.dumps({"warnings": warnings}))
        data = part(render(one, STUDY), "data")
        shown, _, rest = data.partition("<details>")
        assert re.findall(r"Warning number (\d)", shown) == list("012")
        assert len(re.findall(r"Warning number", rest)) == folded
        assert (f"<summary>and {folded} more</summary>" in data) == bool(folded)


def test_a_wide_picture_without_a_neighbour_takes_its_room():
    wide, narrow = Picture("data:,", 960, 480), Picture("data:,", 780, 540)

    def alone(losses, reconstruction=None):
        return Trained("a", "A", "fine", False, [], losses, reconstruction).stands_alone

    assert [alone(wide), alone(None, wide)] == [True, True]
    assert [alone(narrow), alone(wide, wide), alone(None)] == [False, False, False]


def test_names_of_many_classes_stand_upright(one, monkeypatch):
    assert 'class="matrix"' in part(render(one, STUDY), "confusion")
    monkeypatch.setattr(_confusion, "MANY_CLASSES", 2)
    confusion = part(render(one, STUDY), "confusion")
    assert 'class="matrix many"' in confusion
    assert 'class="matrix"' not in confusion


def test_of_many_trainings_four_are_open_and_the_others_folded(curves, monkeypatch):
    many = [Trained(f"n{k}", f"Network {k}", "fitted", False, [], None) for k in range(6)]
    monkeypatch.setattr(_training, "models_of", lambda tables: many)
    open_, folded = part(render(curves, STUDY), "training").split("and 2 more")
    assert [f"Network {k}" in open_ for k in range(6)] == [True] * 4 + [False] * 2
    assert [f"Network {k}" in folded for k in range(6)] == [False] * 4 + [True] * 2
