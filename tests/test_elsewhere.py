"""Predictions made elsewhere: compared as a study's, and all that can be wrong with them."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_study import table_study

import semisup
from semisup.cli import main
from semisup.elsewhere.columns import checked, read
from semisup.elsewhere.gathered import Predictions, gather
from semisup.elsewhere.recordings import unpredicted
from semisup.errors import SpecError, TableError
from semisup.reading import read_study
from semisup.reading.finished import finished_study
from semisup.stages.runner import run_study

SCRIPT = Path(__file__).parents[1] / "experiments" / "scikit_learn_predictions.py"
CURVE = """
[representations.yours]
kind = "table"
path = "yours.csv"
[curve]
classifiers = ["svm", "logistic_regression", "random_forest"]
percentages = [25.0, 100.0]
draws = 2
balance = "none"
"""
TABLES = ("comparison", "summary", "variance", "systems", "per_class", "loss_data", "probabilities")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study of two feature tables, run as far as its comparison, and the script's predictions."""
    home = tmp_path_factory.mktemp("elsewhere")
    rng = np.random.default_rng(0)
    speakers = np.repeat(np.arange(10), 6)
    labels = np.tile(["angry", "happy", "sad"], 20)
    names = [f"s{s:02d}/{i % 6}.wav" for i, s in enumerate(speakers)]
    listing = pd.DataFrame({"file": names, "label": labels, "speaker": [f"s{s}" for s in speakers]})
    listing.to_csv(home / "list.csv", index=False)
    for name, noise in (("mine", 0.8), ("yours", 2.0)):
        features = np.eye(3)[pd.factorize(labels)[0]] + rng.normal(0, noise, (60, 3))
        table = pd.DataFrame(features, columns=["a", "b", "c"])
        table.insert(0, "recording", names)
        table.to_csv(home / f"{name}.csv", index=False)
    (home / "study.toml").write_text(table_study("inside") + CURVE)
    resolved = run_study(read_study(home / "study.toml", home), "compare")
    other = pd.concat(plain_script().predictions(resolved.folder), ignore_index=True)
    other.to_csv(home / "other.csv", index=False)
    return resolved.folder


