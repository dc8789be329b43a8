"""Encoders that are trained on in a cell: frozen layers, what is learned, and what is not seen."""

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import zarr
from scipy.special import log_softmax
from tiny_encoder import SHAPE, encoder_file, hidden_classes

from semisup.classifiers import classifier, wrong_parameters
from semisup.curve.cells import run_task
from semisup.curve.gather import gather_histories, gather_scores
from semisup.curve.learning_curve import run_cells
from semisup.curve.plan import plan
from semisup.engine.parallel import Workers
from semisup.errors import SpecError
from semisup.features.arrays import Arrays, row_numbers
from semisup.networks.augmentation import Augmentation
from semisup.networks.classifying import Examples, Plan, predict_logits
from semisup.networks.consistency import Changes, Consistency, Terms, mean_bins
from semisup.networks.models import load_encoder
from semisup.reading.file import parse_study
from semisup.study.spec import ClassifierSpec, CurveSpec

QUICK = {"epochs": 20, "fine_tuning_epochs": 15, "fine_tuning_rate": 0.02, "dropout": 0.0}
KINDS = ("finetune", "fixmatch")
every = pytest.mark.parametrize("kind", KINDS)


def tuned(kind="finetune", state=0, **parameters):
    keys = {**QUICK, "encoder": encoder_file(), **parameters}
    return classifier(kind).build(state).set_params(**keys)


def trained_weights(blind=True):
    return load_encoder(encoder_file(blind=blind)).get_weights()


def accuracy(fitted, seed=1):
    X, y = hidden_classes(60, seed)
    return (fitted.predict(X) == y).mean()


@every
@pytest.mark.slow
def test_it_learns_what_the_codes_of_the_encoder_do_not_tell(kind):
    X, y = hidden_classes(60)
    assert accuracy(tuned(kind, frozen="all").fit(X, y)) < 0.6
    fitted = tuned(kind).fit(X, y)
    assert accuracy(fitted) > 0.95
    assert fitted.history_["phase"].unique().tolist() == ["frozen", "released"]


@pytest.mark.slow
def test_frozen_layers_keep_their_weights_bit_by_bit():
    X, y = hidden_classes(60)
    before = trained_weights(blind=False)
    for frozen, unchanged in (("all", 4), (2, 4), (1, 2), ("none", 0), (0, 0)):
        fitted = tuned(frozen=frozen, encoder=encoder_file(blind=False)).fit(X, y)
        inner = fitted.model().layers[1]
        assert [layer.name for layer in inner.layers if layer.weights] == ["first", "codes"]
        same = [np.array_equal(a, b) for a, b in zip(before, inner.get_weights(), strict=True)]
        assert same == [True] * unchanged + [False] * (4 - unchanged)


def test_all_frozen_is_the_layer_on_the_codes():
    X, y = hidden_classes(60)
    path = encoder_file(blind=False)
    fitted = tuned(frozen="all", encoder=path).fit(X, y)
    codes = load_encoder(path).predict_on_batch(X)
    shared = {name: QUICK[name] for name in ("epochs", "dropout")}
    layer = classifier("encoder_classifier").build(0).set_params(**shared).fit(codes, y)
    np.testing.assert_allclose(fitted.predict_proba(X), layer.predict_proba(codes), atol=1e-4)
    assert fitted.history_["phase"].unique().tolist() == ["frozen"]


@every
def test_a_fit_depends_on_its_state_alone_and_not_on_those_before_it(kind):
    X, y = hidden_classes(30)
    first = tuned(kind, 7, fine_tuning_epochs=3).fit(X, y)
    tuned(kind, 8, fine_tuning_epochs=3).fit(X[::-1], y)
    again = tuned(kind, 7, fine_tuning_epochs=3).fit(X, y)
    for one, other in zip(first.weights_, again.weights_, strict=True):
        assert np.array_equal(one, other)
    pd.testing.assert_frame_equal(first.history_, again.history_)


@pytest.mark.slow
def test_unlabelled_rows_count_by_sure_guesses_alone():
    X, y = hidden_classes(12)
    rest, noise = hidden_classes(40, 5)[0], np.ones((40, *SHAPE), np.float32)
    keys = {"encoder": encoder_file(blind=False), "batch_size": 4, "fine_tuning_epochs": 4}

    def weights(unlabelled, **more):
        fitted = tuned("fixmatch", **{**keys, **more})
        return np.concatenate([w.ravel() for w in fitted.fit(X, y, unlabelled=unlabelled).weights_])

    assert np.array_equal(weights(rest, lambda_u=0.0), weights(noise, lambda_u=0.0))
    assert not np.array_equal(weights(rest, threshold=0.0), weights(noise, threshold=0.0))
    assert not np.array_equal(weights(rest, threshold=0.0), weights(rest, lambda_u=0.0))


