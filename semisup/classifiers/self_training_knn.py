"""Self-training of 'knn' on the labelled and the unlabelled recordings' features."""

from semisup.classifiers._contract import Classifier, Estimator


class SelfTrainingKnn(Classifier):
    """Nearest neighbours that include the surest guesses about unlabelled rows."""

    chance = ()
    unlabelled = True

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier that takes -1 for the class of unlabelled rows."""
        from semisup.classifiers._self_training import self_training

        return self_training("knn", random_state)
