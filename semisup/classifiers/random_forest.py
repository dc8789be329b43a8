"""Random forest of 100 trees (scikit-learn's RandomForestClassifier)."""

from typing import Any


def build(random_state: int) -> Any:
    """Return an unfitted classifier with scikit-learn's default parameters."""
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(random_state=random_state)
