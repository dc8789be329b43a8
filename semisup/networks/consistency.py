"""FixMatch: an encoder and a layer that learn from unlabelled rows by their own sure guesses.

What the network says of a weakly changed row, if it is sure enough, is what it is to say of the
same row strongly changed. Order, changes and dropout come from (seed, update) alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import softmax

from semisup.networks.augmentation import Augmentation
from semisup.networks.classifying import Examples, Plan, Supervised
from semisup.networks.finetuning import FineTunedClassifier, Joined
from semisup.networks.loop import Measures
from semisup.networks.rows import LazyRows, held, in_order, read, shuffled
from semisup.networks.training import Batch, Trainer, repeated
from semisup.networks.updates import Passes


@dataclass(kw_only=True, eq=False, repr=False)
class FixMatchClassifier(FineTunedClassifier):
    """An encoder and a layer that learn from labelled and unlabelled rows.

    It begins as `FineTunedClassifier` does, with a layer on the codes of the frozen encoder. On a
    representation that was never trained it learns from nothing.

    Parameters
    ----------
    batch_size : int
        Labelled rows of an update.
    ratio : int
        Unlabelled rows of an update for each labelled one.
    fine_tuning_epochs : int
        At most, each of `steps` updates.
    steps : int
        Updates of an epoch, after which the loss is watched.
    threshold : float
        Probability from which on a guess counts.
    lambda_u : float
        Weight of the unlabelled rows' loss.
    ema : float
        Share that the average of the weights keeps in each update, 0 for none: the average is
        watched and kept.
    time_shift, gain_db : float
        Of weak changes, and of strong ones.
    spec_augment : float
        Of strong changes: the largest share of the bins that is masked, and of the frames; of a
        waveform the largest share of its samples.

    References
    ----------
    K. Sohn et al., "FixMatch: Simplifying Semi-Supervised Learning with Consistency and
    Confidence", NeurIPS 2020. https://doi.org/10.48550/arXiv.2001.07685
    """

    batch_size: int = 16
    fine_tuning_epochs: int = 15
    fine_tuning_rate: float = 0.001
    ratio: int = 3
    steps: int = 20
    threshold: float = 0.95
    lambda_u: float = 1.0
    ema: float = 0.0
    time_shift: float = 0.1
    gain_db: float = 3.0
    spec_augment: float = 0.3

    def _batch(self) -> int:
        return self.batch_size * (1 + self.ratio)

    def _release(self, joined: Joined, examples: Examples) -> pd.DataFrame:
        unlabelled = examples.unlabelled
        if unlabelled is not None:
            unlabelled = held(unlabelled, self.memory_gb)
        learning = Consistency(
            joined.trainer,
            examples._replace(unlabelled=unlabelled),
            self._fine_tuning(),
            self.random_state,
            Terms(self.ratio, self.steps, self.threshold, self.lambda_u, self.ema),
            Changes.of(self, examples),
        )
        return learning.run("FixMatch")


class Terms(NamedTuple):
    """How unlabelled rows count; see `FixMatchClassifier`."""

    ratio: int
    steps: int
    threshold: float
    lambda_u: float
    ema: float


class Changes(NamedTuple):
    """Weak and strong changes of spectra (n, frames, bins) or waveforms (n, samples).

    Parameters
    ----------
    weak, masking : Augmentation
        A strong change is a weak one, then masked.
    fill : ndarray of shape (bins,)
        What masked values become.
    """

    weak: Augmentation
    masking: Augmentation
    fill: np.ndarray

    @classmethod
    def of(cls, options: FixMatchClassifier, examples: Examples) -> "Changes":
        """Return the changes of a classifier; masks take the means of the training rows."""
        return cls(
            Augmentation(options.time_shift, options.gain_db),
            Augmentation(spec_augment=options.spec_augment),
            mean_bins(examples.rows, examples.training)
            if len(examples.rows.shape) == 3
            else np.zeros(1),
        )

    def weakly(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Shift rows in time, and make them louder or quieter."""
        return self._applied(self.weak, rows, rng)

    def strongly(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Mask frames and bins, too; frames that only fill a recording up stay what they are."""
        changed = self.weakly(rows, rng)
        masked = self._applied(self.masking, changed, rng)
        return masked if rows.ndim == 2 else np.where(changed < 0, changed, masked)

    def _applied(self, how: Augmentation, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        # what is augmented has bands, one of a waveform, and time as its last axis
        bands = rows[:, None] if rows.ndim == 2 else rows.swapaxes(1, 2)
        changed, _ = how.apply(bands, np.empty((len(rows), 0)), self.fill, rng)
        return changed[:, 0] if rows.ndim == 2 else changed.swapaxes(1, 2)


def mean_bins(rows: LazyRows, positions: np.ndarray) -> np.ndarray:
    """Average each bin over the frames of some rows; negative values only fill recordings up.

    Examples
    --------
    >>> mean_bins(np.array([[[1.0, 4.0], [3.0, 0.0], [-1.0, -1.0]]]), np.array([0]))
    array([2., 2.])
    """
    total, count = np.zeros(rows.shape[2]), np.zeros(rows.shape[2])
    for batch in in_order(rows, positions):
        total += np.where(batch < 0, 0, batch).sum(axis=(0, 1), dtype=float)
        count += (batch >= 0).sum(axis=(0, 1))
    return total / np.maximum(count, 1)


class Consistency(Supervised):
    """What an epoch does with labelled and unlabelled rows."""

    def __init__(
        self,
        trainer: Trainer,
        examples: Examples,
        plan: Plan,
        seed: int,
        terms: Terms,
        changes: Changes,
    ) -> None:
        super().__init__(trainer, examples, plan, seed)
        self.terms, self.changes = terms, changes
        # of the rows of an update, those that are labelled and those that are not
        self.size = plan.batch_size // (1 + terms.ratio)
        self.guessed = self.size * terms.ratio
        n_labelled = len(examples.training)
        self.labelled = Passes(self._labelled, -(-n_labelled // self.size), terms.steps)
        n_unlabelled = 0 if examples.unlabelled is None else len(examples.unlabelled)
        per_pass = max(1, -(-n_unlabelled // self.guessed))
        self.unlabelled = Passes(self._unlabelled, per_pass, terms.steps)
        # those that learn, where an average of them is watched
        self.weights = trainer.model.get_weights()
        self.average = self.weights

    def learn(self, epoch: int) -> Measures:
        """Take the updates of an epoch."""
        model, terms = self.trainer.model, self.terms
        model.set_weights(self.weights)
        rate = self.set_rate()
        losses, right, count = [], 0, 0
        pairs = zip(self.labelled.epoch(epoch), self.unlabelled.epoch(epoch), strict=True)
        for number, (positions, rows) in enumerate(pairs, start=epoch * terms.steps):
            batch, hits = self._batch(
                positions, rows, np.random.default_rng([self.seed, number, 3])
            )
            # a batch by itself: the next one's guesses must be those of the weights after this one
            losses.append(self.trainer.learn(iter([batch]), self.seed, number)["loss"])
            right, count = right + hits, count + len(positions)
            if terms.ema:
                new = zip(self.average, model.get_weights(), strict=True)
                self.average = [terms.ema * a + (1 - terms.ema) * b for a, b in new]
        self.weights = model.get_weights()
        if terms.ema:
            model.set_weights(self.average)
        # the step's mean is over all rows, the sum of both losses one over the labelled
        loss = float(np.mean(losses)) * (1 + terms.ratio)
        return {"loss": loss, "accuracy": right / count, "learning_rate": rate}

    def _batch(
        self, positions: np.ndarray, rows: np.ndarray, rng: np.random.Generator
    ) -> tuple[Batch, int]:
        """Guess the classes of unlabelled rows, and make one batch of both.

        Returns
        -------
        batch : Batch
            Labelled rows weakly changed, then unlabelled ones strongly changed.
        hits : int
            How many labelled rows the network has right.
        """
        examples, terms = self.examples, self.terms
        known, targets = self._filled(read(examples.rows, positions), examples.targets[positions])
        weak = self.changes.weakly(np.concatenate([known, rows]), rng)
        logits = np.asarray(self.trainer.model.predict_on_batch(weak))
        hits = (
            logits.argmax(axis=1)[: len(positions)] == targets[: len(positions)].argmax(1)
        ).sum()
        guesses = softmax(logits[self.size :].astype(float), axis=1)
        sure = guesses.max(axis=1) >= terms.threshold
        sure &= examples.unlabelled is not None
        # a row counts by its target, so that a batch with few sure guesses weighs them no more
        of_guesses = np.eye(targets.shape[1], dtype=np.float32)[guesses.argmax(axis=1)]
        of_guesses *= (terms.lambda_u / terms.ratio) * sure[:, None]
        strong = self.changes.strongly(rows, rng)
        inputs = np.concatenate([weak[: self.size], strong]).astype(np.float32)
        weights = np.ones(len(inputs), np.float32)
        return Batch(inputs, np.concatenate([targets, of_guesses]), weights), int(hits)

    def _filled(self, rows: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Fill a batch up with rows that have no weight; the others weigh as much in all of it."""
        counts = np.arange(self.size) < len(rows)
        share = np.float32(self.size / len(rows))
        targets = repeated(targets, self.size) * (share * counts)[:, None]
        return repeated(rows, self.size), targets.astype(np.float32)

    def _labelled(self, number: int) -> Iterator[np.ndarray]:
        """Yield positions of training rows, each once."""
        order = np.random.default_rng([self.seed, number, 1]).permutation(self.examples.training)
        for start in range(0, len(order), self.size):
            yield order[start : start + self.size]

    def _unlabelled(self, number: int) -> Iterator[np.ndarray]:
        """Yield unlabelled rows, each once and a few of the last batch more than once."""
        rows = self.examples.unlabelled
        if rows is None:
            yield read(self.examples.rows, np.resize(self.examples.training, self.guessed))
            return
        rng = np.random.default_rng([self.seed, number, 2])
        for _, batch in shuffled(rows, np.arange(len(rows)), self.guessed, rng):
            yield repeated(batch, self.guessed)
