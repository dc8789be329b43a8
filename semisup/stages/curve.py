"""Stage 7: feature tables in; scores, predictions, losses, histories and timings out."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from semisup.curve.cells import Task
from semisup.curve.learning_curve import (
    Experiment,
    gather_histories,
    gather_losses,
    gather_predictions,
    gather_scores,
    gather_timings,
    plan,
    run_cells,
)
from semisup.engine.artefacts import file_state, fingerprint, write_table, write_whole
from semisup.features.arrays import is_array
from semisup.stages import arrays, features, refit, split, train
from semisup.study.spec import RepresentationSpec
from semisup.study.study import Step, Study, dump, kind_of

FORMAT = 3


def mark(study: Study) -> str:
    """Return the fingerprint of the experiment."""
    spec = study.spec
    tables = {name: _table_marks(study, kind) for name, kind in study.representations().items()}
    kinds = {name: dump(spec.classifier(name)) for name in spec.curve.classifiers}
    files = [file_state(path) for name in kinds for path in study.classifier_files(name).values()]
    return fingerprint(
        "curve", FORMAT, spec.seed, dump(spec.curve), kinds, tables, split.mark(study), *files
    )


def steps(study: Study) -> list[Step]:
    """Return the one step of this stage."""
    names = (
        *("scores.parquet", "scores.csv"),
        *("predictions.parquet", "losses.parquet", "histories.parquet", "timings.parquet"),
    )
    outputs = tuple(study.folder / name for name in names)
    value = mark(study)
    parts = study.parts("curve", value)
    return [Step("curve", value, outputs, lambda: _make(study, parts), parts)]


def experiment(study: Study) -> Experiment:
    """Plan the study's learning curve from its feature tables on disk."""
    tables = {
        name: [
            arrays.table(path) if is_array(spec) else pd.read_parquet(path)
            for path in features.paths(study, name, spec)
        ]
        for name, spec in study.representations().items()
    }
    planned = plan(
        *(tables, study.manifest, study.split, study.spec.curve, study.spec.seed),
        study.classifiers(),
        arrays.of_study(study),
    )
    return replace(planned, tasks=[_scaled(study, task) for task in planned.tasks])


def _scaled(study: Study, task: Task) -> Task:
    """Scale what a kind says must be scaled, whatever the study says of the others."""
    kind = kind_of(study.representations()[task.representation])
    return task._replace(scale=getattr(kind, "SCALE", task.scale))


def _table_marks(study: Study, spec: RepresentationSpec) -> str | list[str]:
    """Return the fingerprints of a representation's tables; of one, as ever, a bare one."""
    if is_array(spec):
        return [features.mark(study, spec), getattr(spec, "pooling", "none")]
    marks = [features.mark(study, spec, number) for number in range(train.seeds(study, spec))]
    return marks if len(marks) > 1 else marks[0]


def _make(study: Study, folder: Path) -> None:
    planned = refit.with_fits(study, experiment(study), folder)
    parts = run_cells(planned, folder, study.workers)
    scores = gather_scores(planned, parts)
    write_table(study.folder / "scores.parquet", scores)
    write_table(study.folder / "scores.csv", scores)
    write_table(study.folder / "losses.parquet", gather_losses(planned, parts))
    write_table(study.folder / "histories.parquet", gather_histories(planned, parts))
    write_table(study.folder / "timings.parquet", gather_timings(planned, parts))
    write_whole(
        study.folder / "predictions.parquet", lambda path: _write_predictions(planned, parts, path)
    )


def _write_predictions(planned: Experiment, parts: list[Path], path: Path) -> None:
    """Write the predictions task by task: memory does not grow with their number."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    name = pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema(
        {"representation": name, "classifier": name, "percentage": pa.float64(), "draw": pa.int32(),
         "recording": name, "chunk": pa.int32(), "predicted": pa.int8(),
         "probability": pa.float32()},
        metadata={"classes": "\n".join(planned.classes)},
    )  # fmt: skip
    with pq.ParquetWriter(path, schema) as writer:
        for table in gather_predictions(planned, parts):
            writer.write_table(pa.Table.from_pandas(table, schema, preserve_index=False))
