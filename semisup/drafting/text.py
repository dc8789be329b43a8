"""The text of a drafted study file: TOML, with a comment beside what was chosen."""

import json
from collections.abc import Iterable
from textwrap import wrap
from typing import Any

from semisup.drafting.choices import BY_SPEAKER, CLASSIFIERS, Choices
from semisup.drafting.lengths import SAMPLE_RATE

#: Where comments beside keys begin.
COLUMN = 36

_LEARNED = {
    "voice_pca": ("how a recording differs from its speaker's others", []),
    "logmel_pca": ("components of log-mel statistics, fitted to unlabelled audio", []),
    "conv_pool": ("a small network trained by contrast on unlabelled audio", []),
    "code_log": (
        "codes of an autoencoder trained on unlabelled audio",
        [
            'kind = "autoencoder"',
            'input_scaling = "log"',
            'bottleneck_activation = "linear"',
            'loss = "mean_squared_error"',
        ],
    ),
}


def study_text(
    name: str,
    heading: Iterable[str],
    corpora: list[tuple[dict[str, Any], dict[str, str]]],
    chosen: Choices,
    chunk: tuple[int, str, bool],
) -> str:
    """Write a study file.

    Parameters
    ----------
    name : str
    heading : iterable of str
        Lines of the comment at its top.
    corpora : list of (dict, dict)
        Keys of each `[[corpus]]` and remarks by key.
    chosen : Choices
    chunk : (int, str, bool)
        Samples of a chunk, a remark, and whether shorter recordings are padded.
    """
    header = "[corpus]" if len(corpora) == 1 else "[[corpus]]"
    blocks = [
        [*(_comment(line) for line in heading), f"name = {value_text(name)}", "seed = 0"],
        *([header, *_lines(keys, remarks)] for keys, remarks in corpora),
        ["[split]", *_lines(*_split(chosen))],
        ["[chunks]", *_lines(*_chunks(*chunk))],
        *_representations(chosen),
        ["[curve]", *_lines(*_curve(chosen))],
        ["[plot]", 'metric = "uar"' + _beside('metric = "uar"', "mean recall of the classes")],
    ]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _split(chosen: Choices) -> tuple[dict[str, Any], dict[str, str]]:
    spec = chosen.split
    keys: dict[str, Any] = {}
    if spec.strategy == "quota":
        keys = {"strategy": "quota", "per_class": dict(spec.per_class)}
    else:
        keys["fractions"] = dict(spec.fractions)
    if spec.folds is not None:
        keys |= {"folds": spec.folds, "repeats": spec.repeats}
    keys["replicas"] = "drop"
    first = "folds" if spec.folds is not None else next(iter(keys))
    return keys, {
        first: chosen.split_remark,
        "repeats": "more tell better what other labelled speakers would change",
        "replicas": "of recordings that are there twice one is left out",
    }


def _chunks(samples: int, remark: str, pads: bool) -> tuple[dict[str, Any], dict[str, str]]:
    keys: dict[str, Any] = {"sample_rate": SAMPLE_RATE, "chunk_samples": samples}
    keys |= {"short": "pad"} if pads else {}
    return keys, {
        "sample_rate": "16000 hears more and takes twice as long",
        "chunk_samples": remark,
        "short": "shorter recordings are filled up with zeros",
    }


def _representations(chosen: Choices) -> list[list[str]]:
    kind, remark = 'kind = "handcrafted"', "136 features of pyAudioAnalysis, the baseline"
    blocks = [[*_header("handcrafted", remark), kind]]
    if chosen.by_speaker:
        line = 'speaker_normalisation = "standard"'
        by_speaker = line + _beside(line, "against the speaker's other recordings")
        blocks = [[*_header(BY_SPEAKER, remark), kind, by_speaker]]
    blocks += [_learned(name, chosen) for name in chosen.learned]
    if chosen.by_speaker:
        plain = "as they are: what `semisup predict` can use"
        blocks.append([*_header("handcrafted", plain), kind])
    return blocks


def _learned(name: str, chosen: Choices) -> list[str]:
    remark, lines = _LEARNED[name]
    block = [*_header(name, remark), *(lines or [f'kind = "{name}"'])]
    if not chosen.has_unlabelled and name.endswith("_pca"):
        line = 'fit_on = "train"'
        block.append(line + _beside(line, "there is no unlabelled subset"))
    return block


def _header(name: str, remark: str) -> list[str]:
    header = f"[representations.{name}]"
    return [header + _beside(header, remark)]


def _curve(chosen: Choices) -> tuple[dict[str, Any], dict[str, str]]:
    keys = {
        "classifiers": list(CLASSIFIERS),
        "percentages": chosen.percentages,
        "draws": chosen.draws,
    }
    return keys, {
        "percentages": "of the labelled recordings",
        "draws": "random orders of them",
    }


def _lines(keys: dict[str, Any], remarks: dict[str, str]) -> list[str]:
    lines = []
    for key, value in keys.items():
        line = f"{key} = {value_text(value)}"
        lines += _with_remark(line, remarks.get(key, ""))
    return lines


def _with_remark(line: str, remark: str) -> list[str]:
    if not remark:
        return [line]
    # one that would not fit stands above
    beside = line + _beside(line, remark)
    above = wrap(remark, 98, break_long_words=False, break_on_hyphens=False)
    return [beside] if len(beside) <= 100 else [*map(_comment, above), line]


def _beside(line: str, remark: str) -> str:
    return " " * max(2, COLUMN - len(line)) + _comment(remark)


def _comment(text: str) -> str:
    """Write a comment; names of files may hold what would end it."""
    return "# " + "".join(mark if mark.isprintable() else "?" for mark in text)


def value_text(value: Any) -> str:
    """Write a value as TOML has it."""
    match value:
        case str():
            return _string(value)
        case dict():
            items = ", ".join(f"{_key(key)} = {value_text(one)}" for key, one in value.items())
            return f"{{ {items} }}"
        case list():
            return f"[{', '.join(map(value_text, value))}]"
    return str(value)


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("_", "").isalnum() else _string(name)


def _string(text: str) -> str:
    """Write a string of TOML: as it is where it has backslashes, as patterns do."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
