"""What is extracted of recordings is kept: who differs in what comes later decodes nothing."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import needed_keys
import numpy as np
import pandas as pd
import pytest
import small_encoders
import soundfile

from semisup import registry
from semisup.engine.parallel import Workers
from semisup.features.contract import ArrayRepresentation, Representation
from semisup.features.inputs import Inputs
from semisup.features.kinds import kind_class
from semisup.features.label_dependent import LabelDependent
from semisup.reading.file import parse_study
from semisup.recordings import kept, signals
from semisup.recordings.kept import Maker, arrays_of, tidy
from semisup.recordings.signals import one_by_one
from semisup.stages.runner import run_study
from semisup.study.study import Study

pytestmark = pytest.mark.usefixtures("bases_are_forgotten")
RATE = 8000
#: What comes after the signals of recordings have been turned into arrays.
LATER = {
    "speaker_normalisation": ("none", "standard"),
    "components": (3, 2),
    "dimensions": (64, 4),
    "rotate": (True, False),
    "pooling": ("mean", "max"),
    "embedding": ("scene", "timestamps"),
}
#: Keys whose values are others for some kinds, or which change what is extracted there.
OTHERWISE: dict[str, dict[str, tuple | None]] = {
    "hear": {"pooling": ("mean", "mean_std"), "embedding": None},
    "lstm": {"pooling": ("last", "mean")},
}
QUICK = {"epochs": 1, "steps": 2, "validate_steps": 1}
NEEDED = {**needed_keys.NEEDED, "vgg16": {"weights": "random", "size": 32}}
NEEDED["hear"] = {**NEEDED["hear"], "embedding": "timestamps"}


def keys_of(name: str) -> list[str]:
    """Return the keys of a kind that are about what comes later."""
    kind = kind_class(name)
    shared = kind.shared if issubclass(kind, ArrayRepresentation) else None
    asked = kind.Options.model_fields
    return [
        key
        for key in LATER
        if kind.needs == "audio" and key in asked and key != shared
        and OTHERWISE.get(name, {}).get(key, ()) is not None
    ]  # fmt: skip


def marks_of(name: str) -> list:
    """Mark what needs libraries that the tests do without, or trains a network."""
    trains = "history.csv" in kind_class(name).models
    return [pytest.mark.extras] * (name in needed_keys.EXTRAS) + [pytest.mark.slow] * trains


def cases() -> list:
    """Return every kind of the registry that has such keys."""
    names = [name for name in registry.representations.built_in() if keys_of(name)]
    return [pytest.param(name, marks=marks_of(name)) for name in names]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> pd.DataFrame:
    """Twelve sounds of four speakers, of which each subset has some."""
    folder, rng = tmp_path_factory.mktemp("corpus"), np.random.default_rng(0)
    rows = []
    for number in range(12):
        seconds = rng.uniform(0.3, 0.6)
        time = np.arange(int(seconds * RATE)) / RATE
        sound = 0.1 * np.sin(2 * np.pi * rng.uniform(100, 300) * time) * time
        path = folder / f"{number:02d}.wav"
        soundfile.write(path, sound + 0.01 * rng.normal(size=len(time)), RATE)
        subset = ("labelled", "unlabelled", "test", "unlabelled")[number % 4]
        rows.append((path.name, str(path), f"s{number % 4}", subset, seconds, f"hash {number}"))
    columns = ["recording", "path", "speaker", "subset", "seconds", "content"]
    return pd.DataFrame(rows, columns=columns).assign(start=np.nan, end=np.nan)


def kind_with(name: str, number: int) -> Representation:
    """Return a kind with the first or second value of these keys, quick where it can be."""
    kind = kind_class(name)
    quick = {key: few for key, few in QUICK.items() if key in kind.Options.model_fields}
    values = {
        key: (OTHERWISE.get(name, {}).get(key) or LATER[key])[number] for key in keys_of(name)
    }
    return kind.of(**{**quick, **NEEDED.get(name, {}), **values})


def inputs_of(corpus: pd.DataFrame, folder: Path, shared: Path) -> Inputs:
    """Return what a kind may read, in a folder of its own, with what is kept in another."""
    folder.mkdir(parents=True, exist_ok=True)
    return Inputs("it", folder, folder / "parts", folder.parent, 3, RATE, corpus, kept=shared)


def bytes_of(kind: Representation, inputs: Inputs, path: Path) -> bytes:
    """Return the bytes of what a kind gives: the input of one that is fitted in every cell."""
    if isinstance(kind, LabelDependent):
        return kind.rows(replace(inputs, wanted=("labelled", "unlabelled", "test"))).x.tobytes()
    kind.fit(inputs)
    kind.extract(inputs).to_parquet(path)
    return path.read_bytes()


@pytest.mark.parametrize("name", cases())
def test_what_comes_later_extracts_nothing_anew(name, corpus, tmp_path):
    before, after = kind_with(name, 0), kind_with(name, 1)
    if any("pip install" in misfit for misfit in before.misfits(small_chunks())):
        pytest.skip("its library is not installed")
    folder, shared = tmp_path / "files", tmp_path / "kept"
    audio = Path(shutil.copytree(Path(corpus["path"][0]).parent, tmp_path / "audio"))
    there = corpus.assign(path=[str(audio / recording) for recording in corpus["recording"]])
    small_encoders.write_for(name, tmp_path)
    bytes_of(before, inputs_of(there, folder, shared), tmp_path / "before.parquet")
    anew = bytes_of(
        after, inputs_of(there, tmp_path / "anew", tmp_path / "none"), tmp_path / "anew.parquet"
    )
    # nothing can be decoded any more
    shutil.rmtree(audio)
    again = bytes_of(after, inputs_of(there, folder, shared), tmp_path / "again.parquet")
    assert again == anew


def small_chunks():
    from semisup.study.spec import ChunkSpec

    return ChunkSpec(sample_rate=RATE, chunk_samples=7200, short="pad")


def test_the_cases_are_of_many_kinds():
    names = registry.representations.built_in()
    of_kinds = {name for name in names if keys_of(name)}
    assert {"opensmile", "hear", "handcrafted", "voice_pca", "mfcc", "transformers"} <= of_kinds


def doubled(signal: np.ndarray, sample_rate: int) -> np.ndarray:
    return 2 * signal


def counted(corpus: pd.DataFrame, folder: Path, calls: list) -> list[np.ndarray]:
    def count(signal: np.ndarray, sample_rate: int) -> np.ndarray:
        calls.append(len(signal))
        return doubled(signal, sample_rate)

    maker = Maker(one_by_one(count), "doubled", RATE, batch=3)
    return arrays_of(maker, corpus, folder, Workers(), "it")


def test_a_recording_that_is_new_is_all_that_is_made(corpus, tmp_path):
    calls: list[int] = []
    some = counted(corpus.iloc[:7], tmp_path, calls)
    assert len(calls) == 7
    # in another order, with the recordings of other subsets, under other names
    turned = corpus.iloc[::-1].assign(recording=[f"other {number}" for number in range(12)])
    every = counted(turned, tmp_path, calls)
    assert len(calls) == 12
    for one, other in zip(some, every[::-1][:7], strict=True):
        np.testing.assert_array_equal(one, other)
    counted(corpus.assign(content=corpus["content"] + " changed"), tmp_path, calls)
    assert len(calls) == 24


def test_a_run_that_was_killed_leaves_finished_parts_alone(corpus, tmp_path):
    calls: list[int] = []
    counted(corpus, tmp_path, calls)
    parts = sorted(tmp_path.rglob("*.npz"))
    assert len(parts) == 4
    parts[1].unlink()
    whole = counted(corpus, tmp_path, calls)
    assert len(calls) == 15
    for row, array in zip(corpus.itertuples(), whole, strict=True):
        np.testing.assert_array_equal(array, 2 * soundfile.read(row.path)[0])


def test_equal_recordings_are_made_once(corpus, tmp_path):
    calls: list[int] = []
    twins = corpus.iloc[[0, 1, 0]].assign(recording=["a", "b", "c"])
    a, b, c = counted(twins, tmp_path, calls)
    assert len(calls) == 2
    np.testing.assert_array_equal(a, c)
    assert len(a) != len(b)


def test_makers_together_are_told_apart_by_the_order(corpus, tmp_path):
    maker = Maker(one_by_one(doubled), "doubled", RATE, batch=3, alone=False)
    for rows in (corpus, corpus, corpus.iloc[::-1]):
        arrays_of(maker, rows, tmp_path, Workers(), "it")
    assert len(list(tmp_path.glob("*/*"))) == 2


def test_what_was_used_longest_ago_goes_first(tmp_path):
    now = tmp_path / "now"
    for number, name in enumerate(("old", "middle", "new")):
        (now / name).mkdir(parents=True)
        (now / name / "000000.npz").write_bytes(bytes(100))
        os.utime(now / name, (number, number))
    (tmp_path / "another version").mkdir()
    tidy(now, limit=250)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_dir()) == [
        "middle", "new", "now",
    ]  # fmt: skip
    tidy(now, limit=0)
    assert not list(now.iterdir())
    tidy(tmp_path / "never made")


def test_a_study_without_contents_keeps_nothing(corpus, tmp_path):
    inputs = inputs_of(corpus.drop(columns="content"), tmp_path / "it", tmp_path / "kept")
    inputs.of_signals(doubled, inputs.recordings, RATE, "it")
    assert not (tmp_path / "kept").exists()
    assert kept.has_contents(corpus)


@pytest.fixture
def root(corpus, tmp_path) -> Path:
    """The sounds as a corpus of two classes, each speaker with some of both."""
    for number, path in enumerate(corpus["path"]):
        folder = tmp_path / "corpus" / "ab"[number // 4 % 2]
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / f"s{number % 4}_{number}.wav")
    return tmp_path / "corpus"


def run(root: Path, **asked) -> tuple[bytes, Path]:
    """Run a study of hand-crafted features up to them; return the table and the study's folder."""
    normalisation = asked.pop("normalisation", "none")
    seed = asked.pop("seed", 0)
    corpus = {"adapter": "folder", "root": str(root), "speaker_pattern": r"(s\d)_"}
    kind = {"kind": "handcrafted", "speaker_normalisation": normalisation}
    spec = parse_study(
        {
            "name": "it",
            "seed": seed,
            "corpus": [corpus],
            "split": {"fractions": {"labelled": 0.5, "test": 0.5}},
            "chunks": {"sample_rate": RATE, "chunk_samples": RATE, "short": "pad"},
            "representations": {"handcrafted": kind},
            "curve": {"representations": ["handcrafted"], "classifiers": ["knn"]},
        }
    )
    study = run_study(Study(spec, root, asked.pop("out", root.parent)), "features", **asked)
    return (study.folder / "features" / "handcrafted.parquet").read_bytes(), study.folder


def test_a_study_that_changes_decodes_nothing_unless_it_is_forced(root, tmp_path, monkeypatch):
    first, _ = run(root)
    anew = run(root, normalisation="standard", seed=1, out=tmp_path / "anew")[0]

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(signals, "load", refuse)
    assert run(root, normalisation="standard", seed=1)[0] == anew != first
    with pytest.raises(AssertionError, match="decoded"):
        run(root, normalisation="standard", seed=1, force="features")
