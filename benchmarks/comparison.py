"""The speed of the comparison of a large study, and how often its intervals hold the truth.

    python benchmarks/comparison.py timing
    python benchmarks/comparison.py coverage [studies] [equal | crossover]
    python benchmarks/comparison.py encoders [studies]
    python benchmarks/comparison.py systems [studies]
    python benchmarks/comparison.py saved [studies]
    python benchmarks/comparison.py losses [studies]

Studies of the second are simulated: whether a recording is classified correctly is a probit of the
budget, the draw, the speaker, the recording and chance, so that the true scores have a closed form.
Those of the third are tables of scores by draw and speaker, the draws nested in encoders; those of
the fourth have many systems that are equally good, and none should be called worse than another.
The fifth tells how often labels saved are printed, and how often they are true where they are; the
last how often a curve is said to fall that does not, and that does.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtrit
from threadpoolctl import threadpool_limits

from semisup.comparison.area import area_weights
from semisup.comparison.bootstrap import Curve, curves, resample
from semisup.comparison.crossover import crossover, labels_saved
from semisup.comparison.interval import interval
from semisup.comparison.monotone import largest_loss
from semisup.comparison.nested import encoder_of
from semisup.comparison.predictions import System
from semisup.comparison.systems import half_widths
from semisup.comparison.table import analyse
from semisup.comparison.variance import variance
from semisup.curve.target import Classes
from semisup.metrics import CLASS_METRICS

CLASSES = 3
BUDGETS = np.array([2, 5, 10, 15, 20, 30, 40, 50, 60, 80, 100], dtype=float)
#: Standard deviations on the probit scale: shared by both systems, and each system's own.
SHARED = {"speaker": 0.35, "recording": 0.6}
OWN = {"draw": 0.12, "speaker": 0.2, "recording": 0.4, "noise": 0.8}
SPREAD = np.sqrt(sum(sd**2 for sd in (*SHARED.values(), *OWN.values())))
CROSSING = 20.0
#: The true curves of a and b on the probit scale.
TRUTHS = {
    "equal": [0.1 + 0.25 * np.log(BUDGETS / 2)] * 2,
    "crossover": [
        0.1 + slope * (np.log(BUDGETS) - np.log(CROSSING)) + 0.25 * np.log(CROSSING / 2)
        for slope in (0.4, 0.1)
    ],
}
#: On the probit scale, of systems of which the first saves labels: more or fewer of them.
SAVING = {
    "55 %": [0.15 + TRUTHS["equal"][0], TRUTHS["equal"][0]],
    "31 %": [0.3 + TRUTHS["equal"][0], TRUTHS["equal"][0]],
    "30 %, crossing": TRUTHS["crossover"],
    "14 %": [0.5 + TRUTHS["equal"][0], TRUTHS["equal"][0]],
}
#: On the probit scale: two curves that do not fall, and three that do, by so much of UAR.
FALLING = {
    "flat": np.full(len(BUDGETS), 0.5),
    "plateau": np.minimum(0.1 + 0.35 * np.log(BUDGETS / 2), 0.9),
    "falls by .055 from 60 %": np.where(BUDGETS >= 60, 0.33, 0.5),
    "falls by .11 from 60 %": np.where(BUDGETS >= 60, 0.16, 0.5),
    "dips by .11 at 20 and 30 %": np.where((BUDGETS >= 20) & (BUDGETS <= 30), 0.16, 0.5),
}
DESIGNS = ((8, 5), (8, 20), (16, 10), (24, 3), (24, 10))
#: Encoders, draws, speakers.
NESTED_DESIGNS = ((2, 10, 8), (2, 10, 24), (3, 12, 16), (5, 10, 24), (5, 20, 16))
#: Standard deviations of draw, speaker, residual, encoder, encoder x speaker.
NESTED_SDS = {
    "none": (1, 2, 1, 0, 0),
    "small": (0.5, 2, 1, 0.5, 0.5),
    "as a draw's": (1, 2, 1, 1, 0.5),
    "most of all": (1, 1, 1, 2, 1),
}


def simulate(etas: list, n_speakers: int, n_draws: int, rng: np.random.Generator) -> list[System]:
    """Make the predictions of two systems in one study of 12 test recordings a speaker."""
    speaker = np.repeat(np.arange(n_speakers), 12)
    n = len(speaker)
    truth = np.tile(np.arange(CLASSES), n // CLASSES)
    shared = SHARED["speaker"] * rng.normal(size=n_speakers)[speaker]
    shared += SHARED["recording"] * rng.normal(size=n)
    return [
        System(
            _predict(eta, shared, speaker, truth, n_draws, rng), truth, speaker, Classes(CLASSES)
        )
        for eta in etas
    ]


def _predict(eta, shared, speaker, truth, n_draws, rng):
    """Return the predictions of one system; with all labels in use the draws are the same."""
    n, n_budgets = len(truth), len(BUDGETS)
    fading = (1 - BUDGETS / 100)[:, None, None]
    of_system = OWN["speaker"] * rng.normal(size=speaker.max() + 1)[speaker]
    of_system += OWN["recording"] * rng.normal(size=n)
    draw = OWN["draw"] * _halved(rng, n_budgets, n_draws, 1)
    noise = np.sqrt(fading) * _halved(rng, n_budgets, n_draws, n)
    noise += np.sqrt(1 - fading) * _halved(rng, n_budgets, 1, n)
    latent = eta[:, None, None] + shared + of_system + np.sqrt(fading) * draw
    correct = latent + OWN["noise"] * noise > 0
    wrong = (truth + rng.integers(1, CLASSES, (n_budgets, n_draws, n))) % CLASSES
    wrong[-1] = wrong[-1, 0]
    return np.where(correct, truth, wrong).astype(np.int8)


def _halved(rng, n_budgets, *shape):
    """Return standard normal numbers, half of whose variance all budgets share."""
    return (rng.normal(size=(1, *shape)) + rng.normal(size=(n_budgets, *shape))) / np.sqrt(2)


class Truth(NamedTuple):
    """True scores of a and b by budget."""

    a: np.ndarray
    b: np.ndarray


def true_scores(etas: list) -> Truth:
    """Return UAR: the probability of a correct answer, the same for all classes."""
    fading = OWN["draw"] ** 2 * (BUDGETS / 100)
    a, b = (ndtr(eta / np.sqrt(SPREAD**2 - fading)) for eta in etas)
    return Truth(a, b)


def true_reach(truth: Truth) -> float:
    """Return the budget at which a has what b has with all labels."""
    return float(np.exp(np.interp(truth.b[-1], truth.a, np.log(BUDGETS))))


def checks(a: Curve, b: Curve, truth: Truth) -> dict[str, float]:
    """Tell for each interval of one study whether it holds the truth (or the share that do)."""
    difference, true = a - b, truth.a - truth.b
    mine, bounds = interval(a), interval(difference)
    bca = interval(difference, kind="bca")
    log = area_weights(BUDGETS, log=True)[None]
    area = interval(difference.mapped(log))
    place, saved = crossover(difference, BUDGETS), labels_saved(a, b, BUDGETS)
    reach = true_reach(truth)
    holds_saved = float(saved.low <= reach and not saved.high < reach)
    inside = (bounds.low_simultaneous <= true) & (true <= bounds.high_simultaneous)
    return {
        "score": ((mine.low <= truth.a) & (truth.a <= mine.high)).mean(),
        "difference": ((bounds.low <= true) & (true <= bounds.high)).mean(),
        "difference, BCa": ((bca.low <= true) & (true <= bca.high)).mean(),
        "difference at 100 %": float(bounds.low[-1] <= true[-1] <= bounds.high[-1]),
        "whole band": float(inside.all()),
        "area over log budget": float(area.low[0] <= (log @ true)[0] <= area.high[0]),
        "crossover": float(place.low <= CROSSING <= place.high) if true.any() else np.nan,
        "crossover resolved": float(place.outcome == "crossing"),
        "labels saved": holds_saved if true.any() else np.nan,
    }


def simulated_curves(
    etas: list, n_speakers: int, n_draws: int, study: int, n_resamples: int
) -> list[Curve]:
    """Return the curves of two systems in a study of this number."""
    rng = np.random.default_rng([study, n_speakers, n_draws])
    pair = simulate(etas, n_speakers, n_draws, rng)
    weights = resample(n_resamples, n_draws, n_speakers, rng)
    return [curves(system, weights)["uar"] for system in pair]


def saved(studies: int) -> None:
    """Check labels saved where a sentence has them: reached, and a ahead at some budget."""
    print("| speakers | draws |", *(f"{name} | printed |" for name in SAVING), "all |")
    print("|---|---|" + "---|---|" * len(SAVING) + "---|")
    for n_speakers in (4, 8, 12, 24):
        for n_draws in (3, 5, 20):
            held = [saved_held(etas, n_speakers, n_draws, studies) for etas in SAVING.values()]
            cells = [f"{_share(of_truth)} | {len(of_truth) / studies:.1%}" for of_truth in held]
            row = [str(n_speakers), str(n_draws), *cells, _share([*chain(*held)])]
            print("|", " | ".join(row), "|", flush=True)


def saved_held(etas: list, n_speakers: int, n_draws: int, studies: int) -> list[bool]:
    """Tell of each study that prints labels saved whether their interval holds the truth."""
    reach, held = true_reach(true_scores(etas)), []
    for study in range(studies):
        a, b = simulated_curves(etas, n_speakers, n_draws, study, 500)
        place = labels_saved(a, b, BUDGETS)
        if place.outcome == "reached" and (interval(a - b).low_simultaneous > 0).any():
            held.append(place.low <= reach <= place.high)
    return held


def losses(studies: int) -> None:
    """Check how often a curve is said to fall; 5 % of the studies are allowed where it does not."""
    print("| speakers | draws |", " | ".join(FALLING), "|")
    print("|---|---|" + "---|" * len(FALLING))
    designs = ((4, 3), (4, 20), (8, 3), (8, 5), (8, 20), (12, 5), (24, 3), (24, 10))
    for n_speakers, n_draws in designs:
        shares = []
        for eta in FALLING.values():
            found = []
            for study in range(studies):
                [curve] = simulated_curves([eta], n_speakers, n_draws, study, 200)
                loss = largest_loss(curve, BUDGETS)
                found.append(loss is not None and loss.p_value < 0.05)
            shares.append(f"{np.mean(found):.1%}")
        print("|", " | ".join([str(n_speakers), str(n_draws), *shares]), "|", flush=True)


def _share(held: list[bool]) -> str:
    return f"{np.mean(held):.1%}" if held else ""


def coverage(studies: int, scenarios: list[str], n_resamples: int = 1000) -> pd.DataFrame:
    """Return how often each kind of interval holds the truth, by scenario and design."""
    rows = []
    for scenario in scenarios:
        etas = TRUTHS[scenario]
        for n_speakers, n_draws in DESIGNS:
            held = []
            for study in range(studies):
                a, b = simulated_curves(etas, n_speakers, n_draws, study, n_resamples)
                held.append(checks(a, b, true_scores(etas)))
            means = pd.DataFrame(held).mean()
            rows.append({"scenario": scenario, "speakers": n_speakers, "draws": n_draws, **means})
            print(pd.Series(rows[-1]).to_string(), end="\n\n", flush=True)
    return pd.DataFrame(rows)


def nested_tables(sds: tuple, design: tuple, n: int, rng: np.random.Generator) -> np.ndarray:
    """Make scores (n, draws, speakers) of mean zero."""
    encoders, n_draws, n_speakers = design
    encoder = encoder_of(n_draws, encoders)
    return (
        sds[0] * rng.normal(size=(n, n_draws, 1))
        + sds[1] * rng.normal(size=(n, 1, n_speakers))
        + sds[2] * rng.normal(size=(n, n_draws, n_speakers))
        + sds[3] * rng.normal(size=(n, encoders, 1))[:, encoder]
        + sds[4] * rng.normal(size=(n, encoders, n_speakers))[:, encoder]
    )


def nested_coverage(studies: int) -> pd.DataFrame:
    """Return how often Student's interval holds the mean, with encoders and without."""
    rows = []
    for what, sds in NESTED_SDS.items():
        for design in NESTED_DESIGNS:
            rng = np.random.default_rng(design)
            values = nested_tables(sds, design, studies, rng)
            row = {"encoder": what} | dict(
                zip(("encoders", "draws", "speakers"), design, strict=True)
            )
            for name, encoders in (("nested", design[0]), ("ignored", 1)):
                means = values.mean(axis=(1, 2))
                spread = variance(Curve(means, means[None], values, encoders))
                half = stdtrit(spread.df, 0.975) * np.sqrt(spread.total)
                row[name] = 100 * (np.abs(means) <= half).mean()
                row[f"{name}, half-width"] = np.median(half)
            rows.append(row)
    return pd.DataFrame(rows)


