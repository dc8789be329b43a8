from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semisup.comparison.information import discretised, mutual_information_gap
from semisup.errors import TableError
from semisup.networks.backend import import_keras
from semisup.networks.models import encoder_of
from semisup.representations import beta_tcvae as kind
from semisup.representations._piece_codes import Task
from semisup.representations._piece_network import scaling_of


def posteriors(correlations: np.ndarray, variance: float, rows: int, seed: int = 0) -> list:
    """Draw posterior means from a Gaussian, and a sample of each posterior."""
    rng = np.random.default_rng(seed)
    mean = rng.multivariate_normal(np.zeros(len(correlations)), correlations, rows)
    sample = mean + np.sqrt(variance) * rng.normal(size=mean.shape)
    tensors = (sample, mean, np.full(mean.shape, np.log(variance)))
    return [np.asarray(tensor, dtype=np.float32) for tensor in tensors]


def reference(sample, mean, log_variance) -> tuple[float, np.ndarray]:
    """Return minibatch-weighted sampling without ln N M: as the paper writes it, row by row."""
    total = 0.0
    for z in sample.astype(float):
        density = np.exp(-np.square(z - mean) / np.exp(log_variance) / 2)
        density /= np.sqrt(2 * np.pi * np.exp(log_variance))
        total += np.log(density.prod(axis=1).sum()) - np.log(density.sum(axis=0)).sum()
    return total / len(sample)


# --- total correlation


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_total_correlation_of_two_gaussians_is_that_of_the_closed_form(rho):
    variance = 0.3
    given_ = posteriors(np.array([[1, rho], [rho, 1]]), variance, 4000)
    # codes of all rows together are a Gaussian of the sum of both covariances
    expected = -0.5 * np.log(1 - (rho / (1 + variance)) ** 2)
    assert float(kind.total_correlation(*given_)) == pytest.approx(expected, abs=0.03)


def test_total_correlation_of_three_gaussians_is_that_of_the_closed_form():
    covariance = np.array([[1, 0.6, 0.3], [0.6, 1.5, -0.2], [0.3, -0.2, 0.8]])
    whole = covariance + 0.4 * np.eye(3)
    expected = 0.5 * (np.log(np.diag(whole)).sum() - np.linalg.slogdet(whole)[1])
    estimate = float(kind.total_correlation(*posteriors(covariance, 0.4, 4000)))
    assert estimate == pytest.approx(expected, abs=0.04)


@pytest.mark.parametrize("n_rows", [10, 5000])
def test_it_is_minibatch_weighted_sampling_but_for_a_constant(n_rows):
    given_ = posteriors(np.eye(4), 0.5, 10)
    batch, dimensions = 10, 4
    weights = np.log(n_rows * batch)
    paper = reference(*given_) - weights + dimensions * weights
    ours = float(kind.total_correlation(*given_))
    assert paper == pytest.approx(ours + (dimensions - 1) * np.log(n_rows), rel=1e-5)


def test_one_dimension_has_no_total_correlation():
    given_ = posteriors(np.eye(1), 0.5, 50)
    assert float(kind.total_correlation(*given_)) == pytest.approx(0, abs=1e-5)


# --- loss


def test_the_loss_is_error_divergence_and_weighted_total_correlation():
    sample, mean, log_variance = posteriors(np.array([[1, 0.8], [0.8, 1]]), 0.3, 40)
    rng = np.random.default_rng(1)
    pieces, restored = rng.normal(size=(2, 40, 3)).astype(np.float32)
    output = np.hstack([restored, mean, log_variance, sample])
    error = 0.5 * np.square(pieces - restored).sum(axis=1).mean()
    divergence = 0.5 * (mean**2 + 0.3 - 1 - np.log(0.3)).sum(axis=1).mean()
    correlation = float(kind.total_correlation(sample, mean, log_variance))
    ops = import_keras().ops
    tensors = [ops.convert_to_tensor(values) for values in (pieces, output)]
    for beta in (0.0, 1.0, 6.0):
        expected = error + divergence + (beta - 1) * correlation
        assert float(kind.tcvae_loss(beta, 2)(*tensors)) == pytest.approx(expected, rel=1e-4)


def learned(beta: float, folder: Path) -> np.ndarray:
    """Train on pieces made of two correlated amounts of two shapes; return code means."""
    rng = np.random.default_rng(0)
    amounts = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], 400)
    x = (amounts @ np.repeat(np.eye(2), 5, axis=1)).astype(np.float32)
    x += 0.1 * rng.normal(size=x.shape).astype(np.float32)
    options = kind.Options(
        kind="beta_tcvae", piece_samples=10, pooled_by=1, latent_dim=2, hidden=(), beta=beta,
        epochs=25, batch_size=100, learning_rate=0.02, patience=25,
    )  # fmt: skip
    task = Task(x[:300], x[300:], scaling_of(x[:300]), 0, folder / f"{beta}.npz", "it")
    autoencoder, history = kind._learn(options, task)
    assert history["val_loss"].iloc[-1] < history["val_loss"].iloc[0]
    return encoder_of(autoencoder).predict_on_batch(x)


