"""Labels propagated over a graph of neighbours, unlabelled ones too (scikit-learn's)."""

from semisup.classifiers._contract import Classifier, Estimator
from semisup.classifiers.label_spreading import KERNEL


class LabelPropagation(Classifier):
    """Labels that stay as they are, and go on to neighbouring rows."""

    chance = ()
    unlabelled = True
    weighted = True

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier that takes -1 for the class of unlabelled rows."""
        from semisup.classifiers._small_data import SmallLabelPropagation

        return SmallLabelPropagation(kernel=KERNEL)
