"""`[split]` as a frozen model: how speakers are shared among the subsets, or dealt into folds."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from semisup.study.table import MOST, Table

SUBSETS = ("labelled", "unlabelled", "test")
Subset = Literal["labelled", "unlabelled", "test"]


def _as_folds(value: object) -> object:
    """Refuse what is no number of folds, word or lists of names, in one sentence."""
    if value == "speakers" or (type(value) is int and value >= 2) or value is None:
        return value
    if not isinstance(value, list) or not all(isinstance(fold, list) and fold for fold in value):
        raise ValueError(
            "must be a whole number from 2, 'speakers', or two or more lists of speakers, "
            f"got {value!r}"
        )
    names = [name for fold in value for name in fold]
    if twice := sorted({str(name) for name in names if names.count(name) > 1}):
        raise ValueError(f"names {', '.join(map(repr, twice))} twice; each is tested once")
    if len(value) < 2:
        raise ValueError("must be two or more lists of speakers, got one")
    return value


Folds = Annotated[int | Literal["speakers"] | list[list[str]], BeforeValidator(_as_folds)]


class SplitSpec(Table):
    """`[split]`: how speakers are shared among the subsets (docs/CONCEPTS.md, Subsets)."""

    strategy: Literal["quota", "fraction", "column", "sorted_prefix"] = "fraction"
    per_class: dict[Subset, Annotated[int, Field(ge=1)] | Literal["rest"]] = Field(
        default_factory=dict, description="quota and sorted_prefix: recordings a class"
    )
    fractions: dict[Subset, Annotated[float, Field(gt=0, lt=1)]] = Field(
        default={"labelled": 0.3, "unlabelled": 0.4, "test": 0.3},
        description="fraction: share of the recordings, met as nearly as whole speakers allow",
    )
    column: str = Field("subset", description="column: the manifest column that names the subset")
    values: dict[Subset, list[str]] = Field(
        default_factory=dict, description="column: the values that mean each subset"
    )
    allow_shortfall: bool = Field(False, description="take what there is if a quota can't be met")
    allow_unknown_speakers: bool = Field(
        False, description="column: accept recordings whose speaker is not known"
    )
    replicas: Literal["refuse", "drop"] = Field(
        "refuse",
        description="recordings that hold the same samples: refuse a split that has them in two "
        "subsets, or leave out all but one of each",
    )
    leaky: bool = Field(
        False,
        description="every recording counts as a speaker of its own: a demonstration of how much "
        "a split that ignores speakers flatters",
    )
    folds: Folds | None = Field(
        None,
        description="every speaker is tested: so many folds of speakers, one a speaker "
        "('speakers'), or lists of those of each fold; each is the test subset once, and the other "
        "speakers are shared anew among labelled and unlabelled",
    )
    repeats: int = Field(
        1, ge=1, le=MOST, description="how often the speakers are dealt into folds anew"
    )

    @model_validator(mode="after")
    def _can_have_folds(self) -> "SplitSpec":
        if self.folds is None:
            if self.repeats > 1:
                raise ValueError("repeats deals folds anew: it needs folds, a number or 'speakers'")
            return self
        if self.strategy not in ("quota", "fraction"):
            raise ValueError(
                f"folds are of strategy 'fraction' or 'quota'; strategy '{self.strategy}' has one "
                "split of its own"
            )
        if self.leaky:
            raise ValueError("folds are of whole speakers, whom leaky = true ignores")
        if self.per_class.get("test", "rest") != "rest":
            raise ValueError(
                "with folds every recording with a label is tested once: per_class gives 'test' "
                f"nothing or 'rest', not {self.per_class['test']}"
            )
        return self

    @model_validator(mode="after")
    def _has_what_its_strategy_needs(self) -> "SplitSpec":
        needed = ("labelled", "test") if self.folds is None else ("labelled",)
        if self.strategy in ("quota", "sorted_prefix"):
            missing = [name for name in needed if name not in self.per_class]
            if missing:
                raise ValueError(
                    f"strategy '{self.strategy}' needs per_class counts for {' and '.join(missing)}"
                )
            # of folds the test subset is known before
            shared = [self.per_class[name] for name in self.per_class if name != "test"]
            among = [*self.per_class.values()] if self.folds is None else shared
            if among.count("rest") > 1:
                raise ValueError("per_class can give 'rest' to one subset only")
        # decimal fractions that make 1 on paper may add up to a little more in binary
        if self.strategy == "fraction" and sum(self.fractions.values()) > 1 + 1e-9:
            raise ValueError(f"fractions add up to {sum(self.fractions.values()):g}, more than 1")
        return self