@pytest.mark.slow
def test_more_weight_on_the_total_correlation_makes_codes_less_dependent(tmp_path):
    low, high = (abs(np.corrcoef(learned(beta, tmp_path).T)[0, 1]) for beta in (0.0, 10.0))
    assert high < 0.2 < low


def test_dimensions_that_the_posterior_leaves_at_the_prior_are_not_active():
    rng = np.random.default_rng(0)
    codes = rng.normal(size=(500, 4)) * [1, 0.5, 0.05, 0]
    assert kind.active_units(codes) == {"active_units": 0.5}
    none = kind.active_units(codes[:, 2:])
    assert none["collapsed"]
    assert none["verdict"].startswith("collapsed")


# --- mutual information gap


def test_the_gap_worked_out_by_hand():
    # the first code tells all of the four values, the second only the half they are in
    factor = np.tile([0, 1, 2, 3], 5)
    codes = np.column_stack([10.0 * factor, factor // 2])
    found = mutual_information_gap(codes, factor)
    np.testing.assert_allclose(found.information[:, 0], [np.log(4), np.log(2)])
    assert found.gap == pytest.approx((np.log(4) - np.log(2)) / np.log(4)) == 0.5


def test_the_gap_of_codes_that_tell_a_part():
    # counts (2, 1; 1, 2): H(v) = ln 2 and H(v | z) = ln 3 - 2/3 ln 2; the other is independent
    factor = np.array([0, 0, 0, 1, 1, 1] * 2)
    part = np.array([0.0, 0, 1, 0, 1, 1] * 2)
    alone = np.repeat([0.0, 1.0], 6)
    found = mutual_information_gap(np.column_stack([alone, part]), pd.DataFrame({"v": factor}))
    known = np.log(2) - (np.log(3) - 2 / 3 * np.log(2))
    np.testing.assert_allclose(found.information[:, 0], [0, known], atol=1e-12)
    assert found.gap == pytest.approx(known / np.log(2))


def test_the_gap_is_the_mean_over_factors_and_names_will_do():
    first, second = np.repeat(["ann", "bob"], 4), np.tile(["low", "high"], 4)
    codes = np.column_stack([first == "ann", first == "ann", second == "low"]).astype(float)
    found = mutual_information_gap(codes, pd.DataFrame({"who": first, "pitch": second}))
    np.testing.assert_allclose(found.gaps, [0, 1])
    assert found.gap == pytest.approx(0.5)


@given(st.integers(0, 99), st.integers(2, 5), st.integers(2, 12))
@settings(max_examples=40)
def test_information_is_scikit_learns_and_the_gap_is_a_share(seed, n_codes, bins):
    from sklearn.metrics import mutual_info_score

    rng = np.random.default_rng(seed)
    codes, factor = rng.normal(size=(60, n_codes)), rng.permutation(np.arange(60) % 3)
    found = mutual_information_gap(codes, factor, bins)
    assert 0 <= found.gap <= 1
    for number in range(n_codes):
        edges = np.histogram_bin_edges(codes[:, number], bins)[1:-1]
        binned = np.digitize(codes[:, number], edges)
        expected = mutual_info_score(binned, factor)
        assert found.information[number, 0] == pytest.approx(expected, abs=1e-12)
    turned = mutual_information_gap(3 - 2 * codes[:, ::-1], factor, bins)
    assert turned.gap == pytest.approx(found.gap, abs=1e-12)


def test_a_constant_code_is_in_one_bin():
    assert not discretised(np.full(4, 2.5), 20).any()


@pytest.mark.parametrize(
    ("codes", "factors", "words"),
    [
        (np.zeros((4, 1)), [0, 0, 1, 1], "at least 2 columns"),
        (np.full((4, 2), np.nan), [0, 0, 1, 1], "with NaN"),
        (np.zeros((4, 2)), [0, 0, 1], "4 rows of codes and 3 of factors"),
        (np.zeros((4, 2)), [1, 1, 1, 1], "two values at least"),
        (np.zeros((4, 2)), [0, 1, None, 1], "none that is missing"),
    ],
)
def test_what_has_no_gap_is_refused(codes, factors, words):
    with pytest.raises(TableError, match=words):
        mutual_information_gap(codes, factors)
