"""Autoencoders: one file an architecture; the private file builds any of them."""

from semisup.autoencoders._convolutional import (
    Architecture,
    Padding,
    architecture_of,
    build_autoencoder,
    layer_sizes,
)

__all__ = ["Architecture", "Padding", "architecture_of", "build_autoencoder", "layer_sizes"]
