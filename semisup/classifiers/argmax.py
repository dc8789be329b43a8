"""The class of the largest of as many numbers as there are classes, such as a network's logits."""

from semisup.classifiers._contract import Classifier, Estimator


class Argmax(Classifier):
    """The class of the largest number; which classes there are is all that it learns."""

    chance = ()
    # Standardising each number by itself would change which is the largest.
    scales = False

    def build(self, random_state: int) -> Estimator:
        """Return a classifier that learns which classes there are; nothing is random."""
        from semisup.classifiers._largest import LargestNumber

        return LargestNumber()