def test_the_loss_of_an_update_is_that_of_the_paper():
    X, y = hidden_classes(9)
    rest = hidden_classes(21, 5)[0]
    options = tuned("fixmatch", batch_size=6, ratio=3, lambda_u=0.5, threshold=0.5)
    options.set_params(encoder=encoder_file(blind=False, dropout=0.0))
    options.try_rows(SHAPE, 3)
    trainer = options.joined().trainer
    weights = [np.array(w) for w in trainer.model.get_weights()]
    targets = np.eye(3, dtype=np.float32)[y]
    examples = Examples(X, targets, np.arange(6), np.arange(6, 9), rest[:18])
    terms = Terms(ratio=3, steps=1, threshold=0.5, lambda_u=0.5, ema=0.0)
    nothing = Changes(Augmentation(), Augmentation(), np.zeros(6))
    learning = Consistency(trainer, examples, Plan(1, 1, 24, 0.01), 0, terms, nothing)
    measured = learning.learn(0)
    trainer.model.set_weights(weights)
    known, guessed = (
        log_softmax(predict_logits(trainer.model, rows, 24), axis=1) for rows in (X[:6], rest[:18])
    )
    of_labels = -known[np.arange(6), y[:6]].mean()
    best = guessed.max(axis=1)
    sure = np.exp(best) >= 0.5
    assert 0 < sure.sum() < 18
    of_guesses = -np.where(sure, best, 0).mean()
    assert measured["loss"] == pytest.approx(of_labels + 0.5 * of_guesses, rel=1e-4)
    assert measured["accuracy"] == (known.argmax(axis=1) == y[:6]).mean()


def test_the_average_of_weights_is_what_is_kept():
    X, y = hidden_classes(30)
    plain, averaged = (
        tuned("fixmatch", fine_tuning_epochs=2, ema=ema).fit(X, y, unlabelled=X)
        for ema in (0.0, 0.999)
    )
    start = trained_weights()[0]

    def moved(fitted):
        return np.abs(fitted.model().layers[1].get_weights()[0] - start).mean()

    assert moved(averaged) < moved(plain) / 5


def test_strong_changes_mask_and_leave_what_only_fills_up():
    rows = np.full((20, 8, 5), 2.0, np.float32)
    rows[:, 6:] = -1
    changes = Changes(
        Augmentation(gain_db=1.0), Augmentation(spec_augment=0.5), mean_bins(rows, np.arange(20))
    )
    weak = changes.weakly(rows, np.random.default_rng(0))
    strong = changes.strongly(rows, np.random.default_rng(0))
    assert (strong[:, 6:] < 0).all()
    assert (weak[:, :6] > 0).all()
    changed = strong != weak
    assert changed.any()
    np.testing.assert_allclose(strong[changed], 2.0)
    waveform = np.random.default_rng(1).normal(size=(4, 30)).astype(np.float32)
    quiet = Changes(Augmentation(), Augmentation(spec_augment=0.5), np.zeros(1))
    masked = quiet.strongly(waveform, np.random.default_rng(2))
    assert set(np.unique(masked[masked != waveform])) == {0.0}


@pytest.mark.parametrize(
    ("kind", "parameters", "said"),
    [
        ("finetune", {"frozen": "some"}, "must be none, all or a number of layers, at least 0"),
        ("finetune", {"frozen": -1}, "must be none, all or a number of layers, at least 0"),
        ("finetune", {"frozen": True}, "must be none, all or a number of layers, at least 0"),
        ("finetune", {"frozn": 1}, "frozn is not one of its parameters; did you mean 'frozen'?"),
        ("finetune", {"encoder": "mine.keras"}, "the representation that the classifier is run on"),
        ("fixmatch", {"threshold": 1.5}, "it must be at least 0 and at most 1"),
        ("fixmatch", {"ratio": 0}, "it must be at least 1"),
        ("fixmatch", {"ema": 1}, "it must be at least 0 and below 1"),
    ],
)
def test_a_wrong_value_is_one_sentence(kind, parameters, said):
    (problem,) = wrong_parameters(ClassifierSpec(kind=kind, parameters=parameters))
    assert said in problem


def test_more_frozen_layers_than_there_are_and_no_encoder_are_named():
    X, y = hidden_classes(6)
    with pytest.raises(SpecError, match="frozen = 3: the encoder has 2 layers, first, codes"):
        tuned(frozen=3).fit(X, y)
    with pytest.raises(SpecError, match="needs a trained encoder: run it in a study"):
        tuned(encoder="").fit(X, y)


STUDY = """
name = "x"
[corpus]
adapter = "folder"
root = "recordings"
[representations.code]
kind = "autoencoder"
[representations.pool]
kind = "conv_pool"
speaker_normalisation = "mean"
[representations.hand]
kind = "handcrafted"
[curve]
classifiers = ["finetune"]
"""


def test_a_representation_without_an_encoder_is_named_before_anything_is_made():
    with pytest.raises(SpecError) as error:
        parse_study(tomllib.loads(STUDY))
    first, second = str(error.value).splitlines()[-2:]
    assert "'finetune' goes on training an encoder, but 'pool' is normalised by speaker" in first
    assert "but 'hand' has none, as kinds autoencoder, " in second
    assert "name its representations in [curve] only.finetune" in second
    parse_study(tomllib.loads(STUDY + 'only.finetune = ["code"]'))


