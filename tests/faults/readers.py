"""Everything that reads a file of a user's: small whole files for it, and how it is asked."""

import io
import pickle
import tempfile
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import soundfile
from mutations import OF_FILES, OF_STUDIES, OF_TEXT, OF_ZIPS
from PIL import Image

from faults.studies import STUDIES

RATE = 8000
AUDIO = ("wav", "flac", "ogg", "mp3", "aiff", "au", "caf", "w64")
PICTURES = ("png", "jpeg", "bmp", "webp", "tiff")


class Reader(NamedTuple):
    """One reader, asked to read a path; what it returns does not matter here."""

    seeds: Callable[[], list[tuple[str, bytes]]]  # suffix and content
    read: Callable[[Path], object]
    changes: tuple[Callable[..., bytes], ...] = OF_FILES
    share: int = 1  # of the inputs: as many as take about a second, and of slow ones some more
    library: str = "numpy"  # without which there is nothing to read


def _audio() -> list[tuple[str, bytes]]:
    rng = np.random.default_rng(0)
    tone = 0.4 * np.sin(np.arange(RATE) * 0.2) + 0.01 * rng.normal(size=RATE)
    kinds = [(suffix, None) for suffix in AUDIO]
    kinds += [("wav", name) for name in ("FLOAT", "ULAW", "IMA_ADPCM", "PCM_U8")]
    seeds = []
    for suffix, subtype in kinds:
        file = io.BytesIO()
        soundfile.write(file, tone, RATE, format=suffix.upper(), subtype=subtype)
        seeds.append((suffix, file.getvalue()))
    return seeds


def _read_audio(path: Path) -> object:
    from semisup.recordings import audio

    return audio.inspect(path), audio.load(path, RATE)


def _pictures() -> list[tuple[str, bytes]]:
    pixels = np.random.default_rng(0).integers(0, 256, (24, 20, 3), dtype=np.uint8)
    seeds = []
    for suffix in PICTURES:
        for mode in ("RGB", "P", "L"):
            file = io.BytesIO()
            picture = Image.fromarray(pixels).convert(mode)
            (picture.convert("RGB") if suffix in ("webp", "jpeg") else picture).save(file, suffix)
            seeds.append((suffix, file.getvalue()))
    return seeds


def _read_picture(path: Path) -> object:
    from semisup.recordings import pictures

    return pictures.inspect(path), pictures.load(path, 16)


def _pickles() -> list[tuple[str, bytes]]:
    vectors = np.empty(3, dtype=object)
    vectors[:] = [np.arange(3.0)] * 3
    value = [vectors, np.arange(6.0).reshape(2, 3), [1, 2.5, True], np.float32(2)]
    # lists in lists, each twice in the next: small files that are large once read
    twice: list[object] = [1.0]
    for _ in range(3):
        twice = [twice, twice, twice, twice]
    return [("pickle", pickle.dumps(v, protocol=p)) for v in (value, twice) for p in range(6)]


def _read_pickle(path: Path) -> object:
    from semisup.importers.restricted_pickle import load_plain

    return load_plain(path)


def _studies() -> list[tuple[str, bytes]]:
    return [("toml", text.replace("NAME", "it").encode()) for text in STUDIES.values()]


def _read_study(path: Path) -> object:
    from semisup.reading import read_draft

    return read_draft(path, path.parent / "out")


def _written(table: pd.DataFrame) -> list[tuple[str, bytes]]:
    parquet = io.BytesIO()
    table.to_parquet(parquet, index=False)
    return [
        ("csv", table.to_csv(index=False).encode()),
        ("tsv", table.to_csv(index=False, sep="\t").encode()),
        ("parquet", parquet.getvalue()),
    ]


def _listings() -> list[tuple[str, bytes]]:
    names = [f"a/s{n % 4}_{n}.wav" for n in range(12)]
    table = pd.DataFrame({"file": names, "label": ["x", "y"] * 6, "speaker": ["p", "q", "r"] * 4})
    return _written(table.assign(start=0.0, end=0.5, text='he said "yes", twice'))


def _read_listing(path: Path) -> object:
    from semisup.corpora import adapter

    kind = adapter("table")
    return kind(kind.Options(adapter="table", path=str(path))).scan(path.parent)


def _features() -> list[tuple[str, bytes]]:
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(12, 3)), columns=["a", "b", "c"])
    table.insert(0, "recording", [f"r{n}" for n in range(12)])
    return _written(table)


def _read_features(path: Path) -> object:
    from semisup.features.kinds import kind_class

    return kind_class("table").of(path=str(path)).read(path.parent)


def _predictions() -> list[tuple[str, bytes]]:
    rows = [
        (system, budget, draw, f"r{n}", f"s{n % 3}", "xy"[n % 2], "xy"[n % 3 % 2])
        for system in ("a", "b")
        for budget in (50, 100)
        for draw in range(2)
        for n in range(6)
    ]
    names = ["system", "budget", "draw", "recording", "speaker", "true", "predicted"]
    return _written(pd.DataFrame(rows, columns=names))


def _read_predictions(path: Path) -> object:
    from semisup.elsewhere.columns import checked, read
    from semisup.errors import TableError

    problems: list[str] = []
    columns = checked(read(path), problems)
    if problems:
        raise TableError("\n".join(problems))
    return columns