def equal_systems(design: tuple[int, int, int], varies: bool, rng: np.random.Generator) -> Curve:
    """Make the scores of systems that are equally good: means over draws and speakers.

    Where nothing varies between draws they are those of deterministic classifiers on all labels.
    """
    n_systems, n_draws, n_speakers = design
    shared = rng.normal(size=(1, 1, n_speakers)) + rng.normal(size=(1, n_draws, 1)) * varies
    own = 0.5 * rng.normal(size=(n_systems, 1, n_speakers))
    rest = rng.normal(size=(n_systems, n_draws, n_speakers)) * varies
    values = shared + own + rest
    estimate = values.mean(axis=(1, 2))
    return Curve(estimate, np.tile(estimate, (2, 1)), values)


def called_worse(
    studies: int, design: tuple[int, int, int], varies: bool, rng: np.random.Generator
) -> float:
    """Return the share of studies of equal systems in which one is said to be behind the best."""
    n_wrong = 0
    for _ in range(studies):
        scores = equal_systems(design, varies, rng)
        best = int(scores.estimate.argmax())
        behind = scores.estimate + half_widths(scores, best, 0.95) < scores.estimate[best]
        n_wrong += bool(behind.any())
    return n_wrong / studies


def systems(studies: int) -> None:
    """Check who is called behind the best of equal systems; 5 % of the studies are allowed."""
    rng = np.random.default_rng(0)
    print("| systems | draws | speakers | nothing varies between draws | draws vary |")
    print("|---|---|---|---|---|")
    for n_systems in (3, 15, 50):
        for n_draws, n_speakers in ((2, 8), (3, 4), (3, 8), (5, 12), (5, 24), (20, 8), (20, 50)):
            design = (n_systems, n_draws, n_speakers)
            shares = [called_worse(studies, design, varies, rng) for varies in (False, True)]
            cells = " | ".join(f"{share:.1%}" for share in shares)
            print(f"| {n_systems} | {n_draws} | {n_speakers} | {cells} |", flush=True)


