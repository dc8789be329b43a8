"""The state of all that is not ours, noted when a study is resolved."""

from pathlib import Path

import pandas as pd

from semisup.engine.noted import state_of
from semisup.features.contract import Representation
from semisup.recordings.manifest import STATE
from semisup.study.study import Study


def note_inputs(
    study: Study, scanned: pd.DataFrame, kinds: dict[str, Representation], files: list[Path]
) -> None:
    """Note the state of all that is not ours, as it was scanned or will now be read."""
    for path, *state in scanned.loc[scanned["audio"], ["path", *STATE]].itertuples(index=False):
        size, modified, changed = map(int, state)
        study.noted.note_as(path, (size, modified, changed))
    watched = [path for kind in kinds.values() for path in kind.watched(study.base)]
    for path in (*watched, *files):
        study.noted.note_as(str(path), state_of(path))
