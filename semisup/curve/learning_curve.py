"""The learning-curve experiment in one call (docs/CONCEPTS.md): feature tables in, scores out.

One cell is one fit on a label budget of a draw and one test on the whole test set. Cells that
share representation, classifier and draw are computed and saved together.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from semisup.curve.adaptive import Precision, run_until_precise
from semisup.curve.cells import run_task
from semisup.curve.gather import gather_scores
from semisup.curve.plan import Experiment, Tables, plan
from semisup.curve.stored import with_stored_tables
from semisup.engine.parallel import Workers, map_to_parts
from semisup.recordings.numbers import NUMBER
from semisup.study.spec import CompareSpec, CurveSpec


def learning_curve(
    tables: Tables,
    manifest: pd.DataFrame,
    split: pd.Series,
    spec: CurveSpec,
    jobs: int = 1,
    seed: int = 0,
) -> pd.DataFrame:
    """Score every representation with every classifier at every label budget.

    Parameters
    ----------
    tables : mapping of str to DataFrame, or to a sequence of DataFrame
        Feature tables by representation: `recording`, `chunk`, one column a feature. Of several
        encoders a table each: draw d uses number d mod their number.
    manifest : DataFrame
        With `recording` and `label`.
    split : Series of str
        Subset by recording.
    spec : CurveSpec
        Classifiers, budgets, draws, scaling and unit. Draws until a precision are of UAR, or of the
        CCC where numbers are predicted, with 95 %.
    jobs : int
        Processes; the scores do not depend on it.
    seed : int
        Of the draws and the classifiers.

    Returns
    -------
    DataFrame
        One row a cell: representation, classifier, percentage, n_recordings, n_rows, draw, unit,
        and those of `METRICS`.
    """
    workers, asked = Workers(jobs), spec.precision()

    def planned(draws: int) -> Experiment:
        several = spec.model_copy(update={"draws": draws})
        return plan(tables, manifest, split, several, seed)

    def run(experiment: Experiment, folder: Path) -> tuple[Experiment, list[Path]]:
        return experiment, run_cells(experiment, folder, workers)

    with TemporaryDirectory() as folder:
        if asked is None:
            return gather_scores(*run(planned(spec.n_draws()), Path(folder)))
        encoders = {
            name: 1 if isinstance(t, pd.DataFrame) else len(t) for name, t in tables.items()
        }
        metric = "ccc" if NUMBER in manifest else "uar"
        precision = Precision(asked, metric, CompareSpec().level, encoders)
        return gather_scores(*run_until_precise(planned, run, precision, Path(folder)))


def run_cells(experiment: Experiment, folder: Path, workers: Workers) -> list[Path]:
    """Fit and test all cells; return one file a task, in order, resuming from those in `folder`."""
    cells = [len(task.budgets) for task in experiment.tasks]
    names = [f"draw {task.draw} of {task.system.name}" for task in experiment.tasks]
    tasks = with_stored_tables(experiment.tasks, folder)
    return map_to_parts(
        run_task, tasks, folder, ".npz", workers, "learning curve", "cells", cells, names
    )