def test_of_the_controls_of_a_representation_those_with_an_encoder_are_tuned():
    document = tomllib.loads(STUDY)
    document["representations"]["code"]["controls"] = True
    document["classifiers"] = {"mine": {"kind": "finetune"}}
    only = {"mine": ["code"], "svm": ["code", "hand"]}
    document["curve"] = {"classifiers": ["mine", "svm"], "only": only}
    curve = parse_study(document).curve
    assert curve.only["mine"] == ["code", "code.untrained"]
    assert curve.only["svm"] == ["code", "code.untrained", "code.random", "hand"]


def planned(folder: Path, kind: str, labels=None):
    """Plan cells of rows of two chunks a recording, as a study gives them."""
    X, y = hidden_classes(36)
    names = [f"r{number:02d}" for number in range(36)]
    manifest = pd.DataFrame({"recording": names, "label": y if labels is None else labels})
    manifest["label"] = manifest["label"].map(str)
    split = pd.Series(["labelled"] * 18 + ["test"] * 9 + ["unlabelled"] * 9, index=names)
    index = pd.DataFrame({"recording": np.repeat(names, 2), "chunk": np.tile([0, 1], 36)})
    store = folder / "rows.zarr"
    rows = np.repeat(X, 2, axis=0)
    zarr.create_array(store, shape=rows.shape, chunks=(8, *SHAPE), dtype="float32")[:] = rows
    keys = {**QUICK, "epochs": 4, "fine_tuning_epochs": 2, "batch_size": 4}
    if kind == "fixmatch":
        keys["threshold"] = 0.0  # every guess counts
    spec = ClassifierSpec(kind=kind, parameters={**keys, "encoder": encoder_file()})
    curve = CurveSpec(classifiers=["tuned"], percentages=[50, 100], draws=1)
    table, arrays = {"code": row_numbers(index)}, {"code": Arrays(store)}
    return plan(table, manifest, split, curve, 3, {"tuned": spec}, arrays)


def cells_of(experiment, path) -> dict[str, np.ndarray]:
    run_task(experiment.tasks[0], path)
    with np.load(path) as cells:
        return dict(cells)


@every
def test_noise_in_the_place_of_test_rows_changes_nothing_learned(kind, tmp_path):
    experiment = planned(tmp_path, kind)
    before = cells_of(experiment, tmp_path / "before.npz")
    rows = zarr.open_array(tmp_path / "rows.zarr")
    rows[36:54] = np.random.default_rng(0).random((18, *SHAPE))
    after = cells_of(experiment, tmp_path / "after.npz")
    learned = [name for name in before if name.startswith("history_")]
    assert "history_val_loss" in learned
    for name in learned:
        assert np.array_equal(before[name], after[name])
    assert not np.array_equal(before["probability"], after["probability"])


@every
def test_labels_beyond_the_budget_change_nothing_within_it(kind, tmp_path):
    y = np.arange(36) % 3
    others = y.copy()
    others[9:18] = np.roll(y[9:18], 1)  # beyond the first half of each class
    cells = []
    for name, labels in (("one", y), ("other", others)):
        experiment = planned(tmp_path / name, kind, labels)
        experiment.tasks[0] = experiment.tasks[0]._replace(order=np.arange(18))
        cells.append(cells_of(experiment, tmp_path / f"{name}.npz"))
    one, other = cells
    for name in ("predicted", "probability"):
        assert np.array_equal(one[name][0], other[name][0])
        assert not np.array_equal(one["probability"][1], other["probability"][1])


def test_unlabelled_rows_reach_the_cells_of_fixmatch_alone(tmp_path):
    losses = {}
    for kind in KINDS:
        experiment = planned(tmp_path / kind, kind)
        has = experiment.tasks[0].source.unlabelled()
        assert (has is not None) == (kind == "fixmatch")
        before = cells_of(experiment, tmp_path / f"{kind}.npz")
        rows = zarr.open_array(tmp_path / kind / "rows.zarr")
        rows[54:] = np.random.default_rng(0).random((18, *SHAPE)) + 5
        after = cells_of(experiment, tmp_path / f"{kind}-after.npz")
        losses[kind] = np.array_equal(before["probability"], after["probability"])
    assert losses == {"finetune": True, "fixmatch": False}


@pytest.mark.slow
@every
def test_two_processes_give_what_one_gives(kind, tmp_path):
    experiment = planned(tmp_path, kind)
    one = run_cells(experiment, tmp_path / "one", Workers(1))
    two = run_cells(experiment, tmp_path / "two", Workers(2))
    pd.testing.assert_frame_equal(gather_scores(experiment, one), gather_scores(experiment, two))
    pd.testing.assert_frame_equal(
        gather_histories(experiment, one), gather_histories(experiment, two)
    )
