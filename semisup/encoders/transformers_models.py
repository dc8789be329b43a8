"""Audio encoders of the library `transformers`: a folder or a name of the hub in, frames out."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from semisup.encoders.families import Family, family_of
from semisup.encoders.folder import files_of, folder_of, what_is_missing, where_to_put
from semisup.encoders.kernels import exact_kernels
from semisup.encoders.sentences import one_sentence
from semisup.errors import SpecError

Layer = int | Literal["last", "mean", "all"] | tuple[int, ...]
LIBRARIES = ("transformers", "torch", "safetensors")
ABSENT = "kind 'transformers' needs transformers and PyTorch: pip install 'semisup[transformers]'"
#: Weights that no waveform passes when nothing is trained, or that belong to another part.
UNUSED = ("masked_spec_embed", "decoder", "text_model", "text_projection", "logit_scale", "pooler")
#: Seconds of a window where the model sets no limit: its attention grows with their square.
WINDOW = 30.0


class Source(NamedTuple):
    """A model that is asked for.

    Parameters
    ----------
    model, revision : str
        Folder, or name on the hub and its commit.
    base : Path
        The study file's folder.
    trust_pickle : bool
        Whether pickled weights may be read.
    random : bool
        Draw the weights at random, from the seed, instead of reading them.
    seed : int
    float16 : bool
        Whether to compute in it on a GPU.
    """

    model: str
    revision: str
    base: Path
    trust_pickle: bool = False
    random: bool = False
    seed: int = 0
    float16: bool = True


class Loaded(NamedTuple):
    """A model that is in memory: its encoder, feature extractor and family, device and number."""

    encoder: Any
    extractor: Any
    family: Family
    device: str
    dtype: Any


class TransformersEncoder:
    """An encoder with the layers that are asked for; see `WaveformEncoder`.

    Parameters
    ----------
    source : Source
    layer : int, tuple of int, "last", "mean" or "all"
        0 is what enters the first layer; "last" what the encoder gives in the end, normalised if
        it does so; "mean" the mean over all layers.
    seconds : float, optional
        Of a window; 30, or as long as the model takes, if left out.

    Raises
    ------
    SpecError
        If the model cannot be had, is no audio encoder, or takes no window as long as that.
    """

    def __init__(self, source: Source, layer: Layer, seconds: float | None = None) -> None:
        self.source, self.layer = source, layer
        self.model = load(source, _state(source))
        longest = self.model.family.longest
        if seconds and longest and seconds > longest:
            raise SpecError(
                f"window_seconds is {seconds:g}, but '{source.model}' takes {longest:g} s at most"
            )
        self.seconds = seconds or longest or WINDOW

    @property
    def sample_rate(self) -> int:
        """Of the waveforms, in Hz."""
        return int(self.model.extractor.sampling_rate)

    @property
    def window(self) -> int:
        """Samples of the longest waveform."""
        return int(self.seconds * self.sample_rate)

    @property
    def stretch(self) -> float:
        """How many times as long as the shortest of a batch the longest may be."""
        return self.model.family.stretch

    def frames(self, waveforms: list[np.ndarray]) -> list[list[np.ndarray]]:
        """Return the frames of each waveform in each layer asked for."""
        import torch

        with torch.no_grad():
            tensors = self.layers(waveforms, self.model.encoder)
            layers = [layer.float().cpu().numpy() for layer in tensors]
        self._check(layers)
        frames = self.model.family.frames
        return [
            [frames(layer[number], len(waveform)) for layer in layers]
            for number, waveform in enumerate(waveforms)
        ]

    def layers(self, waveforms: list[np.ndarray], encoder: Any) -> list[Any]:
        """Return what an encoder like this one makes of a batch, as tensors, in each layer."""
        with exact_kernels(), one_sentence(self.source.model, "its encoder"):
            output = encoder(**self._given(waveforms), output_hidden_states=True)
            return self._chosen(output)

    def _given(self, waveforms: list[np.ndarray]) -> dict[str, Any]:
        """Return what the model takes, on its device."""
        model, least = self.model, self.model.family.shortest
        long_enough = [np.pad(w, (0, max(0, least - len(w)))) for w in waveforms]
        padding = {"padding": True} if model.family.pads else {}
        made = model.extractor(
            long_enough, sampling_rate=self.sample_rate, return_tensors="pt", **padding
        )
        if "is_longer" in made:  # one sound at random would be called so
            made["is_longer"] = made["is_longer"] & False
        return {
            name: value.to(model.device, model.dtype if value.is_floating_point() else None)
            for name, value in made.items()
        }

    def _chosen(self, output: Any) -> list[Any]:
        """Return the layers asked for."""
        import torch

        if self.layer == "last":
            return [output.last_hidden_state]
        layers = output.hidden_states
        if self.layer == "mean":
            return [torch.stack(list(layers)).mean(dim=0)]
        numbers = range(len(layers)) if self.layer == "all" else self.layer
        numbers = (numbers,) if isinstance(numbers, int) else numbers
        if max(numbers) >= len(layers):
            raise SpecError(
                f"layer {max(numbers)}: '{self.source.model}' has layers 0 to {len(layers) - 1}"
            )
        return [layers[number] for number in numbers]

    def _check(self, layers: list[np.ndarray]) -> None:
        if all(np.isfinite(layer).all() for layer in layers):
            return
        half = self.model.device != "cpu" and self.source.float16
        hint = "; set float16 = false" if half else ""
        raise SpecError(f"'{self.source.model}' gives frames that are NaN or infinite{hint}")


def is_installed() -> bool:
    """Tell whether all libraries are there; none is imported."""
    return all(find_spec(name) for name in LIBRARIES)


# one at a time, as models take much memory; layers and representations share it
@lru_cache(maxsize=1)
def load(source: Source, state: object = None) -> Loaded:
    """Load a model.

    Parameters
    ----------
    source : Source
    state : hashable
        Of the files, so that a changed model is loaded again.
    """
    if not is_installed():
        raise SpecError(ABSENT)
    why = what_is_missing(source.model, source.revision, source.trust_pickle, source.base)
    if why:
        raise SpecError(why)
    import torch

    # read when a GPU's library is first used: else its sums have no order
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = torch.float16 if device == "cuda" and source.float16 else torch.float32
    with _one_message(source):
        extractor, model = _from_disk_or_hub(source)
    encoder = _encoder_in(model).eval().to(device, dtype)
    with one_sentence(source.model, "its configuration"):
        family = family_of(encoder.config, extractor)
    return Loaded(encoder, extractor, family, device, dtype)


def _state(source: Source) -> tuple[tuple[int, int], ...]:
    folder = folder_of(source.model, source.base)
    stats = [path.stat() for path in files_of(folder)] if folder else []
    return tuple((stat.st_size, stat.st_mtime_ns) for stat in stats)


@contextmanager
def _one_message(source: Source) -> Iterator[None]:
    """Say which folder to put where, if files cannot be had."""
    try:
        with one_sentence(source.model, "loading"):
            yield
    except SpecError as error:
        if folder_of(source.model, source.base) or not isinstance(error.__cause__, OSError):
            raise
        raise SpecError(
            f"'{source.model}' of the Hugging Face hub cannot be fetched: "
            f"{where_to_put(source.model, source.revision, source.base)}"
        ) from error


def _from_disk_or_hub(source: Source) -> tuple[Any, Any]:
    """Return feature extractor and model, from the cache of the hub before the network."""
    folder = folder_of(source.model, source.base)
    if folder:
        return _read(str(folder), source, {"local_files_only": True})
    try:
        return _read(source.model, source, {"local_files_only": True, "revision": source.revision})
    except OSError:
        return _read(source.model, source, {"revision": source.revision})


def _read(name: str, source: Source, where: dict[str, Any]) -> tuple[Any, Any]:
    import torch
    from transformers import AutoConfig, AutoFeatureExtractor, AutoModel
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    extractor = AutoFeatureExtractor.from_pretrained(name, **where)
    if source.random:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(source.seed)
            return extractor, AutoModel.from_config(AutoConfig.from_pretrained(name, **where))
    safe = None if source.trust_pickle else True
    model, report = AutoModel.from_pretrained(
        name, use_safetensors=safe, output_loading_info=True, dtype=torch.float32, **where
    )
    _check_weights(source.model, sorted(report["missing_keys"]))
    return extractor, model


def _check_weights(model: str, missing: list[str]) -> None:
    """Refuse weights that the library would draw at random without a word."""
    used = [name for name in missing if not any(part in name for part in UNUSED)]
    if used:
        raise SpecError(
            f"The weights of '{model}' lack {len(used)} that its encoder needs, the first: "
            f"{used[0]}; they are of another kind of model than its config.json says"
        )


def _encoder_in(model: Any) -> Any:
    """Return the part that hears: the audio tower, or the encoder of an encoder and decoder."""
    if hasattr(model, "audio_model"):
        return model.audio_model
    return model.get_encoder() if model.config.is_encoder_decoder else model
