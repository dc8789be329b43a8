"""Late fusion: what one classifier makes of several representations, averaged cell by cell.

In: a finished learning curve whose tasks have kept their weights. Out: the same with a task and a
file more for every fusion, classifier and draw. Nothing is fitted: cells of a fusion are those of
its members, on the same recordings of the same draw.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from semisup.curve.plan import Experiment
from semisup.curve.task import System, Task
from semisup.metrics import confusion, probability_scores
from semisup.study.spec import FusionSpec


def with_fusions(
    experiment: Experiment, parts: Sequence[Path], fusions: Mapping[str, FusionSpec], folder: Path
) -> tuple[Experiment, list[Path]]:
    """Return the experiment and its files with those of all fusions after them.

    A classifier that asks for recordings asks for others of each representation: it is not fused.
    """
    tasks, paths, test = list(experiment.tasks), list(parts), dict(experiment.test)
    by_key = {
        (task.system.representation, task.system.classifier, task.draw): (task, path)
        for task, path in zip(experiment.tasks, parts, strict=True)
        if task.system.spec.query is None
    }
    for name, fusion in fusions.items():
        test[name] = test[fusion.of[0]]
        for classifier, draw in dict.fromkeys(key[1:] for key in by_key):
            found = [by_key.get((member, classifier, draw)) for member in fusion.of]
            joined = [pair for pair in found if pair is not None]
            if len(joined) < len(fusion.of):
                continue
            first = joined[0][0]
            system = System(name, classifier, first.system.spec)
            tasks.append(first._replace(system=system))
            paths.append(folder / f"fused-{len(paths):05d}.npz")
            np.savez(paths[-1], **fused_cells(first, [path for _, path in joined], fusion))
    return replace(experiment, tasks=tasks, test=test), paths


def fused_cells(task: Task, parts: Sequence[Path], fusion: FusionSpec) -> dict[str, Any]:
    """Return the columns of `semisup.curve.cells.run_task` of a fusion's cells."""
    with ExitStack() as stack:
        cells = [stack.enter_context(np.load(path)) for path in parts]
        # of classifiers without probabilities the weights are decision values, or votes
        known = all(np.isfinite(one["probability"]).all() for one in cells)
        mean = fusion.mean if known else "arithmetic"
        weights = fused([one["weights"] for one in cells], mean)
        predicted = weights.round(12).argmax(axis=-1)
        chosen = np.take_along_axis(weights, predicted[..., None], axis=-1)[..., 0]
        return {
            "percentage": cells[0]["percentage"],
            "n_recordings": cells[0]["n_recordings"],
            "n_rows": sum(one["n_rows"] for one in cells),
            "confusion": np.stack(
                [confusion(task.truth, row, task.rules.n_classes) for row in predicted]
            ),
            "predicted": predicted.astype(np.int8),
            "probability": np.where(known, chosen, np.nan).astype(np.float32),
            "of_probabilities": np.stack(
                [probability_scores(row if known else None, task.truth) for row in weights]
            ),
            "seconds": sum(one["seconds"] for one in cells),
        }


def fused(weights: Sequence[np.ndarray], mean: str) -> np.ndarray:
    """Return the mean of weights (..., n_classes), the geometric one scaled to probabilities.

    Examples
    --------
    >>> fused([np.array([0.9, 0.1]), np.array([0.5, 0.5])], "arithmetic").tolist()
    [0.7, 0.3]
    >>> fused([np.array([0.9, 0.1]), np.array([0.5, 0.5])], "geometric").round(3).tolist()
    [0.75, 0.25]
    """
    stacked = np.stack(weights).astype(float)
    if mean == "arithmetic":
        return stacked.mean(axis=0)
    # a class that one member rules out is not ruled out for good by a rounded 0
    logs = np.log(np.clip(stacked, 1e-12, None)).mean(axis=0)
    shares = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))
