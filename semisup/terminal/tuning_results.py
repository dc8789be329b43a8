"""The end of a search on the terminal: architectures side by side, and the choice."""

import json
from functools import partial

import pandas as pd

from semisup.engine.console import print_to, results, width_of
from semisup.engine.progress import Loudness, loudness
from semisup.reading.tuning_checks import tuned_name
from semisup.study.study import Study
from semisup.terminal.layout import Row, laid_out

_HEADS = {"val_loss": "val loss", "relative_error": "relative error", "uar": "probe UAR"}
#: After the architecture that was chosen.
CHOSEN_MARK = "*"


def tell(study: Study, folds: int = 0) -> None:
    """Print the best trial of each architecture, what was chosen and why.

    Parameters
    ----------
    study : Study
        Or the first fold of one.
    folds : int
        How many folds have a search of their own.
    """
    line = partial(print_to, results())
    name = tuned_name(study.spec)
    folder = study.folder / name
    trials = pd.read_csv(folder / "tuning.csv").merge(
        pd.read_csv(folder / "tuning_timings.csv"), on=["architecture", "trial"]
    )
    choice = json.loads((folder / "tuned.json").read_text())
    chosen = trials[trials["chosen"]]
    line(f"chosen: {_values(chosen.iloc[0])}", "good")
    line(f"  {choice['reason']}")
    if chosen["collapsed"].any():
        line("the chosen encoder is collapsed, as all are: its codes say nothing", "wrong")
    if loudness() == Loudness.QUIET:
        return
    line(f"\nThe best trial of each architecture of {name} ({CHOSEN_MARK} chosen)")
    results().print(_table(trials, choice["ranked_by"], width_of(results())), markup=False)
    line("")
    if choice["ranked_by"] == "relative_error":
        line("losses of several functions or scalings can't be compared: ranked by relative error")
    if folds:
        line(f"each of {folds} folds has a search of its own; shown is that of the first")
    results().print(f"figures: {study.figures}/loss_history_{name}_*", markup=False)
    results().print(f"trials:  {folder / 'tuning.csv'}", markup=False)


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


def _table(trials: pd.DataFrame, column: str, width: int | None) -> str:
    shown = list(dict.fromkeys([column, "val_loss"]))
    heads = ["trials", *(_HEADS[name] for name in shown), "parameters", "s/epoch"]
    rows = []
    for _, best in best_by_architecture(trials, column).iterrows():
        of_architecture = trials[trials["architecture"] == best["architecture"]]
        cells = [
            str(len(of_architecture)),
            *(_spread(best, name) for name in shown),
            f"{best['parameters']:,}",
            f"{of_architecture['seconds_per_epoch'].median():.2f}",
        ]
        mark = CHOSEN_MARK * int(of_architecture["chosen"].any())
        rows.append(Row(f"{best['architecture']}{mark}", cells))
    return laid_out("architecture", heads, rows, width)


def _spread(trial: pd.Series, column: str) -> str:
    value, error = trial[column], trial[f"{column}_se"]
    return f"{value:.4g}" + ("" if pd.isna(error) else f" +- {error:.2g}")
