"""Pseudo-labels of 'logistic_regression': its sure guesses about unlabelled recordings."""

from semisup.classifiers._contract import Classifier, Estimator


class PseudoLabelLogisticRegression(Classifier):
    """Logistic regression that takes its sure guesses about unlabelled rows for labels."""

    unlabelled = True
    weighted = True

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier that takes -1 for the class of unlabelled rows."""
        from semisup.classifiers._self_training import pseudo_label

        return pseudo_label("logistic_regression", random_state)
