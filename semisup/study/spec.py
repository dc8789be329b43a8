"""The study file's tables as frozen models: every key, its default and what it may be.

One class a TOML table. Corpus adapters and kinds of representation extend `CorpusSpec` and
`RepresentationSpec` with keys of their own. `semisup.reading` reads a file into these models.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    Field,
    field_validator,
    model_validator,
)

from semisup.errors import nearest
from semisup.metrics import METRICS
from semisup.study.clusters_spec import ClustersSpec
from semisup.study.draws_spec import DrawsUntil
from semisup.study.importance_spec import ImportanceSpec
from semisup.study.split_spec import SplitSpec
from semisup.study.table import HIGHEST_RATE, MOST, MOST_TRAININGS, Table
from semisup.study.tuning_spec import TuningSpec

Balance = Literal["none", "weights", "oversample"]
TaskName = Literal["classification", "regression"]


def _known_metric(name: str) -> str:
    if name not in METRICS:
        raise ValueError(f"there is no metric '{name}'; {nearest(name, METRICS)}")
    return name


MetricName = Annotated[
    str, AfterValidator(_known_metric), Field(description=f"one of {', '.join(METRICS)}")
]


class CorpusSpec(Table):
    """`[corpus]`: where the recordings come from. Adapters add keys of their own."""

    adapter: str
    root: str | None = Field(
        None,
        description="folder, or its URL such as s3://bucket/folder; ${VAR:-default}, $VAR and ~ "
        "are expanded",
    )
    label: str | None = Field(None, description="the adapter's first if left out")
    role: Literal["all", "labelled", "unlabelled", "test"] = Field(
        "all",
        description="the subset that its recordings may be in (docs/CONCEPTS.md, Subsets)",
    )
    name: str | None = Field(
        None,
        pattern=r"^\w[\w.-]*$",
        description="stands before the names of recordings and speakers where there are several "
        "corpora; the adapter if left out, and the root's last folder where several have the same",
    )
    same_speakers: bool | None = Field(
        None,
        description="true: a speaker's name means one person in all corpora that say so; left out: "
        "another person in each, with a warning where names are equal; false: without one",
    )
    # no shorter than a frame: no recording would have a feature
    excerpt_seconds: float | None = Field(
        None,
        ge=0.05,
        description="cut recordings into excerpts of this length, each one a recording",
    )
    map_labels: dict[str, str] = Field(
        default_factory=dict, description='other names for some labels; "" leaves a label out'
    )


class ChunkSpec(Table):
    """`[chunks]`: fixed-length parts of recordings (docs/CONCEPTS.md, Chunks)."""

    sample_rate: int = Field(
        8000, ge=1000, le=HIGHEST_RATE, description="Hz; every recording is resampled to it"
    )
    chunk_samples: int = Field(30000, ge=2, description="samples of a chunk")
    short: Literal["drop", "pad"] = Field("drop", description="recordings shorter than one chunk")
    tail: Literal["drop", "cover"] = Field("drop", description="samples after the last whole chunk")

    @model_validator(mode="after")
    def _holds_two_frames(self) -> "ChunkSpec":
        # the first frame of a chunk is skipped: one frame alone would leave no spectrogram
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

    shorthand: ClassVar[tuple[str, ...]] = ("controls",)

    kind: str

    def without(self, key: str) -> dict[str, Any]:
        """Return all options but one, as plain data."""
        return self.model_dump(exclude={key})


class TrainSpec(Table):
    """`[train]`: how often each learned representation is trained."""

    seeds: int = Field(
        1,
        ge=1,
        le=MOST_TRAININGS,
        description="encoders of each; draw d of the curve uses number d mod seeds",
    )


class ClassifierSpec(Table):
    """`[classifiers.<name>]`: a named classifier with other than default parameters."""

    kind: str
    parameters: dict[str, bool | int | float | str] = Field(default_factory=dict)
    grid: dict[str, Annotated[list[bool | int | float | str], Field(min_length=1)]] = Field(
        default_factory=dict,
        description="values of parameters to choose among, by the recordings of each label budget",
    )
    tuned: bool = Field(False, description="choose among the values of the kind's own grid")
    search: Literal["grid", "random"] = Field("grid", description="try all points, or some")
    trials: int = Field(10, ge=1, description="random: points that are tried")
    inner_folds: int = Field(
        5, ge=2, description="of the cross-validation inside a budget; fewer in a small one"
    )
    query: Literal["margin", "diverse"] | None = Field(
        None,
        description="who chooses what a budget adds: the fit on the budget before asks for the "
        "recordings that it doubts most, or of these for some that differ; the draw if left out",
    )


def distinct(names: list[str]) -> list[str]:
    """Return the representations that something is made of; none may be there twice."""
    if len(set(names)) < len(names):
        raise ValueError(f"names a representation twice: {', '.join(names)}")
    return names


class FusionSpec(Table):
    """`[fusions.<name>]`: the answers of a classifier about several representations, averaged."""

    of: Annotated[list[str], Field(min_length=2, description="representations of the curve")]
    mean: Literal["arithmetic", "geometric"] = Field(
        "arithmetic", description="of probabilities; of decision values always arithmetic"
    )

    _distinct = field_validator("of")(distinct)


#: Twelve budgets, 2 * 50 ** (k / 11) percent rounded: curves bend where labels are few.
LOG_BUDGETS = (2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 17.0, 24.0, 34.0, 49.0, 70.0, 100.0)


class PercentageRange(Table):
    """`percentages = { start, stop, step }`: label budgets in percent, `stop` included."""

    start: Annotated[int, Field(ge=1, le=100)] = 2
    stop: Annotated[int, Field(ge=1, le=100)] = 100
    step: Annotated[int, Field(ge=1)] = 2


class CurveSpec(Table):
    """`[curve]`: the learning-curve experiment (docs/CONCEPTS.md, The learning curve)."""

    representations: list[str] | None = Field(None, description="all of the study if left out")
    classifiers: list[str] = Field(
        default_factory=lambda: ["svm", "knn", "tree", "random_forest", "adaboost"], min_length=1
    )
    only: dict[str, list[str]] = Field(
        default_factory=dict,
        description="classifiers that are run on some representations alone, and on which",
    )
    percentages: Literal["log"] | PercentageRange | list[Annotated[float, Field(gt=0, le=100)]] = (
        Field(
            PercentageRange(),
            description="label budgets; log: twelve from 2 to 100, each by the same factor larger",
        )
    )
    draws: DrawsUntil | Annotated[int, Field(ge=1, le=MOST)] = Field(
        10,
        description="random orders of the labels; or { until = 0.03, at_least = 10, at_most = "
        "100 }: as many as that half-width of all scores asks for (docs/STATISTICS.md)",
    )
    order: Literal["random", "prefix"] = "random"
    scale: Literal["standard", "none"] = "standard"
    unit: Literal["recording", "chunk"] = "recording"
    balance: Balance | None = Field(
        None,
        description="of all classifiers: classes as they are, weighted to the same worth in every "
        "label budget, or rows of rarer ones copied there; if left out, weights where the largest "
        "class has more than 1.5 times the labelled recordings of the smallest",
    )
    accelerate: bool = Field(
        False,
        description="random forests and support vector machines by scikit-learn-intelex, of the "
        "extra accelerate: faster, with other random numbers",
    )

    @field_validator("classifiers", "representations")
    @classmethod
    def _has_no_repeats(cls, value: list[str] | None) -> list[str] | None:
        # the name tells systems apart in every table
        if value and len(set(value)) < len(value):
            raise ValueError(f"names a thing twice: {', '.join(value)}")
        return value

    def budgets(self) -> list[float]:
        """Return the label budgets in percent, ascending."""
        if isinstance(self.percentages, PercentageRange):
            span = self.percentages
            return [float(p) for p in range(span.start, span.stop + 1, span.step)]
        if self.percentages == "log":
            return list(LOG_BUDGETS)
        return sorted({float(p) for p in self.percentages})

    def runs(self, classifier: str, representation: str) -> bool:
        """Tell whether a classifier is run on a representation."""
        return representation in self.only.get(classifier, [representation])

    def n_draws(self) -> int:
        """Return the number of draws, of a precision the most; file order has one only."""
        most = self.draws.at_most if isinstance(self.draws, DrawsUntil) else self.draws
        return 1 if self.order == "prefix" else most

    def precision(self) -> DrawsUntil | None:
        """Return what says how many draws there are, None where it is a number."""
        if self.order == "prefix" or not isinstance(self.draws, DrawsUntil):
            return None
        return self.draws


class CompareSpec(Table):
    """`[compare]`: intervals and tests of the differences between representations."""

    resamples: int = Field(2000, ge=200, le=MOST, description="of draws and test speakers")
    interval: Literal["percentile", "bca"] = "percentile"
    level: float = Field(0.95, gt=0.5, lt=1, description="coverage of the intervals")
    rope: float = Field(0.02, ge=0, description="differences up to this are practically none")
    permutations: int = Field(999, ge=999, description="of the test labels")
    pairs: Literal["all"] | list[tuple[str, str]] | None = Field(
        None, description="[a, b] to compare, or every two; each with the baseline if left out"
    )
    baseline: str | None = Field(
        None, description="of all others; the first of kind handcrafted if left out, else the first"
    )
    epsilons: list[Annotated[float, Field(gt=0)]] | None = Field(
        None, description="losses in nats to reach; 0.9, 0.75 and 0.5 ln(classes) if left out"
    )


class PlotSpec(Table):
    """`[plot]`: what the figures of a study show and in which formats they are written."""

    metric: MetricName = Field("f1_weighted", description="ccc where numbers are predicted")
    formats: list[Literal["png", "svg", "pdf"]] = Field(["png"], min_length=1)


class ReportSpec(Table):
    """`[report]`: what `report.html` holds of the recordings."""

    audio: Literal["embed", "link", "none"] = Field(
        "embed", description="of misclassified recordings: 3 s in the page, links to files, nothing"
    )


class StudySpec(Table):
    """A whole study file. Sections that it leaves out take their defaults."""

    # the name of a folder and of files, on any system
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    seed: int = Field(0, ge=0)
    task: TaskName = Field(
        "classification",
        description="regression: labels are numbers, such as ratings of arousal, and so are "
        "predictions (docs/how-to/numbers.md)",
    )
    corpus: tuple[CorpusSpec, ...]
    split: SplitSpec = SplitSpec()
    durations: DurationSpec = DurationSpec()
    chunks: ChunkSpec = ChunkSpec()
    representations: dict[str, RepresentationSpec]
    tuning: TuningSpec | None = None
    train: TrainSpec = TrainSpec()
    classifiers: dict[str, ClassifierSpec] = Field(default_factory=dict)
    fusions: dict[str, FusionSpec] = Field(default_factory=dict)
    curve: CurveSpec = CurveSpec()
    compare: CompareSpec = CompareSpec()
    importance: ImportanceSpec | None = None
    clusters: ClustersSpec | None = None
    plot: PlotSpec = PlotSpec()
    report: ReportSpec = ReportSpec()

    @model_validator(mode="before")
    @classmethod
    def _has_a_metric_of_its_task(cls, sections: Any) -> Any:
        # what is not a table stays as it is: the model says what is wrong with it
        if not isinstance(sections, dict) or sections.get("task") != "regression":
            return sections
        plot = sections.get("plot", {})
        is_plain = isinstance(plot, dict) and "metric" not in plot
        return sections | {"plot": {**plot, "metric": "ccc"}} if is_plain else sections

    def compared(self) -> list[str]:
        """Return the names of the representations that the learning curve compares."""
        return self.curve.representations or [*self.representations]

    def fused(self) -> set[str]:
        """Return the names of the representations that fusions are made of."""
        return {name for fusion in self.fusions.values() for name in fusion.of}

    def classifier(self, name: str) -> ClassifierSpec:
        """Return what a name in `[curve] classifiers` means: a table of the study, or an entry."""
        return self.classifiers.get(name, ClassifierSpec(kind=name))
