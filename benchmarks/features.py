"""Speed and agreement of hand-crafted features and chunk spectrograms with pyAudioAnalysis.

Run `python benchmarks/features.py`. Both sides work on the same recordings in the same process, on
one core, in turns; the ratio is the median over the turns. Recordings are RAVDESS's where they are
(`SEMISUP_CORPORA`, by default ../shared/corpora), generated signals otherwise.
"""

import contextlib
import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from semisup.recordings.audio import load
from semisup.recordings.formats import READ
from semisup.signals.chunk_spectrogram import chunk_starts, spectrogram
from semisup.signals.handcrafted import handcrafted_batch, handcrafted_features
from semisup.signals.handcrafted_filters import frame_length
from semisup.study.spec import ChunkSpec

FOLDER = Path(os.environ.get("SEMISUP_CORPORA", "../shared/corpora")) / "ravdess"
FILES = sorted(path for path in FOLDER.rglob("*") if path.suffix in READ)
RECORDINGS, TURNS = 40, 7
RATES = (8000, 16000)

Seconds = list[tuple[float, float]]


def ravdess(sample_rate: int) -> list[np.ndarray]:
    """Load recordings spread over the speakers, whose folders sort by name."""
    picked = np.linspace(0, len(FILES) - 1, RECORDINGS).astype(int)
    return [load(FILES[k], sample_rate)[0] for k in picked]


def generated(sample_rate: int) -> list[np.ndarray]:
    """Make tones in noise that fade to silence, 3 to 5 s each."""
    rng = np.random.default_rng(0)
    signals = []
    for seconds in rng.uniform(3, 5, RECORDINGS):
        time_s = np.arange(int(seconds * sample_rate)) / sample_rate
        tone = np.sin(2 * np.pi * rng.uniform(80, 2000) * time_s)
        signals.append((0.6 * tone + 0.1 * rng.standard_normal(time_s.size)) * 0.1**time_s)
    return signals


def ours_spectrograms(signals: list[np.ndarray], spec: ChunkSpec) -> list[np.ndarray]:
    return [spectrogram(chunk, spec.sample_rate) for chunk in chunks(signals, spec)]


def library_spectrograms(signals: list[np.ndarray], spec: ChunkSpec) -> list[np.ndarray]:
    from pyAudioAnalysis import ShortTermFeatures

    frame = frame_length(spec.sample_rate)
    with contextlib.redirect_stdout(io.StringIO()):  # the library prints each shape
        return [
            ShortTermFeatures.spectrogram(chunk * 2**15, spec.sample_rate, frame, frame)[0][:-1]
            for chunk in chunks(signals, spec)
        ]


def chunks(signals: list[np.ndarray], spec: ChunkSpec) -> list[np.ndarray]:
    return [
        signal[start : start + spec.chunk_samples]
        for signal in signals
        for start in chunk_starts(signal.size, spec)
    ]


def library_features(signals: list[np.ndarray], sample_rate: int) -> np.ndarray:
    return np.stack([handcrafted_features(x, sample_rate, "pyaudioanalysis") for x in signals])


def seconds_in_turns(ours: Callable[[], object], library: Callable[[], object]) -> Seconds:
    ours()  # windows and filters are computed once, at the first call
    return [(seconds(ours), seconds(library)) for _ in range(TURNS)]


def seconds(work: Callable[[], object]) -> float:
    # Seconds of this core, so that what else the machine does counts for neither side.
    start = time.process_time()
    work()
    return time.process_time() - start


class Measured(NamedTuple):
    """Both sides of one kind of features, for so many recordings of 5 to 10 s."""

    what: str
    sample_rate: int
    turns: Seconds
    difference: float
    count: int

    @property
    def milliseconds(self) -> tuple[float, float]:
        """Ours and the library's, a recording."""
        ours, library = np.median(self.turns, axis=0) / self.count * 1000
        return float(ours), float(library)

    @property
    def ratios(self) -> list[float]:
        """How many times as fast ours is, by turn."""
        return [library / ours for ours, library in self.turns]

    def line(self) -> str:
        """Return a line of the table."""
        (ours, library), ratios = self.milliseconds, self.ratios
        return (
            f"{self.what:<18} {self.sample_rate:>6} {library:>12.2f} {ours:>10.3f} "
            f"{np.median(ratios):>8.1f} {min(ratios):>6.1f} - {max(ratios):<6.1f} "
            f"{self.difference:>10.1e}"
        )


def compare(recordings: list[np.ndarray], rate: int) -> Iterator[Measured]:
    """Yield features and spectrograms at a sample rate."""
    # Pairs, so that they last the 5 to 10 s for which the speed is stated.
    pairs = [np.concatenate(pair) for pair in zip(recordings[::2], recordings[1::2], strict=True)]
    longer = pairs + pairs[::-1]  # a batch of 40
    turns = seconds_in_turns(
        lambda: handcrafted_batch(longer, rate), lambda: library_features(longer, rate)
    )
    differences = handcrafted_batch(recordings, rate) - library_features(recordings, rate)
    yield Measured("features", rate, turns, float(np.abs(differences).max()), len(longer))

    spec = ChunkSpec(sample_rate=rate, chunk_samples=20000 * rate // 8000)
    turns = seconds_in_turns(
        lambda: ours_spectrograms(longer, spec), lambda: library_spectrograms(longer, spec)
    )
    both = zip(
        ours_spectrograms(recordings, spec), library_spectrograms(recordings, spec), strict=True
    )
    worst = max(float(np.abs(mine - theirs).max()) for mine, theirs in both)
    yield Measured("chunk spectrograms", rate, turns, worst, len(longer))


def measured() -> Iterator[Measured]:
    """Yield all that is compared, on one core."""
    threadpool_limits(1)
    make = ravdess if FILES else generated
    for rate in RATES:
        yield from compare(make(rate), rate)


def rows() -> Iterator[dict]:
    """Yield what `make bench` shows."""
    for one in measured():
        ours, library = one.milliseconds
        yield {
            "name": f"{one.what}, {one.sample_rate // 1000} kHz, decoded already",
            "ours": ours,
            "baseline": library,
            "ratio": float(np.median(one.ratios)),
            "target": ">= 15" if one.what == "features" else "",
            "unit": "ms",
        }


def main() -> int:
    """Print the table; 1 if the largest difference is over 1e-9."""
    source = f"RAVDESS in {FOLDER}" if FILES else f"generated: no recordings in {FOLDER}"
    print(f"{RECORDINGS} recordings ({source}), one core, {TURNS} turns\n")
    print(f"{'':<18} {'':>6} {'ms a 5-10 s recording':>23} {'times as fast':>24} {'largest':>10}")
    print(
        f"{'':<18} {'Hz':>6} {'pyAudioAn.':>12} {'semisup':>10} {'median':>8} {'range':>15} "
        f"{'difference':>10}"
    )
    worst = 0.0
    for one in measured():
        print(one.line())
        worst = max(worst, one.difference)
    print(f"\nlargest absolute difference: {worst:.1e} (at most 1e-9 allowed)")
    return int(worst > 1e-9)


if __name__ == "__main__":
    sys.exit(main())
