"""Self-training of 'svm' on the labelled and the unlabelled recordings' features."""

from semisup.classifiers._contract import Classifier, Estimator


class SelfTrainingSvm(Classifier):
    """A support vector machine that learns from its surest guesses about unlabelled rows too."""

    chance = ("base__probability",)
    unlabelled = True
    weighted = True

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier that takes -1 for the class of unlabelled rows."""
        from semisup.classifiers._self_training import self_training

        return self_training("svm", random_state)
