"""Logistic regression of at most 1000 steps (scikit-learn's LogisticRegression)."""

from typing import Any


def build(random_state: int) -> Any:
    """Return an unfitted classifier; other parameters are scikit-learn's defaults."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=1000, random_state=random_state)
