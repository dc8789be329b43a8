"""Parameters of a transformer: those that all have, and the options of its kind."""

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from semisup.features.contract import Representation
from semisup.study.spec import ChunkSpec, RepresentationSpec

#: The default of a parameter that must be given.
REQUIRED = object()
#: Options that are not parameters under their own name: which kind it is, and at which rate it
#: works, as `sample_rate` is that of the signals.
NOT_PARAMETERS = ("kind", "sample_rate")


class Parameter(NamedTuple):
    """One parameter of `__init__`.

    Parameters
    ----------
    name : str
    annotation : type
    default : object
        `REQUIRED` if there is none.
    description : str
    """

    name: str
    annotation: Any
    default: object
    description: str


def parameters_of(kind: type[Representation]) -> list[Parameter]:
    """Return the parameters of the transformer of a kind, in the order of its signature."""
    fields = kind.Options.model_fields
    own = [_of_field(name, field) for name, field in option_fields(kind.Options).items()]
    needs_chunks, has_rows = kind.needs == "chunks", kind.level == "chunk"
    return [
        Parameter("sample_rate", int, 16000, "Of the signals, in Hz."),
        *own,
        _target_rate(fields.get("sample_rate")),
        *(_of_field(name, ChunkSpec.model_fields[name]) for name in CHUNKS if needs_chunks),
        Parameter("short", Literal["raise", "pad"], "raise", SHORT),
        *([Parameter("chunk_pooling", Literal["mean", "mean_std"], "mean", POOLING)] * has_rows),
        Parameter("random_state", int | None, 0, "Seed of everything random that it learns by."),
        Parameter("n_jobs", int | None, None, "Processes, -1 for all processors."),
        Parameter("verbose", bool, False, "Whether it tells how far it is."),
    ]


#: Keys of ``[chunks]`` that are parameters where a kind is made from chunks.
CHUNKS = ("chunk_samples", "tail")
SHORT = (
    "What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros "
    "fill it up."
)
POOLING = "What one row of a signal's chunks or windows is: their mean, or mean and deviation."


def option_fields(options: type[RepresentationSpec]) -> dict[str, FieldInfo]:
    """Return the options of a kind that are parameters under their own name."""
    fields = options.model_fields
    return {name: field for name, field in fields.items() if name not in NOT_PARAMETERS}


def written(annotation: Any) -> str:
    """Write a type as Python does.

    Examples
    --------
    >>> written(tuple[Annotated[int, "at least 1"], ...]), written(Literal["a", "b"] | None)
    ('tuple[int, ...]', "Literal['a', 'b'] | None")
    """
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return written(inner[0])
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, inner))}]"
    if origin in (Union, UnionType):
        return " | ".join(map(written, inner))
    if origin is not None:
        return f"{origin.__name__}[{', '.join(map(written, inner))}]"
    return {NoneType: "None", ...: "..."}.get(annotation) or annotation.__name__


def _of_field(name: str, field: FieldInfo) -> Parameter:
    default = REQUIRED if field.is_required() else field.get_default(call_default_factory=True)
    return Parameter(name, field.annotation, default, _sentence(field.description or ""))


def _target_rate(field: FieldInfo | None) -> Parameter:
    default = None if field is None else field.default
    text = "In Hz, what signals are resampled to before anything is computed"
    return Parameter("target_rate", int | None, default, f"{text}; `sample_rate` if None.")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.')}." if text else ""
