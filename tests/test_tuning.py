import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import optuna
import pandas as pd
import pytest

from semisup.engine.parallel import Done
from semisup.errors import SemisupError, SpecError, SplitError
from semisup.features.inputs import Inputs
from semisup.figures.tuning import plot_trials
from semisup.networks.backend import import_keras
from semisup.networks.models import load_encoder
from semisup.networks.scaling import FLOOR
from semisup.reading import parse_study, read_study
from semisup.representations import autoencoder
from semisup.stages.resolve import resolve
from semisup.stages.runner import run_study, tune_study
from semisup.study.tuning_spec import TuningSpec
from semisup.terminal.tuning_results import best_by_architecture
from semisup.tuning import Search, run_search
from semisup.tuning.choice import Measure, choose, is_pruned, mean_and_error
from semisup.tuning.measures import chunk_losses, mean_logarithm, relative_errors
from semisup.tuning.probe import probe
from semisup.tuning.samplers import grid, sampler, suggest
from semisup.tuning.trial import _probed

#: Whole searches and trainings.
pytestmark = pytest.mark.slow

SHAPE = (18, 20)
LOSS = Measure("val_loss", "validation loss")
GRID = TuningSpec(
    latent_dim=[2, 4], learning_rate=[0.005], batch_size=[4, 8], architectures=["autoencoder_1"]
)
RANGES = TuningSpec(
    sampler="random",
    trials=5,
    latent_dim={"low": 2, "high": 16},
    learning_rate={"low": 1e-3, "high": 1e-2, "log": True},
    batch_size=[8],
)
SPEAKERS = {"unlabelled": list("abcdef"), "labelled": list("ghij"), "test": list("kl")}
TIMINGS = ["seconds", "seconds_per_epoch"]


class KilledError(BaseException):
    """What an interrupted search raises here."""


def options(**given) -> autoencoder.Options:
    known = {"kind": "autoencoder", "input_scaling": "log", "bottleneck_activation": "linear"}
    return autoencoder.Options.model_validate({**known, "epochs": 2, **given})


def world(folder: Path, noise: int = 0) -> Inputs:
    """Chunks of one band each; with `noise` those of all but the unlabelled speakers are noise."""
    rows = [
        (f"{speaker}_{number}", speaker, subset)
        for subset, speakers in SPEAKERS.items()
        for speaker in speakers
        for number in range(4)
    ]
    recordings = pd.DataFrame(rows, columns=["recording", "speaker", "subset"])
    rng = np.random.default_rng(1)
    band = rng.uniform(2, 18, (len(rows), 1))
    shape = np.exp(-0.5 * ((np.arange(SHAPE[1]) - band) / 2) ** 2)
    chunks = shape[:, None, :] * rng.uniform(0.2, 1, (len(rows), SHAPE[0], 1))
    if noise:
        seen = (recordings["subset"] != "unlabelled").to_numpy()
        chunks[seen] = np.random.default_rng(noise).uniform(0, 9, (seen.sum(), *SHAPE))
    index = recordings[["recording", "subset"]].assign(chunk=0, start_sample=0)
    return Inputs(
        *("code", folder, folder / "parts", folder, 0, 8000, recordings),
        chunks=chunks.astype(np.float32),
        chunk_index=index,
    )


