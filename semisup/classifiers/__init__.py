"""Classifiers: one file each, with a function `build(random_state)`."""
