"""Steps from predictions made elsewhere to a report: those of a study from its curve on."""

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np
import pandas as pd

from semisup.comparison.table import Comparison
from semisup.curve.predictions_file import write_predictions
from semisup.elsewhere.gathered import Predictions, Scores
from semisup.elsewhere.recordings import unpredicted
from semisup.elsewhere.tables import (
    classes_of_cells,
    losses_of,
    matrices_of,
    predictions_of,
    scores_of,
)
from semisup.engine.artefacts import (
    fingerprint,
    table_fingerprint,
    write_json,
    write_table,
    write_whole,
)
from semisup.engine.progress import say
from semisup.engine.step import Step
from semisup.stages import plot, report
from semisup.stages.compare import epsilons_of
from semisup.stages.fingerprints import compared_metrics, of_step
from semisup.study.compared import with_baseline
from semisup.study.study import Study, dump

#: What a study's curve, manifest and split leave; of scores alone the first two.
WRITTEN = (
    "scores.parquet",
    "scores.csv",
    "predictions.parquet",
    "losses.parquet",
    "per_class.csv",
    "manifest.parquet",
    "split.csv",
    "split.json",
    "transductive.json",
)
COMPARED = ("comparison.csv", "summary.csv", "variance.csv", "systems.csv")
OF_PROBABILITIES = ("loss_data.csv", "probabilities.csv")
#: How the comparison was asked for; nothing else is of that.
COMMAND = "elsewhere.json"
NOT_TOLD = (
    "The predictions were made elsewhere: which recordings they were learned from is not told, nor "
    "whether a tested speaker is among them."
)
CROSSED = (
    "The predictions were made elsewhere: each fold is taken to be learned from all recordings "
    "that it does not test."
)
SCORES_ALONE = (
    "There are scores alone, no predictions: intervals cover the choice of draws, not that of test "
    "recordings, and are narrower than those of a study."
)
CHECKED = (
    "The predictions were made elsewhere: that they were learned from this split alone is on those "
    "who made them."
)


def steps(study: Study, data: Predictions | Scores, command: str) -> Iterator[Step]:
    """Yield the steps in order; the last depend on what those before wrote."""
    has_predictions = isinstance(data, Predictions)
    made_of = fingerprint("elsewhere", 1, _of(data), command)
    written = WRITTEN if has_predictions else WRITTEN[:2]
    outputs = tuple(study.folder / name for name in (*written, COMMAND))
    yield Step("predictions", made_of, outputs, partial(_write, study, data, command))
    spec = study.spec
    settings = dump(with_baseline(spec)), spec.seed, compared_metrics(spec)
    compared = of_step("compare", settings, made_of)
    told = (*COMPARED, *OF_PROBABILITIES) if has_predictions else COMPARED
    outputs = tuple(study.folder / name for name in told)
    yield Step("compare", compared, outputs, partial(_compare, study, data))
    drawn = of_step("plot", dump(spec.plot), compared)
    yield plot.step_of(study, drawn)
    yield from report.steps(study)


def _of(data: Predictions | Scores) -> object:
    """Return what tells these tables from others."""
    if isinstance(data, Scores):
        return table_fingerprint(data.table)
    cells = data.cells
    rows = cells.rows.assign(recording=cells.rows["recording"].astype(str))
    shares = None if cells.shares is None else table_fingerprint(pd.DataFrame(cells.shares))
    tables = [table_fingerprint(table) for table in (rows, data.manifest, data.splits)]
    return [tables, shares, cells.systems, cells.classes, data.transductive]


def _write(study: Study, data: Predictions | Scores, command: str) -> None:
    folder = study.folder
    # of other predictions that were compared under this name
    for name in (*WRITTEN, *COMPARED, *OF_PROBABILITIES):
        (folder / name).unlink(missing_ok=True)
    scores = data.table
    if isinstance(data, Predictions):
        scores = _write_predictions(study, data)
    write_table(folder / "scores.parquet", scores)
    write_table(folder / "scores.csv", scores)
    write_json(folder / COMMAND, {"command": command})
    write_json(folder / "cautions.json", [] if isinstance(data, Predictions) else [SCORES_ALONE])


def _write_predictions(study: Study, data: Predictions) -> pd.DataFrame:
    """Write what a study's curve, manifest and split would be; return the scores."""
    folder, cells = study.folder, data.cells
    matrices = matrices_of(cells)
    write_table(folder / "manifest.parquet", data.manifest)
    write_json(folder / "transductive.json", data.transductive)
    write_table(folder / "split.csv", data.splits)
    note = CHECKED if data.is_split_known else CROSSED if cells.is_folded else NOT_TOLD
    keyed = cells.rows if cells.is_folded else cells.rows.drop(columns="repeat")
    write_json(folder / "split.json", {"warnings": [note, *unpredicted(keyed, data.splits)]})
    write_table(folder / "per_class.csv", classes_of_cells(cells, matrices))
    write_table(folder / "losses.parquet", losses_of(cells))
    write_whole(
        folder / "predictions.parquet",
        lambda path: write_predictions(path, predictions_of(cells), cells.classes, cells.is_folded),
    )
    return scores_of(cells, matrices)


def _compare(study: Study, data: Predictions | Scores) -> None:
    folder = study.folder
    scores = pd.read_parquet(folder / "scores.parquet")
    others: Mapping[str, pd.DataFrame] = {}
    if isinstance(data, Scores):
        result = _compared_scores(study, scores)
    else:
        result = _compared(study, data, scores)
        others = _of_probabilities(study, data, scores)
    for note in result.notes:
        say(note, tone="caution")
    tables = {name: getattr(result, name.removesuffix(".csv")) for name in COMPARED}
    for name, table in {**tables, **others}.items():
        write_table(folder / name, table)


def _compared_scores(study: Study, scores: pd.DataFrame) -> Comparison:
    from semisup.comparison.scores_alone import analyse_scores

    spec = study.spec
    return analyse_scores(scores, spec.plot.metric, with_baseline(spec), spec.seed)


def _compared(study: Study, data: Predictions, scores: pd.DataFrame) -> Comparison:
    from semisup.comparison.table import analyse

    spec = study.spec
    return analyse(
        scores,
        study.folder / "predictions.parquet",
        data.manifest,
        with_baseline(spec),
        seed=spec.seed,
        metrics=compared_metrics(spec),
        splits=data.splits if data.cells.is_folded else None,
        repeats=data.repeats,
        transductive=data.transductive,
    )


def _of_probabilities(
    study: Study, data: Predictions, scores: pd.DataFrame
) -> Mapping[str, pd.DataFrame]:
    """Return what is told of probabilities, tables without rows where there are none."""
    from semisup.comparison.efficiency import loss_data
    from semisup.comparison.probabilities import probabilities

    losses = pd.read_parquet(study.folder / "losses.parquet")
    cells = data.cells
    first = cells.rows.drop_duplicates(["repeat", "recording", "chunk"])
    truths: dict[str, np.ndarray] = dict.fromkeys(
        study.spec.compared(), first["truth"].to_numpy(np.int64)
    )
    epsilons = epsilons_of(len(cells.classes), study.spec.compare.epsilons)
    tables = loss_data(losses, scores, epsilons), probabilities(losses, truths)
    return dict(zip(OF_PROBABILITIES, tables, strict=True))
