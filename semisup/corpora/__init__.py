"""Corpus adapters: one file a corpus; `_contract` says what each must have."""
