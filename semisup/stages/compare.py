"""Stage 8: scores, predictions and losses in; the tables of the comparison out."""

from math import log

import pandas as pd

from semisup import splits
from semisup.comparison.chance import dummies
from semisup.comparison.efficiency import loss_data
from semisup.comparison.information import mutual_information_gap
from semisup.comparison.table import analyse
from semisup.engine.artefacts import write_table
from semisup.engine.progress import say
from semisup.engine.step import Step
from semisup.features.tables import feature_names
from semisup.stages import curve
from semisup.stages.fingerprints import compared_metrics
from semisup.stages.resolved import ResolvedStudy

OUTPUTS = (
    *("comparison.csv", "summary.csv", "variance.csv", "dummies.csv", "loss_data.csv"),
    *("information.csv", "systems.csv"),
)
#: Losses to reach, as parts of that of a guesser to whom all classes are the same.
EPSILONS = (0.9, 0.75, 0.5)


def steps(study: ResolvedStudy) -> list[Step]:
    """Return the one step of this stage."""
    outputs = tuple(study.folder / name for name in OUTPUTS)
    return [Step("compare", study.fingerprints.compare, outputs, lambda: _make(study))]


def _make(study: ResolvedStudy) -> None:
    folder, spec = study.folder, study.spec
    scores = pd.read_parquet(folder / "scores.parquet")
    encoders = {name: study.trainings[name] for name in study.compared}
    found = analyse(
        scores, folder / "predictions.parquet", study.manifest, spec.compare,
        seed=spec.seed, metrics=compared_metrics(spec), encoders=encoders,
    )  # fmt: skip
    for note in found.notes:
        say(note, style="yellow")
    planned = curve.experiment(study)
    first = planned.tasks[0]
    same = [task for task in planned.tasks if task.system == first.system]
    uniform = log(len(planned.classes)) if len(planned.classes) > 1 else 1.0
    epsilons = spec.compare.epsilons or [round(part * uniform, 4) for part in EPSILONS]
    losses = pd.read_parquet(folder / "losses.parquet")
    tables = (found.comparison, found.summary, found.variance, dummies(same),
              loss_data(losses, scores, epsilons), _information(study), found.systems)  # fmt: skip
    for name, table in zip(OUTPUTS, tables, strict=True):
        write_table(folder / name, table)


def _information(study: ResolvedStudy) -> pd.DataFrame:
    """Measure how well one code alone tells the class, or the speaker, of the labelled rows."""
    labels = splits.labels_of(study.manifest, study.split)
    speakers = study.manifest.set_index("recording")["speaker"]
    labelled = study.split.index[study.split == "labelled"]
    rows = []
    for name in study.compared:
        table = pd.read_parquet(study.table_paths(name)[0])
        own = table[table["recording"].isin(labelled)]
        for factor, known in (("class", labels), ("speaker", speakers)):
            rows.append((name, factor, *_gap(own, own["recording"].map(known))))
    return pd.DataFrame(
        rows, columns=["representation", "factor", "gap", "information", "best", "rows"]
    )


def _gap(table: pd.DataFrame, factor: pd.Series) -> tuple[float, float, str, int]:
    """Return gap, information (nats) and name of the best feature, and the number of rows."""
    names = feature_names(table)
    if len(names) < 2 or factor.nunique() < 2:
        return float("nan"), float("nan"), "", len(table)
    found = mutual_information_gap(table[names].to_numpy(), factor.to_frame())
    best = int(found.information[:, 0].argmax())
    return found.gap, float(found.information[best, 0]), names[best], len(table)
