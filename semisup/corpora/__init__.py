"""Corpora: one file an adapter; `_contract` says what each must be."""

from semisup.corpora._contract import (
    RATER,
    SCAN_COLUMNS,
    VALENCE,
    Corpus,
    adapter,
    audio_files,
    other_labels,
    scan_table,
)
from semisup.corpora._listings import read_listing

__all__ = [
    "RATER",
    "SCAN_COLUMNS",
    "VALENCE",
    "Corpus",
    "adapter",
    "audio_files",
    "other_labels",
    "read_listing",
    "scan_table",
]
