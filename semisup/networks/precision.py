"""Mixed precision while a model is trained; what is saved computes in float32."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from keras import Model

Precision = Literal["float32", "mixed_float16", "mixed_bfloat16"]

#: Layers whose values lose what matters in 16 bits: what is restored, and what is to be restored.
FULL = ("scaled_input", "output", "restored")


@contextmanager
def computing_in(precision: Precision, model: "Model") -> Iterator[None]:
    """Let a model's layers compute in 16 bits, with weights and output in float32."""
    layers = [layer for layer in model.layers if layer.name not in FULL]
    policies = [layer.dtype_policy for layer in layers]
    if precision != "float32":
        for layer in layers:
            layer.dtype_policy = precision
    try:
        yield
    finally:
        for layer, policy in zip(layers, policies, strict=True):
            layer.dtype_policy = policy
