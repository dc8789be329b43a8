"""The results of a run on the terminal: the answer, a small table, what to know, where the rest is.

All of it goes to standard output, for `semisup run study.toml > results.txt`.
"""

from pathlib import Path

from semisup.comparison.added import Added, added_by_learning
from semisup.engine.console import print_to, results, width_of
from semisup.engine.progress import Loudness, loudness
from semisup.features.speakers import TRANSDUCTIVE, USES_OTHERS
from semisup.figures.study_tables import StudyTables
from semisup.report import answer_of
from semisup.stages.train import tone_of
from semisup.study.controls import without_controls
from semisup.study.study import Study
from semisup.terminal.cautions import cautions, healths_of
from semisup.terminal.score_table import TRANSDUCTIVE_MARK, score_table, title

#: Sentences on what learning added that a terminal shows without being asked for all.
MANY = 3
#: How a sentence is said on what learning added.
_TONES = {"ahead": "good", "behind": "wrong", "open": ""}


def tell(study: Study) -> None:
    """Print the results that are there and where the rest is."""
    tables, metric = StudyTables(study.folder), study.spec.plot.metric
    if not (study.folder / "summary.csv").exists():
        _tell_health(study, whole=True)
        _tell_paths(study)
        return
    answer = answer_of(tables, metric)
    if loudness() == Loudness.QUIET:
        _line(answer.text)
        _tell_cautions(tables, metric, whole=False)
        return
    whole = loudness() == Loudness.VERBOSE
    if results().is_terminal:  # apart from the progress above it
        results().print()
    _line(answer.question, "aside")
    print_to(results(), answer.text, "step", len(answer.word) + 1)
    _tell_scores(tables, metric, whole)
    _tell_learning(tables, metric, whole)
    if whole:
        _tell_verdicts(tables, metric)
    _tell_health(study, whole)
    _tell_cautions(tables, metric, whole)
    _line(answer.population, "aside")
    _tell_paths(study)
    if answer.word:
        _line(f"{answer.question} {answer.word}.", "step")
    _tell_page(study)


def _line(sentence: str, tone: str = "") -> None:
    if sentence:
        print_to(results(), sentence, tone)


def _tell_scores(tables: StudyTables, metric: str, whole: bool) -> None:
    """Print the table, what its numbers are, and what the mark in it means."""
    results().print()
    _line(title(tables, metric, whole))
    results().print(score_table(tables, metric, width_of(results()), whole), markup=False)
    if set(tables.transductive) & set(without_controls(tables.representations)):
        _line(f"{TRANSDUCTIVE_MARK} {TRANSDUCTIVE}: {USES_OTHERS}")
    results().print()


def _tell_learning(tables: StudyTables, metric: str, whole: bool) -> None:
    """Print what learning added to representations that the study controls."""
    added: list[Added] = []
    if tables.comparison is not None:
        added = added_by_learning(tables.comparison, metric)
    shown = added if whole or len(added) <= MANY else added[:MANY]
    for one in shown:
        _line(one.sentence, _TONES[one.mark])
    if len(added) > len(shown):
        _line(f"{len(added) - len(shown)} more on what learning added: --verbose, or the report")


def _tell_verdicts(tables: StudyTables, metric: str) -> None:
    """Print the verdicts on the mean of the classifiers; those of each are in the report."""
    rows = tables.comparison
    if rows is None:
        return
    rows = rows[(rows["statistic"] == "verdict") & (rows["metric"] == metric)]
    # of controls it is said what learning added
    names = without_controls(tables.representations)
    rows = rows[rows["representation_a"].isin(names) & rows["representation_b"].isin(names)]
    for sentence in rows.loc[rows["classifier"] == "mean", "sentence"]:
        _line(sentence)


def _tell_health(study: Study, whole: bool) -> None:
    """Print which encoders are healthy, or the health of each; cautions say what is not."""
    healths = healths_of(study.folder, study.spec.compared())
    if whole:
        for name, health in healths.items():
            _line(f"{name}: {health['verdict']}", tone_of(health))
    elif healthy := [name for name, health in healths.items() if tone_of(health) == "good"]:
        _line(f"healthy encoders: {', '.join(healthy)}", "good")


def _tell_cautions(tables: StudyTables, metric: str, whole: bool) -> None:
    for caution in cautions(tables, metric, whole):
        _line(caution.sentence, caution.tone)


def _tell_paths(study: Study) -> None:
    """Print where the tables and the main figure are."""
    _path("tables", study.folder)
    main = "systems" if len(study.spec.curve.budgets()) == 1 else "learning_curve"
    for figure in study.figure_paths(main)[:1]:
        _path("figure", figure)


def _tell_page(study: Study) -> None:
    """Print where the page is, on which a reader's eye ends."""
    _path("report", study.folder / "report.html")


def _path(what: str, path: Path) -> None:
    # whole, however long it is, to be copied
    if path.exists():
        results().print(f"{what}:  {path}", markup=False)
