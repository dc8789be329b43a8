"""Random projection of descriptors to a few numbers: a control for principal components.

Descriptors are standardised by the unlabelled recordings, as before components are fitted.
"""

from typing import Literal

import numpy as np

from semisup.representations._components import Projected, ProjectionOptions
from semisup.representations._projection import Projection, random_directions


class Options(ProjectionOptions):
    """Keys of a representation of this kind."""

    kind: Literal["random_projection"]


class RandomProjection(Projected[Options]):
    """Descriptors on random directions."""

    Options = Options
    is_learned = False

    def project(self, values: np.ndarray, blocks: list[int], seed: int) -> Projection:
        """Draw directions."""
        return random_directions(values, blocks, self.options.dimensions, seed)
