"""Principal components of descriptors, turned by a fixed random rotation, in one ``.npz`` file.

Classifiers standardise their input. Standardised principal components are whitened: the last, all
noise, counts as much as the first. A rotation spreads every component over all numbers, so that
standardising leaves their shape nearly as it is; classifiers that look at distances see no
difference otherwise.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from semisup.engine.artefacts import write_whole
from semisup.engine.npz import read_arrays
from semisup.errors import TableError


class Projection(NamedTuple):
    """A linear map ``(values - mean) / scale @ weights``."""

    mean: np.ndarray  # (n_features,)
    scale: np.ndarray  # (n_features,)
    weights: np.ndarray  # (n_features, dimensions)
    variances: np.ndarray  # (n_components,), explained by each component kept; none of random ones

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Map (n, n_features) to (n, dimensions), float32.

        Raises
        ------
        TableError
            If the values have other features than it was fitted to.
        """
        if values.shape[-1] != len(self.mean):
            raise TableError(
                f"a projection of {len(self.mean)} features got rows of {values.shape[-1]}"
            )
        return ((values - self.mean) / self.scale @ self.weights).astype(np.float32)

    def save(self, path: Path) -> Path:
        """Write it as ``.npz``."""
        return write_whole(path, lambda partial: np.savez(partial, **self._asdict()))

    @classmethod
    def load(cls, path: Path) -> "Projection":
        """Read what `save` wrote.

        Raises
        ------
        TableError
            If the file is damaged, or its arrays are not those of a projection.
        """
        read = cls(**read_arrays(path, cls._fields))
        n_features = read.mean.shape
        fits = len(n_features) == 1 and read.weights.ndim == 2
        fits = fits and read.scale.shape == read.weights.shape[:1] == n_features
        if not (fits and all(array.dtype.kind == "f" for array in read)):
            raise TableError(f"{path} does not hold the arrays of a projection")
        return read


def principal_components(
    values: np.ndarray,
    blocks: list[int],
    components: int,
    dimensions: int,
    rotate: bool,
    seed: int,
) -> Projection:
    """Fit principal components to standardised features.

    Parameters
    ----------
    values : ndarray of shape (n, n_features)
        Of unlabelled recordings.
    blocks : list of int
        Sizes of groups of features, adding up to n_features; all groups get the same total
        variance, so that many features of one sort do not drown a few of another.
    components : int
        Directions of the largest variance that are kept; fewer where there are no more.
    dimensions : int
        Numbers that come out, at least `components`. More numbers than components are redundant
        and keep all distances.
    rotate : bool
        Without it the components come out themselves, then zeros.
    seed : int
        Of the rotation.
    """
    mean, scale, varies = _standardising(values, blocks)
    standard = np.where(varies, (values - mean) / scale, 0.0)
    variances, vectors = np.linalg.eigh(standard.T @ standard / len(values))
    kept = slice(-1, -components - 1, -1)  # eigenvalues come in ascending order
    variances, vectors = variances[kept], signed(vectors[:, kept])
    turn = rotation(dimensions, seed) if rotate else np.eye(dimensions)
    weights = (vectors * varies[:, None]) @ turn[: vectors.shape[1]]
    return Projection(mean, scale, weights, variances)


def random_directions(
    values: np.ndarray, blocks: list[int], dimensions: int, seed: int
) -> Projection:
    """Project features, standardised as for `principal_components`, on random directions.

    Distances are kept as nearly as so few directions can, whatever the features: what components
    are worth is measured against it.

    Parameters
    ----------
    values, blocks
        As `principal_components` takes them.
    dimensions : int
        Numbers that come out.
    seed : int
        Of the directions, which are Gaussian.

    References
    ----------
    W. B. Johnson and J. Lindenstrauss, "Extensions of Lipschitz mappings into a Hilbert space",
    Contemporary Mathematics 26, 1984. https://doi.org/10.1090/conm/026/737400
    """
    mean, scale, varies = _standardising(values, blocks)
    weights = gaussian(values.shape[1], dimensions, seed) * varies[:, None]
    return Projection(mean, scale, weights, np.empty(0))


def gaussian(features: int, dimensions: int, seed: int) -> np.ndarray:
    """Draw a random projection that keeps squared lengths on average, (features, dimensions)."""
    rng = np.random.default_rng([seed, features, dimensions])
    return rng.normal(scale=dimensions**-0.5, size=(features, dimensions))


def _standardising(
    values: np.ndarray, blocks: list[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean and scale of each feature, and whether it varies at all."""
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    # rounding leaves a feature that is always the same with a deviation of almost 0
    varies = deviation > 1e-9 * max(1.0, float(deviation.max(initial=0)))
    deviation = np.where(varies, deviation, 1.0)
    # n features of variance 1 / n: each block has a total variance of 1
    return mean, deviation * np.sqrt(np.repeat(blocks, blocks)), varies


def signed(vectors: np.ndarray) -> np.ndarray:
    """Turn each column so that its largest entry is positive: the sign of a component is free."""
    largest = np.abs(vectors).argmax(axis=0)
    return vectors * np.where(vectors[largest, np.arange(vectors.shape[1])] < 0, -1.0, 1.0)


def rotation(size: int, seed: int) -> np.ndarray:
    """Return a random orthogonal matrix, uniform over all of them.

    Parameters
    ----------
    size : int
        Rows and columns.
    seed : int

    References
    ----------
    F. Mezzadri, "How to generate random matrices from the classical compact groups", Notices of
    the AMS 54(5), 2007. https://arxiv.org/abs/math-ph/0609050
    """
    drawn = np.random.default_rng([seed, size]).normal(size=(size, size))
    # by the signs of r's diagonal, which LAPACK chooses, q alone would not be uniform
    q, r = np.linalg.qr(drawn)
    return q * np.sign(np.diag(r))
