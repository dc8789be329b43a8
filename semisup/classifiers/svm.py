"""Support vector machine with a radial kernel (scikit-learn's SVC)."""

from semisup.classifiers._contract import Classifier, Estimator


class SupportVectorMachine(Classifier):
    """The widest margin between classes, with a radial kernel."""

    weighted = True

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with scikit-learn's default parameters."""
        from sklearn.svm import SVC

        return SVC(random_state=random_state)
