"""Draws of a learning curve in rounds, until its scores are as precise as the study asks.

What is done in a round depends on the scores of those before alone: a run that was killed, another
number of jobs and a second run go through the same rounds, and the tables are those of a study that
asks for this number of draws to begin with.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from semisup.curve.plan import Experiment
from semisup.curve.precision import next_look, widest
from semisup.engine.progress import say
from semisup.study.draws_spec import DrawsUntil


class Precision(NamedTuple):
    """What scores must be known how precisely.

    Parameters
    ----------
    asked : DrawsUntil
    metric : str
        That the half-width is of.
    level : float
        Of the interval.
    encoders : mapping of str to int
        Trainings of each representation.
    """

    asked: DrawsUntil
    metric: str
    level: float
    encoders: Mapping[str, int]


#: An experiment, and the folder of its parts, to the experiment as it was run and its parts.
Run = Callable[[Experiment, Path], tuple[Experiment, list[Path]]]


def run_until_precise(
    planned: Callable[[int], Experiment], run: Run, precision: Precision, folder: Path
) -> tuple[Experiment, list[Path]]:
    """Run draw after draw, in rounds, until the precision is reached or there are `at_most`.

    Parameters
    ----------
    planned : callable
        Returns the experiment of a number of draws.
    run : callable
        Fits and tests the tasks of an experiment.
    precision : Precision
    folder : Path
        Each round has a folder in it.

    Returns
    -------
    experiment : Experiment
        Of all draws, in the order of a study that asks for so many.
    parts : list of Path
        A file a task.
    """
    done, wanted = 0, precision.asked.at_least
    finished: dict[tuple[str, int], Path] = {}
    while wanted > done:
        experiment = planned(wanted)
        new = [task for task in experiment.tasks if task.draw >= done]
        ran, paths = run(replace(experiment, tasks=new), folder / f"from-draw-{done}")
        finished |= {
            (task.system.name, task.draw): path for task, path in zip(ran.tasks, paths, strict=True)
        }
        parts = [finished[task.system.name, task.draw] for task in experiment.tasks]
        scores = _scores(experiment, parts, precision.metric)
        encoders = {
            task.system.name: precision.encoders.get(task.system.representation, 1)
            for task in experiment.tasks
        }
        done, wanted = wanted, next_look(scores, encoders, precision.level, precision.asked)
    name, budget, width = widest(scores, encoders, precision.level)
    _tell(precision, done, f"{name} at {experiment.tasks[0].budgets[budget]:g} %", width)
    return experiment, parts


def _scores(experiment: Experiment, parts: list[Path], metric: str) -> dict[str, np.ndarray]:
    """Return the scores of each system, (n_draws, n_budgets)."""
    rows: dict[str, list[np.ndarray]] = {}
    for task, path in zip(experiment.tasks, parts, strict=True):
        with np.load(path) as cells:
            of_draw = task.rules.target.scores(cells["confusion"])[metric]
        rows.setdefault(task.system.name, []).append(of_draw)
    return {name: np.stack(of_draws) for name, of_draws in rows.items()}


def _tell(precision: Precision, draws: int, where: str, width: float) -> None:
    asked, metric = precision.asked, precision.metric
    text = f"  {draws} draws: {metric} is known within ±{width:.3f} of these test speakers"
    if width <= asked.until:
        say(f"{text} or better (the widest: {where})")
    else:
        say(
            f"{text} only for {where}, not within ±{asked.until:g}: see at_most in [curve] draws",
            tone="caution",
        )
