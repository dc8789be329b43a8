"""Pretrained encoders: a curve of layers in one pass, and the memory of an hour-long recording.

    python benchmarks/encoders.py

Needs ``pip install 'semisup[transformers]'``; no weights are fetched. A random wav2vec 2.0 of six
layers and 192 numbers takes twelve recordings of 3 s, all layers at once and layer by layer; one of
two layers takes a minute and an hour of noise, each in a process of its own.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import soundfile

from semisup.features.inputs import Inputs
from semisup.representations.transformers import Transformers

RATE = 16000
LAYERS, SECONDS, COUNT = 6, 3, 12
MINUTE, HOUR = 60, 3600


def write_model(folder: Path, layers: int, size: int) -> None:
    """Write a random wav2vec 2.0 with the real strides: 50 frames a second."""
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    torch.manual_seed(0)
    config = transformers.Wav2Vec2Config(
        hidden_size=size,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=2 * size,
        conv_dim=(size // 2,) * 7,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
        vocab_size=8,
    )
    transformers.Wav2Vec2Model(config).save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor().save_pretrained(folder)


def write_noise(folder: Path, seconds: int, count: int) -> pd.DataFrame:
    """Write recordings, a minute at a time; return rows as the manifest has them."""
    rng, rows = np.random.default_rng(0), []
    for number in range(count):
        path = folder / f"{number}_{seconds}.wav"
        with soundfile.SoundFile(path, "w", RATE, 1) as file:
            for _ in range(max(seconds // 60, 1)):
                file.write(0.1 * rng.standard_normal(min(seconds, 60) * RATE))
        rows.append((path.name, str(path), "s", "labelled", seconds, np.nan, np.nan))
    columns = ["recording", "path", "speaker", "subset", "seconds", "start", "end"]
    return pd.DataFrame(rows, columns=columns)


def seconds_of(rows: pd.DataFrame, folder: Path, **keys: object) -> float:
    """Encode recordings; return the seconds it took."""
    with TemporaryDirectory() as parts:
        inputs = Inputs("it", folder, Path(parts), folder, 0, RATE, rows)
        began = time.perf_counter()
        Transformers.of(model="model", **keys).extract(inputs)
        return time.perf_counter() - began


def layer_curve(folder: Path) -> tuple[float, float]:
    """Return the seconds of all layers in one pass, and of a pass a layer."""
    write_model(folder / "model", LAYERS, 192)
    rows = write_noise(folder, SECONDS, COUNT)
    seconds_of(rows.head(1), folder, layer="last")  # what is imported and traced once
    together = seconds_of(rows, folder, layer="all")
    apart = sum(seconds_of(rows, folder, layer=number) for number in range(LAYERS + 1))
    return together, apart


def peak(seconds: int, folder: Path) -> None:
    """Encode one recording; print the seconds and the most memory that the process had."""
    write_model(folder / "model", 2, 16)
    took = seconds_of(write_noise(folder, seconds, 1), folder, layer="all", window_seconds=20.0)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(json.dumps([took, most]), flush=True)


def peak_apart(seconds: int) -> list[float]:
    """Return the seconds and the peak of one recording, in a process of its own."""
    command = [sys.executable, __file__, str(seconds)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def rows() -> Iterator[dict[str, Any]]:
    """Yield the two comparisons."""
    with TemporaryDirectory() as folder:
        together, apart = layer_curve(Path(folder))
    yield {
        "name": f"{LAYERS + 1} layers of wav2vec 2.0: one pass against a pass a layer",
        "ours": together,
        "baseline": apart,
        "ratio": apart / together,
        "target": ">= 3",
        "unit": "s",
    }
    (_, of_minute), (_, of_hour) = peak_apart(MINUTE), peak_apart(HOUR)
    yield {
        "name": "wav2vec 2.0: peak memory for an hour against a minute",
        "ours": of_hour,
        "baseline": of_minute,
        "ratio": of_hour / of_minute,
        "target": "<= 1.15",
        "unit": "MiB",
    }


def main() -> None:
    """Measure the layers here and each recording in a process of its own."""
    if len(sys.argv) > 1:
        with TemporaryDirectory() as folder:
            peak(int(sys.argv[1]), Path(folder))
        return
    with TemporaryDirectory() as folder:
        together, apart = layer_curve(Path(folder))
    print(
        f"{LAYERS + 1} layers of {COUNT} recordings of {SECONDS} s: {together:.1f} s in one pass, "
        f"{apart:.1f} s layer by layer ({apart / together:.1f} times)"
    )
    for seconds in (MINUTE, HOUR):
        took, most = peak_apart(seconds)
        print(f"a recording of {seconds} s: {took:.1f} s, peak memory {most:.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
