"""Corpora: one file an adapter; `_contract` says what each must be."""

from semisup.corpora._contract import SCAN_COLUMNS, Corpus, adapter, audio_files, scan_table

__all__ = ["SCAN_COLUMNS", "Corpus", "adapter", "audio_files", "scan_table"]
