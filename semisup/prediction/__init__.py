"""Predictions of one's own files by a finished study."""
