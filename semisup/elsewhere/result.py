"""The comparison of tables made elsewhere in one call, for scripts and notebooks."""

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from semisup.elsewhere.gathered import Scores, gather
from semisup.elsewhere.steps import steps
from semisup.elsewhere.study import name_of, options_of, spec_of
from semisup.errors import SpecError, UnknownNameError, nearest
from semisup.metrics import METRICS
from semisup.remote.outputs import held, up_to_date
from semisup.remote.urls import output_place
from semisup.stages.making import run_step
from semisup.stages.result import Result
from semisup.study.paths import with_home
from semisup.study.study import Study


def compare_predictions(
    table: str | Path | pd.DataFrame,
    *,
    recordings: str | Path | pd.DataFrame | None = None,
    split: str | Path | pd.DataFrame | None = None,
    beside: str | Path | None = None,
    metric: str | None = None,
    baseline: str | None = None,
    seed: int = 0,
    name: str | None = None,
    out: str | Path = "files",
    overrides: Sequence[str] = (),
) -> Result:
    """Compare predictions, or scores alone, that were made elsewhere, as a study compares its own.

    Parameters
    ----------
    table : str, Path or DataFrame
        A row a prediction: recording, predicted and system, and perhaps true, speaker, budget (in
        percent; 100 if left out), draw, fold, chunk, n_recordings and a column ``p_CLASS`` a class.
        Or a row a score: system, score (or the name of a metric), budget, draw.
        docs/how-to/your-own-predictions.md says more.
    recordings : str, Path or DataFrame, optional
        recording, label and speaker, in place of `true` and `speaker`.
    split : str, Path or DataFrame, optional
        recording, subset and perhaps fold: who was learned from.
    beside : str or Path, optional
        Folder of a finished study of the same test recordings: its systems are compared, too.
    metric : str, optional
        Of figures, verdicts and a column `score`; weighted F1 if left out.
    baseline : str, optional
        The system that the others are compared with; the first if left out.
    seed : int
        Of the resamples.
    name : str, optional
        Of the folder below `out`; that of the file if left out.
    out : str or Path
        Root of artefacts.
    overrides : sequence of str
        ``table.key=value`` of the tables compare, plot and report of a study file.

    Returns
    -------
    Result
        `scores`, `summary`, `comparison`, `verdict`, `answer`, figures, and the folder with the
        report.

    Raises
    ------
    TableError
        Listing every problem of the table.
    SpecError
        If an option is not what it must be, or a study lies where the comparison would be written.
    """
    if metric is not None and metric not in METRICS:
        raise UnknownNameError(f"There is no metric '{metric}'; {nearest(metric, METRICS)}")
    options = options_of(metric, baseline, seed, overrides)
    asked = options.get("plot", {}).get("metric")
    data = gather(
        _path(table),
        _path(recordings),
        _path(split),
        None if beside is None else Path(beside),
        asked,
    )
    if isinstance(data, Scores) and asked is None:
        options["plot"] = {**options.get("plot", {}), "metric": data.metric}
    rows = data.table
    budgets = sorted(rows["percentage"].unique().tolist())
    spec = spec_of(
        name or name_of(table), data.systems, budgets, rows["draw"].nunique(), data.unit, options
    )
    study = Study(spec, out=with_home(output_place(out)))
    up_to_date(study.folder)
    _check_place(study)
    tables = {"": table, "--recordings": recordings, "--split": split, "--with": beside}
    words = {"--metric": metric, "--baseline": baseline, "--seed": seed or None, "--name": name}
    command = command_of(tables, words, overrides)
    with held(study.folder):
        for step in steps(study, data, command):
            run_step(study, step)
    return Result(study)


def command_of(
    tables: Mapping[str, object], words: Mapping[str, object], overrides: Sequence[str]
) -> str:
    """Write the command that compares again; a table of Python's is called as its place is.

    Examples
    --------
    >>> command_of({"": "a b.csv", "--split": None}, {"--seed": 1}, ["compare.level=0.9"])
    "semisup compare 'a b.csv' --seed 1 --set compare.level=0.9"
    """
    parts = ["semisup", "compare"]
    for option, table in tables.items():
        if table is not None:
            name = "table.csv" if isinstance(table, pd.DataFrame) else str(table)
            parts += [option, name] if option else [name]
    for option, word in words.items():
        parts += [] if word is None else [option, str(word)]
    for override in overrides:
        parts += ["--set", override]
    return shlex.join(parts)


def _check_place(study: Study) -> None:
    """Refuse to write over a study that has run."""
    path = study.folder / "provenance.json"
    if path.exists() and json.loads(path.read_text("utf-8"))["study"].get("corpus"):
        raise SpecError(
            f"{study.folder} holds a study that has run: another name (--name) or another root "
            "(--out) keeps it"
        )


def _path(source: str | Path | pd.DataFrame | None) -> Any:
    return Path(source) if isinstance(source, str) else source
