"""Stage 8: scores, predictions and losses in; the tables of the comparison out."""

from collections.abc import Sequence
from math import log
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from semisup import splits
from semisup.curve.plan import Experiment
from semisup.curve.task import Task
from semisup.engine.artefacts import write_table
from semisup.engine.progress import say
from semisup.engine.step import Step
from semisup.features.speakers import transductive
from semisup.features.tables import feature_names
from semisup.stages import agreement, curve
from semisup.stages.fingerprints import compared_metrics
from semisup.stages.resolved import ResolvedStudy
from semisup.study.compared import drawn_of, with_baseline

if TYPE_CHECKING:
    from semisup.comparison.table import Comparison

OUTPUTS = (
    "comparison.csv",
    "summary.csv",
    "variance.csv",
    "dummies.csv",
    "loss_data.csv",
    "probabilities.csv",
    "information.csv",
    "systems.csv",
)
#: Where a classifier asks for recordings.
QUERIES = "queries.csv"
#: Losses to reach, as shares of that of a guesser to whom all classes are the same.
EPSILONS = (0.9, 0.75, 0.5)


def steps(study: ResolvedStudy) -> list[Step]:
    """Return the one step of this stage."""
    names = (*OUTPUTS, QUERIES) if drawn_of(study.spec) else OUTPUTS
    outputs = tuple(study.folder / name for name in names)
    return [Step("compare", study.fingerprints.compare, outputs, lambda: _make(study))]


def _make(study: ResolvedStudy) -> None:
    # imported on use, as statistics bring SciPy along
    from semisup.comparison.chance import dummies
    from semisup.comparison.efficiency import loss_data
    from semisup.comparison.probabilities import probabilities

    folder = study.folder
    scores = pd.read_parquet(folder / "scores.parquet")
    result = _compared(study, scores)
    for note in result.notes:
        say(note, tone="caution")
    planned = curve.experiment(study.first)
    losses = pd.read_parquet(folder / "losses.parquet")
    tables = {
        "comparison": result.comparison,
        "summary": result.summary,
        "variance": result.variance,
        "dummies": dummies(_of_one_system(planned)),
        "loss_data": loss_data(
            losses, scores, epsilons_of(len(planned.classes), study.spec.compare.epsilons)
        ),
        "probabilities": probabilities(losses, _truths(study, planned)),
        "information": _information(study.first),
        "systems": result.systems,
    }
    for name, table in tables.items():
        write_table(folder / f"{name}.csv", table)
    agreement.write(study, planned.classes)
    (folder / QUERIES).unlink(missing_ok=True)
    if drawn_of(study.spec):
        write_table(folder / QUERIES, result.queries)


def _truths(study: ResolvedStudy, planned: Experiment) -> dict[str, np.ndarray]:
    """Return the classes of what is tested, by representation; with folds of all recordings."""
    fusions = study.spec.fusions
    if not study.is_folded:
        truths = {task.system.representation: task.truth for task in planned.tasks}
        return truths | {name: truths[fusion.of[0]] for name, fusion in fusions.items()}
    labels = splits.labels_of(study.manifest, study.split)
    tested = labels[study.split.index[study.split == "test"]].to_numpy()
    return dict.fromkeys([*study.compared, *fusions], tested)


def _of_one_system(planned: Experiment) -> list[Task]:
    """Return the tasks of one system: guessers look at classes alone, so those are all's."""
    return [task for task in planned.tasks if task.system == planned.tasks[0].system]


def _compared(study: ResolvedStudy, scores: pd.DataFrame) -> "Comparison":
    from semisup.comparison.table import analyse

    spec, trainings = study.spec, dict(study.trainings)
    for name, fusion in spec.fusions.items():
        trainings[name] = max(trainings[member] for member in fusion.of)
    return analyse(
        scores,
        study.folder / "predictions.parquet",
        study.manifest,
        with_baseline(spec),
        seed=spec.seed,
        metrics=compared_metrics(spec),
        encoders={name: trainings[name] for name in (*study.compared, *spec.fusions)},
        splits=study.split_table if study.is_folded else None,
        repeats=spec.split.repeats,
        transductive=transductive(study.kinds, spec.fusions),
        drawn={name: other for name, other in drawn_of(spec).items() if other},
    )


def epsilons_of(n_classes: int, epsilons: Sequence[float] | None) -> Sequence[float]:
    """Return the losses to reach that a study asks for, or shares of that of a guesser."""
    # one class has a uniform loss of 0, which no share of it could be below
    uniform = log(n_classes) if n_classes > 1 else 1.0
    return epsilons or [round(share * uniform, 4) for share in EPSILONS]


def _information(study: ResolvedStudy) -> pd.DataFrame:
    """Measure how well one code alone tells the class, or the speaker, of the labelled rows."""
    labels = splits.labels_of(study.manifest, study.split)
    speakers = study.manifest.set_index("recording")["speaker"]
    labelled = study.split.index[study.split == "labelled"]
    rows = []
    for name in study.compared:
        table = pd.read_parquet(study.table_paths(name)[0])
        # labels of the test subset are for scores alone
        rows_labelled = table[table["recording"].isin(labelled)]
        for factor, values in (("class", labels), ("speaker", speakers)):
            gap = _gap(rows_labelled, rows_labelled["recording"].map(values))
            rows.append((name, factor, *gap))
    return pd.DataFrame(
        rows, columns=["representation", "factor", "gap", "information", "best", "rows"]
    )


def _gap(table: pd.DataFrame, factor: pd.Series) -> tuple[float, float, str, int]:
    """Return gap, information (nats) and name of the best feature, and the number of rows."""
    names = feature_names(table)
    if len(names) < 2 or factor.nunique() < 2:
        return float("nan"), float("nan"), "", len(table)
    from semisup.comparison.information import mutual_information_gap

    result = mutual_information_gap(table[names].to_numpy(), factor.to_frame())
    best = int(result.information[:, 0].argmax())
    return result.gap, float(result.information[best, 0]), names[best], len(table)
