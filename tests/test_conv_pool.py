"""The network that pools over time: what fills up changes nothing, and contrast is learned."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erf, logsumexp

from semisup.networks.models import load_encoder, save_model
from semisup.networks.scaling import FLOOR, Moments, spectra_moments
from semisup.networks.updates import Passes
from semisup.representations import _contrast, _pool_network
from semisup.representations._contrast import (
    Contrast,
    Found,
    Task,
    contrastive_loss,
    pairs,
    train_contrast,
)
from semisup.representations._pool_network import build_network, encode, scaled_network
from semisup.representations.conv_pool import ConvPool, health
from semisup.signals.chunk_spectrogram import chunk_spectrograms, whole_spectrogram

BINS = 12


def spectra(lengths, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.lognormal(-6, 2, (length, BINS)).astype(np.float32) for length in lengths]


def colours(count: int, seed: int = 0) -> list[np.ndarray]:
    """Make recordings, each with a quiet spectrum of its own below a loud one that all share."""
    rng = np.random.default_rng(seed)
    shared = np.random.default_rng(99).normal(size=BINS)
    return [
        (0.4 * rng.normal(size=BINS) + np.outer(rng.normal(size=40).cumsum(), shared)).astype(
            np.float32
        )
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def encoder():
    scaling = spectra_moments(spectra([30, 20]))
    return scaled_network(build_network(BINS, channels=8, latent_dim=5, seed=3), scaling)


def test_a_recording_has_the_same_code_alone_and_beside_longer_ones(encoder):
    recordings = spectra([1, 7, 63, 64, 65, 130])
    together = encode(encoder, recordings)
    alone = np.concatenate([encode(encoder, [frames]) for frames in recordings])
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-5)
    assert together.shape == (6, 5)


def test_a_code_is_that_of_the_formula(encoder):
    """Compare with the network written out in NumPy for a recording of one frame."""
    (frames,) = spectra([1], seed=4)
    network = encoder.get_layer("network")
    scale = encoder.get_layer("scaling")
    x = (np.log10(frames + FLOOR) - scale.input_mean) / np.sqrt(scale.input_variance)
    weights = {layer.name: layer.get_weights() for layer in network.layers}

    def convolved(x, number):
        kernel, bias = weights[f"convolution_{number}"]
        # beyond the only frame there are zeros: the middle of the kernel alone counts
        y = x @ kernel[kernel.shape[0] // 2] + bias
        return y * (1 + erf(y / np.sqrt(2))) / 2

    def normalised(x, name):
        gamma, beta = weights[name]
        variance = x.var(axis=-1, keepdims=True)
        return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(variance + 1e-3) * gamma + beta

    x = convolved(np.asarray(x).reshape(1, BINS), 0)
    for number in (1, 2):
        x = x + convolved(normalised(x, f"norm_{number}"), number)
    x = normalised(x, "frames")
    # one frame does not deviate, but for what is added under the root
    pooled = np.concatenate([x, np.full_like(x, np.sqrt(_pool_network.TINY))], axis=1)
    kernel, bias = weights["codes"]
    np.testing.assert_allclose(encode(encoder, [frames]), pooled @ kernel + bias, rtol=1e-3)


def test_every_frame_and_bin_changes_a_code(encoder):
    (frames,) = spectra([50], seed=1)
    code = encode(encoder, [frames])
    for place in np.ndindex(frames.shape):
        if place[0] % 7 == 0 or place[0] == 49:
            louder = frames.copy()
            louder[place] += 1
            assert (encode(encoder, [louder]) != code).any(), place


def test_long_recordings_are_encoded_a_few_at_a_time(monkeypatch, encoder):
    recordings = spectra([10, 200, 30, 20, 20])
    whole = encode(encoder, recordings)
    monkeypatch.setattr(_pool_network, "FRAMES", 100)
    parts = [[len(frames) for frames in part] for part in _pool_network._parts(recordings)]
    assert parts == [[10], [200], [30, 20, 20]]
    np.testing.assert_allclose(encode(encoder, recordings), whole, rtol=1e-4, atol=1e-5)
    assert encode(encoder, []).shape == (0, 5)


def test_the_encoder_comes_back_from_its_file_in_safe_mode(tmp_path, encoder):
    save_model(tmp_path / "encoder.keras", encoder)
    again = load_encoder(tmp_path / "encoder.keras")
    recordings = spectra([9, 70])
    np.testing.assert_array_equal(encode(again, recordings), encode(encoder, recordings))


def test_a_whole_spectrogram_is_that_of_a_chunk_as_long_as_the_recording():
    signal = np.random.default_rng(0).uniform(-1, 1, 9000)
    chunk = chunk_spectrograms(signal, chunk_samples=9000, sample_rate=8000)[0]
    np.testing.assert_array_equal(whole_spectrogram(signal, 8000), chunk)
    # shorter than two frames: filled up
    assert whole_spectrogram(signal[:500], 8000).shape == (1, 200)


def test_moments_of_spectra_are_those_of_all_frames():
    recordings = spectra([3, 8, 1])
    frames = np.log10(np.concatenate(recordings).astype(float) + FLOOR)
    mean, variance = spectra_moments(recordings)
    np.testing.assert_allclose(mean, frames.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(variance, frames.var(axis=0), rtol=1e-4)


@given(st.integers(2, 9), st.integers(1, 6), st.floats(0.05, 2.0), st.integers(0, 99))
@settings(max_examples=20)
def test_the_loss_is_that_of_the_paper(n, d, temperature, seed):
    embeddings = np.random.default_rng(seed).normal(size=(n, 2 * d)).astype(np.float32)
    z = np.concatenate([embeddings[:, :d], embeddings[:, d:]]).astype(float)
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    likeness = z @ z.T / temperature
    np.fill_diagonal(likeness, -np.inf)
    pairs_of = likeness[np.arange(2 * n), (np.arange(2 * n) + n) % (2 * n)]
    losses = logsumexp(likeness, axis=1) - pairs_of
    ours = float(contrastive_loss(temperature, embeddings))
    assert ours == pytest.approx(np.mean(losses), rel=1e-3, abs=1e-4)


def test_what_is_not_there_is_zero_and_hidden_bins_are_neighbours():
    spec = Contrast(batch_size=4, crop_frames=10, noise=0.3, mask_bins=0.5)
    recordings = [np.ones((length, BINS), np.float32) for length in (8, 25, 20, 60, 15)]
    drawn = list(pairs(recordings, spec, np.random.default_rng(0)))
    # what fills no whole batch waits
    assert [len(batch.targets) for batch in drawn] == [4]
    for crop in np.concatenate(drawn[0].inputs):
        there = crop[:, BINS].astype(bool)
        assert there.sum() in (4, 7, 10)
        assert not crop[~there].any()
        hidden = np.flatnonzero(~crop[there, :BINS].any(axis=0))
        assert len(hidden) <= BINS / 2
        assert not len(hidden) or np.ptp(hidden) == len(hidden) - 1


def task(tmp_path, name: str, recordings: int = 24) -> Task:
    path = tmp_path / f"{name}.npz"
    return Task(colours(recordings), colours(12, seed=1), 0, path, name)


QUICK = Contrast(batch_size=8, steps=120, validate_steps=20, crop_frames=16, learning_rate=0.003)


def test_recordings_are_told_apart_after_training_and_hardly_before(tmp_path):
    network = build_network(BINS, channels=16, latent_dim=8, seed=0)
    _, before = train_contrast(
        network, QUICK.model_copy(update={"epochs": 0}), task(tmp_path, "untrained")
    )
    history, after = train_contrast(network, QUICK, task(tmp_path, "trained"))
    assert after.share > 2 * before.share
    assert after.by_chance == before.by_chance == pytest.approx(1 / 15)
    assert history["updates"].tolist() == [20, 40, 60, 80, 100, 120]
    assert history["val_loss"].iloc[-1] < history["val_loss"].iloc[0]
    # cosine decay: from the first rate towards 0
    rates = history["learning_rate"]
    assert rates[0] == 0.003
    assert rates.is_monotonic_decreasing
    assert rates.iloc[-1] < 0.0003


def test_validation_costs_no_more_in_a_large_corpus(tmp_path, monkeypatch):
    counts = set()

    def counted(spectra, *rest):
        counts.add(len(spectra))
        return pairs(spectra, *rest)

    monkeypatch.setattr(_contrast, "WATCHED", 8)
    monkeypatch.setattr(_contrast, "pairs", counted)
    spec = QUICK.model_copy(update={"steps": 2, "validate_steps": 1})
    train_contrast(build_network(BINS, 8, 4, 0), spec, task(tmp_path, "watched"))
    assert counts == {24, 8}


@pytest.mark.slow
def test_a_killed_training_ends_with_the_same_bits(tmp_path, monkeypatch):
    from semisup.networks import loop

    monkeypatch.setattr(loop, "CHECKPOINT_EVERY", 0.0)
    spec = QUICK.model_copy(update={"steps": 50, "validate_steps": 10})

    def run(name: str):
        network = build_network(BINS, channels=8, latent_dim=4, seed=0)
        history, found = train_contrast(network, spec, task(tmp_path, name))
        return history, found, network.get_weights()

    history, found, weights = run("whole")
    drawn, calls = _contrast.pairs, []

    def killed(*given):
        calls.append(1)
        if len(calls) == 9:
            raise KeyboardInterrupt
        yield from drawn(*given)

    monkeypatch.setattr(_contrast, "pairs", killed)
    with pytest.raises(KeyboardInterrupt):
        run("cut")
    monkeypatch.setattr(_contrast, "pairs", drawn)
    assert (tmp_path / "cut.npz").exists()
    again, found_again, weights_again = run("cut")
    pd.testing.assert_frame_equal(history, again, check_exact=True)
    assert found == found_again
    for one, other in zip(weights, weights_again, strict=True):
        np.testing.assert_array_equal(one, other)


@given(st.integers(1, 7), st.integers(1, 9), st.integers(1, 6), st.integers(0, 5))
@settings(max_examples=50)
def test_passes_lose_no_batch_and_go_on_anywhere(per_pass, updates, epochs, begin):
    def passes() -> Passes[tuple[int, int]]:
        return Passes(lambda n: ((n, place) for place in range(per_pass)), per_pass, updates)

    one = passes()
    whole = [batch for epoch in range(epochs) for batch in one.epoch(epoch)]
    assert whole == [divmod(update, per_pass) for update in range(epochs * updates)]
    # as after a kill: another object begins in the middle
    later, begin = passes(), min(begin, epochs)
    rest = [batch for epoch in range(begin, epochs) for batch in later.epoch(epoch)]
    assert rest == whole[begin * updates :]


def test_health_says_what_was_told_apart():
    codes = np.random.default_rng(0).normal(size=(40, 4))
    told = health(codes, Found(0.71, 0.016))
    assert told["verdict"].startswith("healthy: of the crops of speakers held out, 71% are nearest")
    assert health(codes, Found(0.01, 0.016))["verdict"].startswith("weak")
    same = health(np.ones((40, 4)), Found(0.016, 0.016))
    assert same["collapsed"]
    assert same["verdict"].startswith("collapsed: every recording gets the same code")


def test_controls_read_what_the_network_reads():
    controls = ConvPool.of(speaker_normalisation="standard", latent_dim=7).controls()
    assert controls["untrained"].epochs == 0
    assert controls["untrained"].latent_dim == controls["random"].dimensions == 7
    assert controls["descriptors"].descriptors == ("spectra",)
    assert {spec.speaker_normalisation for spec in controls.values()} == {"standard"}


def test_one_frame_never_varies_in_a_bin_without_a_division_by_zero():
    scaling = spectra_moments([np.ones((1, BINS), np.float32)])
    assert scaling.variance.tolist() == Moments(scaling.mean, np.ones(BINS)).variance.tolist()
