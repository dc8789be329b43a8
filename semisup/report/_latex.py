"""Tables for papers: LaTeX with booktabs rules, laid out by pandas."""

import pandas as pd

from semisup.report._words import MISSING

# pandas escapes neither < and > (which old font encodings print as other signs) nor the true minus
# sign nor line ends, and puts \space after what it does escape.
_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "\N{MINUS SIGN}": "$-$",
        **{letter: f"\\{letter}" for letter in "&%$#_{}"},
    }
)


def escape(text: str) -> str:
    r"""Write any text so that LaTeX prints it as it is, on one line.

    Examples
    --------
    >>> print(escape("random_forest & 5 %"))
    random\_forest \& 5 \%
    """
    return " ".join(text.translate(_ESCAPES).split())


def latex(table: pd.DataFrame, caption: str, label: str) -> str:
    r"""Write a table as a float that needs ``\usepackage{booktabs}`` only.

    Parameters
    ----------
    table : DataFrame
        Text is written as it is, numbers with three digits, NaN as "-".
    caption : str
    label : str
        Goes into ``\label{tab:...}``.
    """
    heads = [escape(str(name)) for name in table.columns]
    styler = table.set_axis(heads, axis=1).style.hide(axis="index").format(_cell)
    return styler.to_latex(
        hrules=True, position_float="centering", caption=escape(caption), label=f"tab:{label}"
    )


def _cell(value: object) -> str:
    if not isinstance(value, float):
        return escape(str(value))
    if value != value:  # NaN
        return MISSING
    text = f"{value:.0f}" if value == round(value) and abs(value) >= 1 else f"{value:.3f}"
    return escape(text.replace("-", "\N{MINUS SIGN}"))