def _encoders(kind: str) -> Callable[[], list[tuple[str, bytes]]]:
    def seeds() -> list[tuple[str, bytes]]:
        import small_encoders

        with tempfile.TemporaryDirectory() as folder:
            small_encoders.write_for(kind, Path(folder))
            (path,) = Path(folder).iterdir()
            return [(path.suffix[1:], path.read_bytes())]

    return seeds


def _encoder(kind: str) -> Callable[[Path], object]:
    def read(path: Path) -> object:
        from semisup.encoders.sentences import one_sentence
        from semisup.features.kinds import kind_class

        # as `extract` does it
        with one_sentence(path.name, "loading"):
            run = kind_class(kind).of(file=str(path)).run(path)
            # TensorFlow does not compute in a copy of a process
            return run if kind == "keras" else run(np.zeros((1, 800), np.float32))

    return read


def _projections() -> list[tuple[str, bytes]]:
    from semisup.representations._projection import principal_components

    rows = np.random.default_rng(0).normal(size=(12, 5))
    file = io.BytesIO()
    fitted = principal_components(rows, [5], components=3, dimensions=3, rotate=True, seed=0)
    np.savez(file, **fitted._asdict())
    return [("npz", file.getvalue())]


def _read_projection(path: Path) -> object:
    from semisup.representations._projection import Projection

    return Projection.load(path).apply(np.zeros((2, 5)))


#: Of an exported model: a file by its suffix, the others are whole.
SYSTEMS = ("svm", "knn", "tree", "random_forest", "adaboost")
N_FEATURES, N_CLASSES = 3, 3


def _system(name: str, folder: Path) -> Path:
    """Write a system that was fitted on a few rows, as it is exported."""
    from semisup.classifiers import build_classifier, classifier
    from semisup.curve.fit import LabelledRows, fit
    from semisup.curve.sources import TableSource
    from semisup.prediction.fitted import Facts, Fitted, save_fitted
    from semisup.study.spec import ChunkSpec, ClassifierSpec

    rows = np.random.default_rng(0).normal(size=(18, N_FEATURES))
    classes = np.arange(18) % N_CLASSES
    small = {"n_estimators": 3} if name in ("random_forest", "adaboost") else {}
    estimator = build_classifier(ClassifierSpec(kind=name, parameters=small), 1)
    labelled = LabelledRows(rows, classes, np.arange(18))
    done = fit(classifier(name), estimator, labelled, TableSource(rows, rows, None), "standard")
    facts = Facts(
        name=f"{name}@by_hand",
        representation="by_hand",
        representations={"by_hand": {"kind": "handcrafted"}},
        chunks=ChunkSpec(),
        seed=0,
        media=("sound",),
        longest=None,
        classes=("a", "b", "c"),
        row_shape=(N_FEATURES,),
        several_rows=True,
        reads_arrays=done.reads_arrays,
    )
    folder.mkdir(parents=True, exist_ok=True)
    save_fitted(Fitted(facts, done), folder)
    return folder


@cache
def _systems() -> list[tuple[str, bytes]]:
    seeds = []
    with tempfile.TemporaryDirectory() as folder:
        for name in SYSTEMS:
            for path in sorted(_system(name, Path(folder) / name).iterdir()):
                seeds.append((path.suffix[1:], path.read_bytes()))
    return seeds


def _read_system(path: Path) -> object:
    from semisup.prediction.fitted import FILES, load_fitted

    with tempfile.TemporaryDirectory() as folder:
        for name in FILES:
            whole = next(data for suffix, data in _systems() if name.endswith(suffix))
            mine = path.suffix == Path(name).suffix
            (Path(folder) / name).write_bytes(path.read_bytes() if mine else whole)
        return load_fitted(Path(folder)).answers(np.zeros((4, N_FEATURES)))


#: Those that can be asked here; some have libraries of their own.
_ALL = {
    "audio": Reader(_audio, _read_audio, share=40),
    "picture": Reader(_pictures, _read_picture, share=20),
    "pickle": Reader(_pickles, _read_pickle, share=20),
    "study": Reader(_studies, _read_study, OF_STUDIES, share=5),
    "listing": Reader(_listings, _read_listing, OF_TEXT, share=3),
    "listing in binary": Reader(lambda: _listings()[2:], _read_listing, share=10),
    "features": Reader(_features, _read_features, OF_TEXT, share=5),
    "features in binary": Reader(lambda: _features()[2:], _read_features, share=5),
    "predictions": Reader(_predictions, _read_predictions, OF_TEXT, share=3),
    "keras": Reader(_encoders("keras"), _encoder("keras"), OF_ZIPS, share=2),
    "onnx": Reader(_encoders("onnx"), _encoder("onnx"), share=10, library="onnxruntime"),
    "torch": Reader(_encoders("torch"), _encoder("torch"), OF_ZIPS, share=2, library="torch"),
    "projection": Reader(_projections, _read_projection, OF_ZIPS, share=10),
    "exported": Reader(_systems, _read_system, OF_ZIPS, share=10),
}
READERS = {name: reader for name, reader in _ALL.items() if find_spec(reader.library)}
