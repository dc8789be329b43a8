"""How often intervals of a CCC, and of a difference of two, hold the truth of a population.

``python benchmarks/ccc.py [STUDIES]`` prints a table for docs/STATISTICS.md. Speakers have
levels of their own in truth and prediction; draws shift a system's predictions, as other labels do.
"""

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import integrate, stats

from semisup.comparison.bootstrap import Curve, curves, resample
from semisup.comparison.interval import interval
from semisup.comparison.predictions import System
from semisup.curve.target import Numbers

#: Variances: of speakers and recordings in the truth; of speakers, recordings and draws in errors.
SPEAKER, RECORDING, ERROR_SPEAKER, ERROR, SHIFT = 0.2, 0.8, 0.1, 0.5, 0.1
EACH, RESAMPLES = 12, 1000


def truth_of(slope: float) -> float:
    """Return the mean over draws of the CCC of a system in the whole population."""
    true = SPEAKER + RECORDING
    predicted = slope**2 * true + ERROR_SPEAKER + ERROR

    def at(shift: float) -> float:
        return float(2 * slope * true / (true + predicted + shift**2))

    density = stats.norm(scale=SHIFT**0.5).pdf
    return float(integrate.quad(lambda x: at(x) * density(x), -3, 3)[0])


def study(
    slopes: tuple[float, float], n_speakers: int, n_draws: int, rng: np.random.Generator
) -> list[Curve]:
    """Return the curves of two systems, of one budget, on the same test speakers."""
    speaker = np.repeat(np.arange(n_speakers), EACH)
    level = rng.normal(0, SPEAKER**0.5, n_speakers)
    truth = level[speaker] + rng.normal(0, RECORDING**0.5, len(speaker))
    weights = resample(RESAMPLES, n_draws, n_speakers, rng)
    found = []
    for slope in slopes:
        error = rng.normal(0, ERROR_SPEAKER**0.5, n_speakers)[speaker]
        error = error + rng.normal(0, ERROR**0.5, (n_draws, len(speaker)))
        shift = rng.normal(0, SHIFT**0.5, (n_draws, 1))
        predicted = (slope * truth + error + shift).astype(np.float32)
        found.append(curves(System(predicted[None], truth, speaker, Numbers()), weights)["ccc"])
    return found


def coverage(n_speakers: int, n_draws: int, studies: int, seed: int) -> tuple[float, float]:
    """Return how often the interval of a score and of a difference held the population's."""
    rng, slopes = np.random.default_rng(seed), (0.8, 0.5)
    targets = [truth_of(slope) for slope in slopes]
    held = np.zeros(2)
    for _ in range(studies):
        first, second = study(slopes, n_speakers, n_draws, rng)
        for place, (curve, target) in enumerate(
            ((first, targets[0]), (first - second, targets[0] - targets[1]))
        ):
            bounds = interval(curve, 0.95, "percentile")
            held[place] += bounds.low[0] <= target <= bounds.high[0]
    return tuple(held / studies)


def rows() -> Iterator[dict[str, Any]]:
    """Yield how often the two intervals hold the truth, with 16 test speakers and 10 draws."""
    for name, share in zip(("a CCC", "a difference of two"), coverage(16, 10, 100, 0), strict=True):
        yield {
            "name": f"95 % interval of {name} holds the truth",
            "ours": 100 * share,
            "baseline": None,
            "ratio": None,
            "target": ">= 88",
            "unit": "% of 100 studies",
        }


def main() -> None:
    """Print the table."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    print("| test speakers | draws | a CCC | a difference |\n|---|---|---|---|")
    for n_speakers in (4, 8, 16, 32):
        for n_draws in (3, 10):
            score, difference = coverage(n_speakers, n_draws, studies, 1000 * n_speakers + n_draws)
            print(f"| {n_speakers} | {n_draws} | {score:.3f} | {difference:.3f} |", flush=True)


if __name__ == "__main__":
    main()
