"""The answer of a study in the reader's words, computed from its tables whenever it is shown.

In: the tables of a finished study. Out: the question, one word, a sentence on where it holds, and
the best system. Page and terminal say the same, as both read it here.
"""

from collections import Counter
from typing import NamedTuple

import pandas as pd

from semisup.comparison.standing import YES, Standing, standing
from semisup.figures.study_tables import StudyTables
from semisup.report._best_system import best_system
from semisup.report._standing import sentence as sentence_of
from semisup.report._words import in_sentence, is_plural, listed
from semisup.study.controls import without_controls
from semisup.study.wholes import WHOLE

#: Representations that a sentence names; of more it gives the number.
MOST_NAMED = 3


class Answer(NamedTuple):
    """What a study answers, in plain text.

    Parameters
    ----------
    question : str
    word : str
        "Yes", "No", "In part" or "Not resolved"; empty where nothing is compared.
    sentence : str
        Where that holds and with which classifiers, or why nothing is compared.
    best : str
        The best system with its interval and chance.
    population : str
        What intervals are about; empty where nothing is compared.
    """

    question: str
    word: str
    sentence: str
    best: str
    population: str

    @property
    def text(self) -> str:
        """All of it but the question and the population."""
        return " ".join(filter(None, [self.word and f"{self.word}.", self.sentence, self.best]))


class Contest(NamedTuple):
    """What the question is about: each candidate is compared with the reference."""

    reference: str
    candidates: list[str]
    #: How the candidates came to be, as "learned from the unlabelled audio"; empty if not learned.
    learned: str = ""
    #: What is compared.
    noun: str = "representation"


def answer_of(tables: StudyTables, metric: str) -> Answer:
    """Answer the question of a study.

    Parameters
    ----------
    tables : StudyTables
    metric : str
        A name of `semisup.metrics.METRICS`.
    """
    contest = contest_of(tables)
    word, sentence = _verdict(tables, contest, metric)
    best = best_system(tables, metric)
    return Answer(_question(contest), word, sentence, best, tables.population)


def contest_of(tables: StudyTables) -> Contest:
    """Choose what is compared with what: what is learned, with the baseline or what is not.

    Where all or none are learned, all others with the baseline.
    """
    names, learned = without_controls(tables.representations), tables.learned
    others = [name for name in names if name not in learned]
    if learned and others:
        reference = tables.baseline if tables.baseline in others else others[0]
        has_unlabelled = tables.splits is None or "unlabelled" in set(tables.splits["subset"])
        audio = "the unlabelled audio" if has_unlabelled else "audio without labels"
        return Contest(reference, learned, f"learned from {audio}")
    noun = "system" if tables.classifiers == [WHOLE] else Contest._field_defaults["noun"]
    others = [name for name in names if name != tables.baseline]
    return Contest(tables.baseline, others, noun=noun)


def standings_of(tables: StudyTables, contest: Contest, metric: str) -> list[Standing]:
    """Return how each candidate stands against the reference, the best supported one first."""
    if tables.comparison is None or not _has_words(tables.comparison):
        return []
    standings = _standings(tables, contest.candidates, contest.reference, metric)
    return sorted(standings, key=lambda one: one.support, reverse=True)


def _question(contest: Contest) -> str:
    than = f"worth more than {in_sentence(contest.reference)}?"
    if not contest.candidates:
        name = in_sentence(contest.reference)
        with_what = ", and with which classifier" if contest.noun == "representation" else ""
        return f"How good {_is(contest.reference)} {name}{with_what}?"
    if len(contest.candidates) > 1:
        what = f"a {contest.noun} {contest.learned}" if contest.learned else ""
        return f"Is {what or f'any other {contest.noun}'} {than}"
    (name,) = contest.candidates
    learned = f", {contest.learned}," if contest.learned else ""
    return f"{_is(name).capitalize()} {in_sentence(name)}{learned} {than}"


def _verdict(tables: StudyTables, contest: Contest, metric: str) -> tuple[str, str]:
    """Return the word and the sentence."""
    if not contest.candidates:
        return "", f"The study has one {contest.noun}: there is nothing to compare it with."
    if tables.comparison is None:
        return "", "Nothing is compared yet: the compare stage has not run."
    if not _has_words(tables.comparison):
        return "", "The comparison is of an earlier version: `semisup run` makes it again."
    standings = standings_of(tables, contest, metric)
    if not standings:
        return "", f"No representation is compared with {in_sentence(contest.reference)}."
    best, *others = standings
    sentences = [sentence_of(best, tables.transductive), _of_others(best, others)]
    if contest.learned:
        sentences.append(_not_learned(tables, contest, metric))
    return best.word, " ".join(filter(None, sentences))


def _has_words(comparison: pd.DataFrame) -> bool:
    differences = comparison[comparison["statistic"] == "difference"]
    return bool((differences["outcome"].fillna("") != "").any()) or differences.empty


def _standings(
    tables: StudyTables, names: list[str], reference: str, metric: str
) -> list[Standing]:
    comparison = tables.comparison
    assert comparison is not None
    all_of_them = [standing(comparison, name, reference, metric) for name in names]
    return [one for one in all_of_them if one is not None]


def _of_others(best: Standing, others: list[Standing]) -> str:
    """Say what the answer is for the other candidates."""
    if not others:
        return ""
    n, words = len(others), Counter(one.word for one in others)
    who = in_sentence(others[0].first) if n == 1 else f"the {n} others"
    if set(words) == {best.word}:
        return f"For {who} the answer is the same."
    if n == 1:
        return f"For {who} the answer is: {others[0].word.lower()}."
    counts = listed(f"{word.lower()} ({count})" for word, count in words.most_common())
    return f"For {who} the answer is: {counts}."


def _not_learned(tables: StudyTables, contest: Contest, metric: str) -> str:
    """Say what is ahead of the reference without being learned; empty where nothing is."""
    names = [
        name
        for name in without_controls(tables.representations)
        if name not in (*contest.candidates, contest.reference)
    ]
    ahead = [
        one.first for one in _standings(tables, names, contest.reference, metric) if one.word == YES
    ]
    if not ahead:
        return ""
    many = len(ahead) > MOST_NAMED
    some = f"{len(ahead)} representations" if many else listed(map(in_sentence, ahead))
    verb = "are" if len(ahead) > 1 else _is(ahead[0])
    return f"Without learning from the audio, {some} {verb} ahead of it too."


def _is(name: str) -> str:
    return "are" if is_plural(name) else "is"
