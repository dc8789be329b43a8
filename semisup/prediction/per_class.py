"""Scores of every class of one system, with intervals over draws and test speakers."""

import numpy as np

from semisup.comparison.bootstrap import Curve
from semisup.comparison.design import Design, design_of
from semisup.comparison.interval import interval
from semisup.comparison.predictions import systems
from semisup.figures.study_tables import StudyTables
from semisup.prediction.about import Score
from semisup.stages.resolved import ResolvedStudy
from semisup.study.table import Table


class OfClass(Table):
    """A class: how much of it is found, and how much of what is called so is of it.

    Parameters
    ----------
    name : str
    recall : Score
        With its interval.
    precision : float, optional
        Over all draws; None where nothing was called so.
    tested : int
        Test units of the class in one draw.
    """

    name: str
    recall: Score
    precision: float | None
    tested: int


def class_scores(study: ResolvedStudy, system: str) -> list[OfClass]:
    """Score the classes at the largest label budget, from the predictions of the test."""
    classifier, representation = system.split("@", 1)
    design = _design(study, representation, classifier)
    (tested,) = systems(
        study.folder / "predictions.parquet",
        [(representation, classifier)],
        design.tested,
        design.folds_a_repeat,
    )
    # true and predicted class, draw, speaker
    counts = tested.counts(-1, design.tested.n_speakers).astype(float)
    hits, true = np.einsum("ccds->cds", counts), counts.sum(axis=1)
    curve = recall_curve(hits, true, design, design.encoders[representation])
    bounds = interval(curve, design.spec.level, design.spec.interval).within(0, 1)
    named = counts.sum(axis=(0, 2, 3))
    return [
        OfClass(
            name=name,
            recall=Score.of(curve.estimate[place], bounds.low[place], bounds.high[place]),
            precision=hits[place].sum() / named[place] if named[place] else None,
            tested=int(true[place, 0].sum()),
        )
        for place, name in enumerate(design.classes)
    ]


def recall_curve(hits: np.ndarray, true: np.ndarray, design: Design, encoders: int = 1) -> Curve:
    """Return the recalls of all classes with their resamples, as a curve has budgets.

    Parameters
    ----------
    hits, true : ndarray of shape (n_classes, n_draws, n_speakers)
        Test units that are found, and all.
    design : Design
    encoders : int
        Draw d is of the encoder d mod `encoders`.
    """
    by_draw = _recall(hits.sum(axis=2), true.sum(axis=2))
    drawn, speakers = design.weights.draws, design.weights.speakers
    of_resamples = _recall(hits @ speakers.T, true @ speakers.T)  # class, draw, resample
    resampled = np.einsum("cdr,rd->rc", of_resamples, drawn) / drawn.shape[1]
    n = design.tested.n_speakers
    without = by_draw[:, :, None]
    if n > 1:
        without = _recall(
            hits.sum(axis=2, keepdims=True) - hits, true.sum(axis=2, keepdims=True) - true
        )
    pseudo = n * by_draw[:, :, None] - (n - 1) * without
    return Curve(by_draw.mean(axis=1), resampled, pseudo, encoders, design.folds)


def _recall(hits: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Return shares, 0 where a resample has nobody of the class, as scikit-learn counts it."""
    return np.divide(hits, true, out=np.zeros_like(hits), where=true > 0)


def _design(study: ResolvedStudy, representation: str, classifier: str) -> Design:
    scores, spec = StudyTables(study.folder).scores, study.spec
    of_system = scores[
        (scores["representation"] == representation) & (scores["classifier"] == classifier)
    ]
    return design_of(
        of_system,
        study.folder / "predictions.parquet",
        study.manifest,
        # pairs and baseline may be of representations that this system is not of
        spec.compare.model_copy(update={"pairs": None, "baseline": None}),
        spec.seed,
        ("uar",),
        {representation: study.trainings[representation]},
        study.split_table if study.is_folded else None,
        spec.split.repeats,
    )
