"""Principal components of log-mel statistics, fitted to the unlabelled subset, rotated."""

from typing import Literal

from semisup.representations._components import ComponentOptions, Components


class Options(ComponentOptions):
    """Keys of a representation of this kind."""

    kind: Literal["logmel_pca"]


class LogMelPca(Components[Options]):
    """Components of log-mel statistics."""

    Options = Options
