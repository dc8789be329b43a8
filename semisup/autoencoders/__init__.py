"""Autoencoders: one file an architecture; what builds them is in the private files."""

from semisup.autoencoders._convolutional import (
    Architecture,
    architecture_of,
    build_autoencoder,
    layer_sizes,
)

__all__ = ["Architecture", "architecture_of", "build_autoencoder", "layer_sizes"]
