"""Predictions and scores that were made elsewhere, compared as those of a study."""
