"""Layouts of networks as classifiers: parameters in, a layout out."""

from dataclasses import dataclass
from typing import ClassVar

from semisup.networks.estimator import NetworkClassifier
from semisup.networks.layouts import Layout
from semisup.networks.seeded_layers import Pooling


@dataclass(kw_only=True, eq=False, repr=False)
class _Convolutions(NetworkClassifier):
    """Parameters of convolutional networks.

    Parameters
    ----------
    filters : int
        Channels of the first convolution; each further one has twice as many.
    blocks : int
        Convolutions.
    """

    filters: int = 16
    blocks: int = 4

    def layout(self) -> Layout:
        """Return what the network is built from, known once it is fitted."""
        return Layout(
            self.architecture,
            self.shape_,
            len(self.classes_),
            self.batch_size,
            width=self.filters,
            depth=self.blocks,
            dropout=self.dropout,
        )


@dataclass(kw_only=True, eq=False, repr=False)
class Convolutions1d(_Convolutions):
    """Convolutions over time, on waveforms (n, samples) or transforms (n, bands, frames)."""

    architecture: ClassVar[str] = "cnn_1d"


@dataclass(kw_only=True, eq=False, repr=False)
class Convolutions2d(_Convolutions):
    """Convolutions over bands and frames of transforms (n, bands, frames)."""

    architecture: ClassVar[str] = "cnn_2d"


@dataclass(kw_only=True, eq=False, repr=False)
class RecurrentNetwork(NetworkClassifier):
    """An LSTM over time, on waveforms (n, samples) or transforms (n, bands, frames).

    Parameters
    ----------
    units : int
        Size of a hidden state.
    pooling : {"mean", "last"}
        What of the states is classified.
    """

    architecture: ClassVar[str] = "lstm_network"

    units: int = 64
    pooling: Pooling = "mean"

    def layout(self) -> Layout:
        """Return what the network is built from, known once it is fitted."""
        return Layout(
            self.architecture,
            self.shape_,
            len(self.classes_),
            self.batch_size,
            width=self.units,
            dropout=self.dropout,
            pooling=self.pooling,
        )
