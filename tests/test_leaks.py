"""Leaks: noise in place of what is tested, and labels in place of others, change nothing learned.

Found by the registries: a new classifier, and a new way to split, is tried without a line here.
Kinds of representation are tried alike in `test_representation_contract`.
"""

from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest
import soundfile
import zarr
from faults.studies import write_recordings

from semisup import read_study, registry
from semisup.classifiers import classifier
from semisup.curve.cells import fit_cell
from semisup.curve.plan import plan
from semisup.errors import SpecError
from semisup.features.arrays import Arrays, row_numbers
from semisup.splits import each
from semisup.stages.runner import run_study
from semisup.study.spec import ClassifierSpec, CorpusSpec, CurveSpec
from semisup.study.split_spec import SplitSpec

SUBSETS = ("labelled", "unlabelled", "test")
NAMES = registry.classifiers.built_in()
#: Those that train an encoder further need a study: `test_finetuning` replaces its test speakers.
ALONE = [name for name in NAMES if not classifier(name).tunes]
TUNED = [f"{name} tuned" for name in ALONE if classifier(name).grid]
#: Shapes of rows; the first that a classifier accepts is used. `argmax` takes one column a class.
SHAPES = {True: ((24, 6), (32, 32, 3), (24, 6, 1)), False: ((5,), (2,))}
#: Parameters that make a fit quick, where there are such.
QUICK = {"epochs": 2, "weights": "random"}


