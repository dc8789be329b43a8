"""Whose library a HEAR module is written in: a model in, ways to hand it arrays and back out.

Neither TensorFlow nor PyTorch is imported here: whoever made the model has imported its own.
"""

import sys
from contextlib import nullcontext
from typing import Any, NamedTuple

import numpy as np


class Framework(NamedTuple):
    """How to hand arrays to a library and take them back."""

    name: str
    tensor: Any  # the type of its tensors
    given: Any  # ndarray, model -> tensor
    taken: Any  # tensor -> ndarray
    calling: Any  # () -> context manager around every call


def framework_of(model: Any) -> Framework | None:
    """Return whose module a model is."""
    torch, tensorflow = sys.modules.get("torch"), sys.modules.get("tensorflow")
    if torch is not None and isinstance(model, torch.nn.Module):
        return Framework("PyTorch", torch.Tensor, _torch_tensor, _torch_array, torch.no_grad)
    if tensorflow is not None and isinstance(model, tensorflow.Module):
        given = _tensorflow_tensor
        return Framework("TensorFlow", tensorflow.Tensor, given, lambda t: t.numpy(), nullcontext)
    return None


def _torch_tensor(audio: np.ndarray, model: Any) -> Any:
    tensor = sys.modules["torch"].from_numpy(audio)
    parameter = next(model.parameters(), None)
    return tensor if parameter is None else tensor.to(parameter.device)


def _torch_array(tensor: Any) -> np.ndarray:
    return tensor.detach().cpu().numpy()


def _tensorflow_tensor(audio: np.ndarray, model: Any) -> Any:
    return sys.modules["tensorflow"].constant(audio)
