"""AdaBoost of 50 stumps (scikit-learn's AdaBoostClassifier), one where boosting can't start."""

from typing import Any


def build(random_state: int) -> Any:
    """Return an unfitted classifier with scikit-learn's default parameters."""
    from semisup.classifiers._small_data import SmallAdaBoost

    return SmallAdaBoost(random_state=random_state)
