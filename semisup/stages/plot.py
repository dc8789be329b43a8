"""Stage 9: summary and comparison in, the learning-curve figures out, and those of networks."""

from collections.abc import Mapping
from pathlib import Path

from semisup.classifiers import classifier as class_of
from semisup.engine.step import Step
from semisup.figures.drawings import draw_curve, draw_network_history, draw_systems
from semisup.figures.study_tables import StudyTables
from semisup.stages.resolved import ResolvedStudy
from semisup.study.study import Study


def steps(study: ResolvedStudy) -> list[Step]:
    """Return the one step of this stage."""
    return [step_of(study, study.fingerprints.plot, _networks(study))]


def step_of(
    study: Study, fingerprint: str, networks: Mapping[Path, tuple[str, str]] | None = None
) -> Step:
    """Return the step that draws a study's scores, and the histories of networks if it has any.

    Parameters
    ----------
    study : Study
        Its tables alone are read.
    fingerprint : str
    networks : mapping of Path to (str, str), optional
        Classifier and representation of each network by the path of its histories.
    """
    networks = networks or {}
    outputs = (*_figures(study).values(), *_systems(study), *networks)
    return Step("plot", fingerprint, outputs, lambda: _make(study, networks))


def _figures(study: Study) -> dict[tuple[str, str], Path]:
    """Return the path of each figure by classifier ("" for the panel of all) and format."""
    return {
        (name, suffix): study.figures / f"learning_curve{name and '_' + name}.{suffix}"
        for name in ("", *study.spec.curve.classifiers)
        for suffix in study.spec.plot.formats
    }


def _systems(study: Study) -> list[Path]:
    return [study.figures / f"systems.{suffix}" for suffix in study.spec.plot.formats]


def _networks(study: Study) -> dict[Path, tuple[str, str]]:
    """Return classifier and representation of each network by the path of its histories."""
    curve = study.spec.curve
    return {
        study.figures / f"network_history_{classifier}_{name}.{suffix}": (classifier, name)
        for classifier in curve.classifiers
        if class_of(study.spec.classifier(classifier).kind).trained
        for name in study.spec.compared()
        if curve.runs(classifier, name)
        for suffix in study.spec.plot.formats
    }


def _make(study: Study, networks: Mapping[Path, tuple[str, str]]) -> None:
    from semisup.figures.style import save

    tables, metric = StudyTables(study.folder), study.spec.plot.metric
    for (classifier, _), path in _figures(study).items():
        save(draw_curve(tables, metric, classifier or None), path)
    for path in _systems(study):
        save(draw_systems(tables, metric), path)
    for path, (classifier, name) in networks.items():
        save(draw_network_history(tables, classifier, name), path)
