"""Pretrained encoders on a GPU: how fast, how near to a processor's numbers, and twice the same.

    python benchmarks/gpu.py

Needs ``pip install 'semisup[transformers]'`` and a GPU; without one there are no rows. Encoders of
the real sizes with random weights take 32 recordings of 2 to 6 s, each in processes of its own: in
float32 on the processor, in float32 and in float16 on the GPU. Differences are in deviations of a
code over the recordings, the largest of all codes and recordings. Then a small encoder is trained
on twice with the same labels, and its probabilities are compared to the bit.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import soundfile

RATE = 16000
COUNT = 32
LARGE = {
    "hidden_size": 1024,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "intermediate_size": 4096,
    "feat_extract_norm": "layer",
    "do_stable_layer_norm": True,
    "conv_bias": True,
}
#: Of `transformers`: base sizes are what their configurations are by default. Model, configuration
#: and its keys, feature extractor and its keys.
MODELS: dict[str, tuple[str, str, dict[str, Any], str, dict[str, Any]]] = {
    "wav2vec 2.0 base": ("Wav2Vec2Model", "Wav2Vec2Config", {}, "Wav2Vec2FeatureExtractor", {}),
    "WavLM large": (
        *("WavLMModel", "WavLMConfig", LARGE),
        *("Wav2Vec2FeatureExtractor", {"return_attention_mask": True}),
    ),
    "Whisper base": ("WhisperModel", "WhisperConfig", {}, "WhisperFeatureExtractor", {}),
}
#: Of the training on an encoder.
SMALL = (
    "WavLMModel",
    "WavLMConfig",
    {
        "hidden_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 128,
        "conv_dim": (32,) * 7,
    },
    "Wav2Vec2FeatureExtractor",
    {},
)


def write_model(folder: Path, name: str) -> None:
    """Write an encoder with random weights."""
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    model, config, sizes, extractor, keys = MODELS.get(name, SMALL)
    torch.manual_seed(0)
    made = getattr(transformers, model)(getattr(transformers, config)(**sizes))
    made.save_pretrained(folder)
    getattr(transformers, extractor)(**keys).save_pretrained(folder)


def write_recordings(folder: Path) -> pd.DataFrame:
    """Write gliding tones in noise; return rows as the manifest has them."""
    rng, rows = np.random.default_rng(0), []
    for number in range(COUNT):
        seconds = rng.uniform(2, 6)
        time_ = np.arange(round(seconds * RATE)) / RATE
        pitch = rng.uniform(80, 300) * (1 + rng.uniform(-0.3, 0.3) * time_ / seconds)
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        signal = sum(np.sin(k * phase) / k for k in range(1, 8))
        path = folder / f"{number:02d}.wav"
        soundfile.write(path, 0.1 * signal + 0.02 * rng.standard_normal(len(time_)), RATE)
        rows.append((path.name, str(path), f"s{number % 8}", "labelled", seconds, np.nan, np.nan))
    columns = ["recording", "path", "speaker", "subset", "seconds", "start", "end"]
    return pd.DataFrame(rows, columns=columns)


class Way(NamedTuple):
    """How recordings are encoded: in float16 or not, and how many at once."""

    half: bool
    batch_size: int = 8


#: The last is the second once more.
ON_GPU = (Way(half=False), Way(half=True), Way(half=True, batch_size=1), Way(half=True))


def encode(folder: Path, ways: list[Way]) -> list[float]:
    """Encode the recordings in each way and keep the codes; return the seconds of each."""
    rows = write_recordings(folder)
    seconds = []
    for number, way in enumerate(ways):
        _codes(folder, rows.head(2), way)  # what is loaded and chosen once
        began = time.perf_counter()
        codes = _codes(folder, rows, way)
        seconds.append(time.perf_counter() - began)
        np.save(folder / f"codes_{number}.npy", codes)
    return seconds


def _codes(folder: Path, rows: pd.DataFrame, way: Way) -> np.ndarray:
    from semisup.features.inputs import Inputs
    from semisup.representations.transformers import Transformers

    kind = Transformers.of(model="model", float16=way.half, batch_size=way.batch_size)
    with TemporaryDirectory() as parts:
        table = kind.extract(Inputs("it", folder, Path(parts), folder, 0, RATE, rows))
    return table.drop(columns=["recording", "chunk"], errors="ignore").to_numpy()


def tune(folder: Path) -> list[float]:
    """Train on an encoder with half of the recordings, and keep its answers for the others."""
    from semisup.classifiers import classifier
    from semisup.encoders.pretrained import Described
    from semisup.encoders.transformers_models import Source
    from semisup.engine.artefacts import write_json

    rows = write_recordings(folder)
    signals = [soundfile.read(path, dtype="float32")[0][: 2 * RATE] for path in rows["path"]]
    X, y = np.stack(signals), np.arange(COUNT) % 4
    encoder = folder / "encoder.json"
    write_json(encoder, Described(Source("model", "", folder), "last", "mean", 2.0, 8).written())
    keys = {"encoder": str(encoder), "epochs": 5, "fine_tuning_epochs": 5, "batch_size": 8}
    began = time.perf_counter()
    fitted = classifier("finetune").build(0).set_params(**keys).fit(X[::2], y[::2])
    np.save(folder / "codes_0.npy", fitted.predict_proba(X[1::2]))
    return [time.perf_counter() - began]


#: What a process does, by name.
WORK: dict[str, Callable[[Path], list[float]]] = {
    "processor": lambda folder: encode(folder, [Way(half=False)]),
    "gpu": lambda folder: encode(folder, list(ON_GPU)),
    "tune": tune,
}


def apart(folder: Path, what: str) -> tuple[list[float], list[np.ndarray]]:
    """Do it in a process of its own; return seconds and numbers, each way's."""
    hidden = {"CUDA_VISIBLE_DEVICES": ""} if what == "processor" else {}
    command = [sys.executable, __file__, what, str(folder)]
    environment = {**os.environ, **hidden}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    seconds = json.loads(done.stdout.splitlines()[-1])
    return seconds, [np.load(folder / f"codes_{number}.npy") for number in range(len(seconds))]


