"""Convolutional autoencoders: a declared architecture, built for any chunk shape.

In: an architecture's name and the shape of a chunk. Out: two untrained Keras models that share
their layers. Only Keras's own layers and operations are used, so that a saved model loads with
``safe_mode=True`` where `semisup` is not installed.
"""

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from semisup import registry
from semisup.errors import OutsideError, SpecError
from semisup.networks.backend import import_keras
from semisup.networks.models import CODES, SCALED
from semisup.networks.scaling import FLOOR, Moments, Scaling

if TYPE_CHECKING:
    from keras import KerasTensor, Layer, Model


#: "cover" adds zeros at the far edges so that strides read every value; "valid" leaves the rest.
Padding = Literal["cover", "valid"]


class Convolution(NamedTuple):
    """One convolution: filters, and the sides of its square kernel and stride."""

    filters: int
    kernel: int
    stride: int


class Architecture(NamedTuple):
    """What an architecture file declares: the layers of the encoder; the decoder mirrors them."""

    convolutions: tuple[Convolution, ...]
    dense: tuple[int, ...] = ()
    bottleneck_activation: str = "relu"


def build_autoencoder(
    architecture: str,
    input_shape: tuple[int, ...],
    latent_dim: int = 64,
    *,
    input_scaling: Scaling = "raw",
    bin_scaling: Moments | None = None,
    bottleneck_activation: str | None = None,
    activation: str = "relu",
    dropout: float = 0.2,
    padding: Padding = "cover",
    seed: int = 0,
) -> tuple["Model", "Model"]:
    r"""Build an untrained autoencoder and its encoder.

    Parameters
    ----------
    architecture : str
        A name from ``semisup list architectures``.
    input_shape : tuple of int
        (frames, bins) or (frames, bins, 1) of a chunk's magnitudes.
    latent_dim : int
        Size of the bottleneck.
    input_scaling : {"raw", "log"}
        "log": the models take log10(magnitude + 1e-4), standardised by bin, as their first step,
        and the autoencoder restores that, with a linear output; its output is ReLU for "raw".
    bin_scaling : Moments, optional
        The constants of "log"; mean 0 and variance 1 if left out.
    bottleneck_activation : str, optional
        That of the architecture if left out.
    activation : str
        Of every other layer.
    dropout : float
        Rate between the convolutions, and between the transposed convolutions.
    padding : {"cover", "valid"}
        What becomes of the values that the strides of a convolution do not reach: "cover" adds
        zeros after the last frames and bins until each is read, and cuts them off again in the
        decoder; with "valid", as in the original study, no code depends on them.
    seed : int
        Of the initial weights.

    Returns
    -------
    autoencoder : keras.Model
        (n, \*input_shape) magnitudes to (n, \*input_shape) restored.
    encoder : keras.Model
        (n, \*input_shape) magnitudes to (n, latent_dim) codes.

    Raises
    ------
    UnknownNameError
        If there is no such architecture.
    SpecError
        If a chunk is too small for it, which with "cover" none is.
    """
    declared = architecture_of(architecture)
    sizes = layer_sizes(architecture, declared.convolutions, input_shape, padding)
    keras = import_keras()
    layers = _SeededLayers(seed, activation, dropout)
    inputs = keras.Input(input_shape, name="magnitudes")
    x = _scale(inputs, bin_scaling) if input_scaling == "log" else inputs
    # a chunk may come with or without its channel; convolutions need one
    x = keras.layers.Reshape((*input_shape[:2], 1), name="one_channel")(x)
    x = _encode(layers, declared, sizes, x)
    codes = layers.dense(latent_dim, CODES, bottleneck_activation or declared.bottleneck_activation)
    encoder = keras.Model(inputs, codes(x), name="encoder")
    x = _decode(layers, declared, sizes, encoder.output)
    # magnitudes are not negative, standardised logarithms may be
    x = keras.layers.Activation("relu" if input_scaling == "raw" else "linear", name="output")(x)
    restored = keras.layers.Reshape(input_shape, name="restored")(x)
    return keras.Model(inputs, restored, name=architecture), encoder


class _SeededLayers:
    """Makes the layers of one model; no layer draws from a global generator."""

    def __init__(self, seed: int, activation: str, dropout: float) -> None:
        self.keras = import_keras()
        self.rng = np.random.default_rng(seed)
        self.activation = activation
        self.rate = dropout

    def _seed(self) -> int:
        # drawn in the order of the layers: to build them in another one changes all weights
        return int(self.rng.integers(2**31))

    def _common(self, name: str, activation: str | None) -> dict[str, Any]:
        weights = self.keras.initializers.GlorotUniform(seed=self._seed())
        return {
            "name": name,
            "activation": self.activation if activation is None else activation,
            "kernel_initializer": weights,
        }

    def dense(self, units: int, name: str, activation: str | None = None) -> "Layer":
        return self.keras.layers.Dense(units, **self._common(name, activation))

    def convolution(self, declared: Convolution, name: str) -> "Layer":
        filters, kernel, stride = declared
        return self.keras.layers.Conv2D(filters, kernel, stride, **self._common(name, None))

    def transposed(
        self, mirrored: Convolution, padding: tuple[int, int], name: str, activation: str | None
    ) -> "Layer":
        filters, kernel, stride = mirrored
        return self.keras.layers.Conv2DTranspose(
            filters, kernel, stride, output_padding=padding, **self._common(name, activation)
        )

    def dropout(self, name: str) -> "Layer":
        return self.keras.layers.Dropout(self.rate, seed=self._seed(), name=name)


