"""Autoencoders: one file an architecture; building, training and health in the private files."""

from semisup.autoencoders._convolutional import build_autoencoder

__all__ = ["build_autoencoder"]
