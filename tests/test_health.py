import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semisup.autoencoders import build_autoencoder
from semisup.networks.health import effective_rank, health, judge
from semisup.networks.scaling import chunk_moments


def test_effective_rank_of_a_known_spectrum_is_the_exponential_of_its_entropy():
    rng = np.random.default_rng(0)
    left = np.linalg.qr(rng.normal(size=(50, 4)) - rng.normal(size=(50, 4)).mean(axis=0))[0]
    left = np.linalg.qr(left - left.mean(axis=0))[0]
    right = np.linalg.qr(rng.normal(size=(6, 6)))[0][:, :4]
    spectrum = np.array([4.0, 3.0, 2.0, 1.0])
    share = spectrum / 10
    codes = left * spectrum @ right.T + 1.0
    assert effective_rank(codes) == pytest.approx(np.exp(-(share * np.log(share)).sum()), rel=1e-6)


@given(st.integers(1, 8), st.floats(1e-3, 1e3), st.integers(0, 99))
@settings(max_examples=30)
def test_effective_rank_lies_between_one_and_the_rank_and_ignores_scale(rank, scale, seed):
    rng = np.random.default_rng(seed)
    codes = rng.normal(size=(40, rank)) @ rng.normal(size=(rank, 12))
    value = effective_rank(codes)
    assert 1 - 1e-9 <= value <= rank + 1e-6
    assert effective_rank(scale * codes) == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize("level", [0.0, 1 / 64, 3.7, 1e4])
def test_round_off_in_constant_codes_is_no_rank(level):
    rng = np.random.default_rng(0)
    noise = 1 + 1e-6 * rng.standard_normal((500, 64))
    codes = (level * rng.uniform(0.5, 2, 64) * noise).astype(np.float32)
    assert effective_rank(codes) == 0.0
    judged = health(codes, 1.0, 1.0)
    assert judged["collapsed"]
    assert judged["dead_units"] == 1.0
    assert judged["verdict"].startswith("collapsed: every chunk gets the same code")


def test_softmax_codes_that_barely_leave_uniform_are_collapsed_however_high_their_rank():
    rng = np.random.default_rng(0)
    codes = (1 / 64 + 7e-6 * rng.standard_normal((500, 64))).astype(np.float32)
    judged = health(codes, 1.1, 1.0)
    assert judged["collapsed"]
    assert judged["effective_rank"] == 0.0
    assert "to within 0.04% of its size" in judged["verdict"]


def test_units_of_very_different_size_are_alive_but_round_off_is_not():
    rng = np.random.default_rng(0)
    codes = rng.standard_normal((300, 4)) * [1000, 1, 0.1, 1e-7]
    assert health(codes, 0.5, 1.0)["dead_units"] == 0.25


def test_a_line_has_rank_one_and_is_called_narrow():
    codes = np.outer(np.random.default_rng(0).normal(size=200), np.arange(1.0, 9.0))
    judged = health(codes.astype(np.float32), 0.5, 1.0)
    assert judged["effective_rank"] == pytest.approx(1, abs=1e-3)
    assert judged["verdict"].startswith("narrow: ")
    assert not judged["collapsed"]


def test_dead_units_are_counted_and_a_good_encoder_is_healthy():
    codes = np.random.default_rng(0).normal(size=(300, 8)).astype(np.float32)
    codes[:, 5:7] = 0.25
    judged = health(codes, 0.2, 1.0)
    assert judged["dead_units"] == 0.25
    assert judged["effective_rank"] == pytest.approx(6, abs=0.1)
    assert judged["relative_error"] == pytest.approx(0.2)
    assert judged["verdict"].startswith("healthy: ")


def test_codes_that_restore_no_more_than_the_mean_are_not_called_healthy():
    codes = np.random.default_rng(0).normal(size=(300, 8))
    assert health(codes, 1.02, 1.0)["verdict"].startswith("weak: ")
    assert health(codes, 0.1, 0.0)["verdict"].startswith("weak: ")


def test_judging_measures_both_errors_on_validation_chunks_in_the_target_space():
    rng = np.random.default_rng(0)
    training, validation = (rng.random((n, 18, 20), dtype=np.float32) for n in (40, 300))
    for scaling in ("raw", "log"):
        mean, bins = chunk_moments(training, scaling)
        model, encoder = build_autoencoder(
            "autoencoder_2", (18, 20), 4, input_scaling=scaling, bin_scaling=bins
        )
        judged = judge(model, training, validation, mean)
        wanted = validation
        if bins is not None:
            wanted = (np.log10(validation + 1e-4) - bins.mean) / np.sqrt(bins.variance)
        restored = model.predict_on_batch(validation)
        error = np.square(wanted - restored).mean()
        assert judged["reconstruction_error"] == pytest.approx(error, rel=1e-4)
        assert judged["mean_error"] == pytest.approx(np.square(wanted - mean).mean(), rel=1e-4)
        both = np.concatenate([training, validation])
        rank = effective_rank(encoder.predict_on_batch(both))
        assert judged["effective_rank"] == pytest.approx(rank, rel=1e-3)
