"""Encoders of PyTorch that are trained on in a cell: what is learned, what is not seen."""

import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import small_encoders
import soundfile
import zarr
from scipy.special import log_softmax

import semisup
from semisup.classifiers import classifier
from semisup.curve.cells import run_task
from semisup.curve.plan import plan
from semisup.encoders.kernels import repeatable, sums_in_order
from semisup.encoders.pretrained import Described, Pretrained
from semisup.encoders.transformers_models import Source
from semisup.encoders.tunable import Tunable
from semisup.engine.artefacts import write_json
from semisup.errors import SpecError
from semisup.features.arrays import Arrays, row_numbers
from semisup.reading.file import parse_study
from semisup.representations.transformers import middle
from semisup.study.spec import ClassifierSpec, CurveSpec

pytestmark = pytest.mark.extras
NAMES = ("wav2vec2_group", "wavlm")
every = pytest.mark.parametrize("name", NAMES)
RATE = 16000
QUICK = {"epochs": 4, "fine_tuning_epochs": 2, "fine_tuning_rate": 0.003, "batch_size": 4}


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    """A folder with the models, and what finds each."""
    folder = tmp_path_factory.mktemp("models")
    for name in NAMES:
        small_encoders.write(name, folder / name)
        described(folder, name)
    return folder


def described(base: Path, name: str, pooling="mean", layer="last", label="") -> Path:
    path = base / f"{name}{label}.json"
    write_json(path, Described(Source(name, "", base), layer, pooling, 1.0, 3).written())
    return path


