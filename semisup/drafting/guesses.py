"""Which field of the paths is the class and which the speaker: points for what speaks for each.

In: fields of paths (`semisup.drafting.fields`). Out: the best field, or None where none is likely.
The points are few and written out below: whoever is asked sees the guess with examples.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from math import log, log2
from statistics import median

from semisup.corpora import VALENCE
from semisup.drafting.fields import Field

#: More classes than this are names of something else.
MOST_CLASSES = 100
#: Points from which on a field is taken for the class, or for the speaker.
ENOUGH_FOR_CLASS, ENOUGH_FOR_SPEAKER = 1.5, 2.0

#: What emotions are called beside the words of `semisup.corpora`, and abbreviated.
_EMOTIONS = {
    *(*VALENCE, "surprise", "surprised", "excited", "excitement", "frustrated", "contempt"),
    *("sleepy", "amused", "sleepiness", "amusement", "ps", "pleasant", "joyful", "fearfull"),
    *("ang", "hap", "neu", "fea", "dis", "sur", "exc", "fru", "positive", "negative"),
}
_GENDERS = {"m", "f", "male", "female", "man", "woman", "men", "women", "w"}
#: Parts of a corpus, and folders that hold everything.
_PARTS = re.compile(
    r"train(ing)?|test(ing)?|dev(el(opment)?)?|val(id(ation)?)?|eval(uation)?|fold[ _-]?\d+|audios?"
    r"|wavs?|mp3s?|flac|clips?|part[ _-]?\d+|session[ _-]?\d+|batch[ _-]?\d+",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"(speaker|spea?ke?r|spk|actor|actress|subject|subj|sub|participant|person|patient|child|kid"
    r"|singer|user|client|voice|talker|informant|proband|vp|female|male)[ _-]?\d+[a-z]?",
    re.IGNORECASE,
)
#: A letter or three and a number, as s01 or WR0, or initials, as DC.
_CODE = re.compile(r"[A-Za-z]{1,3}\d{1,4}|[A-Z]{2,3}")


def class_field(fields: Sequence[Field]) -> Field | None:
    """Return the field that is most likely the class."""
    return _best(fields, _points_of_class, ENOUGH_FOR_CLASS)


def speaker_field(fields: Sequence[Field], classes: Sequence[str]) -> Field | None:
    """Return the field that is most likely the speaker.

    Parameters
    ----------
    fields : sequence of Field
    classes : sequence of str
        The class of each path, "" where it has none.
    """
    others = [
        field
        for field in fields
        if not _tells(classes, field.texts) and not _names(field.texts, classes)
    ]
    counter = _counter(others, classes)
    left = [field for field in others if field is not counter]
    return _best(left, lambda field: _points_of_speaker(field, classes), ENOUGH_FOR_SPEAKER)


def _best(fields: Sequence[Field], points: Callable[[Field], float], enough: float) -> Field | None:
    scored = [(points(field), -field.place, field) for field in fields]
    best = max(scored, key=lambda row: row[:2], default=None)
    return best[2] if best and best[0] >= enough else None


def _points_of_class(field: Field) -> float:
    """Return the points of a field as the class: words, few, in balance, the first folder."""
    counts = field.counts
    if len(counts) > min(MOST_CLASSES, sum(counts.values()) // 2) or median(counts.values()) < 2:
        return -9.0
    return (
        5.0 * _mostly(counts, lambda value: value.lower() in _EMOTIONS)
        + 2.0 * _mostly(counts, lambda value: not any(map(str.isdigit, value)))
        + 2.5 * (field.is_folder and field.place == 0)
        + 0.5 * field.is_folder
        + _balance(counts)
        - 0.5 * log2(len(counts))
        - 4.0 * _mostly(counts, lambda value: value.isdecimal())
        - 4.0 * _mostly(counts, lambda value: bool(_PERSON.fullmatch(value)))
        - 1.5 * _mostly(counts, lambda value: bool(_CODE.fullmatch(value)))
        - 4.0 * _mostly(counts, lambda value: bool(_PARTS.fullmatch(value)))
        - 4.0 * all(value.lower() in _GENDERS for value in counts)
    )


def _points_of_speaker(field: Field, classes: Sequence[str]) -> float:
    """Return the points of a field as the speaker: names of persons, in many classes, early."""
    counts = field.counts
    total = sum(counts.values())
    if total < 2 * len(counts):
        return -9.0
    return (
        3.0 * _mostly(counts, lambda value: bool(_PERSON.fullmatch(value)))
        + 1.5 * _mostly(counts, lambda value: bool(_CODE.fullmatch(value)))
        + 1.0 * _mostly(counts, lambda value: not any(map(str.isdigit, value)))
        + 1.0 * field.is_folder
        + 1.0 * _is_crossed(field, classes)
        + _balance(counts)
        + 0.5 * (4 <= len(counts) <= 500)
        - 1.0 * (len(counts) < 4)
        - 0.2 * field.place
        - 4.0 * _mostly(counts, lambda value: bool(_PARTS.fullmatch(value)))
        - 4.0 * all(value.lower() in _GENDERS for value in counts)
    )


def _counter(fields: Sequence[Field], classes: Sequence[str]) -> Field | None:
    """Return the last field if it numbers the recordings of what the others name, else None."""
    if not fields:
        return None
    last = max(fields, key=lambda field: field.place)
    if not _mostly(last.counts, str.isdecimal):
        return None
    others = [field.texts for field in fields if field is not last]
    names = list(zip(classes, *others, last.texts, strict=True))
    return last if len(set(names)) >= 0.98 * len(names) or not others else None


def _mostly(values: Iterable[str], test: Callable[[str], bool]) -> bool:
    held = [test(value) for value in values]
    return sum(held) >= 0.7 * len(held)


def _balance(counts: dict[str, int]) -> float:
    """Return the entropy of the values as a share of the largest that so many can have."""
    total = sum(counts.values())
    shares = [count / total for count in counts.values()]
    return -sum(share * log(share) for share in shares) / log(len(shares))


def _is_crossed(field: Field, classes: Sequence[str]) -> bool:
    """Tell whether half of the values are in several classes."""
    of_value = defaultdict(set)
    for value, label in zip(field.texts, classes, strict=True):
        if value and label:
            of_value[value].add(label)
    return median(map(len, of_value.values())) > 1 if of_value else False


def _names(values: Sequence[str], classes: Sequence[str]) -> bool:
    """Tell whether values have the name of their class in them, and so divide a person's."""
    pairs = zip(values, classes, strict=True)
    return all(len(label) > 2 and label.lower() in value.lower() for value, label in pairs)


def _tells(known: Sequence[str], values: Sequence[str]) -> bool:
    """Tell whether whoever knows the class knows the value: it is the class, or a group of it."""
    pairs = {(a, b) for a, b in zip(known, values, strict=True) if a and b}
    return bool(pairs) and len(pairs) <= len({a for a, _ in pairs})
