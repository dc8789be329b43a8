"""Faster training with dropout on a CPU: a model in, an arrangement of its layers and weights out.

Three things cost a CPU more than half of its time. One is to draw a random number for every value
that dropout may drop, in every step: here a pool of random masks serves 16 steps, and each layer
takes its masks from another random place of it in every step. Another is operations that keep
one core busy: here the halves of a batch go through the layers side by side. The third is the
derivative of `Cropping2D`: here it is that of a slice, of the same bits.

Every shipped study was trained so: without it scores would change (docs/DECISIONS.md, 43).
"""

from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from semisup.networks.backend import import_keras

if TYPE_CHECKING:
    from keras import Layer, Model

#: Steps that a pool of masks serves.
STEPS = 16
#: Masks start at multiples of so many values: 64 bytes, from where TensorFlow reads without a copy.
ROW = 16
#: A pool holds the masks of the largest layer, for half a batch, so many times.
TIMES = 2
#: Rows that are drawn at once: their random bytes stay in the processor's cache.
BLOCK = 4096


def draw_masks(pool: np.ndarray, rate: float, rng: np.random.Generator) -> None:
    """Draw dropout masks into a pool.

    A random byte below a threshold drops a value. The threshold is ``256 * rate``, rounded up or
    down at random for each block of values, so that the rate is met exactly on average.

    Parameters
    ----------
    pool : ndarray of shape (rows, 16), float32
        Becomes 0, or ``1 / (1 - rate)`` where a value is kept.
    rate : float
        Probability of a value to be dropped, at most 255/256.
    rng : Generator
        On `numpy.random.SFC64`, the fastest.
    """
    for start in range(0, len(pool), BLOCK):
        block = pool[start : start + BLOCK]
        # little-endian wherever it runs: the same bytes, so the same masks
        words = rng.bit_generator.random_raw(block.size // 8).astype("<u8", copy=False)
        threshold = np.uint8(256 * rate + rng.random())
        kept = words.view(np.uint8).reshape(block.shape) >= threshold
        np.multiply(kept, np.float32(1 / (1 - rate)), out=block)


class Plain:
    """A model as it is, which draws its masks itself."""

    def __init__(self, model: "Model") -> None:
        self.model = model

    def begin(self, seed: int, epoch: int) -> None:
        """Draw masks by (seed, epoch) from here on."""
        states = [v for v in self.model.variables if v.path.endswith("seed_generator_state")]
        for number, state in enumerate(states):
            drawn = np.random.SeedSequence([seed, epoch, number]).generate_state(1)[0]
            # 31 bits: some backends keep the state as a signed integer
            state.assign(np.array([drawn >> 1, 0], dtype=state.dtype))

    def learn(self, inputs: Any, targets: Any, weights: Any = None) -> dict[str, float]:
        """Take one step; return the loss before it, and what else is measured."""
        return _floats(self.model.train_on_batch, inputs, targets, weights)

    def measure(self, inputs: Any, targets: Any, weights: Any = None) -> dict[str, float]:
        """Return the same without a step and without dropout."""
        return _floats(self.model.test_on_batch, inputs, targets, weights)


class Halves(Plain):
    """A model whose masks come from a pool, with both halves of a batch side by side."""

    def __init__(self, model: "Model", batch_size: int) -> None:
        self.rate = _dropouts(model)[0].rate
        # a single row is trained as a pair, so that no half is empty
        half = (max(batch_size, 2) + 1) // 2
        shapes = [layer.input.shape[1:] for layer in _dropouts(model)]
        self.needed = [-(-half * int(np.prod(shape)) // ROW) for shape in shapes]
        self.rows = TIMES * max(self.needed)
        # kept: new memory of this size costs more time than the masks in it
        self.pool = np.empty((self.rows, ROW), dtype=np.float32)
        super().__init__(_classes()[1](model, self.rows))

    def begin(self, seed: int, epoch: int) -> None:
        """Draw masks by (seed, epoch) from here on."""
        # the trailing 1 sets the stream apart from that of the order of the chunks
        self.rng = np.random.Generator(np.random.SFC64([seed, epoch, 1]))
        self.step = 0

    def learn(self, inputs: Any, targets: Any, weights: Any = None) -> dict[str, float]:
        """Take one step; return the loss before it, and what else is measured."""
        inputs, targets, weights = _at_least_two(inputs, targets, weights)
        if self.step % STEPS == 0:
            draw_masks(self.pool, self.rate, self.rng)
            self.model.pool.assign(self.pool)
        self.step += 1
        return super().learn((inputs, self.places()), targets, weights)

    def measure(self, inputs: Any, targets: Any, weights: Any = None) -> dict[str, float]:
        """Return the same without a step and without dropout."""
        return super().measure(*_at_least_two(inputs, targets, weights))

    def places(self) -> np.ndarray:
        """Draw the rows of the pool at which the layers' masks start.

        Returns
        -------
        ndarray of shape (2, layers), int32
            For each half of the batch.
        """
        return self.rng.integers(
            self.rows - np.array(self.needed), size=(2, len(self.needed))
        ).astype(np.int32)


def _floats(step: Any, inputs: Any, targets: Any, weights: Any) -> dict[str, float]:
    measures = step(inputs, targets, sample_weight=weights, return_dict=True)
    return {name: float(value) for name, value in measures.items()}


def _at_least_two(*arrays: Any) -> list[Any]:
    """Double a single row: no half may be empty, and the mean loss stays the same."""
    return [
        np.repeat(array, 2, axis=0) if array is not None and len(array) == 1 else array
        for array in arrays
    ]


def arranged(model: "Model", batch_size: int) -> Plain:
    """Arrange a model for training on a CPU.

    Parameters
    ----------
    model : keras.Model
        Of any kind. It is left as it is unless it is a graph with one input and one output, whose
        layers take each row by itself, with one rate of dropout. So is every model where there is
        a GPU, which draws faster itself.
    batch_size : int
        The largest.

    Returns
    -------
    Plain
        What to train; it shares the model's weights.
    """
    return Halves(model, batch_size) if _can_be(model) else Plain(model)


def _can_be(model: "Model") -> bool:
    keras = import_keras()
    if not _is_graph(model) or _has_gpu():
        return False
    rates = {layer.rate for layer in _dropouts(model)}
    # batch normalisation would see half a batch; models inside a model may hold anything
    unsuitable = (keras.layers.BatchNormalization, keras.Model)
    return (
        len(model.inputs) == len(model.outputs) == len(rates) == 1
        and 0 < max(rates) <= 255 / 256
        and all(layer.noise_shape is None for layer in _dropouts(model))
        and not any(isinstance(layer, unsuitable) for layer in model.layers)
    )


def _has_gpu() -> bool:
    keras = import_keras()
    if keras.backend.backend() == "torch":  # whose devices Keras does not list
        return not str(keras.ops.zeros(1).device).startswith("cpu")
    return not keras.distribution.list_devices()[0].lower().startswith("cpu")


def _is_graph(model: "Model") -> bool:
    keras = import_keras()
    x = keras.Input((1,))
    # Keras makes graphs of a class of its own, which has no public name
    return type(model) is type(keras.Model(x, x))


def _dropouts(model: "Model") -> list["Layer"]:
    dropout = import_keras().layers.Dropout
    # not its subclasses, which drop whole channels by masks of another shape
    return [layer for layer in model.layers if type(layer) is dropout]


def _cuts_far_edges(layer: "Layer") -> bool:
    return isinstance(layer, import_keras().layers.Cropping2D) and all(
        near == 0 for near, _ in layer.cropping
    )


def _same_keys(layer: "Layer") -> dict[str, Any]:
    return {"name": layer.name, "dtype": layer.dtype_policy}


@cache
def _classes() -> tuple[Any, Any]:
    """Define the Keras classes, as Keras is imported on use only."""
    keras = import_keras()
    ops = keras.ops

    class PooledDropout(keras.layers.Layer):  # type: ignore[name-defined]
        """Multiplies by masks of a pool, from a place that `masks` holds anew for each step."""

        def __init__(self, masks: SimpleNamespace, number: int, **keys: Any) -> None:
            super().__init__(**keys)
            self.masks = masks
            self.number = number

        def call(self, x: Any, training: bool = False) -> Any:
            if not training:
                return x
            needed = ops.shape(x)[0] * int(np.prod(x.shape[1:]))
            start = (self.masks.places[self.number], 0)
            rows = ops.slice(self.masks.pool, start, (-(-needed // ROW), ROW))
            mask = ops.reshape(ops.reshape(rows, (-1,))[:needed], (-1, *x.shape[1:]))
            return x * ops.cast(mask, x.dtype)

    class Cut(keras.layers.Layer):  # type: ignore[name-defined]
        """Cuts off far edges, as `Cropping2D` does."""

        def __init__(self, shape: tuple[int, int, int], **keys: Any) -> None:
            super().__init__(**keys)
            self.shape = shape

        def call(self, x: Any) -> Any:
            # TensorFlow derives a slice by padding, and x[:, :rows, :bins], as Keras has it, value
            # by value: a fifth of a step's time
            return ops.slice(x, (0, 0, 0, 0), (ops.shape(x)[0], *self.shape))

    class TwoHalves(keras.Model):  # type: ignore[name-defined]
        """Takes (batch, places), or a batch alone, through the layers, its halves side by side."""

        def __init__(self, model: "Model", rows: int) -> None:
            super().__init__()
            self.pool = self.add_weight(
                shape=(rows, ROW), initializer="zeros", trainable=False, autocast=False, name="pool"
            )
            # plain objects: Keras and PyTorch take over what is assigned to a layer itself
            self.masks = (SimpleNamespace(), SimpleNamespace())
            self.halves = [self._pooled(model, masks) for masks in self.masks]

        def _pooled(self, model: "Model", masks: SimpleNamespace) -> "Model":
            numbers = {layer.name: number for number, layer in enumerate(_dropouts(model))}

            def replaced(layer: "Layer") -> "Layer":
                if layer.name in numbers:
                    return PooledDropout(masks, numbers[layer.name], **_same_keys(layer))
                if _cuts_far_edges(layer):
                    return Cut(layer.output.shape[1:], **_same_keys(layer))
                # the layer itself, not a copy: both halves share the model's weights
                return layer

            return keras.models.clone_model(model, clone_function=replaced)

        def call(self, inputs: Any, training: bool = False) -> Any:
            paired = isinstance(inputs, tuple | list)
            batch = inputs[0] if paired else inputs
            places = inputs[1] if training else (None, None)
            middle = (ops.shape(batch)[0] + 1) // 2
            first = self._half(0, batch[:middle], places[0])
            return ops.concatenate([first, self._half(1, batch[middle:], places[1])])

        def _half(self, number: int, batch: Any, places: Any) -> Any:
            masks = self.masks[number]
            masks.pool, masks.places = self.pool.value, places
            return self.halves[number](batch, training=places is not None)

    return PooledDropout, TwoHalves