def plain_script():
    spec = importlib.util.spec_from_file_location("plain_script", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def test_the_script_says_which_classifiers_it_lacks(study, tmp_path):
    noted = json.loads((study / "provenance.json").read_text())
    noted["study"]["curve"]["classifiers"] += ["knn", "tree"]
    for file in ("scores.parquet", "manifest.parquet", "split.csv"):
        (tmp_path / file).write_bytes((study / file).read_bytes())
    (tmp_path / "provenance.json").write_text(json.dumps(noted))
    with pytest.raises(SystemExit, match="no knn, tree"):
        next(plain_script().predictions(tmp_path))


@pytest.fixture(scope="module")
def compared(study):
    """The script's predictions, compared by the command."""
    home = study.parent
    command = ["compare", str(home / "other.csv"), "--split", str(study / "split.csv")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["semisup", *command, "--out", str(home)])
        with pytest.raises(SystemExit) as end:
            main()
    assert not end.value.code
    return home / "other"


@pytest.mark.parametrize("name", TABLES)
def test_a_plain_script_gives_the_numbers_of_the_study(study, compared, name):
    inside, outside = (folder / f"{name}.csv" for folder in (study, compared))
    assert outside.read_bytes() == inside.read_bytes()


@pytest.mark.parametrize("name", ["scores", "losses", "predictions"])
def test_its_tables_are_those_of_the_curve(study, compared, name):
    inside, outside = (pd.read_parquet(folder / f"{name}.parquet") for folder in (study, compared))
    pd.testing.assert_frame_equal(outside, inside, check_dtype=False, check_categorical=False)


def test_the_page_says_who_made_the_predictions_and_how_to_compare_them_again(compared):
    page = (compared / "report.html").read_text("utf-8")
    assert "The predictions were made elsewhere" in page
    assert f"semisup compare {compared.parent / 'other.csv'}" in page
    assert "semisup run study.toml" not in page
    assert finished_study(compared, "files").spec.name == "other"


def test_a_comparison_of_the_same_predictions_makes_nothing_again(study, compared, capsys):
    before = (compared / "provenance.json").read_bytes()
    again = semisup.compare_predictions(
        compared.parent / "other.csv", split=study / "split.csv", out=compared.parent
    )
    assert again.answer.startswith("Is yours worth more than mine?")
    assert again.scores.shape == (24, 12)
    assert (again.folder / "provenance.json").read_bytes() == before


def rows(**columns):
    """Two systems, two label budgets, two draws, four recordings of two speakers."""
    table = pd.DataFrame(
        [
            (system, budget, draw, f"r{i}", "ab"[i % 2], "ab"[(i + hit) % 2], f"s{i // 2}")
            for system, hit in (("svm@x", 0), ("svm@y", 1))
            for budget in (50, 100)
            for draw in (0, 1)
            for i in range(4)
        ],
        columns=["system", "budget", "draw", "recording", "true", "predicted", "speaker"],
    )
    return table.assign(**columns)


def problems(table, **options):
    with pytest.raises(TableError) as error:
        gather(table, **options)
    return str(error.value)


@given(st.permutations(range(32)))
@settings(max_examples=20)
def test_the_order_of_the_rows_does_not_matter(order):
    whole = gather(rows())
    # systems are in the order of their first rows
    shuffled = gather(rows().iloc[order].sort_values("system", kind="stable"))
    pd.testing.assert_frame_equal(shuffled.cells.rows, whole.cells.rows)
    pd.testing.assert_frame_equal(shuffled.manifest, whole.manifest)


def test_all_problems_of_a_table_are_told_at_once():
    table = rows(budget="half", extra=1).rename(columns={"speaker": "speakr"})
    text = problems(table)
    assert "has 3 problems" in text
    assert "the column speakr is not known; did you mean 'speaker'?" in text
    assert "the column extra is not known" in text
    assert "budget is not numeric in 32 rows, the first: row 1, 'half'" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: pd.concat([t, t[:2]]), "2 predictions are there twice, the first: recording r0"),
        (lambda t: t[1:], "svm@x lacks recordings in 1 of 4 cells (1 of 4 in draw 0, 50 %"),
        (lambda t: t[4:], "svm@x lacks 1 of 4 cells that others have (the first: draw 0, 50 %)"),
        (lambda t: t.replace({"predicted": {"b": "B"}}), "'B' is predicted (16 times) but never"),
        (lambda t: t.assign(true=["a", "b"] * 15 + ["b", "a"]), "true differs between rows of 2"),
        (lambda t: t.drop(columns="true"), "nobody says what is true"),
        (lambda t: t.drop(columns="recording"), "the column recording is missing"),
        (lambda t: t.drop(columns="system"), "the column system is missing"),
        (lambda t: t.drop(columns="predicted"), "there is neither a column predicted"),
        (lambda t: t.assign(budget=120), "budget is no percentage up to 100 in 32 rows"),
        (lambda t: t.assign(draw=0.5), "draw is no whole number from 0 to"),
        (lambda t: t.assign(draw=1e30), "draw is no whole number from 0 to"),
        (lambda t: t.assign(fold=float("inf")), "fold is not numeric in 32 rows"),
        (lambda t: t.assign(n_rows=-1), "n_rows is no whole number from 0 to"),
        (lambda t: t.assign(p_a=0.5), "columns of probabilities, but none of b (p_b)"),
        (lambda t: t.assign(p_a=0.5, p_b=1.5), "p_b is no probability in 32 rows"),
        (lambda t: t.assign(system="a/b"), "'a_b' would do"),
        (lambda t: t.assign(system="mean@x"), "no system may be called 'mean'"),
        (lambda t: t.assign(percentage=50), "budget and percentage are the same"),
        (lambda t: t.assign(recording=""), "recording is empty in 32 rows"),
    ],
)
def test_what_is_wrong_is_one_sentence(change, words):
    assert words in problems(change(rows()).reset_index(drop=True))


def test_a_file_that_is_not_there_or_empty_is_told(tmp_path):
    with pytest.raises(TableError, match="There is no table"):
        gather(tmp_path / "other.csv")
    with pytest.raises(TableError, match="has no rows"):
        gather(rows()[:0])


def test_recordings_may_be_told_by_another_table():
    listing = rows()[["recording", "true", "speaker"]].drop_duplicates()
    listing = listing.rename(columns={"true": "label"})
    more = pd.DataFrame({"recording": ["r9"], "label": ["c"], "speaker": ["s9"]})
    table = rows().drop(columns=["true", "speaker"])
    data = gather(table, recordings=pd.concat([listing, more]))
    pd.testing.assert_frame_equal(data.manifest, gather(rows()).manifest)
    assert "4 of 4 predicted recordings are not in" in problems(table, recordings=more)
    other = listing.assign(speaker="s7", label="a")
    text = problems(rows(), recordings=other)
    assert "the speaker of 4 recordings is another" in text
    assert "the label of 2 recordings is another" in text
    # a class that is learned and not tested
    table["predicted"] = table["predicted"].replace("b", "c")
    assert gather(table, recordings=pd.concat([listing, more])).cells.classes == ["a", "b", "c"]


def folded(folds):
    table = rows()
    return table.assign(
        fold=table["recording"].map(dict(zip(["r0", "r1", "r2", "r3"], folds, strict=True)))
    )


