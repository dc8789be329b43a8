"""Self-training of 'random_forest' on the labelled and the unlabelled recordings' features."""

from semisup.classifiers._contract import Classifier, Estimator


class SelfTrainingRandomForest(Classifier):
    """A random forest that learns from its surest guesses about unlabelled rows too."""

    unlabelled = True
    weighted = True

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier that takes -1 for the class of unlabelled rows."""
        from semisup.classifiers._self_training import self_training

        return self_training("random_forest", random_state)
