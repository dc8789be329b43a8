"""The one transformer that all are: signals in, a row of features a signal out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
from pydantic import ValidationError
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.validation import check_is_fitted

from semisup.engine.progress import silence
from semisup.errors import SpecError, SplitError, TableError
from semisup.features.contract import Representation
from semisup.features.inputs import Inputs
from semisup.features.kinds import kind_class
from semisup.study.spec import ChunkSpec
from semisup.study.table import Table
from semisup.study.wording import first_mistake
from semisup.transformers.parameters import CHUNKS, option_fields
from semisup.transformers.signals import signals_of
from semisup.transformers.workspace import Pooled, Setting, learned, opened, pooled

ModelType = TypeVar("ModelType", bound=Table)


class Transformer(TransformerMixin, BaseEstimator):
    """A kind of representation as a transformer of scikit-learn; each kind has a class of its own.

    What is learned is learned from the signals alone. Nothing is kept on disk: a fitted transformer
    can be pickled and cloned, and used in a pipeline.
    """

    kind: ClassVar[str]

    def fit(self, X: Any, y: object = None, groups: Sequence[object] | None = None) -> Self:
        """Learn from signals; kinds that learn nothing look at the names of their features.

        Parameters
        ----------
        X : list of arrays of shape (n_samples,), or array of shape (n_signals, n_samples)
            Floats in [-1, 1], or signed integers, which are taken as PCM.
        y : ignored
            No label is looked at.
        groups : sequence of length n_signals, optional
            Who speaks in each signal; each is a speaker of its own if left out. Whole speakers are
            held out to validate on.

        Returns
        -------
        self
        """
        self._fit(X, groups)
        return self

    def fit_transform(
        self, X: Any, y: object = None, groups: Sequence[object] | None = None
    ) -> np.ndarray:
        """Learn from signals and return their features; see `fit` and `transform`."""
        return self._fit(X, groups)

    def transform(self, X: Any, groups: Sequence[object] | None = None) -> np.ndarray:
        """Return the features of signals.

        Parameters
        ----------
        X : list of arrays of shape (n_samples,), or array of shape (n_signals, n_samples)
            As in `fit`, of any lengths.
        groups : sequence of length n_signals, optional
            Who speaks in each, for what is normalised by speaker.

        Returns
        -------
        ndarray of shape (n_signals, n_features), float64
        """
        kind = self._kind()
        if kind.models:
            check_is_fitted(self)
        with self._opened(kind, X, groups) as inputs:
            features = self._features(kind, inputs)
        if self._is_fitted() and len(features.names) != len(self.feature_names_out_):
            raise TableError(
                f"'{self.kind}' gives {len(features.names)} features of these signals and "
                f"{len(self.feature_names_out_)} of those that it was fitted to: their number "
                "depends on the shortest signal"
            )
        return features.values

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Return the names of the features; `input_features` is there for scikit-learn's sake."""
        check_is_fitted(self, "feature_names_out_")
        return self.feature_names_out_

    def __sklearn_is_fitted__(self) -> bool:
        return self._is_fitted() or not kind_class(self.kind).models

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = bool(kind_class(self.kind).models)
        return tags

    def _is_fitted(self) -> bool:
        return "feature_names_out_" in vars(self)

    def _fit(self, X: Any, groups: Sequence[object] | None) -> np.ndarray:
        kind = self._kind()
        with self._opened(kind, X, groups, fits=True) as inputs:
            if kind.models and len(inputs.recordings) < 2:
                raise SplitError(f"{self} learns from 2 signals at least, got n_samples = 1")
            models = learned(kind, inputs)
            features = self._features(kind, inputs)
        self.models_ = models
        self.feature_names_out_ = np.array(features.names, dtype=object)
        return features.values

    def _features(self, kind: Representation, inputs: Inputs) -> Pooled:
        deviation = kind.level == "chunk" and self.get_params()["chunk_pooling"] == "mean_std"
        return pooled(kind, inputs, deviation)

    @contextmanager
    def _opened(
        self,
        kind: Representation,
        X: Any,
        groups: Sequence[object] | None,
        fits: bool = False,
    ) -> Iterator[Inputs]:
        """Give the kind its inputs, with what was learned unless it is about to learn."""
        setting, parameters = self._setting(), self.get_params()
        problems = [*kind.misfits(setting.chunks), *kind.unmet(Path())]
        if problems:
            raise SpecError(f"{type(self).__name__}: {'; '.join(problems)}")
        signals = signals_of(X, setting.sample_rate, parameters["short"] == "pad")
        speakers = _speakers(kind, groups, signals)
        models = {} if fits or not kind.models else self.models_
        saying = nullcontext() if parameters["verbose"] else silence()
        with saying, opened(kind, signals, speakers, setting, models) as inputs:
            if problems := kind.incomparable(inputs.recordings):
                raise SplitError(f"{type(self).__name__}: {'; '.join(problems)}")
            yield inputs

    def _kind(self) -> Representation:
        """Return the kind with its options; only what differs from a default is an option given."""
        entry, parameters = kind_class(self.kind), self.get_params()
        options = {
            name: _plain(parameters[name])
            for name, field in option_fields(entry.Options).items()
            if field.is_required() or parameters[name] != field.default
        }
        if "sample_rate" in entry.Options.model_fields:
            options["sample_rate"] = _plain(parameters["target_rate"] or parameters["sample_rate"])
        return entry(_validated(entry.Options, kind=self.kind, **options))

    def _setting(self) -> Setting:
        from joblib import effective_n_jobs

        parameters = self.get_params()
        rate, jobs = _plain(parameters["sample_rate"]), parameters["n_jobs"]
        keys = {name: _plain(parameters[name]) for name in CHUNKS if name in parameters}
        short = "pad" if parameters["short"] == "pad" else "drop"
        target = _plain(parameters["target_rate"] or rate)
        chunks = _validated(ChunkSpec, sample_rate=target, short=short, **keys)
        seed = _seed(parameters["random_state"])
        return Setting(rate, chunks, seed, effective_n_jobs(jobs) if jobs else 1)


def _validated(model: type[ModelType], **keys: object) -> ModelType:
    """Return checked options; what is wrong is one sentence that names the parameter."""
    try:
        return model.model_validate(keys)
    except ValidationError as error:
        raise SpecError(first_mistake(error, keys)) from None


def _speakers(
    kind: Representation, groups: Sequence[object] | None, signals: list[np.ndarray]
) -> list[str]:
    """Return the speaker of each signal, "" if not known."""
    if groups is not None:
        check_consistent_length(signals, groups)
        return [str(group) for group in groups]
    if kind.by_speaker:
        raise SpecError(
            f"kind '{kind.options.kind}' normalises signals by their speakers: give groups, a "
            "speaker for each signal, or speaker_normalisation = 'none'"
        )
    return [""] * len(signals)


def _seed(random_state: object) -> int:
    """Return a seed: a number as it is, as a study's, or one drawn as scikit-learn does."""
    number = _plain(random_state)
    if isinstance(number, int):
        return number
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))


def _plain(value: object) -> Any:
    """Return a number of NumPy's, as grids of parameters have them, as Python's own."""
    return value.item() if isinstance(value, np.generic) else value
