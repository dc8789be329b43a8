"""Write FIGURES.md: every figure, what it needs and which options it takes, from their table.

`python docs/make_figures.py`; a test fails if the page is not what this writes.
"""

from pathlib import Path

from semisup.figures.catalogue import FIGURES, FigureKind
from semisup.figures.options import OF_EVERY

HEAD = """# Figures

`semisup plot files/<study>/scores.parquet -o FIGURE.png --kind <kind>` draws any of them again; the
suffix may be .png, .svg (text stays text) or .pdf (with its fonts). What a figure needs lies beside
the scores in a finished study. From Python: `result.figure(kind, ...)` and
`result.save_figure(kind, path, ...)` with the same options. Written by `docs/make_figures.py`.

Figures have the size that a paper of two columns prints them in, and letters of 7 to 9 points: one
column where there is a single panel, the whole page where there are several. Every kind takes:

"""


def page() -> str:
    """Return the page as text."""
    of_every = [f"- `--{name}`: {summary}" for name, summary in OF_EVERY.items()]
    return "\n".join([HEAD + "\n".join(of_every), "", *map(_section, FIGURES.values())])


def _section(kind: FigureKind) -> str:
    needs = ", ".join(dict.fromkeys(f"`{need.files}`" for need in kind.needs))
    options = [f"- `--{option.name}`: {option.summary}" for option in kind.options]
    lines = [f"## {kind.name}", "", f"Shows {kind.summary}.", ""]
    lines += [f"Needs {needs}.", ""] * bool(needs)
    lines += [*options, ""] * bool(options)
    return "\n".join(lines)


if __name__ == "__main__":
    Path(__file__).with_name("FIGURES.md").write_text(page())
