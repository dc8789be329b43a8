"""Labels and speakers found in paths, renamed and chosen, as the study asks for.

In: the scan table of an adapter. Out: the same rows with other labels, speakers and reasons.
"""

import re
from collections.abc import Iterable

import pandas as pd
from pydantic import Field, ValidationInfo, field_validator

from semisup.errors import CorpusError
from semisup.study.spec import CorpusSpec

#: Classes that an error lists at most.
MOST_LISTED = 20


class Naming(CorpusSpec):
    """`[corpus]` keys of adapters that know neither labels nor speakers of their own."""

    speaker_pattern: str | None = Field(
        None,
        description="regular expression searched in the path below the root; its group 'speaker', "
        "or its first, is the speaker; left out, those of folders are unknown",
    )
    label_pattern: str | None = Field(
        None, description="the same for the label: its group 'label', or its first"
    )
    classes: list[str] | None = Field(
        None, min_length=1, description="labels, as renamed, that are used; all if left out"
    )

    @field_validator("speaker_pattern", "label_pattern")
    @classmethod
    def _has_a_group(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return value
        try:
            groups = re.compile(value).groups
        except re.error as error:
            raise ValueError(f"'{value}' is not a regular expression: {error}") from error
        if groups == 0:
            what = str(info.field_name).removesuffix("_pattern")
            raise ValueError(f"'{value}' has no group in parentheses to take the {what} from")
        return value


def named(scanned: pd.DataFrame, options: Naming, place: str, content: str = "") -> pd.DataFrame:
    """Take labels and speakers from paths, rename labels and leave out those not asked for.

    Parameters
    ----------
    scanned : DataFrame
        Columns as `SCAN_COLUMNS`.
    options : Naming
    place : str
        Where the rows come from, as an error names it.
    content : str
        What a class must have to count, for the same error.

    Raises
    ------
    CorpusError
        If no row has a label that is to be renamed or used.
    """
    table = scanned
    if options.speaker_pattern is not None:
        speaker, why = _search(table["path"], "speaker", options.speaker_pattern)
        # whoever it is, it could be in any subset
        table = table.assign(
            speaker=speaker, reason=table["reason"].mask(table["reason"] == "", why)
        )
    if options.label_pattern is not None:
        label, why = _search(table["path"], "label", options.label_pattern)
        table = table.assign(label=label, no_label=why)
    table = renamed(table, options.map_labels, place, content)
    return table if options.classes is None else _chosen(table, options.classes, place, content)


def _search(paths: pd.Series, what: str, pattern: str) -> tuple[pd.Series, pd.Series]:
    """Return what a pattern finds in every path, and why it finds nothing, "" where it does."""
    names, reasons = [], []
    for match in (re.search(pattern, path) for path in paths):
        # a group of alternatives may match nothing, or take no part in the match
        name = (match[what if what in match.re.groupindex else 1] or "") if match else ""
        problem = f"finds no {what} in" if match else "does not match"
        names.append(name)
        reasons.append("" if name else f"{what}_pattern '{pattern}' {problem} its path")
    return pd.Series(names, paths.index, dtype=object), pd.Series(
        reasons, paths.index, dtype=object
    )


def renamed(
    table: pd.DataFrame, names: dict[str, str], place: str, content: str = ""
) -> pd.DataFrame:
    """Give labels other names; one that is to be "" is left out.

    Raises
    ------
    CorpusError
        If no row has a label that is to be renamed.
    """
    _check_there(table["label"], names, place, content)
    label = table["label"].map(lambda label: names.get(label, label))
    why = "map_labels leaves out the label '" + table["label"] + "'"
    emptied = (label == "") & (table["label"] != "")
    return table.assign(label=label, no_label=table["no_label"].mask(emptied, why))


def _chosen(table: pd.DataFrame, classes: list[str], place: str, content: str) -> pd.DataFrame:
    _check_there(table["label"], classes, place, content)
    why = ("its label '" + table["label"] + "' is not in classes").where(
        table["label"] != "", table["no_label"]
    )
    left_out = (table["reason"] == "") & ~table["label"].isin(classes)
    return table.assign(reason=table["reason"].mask(left_out, why))


def _check_there(labels: pd.Series, wanted: Iterable[str], place: str, content: str) -> None:
    """Refuse names that no row has: one of them is misspelt."""
    there = sorted(set(labels) - {""})
    missing = sorted(set(wanted) - set(there))
    if missing:
        more = ", ..." * (len(there) > MOST_LISTED)
        raise CorpusError(
            f"{place} has no class {', '.join(missing)}{content}; "
            f"it has {', '.join(there[:MOST_LISTED]) or 'none'}{more}"
        )
