"""The study file's tables as frozen models: every key, its default and what it may be.

One class a TOML table. Corpus adapters and kinds of representation extend `CorpusSpec` and
`RepresentationSpec` with keys of their own. Reading a file into these is `semisup.study_file`.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

SUBSETS = ("labelled", "unlabelled", "test")
Subset = Literal["labelled", "unlabelled", "test"]
Metric = Literal["f1_weighted", "f1_macro", "uar", "accuracy"]


class Table(BaseModel):
    """Base of all tables: frozen, and a key that is not declared is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CorpusSpec(Table):
    """`[corpus]`: where the recordings come from. Adapters add keys of their own."""

    adapter: str
    root: str | None = Field(None, description="folder; ${VAR:-default} is expanded")
    label: str | None = Field(None, description="the adapter's first if left out")
    role: Literal["all", "unlabelled"] = "all"


class SplitSpec(Table):
    """`[split]`: how speakers are shared among the subsets (DESIGN 5.4)."""

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

    @model_validator(mode="after")
    def _has_what_its_strategy_needs(self) -> "SplitSpec":
        if self.strategy in ("quota", "sorted_prefix"):
            missing = [name for name in ("labelled", "test") if name not in self.per_class]
            if missing:
                raise ValueError(
                    f"strategy '{self.strategy}' needs per_class counts for {' and '.join(missing)}"
                )
            if list(self.per_class.values()).count("rest") > 1:
                raise ValueError("per_class can give 'rest' to one subset only")
        if self.strategy == "fraction" and sum(self.fractions.values()) > 1 + 1e-9:
            raise ValueError(f"fractions add up to {sum(self.fractions.values()):g}, more than 1")
        return self


class ChunkSpec(Table):
    """`[chunks]`: fixed-length pieces of recordings and their spectrograms (DESIGN 5.2)."""

    sample_rate: int = Field(8000, ge=1000, description="Hz; every recording is resampled to it")
    chunk_samples: int = Field(30000, ge=2, description="samples of a chunk")
    short: Literal["drop", "pad"] = Field("drop", description="recordings shorter than one chunk")
    tail: Literal["drop", "cover"] = Field("drop", description="samples after the last whole chunk")

    @model_validator(mode="after")
    def _holds_two_frames(self) -> "ChunkSpec":
        frame = round(0.05 * self.sample_rate)
        if self.chunk_samples < 2 * frame:
            raise ValueError(
                f"chunk_samples must be at least two frames of 0.05 s ({2 * frame} samples at "
                f"{self.sample_rate} Hz), got {self.chunk_samples}"
            )
        return self


class DurationSpec(Table):
    """`[durations]`: chunk lengths whose cost in dropped recordings is counted."""

    chunk_samples: list[Annotated[int, Field(ge=1)]] = Field(
        default_factory=lambda: list(range(10000, 60001, 5000)), min_length=1
    )


class RepresentationSpec(Table):
    """`[representations.<name>]`: each kind adds keys of its own."""

    kind: str


class ClassifierSpec(Table):
    """`[classifiers.<name>]`: a named classifier with other than default parameters."""

    kind: str
    parameters: dict[str, bool | int | float | str] = Field(default_factory=dict)


class PercentageRange(Table):
    """`percentages = { start, stop, step }`: label budgets in percent, `stop` included."""

    start: Annotated[int, Field(ge=1, le=100)] = 2
    stop: Annotated[int, Field(ge=1, le=100)] = 100
    step: Annotated[int, Field(ge=1)] = 2


class CurveSpec(Table):
    """`[curve]`: the learning-curve experiment (DESIGN 5.6)."""

    representations: list[str] | None = Field(None, description="all of the study if left out")
    classifiers: list[str] = Field(
        default_factory=lambda: ["svm", "knn", "tree", "random_forest", "adaboost"], min_length=1
    )
    percentages: PercentageRange | list[Annotated[float, Field(gt=0, le=100)]] = PercentageRange()
    draws: int = Field(10, ge=1)
    order: Literal["random", "prefix"] = "random"
    scale: Literal["standard", "none"] = "standard"
    unit: Literal["recording", "chunk"] = "recording"

    @field_validator("classifiers", "representations")
    @classmethod
    def _has_no_repeats(cls, value: list[str] | None) -> list[str] | None:
        if value and len(set(value)) < len(value):
            raise ValueError(f"names a thing twice: {', '.join(value)}")
        return value

    def budgets(self) -> list[float]:
        """Return the label budgets in percent, ascending."""
        if isinstance(self.percentages, PercentageRange):
            span = self.percentages
            return [float(p) for p in range(span.start, span.stop + 1, span.step)]
        return sorted({float(p) for p in self.percentages})

    def n_draws(self) -> int:
        """Return the number of draws; file order has one only."""
        return 1 if self.order == "prefix" else self.draws


class PlotSpec(Table):
    """`[plot]`: what the figures of a study show and in which formats they are written."""

    metric: Metric = "f1_weighted"
    formats: list[Literal["png", "svg", "pdf"]] = Field(["png"], min_length=1)


class StudySpec(Table):
    """A whole study file. Sections that it leaves out take their defaults."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    seed: int = Field(0, ge=0)
    corpus: tuple[CorpusSpec, ...]
    split: SplitSpec = SplitSpec()
    durations: DurationSpec = DurationSpec()
    chunks: ChunkSpec = ChunkSpec()
    representations: dict[str, RepresentationSpec]
    classifiers: dict[str, ClassifierSpec] = Field(default_factory=dict)
    curve: CurveSpec = CurveSpec()
    plot: PlotSpec = PlotSpec()
