"""Autoencoders: one file an architecture; building, training and health in the private files."""