def test_folds_test_every_speaker_once_a_repetition():
    data = gather(folded([3, 3, 7, 7]))
    assert data.repeats == 1
    assert data.splits.groupby("repeat")["subset"].value_counts().tolist() == [2, 2, 2, 2]
    twice = pd.concat([folded([0, 0, 1, 1]), folded([3, 3, 2, 2])])
    assert gather(twice).repeats == 2
    assert "1 speakers are tested in several folds" in problems(folded([0, 1, 0, 0]))
    uneven = pd.concat([folded([0, 0, 1, 1]), folded([2, 2, 3, 3]).query("fold == 2")])
    assert "folds must test every recording equally often" in problems(uneven)
    mixed = pd.concat([folded([0, 0, 2, 2]), folded([1, 1, 3, 3])])
    assert "number the folds through all repetitions" in problems(mixed)


def test_a_split_must_test_what_was_predicted():
    split = pd.DataFrame({"recording": ["r0", "r1", "r2", "r3", "r4"], "subset": "test"})
    assert "1 predicted recordings are not in the test" in problems(rows(), split=split[1:])
    (sentence,) = unpredicted(gather(rows(), split=split).table[["recording"]], split)
    assert "1 of the test recordings" in sentence
    with pytest.raises(TableError, match="There is no subset 'tset'"):
        gather(rows(), split=split.assign(subset="tset"))


def test_systems_that_are_no_pairs_are_wholes():
    table = checked(read(rows(system=["svm@x", "wavlm"] * 16)), []).table
    assert set(table["representation"]) == {"svm.x", "wavlm"}
    assert len(set(table["classifier"])) == 1


def test_a_study_stands_beside_predictions_of_the_same_recordings(study, tmp_path):
    other = pd.read_csv(study.parent / "other.csv").query("system == 'svm@mine' and budget == 100")
    whole = other.assign(system="theirs").drop(columns="n_recordings")
    whole = whole.drop(columns=[name for name in whole if name.startswith("p_")])
    data = gather(whole, beside=study)
    assert [name.representation for name in data.systems][-1] == "theirs"
    assert len(data.systems) == 7
    assert set(data.table["percentage"]) == {100.0}
    assert "tests other recordings" in problems(
        whole.query("recording != 's00/0.wav'"), beside=study
    )
    assert "both have a system svm@mine" in problems(whole.assign(system="svm@mine"), beside=study)
    with pytest.raises(TableError, match="holds no predictions of a study"):
        gather(whole, beside=tmp_path)


def scores(**columns):
    table = pd.DataFrame(
        [
            (system, budget, draw, 0.4 + 0.1 * (system == "b") + budget / 1000 + draw / 100)
            for system in "ab"
            for budget in (10, 100)
            for draw in range(4)
        ],
        columns=["system", "budget", "draw", "score"],
    )
    return table.assign(**columns)


@pytest.mark.slow
def test_scores_alone_have_intervals_over_draws(tmp_path):
    result = semisup.compare_predictions(scores(), metric="uar", out=tmp_path)
    summary = result.summary.query("representation == 'a' and percentage == 100").iloc[0]
    # Student's interval of four draws
    half = 3.182446 * np.std([0, 0.01, 0.02, 0.03], ddof=1) / 2
    assert summary["mean"] == pytest.approx(0.515)
    assert summary["high"] - summary["low"] == pytest.approx(2 * half, rel=0.1)
    differences = result.comparison.query("statistic == 'difference' and classifier == 'mean'")
    assert set(differences["outcome"]) == {"ahead"}
    assert not (result.comparison["statistic"] == "chance").any()
    page = (result.folder / "report.html").read_text("utf-8")
    assert "There are scores alone" in page
    assert "these test recordings" in page


def test_what_is_wrong_with_scores_is_told():
    assert "which metric the column score holds" in problems(scores())
    assert "has 3 scores, but there are 2" in problems(scores()[5:], metric="uar")
    assert "several scores of one" in problems(pd.concat([scores(), scores()]), metric="uar")
    assert "uar is from 0 to 1, but 50 in 16 rows" in problems(scores(score=50), metric="uar")
    assert "say nothing of test speakers" in problems(scores(fold=0), metric="uar")
    assert "no column of the metric uar" in problems(
        scores().rename(columns={"score": "accuracy"}), metric="uar"
    )


def test_options_that_say_nothing_are_refused(study):
    with pytest.raises(SpecError, match="only keys of compare, plot, report"):
        semisup.compare_predictions(rows(), overrides=["curve.draws=3"])
    with pytest.raises(SpecError, match="baseline: there is no 'z'"):
        semisup.compare_predictions(rows(), baseline="z")
    with pytest.raises(SpecError, match="holds a study that has run"):
        semisup.compare_predictions(rows(), name=study.name, out=study.parent)
    with pytest.raises(LookupError, match="There is no metric 'war'; did you mean 'uar'"):
        semisup.compare_predictions(rows(), metric="war")


def test_predictions_of_a_study_may_be_taken_as_they_are(study):
    file = study / "predictions.parquet"
    data = gather(file, recordings=study / "manifest.parquet")
    assert isinstance(data, Predictions)
    assert data.cells.classes == ["angry", "happy", "sad"]
