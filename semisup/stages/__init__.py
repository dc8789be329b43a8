"""The stages of a study, in order: one file each, with `mark` (fingerprint) and `steps`."""
