"""From a study file to a checked study: keys, values, names and what fits together, all at once."""

from semisup.reading.file import QUICKSTART, parse_study, read_study

__all__ = ["QUICKSTART", "parse_study", "read_study"]
