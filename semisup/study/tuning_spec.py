"""`[tuning]` as a frozen model: which autoencoders `semisup tune` tries."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from semisup.study.table import Table


class Range(Table):
    """`{ low, high, log }`: any value from `low` to `high`, drawn on a log scale if `log`."""

    low: float
    high: float
    log: bool = False

    @model_validator(mode="after")
    def _is_a_range(self) -> "Range":
        if self.low >= self.high or (self.log and self.low <= 0):
            raise ValueError(
                f"a range needs low < high{', and low > 0 with log' * self.log}, "
                f"got {self.low:g} to {self.high:g}"
            )
        return self


class WholeRange(Range):
    """A range of whole numbers."""

    low: int
    high: int


def _form(value: object) -> str:
    return "range" if isinstance(value, dict | Range) else "list"


_Wholes = Annotated[list[int], Field(min_length=1), Tag("list")]
_Numbers = Annotated[list[float], Field(min_length=1), Tag("list")]
# Told apart by their form: trying each model in turn would list the mistakes of the one not meant.
_WholesOrRange = Annotated[_Wholes | Annotated[WholeRange, Tag("range")], Discriminator(_form)]
_NumbersOrRange = Annotated[_Numbers | Annotated[Range, Tag("range")], Discriminator(_form)]
_Names = Annotated[list[str], Field(min_length=1)]
#: What `[tuning]` can search: keys of a representation of kind "autoencoder".
SEARCHABLE = (
    "latent_dim",
    "learning_rate",
    "batch_size",
    "activation",
    "bottleneck_activation",
    "dropout",
    "loss",
    "optimizer",
    "input_scaling",
)


class TuningSpec(Table):
    """`[tuning]`: what `semisup tune` tries; the default grid is the original study's.

    A searched key is a list of values, or a range where the sampler is not "grid"; one that is
    left out keeps the representation's own value.
    """

    representation: str | None = Field(
        None, description="of kind autoencoder; the study's first if left out"
    )
    architectures: _Names | None = Field(None, description="all that fit the chunks if left out")
    sampler: Literal["grid", "random", "tpe"] = "grid"
    trials: int = Field(20, ge=1, description="random and tpe: of each architecture")
    latent_dim: _WholesOrRange = Field([64, 128])
    learning_rate: _NumbersOrRange = Field([0.001, 0.005])
    batch_size: _WholesOrRange | None = None
    activation: _Names | None = None
    bottleneck_activation: _Names | None = None
    dropout: _NumbersOrRange | None = None
    loss: _Names | None = None
    optimizer: _Names | None = None
    input_scaling: _Names | None = None
    pruning: bool = Field(True, description="end trials early that do worse than most")
    objective: Literal["loss", "probe"] = "loss"
    choose: Literal["one_standard_error", "lowest"] = Field(
        "one_standard_error", description="the smallest encoder that near to the best, or the best"
    )
    steps: int | None = Field(None, ge=1, description="the representation's if left out")
    patience_steps: int | None = Field(None, ge=1, description="the representation's if left out")
    epochs: int | None = Field(None, ge=1, description="the representation's if left out")
    patience: int | None = Field(None, ge=1, description="the representation's if left out")

    @model_validator(mode="after")
    def _fits_the_sampler(self) -> "TuningSpec":
        for name, values in self.searched().items():
            if isinstance(values, Range) and self.sampler == "grid":
                raise ValueError(
                    f"{name} is a range, of which there is no grid; give a list of values, or "
                    "sampler = 'random' or 'tpe'"
                )
            if isinstance(values, list) and len(set(values)) < len(values):
                raise ValueError(f"{name} names a value twice: {values}")
        return self

    @model_validator(mode="after")
    def _log_can_be_trained(self) -> "TuningSpec":
        # cross-entropy needs values from 0 to 1, which standardised logarithms are not
        logarithmic = "log" in (self.input_scaling or ())
        if logarithmic and self.loss and "mean_squared_error" not in self.loss:
            raise ValueError("input_scaling 'log' needs 'mean_squared_error' among the losses")
        return self

    def limits(self) -> dict[str, int]:
        """Return the lengths of a trial that are set, in place of the representation's."""
        names = ("steps", "patience_steps", "epochs", "patience")
        return {name: vars(self)[name] for name in names if vars(self)[name] is not None}

    def mixes_losses(self) -> bool:
        """Tell whether trials may differ in loss or input: such losses can't be compared."""
        return any(len(values or ()) > 1 for values in (self.loss, self.input_scaling))

    def searched(self) -> dict[str, list | Range]:
        """Return the searched keys in a fixed order, with their values."""
        values_of = {name: vars(self)[name] for name in SEARCHABLE}
        return {name: values for name, values in values_of.items() if values is not None}
