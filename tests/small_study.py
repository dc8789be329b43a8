"""A study of a few short recordings that runs in a second or two, networks and figures left out."""

from pathlib import Path

import numpy as np
import soundfile

RATE = 8000
NOT_COMPARED = ("timings", "recordings", "manifest")
CLASSES = ("low", "high")
STUDY = """
name = "small"
[corpus]
adapter = "folder"
root = "recordings"
speaker_pattern = "(s\\\\d+)_"
[split]
fractions = { labelled = 0.5, test = 0.5 }
[representations.handcrafted]
kind = "handcrafted"
[representations.mfcc]
kind = "mfcc"
[curve]
classifiers = ["knn", "tree"]
percentages = [50, 100]
draws = 2
[compare]
resamples = 200
"""


def write_recording(path: Path, number: int) -> None:
    """Write a tone with noise, as long for every number."""
    rng = np.random.default_rng(number)
    tone = np.sin(
        2 * np.pi * (300 + 100 * rng.random() + 300 * (number % 2)) * np.arange(4000) / RATE
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.3 * tone + 0.1 * rng.standard_normal(4000), RATE, subtype="PCM_16")


def write_small_study(folder: Path, text: str = STUDY) -> Path:
    """Write sixteen recordings of eight speakers, and the study file beside them."""
    for number in range(16):
        name = f"s{number // 2}_{number}.wav"
        write_recording(folder / "recordings" / CLASSES[number % 2] / name, number)
    (folder / "study.toml").write_text(text)
    return folder / "study.toml"


def tables_in(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all tables of a study that hold neither times nor paths."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".csv", ".parquet")
        and path.stem not in ("timings", "recordings", "manifest")
    }
