"""What an earlier version of a study left: removed, so that a run leaves what it would leave alone.

Only artefacts go, which lie beside a mark of ours, and folders that this empties: files of the
user's have none. What other commands made (`tune`, `predict`) stays.
"""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from semisup import registry
from semisup.engine.artefacts import marked_in, remove, write_json
from semisup.engine.progress import say_more
from semisup.engine.step import Step
from semisup.stages import repeats
from semisup.stages.recordings import NAME, TABLE
from semisup.stages.resolved import ResolvedStudy
from semisup.stages.tune import TABLES

#: Folders of other commands, of recordings that were generated, and of folds.
_OTHERS = ("fitted", "predictions", "audio", "repeats", ".parts")


def remove_leftovers(study: ResolvedStudy, steps: Iterable[Step]) -> None:
    """Remove what no step of a study that has been run to its end would make.

    Parameters
    ----------
    study : ResolvedStudy
    steps : iterable of Step
        All that were made or current, but for those of folds.
    """
    _sweep(study.folder, list(steps))
    folds = {one.folder: one for one in study.repeats}
    for folder in sorted((study.folder / "repeats").glob("[0-9][0-9][0-9]*")):
        _sweep(folder, repeats.all_steps(folds[folder]) if folder in folds else [])
        if folder not in folds:
            (folder / "provenance.json").unlink(missing_ok=True)
            _remove_empty(folder)
    _remove_empty(study.folder / "repeats")


def _sweep(folder: Path, steps: list[Step]) -> None:
    # what comes before all stages is always there
    made = {folder / TABLE, *(path for step in steps for path in step.outputs)}
    for path in list(marked_in(folder, _OTHERS)):
        if path not in made and not _is_tuned(folder, path):
            say_more(f"  removed, as nothing makes it any more: {path}")
            remove(path)
            for above in path.parents[: len(path.relative_to(folder).parts) - 1]:
                _remove_empty(above)
    for parts in (folder / ".parts").glob("*"):
        if not parts.name.startswith("tune"):
            shutil.rmtree(parts, ignore_errors=True)
    _remove_empty(folder / ".parts")
    _forget_steps(folder / "provenance.json", {NAME, *(step.name for step in steps)})


def _is_tuned(folder: Path, path: Path) -> bool:
    """Tell whether `semisup tune` made an artefact: a table, or the losses of its trials."""
    if path.name in TABLES:
        return True
    of = [name.parent.name for name in folder.glob("*/tuned.json")]
    architectures = registry.architectures.names()
    return path.stem in {f"loss_history_{name}_{one}" for name in of for one in architectures}


def _forget_steps(path: Path, names: set[str]) -> None:
    """Leave the steps in `provenance.json` that belong to the study, and those of `tune`."""
    if not path.exists():
        return
    content = json.loads(path.read_text("utf-8"))
    kept = {
        name: step
        for name, step in content["steps"].items()
        if name in names or name.startswith("tune ")
    }
    if kept != content["steps"]:
        write_json(path, {**content, "steps": kept})


def _remove_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