def large_study(folder: Path, n_speakers: int = 50) -> tuple[pd.DataFrame, Path, pd.DataFrame]:
    """Write the predictions of 20 draws, 50 budgets, 10 systems and 1,236 test recordings."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    names = [f"recording_{i:04d}" for i in range(1236)]
    truth = rng.integers(0, CLASSES, len(names))
    labels = np.array(["negative", "neutral", "positive"])
    speakers = [f"s{i % n_speakers}" for i in range(len(names))]
    manifest = pd.DataFrame({"recording": names, "label": labels[truth], "speaker": speakers})
    budgets, scores, writer = np.arange(2, 101, 2.0), [], None
    path = folder / "predictions.parquet"
    for representation in ("handcrafted", "code"):
        for classifier in ("svm", "knn", "tree", "random_forest", "adaboost"):
            for draw in range(20):
                right = rng.random((50, 1236)) < 0.4 + budgets[:, None] / 400
                guess = np.where(right, truth, rng.integers(0, CLASSES, (50, 1236)))
                columns = {
                    "representation": pd.Categorical([representation] * guess.size),
                    "classifier": pd.Categorical([classifier] * guess.size),
                    "percentage": np.repeat(budgets, 1236),
                    "draw": np.int32(draw),
                    "recording": pd.Categorical(np.tile(names, 50)),
                    "chunk": np.int32(-1),
                    "predicted": guess.ravel().astype(np.int8),
                }
                arrow = pa.Table.from_pandas(pd.DataFrame(columns), preserve_index=False)
                writer = writer or pq.ParquetWriter(path, arrow.schema)
                writer.write_table(arrow)
                cell = {
                    "representation": representation,
                    "classifier": classifier,
                    "percentage": budgets,
                    "n_recordings": 10,
                    "n_rows": 10,
                    "draw": draw,
                    "unit": "recording",
                }
                scores.append(pd.DataFrame(cell | dict.fromkeys(CLASS_METRICS, 0.5)))
    writer.close()
    return pd.concat(scores, ignore_index=True), path, manifest


class Timed(NamedTuple):
    """What the comparison of a large study took: seconds, the processor's, and MiB."""

    wall: float
    cpu: float
    before: float
    peak: float


