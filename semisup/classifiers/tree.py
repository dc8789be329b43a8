"""Decision tree (scikit-learn's DecisionTreeClassifier)."""

from typing import Any


def build(random_state: int) -> Any:
    """Return an unfitted classifier with scikit-learn's default parameters."""
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(random_state=random_state)
