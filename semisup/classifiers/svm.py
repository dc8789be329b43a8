"""Support vector machine with a radial kernel (scikit-learn's SVC)."""

from typing import Any


def build(random_state: int) -> Any:
    """Return an unfitted classifier with scikit-learn's default parameters."""
    from sklearn.svm import SVC

    return SVC(random_state=random_state)
