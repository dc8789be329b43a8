"""Someone else's HEAR module, named by the user: imported, called and checked against the API.

In: the name of a Python module and NumPy audio. Out: checked embeddings as NumPy arrays. A module
that misbehaves is one sentence: its name, what it gave and what the HEAR 2021 API [1]_ asks for.

References
----------
.. [1] J. Turian et al., "HEAR: Holistic Evaluation of Audio Representations", PMLR 176, 2022.
   https://hearbenchmark.com/hear-api.html
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from semisup.engine.failures import named_words_of
from semisup.errors import SemisupError, SpecError
from semisup.hear.framework import Framework, framework_of

#: In Hz: those that the API allows.
SAMPLE_RATES = (16000, 22050, 32000, 44100, 48000)
#: Milliseconds by which the last timestamp may pass the end of the audio: one hop.
PAST_END = 50.0


@dataclass(frozen=True)
class HearModule:
    """A module that is loaded.

    Parameters
    ----------
    name : str
        As the user gave it.
    functions : module
        With `get_scene_embeddings` or `get_timestamp_embeddings`.
    model : tf.Module or torch.nn.Module
        What its `load_model` returned.
    framework : Framework
        Whose tensors it takes and gives.
    """

    name: str
    functions: ModuleType
    model: Any
    framework: Framework

    @property
    def sample_rate(self) -> int:
        """Of the audio that it takes, in Hz."""
        return int(self.model.sample_rate)

    def scenes(self, audio: np.ndarray) -> np.ndarray:
        """Return an embedding a sound.

        Parameters
        ----------
        audio : ndarray of shape (n_sounds, n_samples), float32
            At `sample_rate`.

        Returns
        -------
        ndarray of shape (n_sounds, scene_embedding_size), float32
        """
        output = self._call("get_scene_embeddings", audio)
        embeddings = self._array("scene embeddings", output)
        shape = (len(audio), self.model.scene_embedding_size)
        self._check_shape(embeddings, shape, "(n, size)")
        return embeddings

    def timestamps(self, audio: np.ndarray) -> np.ndarray:
        """Return an embedding a timestamp, as `scenes`: (n_sounds, n_timestamps, size)."""
        output = self._call("get_timestamp_embeddings", audio)
        if not isinstance(output, tuple | list) or len(output) != 2:
            raise self._wrong(f"a {_type(output)}", "embeddings and timestamps, a pair")
        embeddings = self._array("timestamp embeddings", output[0])
        shape = (len(audio), *embeddings.shape[1:2], self.model.timestamp_embedding_size)
        self._check_shape(embeddings, shape, "(n, t, size)")
        times = self._array("timestamps", output[1])
        if times.shape != embeddings.shape[:2]:
            raise self._wrong(f"timestamps of shape {times.shape}", f"{embeddings.shape[:2]}")
        self._check_times(times, 1000 * audio.shape[1] / self.sample_rate)
        return embeddings

    def _call(self, function: str, audio: np.ndarray) -> Any:
        with one_sentence(self.name, function), self.framework.calling():
            tensor = self.framework.to_tensor(audio, self.model)
            return getattr(self.functions, function)(tensor, self.model)

    def _array(self, what: str, output: Any) -> np.ndarray:
        wanted = f"a {self.framework.name} tensor of float32"
        if not isinstance(output, self.framework.tensor):
            raise self._wrong(f"{what} as a {_type(output)}", wanted)
        # TensorFlow's types have a name, PyTorch's print as "torch.float32"
        dtype = getattr(output.dtype, "name", str(output.dtype).rpartition(".")[2])
        if dtype != "float32":
            raise self._wrong(f"{what} of {dtype}", wanted)
        values = np.asarray(self.framework.to_array(output))
        bad = int((~np.isfinite(values)).sum())
        if bad:
            unusable = f"{what} of which {bad} of {values.size} are NaN or infinite"
            raise self._wrong(unusable, "finite numbers")
        return values

    def _check_shape(self, values: np.ndarray, shape: tuple[int, ...], words: str) -> None:
        if values.shape != shape or not values.size:
            raise self._wrong(f"embeddings of shape {values.shape}", f"{words}, here {shape}")

    def _check_times(self, times: np.ndarray, milliseconds: float) -> None:
        if (np.diff(times, axis=1) <= 0).any():
            raise self._wrong("timestamps that do not increase", "ascending ones")
        last = float(times.max())
        span = f"timestamps up to {last:g} for {milliseconds:g} ms of audio"
        # a single timestamp may well be 0
        if times.shape[1] > 1 and last <= milliseconds / 100:
            raise self._wrong(f"{span}, as if in seconds", "milliseconds")
        if last > milliseconds + PAST_END or times.min() < -PAST_END:
            raise self._wrong(f"{span}, beginning at {times.min():g}", "ms within the audio")

    def _wrong(self, what: str, wanted: str) -> SpecError:
        return SpecError(f"The HEAR module '{self.name}' gave {what}; the API asks for {wanted}")


def load_module(name: str, weights: str, base: Path, function: str) -> HearModule:
    """Import a HEAR module and load its model.

    Parameters
    ----------
    name : str
        Importable, or beside the study file.
    weights : str
        Path for its `load_model`, which is called without one where it is empty.
    base : Path
        The study file's folder.
    function : str
        The one that will be called.

    Raises
    ------
    SpecError
        If it cannot be imported, lacks what the API asks for, or its model does.
    """
    with _importable_from(base):
        with one_sentence(name, "its import"):
            functions = importlib.import_module(name)
        _check_file(functions, name, base)
        for needed in ("load_model", function):
            if not callable(getattr(functions, needed, None)):
                raise SpecError(f"The HEAR module '{name}' has no {needed}; the API asks for it")
        with one_sentence(name, "load_model"):
            model = functions.load_model(weights) if weights else functions.load_model()
    framework = framework_of(model)
    if framework is None:
        raise SpecError(
            f"load_model of the HEAR module '{name}' gave a {_type(model)}; the API asks for a "
            "tf.Module or a torch.nn.Module"
        )
    _check_attributes(model, name, function)
    if framework.name == "PyTorch":
        # without dropout; TensorFlow's modules have no such state
        model.eval()
    return HearModule(name, functions, model, framework)


def own_file(name: str, base: Path) -> Path | None:
    """Return the file of a module that lies beside the study file, or None."""
    place = base.joinpath(*name.split("."))
    files = (place.with_name(f"{place.name}.py"), place / "__init__.py")
    return next((file for file in files if file.is_file()), None)


def missing_module(name: str, base: Path) -> bool:
    """Tell whether a module lies neither beside the study file nor where Python looks for it."""
    try:
        return own_file(name, base) is None and find_spec(name) is None
    except (ImportError, ValueError):  # of a package above it that is not there
        return True


@contextmanager
def one_sentence(name: str, what: str) -> Iterator[None]:
    """Turn whatever a module raises into one sentence that names it."""
    try:
        yield
    except SemisupError:
        raise
    # someone else's code can raise anything
    except Exception as error:
        raise SpecError(
            f"The HEAR module '{name}' failed in {what}: {named_words_of(error)}"
        ) from error


@contextmanager
def _importable_from(base: Path) -> Iterator[None]:
    folder = str(base.resolve())
    sys.path.insert(0, folder)
    # the folder may have been listed before the file was written
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(folder)


def _check_file(functions: ModuleType, name: str, base: Path) -> None:
    """Refuse another module of the same name that this process imported before."""
    # built-in modules have no file
    beside, imported = own_file(name, base), getattr(functions, "__file__", None)
    if beside is not None and (imported is None or Path(imported).resolve() != beside.resolve()):
        raise SpecError(
            f"The HEAR module '{name}' beside the study file is {beside}, but another one of that "
            f"name is in use: {imported}; give yours another name"
        )


def _check_attributes(model: Any, name: str, function: str) -> None:
    rate = getattr(model, "sample_rate", None)
    if rate not in SAMPLE_RATES:
        allowed = ", ".join(map(str, SAMPLE_RATES))
        raise SpecError(
            f"The model of the HEAR module '{name}' has the sample_rate {rate}; the API asks for "
            f"one of {allowed}"
        )
    attribute = function.removeprefix("get_").removesuffix("s") + "_size"
    size = getattr(model, attribute, None)
    if not isinstance(size, int) or size < 1:
        raise SpecError(
            f"The model of the HEAR module '{name}' has the {attribute} {size!r}; the API asks for "
            "a positive int"
        )


def _type(value: Any) -> str:
    return type(value).__name__
