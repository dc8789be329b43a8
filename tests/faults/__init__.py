"""Faults of machines and people, and what becomes of a study: nothing lost, nothing stale."""
