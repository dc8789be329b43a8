"""A study file of feature tables alone: a list of recordings, and their features beside it."""

_STUDY = """
name = "NAME"
[corpus]
adapter = "table"
path = "list.csv"
audio = false
[split]
fractions = { labelled = 0.5, test = 0.5 }
[representations.mine]
kind = "table"
path = "mine.csv"
"""


def table_study(name: str) -> str:
    """Return the text of the file."""
    return _STUDY.replace("NAME", name)