def _scale(inputs: "KerasTensor", scaling: Moments | None) -> "KerasTensor":
    keras = import_keras()
    bins = inputs.shape[2]
    mean, variance = scaling or Moments(np.zeros(bins), np.ones(bins))
    logarithm = keras.ops.log10(inputs + FLOOR)
    # constants of the layer's configuration, as lists: what JSON can hold, the file can
    return keras.layers.Normalization(
        axis=2, mean=np.asarray(mean).tolist(), variance=np.asarray(variance).tolist(), name=SCALED
    )(logarithm)


def _encode(
    layers: _SeededLayers, declared: Architecture, sizes: list[tuple[int, int]], x: "KerasTensor"
) -> "KerasTensor":
    for number, convolution in enumerate(declared.convolutions, start=1):
        if number > 1:
            x = layers.dropout(f"dropout_{number - 1}")(x)
        lacking = _lacking(convolution, *sizes[number - 1 : number + 1])
        if max(lacking) > 0:
            x = layers.keras.layers.ZeroPadding2D(_far(lacking), name=f"cover_{number}")(x)
        x = layers.convolution(convolution, f"convolution_{number}")(x)
    x = layers.keras.layers.Flatten(name="flatten")(x)
    for number, units in enumerate(declared.dense, start=1):
        x = layers.dense(units, f"dense_{number}")(x)
    return x


def _decode(
    layers: _SeededLayers, declared: Architecture, sizes: list[tuple[int, int]], x: "KerasTensor"
) -> "KerasTensor":
    """Mirror the encoder; the output is left linear.

    A transposed convolution gives (size - 1) * stride + kernel values a side. If the encoder left
    up to stride - 1 values at the far edge unread, the output padding gives them back; what it
    added is cut off.
    """
    deepest = (*sizes[-1], declared.convolutions[-1].filters)
    for number, units in reversed(list(enumerate(declared.dense, start=1))):
        x = layers.dense(units, f"restore_dense_{number}")(x)
    # linear as in the original study: with ReLU the plateau that training begins on lasts longer
    x = layers.dense(int(np.prod(deepest)), "restore_flatten", "linear")(x)
    x = layers.keras.layers.Reshape(deepest, name="unflatten")(x)
    for number in range(len(declared.convolutions), 0, -1):
        convolution = declared.convolutions[number - 1]
        filters = declared.convolutions[number - 2].filters if number > 1 else 1
        mirrored = convolution._replace(filters=filters)
        lacking = _lacking(convolution, *sizes[number - 1 : number + 1])
        unread = (max(-lacking[0], 0), max(-lacking[1], 0))
        activation = "linear" if number == 1 else None
        x = layers.transposed(mirrored, unread, f"restore_convolution_{number}", activation)(x)
        if max(lacking) > 0:
            x = layers.keras.layers.Cropping2D(_far(lacking), name=f"uncover_{number}")(x)
        # dropout is mirrored too
        if number > 1:
            x = layers.dropout(f"restore_dropout_{number - 1}")(x)
    return x


def _lacking(
    convolution: Convolution, before: tuple[int, int], after: tuple[int, int]
) -> tuple[int, int]:
    """Return by how many values a side a convolution reads more than there are, or fewer (< 0)."""
    _, kernel, stride = convolution
    frames, bins = (
        (outputs - 1) * stride + kernel - inputs
        for inputs, outputs in zip(before, after, strict=True)
    )
    return frames, bins


def _far(lacking: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """Return what to add before and after the frames and the bins."""
    return tuple((0, max(count, 0)) for count in lacking)


def architecture_of(name: str) -> Architecture:
    """Return a declared architecture.

    Raises
    ------
    UnknownNameError
        If there is none of this name.
    OutsideError
        If what has this name is no architecture.
    """
    declared = registry.architectures.load(name, Architecture)
    if isinstance(declared, Architecture):
        return declared
    raise OutsideError(f"'{name}' is not an architecture: it must be an `Architecture`")


def layer_sizes(
    name: str,
    convolutions: tuple[Convolution, ...],
    input_shape: tuple[int, ...],
    padding: Padding = "valid",
) -> list[tuple[int, int]]:
    """Return (frames, bins) before the first convolution and after each.

    Raises
    ------
    SpecError
        If the shape is not a chunk's, or a "valid" convolution gets less than its kernel takes.
    """
    if len(input_shape) not in (2, 3) or input_shape[2:] not in ((), (1,)):
        raise SpecError(
            f"A chunk's shape is (frames, bins) or (frames, bins, 1), not {tuple(input_shape)}"
        )
    sizes = [(input_shape[0], input_shape[1])]
    for number, (_, kernel, stride) in enumerate(convolutions, start=1):
        frames, bins = sizes[-1]
        if padding == "cover":
            sizes.append((_covering(frames, kernel, stride), _covering(bins, kernel, stride)))
            continue
        if min(frames, bins) < kernel:
            least = _smallest_side(convolutions)
            raise SpecError(
                f"Chunks of {input_shape[0]} frames x {input_shape[1]} bins are too small for "
                f"'{name}': its convolution {number} needs {kernel} x {kernel} values and is given "
                f"{frames} x {bins}; a chunk must have at least {least} x {least}"
            )
        sizes.append(((frames - kernel) // stride + 1, (bins - kernel) // stride + 1))
    return sizes


def _covering(side: int, kernel: int, stride: int) -> int:
    """Return how many places of a kernel it takes to read a whole side."""
    return -(-max(side - kernel, 0) // stride) + 1


def _smallest_side(convolutions: tuple[Convolution, ...]) -> int:
    # back from the one value that the last convolution must leave
    side = 1
    for _, kernel, stride in reversed(convolutions):
        side = (side - 1) * stride + kernel
    return side
