"""Small studies whose steps are all the kinds of steps there are, and their tables."""

import hashlib
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import soundfile

#: What differs from run to run: times, machines, and pages and models that tell them.
NEVER_EQUAL = (
    *("provenance.json", "report.html", "timings.csv", "timings.parquet"),
    *("tuning.db", "tuning_timings.csv", "result.json"),
)
RATE = 8000

_STUDY = """
name = "NAME"
seed = 5
[corpus]
adapter = "folder"
root = "../recordings"
speaker_pattern = '(s\\d)_'
[split]
SPLIT
[chunks]
sample_rate = 8000
chunk_samples = 3200
short = "pad"
[durations]
chunk_samples = [2400, 4000]
[representations.handcrafted]
kind = "handcrafted"
[representations.components]
kind = "logmel_pca"
components = 3
dimensions = 3
MORE
[classifiers.neighbours]
kind = "knn"
grid = { n_neighbors = [1, 3] }
inner_folds = 2
[curve]
classifiers = ["neighbours", "tree"]
percentages = [50, 100]
draws = 2
[compare]
resamples = 200
[report]
audio = "none"
"""
_ALL = """
[fusions.both]
of = ["handcrafted", "components"]
[importance]
systems = ["tree@handcrafted"]
features = false
[clusters]
neighbours = 2
"""
_NETWORK = """
[representations.code]
kind = "autoencoder"
architecture = "autoencoder_1"
latent_dim = 4
input_scaling = "log"
bottleneck_activation = "linear"
loss = "mean_squared_error"
epochs = 1
[representations.pair]
kind = "fused"
of = ["components", "code"]
"""
_SEARCH = """
[tuning]
representation = "code"
architectures = ["autoencoder_1"]
latent_dim = [2, 4]
learning_rate = [0.001]
epochs = 1
"""
_ONE = "fractions = { labelled = 0.4, unlabelled = 0.3, test = 0.3 }"
#: By name: the splits, and what the study has beside the two representations of all of them.
STUDIES = {
    "plain": _STUDY.replace("SPLIT", _ONE).replace("MORE", _ALL),
    "folds": _STUDY.replace("SPLIT", "folds = 2\nrepeats = 2").replace("MORE", ""),
    "network": _STUDY.replace("SPLIT", _ONE).replace("MORE", _NETWORK),
    "tuned": _STUDY.replace("SPLIT", _ONE).replace("MORE", _NETWORK + _SEARCH),
}


def write_recordings(folder: Path, speakers: int = 8, takes: int = 3) -> Path:
    """Write tones of three classes, about half a second each."""
    rng = np.random.default_rng(0)
    for speaker in range(speakers):
        for place, label in enumerate(("calm", "glad", "sad")):
            for take in range(takes):
                path = folder / label / f"s{speaker}_{take}.wav"
                path.parent.mkdir(parents=True, exist_ok=True)
                time = np.arange(int(RATE * rng.uniform(0.45, 0.6))) / RATE
                pitch = (100 + 12 * speaker) * (1 + 0.25 * place * time)
                tone = np.sin(2 * np.pi * pitch * time) + 0.4 * np.sin(4 * np.pi * pitch * time)
                signal = 0.3 * tone + 0.03 * (1 + place) * rng.normal(size=len(time))
                soundfile.write(path, signal.clip(-1, 1), RATE, subtype="PCM_16")
    return folder


def write_study(folder: Path, name: str) -> Path:
    """Write the study file of a name into a folder beside that of the recordings."""
    path = folder / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(STUDIES[name].replace("NAME", name), encoding="utf-8")
    return path


def contents(folder: Path) -> dict[str, str]:
    """Return a hash of every file of a study that must be the same whatever happened.

    Hidden ones are not looked at: fingerprints take in where nothing is, parts go when all is done.
    """
    return {
        str(path.relative_to(folder)): _hash(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and _is_compared(path.relative_to(folder))
    }


def _is_compared(path: Path) -> bool:
    return path.name not in NEVER_EQUAL and not any(name[0] == "." for name in path.parts)


def _hash(path: Path) -> str:
    if path.suffix in (".keras", ".npz"):
        return _hash_of_zip(path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _hash_of_zip(path: Path) -> str:
    """Hash what is in a zip, which itself may tell when it was written, but for times."""
    with ZipFile(path) as file:
        parts = {name: file.read(name) for name in sorted(file.namelist())}
    for name in [*parts]:
        if name == "metadata.json" or name.endswith("seconds.npy"):
            del parts[name]
    return hashlib.sha256(repr(parts).encode()).hexdigest()
