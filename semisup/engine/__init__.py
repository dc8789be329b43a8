"""Artefacts, fingerprints, steps and the resumable map: knows nothing of audio."""
