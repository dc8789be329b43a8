"""Words that programs write where there is nothing, and that are no name of a person or class."""

#: In lower case. Not "na", which may be somebody's initials.
_BLANKS = frozenset({"nan", "nat", "none", "null", "unknown", "n/a", "<na>"})


def is_blank(text: str) -> bool:
    """Tell whether a cell says that there is nothing in it.

    Examples
    --------
    >>> is_blank("NaN"), is_blank("Unknown "), is_blank("NA"), is_blank("Nancy")
    (True, True, False, False)
    """
    return text.strip().casefold() in _BLANKS
