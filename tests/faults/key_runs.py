"""Runs of studies with a changed key, where another version of them has run before.

In: mutations of the study of `study`. Out: what each came to, by its key.
"""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from faults.changes import Change, Finished
from faults.keys import Mutation, base, is_valid, mutations
from faults.studies import write_recordings
from semisup import registry
from semisup.errors import SemisupError
from semisup.features.kinds import kind_class

#: What is not run: corpora of others, and kinds that need files or libraries of others.
NOT_RUN = {
    "corpus": tuple(set(registry.corpora.built_in()) - {"folder", "synthetic", "table"}),
    "kind": ("keras", "onnx", "torch", "transformers", "table", "opensmile", "vgg16"),
}
#: Keys of which another value takes minutes.
SLOW = ("steps", "validate_steps", "patience_steps", "model", "weights")
#: A generated corpus of the size of the recordings.
SYNTHETIC = {"speakers": 8, "recordings_per_speaker": 6, "mean_seconds": 1.0, "spread_seconds": 0.2}
#: The list of what stages left out is written by each of them.
REWRITTEN = {"skipped.csv"}


def study(recordings: Path) -> dict[str, Any]:
    """Return the study with all tables as one that runs in seconds."""
    document = base()
    del document["tuning"], document["representations"]["other"]
    return document | {
        "corpus": [_corpus(recordings)],
        "representations": {
            "first": {"kind": "handcrafted"},
            "second": {"kind": "logmel_statistics"},
            "last": {"kind": "logmel_pca", "components": 3, "dimensions": 3},
        },
        "chunks": {"chunk_samples": 3200, "short": "pad"},
        "curve": {"classifiers": ["knn", "mine"], "percentages": [50, 100], "draws": 2},
        "compare": {"resamples": 200},
        "importance": {"systems": ["knn@first"], "features": False},
        "report": {"audio": "none"},
    }


def searched(recordings: Path) -> dict[str, Any]:
    """Return a study with a search that takes seconds."""
    network = {"kind": "autoencoder", "latent_dim": 4, "epochs": 1}
    few = {"latent_dim": [2, 4], "learning_rate": [0.005], "epochs": 1, "trials": 2}
    return {
        "name": "it",
        "corpus": [_corpus(recordings)],
        "split": {"strategy": "fraction"},
        "chunks": {"chunk_samples": 3200, "short": "pad"},
        "representations": {
            "last": network | {"architecture": "autoencoder_1"},
            "other": network | {"architecture": "autoencoder_2"},
        },
        "tuning": few | {"representation": "last", "architectures": ["autoencoder_1"]},
    }


def _corpus(recordings: Path) -> dict[str, str]:
    return {"adapter": "folder", "root": str(recordings), "speaker_pattern": r"(s\d)_"}


def changes(recordings: Path) -> list[Mutation]:
    """Return the mutations that can be run here, as studies that run in seconds."""
    made = (_quick(one, recordings) for one in mutations(study(recordings)) if _is_run(one))
    quick = [one for one in made if one.before != one.after and is_valid(one.before)]
    return quick + searches(recordings)


def searches(recordings: Path) -> list[Mutation]:
    """Return the mutations of a search."""
    of_all = mutations(searched(recordings))
    return [one for one in of_all if isinstance(one, Mutation) and one.table == "tuning"]


def _is_run(mutation: Mutation | tuple[str, str]) -> bool:
    if not isinstance(mutation, Mutation) or mutation.key == "name":  # another folder
        return False
    table, _, name = mutation.table.partition(" ")
    left_out = NOT_RUN.get(table, ("none",))
    return bool(left_out) and name not in left_out and mutation.key not in SLOW


def _quick(mutation: Mutation, recordings: Path) -> Mutation:
    """Return a mutation with what its table needs besides, or takes less time by."""
    table, _, name = mutation.table.partition(" ")
    if table == "corpus" and name:
        root = {"root": str(recordings), "speaker_pattern": r"(s\d)_"}
        listing = {"path": str(recordings / "list.csv"), "root": str(recordings)}
        generated = SYNTHETIC | {"root": str(recordings.parent / "generated")}
        quick = {"folder": root, "synthetic": generated, "table": listing}[name]
        place: list[Any] = ["corpus", 0]
    elif table == "kind" and "epochs" in kind_class(name).Options.model_fields:
        quick, place = {"epochs": 1}, ["representations", "subject"]
    else:
        return mutation
    before, after = deepcopy(mutation.before), deepcopy(mutation.after)
    before[place[0]][place[1]] |= quick
    after[place[0]][place[1]] |= {key: quick[key] for key in quick if key != mutation.key}
    return mutation._replace(before=before, after=after)


def stage_of(mutation: Mutation) -> str:
    """Return the last stage whose artefacts the key may change, figures and page left out."""
    if mutation.table == "tuning":
        return "features"
    return "report" if mutation.table in ("plot", "report") else "clusters"


def run(wanted: list[Mutation], folder: Path) -> Iterator[tuple[Mutation, Change]]:
    """Run mutations; those with the same study before them share its run."""
    finished: dict[str, Finished] = {}
    for mutation in wanted:
        until = stage_of(mutation)
        name = f"{until} {mutation.before}"
        if name not in finished:
            place = folder / f"{len(finished):02d}"
            try:
                finished[name] = Finished(place, mutation.before, until)
            except SemisupError:
                continue  # it is of a second corpus, which is not there
        change = finished[name].change(mutation.after)
        needless = [path for path in change.needless if not _is_rewritten(mutation, Path(path))]
        yield mutation, change._replace(needless=needless)


def _is_rewritten(mutation: Mutation, path: Path) -> bool:
    # a search puts the models that it chose in place, and draws them, whatever is there
    is_chosen = path.parent.name == "last" or path.stem.endswith("_last")
    return path.name in REWRITTEN or (mutation.table == "tuning" and is_chosen)


def recordings_in(folder: Path) -> Path:
    """Write the recordings that the studies are of, and a list of them."""
    root = write_recordings(folder / "recordings")
    paths = sorted(root.rglob("*.wav"))
    rows = [f"{path.relative_to(root)},{path.parent.name},{path.name[:2]}" for path in paths]
    (root / "list.csv").write_text("\n".join(["file,label,speaker", *rows]), encoding="utf-8")
    return root
