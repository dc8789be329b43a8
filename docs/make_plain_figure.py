"""Draw plain_intervals.png: what it means that 95 % of the intervals hold the truth.

Run ``python docs/make_plain_figure.py``.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import t

TRUTH, SPEAKERS, STUDIES = 0.60, 12, 40
#: Standard deviation of the speakers' scores.
SPREAD = 0.12
#: One whose studies miss as often as is to be expected, twice in forty.
SEED = 1


def intervals() -> tuple[np.ndarray, np.ndarray]:
    """Simulate studies: the score of each, and half the width of its 95 % interval."""
    scores = np.random.default_rng(SEED).normal(TRUTH, SPREAD, (STUDIES, SPEAKERS))
    error = scores.std(axis=1, ddof=1) / np.sqrt(SPEAKERS)
    return scores.mean(axis=1), error * t.ppf(0.975, SPEAKERS - 1)


def figure() -> Figure:
    """Draw a line a study, in colour where it misses the truth."""
    score, half = intervals()
    misses = np.abs(score - TRUTH) > half
    drawn = Figure(figsize=(7, 3.2), layout="constrained")
    axes = drawn.add_subplot()
    axes.axhline(TRUTH, color="black", linewidth=1)
    axes.annotate("truth", (STUDIES + 0.6, TRUTH + 0.004), va="bottom")
    for which, colour, label in (
        (~misses, "tab:blue", f"{(~misses).sum()} hold it"),
        (misses, "tab:red", f"{misses.sum()} miss it"),
    ):
        place = np.flatnonzero(which) + 1
        axes.errorbar(
            place, score[which], half[which], fmt="o", color=colour, markersize=3, label=label
        )
    axes.set(xlabel="study, each with twelve other test speakers", ylabel="score", xlim=(0, 43.5))
    axes.legend(loc="upper left", ncols=2, frameon=False)
    axes.set_ylim(top=0.84)
    axes.spines[["top", "right"]].set_visible(False)
    return drawn


if __name__ == "__main__":
    figure().savefig(Path(__file__).with_name("plain_intervals.png"), dpi=150)
