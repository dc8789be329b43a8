"""The speed of the generated corpus, files included: seconds of audio made in a second.

One process; the median of five runs, each into an empty folder.
"""

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import soundfile

from semisup.corpora.synthetic import Options, Synthetic

OPTIONS = Options(speakers=5)
RUNS = 5


def times_real_time(options: Options) -> float:
    with TemporaryDirectory() as folder:
        start = perf_counter()
        table = Synthetic(options).scan(Path(folder))
        taken = perf_counter() - start
        return sum(soundfile.info(f"{folder}/{path}").duration for path in table["path"]) / taken


def measured() -> list[float]:
    times_real_time(Options(speakers=1))  # imports and plans
    return [times_real_time(OPTIONS) for _ in range(RUNS)]


def rows() -> Iterator[dict[str, Any]]:
    """Yield the speed against real time."""
    ratio = median(measured())
    yield {
        "name": "generated corpus against real time",
        "ours": 3600 / ratio,
        "baseline": 3600.0,
        "ratio": ratio,
        "target": ">= 100",
        "unit": "s an hour of sound",
    }


def main() -> None:
    ratios = measured()
    n = OPTIONS.speakers * OPTIONS.recordings_per_speaker
    print(
        f"generated corpus, {n} recordings at {OPTIONS.sample_rate} Hz, files written: "
        f"{median(ratios):.0f} times real time (median of {RUNS}, least {min(ratios):.0f}; "
        "required: 100)"
    )


if __name__ == "__main__":
    main()
