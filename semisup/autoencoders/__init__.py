"""Autoencoders: one file an architecture; building, training and health in the private files."""

from semisup.autoencoders._convolutional import build_autoencoder, layer_sizes

__all__ = ["build_autoencoder", "layer_sizes"]
