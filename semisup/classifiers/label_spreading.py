"""Labels spread over a graph of neighbours, unlabelled ones too (scikit-learn's LabelSpreading)."""

from semisup.classifiers._contract import Classifier, Estimator

#: The default radial kernel, gamma = 20, sees no neighbours at all among 64 standardised features.
KERNEL = "knn"


class LabelSpreading(Classifier):
    """Labels that spread over a graph of neighbouring rows."""

    chance = ()
    unlabelled = True
    weighted = True

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier that takes -1 for the class of unlabelled rows."""
        from semisup.classifiers._small_data import SmallLabelSpreading

        return SmallLabelSpreading(kernel=KERNEL, max_iter=200)
