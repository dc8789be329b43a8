"""Hand-crafted features from files on disk, against the loop that people write.

Run `python benchmarks/features_end_to_end.py`. Ours is what a study does: `extract` of the kind
"handcrafted", which decodes, resamples, computes and keeps its parts. The loop loads each file by
librosa at the same sample rate, calls pyAudioAnalysis's `feature_extraction` and takes means and
deviations. One process, one core, in turns; the ratio is the median over the turns.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import soundfile
import soxr
from threadpoolctl import threadpool_limits

from semisup.engine.progress import silence
from semisup.features.inputs import Inputs
from semisup.recordings.audio import load
from semisup.recordings.formats import READ
from semisup.representations.handcrafted import Handcrafted
from semisup.signals.handcrafted_filters import frame_length

CORPORA = Path(os.environ.get("SEMISUP_CORPORA", "../shared/corpora"))
TURNS = 3
TARGET = 15
#: Files, seconds of each, their sample rate and that of the features; RAVDESS comes in 48 kHz, the
#: clips of GTZAN have 30 s at 22.05 kHz.
WRITTEN = (
    (64, 4.0, 48000, 16000),
    (6, 30.0, 22050, 22050),
    (128, 2.0, 16000, 16000),
    (128, 2.0, 22050, 22050),
)


class Case(NamedTuple):
    """Files, and the sample rate at which features are made of them."""

    name: str
    files: list[Path]
    sample_rate: int


def cases(folder: Path) -> Iterator[Case]:
    """Yield corpora as they are on disk, where they are, and clips that are written here."""
    for name, count in (("ravdess", 64), ("nemo", 64), ("gtzan100", 6)):
        files = spread(CORPORA / name, count)
        if files:
            rate = max(8000, soundfile.info(str(files[0])).samplerate)
            yield Case(f"{name}, FLAC as it is, {rate} Hz", files, rate)
    for count, seconds, own, rate in WRITTEN:
        files = written(folder / f"{own}-{seconds}", count, seconds, own)
        to = "" if own == rate else f" to {rate} Hz"
        yield Case(f"WAV of {seconds:g} s, {own} Hz{to}", files, rate)


def spread(root: Path, count: int) -> list[Path]:
    """Return recordings spread over a corpus, whose folders sort by speaker or class."""
    files = sorted(path for path in root.rglob("*") if path.suffix in READ)
    return [
        files[place] for place in np.linspace(0, len(files) - 1, count).astype(int)[: len(files)]
    ]


def written(folder: Path, count: int, seconds: float, sample_rate: int) -> list[Path]:
    """Write clips: those of RAVDESS where it is, else tones in noise."""
    folder.mkdir()
    rng, samples = np.random.default_rng(0), int(seconds * sample_rate)
    sources = spread(CORPORA / "ravdess", count)
    paths = []
    for number in range(count):
        if sources:
            signal, rate = load(sources[number])
            signal = soxr.resample(signal, rate, sample_rate)
        else:
            tone = np.sin(2 * np.pi * rng.uniform(80, 2000) * np.arange(samples) / sample_rate)
            signal = 0.6 * tone + 0.1 * rng.standard_normal(samples)
        paths.append(folder / f"{number:03d}.wav")
        soundfile.write(paths[-1], np.resize(signal, samples), sample_rate)
    return paths


def ours(case: Case, parts: Path) -> np.ndarray:
    """Return the features as a study makes them, (n, 136)."""
    names = [str(path) for path in case.files]
    recordings = pd.DataFrame({"recording": names, "path": names, "speaker": "a"})
    recordings = recordings.assign(subset="labelled", seconds=1.0, start=np.nan, end=np.nan)
    kind = Handcrafted.of(sample_rate=case.sample_rate)
    inputs = Inputs("it", parts, parts, parts, 0, case.sample_rate, recordings)
    return kind.extract(inputs).iloc[:, 2:].to_numpy()


def loop(case: Case) -> np.ndarray:
    """Return means and deviations of the short-term features, as scripts compute them, (n, 136)."""
    import librosa
    from pyAudioAnalysis.ShortTermFeatures import feature_extraction

    rows, frame = [], frame_length(case.sample_rate)
    for path in case.files:
        signal, rate = librosa.load(path, sr=case.sample_rate)
        features, _ = feature_extraction(signal, rate, frame, frame)
        rows.append(np.concatenate([features.mean(axis=1), features.std(axis=1)]))
    return np.stack(rows)


def seconds_of(case: Case, turns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return seconds of this core, ours and the loop's, turn by turn."""
    few, timed = case._replace(files=case.files[:2]), []
    for turn in range(turns + 1):
        # the first turn imports, plans filters and is not counted
        now = case if turn else few
        with tempfile.TemporaryDirectory() as parts:
            start = time.process_time()
            ours(now, Path(parts))
            middle = time.process_time()
        loop_start = time.process_time()
        loop(now)
        timed.append((middle - start, time.process_time() - loop_start))
    mine, theirs = np.array(timed[1:]).T
    return mine, theirs


def rows(turns: int = TURNS) -> Iterator[dict[str, Any]]:
    """Yield a row a case: milliseconds a recording, and the median ratio."""
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(1), silence():
        for case in cases(Path(folder)):
            mine, theirs = seconds_of(case, turns)
            yield {
                "name": f"features from {case.name}",
                "ours": float(1000 * np.median(mine) / len(case.files)),
                "baseline": float(1000 * np.median(theirs) / len(case.files)),
                "ratio": float(np.median(theirs / mine)),
                "target": f">= {TARGET}",
                "unit": "ms a recording",
            }


def main() -> int:
    """Print the table; 1 where a ratio is below the target."""
    ratios = []
    print(f"{'':<56} {'loop, ms':>9} {'ours, ms':>9} {'ratio':>6}")
    for row in rows():
        ratios.append(row["ratio"])
        print(f"{row['name']:<56} {row['baseline']:>9.2f} {row['ours']:>9.3f} {row['ratio']:>6.1f}")
    return int(min(ratios) < TARGET)


if __name__ == "__main__":
    sys.exit(main())
