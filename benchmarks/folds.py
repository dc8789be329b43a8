"""How often intervals hold the truth where pools are drawn anew, and what folds resolve.

    python benchmarks/folds.py coverage [studies]
    python benchmarks/folds.py power [studies]

Studies are simulated: whether a recording is classified correctly is a probit of the budget, the
test speaker, the pool of labelled and unlabelled speakers, the draw, the recording and chance; what
a pool is worth is the mean of what its speakers are worth to learn from. True scores are those of
new speakers and new pools, in closed form. Equal systems are all alike; of a pair the first is
better by a difference of UAR at every budget.
"""

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy.special import ndtri
from threadpoolctl import threadpool_limits

from semisup.comparison.area import area_weights
from semisup.comparison.bootstrap import Curve, curves, resample
from semisup.comparison.folds import Folds
from semisup.comparison.interval import interval
from semisup.comparison.predictions import System
from semisup.comparison.systems import half_widths, last_values
from semisup.curve.target import Classes

CLASSES, DRAWS, RECORDINGS = 3, 3, 12
BUDGETS = np.array([10.0, 20.0, 50.0, 100.0])
LEVELS = np.array([0.50, 0.55, 0.60, 0.64])
#: Standard deviations on the probit scale: shared by all systems, and each system's own.
SHARED = {"speaker": 0.35, "recording": 0.6, "pool": 0.10}
OWN = {"speaker": 0.2, "recording": 0.4, "pool": 0.08, "draw": 0.12, "noise": 0.8}
SPREAD = np.sqrt(sum(sd**2 for sd in (*SHARED.values(), *OWN.values())))


class Design(NamedTuple):
    """Speakers, how often each is tested, folds a repeat (0: one split, a third is tested)."""

    speakers: int
    repeats: int
    folds: int


DESIGNS = (
    *(Design(10, 1, 5), Design(10, 1, 10), Design(10, 4, 5), Design(10, 4, 10)),
    *(Design(12, 3, 4), Design(24, 1, 6), Design(24, 3, 6), Design(24, 3, 24)),
)


class Deal(NamedTuple):
    """The folds of a study: who is tested where, and who is in the pool of each."""

    of_speaker: np.ndarray  # (n_repeats, n_speakers); -1 where nobody tests
    pools: np.ndarray  # (n_folds, n_speakers), whether a speaker is in it

    @property
    def folds(self) -> Folds:
        """What the comparison knows of them."""
        size = np.sqrt(self.pools.sum(axis=1))
        return Folds(self.of_speaker, self.pools @ self.pools.T / np.outer(size, size))


