"""Network of one hidden layer of 128 tanh units (scikit-learn's MLPClassifier)."""

from typing import Any


def build(random_state: int) -> Any:
    """Return an unfitted classifier with 128 tanh units and otherwise default parameters."""
    from semisup.classifiers._small_data import QuietNetwork

    return QuietNetwork(128, activation="tanh", random_state=random_state)
