"""Write KEYS.md: every key of a study file, its default and what it may be, from the models.

Run ``python docs/make_keys.py``; a test compares the file with the models.
"""

from pathlib import Path
from textwrap import fill
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from semisup import registry
from semisup.corpora import adapter
from semisup.features.kinds import kind_class
from semisup.study import spec

HEAD = """# Every key of a study file

Made from the models by `python docs/make_keys.py`. A key that is not here is an error that names
the nearest one. In brackets: what a value may be, and the default.
"""
KIND = "- `kind` (text; must be given): one of those below, or code of one's own"
CONTROLS = (
    "- `controls` (true or false; default `false`): put what a learned representation is without "
    "learning beside it, see [REPRESENTATIONS.md](REPRESENTATIONS.md)"
)
#: Characters of a line, as in all documentation.
WIDTH = 120
SECTIONS: dict[str, type[spec.Table]] = {
    "split": spec.SplitSpec,
    "chunks": spec.ChunkSpec,
    "durations": spec.DurationSpec,
    "train": spec.TrainSpec,
    "tuning": spec.TuningSpec,
    "classifiers.<name>": spec.ClassifierSpec,
    "fusions.<name>": spec.FusionSpec,
    "curve": spec.CurveSpec,
    "compare": spec.CompareSpec,
    "importance": spec.ImportanceSpec,
    "clusters": spec.ClustersSpec,
    "plot": spec.PlotSpec,
    "report": spec.ReportSpec,
}


def kind_name(annotation: Any) -> str:
    """Write a type as a reader of a TOML file knows it."""
    if get_origin(annotation) is not None and hasattr(annotation, "__metadata__"):
        return kind_name(get_args(annotation)[0])
    options = get_args(annotation)
    if options and all(isinstance(option, str | int) for option in options):
        return " | ".join(f"`{option}`" for option in options)
    origin = get_origin(annotation)
    if origin in (list, tuple):
        return f"list of {kind_name(options[0])}"
    if origin is dict:
        return f"table of {kind_name(options[1])}"
    if options:
        return " or ".join(dict.fromkeys(kind_name(o) for o in options if o is not type(None)))
    names = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false"}
    return names.get(annotation.__name__, "table")


def default_of(field: FieldInfo) -> str:
    """Write a default in TOML, or that there is none."""
    if field.is_required():
        return "must be given"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, spec.Table):
        inner = ", ".join(f"{key} = {toml(part)}" for key, part in value.model_dump().items())
        return f"default `{{ {inner} }}`"
    return "no default" if value is None else f"default `{toml(value)}`"


def toml(value: Any) -> str:
    """Write a value in TOML, a long list shortened."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        inner = ", ".join(f"{key} = {toml(part)}" for key, part in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        shown = [toml(part) for part in value]
        return f"[{', '.join(shown if len(shown) < 7 else [*shown[:2], '...', shown[-1]])}]"
    return str(value)


def list_of(model: type[spec.Table], leave_out: tuple[str, ...] = ()) -> str:
    """Write the keys of a model as a Markdown list."""
    fields = model.model_fields.items()
    return "\n".join(item_of(name, field) for name, field in fields if name not in leave_out)


def item_of(name: str, field: FieldInfo) -> str:
    """Write one key: what it may be, its default, what it is for."""
    text = f"- `{name}` ({kind_name(field.annotation)}; {default_of(field)})"
    return wrapped(f"{text}: {field.description}" if field.description else text)


def wrapped(text: str) -> str:
    """Wrap an item of a list."""
    return fill(text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def pages() -> str:
    """Write the whole file."""
    parts = [HEAD, "`name` (text) and `seed` (whole number, default `0`) stand at the top.\n"]
    common = tuple(spec.CorpusSpec.model_fields)
    parts.append(f"## `[corpus]`\n\n{list_of(spec.CorpusSpec)}\n")
    parts.append(f"## `[representations.<name>]`\n\n{wrapped(KIND)}\n{wrapped(CONTROLS)}\n")
    for entries, entry, key, known in (
        (registry.corpora, adapter, "adapter", common),
        (registry.representations, kind_class, "kind", ("kind",)),
    ):
        for name in entries.built_in():
            model = entry(name).Options
            title = "corpus" if key == "adapter" else "representations.<name>"
            if set(model.model_fields) - set(known):
                rows = list_of(model, known)
                parts.append(
                    f"### `[{title}]` of {key} `{name}`\n\n{entries.summary(name)}\n\n{rows}\n"
                )
    parts += [f"## `[{name}]`\n\n{list_of(model)}\n" for name, model in SECTIONS.items()]
    return "\n".join(parts)


if __name__ == "__main__":
    Path(__file__).with_name("KEYS.md").write_text(pages())
