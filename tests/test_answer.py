"""The answer of a study: its word, where it holds, and the best system."""

import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_study import BUDGETS, DIFFERENCES, HALF, REPRESENTATIONS, write_scores, write_study

from semisup.comparison.standing import IN_PART, NO, NOT_RESOLVED, YES, standing
from semisup.comparison.told import AHEAD, BEHIND, GUESSING, OPEN
from semisup.features.kinds import kind_class
from semisup.features.learned import learned
from semisup.figures.paired import COLUMNS
from semisup.figures.study_tables import StudyTables
from semisup.report import answer_of
from semisup.report._budgets import elsewhere, where
from semisup.report._standing import sentence as sentence_of

LETTERS = {"A": AHEAD, "B": BEHIND, ".": OPEN, "g": GUESSING}
METRIC = "f1_weighted"


def comparison_of(told, first="code", second="handcrafted", budgets=BUDGETS):
    """One pair: a string of letters a classifier, a letter a budget."""
    rows = [
        {"statistic": "difference", "classifier": classifier, "representation_a": first,
         "representation_b": second, "metric": METRIC, "percentage": budget,
         "value": value, "low_simultaneous": value - HALF, "high_simultaneous": value + HALF,
         "outcome": LETTERS[letter]}
        for classifier, letters in told.items()
        for letter, budget, value in zip(letters, budgets, DIFFERENCES, strict=False)
    ]  # fmt: skip
    return pd.DataFrame(rows).reindex(columns=list(COLUMNS))


def standing_of(told, first="code", second="handcrafted", **names):
    return standing(comparison_of(told, **names), first, second, METRIC)


# --- the word


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({"svm": "AAAA", "knn": "AAAA", "mean": "AAAA"}, YES),
        ({"svm": "....", "knn": "....", "mean": "AA.."}, YES),
        ({"svm": "....", "knn": "...B", "mean": "..BB"}, NO),
        ({"svm": "....", "knn": "....", "mean": "...."}, NOT_RESOLVED),
        ({"svm": "gggg", "knn": "gggg", "mean": "gggg"}, NOT_RESOLVED),
        ({"svm": "....", "knn": "....", "mean": "A..B"}, IN_PART),
        ({"svm": "A...", "knn": "....", "mean": "..BB"}, IN_PART),
        ({"svm": "A...", "knn": "....", "mean": "...."}, IN_PART),
        # one classifier with which the other is ahead is no answer to "worth more?"
        ({"svm": "B...", "knn": "....", "mean": "...."}, NOT_RESOLVED),
        # without a mean most classifiers decide
        ({"svm": "AA..", "knn": "A...", "tree": "...."}, YES),
        ({"svm": "A..."}, YES),
        ({"svm": "A...", "knn": "...."}, IN_PART),
    ],
)
def test_the_word_follows_from_who_is_ahead(told, word):
    assert standing_of(told).word == word


letters = st.text("AB.g", min_size=4, max_size=4)
tables = st.fixed_dictionaries({"svm": letters, "knn": letters, "mean": letters})


@settings(max_examples=50)
@given(tables)
def test_the_same_table_turned_round_says_the_same(told):
    swapped = {name: text.translate(str.maketrans("AB", "BA")) for name, text in told.items()}
    direct = standing_of(told)
    turned = standing(comparison_of(swapped, "handcrafted", "code"), "code", "handcrafted", METRIC)
    assert turned.word == direct.word
    assert {name: list(words) for name, words in turned.told.items()} == {
        name: list(words) for name, words in direct.told.items()
    }
    assert (sentence_of(turned, []) == sentence_of(direct, [])) or "differ by" in sentence_of(
        direct, []
    )


@settings(max_examples=50)
@given(tables)
def test_nobody_wins_of_whom_nothing_is_resolved_and_whoever_is_ahead_is_named(told):
    one = standing_of(told)
    sentence, everything = sentence_of(one, []), "".join(told.values())
    assert ("code features are ahead of hand-crafted features" in sentence) == ("A" in everything)
    assert ("hand-crafted features are ahead of code features" in sentence) == ("B" in everything)
    if one.word == YES:
        assert "B" not in everything
    if one.word == NO:
        assert "A" not in everything
    # a sentence says once who is ahead, never twice who is not
    assert "nor" not in sentence.split()


