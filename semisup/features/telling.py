"""Features that tell a label, or who speaks, by themselves: codes that slipped into a table.

In: a feature table and the name that each recording has. Out: warnings.
"""

import pandas as pd

from semisup.features.tables import feature_names


def warnings(table: pd.DataFrame, name: str, labels: pd.Series, speakers: pd.Series) -> list[str]:
    """Warn of features of which every value belongs to one label, or to one speaker.

    Parameters
    ----------
    table : DataFrame
        A feature table.
    name : str
        Of the representation.
    labels, speakers : Series of str
        By recording; "" where there is none.
    """
    return [
        f"'{name}' has the feature '{feature}', each value of which belongs to one {what}: "
        f"is it made from the {what}?"
        for what, names in (("label", labels), ("speaker", speakers))
        for feature in telling(table, names)
    ]


def telling(table: pd.DataFrame, names: pd.Series) -> list[str]:
    """Return the features of which every value belongs to one name.

    Of measured values hardly two are equal, and each belongs to one name of course: a feature
    counts only where a value stands for two recordings or more on average.

    Parameters
    ----------
    table : DataFrame
        A feature table.
    names : Series of str
        By recording; recordings with "", or of which there is none, do not count.
    """
    owner = table["recording"].map(names).fillna("")
    rows, owner = table[owner != ""], owner[owner != ""]
    most = rows["recording"].nunique() / 2
    if owner.nunique() < 2:
        return []
    return [
        feature
        for feature in feature_names(rows)
        if rows[feature].nunique() <= most and _is_code(rows[feature], owner)
    ]


def _is_code(values: pd.Series, owner: pd.Series) -> bool:
    pairs = pd.DataFrame({"value": values, "owner": owner}).drop_duplicates()
    return not pairs["value"].duplicated().any()
