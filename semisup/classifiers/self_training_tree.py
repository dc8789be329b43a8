"""Self-training of 'tree' on the labelled and the unlabelled recordings' features."""

from typing import Any

UNLABELLED = True


def build(random_state: int) -> Any:
    """Return an unfitted classifier that takes -1 for the class of unlabelled rows."""
    from semisup.classifiers._self_training import self_training

    return self_training("tree", random_state)