def search(folder: Path, tuning: TuningSpec = GRID, noise: int = 0, **given) -> Search:
    labels = None
    inputs = world(folder, noise)
    if tuning.objective == "probe":
        own = inputs.recordings[inputs.recordings["subset"] == "labelled"]["recording"]
        labels = pd.Series(["x", "y"] * (len(own) // 2), index=own)
    names = tuple(tuning.architectures or ["autoencoder_1"])
    return Search(tuning, options(**given), inputs, names, "f" * 32, labels)


def fake_trials(monkeypatch) -> list[str]:
    """Put results that depend on the values alone in the place of trainings; return their names."""
    begun: list[str] = []

    def fake(made, todo):
        begun.append(todo.name)
        folder = made.folder / todo.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "encoder.keras").touch()
        val_loss = todo.point["latent_dim"] * todo.point["learning_rate"]
        named = {"trial": todo.name, "architecture": todo.architecture, "values": todo.point}
        figures = {"val_loss": val_loss, "val_loss_se": 0.1, "val_losses": [val_loss]}
        sizes = {"parameters": 7, "epochs": 1, "epochs_at_most": 1, "collapsed": False}
        alike = {"loss_function": "mean_squared_error", "input_scaling": "log"}
        ended = {"state": "complete", "files": ["encoder.keras"]}
        return named | alike | figures | sizes | ended

    monkeypatch.setattr("semisup.tuning.run.train_trial", fake)
    return begun


def kill_optuna(monkeypatch, method: str, call: int) -> None:
    """Let the given call of a method of Optuna's study or trial die before it does anything."""
    owner = optuna.Trial if method == "set_user_attr" else optuna.Study
    original, calls = getattr(owner, method), []

    def fragile(*given, **named):
        calls.append(given)
        if len(calls) == call:
            raise KilledError
        return original(*given, **named)

    monkeypatch.setattr(owner, method, fragile)


def same(first: pd.DataFrame, second: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        first.drop(columns=TIMINGS), second.drop(columns=TIMINGS), check_exact=True
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> tuple[Search, pd.DataFrame]:
    made = search(tmp_path_factory.mktemp("undisturbed"))
    return made, run_search(made)


def kill_in(monkeypatch, fit_number: int, epoch: int) -> list[str]:
    """Let the given call of `fit` die after the given epoch; return the trials begun."""
    begun: list[str] = []
    fit = autoencoder.Autoencoder.fit

    def fragile(kind, inputs, after_epoch):
        begun.append(inputs.folder.name)

        def look(now, loss, val_loss):
            if len(begun) == fit_number and now == epoch:
                raise KilledError
            return after_epoch(now, loss, val_loss)

        fit(kind, inputs, look)

    monkeypatch.setattr(autoencoder.Autoencoder, "fit", fragile)
    return begun


# --- the space ---------------------------------------------------------------------------------


def test_the_default_grid_is_that_of_the_original_study_but_for_the_batches():
    points = grid(TuningSpec().searched())
    assert len(points) == 4
    assert points[0] == {"latent_dim": 64, "learning_rate": 0.001}
    assert points[-1] == {"latent_dim": 128, "learning_rate": 0.005}


def test_log_scaling_is_only_combined_with_the_squared_error():
    space = {
        "loss": ["binary_crossentropy", "mean_squared_error"],
        "input_scaling": ["raw", "log"],
    }
    assert len(grid(space)) == 3
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    drawn = [suggest(study.ask(), space) for _ in range(20)]
    assert {tuple(values.values()) for values in drawn} == {
        tuple(point.values()) for point in grid(space)
    }
    assert list(drawn[0]) == ["loss", "input_scaling"]


def test_a_ranges_values_depend_on_seed_and_number_alone():
    space = TuningSpec(
        sampler="random",
        latent_dim={"low": 4, "high": 64, "log": True},
        learning_rate={"low": 1e-4, "high": 1e-2, "log": True},
        dropout=[0.0, 0.5],
    ).searched()

    def drawn(number: int, seed: int = 0) -> dict:
        study = optuna.create_study(sampler=sampler("random", seed, number))
        return suggest(study.ask(), space)

    first = drawn(0)
    assert 4 <= first["latent_dim"] <= 64
    assert 1e-4 <= first["learning_rate"] <= 1e-2
    assert drawn(0) == first
    assert drawn(1) != first
    assert drawn(0, seed=1) != first


# --- the choice --------------------------------------------------------------------------------


def table(*rows: tuple) -> pd.DataFrame:
    columns = ["architecture", "parameters", "val_loss", "val_loss_se", "state", "collapsed"]
    return pd.DataFrame(rows, columns=columns)


def test_the_smallest_encoder_within_one_standard_error_is_chosen():
    trials = table(
        ("big", 900, 0.50, 0.02, "complete", False),
        ("middle", 500, 0.51, 0.02, "complete", False),
        ("small", 100, 0.519, 0.9, "complete", False),
        ("tiny", 10, 0.521, 0.9, "complete", False),
    )
    row, reason = choose(trials, LOSS, "one_standard_error")
    assert row == 2
    assert "small of 100 parameters" in reason
    assert "within one standard error (0.02) of the best: big of 900 parameters" in reason
    row, reason = choose(trials, LOSS, "lowest")
    assert row == 0
    assert reason.endswith("is the best of all")


def test_of_encoders_of_one_size_the_better_one_is_chosen():
    trials = table(
        ("big", 900, 0.50, 0.1, "complete", False),
        ("small", 100, 0.55, 0.1, "complete", False),
        ("small", 100, 0.52, 0.1, "complete", False),
    )
    assert choose(trials, LOSS, "one_standard_error")[0] == 2


def test_only_complete_trials_are_chosen_and_collapsed_ones_only_if_all_are():
    trials = table(
        ("pruned", 1, 0.1, np.nan, "pruned", False),
        ("collapsed", 2, 0.2, 0.5, "complete", True),
        ("healthy", 3, 0.3, 0.1, "complete", False),
    )
    assert choose(trials, LOSS, "one_standard_error")[0] == 2
    assert choose(trials.iloc[:2], LOSS, "one_standard_error")[0] == 1
    with pytest.raises(SemisupError, match="Not one trial"):
        choose(trials.iloc[:1], LOSS, "lowest")


def test_without_a_standard_error_the_best_is_chosen():
    trials = table(
        ("big", 900, 0.50, np.nan, "complete", False),
        ("small", 100, 0.50001, np.nan, "complete", False),
    )
    row, reason = choose(trials, LOSS, "one_standard_error")
    assert row == 0
    assert "with one speaker there is no standard error" in reason


def test_a_recall_is_better_when_higher():
    trials = table(
        ("big", 900, 0, 0, "complete", False), ("small", 100, 0, 0, "complete", False)
    ).assign(uar=[0.6, 0.5], uar_se=[0.11, 0.0])
    recall = Measure("uar", "probe UAR", higher_is_better=True)
    assert choose(trials, recall, "lowest")[0] == 0
    assert choose(trials, recall, "one_standard_error")[0] == 1
    assert choose(trials.assign(uar_se=0.09), recall, "one_standard_error")[0] == 0


def test_the_standard_error_is_over_speakers():
    values = np.array([1.0, 3, 4, 6, 8, 8])
    speakers = np.array(list("aabbcc"))
    mean, error = mean_and_error(values, speakers)
    assert mean == 5
    assert error == pytest.approx(3 / np.sqrt(3))  # the speakers' means are 2, 5, 8
    assert np.isnan(mean_and_error(values, np.array(["a"] * 6))[1])


def test_a_trial_is_pruned_only_beyond_one_standard_error_of_the_median():
    finished = [[1.0] * 9 + [0.5], [0.9] * 10, [0.8] * 10, [0.7] * 10]  # median so far .85

    def pruned(loss: float, epochs: int = 5, error: float = 0.1, rivals=finished) -> bool:
        return is_pruned([2.0] * (epochs - 1) + [loss], rivals, error, 10)

    assert pruned(0.96)
    assert not pruned(0.94)
    assert not pruned(0.96, epochs=4), "still warming up"
    assert not pruned(0.96, rivals=finished[:3]), "too few to compare with"
    assert not pruned(9.0, error=float("nan"))


def test_the_best_trial_of_each_architecture_is_shown():
    trials = pd.DataFrame(
        {
            "architecture": ["a", "a", "b", "b"],
            "state": ["complete", "complete", "pruned", "complete"],
            "val_loss": [0.3, 0.2, 0.05, 0.1],
            "uar": [0.9, 0.1, 1.0, 0.5],
        }
    )
    assert best_by_architecture(trials, "val_loss").index.tolist() == [3, 1]
    assert best_by_architecture(trials, "uar").index.tolist() == [0, 3]


# --- measures ----------------------------------------------------------------------------------


def constant_model(picture: np.ndarray):
    keras = import_keras()
    given = keras.Input(picture.shape)
    out = keras.layers.Rescaling(0.0)(given) + keras.ops.convert_to_tensor(
        picture[None].astype(np.float32)
    )
    return keras.Model(given, out)


def test_the_mean_spectrogram_has_the_relative_error_one_and_the_truth_zero():
    keras = import_keras()
    chunks = world(Path()).chunks[:24]
    mean = mean_logarithm(chunks)
    np.testing.assert_allclose(mean, np.log10(chunks.astype(float) + FLOOR).mean(axis=0), rtol=1e-5)
    guess = constant_model(10**mean - FLOOR)
    assert relative_errors(guess, chunks, mean).mean() == pytest.approx(1, rel=1e-4)
    given = keras.Input(SHAPE)
    identity = keras.Model(given, keras.layers.Identity()(given))
    assert relative_errors(identity, chunks, mean).max() == pytest.approx(0, abs=1e-9)


def test_chunk_losses_are_squared_errors_or_cross_entropies():
    chunks = world(Path()).chunks[:5]
    model = constant_model(np.full(SHAPE, 0.25))
    squared = chunk_losses(model, "mean_squared_error", chunks)
    np.testing.assert_allclose(squared, np.square(chunks - 0.25).mean(axis=(1, 2)), rtol=1e-5)
    entropy = chunk_losses(model, "binary_crossentropy", chunks)
    wanted = -(chunks * np.log(0.25) + (1 - chunks) * np.log(0.75)).mean(axis=(1, 2))
    np.testing.assert_allclose(entropy, wanted, rtol=1e-4)


def test_a_probe_tells_codes_that_hold_the_class_and_no_others():
    rng = np.random.default_rng(0)
    speakers = np.repeat(list("abcd"), 12)
    labels = np.tile(["x", "y", "z"], 16)
    codes = np.eye(3)[np.unique(labels, return_inverse=True)[1]] + 0.01 * rng.normal(size=(48, 3))
    assert probe(codes, labels, speakers) == (1.0, 0.0)
    assert probe(np.ones((48, 3)), labels, speakers)[0] == pytest.approx(1 / 3)
    # a code of the speaker says nothing of a speaker not seen
    assert probe(np.eye(4)[np.repeat(range(4), 12)], labels, speakers)[0] == pytest.approx(1 / 3)
    with pytest.raises(SplitError, match="at least 2 speakers"):
        probe(codes, labels, np.full(48, "a"))
    with pytest.raises(SplitError, match="only one class is left"):
        probe(codes[:24], np.repeat(["x", "y"], 12), np.repeat(["a", "b"], 12))


# --- the search --------------------------------------------------------------------------------


def test_a_search_gives_a_row_a_trial_in_grid_order(undisturbed):
    made, trials = undisturbed
    assert trials[["latent_dim", "batch_size"]].to_numpy().tolist() == [
        [2, 4], [2, 8], [4, 4], [4, 8]
    ]  # fmt: skip
    assert (trials["state"] == "complete").all()
    assert (trials["epochs"] == 2).all()
    assert trials["parameters"].is_monotonic_increasing
    assert (trials["val_loss_se"] > 0).all()
    assert (made.inputs.folder / "tuning.db").exists()
    for trial in trials.itertuples():
        history = pd.read_csv(made.folder / trial.trial / "history.csv")
        assert trial.val_loss == history["val_loss"].min()


def test_a_trial_is_what_a_training_with_its_values_gives(undisturbed, tmp_path):
    made, trials = undisturbed
    last = trials.iloc[3]
    own = made.trial_options("autoencoder_1", made.values(last))
    assert (own.latent_dim, own.batch_size, own.epochs) == (4, 8, 2)
    kind = autoencoder.Autoencoder(own)
    kind.fit(world(tmp_path))
    assert (tmp_path / "history.csv").read_bytes() == (
        made.folder / last["trial"] / "history.csv"
    ).read_bytes()
    codes = [
        kind.extract(replace(made.inputs, folder=folder))
        for folder in (tmp_path, made.folder / last["trial"])
    ]
    pd.testing.assert_frame_equal(*codes, check_exact=True)


def test_the_standard_error_is_that_of_the_validation_loss(undisturbed):
    made, trials = undisturbed
    first = trials.iloc[0]
    model = autoencoder.load_model(made.folder / first["trial"] / "autoencoder.keras")
    losses = chunk_losses(model, "mean_squared_error", made.inputs.chunks[made.rows[1]])
    assert losses.mean() == pytest.approx(first["val_loss"], rel=1e-5)
    by_speaker = [
        losses[made.validation_speakers == s].mean() for s in set(made.validation_speakers)
    ]
    assert len(by_speaker) == 2
    assert first["val_loss_se"] == pytest.approx(abs(by_speaker[0] - by_speaker[1]) / 2, rel=1e-6)


def test_a_finished_search_trains_nothing_again(undisturbed, monkeypatch):
    made, trials = undisturbed
    begun = kill_in(monkeypatch, 1, 0)
    same(run_search(made), trials)
    assert not begun


@pytest.mark.slow
def test_a_search_killed_within_a_trial_goes_on_and_ends_with_the_same_table(
    undisturbed, tmp_path, monkeypatch
):
    monkeypatch.setattr("semisup.networks.loop.CHECKPOINT_EVERY", 0.0)
    made = search(tmp_path, GRID.model_copy(update={"latent_dim": [2]}))
    with monkeypatch.context() as patch:
        killed = kill_in(patch, 2, 0)
        with pytest.raises(KilledError):
            run_search(made)
    assert len(killed) == 2
    begun = kill_in(monkeypatch, -1, 0)
    again = run_search(made)
    assert begun == killed[1:], "the killed trial is made again, the finished one is not"
    same(again, undisturbed[1].head(2))


@pytest.mark.parametrize(
    ("kind", "moment"),
    [
        ("grid", "tell"),
        ("random", "set_user_attr"),
        *(("tpe", m) for m in ("ask", "set_user_attr", "tell")),
    ],
)
def test_a_search_killed_between_trials_makes_no_finished_one_again(
    kind, moment, tmp_path, monkeypatch
):
    monkeypatch.setattr("semisup.tuning.samplers._RANDOM_FIRST", 2)
    tuning = GRID if kind == "grid" else RANGES.model_copy(update={"sampler": kind})
    begun = fake_trials(monkeypatch)
    whole = run_search(search(tmp_path / "whole", tuning))
    assert len(set(whole["latent_dim"])) > 1
    total = len(begun)
    made = search(tmp_path / "killed", tuning)
    with monkeypatch.context() as patch:
        kill_optuna(patch, moment, 3)
        with pytest.raises(KilledError):
            run_search(made)
    same(run_search(made), whole)
    assert len(begun) <= 2 * total + 1, "at most the trial that was killed"


def test_a_trial_whose_files_are_gone_is_made_again(tmp_path, monkeypatch):
    begun = fake_trials(monkeypatch)
    made = search(tmp_path)
    trials = run_search(made)
    (made.folder / trials["trial"][1] / "encoder.keras").unlink()
    same(run_search(made), trials)
    assert begun[4:] == [trials["trial"][1]]


def test_trials_of_other_data_are_never_mixed_in(tmp_path, monkeypatch):
    begun = fake_trials(monkeypatch)
    run_search(search(tmp_path))
    run_search(replace(search(tmp_path), fingerprint="0" * 32))
    assert len(begun) == 8
    run_search(search(tmp_path))
    assert len(begun) == 8


def test_nothing_of_the_labelled_and_test_subset_is_read(undisturbed, tmp_path):
    one = GRID.model_copy(update={"latent_dim": [2], "batch_size": [4]})
    same(run_search(search(tmp_path, one, noise=7)), undisturbed[1].head(1))


def test_a_probe_reads_the_labelled_subset_and_never_the_test_subset(tmp_path):
    one = GRID.model_copy(update={"objective": "probe", "latent_dim": [2], "batch_size": [8]})
    made = search(tmp_path / "plain", one)
    trials = run_search(made)
    assert made.measure.column == "uar"
    assert 0 <= trials["uar"][0] <= 1

    def with_noise(subset: str) -> Search:
        inputs = world(tmp_path / subset)
        rows = (inputs.chunk_index["subset"] == subset).to_numpy()
        inputs.chunks[rows] = np.random.default_rng(3).uniform(0, 9, (rows.sum(), *SHAPE))
        return replace(made, inputs=inputs)

    same(run_search(with_noise("test")), trials)
    encoder = load_encoder(made.folder / trials["trial"][0] / "encoder.keras")
    assert _probed(made, encoder, made.labels) == tuple(trials.loc[0, ["uar", "uar_se"]])
    assert _probed(with_noise("labelled"), encoder, made.labels) != tuple(
        trials.loc[0, ["uar", "uar_se"]]
    )


def test_more_trials_can_be_asked_for_later(tmp_path, monkeypatch):
    begun = fake_trials(monkeypatch)
    few = run_search(search(tmp_path, RANGES.model_copy(update={"trials": 2})))
    same(run_search(search(tmp_path, RANGES)).head(2), few)
    assert len(begun) == 5


def test_values_that_come_up_again_are_not_trained_again(tmp_path, monkeypatch):
    begun = fake_trials(monkeypatch)
    one = RANGES.model_copy(update={"latent_dim": [2], "learning_rate": [0.005]})
    assert len(run_search(search(tmp_path, one))) == 1
    assert len(begun) == 1


def test_a_trial_that_falls_back_is_pruned(tmp_path, monkeypatch):
    tuning = TuningSpec(latent_dim=[2], learning_rate=[0.005, 0.1], batch_size=[8], epochs=3)
    monkeypatch.setattr(
        "semisup.tuning.pruning.is_pruned",
        lambda losses, finished, error, epochs: bool(finished) and len(losses) >= 2,
    )
    made = search(tmp_path, tuning)
    trials = run_search(made)
    assert trials["state"].tolist() == ["complete", "pruned"]
    assert trials["epochs"].tolist() == [3, 2]
    assert np.isnan(trials["val_loss_se"][1])
    assert not (made.folder / trials["trial"][1] / "encoder.keras").exists()


@pytest.mark.parametrize("kind", ["grid", "random", "tpe"])
def test_the_table_is_the_same_in_whatever_order_trials_end(kind, tmp_path, monkeypatch):
    """Trained in the reverse order no trial knows those before it while it is trained."""
    monkeypatch.setattr("semisup.tuning.samplers._RANDOM_FIRST", 3)
    values = {"latent_dim": [2, 4, 8], "learning_rate": [0.001, 0.002, 0.005], "epochs": 8}
    tuning = TuningSpec(sampler=kind, trials=9, batch_size=[8], **values)
    given = {"architectures": ["autoencoder_1", "autoencoder_2"]}

    def fit(kind, inputs, after_epoch):
        inputs.folder.mkdir(parents=True, exist_ok=True)
        options = kind.options
        rng = np.random.default_rng([options.latent_dim, int(options.learning_rate * 1e4)])
        losses = rng.uniform(0, 1, options.epochs).round(3)
        kept = []
        for epoch, loss in enumerate(losses):
            kept.append((epoch + 1, loss, loss))
            if not after_epoch(epoch, loss, loss):
                break
        history = pd.DataFrame(kept, columns=["epoch", "loss", "val_loss"])
        history.to_csv(inputs.folder / "history.csv", index=False)
        for name in ("encoder.keras", "autoencoder.keras", "health.json"):
            (inputs.folder / name).touch()

    def measured(search, options, folder):
        errors = {"val_loss_se": 0.01, "relative_error": 1.0, "relative_error_se": 0.1}
        return {**errors, "collapsed": False}

    def backwards(function, items, names, workers, folder):
        for number in reversed(range(len(items))):
            yield Done(number, function(*items[number]))

    monkeypatch.setattr(autoencoder.Autoencoder, "fit", fit)
    monkeypatch.setattr("semisup.tuning.trial._measured", measured)
    monkeypatch.setattr("semisup.tuning.trial._parameters", lambda *_: 7)
    forwards = run_search(search(tmp_path / "forwards", tuning.model_copy(update=given)))
    monkeypatch.setattr("semisup.tuning.run.run_each", backwards)
    again = search(tmp_path / "backwards", tuning.model_copy(update=given))
    same(run_search(again), forwards)
    assert {"complete", "pruned"} == set(forwards["state"])
    pruned = forwards[forwards["state"] == "pruned"]
    for name, epochs in zip(pruned["trial"], pruned["epochs"], strict=True):
        for made in ("forwards", "backwards"):
            folder = tmp_path / made / again.folder.relative_to(tmp_path / "backwards") / name
            assert len(pd.read_csv(folder / "history.csv")) == epochs
            assert not list(folder.glob("*.keras"))


def test_a_trial_that_diverges_ends_alone(tmp_path, monkeypatch):
    def diverging(own, inputs, after_epoch):
        after_epoch(0, float("nan"), float("nan"))

    monkeypatch.setattr(autoencoder.Autoencoder, "fit", diverging)
    made = search(tmp_path)
    trials = run_search(made)
    assert trials["state"].tolist() == ["diverged"] * 4
    with pytest.raises(SemisupError, match="Not one trial"):
        choose(trials, made.measure, "one_standard_error")
    same(run_search(made), trials)


def test_mixed_losses_are_ranked_by_the_relative_error(tmp_path):
    tuning = TuningSpec(
        latent_dim=[2], learning_rate=[0.005], batch_size=[8], input_scaling=["raw", "log"],
        loss=["mean_squared_error"], epochs=1,
    )  # fmt: skip
    made = search(tmp_path, tuning)
    trials = run_search(made)
    assert made.measure.column == "relative_error"
    assert trials[["loss_function", "input_scaling"]].to_numpy().tolist() == [
        ["mean_squared_error", "raw"],
        ["mean_squared_error", "log"],
    ]
    assert (trials["relative_error"] > 0).all()
    # the losses are of two spaces and the errors of one
    assert trials["val_loss"].max() / trials["val_loss"].min() > 3
    assert trials["relative_error"].max() / trials["relative_error"].min() < 3


# --- a study -----------------------------------------------------------------------------------

TUNING = """
[tuning]
architectures = ["autoencoder_1", "autoencoder_2"]
latent_dim = [4]
learning_rate = [0.005]
batch_size = [16]
epochs = 2
"""


@pytest.fixture(scope="module")
def tuned_study(tiny_study, tmp_path_factory) -> tuple[Path, Path, pd.DataFrame]:
    """A study file, the root of its artefacts after `tune`, and its tuning.csv."""
    root = tmp_path_factory.mktemp("tuned")
    text = tiny_study.read_text() + TUNING
    (root / "study.toml").write_text(text)
    folder = tune_study(read_study(root / "study.toml", root / "files")).folder
    return root / "study.toml", root / "files", pd.read_csv(folder / "code_log" / "tuning.csv")


def test_tune_leaves_table_figures_and_the_chosen_encoder(tuned_study):
    _, out, trials = tuned_study
    folder = out / "tiny" / "code_log"
    assert trials.columns[:4].tolist() == [
        "architecture",
        "latent_dim",
        "learning_rate",
        "batch_size",
    ]
    assert len(trials) == 2
    assert trials["chosen"].sum() == 1
    assert not set(TIMINGS) & set(trials.columns)
    assert set(TIMINGS) < set(pd.read_csv(folder / "tuning_timings.csv").columns)
    for name in ("autoencoder_1", "autoencoder_2"):
        assert (out / "tiny" / "figures" / f"loss_history_code_log_{name}.png").exists()
    chosen = trials[trials["chosen"]].iloc[0]
    found = json.loads((folder / "tuned.json").read_text())
    assert found["options"]["architecture"] == chosen["architecture"]
    assert found["options"]["latent_dim"] == chosen["latent_dim"]
    assert found["options"]["epochs"] == 2
    assert pd.read_csv(folder / "history.csv")["val_loss"].min() == chosen["val_loss"]


def test_a_run_keeps_the_chosen_encoder_and_a_stale_choice_is_ignored(
    tuned_study, monkeypatch, capsys
):
    path, out, trials = tuned_study
    chosen = trials[trials["chosen"]].iloc[0]

    def no_training(*_):
        raise KilledError

    monkeypatch.setattr(autoencoder.Autoencoder, "fit", no_training)
    run_study(read_study(path, out), until="features")
    codes = pd.read_parquet(out / "tiny" / "features" / "code_log.parquet")
    assert codes.shape[1] == 2 + chosen["latent_dim"]

    other = read_study(path, out, ["tuning.learning_rate=[0.001]"])
    options = resolve(other).kinds["code_log"].options
    assert (options.architecture, options.epochs) == ("autoencoder_2", 3)
    assert "it is ignored" in " ".join(capsys.readouterr().err.split())
    with pytest.raises(KilledError):
        run_study(other, until="train")


@pytest.mark.slow
def test_a_search_killed_by_the_system_ends_with_the_same_bytes(tuned_study, tmp_path):
    path, _, trials = tuned_study
    command = [sys.executable, "-m", "semisup", "tune", str(path), "--out", str(tmp_path)]
    # one after the other: the second is killed when the first is there
    command += ["--jobs", "1"]
    running = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert running.stderr is not None
    for line in running.stderr:
        if "trial 2 of 2" in line:
            break
    time.sleep(0.3)
    os.kill(running.pid, signal.SIGKILL)
    running.stderr.close()
    running.wait()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "1 of 2 trials are there" in done.stderr
    assert "trial 1 of 2" not in done.stderr
    assert "chosen: autoencoder" in done.stdout
    again = pd.read_csv(tmp_path / "tiny" / "code_log" / "tuning.csv")
    pd.testing.assert_frame_equal(again, trials, check_exact=True)


# --- the study file ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tuning", "message"),
    [
        ({"latentdim": [2]}, "did you mean 'latent_dim'"),
        ({"latent_dim": {"low": 2, "high": 8}}, "latent_dim is a range, of which there is no grid"),
        ({"latent_dim": [0]}, "latent_dim: input should be greater than or equal to 1, got 0"),
        ({"latent_dim": [4, 4]}, "names a value twice"),
        ({"latent_dim": []}, "at least 1 item"),
        ({"loss": ["mse"]}, "got 'mse'"),
        ({"sampler": "tpe", "dropout": {"low": 0, "high": 1}}, "should be less than 1"),
        ({"sampler": "tpe", "dropout": {"low": 0, "hi": 1}}, "did you mean 'high'"),
        ({"sampler": "tpe", "dropout": {"low": 0, "high": 0.5, "log": True}}, "low > 0 with log"),
        ({"sampler": "tpe", "dropout": {"low": 0.5, "high": 0.1}}, "needs low < high"),
        ({"architectures": ["autoencoder_9"]}, "'autoencoder_9' is not known"),
        ({"representation": "hand"}, "'hand' is not one of kind 'autoencoder'"),
        ({"representation": "cod"}, "did you mean 'code'"),
        ({"input_scaling": ["raw", "log"], "loss": ["binary_crossentropy"]}, "needs 'mean_squared"),
        ({"objective": "f1"}, "'loss' or 'probe'"),
    ],
)
def test_a_wrong_tuning_table_is_named(tuning, message):
    document = {
        "name": "x",
        "corpus": {"adapter": "synthetic"},
        "representations": {"code": {"kind": "autoencoder"}, "hand": {"kind": "handcrafted"}},
        "tuning": tuning,
    }
    with pytest.raises(SpecError, match=message):
        parse_study(document)


def test_tuning_needs_an_autoencoder_that_the_curve_compares_and_that_fits():
    document: dict = {
        "name": "x",
        "corpus": {"adapter": "synthetic"},
        "representations": {"code": {"kind": "autoencoder"}, "hand": {"kind": "handcrafted"}},
        "curve": {"representations": ["hand"]},
        "tuning": {},
    }
    with pytest.raises(SpecError, match="the study has none"):
        parse_study(document)
    small = {**document, "curve": {}, "chunks": {"chunk_samples": 7200}}
    code = {"kind": "autoencoder", "architecture": "autoencoder_1", "padding": "valid"}
    small["representations"] = {"code": code}
    parse_study(small)
    with pytest.raises(
        SpecError, match=r"\[tuning\] architectures: .* too small for 'autoencoder_3'"
    ):
        parse_study({**small, "tuning": {"architectures": ["autoencoder_3"]}})


# --- the figure --------------------------------------------------------------------------------


def test_the_figure_has_a_panel_a_trial_and_frames_the_chosen_one():
    trials = pd.DataFrame(
        {
            "architecture": "autoencoder_1",
            "latent_dim": [64, 128, 64],
            "learning_rate": [0.001, 0.001, 0.005],
            "val_loss": [0.5, 0.4, np.nan],
            "state": ["complete", "pruned", "diverged"],
            "trial": ["a", "b", "c"],
            "chosen": [True, False, False],
        }
    )
    history = pd.DataFrame({"epoch": [1, 2], "loss": [0.9, 0.6], "val_loss": [0.8, 0.5]})
    figure = plot_trials(trials, {"a": history, "b": history}, "code: autoencoder_1")
    first, second, third = figure.axes
    assert first.get_title() == "codes 64, rate 0.001\n0.5, chosen"
    assert second.get_title() == "codes 128, rate 0.001\n0.4, pruned"
    assert third.get_title() == "codes 64, rate 0.005\ndiverged"
    assert first.lines[0].get_ydata().tolist() == [0.9, 0.6]
    assert first.lines[1].get_ydata().tolist() == [0.8, 0.5]
    assert not third.lines
    assert first.spines["top"].get_visible()
    assert not second.spines["top"].get_visible()
    assert first.get_ylim() == second.get_ylim()
