"""Tables for papers: LaTeX with booktabs rules."""

import pandas as pd

from semisup.report._words import MISSING

_ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "\N{MINUS SIGN}": "$-$",
}  # fmt: skip


def escape(text: str) -> str:
    r"""Write any text so that LaTeX prints it as it is, on one line.

    Examples
    --------
    >>> print(escape("random_forest & 5 %"))
    random\_forest \& 5 \%
    """
    return " ".join("".join(_ESCAPES.get(letter, letter) for letter in text).split())


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
    numeric = [pd.api.types.is_numeric_dtype(table[name]) for name in table.columns]
    rows = [escape_row(map(str, table.columns))]
    body = [escape_row(map(_write, row)) for row in table.itertuples(index=False, name=None)]
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{escape(caption)}}}",
            rf"\label{{tab:{label}}}",
            rf"\begin{{tabular}}{{{''.join('r' if right else 'l' for right in numeric)}}}",
            r"\toprule",
            *rows,
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def escape_row(cells: "map[str]") -> str:
    """Join the cells of one row."""
    return " & ".join(map(escape, cells)) + r" \\"


def _write(value: object) -> str:
    if isinstance(value, float):
        if value != value:
            return MISSING
        text = f"{value:.0f}" if value == round(value) and abs(value) >= 1 else f"{value:.3f}"
        return text.replace("-", "\N{MINUS SIGN}")
    return str(value)
