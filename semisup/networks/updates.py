"""Trainings measured in updates: the keys that say how many, and which batches each update gets.

Epochs are the wrong unit for small corpora: one of a thirtieth of the size would get a thirtieth of
the training.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Generic, Self, TypeVar

from pydantic import Field, model_validator

from semisup.networks.loop import Stop
from semisup.study.table import Table

Batches = TypeVar("Batches")


class Updates(Table):
    """How long a network is trained."""

    steps: int = Field(
        4000, ge=1, description="updates at most; the original study made 3,000-6,200"
    )
    patience_steps: int = Field(
        1000, ge=1, description="updates without a better val_loss before the end"
    )
    validate_steps: int = Field(100, ge=1, description="updates from one val_loss to the next")
    epochs: int | None = Field(
        None,
        ge=0,
        description="passes over the data at most, in place of `steps`; 0 leaves the network "
        "untrained",
    )
    patience: int | None = Field(
        None, ge=1, description="with `epochs`: in place of `patience_steps`; 30 if left out"
    )

    @model_validator(mode="after")
    def _patience_needs_epochs(self) -> Self:
        if self.patience is not None and self.epochs is None:
            raise ValueError(
                "patience counts epochs, and the training is measured in updates; give "
                "patience_steps, or epochs too"
            )
        return self

    def stop(self, warm_up: int = 0, min_delta: float = 0.0) -> Stop:
        """Say when to stop: in passes over the data with `epochs`, else in updates.

        Parameters
        ----------
        warm_up : int
            Updates before which it is not.
        min_delta : float
            With `epochs`: by how much better is better.

        Examples
        --------
        >>> Updates(steps=950).stop().epochs, Updates(epochs=3).stop().patience
        (10, 30)
        """
        if self.epochs is not None:
            return Stop(self.epochs, self.patience or 30, min_delta)
        rounds, patience, first = (
            -(-updates // self.validate_steps)
            for updates in (self.steps, self.patience_steps, min(warm_up, self.steps))
        )
        return Stop(rounds, patience, warm_up=first, updates=self.validate_steps)


class Passes(Generic[Batches]):
    """Passes over data, cut into epochs of so many updates.

    Which batch an update gets depends on its number alone, so that a training that was killed goes
    on with the batches that it would have got.

    Parameters
    ----------
    make : callable
        Takes the number of a pass and yields its batches.
    per_pass : int
        How many these are.
    updates : int, optional
        Of an epoch; those of a pass if left out.
    """

    def __init__(
        self, make: Callable[[int], Iterator[Batches]], per_pass: int, updates: int | None = None
    ) -> None:
        self.make, self.per_pass, self.updates = make, per_pass, updates or per_pass
        # the pass that an epoch ended in, for the next one to go on with
        self.update = 0
        self.left: Iterator[Batches] = iter(())

    def epoch(self, number: int) -> Iterator[Batches]:
        """Yield the batches of an epoch, counted from 0.

        Examples
        --------
        >>> passes = Passes(lambda number: iter([f"{number}a", f"{number}b"]), 2, updates=3)
        >>> list(passes.epoch(0)), list(passes.epoch(2))
        (['0a', '0b', '1a'], ['3a', '3b', '4a'])
        """
        first, count = number * self.updates, self.updates
        while count:
            number, place = divmod(first, self.per_pass)
            if place == 0 or first != self.update:
                self.left = islice(self.make(number), place, None)
            taken = min(count, self.per_pass - place)
            yield from islice(self.left, taken)
            first, count = first + taken, count - taken
            self.update = first
