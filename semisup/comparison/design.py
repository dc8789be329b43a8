"""The design of a comparison: budgets, draws, test speakers, and the weights of the resamples.

In: scores, predictions, manifest and the settings of `[compare]`. Out: a `Design`, checked, and
what a reader should know about it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from semisup.comparison import predictions as predicted
from semisup.comparison.bootstrap import Weights, resample
from semisup.comparison.folds import Folds, folds_of
from semisup.comparison.predictions import Clusters, SystemName
from semisup.comparison.summary import require_metric
from semisup.engine.artefacts import fingerprint
from semisup.errors import SpecError, nearest
from semisup.study.compared import named_in
from semisup.study.spec import CompareSpec

#: With fewer test speakers a note warns. In the simulations of docs/STATISTICS.md the intervals of
#: 8 speakers cover what they should; fewer were not tried.
FEW_SPEAKERS = 8


@dataclass(frozen=True)
class Design:
    """The cells of a study, and how its systems are compared.

    Parameters
    ----------
    spec : CompareSpec
    seed : int
        Of resamples and permutations.
    metrics : tuple of str
        What systems are compared by.
    names : list of SystemName
        In the order of the scores.
    budgets : ndarray of shape (n_budgets,)
        In percent, ascending.
    n_draws : int
    classes : list of str
    tested : Clusters
        Class and speaker of the test recordings.
    weights : Weights
        The same for all systems, so that differences between them are paired.
    encoders : mapping of str to int
        How often each representation was trained.
    folds : Folds, optional
        Where every speaker is tested, as often as there are repeats.
    """

    spec: CompareSpec
    seed: int
    metrics: tuple[str, ...]
    names: list[SystemName]
    budgets: np.ndarray
    n_draws: int
    classes: list[str]
    tested: Clusters
    weights: Weights
    encoders: Mapping[str, int]
    folds: Folds | None = None

    @property
    def folds_a_repeat(self) -> int:
        """How many folds test every speaker once."""
        return self.folds.folds_a_repeat if self.folds else 1


def design_of(
    scores: pd.DataFrame,
    predictions: pd.DataFrame | Path,
    manifest: pd.DataFrame,
    spec: CompareSpec,
    seed: int,
    metrics: Sequence[str],
    encoders: Mapping[str, int] | None,
    splits: pd.DataFrame | None = None,
    repeats: int = 1,
) -> Design:
    """Gather what all systems share; parameters and errors as `table.compare` has them."""
    systems = scores[["representation", "classifier"]].drop_duplicates()
    names = [
        SystemName(str(row.representation), str(row.classifier)) for row in systems.itertuples()
    ]
    representations = list(dict.fromkeys(name.representation for name in names))
    _check_pairs(spec, representations)
    _check_metrics(metrics)
    n_draws = scores["draw"].nunique()
    trained = {name: (encoders or {}).get(name, 1) for name in representations}
    _check_encoders(trained, n_draws)
    classes = predicted.class_names(predictions, manifest)
    tested = predicted.clusters(predicted.recordings_of(predictions), manifest, classes)
    folds = None if splits is None else folds_of(splits, manifest, tested, repeats)
    n_draws *= repeats
    return Design(
        spec,
        seed,
        tuple(metrics),
        names,
        np.array(sorted(scores["percentage"].unique()), dtype=float),
        n_draws,
        classes,
        tested,
        resample(spec.resamples, n_draws, tested.n_speakers, generator("resamples", seed)),
        trained,
        folds,
    )


def generator(purpose: str, seed: int) -> np.random.Generator:
    """Return the random generator of a purpose: what one draws does not move the other."""
    return np.random.default_rng(int(fingerprint("compare", purpose, seed), 16))


def _check_encoders(encoders: dict[str, int], n_draws: int) -> None:
    """Refuse numbers for which differences of representations would not be nested."""
    several = {name: number for name, number in encoders.items() if number != 1}
    if any(not 1 <= number <= n_draws for number in several.values()):
        raise SpecError(
            f"Each representation has at least one encoder and at most one a draw, of which there "
            f"are {n_draws}; got {several}"
        )
    if len(set(several.values())) > 1:
        raise SpecError(f"All that were trained several times must be so as often; got {several}")


def _check_metrics(metrics: Sequence[str]) -> None:
    """Refuse what is better when it is lower: all words are of scores that should be high."""
    if low := [name for name in metrics if require_metric(name).lower_is_better]:
        raise SpecError(
            f"Systems are compared by scores that should be high; {' and '.join(low)} should be low"
        )


def _check_pairs(spec: CompareSpec, representations: list[str]) -> None:
    for key, name in named_in(spec):
        if name not in representations:
            hint = nearest(name, representations)
            raise SpecError(f"[compare] {key}: there is no representation '{name}'; {hint}")


def notes_on(design: Design) -> list[str]:
    """Return the limits of the data, one sentence each."""
    tested, notes = design.tested, []
    if tested.unknown:
        notes.append(
            f"The speakers of {tested.unknown} of {len(tested.truth)} test recordings are unknown: "
            "each such recording counts as a speaker of its own, so that intervals may be too "
            "narrow."
        )
    repeats = design.folds.n_repeats if design.folds else 1
    notes += _encoder_notes(max(design.encoders.values()), design.n_draws // repeats)
    notes += _fold_notes(design.folds)
    if design.n_draws == 1 and design.folds is None:
        notes.append(
            "There is one draw: the intervals cover the choice of test speakers, not that of the "
            "labelled recordings."
        )
    if 1 < tested.n_speakers < FEW_SPEAKERS:
        notes.append(
            f"There are {tested.n_speakers} test speakers only: the intervals rest on few."
        )
    if tested.n_speakers == 1:
        notes.append("There is one test speaker: the intervals cover the choice of draws alone.")
    return notes


def _fold_notes(folds: Folds | None) -> list[str]:
    if folds is None or folds.tells_pools:
        return []
    begin = "What other labelled and unlabelled speakers would change cannot be told"
    instead = "intervals are made wider by the correction of Nadeau and Bengio (2003) instead"
    if folds.n_repeats == 1:
        return [f"{begin} where each speaker is tested once: {instead}; repeats = 3 or more tells."]
    overlap = folds.mean_overlap
    return [
        f"{begin} from {folds.n_repeats} repeats of folds that learn from the same speakers by "
        f"{overlap:.0%}: {instead}; more repeats, or a smaller labelled subset, tell."
    ]


def _encoder_notes(encoders: int, n_draws: int) -> list[str]:
    notes = []
    if encoders == 2:
        notes.append("There are 2 encoders only: what another training changes rests on few.")
    if encoders > 1 and n_draws < 2 * encoders:
        notes.append(
            f"There are {n_draws} draws for {encoders} encoders, fewer than two each: the "
            "intervals cover both, but what each of them adds cannot be told."
        )
    return notes