def manifest_of(count: int, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.Series]:
    names = [f"r{number:02d}" for number in range(count)]
    split = pd.Series(
        [SUBSETS[n % 3] for n in range(count)], index=pd.Index(names, name="recording")
    )
    labels = [("a", "b")[n // 3 % 2] for n in range(count)]
    speakers = [f"{SUBSETS[n % 3]}{n // 3 % 4}" for n in range(count)]
    return pd.DataFrame({"recording": names, "label": labels, "speaker": speakers}), split


def planned(name: str, folder: Path, shape: tuple[int, ...], is_noisy: bool):
    """Plan one cell; with noise in the place of test rows, and others' labels in that of theirs."""
    kind, _, tuned = name.partition(" ")
    rng = np.random.default_rng(0)
    manifest, split = manifest_of(48, rng)
    values = rng.normal(size=(len(manifest), *shape)).astype(np.float32)
    values += (manifest["label"] == "a").to_numpy().reshape(-1, *[1] * len(shape))
    if is_noisy:
        other = np.random.default_rng(1)
        subset = split[manifest["recording"]].to_numpy()
        is_test = subset == "test"
        values[is_test] = other.normal(size=values[is_test].shape) * 9
        for name_of in ("test", "unlabelled"):
            rows = manifest.index[subset == name_of]
            manifest.loc[rows, "label"] = other.permutation(manifest.loc[rows, "label"])
    keys = pd.DataFrame({"recording": manifest["recording"], "chunk": np.int32(-1)})
    known = classifier(kind).build(0).get_params()
    parameters = {key: value for key, value in QUICK.items() if key in known}
    parameters = parameters if classifier(kind).trained else {}
    spec = ClassifierSpec(kind=kind, parameters=parameters, tuned=bool(tuned))
    curve = CurveSpec(classifiers=["it"], percentages=[100], draws=1)
    rest = {"classifiers": {"it": spec}}
    if classifier(kind).network:
        store = folder / f"{is_noisy}-{len(shape)}-{shape[0]}.zarr"
        zarr.save_array(store, values)
        arrays = {"it": Arrays(store)}
        return plan({"it": row_numbers(keys)}, manifest, split, curve, 0, arrays=arrays, **rest)
    features = pd.DataFrame(values.reshape(len(values), -1)).add_prefix("x")
    return plan({"it": keys.join(features)}, manifest, split, curve, 0, **rest)


def learned(name: str, folder: Path, shape: tuple[int, ...], is_noisy: bool):
    """Return what a fit answers about the labelled rows, and what was chosen for it."""
    (task,) = planned(name, folder, shape, is_noisy).tasks
    fitted = fit_cell(task, 100, task.source)
    rows = task.source.labelled(np.arange(len(task.labelled.owner)))
    weights = fitted.probabilities(rows, task.rules.n_classes)
    return fitted.predict(rows) if weights is None else weights, fitted.choice


@pytest.mark.parametrize("name", [*ALONE, *TUNED])
def test_no_fit_depends_on_test_rows_nor_on_labels_that_it_may_not_know(name, tmp_path):
    shapes = SHAPES[classifier(name.partition(" ")[0]).network]
    for shape in shapes:
        try:
            answers, choice = learned(name, tmp_path, shape, False)
        except (SpecError, ValueError):
            continue
        noisy, noisy_choice = learned(name, tmp_path, shape, True)
        np.testing.assert_array_equal(answers, noisy)
        assert choice == noisy_choice
        if len(np.unique(answers)) > 1:
            return
    pytest.fail(f"{name} takes no rows of {shapes}")


def test_every_classifier_is_tried_here_or_with_a_study():
    left = set(NAMES) - set(ALONE)
    assert left == {name for name in NAMES if classifier(name).tunes}
    assert {name for name in ALONE if classifier(name).unlabelled}


STUDY = """
name = "leak"
SPLIT
[chunks]
chunk_samples = 3200
short = "pad"
[representations.components]
kind = "logmel_pca"
components = 3
dimensions = 3
[classifiers.neighbours]
kind = "knn"
grid = { n_neighbors = [1, 3] }
inner_folds = 2
[curve]
classifiers = ["neighbours", "label_spreading"]
percentages = [50, 100]
draws = 2
"""
CORPUS = """
[[corpus]]
adapter = "table"
root = "recordings"
path = "../LIST.csv"
"""
_ONE = CORPUS.replace("LIST", "all").replace("[[corpus]]", "[corpus]")
_QUOTA = "per_class = { labelled = 3, test = 3, unlabelled = 'rest' }"
#: Ways to split by what the models say that there are; each with a study's text.
SPLITS = {
    "fraction": _ONE + "[split]\nstrategy = 'fraction'",
    "quota": _ONE + "[split]\nstrategy = 'quota'\n" + _QUOTA,
    "sorted_prefix": _ONE + "[split]\nstrategy = 'sorted_prefix'\n" + _QUOTA,
    "column": _ONE + "[split]\nstrategy = 'column'\ncolumn = 'place'",
    "folds": _ONE + "[split]\nfolds = 2",
    "folds of speakers": _ONE + "[split]\nfolds = 'speakers'",
    "roles": "".join(
        CORPUS.replace("LIST", f"of_{role}") + f"role = '{role}'\nname = '{role}'\n"
        for role in SUBSETS
    ),
}


def write_lists(folder: Path, labels: dict[str, str] | None = None) -> None:
    """Write lists of all recordings, and of each role's; of some the label is another."""
    files = sorted(str(p.relative_to(folder / "recordings")) for p in folder.rglob("*.wav"))
    table = pd.DataFrame({"file": files})
    table["label"] = [(labels or {}).get(name, name.partition("/")[0]) for name in files]
    table["speaker"] = [name.partition("/")[2][:2] for name in files]
    number = table["speaker"].str[1].astype(int)
    table["place"] = [SUBSETS[n % 3] for n in number]
    table.to_csv(folder / "all.csv", index=False)
    for place, rows in table.groupby("place"):
        rows.to_csv(folder / f"of_{place}.csv", index=False)


def run(folder: Path, split: str) -> Path:
    (folder / "study.toml").write_text(STUDY.replace("SPLIT", SPLITS[split]))
    return run_study(read_study(folder / "study.toml", folder / "files"), "curve").folder


def models_of(folder: Path) -> dict[str, bytes]:
    files = [*folder.glob("components/*"), *folder.glob("choices.csv")]
    return {path.name: path.read_bytes() for path in files if path.name[0] != "."}


def test_every_way_to_split_is_tried():
    strategies = set(get_args(SplitSpec.model_fields["strategy"].annotation))
    roles = set(get_args(CorpusSpec.model_fields["role"].annotation)) - {"all"}
    assert strategies <= set(SPLITS)
    assert roles == set(SUBSETS)


@pytest.mark.slow
@pytest.mark.parametrize("split", SPLITS)
def test_no_split_lets_anything_learn_from_its_test_speakers(split, tmp_path):
    for name in ("clean", "noisy"):
        write_recordings(tmp_path / name / "recordings", speakers=6)
        write_lists(tmp_path / name)
    clean = run(tmp_path / "clean", split)
    table = pd.read_csv(clean / "split.csv")
    subset = (
        next(iter(each(table))) if "repeat" in table else table.set_index("recording")["subset"]
    )
    paths = pd.read_parquet(clean / "manifest.parquet").set_index("recording")["path"]
    rng = np.random.default_rng(0)
    names = {
        r: str(Path(paths[r]).relative_to(tmp_path / "clean" / "recordings")) for r in subset.index
    }
    for recording in subset.index[subset == "test"]:
        path = tmp_path / "noisy" / "recordings" / names[recording]
        signal, rate = soundfile.read(path)
        soundfile.write(path, rng.uniform(-0.5, 0.5, len(signal)), rate)
    if split in ("column", "roles"):  # where labels do not say who is dealt where
        unlabelled = [names[recording] for recording in subset.index[subset == "unlabelled"]]
        others = rng.permutation([name.partition("/")[0] for name in unlabelled])
        write_lists(tmp_path / "noisy", dict(zip(unlabelled, others, strict=True)))
    noisy = run(tmp_path / "noisy", split)
    assert (noisy / "split.csv").read_bytes() == (clean / "split.csv").read_bytes()
    one, other = (
        folder / "repeats" / "000" if "repeat" in table else folder for folder in (clean, noisy)
    )
    assert len(models_of(one)) >= 2
    assert models_of(one) == models_of(other)
    features = [
        pd.read_parquet(f / "features" / "components.parquet").set_index("recording")
        for f in (one, other)
    ]
    labelled = features[0].index.isin(subset.index[subset == "labelled"])
    pd.testing.assert_frame_equal(features[0][labelled], features[1][labelled])
    assert not features[0][~labelled].equals(features[1][~labelled])