def timed(n_speakers: int) -> Timed:
    """Compare a large study of so many test speakers."""
    with tempfile.TemporaryDirectory() as folder:
        study = large_study(Path(folder), n_speakers)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began, cpu = time.perf_counter(), time.process_time()
        analyse(*study)
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Timed(wall, cpu, before / 2**10, peak / 2**10)


def timing() -> None:
    """Time the comparison with 50 test speakers, and with each recording its own."""
    for n_speakers in (50, 1236):
        wall, cpu, before, peak = timed(n_speakers)
        print(
            f"{n_speakers:5d} speakers: {wall:6.1f} s ({cpu:.1f} s of processor), peak memory "
            f"{peak:.0f} MiB ({before:.0f} before)"
        )


def rows() -> Iterator[dict[str, Any]]:
    """Yield the processor's seconds and the memory of a large comparison, and a coverage."""
    with threadpool_limits(1):
        large = timed(50)
        etas, truth = TRUTHS["crossover"], true_scores(TRUTHS["crossover"])
        curves_of = (simulated_curves(etas, 16, 10, study, 500) for study in range(100))
        held = float(np.mean([checks(a, b, truth)["difference"] for a, b in curves_of]))
    for name, ours, target, unit in (
        ("comparison of 10 systems, 50 budgets, 20 draws, 1,236 tested", large.cpu, "<= 60", "s"),
        ("its peak memory", large.peak, "<= 600", "MiB"),
        ("95 % interval of a difference holds", 100 * held, ">= 90", "% of 100 studies"),
    ):
        yield {
            "name": name,
            "ours": ours,
            "baseline": None,
            "ratio": None,
            "target": target,
            "unit": unit,
        }


if __name__ == "__main__":
    what, *more = sys.argv[1:] or ["timing"]
    with threadpool_limits(1):
        if what == "timing":
            timing()
        elif what == "encoders":
            table = nested_coverage(int(more[0]) if more else 4000)
            print(table.round(2).to_string(index=False))
        elif what == "saved":
            saved(int(more[0]) if more else 500)
        elif what == "losses":
            losses(int(more[0]) if more else 500)
        elif what == "systems":
            systems(int(more[0]) if more else 1000)
        else:
            coverage(int(more[0]) if more else 500, more[1:] or list(TRUTHS))
