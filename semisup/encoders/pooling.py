"""Frames over time as one row of numbers, window by window, so that no recording is too long."""

from typing import Literal, NamedTuple, Self

import numpy as np

Pooling = Literal["mean", "mean_std", "max"]
#: Statistics of which a kept row has each layer's, one after the other.
KEPT: tuple[Pooling, ...] = ("mean_std", "max")
#: What the columns of each statistic end in.
STATISTICS: dict[Pooling, tuple[str, ...]] = {
    "mean": ("",),
    "mean_std": ("_mean", "_std"),
    "max": ("",),
}


class Moments(NamedTuple):
    """What pooling has to know of some frames.

    Parameters
    ----------
    n_frames : int
    mean, squares, largest : ndarray of shape (size,), float64
        Over the frames: mean, sum of squared deviations from it, maximum.
    """

    n_frames: int
    mean: np.ndarray
    squares: np.ndarray
    largest: np.ndarray

    @classmethod
    def of(cls, frames: np.ndarray) -> Self:
        """Return those of frames (n_frames, size)."""
        mean = frames.mean(axis=0, dtype=np.float64)
        squares = ((frames - mean) ** 2).sum(axis=0)
        return cls(len(frames), mean, squares, frames.max(axis=0).astype(np.float64))

    def with_more(self, more: Self) -> Self:
        """Return those of these frames and more.

        References
        ----------
        T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms for Computing the Sample Variance",
        The American Statistician 37(3), 1983.
        """
        count = self.n_frames + more.n_frames
        step = more.mean - self.mean
        mean = self.mean + step * (more.n_frames / count)
        squares = self.squares + more.squares + step**2 * (self.n_frames * more.n_frames / count)
        return self._replace(
            n_frames=count,
            mean=mean,
            squares=squares,
            largest=np.maximum(self.largest, more.largest),
        )

    def pooled(self, pooling: Pooling) -> np.ndarray:
        """Return the row: mean, mean then deviation, or maximum."""
        if pooling == "max":
            return self.largest
        if pooling == "mean":
            return self.mean
        return np.concatenate([self.mean, np.sqrt(self.squares / self.n_frames)])


def from_kept(rows: np.ndarray, sizes: list[int], pooling: Pooling) -> np.ndarray:
    """Pick from kept rows (n, 3 * sum of the sizes) what the pooling asks for, layer by layer.

    Examples
    --------
    >>> from_kept(np.array([[1, 2, 3, 4, 5, 6]]), [1, 1], "mean_std")
    array([[1, 2, 4, 5]])
    """
    # of a layer: means, deviations, maxima
    first, last = {"mean": (0, 1), "mean_std": (0, 2), "max": (2, 3)}[pooling]
    ends = 3 * np.cumsum(sizes)
    begins = ends - 3 * np.array(sizes)
    columns = [
        np.arange(begin + first * size, begin + last * size)
        for begin, size in zip(begins, sizes, strict=True)
    ]
    return rows[:, np.concatenate(columns)]


def column_names(prefix: str, size: int, pooling: Pooling) -> list[str]:
    """Name the columns of a pooled row, means before deviations.

    Examples
    --------
    >>> column_names("hear", 2, "mean_std")
    ['hear_000_mean', 'hear_001_mean', 'hear_000_std', 'hear_001_std']
    """
    width = max(3, len(str(size - 1)))
    return [
        f"{prefix}_{number:0{width}d}{statistic}"
        for statistic in STATISTICS[pooling]
        for number in range(size)
    ]