def test_what_is_not_compared_has_no_standing():
    assert standing(comparison_of({"svm": "A..."}), "code", "mfcc", METRIC) is None
    assert standing(comparison_of({"svm": "A..."}).iloc[:0], "code", "handcrafted", METRIC) is None


# --- sentences


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"svm": "..BB", "knn": "..BB", "mean": "..BB"},
         "From 50 % of the labels on, hand-crafted features are ahead of code features with every "
         "classifier; below that the data do not tell."),
        ({"svm": "....", "knn": "A...", "mean": "AA.."},
         "Up to 20 % of the labels, code features are ahead of hand-crafted features on the mean "
         "of the classifiers (at some of these budgets also with k nearest neighbours alone); "
         "above that the data do not tell."),
        ({"svm": "A...", "knn": "A...", "mean": "A..B"},
         "With 2 % of the labels, code features are ahead of hand-crafted features with every "
         "classifier; with all labels, hand-crafted features are ahead of code features on the "
         "mean of the classifiers (with none by itself); elsewhere the data do not tell."),
        ({"svm": "g...", "knn": "g...", "mean": "g..."},
         "At no label budget do the data tell code features from hand-crafted features with any "
         "classifier: with all labels they differ by \N{MINUS SIGN}.20 [\N{MINUS SIGN}.30, "
         "\N{MINUS SIGN}.10], and with 2 % of the labels the higher one is not resolved from "
         "chance."),
        ({"svm": "....", "knn": "A...", "mean": "...."},
         "With 2 % of the labels, code features are ahead of hand-crafted features with 1 of 2 "
         "classifiers (k nearest neighbours); on the whole the data do not tell code features from "
         "hand-crafted features."),
        ({"svm": "A"}, "With 2 % of the labels, code features are ahead of hand-crafted features "
         "with support vector machine."),
    ],
)  # fmt: skip
def test_sentences(told, sentence):
    assert sentence_of(standing_of(told), []) == sentence


def test_one_order_of_the_labels_tells_nothing():
    table = comparison_of({"svm": "....", "mean": "...."})
    table[["low_simultaneous", "high_simultaneous"]] = np.nan
    one = standing(table, "code", "handcrafted", METRIC)
    assert one.word == NOT_RESOLVED
    assert sentence_of(one, []).startswith("One order of the labelled recordings can't tell code")


def test_who_uses_more_is_said():
    said = sentence_of(standing_of({"svm": "A..."}), ["handcrafted"])
    assert said.endswith(
        "hand-crafted features use the speaker's other test recordings, without labels, and code "
        "features do not."
    )
    assert "other test" not in sentence_of(standing_of({"svm": "A..."}), ["handcrafted", "code"])


@given(st.lists(st.booleans(), min_size=1, max_size=12).filter(any))
def test_a_mask_in_words_names_its_first_or_last_budget_or_counts(mask):
    mask, budgets = np.array(mask), np.arange(1, len(mask) + 1) * 2.0
    text = where(mask, budgets)
    assert (elsewhere(mask) == "") == mask.all()
    runs = sum(b and not a for a, b in pairwise([False, *mask]))
    if text.startswith("from") and text.endswith("on"):
        assert runs == 1
        assert mask[-1]
    if text.startswith("at ") and "between" in text:
        assert text.startswith(f"at {mask.sum()} of {len(mask)} ")
        assert runs > 2


# --- the whole answer


@pytest.fixture
def study(tmp_path):
    folder = write_study(tmp_path / "made_up")
    note(folder, ["code", "code_log"])
    return folder


def note(folder, names):
    (folder / "learned.json").write_text(json.dumps(names))


def test_what_is_learned_is_asked_about_and_named_first(study):
    answer = answer_of(StudyTables(study), METRIC)
    assert answer.question == (
        "Is a representation learned from audio without labels worth more than hand-crafted "
        "features?"
    )
    # the made-up differences are .2 at the smallest budget and -.2 at the largest, of both
    assert answer.word == IN_PART
    assert "For code features (log) the answer is the same." in answer.sentence
    assert answer.text.startswith("In part. With 2 % of the labels, code features are ahead of ")
    assert answer.population.startswith("Intervals and verdicts are about")
    split = pd.read_csv(study / "split.csv")
    split.loc[len(split)] = ["more.wav", "unlabelled"]
    split.to_csv(study / "split.csv", index=False)
    assert "the unlabelled audio" in answer_of(StudyTables(study), METRIC).question


