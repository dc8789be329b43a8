"""Codes of a beta-TCVAE on pieces of raw audio: dimensions that vary independently of each other.

In: the unlabelled pieces. Out: the models, and posterior means as codes.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.engine.parallel import batches
from semisup.networks.backend import import_keras
from semisup.networks.models import CODES, SCALED
from semisup.networks.training import Batch
from semisup.representations._piece_codes import (
    PieceCodes,
    Task,
    UnlabelledOptions,
)
from semisup.representations._piece_network import dense, dense_autoencoder, restoring_part
from semisup.representations._sequence_training import train_network

if TYPE_CHECKING:
    from keras import KerasTensor, Model

#: A dimension whose posterior mean varies by less than this is not used: Burda et al. 2016,
#: https://arxiv.org/abs/1509.00519. Its scale is that of the prior, so this is no ratio.
ACTIVE = 0.01


class Options(UnlabelledOptions):
    """Keys of a representation of this kind."""

    kind: Literal["beta_tcvae"]
    beta: float = Field(6.0, ge=0, description="weight of the total correlation; 1 is a plain VAE")


class BetaTcvae(PieceCodes[Options]):
    """Means of a beta-TCVAE.

    References
    ----------
    R. T. Q. Chen, X. Li, R. Grosse and D. Duvenaud, "Isolating Sources of Disentanglement in
    Variational Autoencoders", NeurIPS 2018. https://arxiv.org/abs/1802.04942
    """

    Options = Options

    def learn(self, task: Task) -> tuple["Model", pd.DataFrame]:
        """Train on unlabelled pieces; return the autoencoder and the history."""
        return _learn(self.options, task)

    def examine(self, codes: np.ndarray) -> dict[str, object]:
        """Tell how many dimensions are used."""
        return active_units(codes)


def active_units(codes: np.ndarray) -> dict[str, object]:
    """Tell how many dimensions are used, which the size of their own values does not show.

    Parameters
    ----------
    codes : ndarray of shape (n, latent_dim)
        Posterior means.

    Returns
    -------
    dict
        ``active_units`` (share); where there are none also ``collapsed`` and ``verdict``.

    Examples
    --------
    >>> active_units(np.array([[-1.0, 0.01], [1.0, -0.01]]))
    {'active_units': 0.5}
    """
    share = float((codes.var(axis=0, dtype=float) > ACTIVE).mean())
    if share:
        return {"active_units": share}
    verdict = "collapsed: the posterior of every piece is the prior, so that codes tell nothing"
    return {"active_units": share, "collapsed": True, "verdict": verdict}


def total_correlation(
    sample: "KerasTensor", mean: "KerasTensor", log_variance: "KerasTensor"
) -> "KerasTensor":
    r"""Estimate how far the dimensions of a code are from independent, over the rows of a batch.

    .. math:: \frac{1}{M} \sum_i \Big[ \ln \frac{1}{M} \sum_j q(z_i | x_j)
              - \sum_d \ln \frac{1}{M} \sum_j q(z_{id} | x_j) \Big]

    Minibatch-weighted sampling divides by N M where this divides by M, with N training rows in all.
    That adds the constant (d - 1) ln N and changes no gradient; without it losses of few and of
    many rows compare, and a large batch gives the true value.

    Parameters
    ----------
    sample : tensor of shape (M, d)
        Row i is drawn from the posterior of row i.
    mean, log_variance : tensor of shape (M, d)
        Of the posteriors, which are diagonal Gaussians.

    Returns
    -------
    tensor of shape ()
        In nats.
    """
    ops = import_keras().ops
    # a batch's length is not known while Keras traces the network for batches of any length
    log_rows = float(np.log(mean.shape[0])) if mean.shape[0] else _log_length(mean)
    squares = ops.square(sample[:, None] - mean[None]) * ops.exp(-log_variance[None])
    logs = -0.5 * (squares + log_variance[None] + float(np.log(2 * np.pi)))
    joint = ops.logsumexp(ops.sum(logs, axis=2), axis=1) - log_rows
    alone = ops.sum(ops.logsumexp(logs, axis=1) - log_rows, axis=1)
    return ops.mean(joint - alone)


def tcvae_loss(
    beta: float, latent_dim: int
) -> Callable[["KerasTensor", "KerasTensor"], "KerasTensor"]:
    r"""Return the loss: what it costs to restore a piece and to tell its code, in nats a piece.

    :math:`\tfrac12 \|x - \hat x\|^2 + KL(q(z|x) \| p(z)) + (\beta - 1) TC`, the negative of the
    paper's bound for :math:`\alpha = \gamma = 1`, with its first and last terms joined to the
    divergence that has a closed form.

    Parameters
    ----------
    beta : float
    latent_dim : int

    Returns
    -------
    callable
        Of standardised pieces (n, numbers) and the network's output (n, numbers + 3 * latent_dim):
        restored pieces, means, log variances and samples side by side.
    """
    ops = import_keras().ops

    def loss(pieces: "KerasTensor", output: "KerasTensor") -> "KerasTensor":
        numbers = pieces.shape[1]
        ends = [numbers + place * latent_dim for place in range(3)]
        restored, mean, log_variance, sample = ops.split(output, ends, axis=1)
        error = 0.5 * ops.mean(ops.sum(ops.square(pieces - restored), axis=1))
        spread = ops.square(mean) + ops.exp(log_variance) - 1 - log_variance
        divergence = 0.5 * ops.mean(ops.sum(spread, axis=1))
        return error + divergence + (beta - 1) * total_correlation(sample, mean, log_variance)

    return loss


def _learn(options: Options, task: Task) -> tuple["Model", pd.DataFrame]:
    autoencoder = dense_autoencoder(options.numbers, options, task.scaling, task.seed)
    draw = partial(_batches, options.latent_dim, options.batch_size)
    history = train_network(
        _sampling(autoencoder, task.seed),
        tcvae_loss(options.beta, options.latent_dim),
        options,
        len(task.training),
        partial(draw, task.scaling.apply(task.training), True),
        partial(draw, task.scaling.apply(task.validation), False),
        task.seed,
        task.checkpoint,
        task.label,
    )
    return autoencoder, history


def _sampling(autoencoder: "Model", seed: int) -> "Model":
    """Return what is trained: standardised pieces and noise in, what `tcvae_loss` reads out."""
    keras = import_keras()
    mean = autoencoder.get_layer(CODES).output
    before = autoencoder.get_layer(CODES).input
    # apart from the stream that the autoencoder's own layers are seeded by
    seeds = np.random.default_rng([seed, 1])
    log_variance = dense(mean.shape[1], "log_variance", seeds)(before)
    # an input, not a layer that draws: what an epoch draws comes from (seed, epoch) alone
    noise = keras.Input((mean.shape[1],), name="noise")
    sample = mean + keras.ops.exp(0.5 * log_variance) * noise
    restored = restoring_part(autoencoder)(sample)
    output = keras.layers.Concatenate()([restored, mean, log_variance, sample])
    return keras.Model([autoencoder.get_layer(SCALED).output, noise], output)


def _batches(
    latent_dim: int, size: int, x: np.ndarray, shuffle: bool, rng: np.random.Generator
) -> Iterator[Batch]:
    order = rng.permutation(len(x)) if shuffle else np.arange(len(x))
    for rows in batches(order, size):
        noise = rng.standard_normal((len(rows), latent_dim), dtype=np.float32)
        yield Batch([x[rows], noise], x[rows])


def _log_length(values: "KerasTensor") -> "KerasTensor":
    ops = import_keras().ops
    return ops.log(ops.cast(ops.shape(values)[0], values.dtype))