def largest(codes: np.ndarray, truth: np.ndarray) -> float:
    """Return the largest difference, in deviations of a code over the recordings."""
    return float((np.abs(codes - truth) / truth.std(axis=0).clip(1e-6)).max())


def of_model(name: str, folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what an encoder takes and differs by."""
    write_model(folder / "model", name)
    ((slow,), (truth,)) = apart(folder, "processor")
    (same, fast, *_), (single, half, alone, again) = apart(folder, "gpu")
    for precision, seconds in (("float32", same), ("float16", fast)):
        yield {
            "name": f"{name} in {precision} on a GPU, against float32 on the processor",
            "ours": seconds,
            "baseline": slow,
            "ratio": slow / seconds,
            "target": ">= 3",
            "unit": "s",
        }
    for what, value, most in (
        ("float32 against the processor's, deviations", largest(single, truth), 0.01),
        ("float16 against the processor's float32, deviations", largest(half, truth), 0.2),
        ("float16, alone against in a batch, deviations", largest(alone, half), 0.2),
        ("float16, numbers that differ when run again", int((again != half).sum()), 0),
    ):
        yield bounded(f"{name}: {what}", value, most)


def bounded(name: str, value: float, most: float) -> dict[str, Any]:
    """Return a row without a baseline."""
    alone = {"ours": value, "baseline": None, "ratio": None, "unit": ""}
    return {"name": name, **alone, "target": f"<= {most:g}"}


def rows() -> Iterator[dict[str, Any]]:
    """Yield what each encoder takes and differs by; nothing where there is no GPU."""
    import torch

    if not torch.cuda.is_available():
        return
    with TemporaryDirectory() as folder:
        write_model(Path(folder) / "model", "small")
        (_, (one,)), (_, (two,)) = (apart(Path(folder), "tune") for _ in range(2))
    yield bounded("training on an encoder twice: numbers that differ", int((one != two).sum()), 0)
    for name in MODELS:
        with TemporaryDirectory() as folder:
            yield from of_model(name, Path(folder))


def main() -> None:
    """Measure in processes of their own, and print a line a row."""
    if len(sys.argv) > 1:
        what, folder = sys.argv[1:]
        print(json.dumps(WORK[what](Path(folder))), flush=True)
        return
    for one in rows():
        ratio = "" if one["ratio"] is None else f" ({one['ratio']:.1f} times)"
        print(f"{one['name']}: {one['ours']:.3g} {one['unit']}{ratio}", flush=True)


if __name__ == "__main__":
    main()