def test_without_a_learned_one_the_others_are_asked_about(study):
    note(study, [])
    question = answer_of(StudyTables(study), METRIC).question
    assert question == "Is any other representation worth more than hand-crafted features?"


def test_a_learned_baseline_is_no_reference_where_there_is_another(study):
    note(study, ["handcrafted"])
    answer = answer_of(StudyTables(study), METRIC)
    assert answer.question.startswith("Are hand-crafted features, learned from audio")
    assert answer.question.endswith("worth more than code features?")
    assert answer.sentence.startswith("With all labels, hand-crafted features are ahead of code")


def test_what_is_ahead_without_learning_is_said(study):
    note(study, ["code"])
    table = pd.read_csv(study / "comparison.csv")
    of_log = (table["representation_a"] == "code_log") & (table["statistic"] == "difference")
    table.loc[of_log, "outcome"] = "ahead"
    table.to_csv(study / "comparison.csv", index=False)
    said = answer_of(StudyTables(study), METRIC).sentence
    assert said.endswith(
        "Without learning from the audio, code features (log) are ahead of it too."
    )


def test_one_representation_scores_alone_and_an_earlier_version(tmp_path, study):
    one = answer_of(
        StudyTables(write_scores(tmp_path / "one", representations=("handcrafted",))), METRIC
    )
    assert (one.question, one.word) == (
        "How good are hand-crafted features, and with which classifier?",
        "",
    )
    assert one.best.startswith("Highest score: ")
    bare = answer_of(StudyTables(write_scores(tmp_path / "bare")), METRIC)
    assert bare.sentence == "Nothing is compared yet: the compare stage has not run."
    table = pd.read_csv(study / "comparison.csv")
    table.loc[table["statistic"] == "difference", "outcome"] = np.nan
    table.to_csv(study / "comparison.csv", index=False)
    old = answer_of(StudyTables(study), METRIC)
    assert old.word == ""
    assert "earlier version" in old.sentence


def write_systems(folder, outcomes, bands=True):
    """The made-up systems, best first, with some outcomes."""
    rows = [(name, classifier) for name in REPRESENTATIONS for classifier in ("svm", "knn")]
    table = pd.DataFrame(
        [
            {"metric": METRIC, "percentage": 100.0, "classifier": classifier,
             "representation": name, "value": 0.65 - place / 50, "low": 0.57, "high": 0.73,
             "difference": 0.0, "difference_low": -0.1 if bands or not place else np.nan,
             "difference_high": 0.1, "outcome": outcome}
            for place, ((name, classifier), outcome) in enumerate(zip(rows, outcomes, strict=False))
        ]
    )  # fmt: skip
    table.to_csv(folder / "systems.csv", index=False)


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        (["best", "behind"], "the data tell every other system from it"),
        (["best", "not resolved"], "the data do not tell the other system from it"),
        (["best", "not resolved", "not resolved"], "the data tell none of the 2 other systems"),
        (["best", "behind", "not resolved"], "the data do not tell 1 of the 2 other systems"),
    ],
)
def test_the_best_system_and_how_many_are_level_with_it(study, outcomes, said):
    write_systems(study, outcomes)
    best = answer_of(StudyTables(study), METRIC).best
    assert best.startswith(
        "Best system: support vector machine on hand-crafted features, weighted F1 .65 [.57, .73] "
        "with all labels; chance .33; "
    )
    assert said in best


def test_nobody_is_best_by_chance_or_of_one_order(study):
    write_systems(study, ["best", "not resolved"], bands=False)
    assert answer_of(StudyTables(study), METRIC).best.startswith("Highest score: ")
    write_systems(study, ["best", "behind"])
    table = pd.read_csv(study / "comparison.csv")
    table.loc[table["statistic"] == "chance", "outcome"] = "not resolved"
    table.to_csv(study / "comparison.csv", index=False)
    best = answer_of(StudyTables(study), METRIC).best
    assert best.startswith("Highest score: ")
    assert best.endswith("; not resolved from chance, which is .33.")


# --- what is learned


def test_which_kinds_are_learned_and_what_is_made_of_them():
    kinds = {
        name: kind_class(kind).of(kind=kind, **keys)
        for name, kind, keys in (
            ("hand", "handcrafted", {}),
            ("code", "autoencoder", {}),
            ("random", "random_spectrogram", {}),
            ("both", "fused", {"of": ["hand", "code"]}),
            ("deep", "deep_softmax", {}),
        )
    }
    assert learned(kinds) == ["code", "both", "deep"]
