"""The end of a run on the terminal: a short table, the health of encoders, paths of figures."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from semisup.comparison import MEAN
from semisup.comparison.added import added_by_learning
from semisup.comparison.monotone import LOSES
from semisup.curve.per_class import one_class_only
from semisup.engine.progress import console, say
from semisup.features.speakers import TRANSDUCTIVE, USES_OTHERS
from semisup.figures.study_tables import (
    StudyTables,
    is_collapsed,
    nearest_budgets,
    read_csv,
    transductive_beside,
)
from semisup.stages.resolved import ResolvedStudy
from semisup.study.controls import without_controls

if TYPE_CHECKING:
    from rich.table import Table

#: Budgets in percent that the table shows: the nearest of the study's.
SHOWN = (2, 20, 100)

#: Behind a name of the table; the star is that of collapsed encoders.
TRANSDUCTIVE_MARK = "^"

#: Verdicts that a terminal shows without choosing.
MANY = 6
#: How a line is printed that says what learning added.
STYLES = {"ahead": "green", "behind": "red", "open": ""}


def tell(study: ResolvedStudy) -> None:
    """Print the results that are there and where the rest is."""
    if (study.folder / "summary.csv").exists():
        console().print(_table(study, pd.read_csv(study.folder / "summary.csv")))
        _tell_transductive(study)
        _tell_verdicts(study)
        _tell_learning(study)
        _tell_losses(study)
        _tell_best(study)
        if sentence := StudyTables(study.folder).population:
            say(sentence)
        _tell_one_class(study)
    _tell_health(study)
    main = "systems" if len(study.spec.curve.budgets()) == 1 else "learning_curve"
    figures = sorted(study.figures.glob(f"{main}*"))
    if figures:
        say(f"figures: {study.figures} (all classifiers: {figures[0].name})")
    say(f"tables:  {study.folder}")
    if (study.folder / "report.html").exists():
        say(f"report:  {study.folder / 'report.html'}")


def _tell_transductive(study: ResolvedStudy) -> None:
    """Say what the mark in the table means, where it is there."""
    if set(study.compared) & set(transductive_beside(study.folder)):
        say(f"{TRANSDUCTIVE_MARK} {TRANSDUCTIVE}: {USES_OTHERS}", style="yellow")


def _tell_health(study: ResolvedStudy) -> None:
    """Print the health of every training; the star is that of the table."""
    for name in study.compared:
        for training in study.each_training(name):
            path = study.models(training) / "health.json"
            if path.exists():
                health = json.loads(path.read_text())
                star, style = ("* ", "red") if health["collapsed"] else ("", "green")
                style = "yellow" if health.get("note") and not health["collapsed"] else style
                say(f"{star}{training.label}: {health['verdict']}", style=style)


def _tell_verdicts(study: ResolvedStudy) -> None:
    """Print the verdicts on the mean of the classifiers; those of each are in the report.

    Of many pairs those with the first of the baselines are shown.
    """
    path = study.folder / "comparison.csv"
    if not path.exists():
        return
    rows = pd.read_csv(path, low_memory=False)
    rows = rows[(rows["statistic"] == "verdict") & (rows["metric"] == study.spec.plot.metric)]
    rows = rows[rows["classifier"] == "mean"]
    # of controls it is said what learning added, below
    names = without_controls([*study.compared])
    rows = rows[rows["representation_a"].isin(names) & rows["representation_b"].isin(names)]
    if len(rows) > MANY:
        rows = rows[rows["representation_b"] == rows["representation_b"].iloc[0]]
    for sentence in rows["sentence"]:
        say(sentence)


def _tell_learning(study: ResolvedStudy) -> None:
    """Print what learning added to representations that the study controls."""
    path = study.folder / "comparison.csv"
    if not path.exists():
        return
    for added in added_by_learning(read_csv(path), study.spec.plot.metric):
        say(added.sentence, style=STYLES[added.mark])


def _tell_losses(study: ResolvedStudy) -> None:
    """Print which systems more labels made worse."""
    path = study.folder / "comparison.csv"
    if not path.exists():
        return
    rows = read_csv(path)
    rows = rows[(rows["metric"] == study.spec.plot.metric) & (rows["outcome"] == LOSES)]
    mains = rows["representation_a"].isin(without_controls([*study.compared]))
    for sentence in rows["sentence"][mains & (rows["classifier"] != MEAN)]:
        say(sentence, style="yellow")


def _tell_best(study: ResolvedStudy) -> None:
    """Print the best system at the largest budget, and how many others are surely behind it."""
    path = study.folder / "systems.csv"
    if not path.exists():
        return
    rows = pd.read_csv(path)
    rows = rows[rows["metric"] == study.spec.plot.metric]
    others = rows[rows["outcome"] != "best"]
    if others.empty:
        return
    best = rows[rows["outcome"] == "best"].iloc[0]
    mark = TRANSDUCTIVE_MARK * (best["representation"] in transductive_beside(study.folder))
    behind = int((others["outcome"] == "behind").sum())
    say(
        f"{best['classifier']}@{best['representation']}{mark} has the highest {best['metric']} at "
        f"{best['percentage']:g} % of the labels; of {len(others)} other systems {behind} "
        f"{'is' if behind == 1 else 'are'} behind it and {len(others) - behind} not told apart "
        "from it (95 %, all pairs at once)"
    )


def _tell_one_class(study: ResolvedStudy) -> None:
    """Print which systems name one class only, whatever they hear."""
    path = study.folder / "per_class.csv"
    if path.exists():
        for sentence in one_class_only(read_csv(path)):
            say(sentence, style="yellow")


def _table(study: ResolvedStudy, summary: pd.DataFrame) -> "Table":
    """Lay out metric and band by system and budget."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    metric = study.spec.plot.metric
    budgets = nearest_budgets(summary["percentage"].unique(), SHOWN)
    draws = int(summary["draws"].max())
    how = f"mean of {draws} draws" if draws > 1 else "one draw"
    over = "draws and test speakers"
    if study.is_folded:
        # a draw of a repeat is that of all its folds, together of all test speakers
        how, over = f"{study.spec.split.repeats} x all speakers tested", "speakers, pools and draws"
    title = f"{study.spec.name}: {metric}, {how} [95 % over {over}]"
    # Two digits and no rules: a row of the longest names fits into 80 columns.
    table = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("system", overflow="fold")
    for budget in budgets:
        table.add_column(f"{budget:g} % labels", justify="right", no_wrap=True)
    # controls would make it three times as long: what counts of them is said below it
    named = summary["representation"].isin(without_controls([*study.compared]))
    chosen = summary[(summary["metric"] == metric) & named]
    marks = {name: _mark(study.folder, name) for name in study.compared}
    for (classifier, representation), rows in chosen.groupby(
        ["classifier", "representation"], sort=False
    ):
        by_budget = rows.set_index("percentage")
        cells = [_cell(by_budget.loc[budget]) for budget in budgets]
        table.add_row(f"{classifier}@{representation}{marks.get(representation, '')}", *cells)
    return table


def _mark(folder: Path, name: str) -> str:
    """Return the marks that the table puts behind the name of a representation."""
    transductive = name in transductive_beside(folder)
    return "*" * is_collapsed(folder, name) + TRANSDUCTIVE_MARK * transductive


def _cell(row: pd.Series) -> str:
    if pd.isna(row["low"]):
        return _short(row["mean"])
    # rich would take the bracket for markup
    return f"{_short(row['mean'])} \\[{_short(row['low'])}, {_short(row['high'])}]"


def _short(score: float) -> str:
    """Write a score in [0, 1] with two digits and no leading zero."""
    return f"{score:.2f}".removeprefix("0")
