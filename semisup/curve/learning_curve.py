"""The learning-curve experiment in one call (docs/CONCEPTS.md): feature tables in, scores out.

One cell is one fit on a label budget of a draw and one test on the whole test set. Cells that
share representation, classifier and draw are computed and saved together.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from semisup.curve.cells import run_task
from semisup.curve.gather import gather_scores
from semisup.curve.plan import Experiment, Tables, plan
from semisup.engine.parallel import Workers, map_to_parts
from semisup.study.spec import CurveSpec


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
        Classifiers, budgets, draws, scaling and unit.
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
    experiment = plan(tables, manifest, split, spec, seed)
    with TemporaryDirectory() as folder:
        return gather_scores(experiment, run_cells(experiment, Path(folder), Workers(jobs)))


def run_cells(experiment: Experiment, folder: Path, workers: Workers) -> list[Path]:
    """Fit and test all cells; return one file a task, in order, resuming from those in `folder`."""
    cells = [len(task.budgets) for task in experiment.tasks]
    return map_to_parts(
        run_task, experiment.tasks, folder, ".npz", workers, "learning curve", "cells", cells
    )
