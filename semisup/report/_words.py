"""Numbers and names as a reader sees them."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from semisup.figures.panel import labels_used
from semisup.figures.panel import name_of as classifier_name
from semisup.figures.style import lowered, words
from semisup.study.wholes import WHOLE

__all__ = [
    "MISSING",
    "classifier_name",
    "count",
    "in_sentence",
    "interval",
    "is_plural",
    "labels_used",
    "listed",
    "name_of",
    "number",
    "short",
    "system_in_sentence",
    "system_name",
]

MISSING = "-"
#: How names of representations end that stand for several things.
_PLURALS = ("features", "descriptors", "statistics", "frames", "coefficients")


def name_of(name: str) -> str:
    """Write a name of the study as figures do, without what is for matplotlib only."""
    return words(name).replace(r"\$", "$")


def in_sentence(name: str) -> str:
    """Write the name of a representation or classifier as it stands within a sentence.

    Examples
    --------
    >>> in_sentence("code_log"), in_sentence("vgg16"), in_sentence("adaboost")
    ('code features (log)', 'VGG16', 'AdaBoost')
    """
    if "+" in name:
        return " + ".join(map(in_sentence, name.split("+")))
    title = classifier_name(name).replace(r"\$", "$")
    # a capital that the study file has stays
    return lowered(title) if name[:1].islower() else title


def is_plural(name: str) -> bool:
    """Tell whether the name of a representation is that of several things, as of features."""
    return classifier_name(name).split(" (")[0].endswith(_PLURALS)


def system_in_sentence(classifier: str, representation: str) -> str:
    """Write a system as it stands within a sentence.

    Examples
    --------
    >>> system_in_sentence("svm", "handcrafted")
    'support vector machine on hand-crafted features'
    """
    if classifier == WHOLE:
        return in_sentence(representation)
    return f"{in_sentence(classifier)} on {in_sentence(representation)}"


def system_name(classifier: str, representation: str) -> str:
    """Write a system.

    Examples
    --------
    >>> system_name("svm", "mel_pooled")
    'Support vector machine on Mel pooled'
    """
    if classifier == WHOLE:
        return name_of(representation)
    return f"{classifier_name(classifier)} on {name_of(representation)}"


def number(value: float, digits: int = 3) -> str:
    """Write a number with a true minus sign; "-" where there is none.

    Examples
    --------
    >>> number(0.12345), number(float("nan"))
    ('0.123', '-')
    """
    if value is None or not np.isfinite(value):
        return MISSING
    text = f"{value:.{digits}f}"
    # what rounds to 0 has no sign
    return text.replace("-", "\N{MINUS SIGN}") if float(text) else text.removeprefix("-")


def interval(row: pd.Series, digits: int = 3, unit: str = "") -> str:
    """Write value, and low and high in brackets where there are any."""

    def write(value: float) -> str:
        return number(value, digits) if np.isfinite(value) else "?"

    if not np.isfinite(row["value"]):
        return MISSING
    text = f"{write(row['value'])}{unit}"
    if not np.isfinite([row["low"], row["high"]]).any():
        return text
    return f"{text} [{write(row['low'])}, {write(row['high'])}]"


def short(value: float) -> str:
    """Write a score with two digits and no leading zero; "?" where there is none.

    Examples
    --------
    >>> short(0.6519), short(-0.051), short(1.0), short(float("nan"))
    ('.65', '\u2212.05', '1.00', '?')
    """
    text = number(value, 2) if np.isfinite(value) else "?"
    return text.replace("0.", ".", 1) if abs(value) < 1 else text


def count(number_: int, noun: str) -> str:
    """Write how many.

    Examples
    --------
    >>> count(1, "speaker"), count(1200, "recording")
    ('1 speaker', '1,200 recordings')
    """
    return f"{number_:,} {noun}{'s' * (number_ != 1)}"


def listed(names: Iterable[str], last: str = "and") -> str:
    """Join names as a sentence does.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed(["a"])
    ('a, b and c', 'a')
    """
    *first, final = list(names)
    return f"{', '.join(first)} {last} {final}" if first else final
