"""The library that a HEAR module is written in: a model in, conversions of its tensors out.

Neither TensorFlow nor PyTorch is imported here: whoever made the model has imported its own.
"""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import numpy as np


class Framework(NamedTuple):
    """How to hand arrays to a library and take them back."""

    name: str
    tensor: type[Any]  # of its tensors
    to_tensor: Callable[[np.ndarray, Any], Any]  # takes the model too, whose device it goes to
    to_array: Callable[[Any], np.ndarray]
    calling: Callable[[], AbstractContextManager[Any]]  # around every call


def framework_of(model: Any) -> Framework | None:
    """Return whose module a model is."""
    torch, tensorflow = sys.modules.get("torch"), sys.modules.get("tensorflow")
    if torch is not None and isinstance(model, torch.nn.Module):
        return Framework("PyTorch", torch.Tensor, _torch_tensor, _torch_array, torch.no_grad)
    if tensorflow is not None and isinstance(model, tensorflow.Module):
        return Framework(
            "TensorFlow", tensorflow.Tensor, _tensorflow_tensor, _tensorflow_array, nullcontext
        )
    return None


def _torch_tensor(audio: np.ndarray, model: Any) -> Any:
    tensor = sys.modules["torch"].from_numpy(audio)
    # a module has no device of its own; where its first parameter lies, audio must lie too
    parameter = next(model.parameters(), None)
    return tensor if parameter is None else tensor.to(parameter.device)


def _torch_array(tensor: Any) -> np.ndarray:
    return tensor.detach().cpu().numpy()


def _tensorflow_tensor(audio: np.ndarray, model: Any) -> Any:
    return sys.modules["tensorflow"].constant(audio)


def _tensorflow_array(tensor: Any) -> np.ndarray:
    return tensor.numpy()
