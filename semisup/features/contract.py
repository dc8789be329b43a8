"""The contract of a representation: what each gets, what it must do and may declare.

A kind is one file of `semisup/representations` with one class, or the class or function of a
user's that a study refers to. Its defaults are those of the simplest kind: features of a signal,
nothing learned, no label seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, NamedTuple, Self, TypeVar

import numpy as np
import pandas as pd

from semisup import registry
from semisup.engine import outside
from semisup.engine.artefacts import file_hash
from semisup.errors import TableError
from semisup.features.inputs import Inputs
from semisup.features.tables import feature_table, numbered
from semisup.recordings.kept import Maker
from semisup.recordings.signals import one_by_one
from semisup.study.controls import Control
from semisup.study.spec import ChunkSpec, RepresentationSpec
from semisup.study.study import dump

if TYPE_CHECKING:
    from keras import Model

Level = Literal["recording", "chunk"]
Needs = Literal["audio", "chunks", "tables", "nothing"]
Scale = Literal["standard", "none"]
OptionsType = TypeVar("OptionsType", bound=RepresentationSpec)

#: What computes networks of Keras.
KERAS = ("keras", "tensorflow")

#: What a class of the user's extends for keys of its own in the study file.
Options = RepresentationSpec


class Grid(NamedTuple):
    """Where the rows of a recording lie that start at regular times, in seconds.

    Long files are read a part at a time where rows are windows, each made by itself.
    """

    step: float
    length: float
    of_windows: bool = False

    def count(self, seconds: pd.Series) -> pd.Series:
        """Return how many rows recordings of some lengths have; one at least.

        Examples
        --------
        >>> Grid(step=1.0, length=2.0).count(pd.Series([0.5, 2.0, 4.5])).tolist()
        [1, 1, 3]
        """
        longer = (seconds.fillna(0) - self.length).clip(lower=0)
        return (longer // self.step).astype(int) + 1


class PreparedRows(NamedTuple):
    """Rows of a network's input.

    Parameters
    ----------
    index : DataFrame
        recording, chunk (-1 for a whole recording); line i describes ``x[i]``.
    x : ndarray of shape (n, ...), float32
    """

    index: pd.DataFrame
    x: np.ndarray


class Ends(NamedTuple):
    """Two inputs between whose codes a figure interpolates, and the halves of an autoencoder."""

    encoder: "Model"
    decoder: "Model"
    first: np.ndarray
    second: np.ndarray
    step_seconds: float  # from one number of an input to the next


class Representation(Generic[OptionsType]):
    """One kind of representation with its options.

    Parameters
    ----------
    options : RepresentationSpec
        Of the class `Options`: the keys of ``[representations.<name>]``.

    Attributes
    ----------
    Options : type
        The kind's own keys, with defaults.
    level : {"recording", "chunk"}
        What one row of its table is.
    needs : {"audio", "chunks", "tables", "nothing"}
        What must be there before it can work; "tables" are those of its `parents`.
    models : tuple of str
        Files that `fit` writes; empty where nothing is learned.
    encoder : str
        Among `models`, the Keras encoder that a classifier can go on training; "" where there is
        none. Its input are chunks, or what `encoder_rows` gives. Of one of PyTorch a name for what
        `described_encoder` gives.
    encoder_of : {"keras", "torch"}
        The library that trains the `encoder`.
    fine_tuning : mapping of str to float
        Parameters that a classifier which goes on training the encoder has unless the study says
        otherwise.
    takes_pictures : bool
        Whether it takes recordings that are pictures, not sound.
    scale : {"standard", "none"} or None
        How its features must be scaled, whatever ``[curve] scale`` says of the others.
    sample_rate : int or None
        In Hz, of the signals that `features` takes; the study's if None.
    uses : tuple of str
        Packages that compute it, besides NumPy, SciPy, scikit-learn and soxr: it is made again with
        other versions of them. Of what has a Keras file among its `models` Keras goes without
        saying.
    restores, interpolates : bool
        Whether `reconstructions` and `ends` give what figures are drawn from.

    Examples
    --------
    A file of one's own, ``kind = "./mine.py:Loudness"`` in a study beside it:

    >>> class Loudness(Representation):
    ...     def features(self, signal, sample_rate):
    ...         return [abs(signal).mean(), abs(signal).max()]
    """

    Options: ClassVar[type[RepresentationSpec]] = RepresentationSpec
    level: ClassVar[Level] = "recording"
    needs: ClassVar[Needs] = "audio"
    models: ClassVar[tuple[str, ...]] = ()
    encoder: ClassVar[str] = ""
    encoder_of: ClassVar[Literal["keras", "torch"]] = "keras"
    fine_tuning: ClassVar[Mapping[str, float]] = MappingProxyType({})
    takes_pictures: ClassVar[bool] = False
    scale: ClassVar[Scale | None] = None
    sample_rate: ClassVar[int | None] = None
    uses: ClassVar[tuple[str, ...]] = ()
    restores: ClassVar[bool] = False
    interpolates: ClassVar[bool] = False

    def __init__(self, options: OptionsType) -> None:
        self.options = options

    @classmethod
    def of(cls, **keys: object) -> Self:
        """Return the kind with options by their keys, for use from Python."""
        # an entry's file is named as its kind
        kind = keys.pop("kind", cls.__module__.rpartition(".")[2])
        # mypy cannot know that `Options` is the class that the type variable stands for
        options: Any = cls.Options.model_validate({"kind": kind, **keys})
        return cls(options)

    def parents(self) -> list[str]:
        """Return the representations that it is made of; "tables" are theirs."""
        return []

    def made_of(self, replaced: Mapping[str, str]) -> RepresentationSpec:
        """Return the options of the same thing made of other representations.

        Parameters
        ----------
        replaced : mapping of str to str
            Some of the `parents`, and what is to stand in their places.
        """
        return self.options

    def members(self, name: str, base: Path) -> dict[str, RepresentationSpec]:
        """Return the representations that stand for it in a study; none where it stands itself.

        Parameters
        ----------
        name : str
            In the study: they are made of it, and it is among them if its own options change.
        base : Path
            The study file's folder.
        """
        return {}

    def controls(self) -> dict[Control, RepresentationSpec]:
        """Return what it is without learning, for ``controls = true``; nothing learned, nothing.

        Each is as near to it as can be: the same options, seed, input and normalisation. Those of
        what has `parents` are made of the parents' controls.
        """
        return {}

    def misfits(self, chunks: ChunkSpec) -> list[str]:
        """Return why it cannot work with the study's ``[chunks]``, before anything is made."""
        return []

    def unmet(self, base: Path) -> list[str]:
        """Return why it cannot work with the user's files, before anything is made."""
        return []

    @property
    def learns_from(self) -> tuple[str, ...]:
        """Subsets whose audio it learns from, without any label; never the test subset."""
        return ("unlabelled",)

    def unlearnable(self, unlabelled: pd.DataFrame) -> list[str]:
        """Return why it cannot learn from these recordings of `learns_from`, before it tries."""
        return []

    def watched(self, base: Path) -> list[Path]:
        """Return the user's files whose change makes its features stale."""
        return []

    @property
    def is_learned(self) -> bool:
        """Whether it is learned from the audio of `learns_from`, not chosen by hand or at random.

        What is made of others need not say so.
        """
        return bool(self.models)

    @property
    def libraries(self) -> tuple[str, ...]:
        """Packages that compute it: those that it `uses`, and Keras where it has models of it."""
        has_keras = any(name.endswith(".keras") for name in self.models)
        return (*self.uses, *(KERAS if has_keras else ()))

    @property
    def outside_code(self) -> str:
        """Code from outside that it runs, as messages name it; "" where all of it is ours."""
        return registry.representations.reference(self.options.kind)

    @property
    def by_speaker(self) -> bool:
        """Whether features of a recording depend on the speaker's other recordings."""
        return False

    def incomparable(self, recordings: pd.DataFrame) -> list[str]:
        """Return why recordings can't be compared with their speakers' others, before it tries."""
        return []

    def grid(self) -> Grid | None:
        """Return at which times its rows start, where it cuts the signal itself."""
        return None

    def fit(self, inputs: Inputs) -> None:
        """Learn from the unlabelled subset alone and write `models` into ``inputs.folder``."""

    def features(self, signal: np.ndarray, sample_rate: int) -> Sequence[float] | np.ndarray:
        """Return the features of one signal, all that a simple kind must have.

        Parameters
        ----------
        signal : ndarray of shape (n_samples,), float64
            A whole recording.
        sample_rate : int
            In Hz.

        Returns
        -------
        array-like of shape (n_features,)
            Finite, and as many for every recording.
        """
        raise NotImplementedError

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Return the feature table of the recordings of ``inputs.wanted``.

        Returns
        -------
        DataFrame
            recording, chunk (-1 for a whole recording), then one column a feature; here those that
            `features` gives, named ``f_00``, ``f_01``, ...
        """
        return _table_by_signal(self, inputs)

    def encoder_rows(self, inputs: Inputs) -> PreparedRows:
        """Return what the `encoder` reads of the recordings of ``inputs.wanted``, row by row."""
        raise NotImplementedError

    def described_encoder(self, inputs: Inputs) -> dict[str, Any]:
        """Return what finds an `encoder` of PyTorch again, as JSON has it."""
        raise NotImplementedError

    def reconstructions(self, inputs: Inputs) -> tuple[np.ndarray, np.ndarray]:
        """Return chunks and what the trained model makes of them, (n, frames, bins) each."""
        raise NotImplementedError

    def ends(self, inputs: Inputs) -> Ends:
        """Return two inputs, and what turns them into codes and codes into inputs."""
        raise NotImplementedError


class ArrayRepresentation(Representation[OptionsType]):
    """A kind whose rows are arrays, such as spectrograms; they stay on disk.

    A network reads them as they are, other classifiers get them flattened, or pooled over time
    where the option `pooling` says so. What has a time axis has it last.
    """

    level = "chunk"
    #: The option that no array depends on, as it is about what classifiers get.
    shared = "pooling"

    @property
    def pooled(self) -> bool:
        """Whether classifiers other than networks get mean and deviation over time."""
        return False

    def arrays(self, inputs: Inputs, store: Path) -> pd.DataFrame:
        """Write the rows of all recordings wanted as a Zarr array (n, ...), float32.

        Returns
        -------
        DataFrame
            recording, chunk; line i describes row i.
        """
        raise NotImplementedError


def _table_by_signal(kind: "Representation", inputs: Inputs) -> pd.DataFrame:
    """Return the table of what a kind makes of each recording's signal."""
    rows, label = inputs.scored(), f"features of {inputs.name}"
    rate = kind.sample_rate or inputs.sample_rate
    vector_of = partial(_vector, kind)
    maker = Maker(one_by_one(vector_of), _described(kind, inputs.base), rate)
    # what has models could read them, which no key tells
    kept = inputs if not kind.models else replace(inputs, kept=None)
    vectors = kept.made_by(maker, rows, label)
    sizes = [len(vector) for vector in vectors]
    # each vector was checked by itself where it was made; only here are all of them together
    other = next((place for place, size in enumerate(sizes) if size != sizes[0]), None)
    if other is not None:
        names = rows["recording"]
        raise TableError(
            f"'{kind.options.kind}' gives {sizes[0]} features for {names.iloc[0]} and "
            f"{sizes[other]} for {names.iloc[other]}; there must be as many for every recording"
        )
    return feature_table(rows, np.stack(vectors), numbered("f", sizes[0]))


def _described(kind: "Representation", base: Path) -> list[Any]:
    """Return all that features of a kind depend on: its code, options and files."""
    reference = registry.representations.reference(kind.options.kind)
    code = outside.identity(reference) if reference else type(kind).__module__
    return [code, dump(kind.options), [file_hash(path) for path in kind.watched(base)]]


def _vector(kind: "Representation", signal: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the features of one signal, checked."""
    name = kind.options.kind
    with outside.guarded(registry.representations.reference(name)):
        features = kind.features(signal, sample_rate)
    try:
        vector = np.asarray(features, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TableError(
            f"'{name}' must return a vector of numbers for every signal, got a "
            f"{type(features).__name__} that is not one: {error}"
        ) from error
    if vector.ndim != 1 or not vector.size:
        raise TableError(
            f"'{name}' must return a vector of numbers for every signal, got an array of shape "
            f"{vector.shape}"
        )
    if not np.isfinite(vector).all():
        raise TableError(
            f"'{name}' gives NaN or infinity in {int((~np.isfinite(vector)).sum())} of "
            f"{vector.size} features for a signal of {len(signal) / sample_rate:.2f} s"
        )
    return vector
