"""What systems predicted of permuted test rows, read from the files of a study or of its folds."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from semisup.comparison.design import Design
from semisup.comparison.predictions import System, SystemName
from semisup.engine.parallel import batches


def permuted_systems(paths: Sequence[Path], design: Design) -> Iterator[tuple[SystemName, System]]:
    """Yield every system with its predictions, one after the other.

    Parameters
    ----------
    paths : sequence of Path
        The file of the study, or of each fold, those of a repeat together: by system "predicted",
        (n_draws, 1 + n_permuted, n_units), with "recording" and "chunk" of each unit.
    design : Design
        Of the comparison.
    """
    files = [np.load(path) for path in paths]
    names = [key.removesuffix(" predicted") for key in files[0].files if key.endswith("predicted")]
    for name in names:
        repeats = [_joined(of_repeat, name) for of_repeat in batches(files, design.folds_a_repeat)]
        predicted = np.concatenate([predicted for predicted, _ in repeats])
        # the units of all repeats are the same, in the same order
        recordings = repeats[0][1]
        classifier, representation = name.split("@", 1)
        yield (
            SystemName(representation, classifier),
            System(
                predicted.swapaxes(0, 1),
                design.tested.truth[recordings].to_numpy(),
                design.tested.speaker[recordings].to_numpy(),
                design.tested.target,
            ),
        )
    for file in files:
        file.close()


def _joined(files: Sequence[np.lib.npyio.NpzFile], name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the predictions of folds side by side, by recording, and the recordings."""
    predicted, recording, chunk = (
        np.concatenate([file[f"{name} {what}"] for file in files], axis=-1)
        for what in ("predicted", "recording", "chunk")
    )
    order = np.lexsort([chunk, recording])
    return predicted[..., order], recording[order]
