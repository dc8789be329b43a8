"""Peak memory of every stage at 1, 3 and 10 times the size of a generated corpus.

    python benchmarks/memory.py [FOLDER [SPEAKERS ...]]

Each stage runs in a process of its own; what its children take is counted. The smallest size is
large enough to fill the batches of all stages: 1,080 recordings. An update takes 128 chunks, where
by default it takes fewer of a small corpus. A training holds its chunks as long as they fit into
`memory_gb`; here it is little enough that all sizes read them from disk.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stages import Size, run_stages

FOLDER = Path("build/scale")
#: Speakers, with 18 recordings each.
SIZES = (60, 180, 600)


def size(speakers: int) -> Size:
    """Return a size: sound, labels, tests and updates go by the speakers, cells are the same."""
    budgets = "{ start = 10, stop = 100, step = 10 }"
    return Size(speakers, speakers, 2, budgets, 0.01)


def run(folder: Path, sizes: tuple[int, ...]) -> dict[int, dict[str, dict[str, float]]]:
    """Run the sizes; a folder with notes of what was run goes on from them."""
    return {speakers: run_stages(size(speakers), folder / str(speakers)) for speakers in sizes}


def rows() -> Iterator[dict[str, Any]]:
    """Yield the peak of each stage at the largest size against that at the smallest."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    taken = run(FOLDER, SIZES)
    small, large = taken[SIZES[0]], taken[SIZES[-1]]
    for stage in large:
        ours, baseline = large[stage]["peak"], small[stage]["peak"]
        yield {
            "name": f"memory of {stage}: {SIZES[-1] // SIZES[0]} times the corpus",
            "ours": ours,
            "baseline": baseline,
            "ratio": ours / baseline,
            "target": "<= 1.15",
            "unit": "MiB",
        }


def main(folder: Path, sizes: tuple[int, ...]) -> None:
    """Print the table."""
    taken = run(folder, sizes)
    headings = " | ".join(f"{size(speakers).recordings:,}" for speakers in sizes)
    print(f"| stage | {headings} | last to first |")
    print("|---" * (len(sizes) + 2) + "|")
    for stage in taken[sizes[0]]:
        peaks = [taken[speakers][stage]["peak"] for speakers in sizes]
        cells = " | ".join(f"{peak:,.0f}" for peak in peaks)
        print(f"| {stage} | {cells} | {peaks[-1] / peaks[0]:.2f} |")


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if sys.argv[1:] else FOLDER
    main(chosen, tuple(map(int, sys.argv[2:])) or SIZES)