def dealt(design: Design, rng: np.random.Generator) -> Deal:
    """Deal the speakers; half of those who are not tested are the pool that labels come from."""
    n = design.speakers
    number, pools = np.full((design.repeats, n), -1), []
    for repeat in range(design.repeats):
        order = rng.permutation(n)
        tests = np.array_split(order, design.folds) if design.folds else [order[: n // 3]]
        for test in tests:
            number[repeat, test] = len(pools)
            others = np.setdiff1d(np.arange(n), test)
            pools.append(np.isin(np.arange(n), rng.choice(others, len(others) // 2, False)))
    return Deal(number, np.array(pools, float))


def study(design: Design, levels: list[np.ndarray], rng: np.random.Generator) -> list[Curve]:
    """Return the learning curves of systems whose true UAR by budget is given."""
    deal = dealt(design, rng)
    shared = _effects(SHARED, deal, rng)
    systems = [_system(ndtri(level) * SPREAD, shared, deal, rng) for level in levels]
    n_speakers = systems[0].speaker.max() + 1
    weights = resample(300, design.repeats * DRAWS, n_speakers, rng)
    folds = deal.folds if design.folds else None
    return [curves(system, weights, 1, folds)["uar"] for system in systems]


def _effects(sds: dict[str, float], deal: Deal, rng: np.random.Generator) -> np.ndarray:
    """Draw what speakers, recordings and pools add: (n_repeats, n_speakers, n_recordings)."""
    n_speakers = deal.of_speaker.shape[1]
    worth = rng.normal(size=n_speakers)
    pool = deal.pools @ worth / np.sqrt(deal.pools.sum(axis=1))
    return (
        sds["speaker"] * rng.normal(size=(1, n_speakers, 1))
        + sds["recording"] * rng.normal(size=(1, n_speakers, RECORDINGS))
        + sds["pool"] * pool[deal.of_speaker][:, :, None]
    )


def _system(eta: np.ndarray, shared: np.ndarray, deal: Deal, rng: np.random.Generator) -> System:
    """Predict every recording of the test speakers: (n_budgets, n_repeats * n_draws, n_units)."""
    n_repeats, n_speakers = deal.of_speaker.shape
    own = _effects(OWN, deal, rng)
    draw = OWN["draw"] * rng.normal(size=(len(deal.pools), DRAWS))[deal.of_speaker]
    shape = (len(eta), n_repeats, DRAWS, n_speakers, RECORDINGS)
    latent = (
        eta[:, None, None, None, None]
        + (shared + own)[None, :, None]
        + draw.transpose(0, 2, 1)[None, ..., None]
        + OWN["noise"] * rng.normal(size=shape)
    )
    truth = np.tile(np.arange(RECORDINGS) % CLASSES, (n_speakers, 1))
    other = (truth + rng.integers(1, CLASSES, shape)) % CLASSES
    predicted = np.where(latent > 0, truth, other)
    tested = (deal.of_speaker >= 0).any(axis=0)
    units = predicted[..., tested, :].reshape(len(eta), n_repeats * DRAWS, -1)
    speaker = np.repeat(np.arange(tested.sum()), RECORDINGS)
    return System(units.astype(np.int8), truth[tested].ravel(), speaker, Classes(CLASSES))


def holds(design: Design, better: float, rng: np.random.Generator) -> dict[str, float]:
    """Tell for each interval of one study of two systems whether it holds the truth."""
    levels = [LEVELS + better, LEVELS]
    a, b = study(design, levels, rng)
    score, bounds = interval(a), interval(a - b)
    area = interval((a - b).mapped(area_weights(BUDGETS, log=True)[None]))
    band = (bounds.low_simultaneous <= better) & (better <= bounds.high_simultaneous)
    of_score = (score.low_simultaneous <= levels[0]) & (levels[0] <= score.high_simultaneous)
    return {
        "score": ((score.low <= levels[0]) & (levels[0] <= score.high)).mean(),
        "difference": ((bounds.low <= better) & (better <= bounds.high)).mean(),
        "area": float(area.low[0] <= better <= area.high[0]),
        "band of the score": float(of_score.all()),
        "band of the difference": float(band.all()),
        "resolved": float((bounds.low_simultaneous > 0).any()),
        "half-width": float((bounds.high - bounds.low).mean() / 2),
    }


def called_worse(design: Design, n_systems: int, rng: np.random.Generator) -> bool:
    """Tell whether one of equal systems is called worse than the best."""
    scores = last_values(study(design, [LEVELS] * n_systems, rng))
    best = int(scores.estimate.argmax())
    high = scores.estimate - scores.estimate[best] + half_widths(scores, best, 0.95)
    return bool((high < 0).any())


def rows() -> Iterator[dict[str, Any]]:
    """Yield how often intervals hold the truth of 12 speakers in three repeats of four folds."""
    design, names = Design(12, 3, 4), ("score", "difference", "area")
    with threadpool_limits(1):
        held = [holds(design, 0.0, np.random.default_rng([n, *design])) for n in range(100)]
    for name in names:
        yield {
            "name": f"folds: 95 % interval of {'an' if name == 'area' else 'a'} {name} holds",
            "ours": 100 * float(np.mean([one[name] for one in held])),
            "baseline": None,
            "ratio": None,
            "target": ">= 88",
            "unit": "% of 100 studies",
        }


def coverage(studies: int) -> None:
    """Print how often intervals hold the truth, and how often equal systems are told apart."""
    columns = ["score", "difference", "area", "band of the score", "band of the difference"]
    print(f"| speakers | repeats | folds | {' | '.join(columns)} | of 6 equal one is worse |")
    print("|" + "---|" * (len(columns) + 4))
    for design in DESIGNS:
        rngs = [np.random.default_rng([number, *design]) for number in range(studies)]
        held = [holds(design, 0.0, rng) for rng in rngs]
        worse = np.mean([called_worse(design, 6, rng) for rng in rngs[: studies // 2]])
        cells = [f"{100 * np.mean([one[name] for one in held]):.1f}" for name in columns]
        numbers = " | ".join(map(str, design))
        print(f"| {numbers} | {' | '.join(cells)} | {100 * worse:.1f} |", flush=True)


def power(studies: int) -> None:
    """Print how often a true difference is resolved: by one split, and by folds."""
    print("| speakers | repeats | folds | .05 | half-width | .10 |")
    print("|---|---|---|---|---|---|")
    for design in (Design(10, 1, 0), Design(24, 1, 0), *DESIGNS):
        results = {
            better: [
                holds(design, better, np.random.default_rng([number, *design]))
                for number in range(studies)
            ]
            for better in (0.05, 0.10)
        }
        shares = {
            better: np.mean([one["resolved"] for one in held]) for better, held in results.items()
        }
        width = np.median([one["half-width"] for one in results[0.05]])
        numbers = " | ".join(str(number or "one split") for number in design)
        cells = f"{100 * shares[0.05]:.0f} % | {width:.3f} | {100 * shares[0.10]:.0f} %"
        print(f"| {numbers} | {cells} |", flush=True)


if __name__ == "__main__":
    what, *more = sys.argv[1:] or ["coverage"]
    with threadpool_limits(1):
        {"coverage": coverage, "power": power}[what](int(more[0]) if more else 500)
