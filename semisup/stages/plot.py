"""Stage 9: the summary of the comparison in, the learning-curve figures out."""

from pathlib import Path

import pandas as pd

from semisup.artefacts import fingerprint
from semisup.plotting import notes_beside
from semisup.stages import compare
from semisup.study import Step, Study, dump
from semisup.study_tables import StudyTables

FORMAT = 2


def mark(study: Study) -> str:
    """Return the fingerprint of the figures."""
    return fingerprint("plot", FORMAT, dump(study.spec.plot), compare.mark(study))


def steps(study: Study) -> list[Step]:
    """Return the one step of this stage."""
    outputs = tuple(_figures(study).values())
    return [Step("plot", mark(study), outputs, lambda: _make(study))]


def _figures(study: Study) -> dict[tuple[str, str], Path]:
    """Return the path of each figure by classifier ("" for the panel of all) and format."""
    return {
        (name, suffix): study.figures / f"learning_curve{name and '_' + name}.{suffix}"
        for name in ("", *study.spec.curve.classifiers)
        for suffix in study.spec.plot.formats
    }


def _make(study: Study) -> None:
    from semisup.figures._style import save
    from semisup.figures.learning_curve import plot_learning_curve, plot_panel

    summary = pd.read_csv(study.folder / "summary.csv")
    metric = study.spec.plot.metric
    level = StudyTables(study.folder).chance(metric)
    notes = notes_beside(study.folder, study.representations())
    for (classifier, _), path in _figures(study).items():
        if classifier:
            axes = plot_learning_curve(summary, classifier, None, metric, level, notes)
            save(axes.figure, path)
        else:
            save(plot_panel(summary, metric, level, notes), path)
