"""A model of `transformers` on disk or on the hub: where it is, which files it has, what it lacks.

Nothing of `transformers` is imported here: these questions are asked of every study file.
"""

import json
import re
from pathlib import Path
from typing import Any

from semisup.errors import SpecError
from semisup.study.paths import find_path, instead_of

CONFIG = "config.json"
SAFE, PICKLED = ".safetensors", (".bin", ".pt", ".ckpt")
#: What is read of a folder, and so makes features stale where it changes.
READ = (".json", SAFE, *PICKLED)
#: A name on the hub: an owner and a model, or a model alone.
HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")


def folder_of(model: str, base: Path) -> Path | None:
    """Return the folder of a model, None where it is a name on the hub."""
    path = find_path(model, base)
    return path if path.is_dir() else None


def files_of(folder: Path) -> list[Path]:
    """Return the files of a model, sorted by name."""
    return sorted(path for path in folder.iterdir() if path.suffix in READ and path.is_file())


def what_is_missing(model: str, revision: str, trust_pickle: bool, base: Path) -> str:
    """Say why there is no such model that may be read, "" if there is.

    Parameters
    ----------
    model, revision : str
        Folder, or name on the hub and its commit.
    trust_pickle : bool
        Whether pickled weights may be read.
    base : Path
        The study file's folder.
    """
    folder = folder_of(model, base)
    if folder is None:
        return _not_a_folder(model, revision, base)
    if not (folder / CONFIG).is_file():
        return f"model: {folder} has no {CONFIG}, as a model of transformers has"
    kinds = {path.suffix for path in files_of(folder)}
    if SAFE in kinds or (trust_pickle and kinds & set(PICKLED)):
        return ""
    if kinds & set(PICKLED):
        return (
            f"model: {folder} has pickled weights alone, which can run code when they are read; "
            f"fetch its *{SAFE}, or say trust_pickle = true if you trust who made them"
        )
    return f"model: {folder} has no weights, a file *{SAFE}"


def where_to_put(model: str, revision: str, base: Path) -> str:
    """Say how to bring a model of the hub where there is no network."""
    target = base / "models" / model.rpartition("/")[2]
    return (
        f"put its files ({CONFIG}, preprocessor_config.json, *{SAFE}) into {target}, as `hf "
        f"download {model} --revision {revision} --local-dir {target}` does where there is a "
        f'network, and set model = "models/{target.name}"'
    )


def config_of(model: str, revision: str, base: Path) -> dict[str, Any]:
    """Read the configuration of a model, of one of the hub from its cache or over the network.

    Raises
    ------
    SpecError
        If there is none.
    """
    folder = folder_of(model, base)
    path = folder / CONFIG if folder else _fetched(model, revision, base)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return dict(content)
    except (OSError, ValueError, TypeError) as error:
        raise SpecError(f"model: {path} cannot be read as JSON: {error}") from error


def layer_count(config: dict[str, Any]) -> int | None:
    """Return how many layers there are, the encoder's input included; None where none is told.

    Examples
    --------
    >>> layer_count({"num_hidden_layers": 12}), layer_count({"audio_config": {"depths": [2, 2]}})
    (13, 3)
    """
    config = config.get("audio_config", config)
    depths = config.get("depths")
    count = len(depths) if isinstance(depths, list) else config.get("encoder_layers")
    count = config.get("num_hidden_layers") if count is None else count
    return count + 1 if isinstance(count, int) else None


def _not_a_folder(model: str, revision: str, base: Path) -> str:
    path = find_path(model, base)
    if not HUB_NAME.fullmatch(model) or path.exists():
        return f"model: there is no folder {path}; {instead_of(path)}"
    if revision:
        return ""
    return (
        f"model: there is no folder {path}; {instead_of(path)}; if '{model}' is a name on the "
        "Hugging Face hub, set revision to a commit of it, so that the study stays what it is"
    )


def _fetched(model: str, revision: str, base: Path) -> Path:
    try:
        from huggingface_hub import hf_hub_download

        return Path(hf_hub_download(model, CONFIG, revision=revision))
    # the hub's client raises whatever its network library does
    except Exception as error:
        raise SpecError(
            f"model: {CONFIG} of '{model}' cannot be fetched ({type(error).__name__}): "
            f"{where_to_put(model, revision, base)}"
        ) from error
