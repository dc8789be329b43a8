"""The end of a search on the terminal: architectures side by side, and the choice."""

import json
from typing import TYPE_CHECKING

import pandas as pd

from semisup.engine.progress import console, say
from semisup.reading.tuning_checks import tuned_name
from semisup.study.study import Study

if TYPE_CHECKING:
    from rich.table import Table

_HEADS = {"val_loss": "val loss", "relative_error": "relative error", "uar": "probe UAR"}


def tell(study: Study, folds: int = 0) -> None:
    """Print the best trial of each architecture, what was chosen and why.

    Parameters
    ----------
    study : Study
        Or the first fold of one.
    folds : int
        How many folds have a search of their own.
    """
    if folds:
        say(f"each of {folds} folds has a search of its own; shown is that of the first")
    name = tuned_name(study.spec)
    folder = study.folder / name
    trials = pd.read_csv(folder / "tuning.csv").merge(
        pd.read_csv(folder / "tuning_timings.csv"), on=["architecture", "trial"]
    )
    choice = json.loads((folder / "tuned.json").read_text())
    console().print(_table(f"{study.spec.name}: {name}", trials, choice["ranked_by"]))
    if choice["ranked_by"] == "relative_error":
        say("losses of several functions or scalings can't be compared: ranked by relative error")
    say(f"chosen: {_values(trials[trials['chosen']].iloc[0])}", style="green")
    say(f"  {choice['reason']}")
    if trials.loc[trials["chosen"], "collapsed"].any():
        say("the chosen encoder is collapsed, as all are: its codes say nothing", style="red")
    say(f"trials:  {folder / 'tuning.csv'}")
    say(f"figures: {study.figures}/loss_history_{name}_*")


def _values(trial: pd.Series) -> str:
    """Write what was searched, which stands between architecture and loss."""
    searched = trial[: list(trial.index).index("loss")]
    words = [f"{key} {value}" for key, value in searched.iloc[1:].items()]
    return ", ".join([searched.iloc[0], *words])


def best_by_architecture(trials: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the best trial of each architecture, best first.

    Parameters
    ----------
    trials : DataFrame
        As in `tuning.csv`. Trials that were not trained to their end come last.
    column : str
        What they are ranked by: the highest `uar`, or the lowest of another column.
    """
    sign = -1 if column == "uar" else 1
    ranked = trials.assign(unfinished=trials["state"] != "complete", rank=sign * trials[column])
    return ranked.sort_values(["unfinished", "rank"], kind="stable").drop_duplicates("architecture")


def _table(title: str, trials: pd.DataFrame, column: str) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    shown = list(dict.fromkeys([column, "val_loss"]))
    measures = [_HEADS[name] for name in shown]
    for head in ("architecture", "trials", *measures, "parameters", "s/epoch"):
        table.add_column(head, justify="left" if head == "architecture" else "right", no_wrap=True)
    for _, best in best_by_architecture(trials, column).iterrows():
        of_architecture = trials[trials["architecture"] == best["architecture"]]
        spreads = [_spread(best, name) for name in shown]
        table.add_row(
            best["architecture"] + "*" * int(of_architecture["chosen"].any()),
            str(len(of_architecture)),
            *spreads,
            f"{best['parameters']:,}",
            f"{of_architecture['seconds_per_epoch'].median():.2f}",
        )
    return table


def _spread(trial: pd.Series, column: str) -> str:
    value, error = trial[column], trial[f"{column}_se"]
    return f"{value:.4g}" + ("" if pd.isna(error) else f" +- {error:.2g}")
