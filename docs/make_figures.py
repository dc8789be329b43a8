"""Write FIGURES.md: every figure, what it needs and which options it takes, from their table.

`python docs/make_figures.py`; a test fails if the page is not what this writes.
"""

from pathlib import Path

from semisup.figures.catalogue import FIGURES, FigureKind

HEAD = """# Figures

`semisup plot files/<study>/scores.parquet -o FIGURE.png --kind <kind>` draws any of them again; the
suffix may be .png, .svg or .pdf. What a figure needs lies beside the scores in a finished study.
Written by `docs/make_figures.py`.
"""


def page() -> str:
    """Return the page as text."""
    return "\n".join([HEAD, *map(_section, FIGURES.values())])


def _section(kind: FigureKind) -> str:
    needs = ", ".join(dict.fromkeys(f"`{need.files}`" for need in kind.needs))
    options = [f"- `--{option.name}`: {option.summary}" for option in kind.options]
    lines = [f"## {kind.name}", "", f"Shows {kind.summary}.", ""]
    lines += [f"Needs {needs}.", ""] * bool(needs)
    lines += [*options, ""] * bool(options)
    return "\n".join(lines)


if __name__ == "__main__":
    Path(__file__).with_name("FIGURES.md").write_text(page())
