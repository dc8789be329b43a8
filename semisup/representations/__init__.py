"""Representations: one file a kind; `semisup.features.contract` says what each must be."""
