"""From a study file to a checked study: keys, values, names and what fits together, all at once."""

from semisup.reading.file import QUICKSTART, Draft, parse_study, read_draft, read_study

__all__ = ["QUICKSTART", "Draft", "parse_study", "read_draft", "read_study"]
