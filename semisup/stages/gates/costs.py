"""What a study will take: cells, trainings and, where it is long, minutes.

In: a study that can run. Out: one line. A fit of each classifier on made-up rows is timed where
there are many of them; how long a training takes is known from an earlier one alone.
"""

import json
import time
from collections.abc import Mapping
from typing import Any

from semisup import splits
from semisup.classifiers import classifier
from semisup.curve.trial import Size, tried
from semisup.features.label_dependent import LabelDependent
from semisup.stages.gates.problem import Outlook
from semisup.stages.gates.searches import n_fits
from semisup.study.spec import ClassifierSpec

#: With fewer fits nobody waits for them, and none is timed.
MANY = 2_000
#: Numbers of a made-up row: as many as the hand-crafted features.
WIDTH = 136


def outlay(outlook: Outlook, classifiers: Mapping[str, ClassifierSpec], processes: int) -> str:
    """Count the cells and the trainings of a study, and estimate the minutes of long ones.

    Parameters
    ----------
    outlook : Outlook
    classifiers : mapping of str to ClassifierSpec
        Those of the curve whose parameters are right.
    processes : int
        How many work at once.
    """
    spec = outlook.study.spec
    folds = splits.n_splits(outlook.manifest, spec.split)
    systems = [(c, r) for c in classifiers for r in outlook.compared if spec.curve.runs(c, r)]
    budgets, draws = len(spec.curve.budgets()), spec.curve.n_draws()
    cells = folds * len(systems) * budgets * draws
    learned = [name for name, kind in outlook.kinds.items() if kind.models]
    trainings = folds * len(learned) * spec.train.seeds
    refits = folds * budgets * draws * len(_refitted(outlook))
    inner = {name: folds * n_fits(outlook, name, spec) for name, spec in classifiers.items()}
    choosing = sum(inner.values())
    counts = [
        f"{'at most ' * bool(spec.curve.precision())}{cells:,} cells",
        f"{choosing:,} fits that choose parameters" if choosing else "",
        f"{trainings:,} trainings" if trainings else "",
        f"{refits:,} fits of representations that see labels" if refits else "",
    ]
    begin = f"{folds} splits, " if folds > 1 else ""
    earlier = [_of_an_earlier_run(outlook, name) for name in learned]
    seconds = folds * spec.train.seeds * sum(earlier)
    if cells + choosing >= MANY:
        each = {name: _seconds(outlook, spec) for name, spec in classifiers.items()}
        fitting = folds * budgets * draws * sum(each[name] for name, _ in systems)
        fitting += sum(each[name] * inner[name] for name in inner)
        seconds += fitting / processes
    about = f", about {max(1, round(seconds / 60)):,} min by {processes} processes" * (seconds > 30)
    untimed = about and not all(earlier)
    more = " and what trainings take, of which none was timed yet" if untimed else ""
    return f"{begin}{' and '.join(filter(None, counts))}{about}{more}"


def _refitted(outlook: Outlook) -> set[str]:
    """Return the fits that representations share, by what they depend on."""
    kinds = [kind for kind in outlook.compared.values() if isinstance(kind, LabelDependent)]
    return {repr(sorted(kind.options.without(kind.shared).items())) for kind in kinds}


def _seconds(outlook: Outlook, spec: ClassifierSpec) -> float:
    """Time a fit on as many rows as half of the labels; networks are not tried."""
    if classifier(spec.kind).network or classifier(spec.kind).trained:
        return 0.0
    counts = outlook.of_subset("labelled")["label"].value_counts()
    size = Size(tuple(max(2, int(count) // 2) for count in counts), WIDTH)
    # the first brings its library along
    task = outlook.study.spec.task
    tried(spec, Size((2,) * len(counts), 2), task=task)
    began = time.perf_counter()
    tried(spec, size, task=task)
    return time.perf_counter() - began


def _of_an_earlier_run(outlook: Outlook, name: str) -> float:
    """Return the seconds of a training of the study's earlier runs, 0 where there is none."""
    folder = outlook.study.folder
    for path in (folder / "provenance.json", folder / "repeats" / "000" / "provenance.json"):
        noted: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        if step := noted.get("steps", {}).get(f"train {name}"):
            return float(step["seconds"])
    return 0.0
