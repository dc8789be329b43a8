"""Draws until a precision: how many are made, and how often their intervals hold the truth.

    python benchmarks/adaptive_draws.py [studies]

The first table is of the rule alone: scores of draws with a known mean, normal, skewed or of few
values; the interval is the mean ± the half-width asked for, as `[curve] draws = { until = ... }`
promises it of these test speakers. Beside it stands a fixed number of draws, the mean of the
adaptive ones. The second is of whole studies, those of `benchmarks/comparison.py`: intervals of
score and difference and the whole band, for new speakers and draws, with the draws of the rule and
with a number that is given, of the same studies.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from comparison import TRUTHS, simulate, true_scores
from threadpoolctl import threadpool_limits

from semisup.comparison.bootstrap import curves, resample
from semisup.comparison.interval import interval
from semisup.curve.precision import half_width, next_look, spread
from semisup.study.draws_spec import DrawsUntil

LEVEL, AT_MOST, N_BUDGETS = 0.95, 200, 8
#: Draws of whole studies that no rule chose: about as many as it does.
FIXED = 70
#: Half-widths asked for; the draws have a standard deviation of .1 at the first budget.
WIDTHS = (0.06, 0.03, 0.02)
#: Deviations by budget, falling as those of learning curves do, to 0 with all labels.
DEVIATIONS = np.r_[np.linspace(0.1, 0.02, N_BUDGETS - 1), 0.0]
#: Standard scores: mean 0, deviation 1.
SCORES: dict[str, Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]] = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "skewed": lambda rng, shape: 1 - rng.exponential(size=shape),
    "few values": lambda rng, shape: (rng.binomial(6, 0.8, shape) - 4.8) / np.sqrt(0.96),
}


def stopped(scores: np.ndarray, asked: DrawsUntil) -> int:
    """Return how many of the draws (n_draws, n_budgets) a study would have made."""
    done, wanted = 0, asked.at_least
    while wanted > done:
        done = wanted
        wanted = next_look({"one": scores[:done]}, {"one": 1}, LEVEL, asked)
    return done


def rule(kind: str, width: float, studies: int, at_least: int = 10) -> dict[str, float]:
    """Tell how often mean ± width holds the truth, at the widest budget and at all of them."""
    rng = np.random.default_rng(0)
    asked = DrawsUntil(until=width, at_least=at_least, at_most=AT_MOST)
    draws, widest, each = [], [], []
    for _ in range(studies):
        # half of a draw's luck is that of all budgets, as they are nested
        common = SCORES[kind](rng, (AT_MOST, 1))
        scores = DEVIATIONS * (common + SCORES[kind](rng, (AT_MOST, N_BUDGETS))) / np.sqrt(2)
        n_draws = stopped(scores, asked)
        error = np.abs(scores[:n_draws].mean(axis=0))
        draws.append(n_draws)
        widest.append(error[0] <= width)
        of_students = [half_width(sd, n_draws, 1, LEVEL) for sd in spread(scores[:n_draws])]
        each.append((error[:-1] <= of_students[:-1]).mean())
    return {
        "draws": float(np.mean(draws)),
        "widest": float(np.mean(widest)),
        "students": float(np.mean(each)),
    }


def whole(n_speakers: int, width: float, studies: int) -> dict[str, dict[str, float]]:
    """Tell how often intervals of simulated studies of two equal systems hold the truth.

    Each study is analysed with the draws of the rule, and with a number that it did not choose.
    """
    rng, etas = np.random.default_rng(n_speakers), TRUTHS["equal"]
    truth = true_scores(etas).a
    asked = DrawsUntil(until=width, at_least=10, at_most=AT_MOST)
    outcomes: dict[str, list[list[float]]] = {f"until ±{width:g}": [], f"{FIXED}": []}
    for study in range(studies):
        systems = simulate(etas, n_speakers, AT_MOST, rng)
        by_rule = max(stopped(_accuracy(system), asked) for system in systems)
        for name, n_draws in zip(outcomes, (by_rule, FIXED), strict=True):
            weights = resample(500, n_draws, n_speakers, np.random.default_rng(study))
            a, b = (
                curves(replace(one, predicted=one.predicted[:, :n_draws]), weights)["uar"]
                for one in systems
            )
            score, both = interval(a), interval(a - b)
            outcomes[name].append(
                [
                    n_draws,
                    np.mean((score.low <= truth) & (truth <= score.high)),
                    np.mean((both.low <= 0) & (both.high >= 0)),
                    ((both.low_simultaneous > 0) | (both.high_simultaneous < 0)).any(),
                ]
            )
    names = ("draws", "score", "difference", "ahead")
    return {
        name: dict(zip(names, np.mean(values, axis=0).tolist(), strict=True))
        for name, values in outcomes.items()
    }


def _accuracy(system) -> np.ndarray:
    """Return the scores of a system by draw and budget; classes are equal here, so it is UAR."""
    return (system.predicted == system.truth).mean(axis=-1).T


def rows(studies: int = 2000) -> Iterator[dict]:
    """Yield the coverage of the rule, for `make bench`."""
    for kind in SCORES:
        outcome = rule(kind, 0.03, studies)
        yield {
            "name": f"draws until half-width .03, {kind}: coverage",
            "ours": outcome["widest"],
            "baseline": LEVEL,
            "ratio": outcome["widest"] / LEVEL,
            "target": ">= 0.97",
            "unit": "share",
        }


def main(studies: int) -> None:
    print("| scores | asked | draws | mean ± asked holds | Student's interval holds |")
    print("|---|---|---|---|---|")
    for kind in SCORES:
        for width in WIDTHS:
            of_rule = rule(kind, width, studies)
            print(
                f"| {kind} | ±{width:g} | {of_rule['draws']:.0f} | {100 * of_rule['widest']:.1f} | "
                f"{100 * of_rule['students']:.1f} |",
                flush=True,
            )
    print("\n| speakers | draws | on average | score | difference | one is called ahead |")
    print("|---|---|---|---|---|---|")
    for n_speakers in (8, 24):
        for name, of_studies in whole(n_speakers, 0.015, max(studies // 10, 20)).items():
            print(
                f"| {n_speakers} | {name} | {of_studies['draws']:.0f} | "
                f"{100 * of_studies['score']:.1f} | {100 * of_studies['difference']:.1f} | "
                f"{100 * of_studies['ahead']:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    with threadpool_limits(1):
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
