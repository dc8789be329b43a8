"""Pseudo-labels of 'random_forest': its sure guesses about unlabelled recordings."""

from semisup.classifiers._contract import Classifier, Estimator


class PseudoLabelRandomForest(Classifier):
    """A random forest that takes its sure guesses about unlabelled rows for labels."""

    unlabelled = True
    weighted = True

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier that takes -1 for the class of unlabelled rows."""
        from semisup.classifiers._self_training import pseudo_label

        return pseudo_label("random_forest", random_state)
