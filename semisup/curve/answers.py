"""What a fit makes of some rows: probabilities, decision values, classes, each computed once."""

from functools import cached_property

import numpy as np

from semisup.curve.fit import Fit
from semisup.curve.sources import Features


class Answers:
    """The answers of a fit about some rows, worked out when they are first asked for.

    Parameters
    ----------
    fitted : Fit
    rows : Features
    n_classes : int
    """

    def __init__(self, fitted: Fit, rows: Features, n_classes: int) -> None:
        self.fitted, self.rows, self.n_classes = fitted, rows, n_classes

    @cached_property
    def probabilities(self) -> np.ndarray | None:
        """Probabilities (n_rows, n_classes), None where the classifier has none."""
        return self.fitted.probabilities(self.rows, self.n_classes)

    @cached_property
    def decisions(self) -> np.ndarray | None:
        """Decision values (n_rows, n_classes), None where the classifier has none."""
        return self.fitted.decisions(self.rows, self.n_classes)

    @cached_property
    def classes(self) -> np.ndarray:
        """The class of each row."""
        return self.fitted.predict(self.rows)

    @property
    def votes(self) -> np.ndarray:
        """1 for the class that each row is predicted to be of, (n_rows, n_classes)."""
        return np.eye(self.n_classes)[self.classes]