def tones(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows of tones of three heights in noise, of two lengths: rows and classes."""
    rng = np.random.default_rng(seed)
    classes = np.arange(count) % 3
    rows = np.full((count, 3200), np.nan, np.float32)
    for number, kind in enumerate(classes):
        length = (3200, 2800)[number % 2]
        phase = rng.uniform(0, 6) + np.arange(length) * (0.05, 0.3, 1.2)[kind]
        rows[number, :length] = 0.3 * np.sin(phase) + 0.01 * rng.normal(size=length)
    return rows, classes


def tuned(base: Path, name: str, state: int = 0, **parameters):
    keys = {**QUICK, "encoder": str(base / f"{name}.json"), **parameters}
    return classifier("finetune").build(state).set_params(**keys)


def encoder_weights(encoder) -> dict[str, np.ndarray]:
    return {name: weight.detach().cpu().numpy() for name, weight in encoder.named_parameters()}


def start(base: Path, name: str) -> dict[str, np.ndarray]:
    return encoder_weights(Pretrained(Described.read(base / f"{name}.json")).encoder)


@every
def test_it_learns_separable_tones(name, base):
    X, y = tones(36)
    path = described(base, name, "mean_std", label="-tones")
    keys = {"epochs": 60, "patience": 60, "learning_rate": 0.03, "batch_size": 6}
    more = {"fine_tuning_epochs": 15, "fine_tuning_patience": 15, "dropout": 0.0}
    fitted = tuned(base, name, encoder=str(path), **keys, **more).fit(X, y)
    test, truth = tones(24, 1)
    assert (fitted.predict(test) == truth).mean() > 0.9
    history = fitted.history_
    assert history["phase"].unique().tolist() == ["frozen", "released"]
    columns = [
        "head",
        "phase",
        "epoch",
        "loss",
        "val_loss",
        "accuracy",
        "learning_rate",
        "val_accuracy",
    ]
    assert list(history) == columns
    assert not history.drop(columns=["head", "phase"]).isna().any(axis=None)
    best = history.groupby("phase")["val_loss"].min()
    assert best["released"] < best["frozen"]


def test_frozen_layers_keep_their_weights_bit_by_bit(base):
    X, y = tones(12)
    before = start(base, "wavlm")
    for frozen, learned in (("all", ()), (2, ()), (1, (1,)), ("none", (0, 1)), (0, (0, 1))):
        fitted = tuned(base, "wavlm", frozen=frozen, validation_share=0.0, epochs=1).fit(X, y)
        after = encoder_weights(fitted.tuned().encoder)
        changed = {key for key in before if not np.array_equal(before[key], after[key])}
        assert {int(key.split(".")[2]) for key in changed} == set(learned)
        assert all(key.startswith("encoder.layers.") for key in changed)
    # the model in memory is as it was for the next fit
    for key, weight in start(base, "wavlm").items():
        assert np.array_equal(before[key], weight)


@every
@pytest.mark.parametrize(("pooling", "layer"), [("mean_std", "last"), ("max", 1), ("mean", "mean")])
def test_codes_are_those_of_each_row_alone(name, pooling, layer, base):
    X, _ = tones(7)
    path = described(base, name, pooling, layer, f"-{pooling}-{layer}")
    pretrained = Pretrained(Described.read(path))
    codes = pretrained.codes(X, 5)
    pool = {"max": lambda f: f.max(0), "mean": lambda f: f.mean(0)}
    pool["mean_std"] = lambda f: np.r_[f.mean(0), f.std(0)]
    for row, code in zip(X, codes, strict=True):
        (frames,) = pretrained.waveforms.frames([row[np.isfinite(row)]])[0]
        np.testing.assert_allclose(code, pool[pooling](frames), atol=1e-5)


def test_all_frozen_is_the_layer_on_the_codes(base):
    X, y = tones(18)
    fitted = tuned(base, "wavlm", frozen="all", dropout=0.0).fit(X, y)
    codes = Pretrained(Described.read(base / "wavlm.json")).codes(X, 4)
    shared = {"epochs": 4, "dropout": 0.0, "batch_size": 4}
    layer = classifier("encoder_classifier").build(0).set_params(**shared).fit(codes, y)
    np.testing.assert_allclose(fitted.predict_proba(X), layer.predict_proba(codes), atol=1e-4)
    assert fitted.history_["phase"].unique().tolist() == ["frozen"]


def test_a_fit_depends_on_its_state_alone_and_disturbs_nobody(base):
    import torch

    X, y = tones(18)
    torch.manual_seed(5)
    threads, random = torch.get_num_threads(), torch.get_rng_state()
    first = tuned(base, "wavlm", 7).fit(X, y)
    torch.rand(3)
    other = tuned(base, "wavlm", 8).fit(X[::-1], y[::-1])
    again = tuned(base, "wavlm", 7).fit(X, y)
    for one, two in zip(first.weights_, again.weights_, strict=True):
        assert np.array_equal(one, two)
    pd.testing.assert_frame_equal(first.history_, again.history_)
    assert not np.array_equal(first.weights_[0], other.weights_[0])
    assert torch.get_num_threads() == threads
    torch.set_rng_state(random)
    expected = torch.rand(3)
    torch.set_rng_state(random)
    tuned(base, "wavlm", 7, fine_tuning_epochs=1).fit(X, y)
    assert torch.equal(torch.rand(3), expected)


def test_on_a_gpu_sums_have_an_order_and_what_was_set_comes_back():
    import torch

    def state() -> tuple[bool, ...]:
        of_attention = torch.backends.cuda
        return (
            torch.are_deterministic_algorithms_enabled(),
            of_attention.flash_sdp_enabled(),
            of_attention.mem_efficient_sdp_enabled(),
        )

    before = state()
    with sums_in_order():
        assert state() == (True, False, False)
    assert state() == before
    with pytest.raises(ZeroDivisionError), sums_in_order():
        _ = 1 / 0
    assert state() == before


def test_another_process_gives_the_same_numbers(base):
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from test_finetuning_torch import tones, tuned\n"
        "X, y = tones(18)\n"
        "fitted = tuned(Path(sys.argv[2]), 'wavlm', 7).fit(X, y)\n"
        "print(fitted.predict_proba(X).tobytes().hex())"
    )
    arguments = [sys.executable, "-c", code, str(Path(__file__).parent), str(base)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    X, y = tones(18)
    here = tuned(base, "wavlm", 7).fit(X, y).predict_proba(X)
    assert done.stdout.split()[-1] == here.tobytes().hex()


def test_the_loss_of_an_update_is_that_of_all_its_rows(base):
    import torch

    X, y = tones(10)
    fitted = tuned(base, "wav2vec2_group", frozen="all").fit(X, y)
    tunable = fitted.tuned()
    targets = np.eye(3, dtype=np.float32)[y] * np.array([1.0, 2.0, 0.5], np.float32)
    sums = tunable._losses(X, targets)
    logits = log_softmax(tunable.logits(X, 4).astype(float), axis=1)
    assert sums["loss"] == pytest.approx(-(targets * logits).sum(), rel=1e-4)
    assert sums["accuracy"] == (logits.argmax(axis=1) == y).sum()
    by_groups = tunable.linear.weight.grad.clone().cpu()
    tunable.linear.weight.grad = None
    alone = [torch.tensor(tunable.codes(X[n : n + 1], 1)) for n in range(10)]
    codes = torch.cat(alone).to(tunable.mean.device)
    wanted = torch.tensor(targets, device=codes.device)
    loss = -(wanted * tunable._classified(codes).log_softmax(dim=1)).sum() / 10
    loss.backward()
    np.testing.assert_allclose(by_groups, tunable.linear.weight.grad.cpu(), atol=1e-5)


def planned(folder: Path, base: Path, labels=None):
    """Plan cells of rows of tones, as a study gives them."""
    X, y = tones(30)
    names = [f"r{number:02d}" for number in range(30)]
    manifest = pd.DataFrame({"recording": names, "label": y if labels is None else labels})
    manifest["label"] = manifest["label"].map(str)
    split = pd.Series(["labelled"] * 18 + ["test"] * 12, index=names)
    index = pd.DataFrame({"recording": names, "chunk": -1})
    store = folder / "rows.zarr"
    zarr.create_array(store, shape=X.shape, chunks=(8, X.shape[1]), dtype="float32")[:] = X
    keys = {**QUICK, "encoder": str(base / "wavlm.json")}
    spec = ClassifierSpec(kind="finetune", parameters=keys)
    curve = CurveSpec(classifiers=["tuned"], percentages=[50, 100], draws=1)
    table, arrays = {"w": row_numbers(index)}, {"w": Arrays(store)}
    return plan(table, manifest, split, curve, 3, {"tuned": spec}, arrays)


def cells_of(experiment, path) -> dict[str, np.ndarray]:
    run_task(experiment.tasks[0], path)
    with np.load(path) as cells:
        return dict(cells)


def test_noise_in_the_place_of_test_rows_changes_nothing_learned(base, tmp_path):
    experiment = planned(tmp_path, base)
    before = cells_of(experiment, tmp_path / "before.npz")
    rows = zarr.open_array(tmp_path / "rows.zarr")
    rows[18:] = np.random.default_rng(0).normal(size=(12, rows.shape[1]))
    after = cells_of(experiment, tmp_path / "after.npz")
    learned = [name for name in before if name.startswith("history_")]
    assert "history_val_loss" in learned
    for name in learned:
        assert np.array_equal(before[name], after[name])
    assert not np.array_equal(before["probability"], after["probability"])


def test_labels_beyond_the_budget_change_nothing_within_it(base, tmp_path):
    y = np.arange(30) % 3
    others = y.copy()
    others[9:18] = np.roll(y[9:18], 1)  # beyond the first half of each class
    cells = []
    for name, labels in (("one", y), ("other", others)):
        experiment = planned(tmp_path / name, base, labels)
        experiment.tasks[0] = experiment.tasks[0]._replace(order=np.arange(18))
        cells.append(cells_of(experiment, tmp_path / f"{name}.npz"))
    one, other = cells
    assert np.array_equal(one["probability"][0], other["probability"][0])
    assert not np.array_equal(one["probability"][1], other["probability"][1])


STUDY = """
name = "x"
[corpus]
adapter = "folder"
root = "recordings"
[representations.w]
kind = "transformers"
model = "wavlm"
[representations.m]
kind = "onnx"
file = "m.onnx"
sample_rate = 16000
[curve]
classifiers = ["finetune"]
"""


def test_wrong_use_is_one_sentence(base):
    def said(text: str) -> str:
        with pytest.raises(SpecError) as error:
            parse_study(tomllib.loads(text), base=base)
        return str(error.value).splitlines()[-1]

    assert "'finetune' goes on training an encoder, but 'm' has none, as kinds" in said(STUDY)
    rival = STUDY.replace('"finetune"', '"fixmatch"') + 'only.fixmatch = ["w"]'
    assert "'fixmatch' cannot train the encoder of 'w', which is of PyTorch" in said(rival)
    text = STUDY.replace('"wavlm"', '"wavlm"\nspeaker_normalisation = "mean"')
    assert "normalised by speaker after its encoder" in said(text + 'only.finetune = ["w"]')
    parse_study(tomllib.loads(STUDY + 'only.finetune = ["w"]'), base=base)


def test_more_frozen_layers_than_there_are_are_named(base):
    X, y = tones(6)
    with pytest.raises(SpecError, match="frozen = 3: 'wavlm' has 2 transformer layers"):
        tuned(base, "wavlm", frozen=3).fit(X, y)


@pytest.mark.parametrize("name", list(small_encoders.ARCHITECTURES))
def test_every_family_passes_gradients_to_its_last_layer(name, base, tmp_path):
    if not (base / name).exists():
        small_encoders.write(name, base / name)
    path = described(base, name, label="-family")
    X, y = tones(6)
    fitted = tuned(base, name, encoder=str(path), frozen="all", epochs=1).fit(X, y)
    with repeatable():
        tunable = Tunable(Described.read(path), fitted.head_, 1)
        tunable._losses(X, np.eye(3, dtype=np.float32)[y])
    gradients = [w.grad for w in tunable.released[-1].parameters() if w.grad is not None]
    assert any(float(gradient.abs().max()) > 0 for gradient in gradients)
    assert all(bool(gradient.isfinite().all()) for gradient in gradients)


def test_of_a_long_recording_the_middle_is_taken():
    signal = np.arange(10.0)
    assert middle(signal, 2, 2.0).tolist() == [3, 4, 5, 6]
    assert middle(signal, 2, 8.0).tolist() == signal.tolist()


WHOLE = """
name = "whole"
[corpus]
adapter = "synthetic"
root = "ROOT"
speakers = 6
recordings_per_speaker = 6
[split]
strategy = "quota"
per_class = { labelled = 4, test = 4, unlabelled = "rest" }
[representations.w]
kind = "transformers"
model = "MODEL"
window_seconds = 0.5
controls = true
[classifiers.finetune]
kind = "finetune"
parameters = { epochs = 3, fine_tuning_epochs = 1, batch_size = 8 }
[curve]
classifiers = ["finetune", "svm"]
percentages = [100]
draws = 2
"""


@pytest.fixture(scope="module")
def file(base, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("study") / "study.toml"
    text = WHOLE.replace("ROOT", str(path.parent / "corpus"))
    path.write_text(text.replace("MODEL", str(base / "wavlm")))
    return path


@pytest.fixture(scope="module")
def folder(file) -> Path:
    return semisup.run(file, until="curve", out=file.parent / "out").folder


def test_a_study_has_scores_and_histories_of_both_phases(folder):
    scores = pd.read_parquet(folder / "scores.parquet")
    assert len(scores) == 2 * 2 * 2
    histories = pd.read_parquet(folder / "histories.parquet")
    phases = histories.groupby("representation")["phase"].unique()
    assert list(phases.index) == ["w", "w.untrained"]
    assert all(set(names) == {"frozen", "released"} for names in phases)
    released = histories[histories["phase"] == "released"]
    np.testing.assert_allclose(released["learning_rate"], 3e-5, rtol=1e-6)


def test_noise_in_the_place_of_test_recordings_changes_nothing_learned(file, folder, tmp_path):
    import shutil

    root = shutil.copytree(file.parent / "corpus", tmp_path / "corpus")
    split = pd.read_csv(folder / "split.csv").set_index("recording")["subset"]
    rng = np.random.default_rng(0)
    for recording in split.index[split == "test"]:
        known = soundfile.info(root / recording)
        noise = rng.uniform(-0.5, 0.5, known.frames)
        soundfile.write(root / recording, noise, known.samplerate, subtype="PCM_16")
    overrides = [f"corpus.root={root}"]
    noisy = semisup.run(file, until="curve", out=tmp_path, jobs=2, overrides=overrides).folder
    pd.testing.assert_frame_equal(
        *(pd.read_parquet(run / "histories.parquet") for run in (folder, noisy))
    )
    assert not np.array_equal(
        *(pd.read_parquet(run / "predictions.parquet")["probability"] for run in (folder, noisy))
    )
