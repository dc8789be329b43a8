"""Draw what `learning_needs.py` wrote: what learning added, over updates and over unlabelled audio.

``python experiments/draw_learning_needs.py OUT.png RAVDESS=a.csv nEMO=b.csv``
"""

import sys

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import pandas as pd

TITLES = {"updates": "Updates", "share": "Unlabelled recordings (all updates)"}


def draw(tables: dict[str, pd.DataFrame], path: str) -> None:
    """Draw two panels a corpus; a line a label budget, with 95 % intervals."""
    figure, grid = plt.subplots(
        len(tables), 2, figsize=(9, 3.1 * len(tables)), sharey=True, squeeze=False
    )
    for axes, (name, table) in zip(grid, tables.items(), strict=True):
        for ax, what in zip(axes, TITLES, strict=True):
            rows, ticks = _places(table, what)
            for shift, (percentage, line) in zip(
                (-0.06, 0.06), rows.groupby("percentage"), strict=True
            ):
                ends = [line["gain"] - line["gain_low"], line["gain_high"] - line["gain"]]
                label = f"{percentage:g} % of the labels"
                style = "o-" if what == "updates" else "o"
                ax.errorbar(line["place"] + shift, line["gain"], ends, fmt=style, label=label)
            ax.axhline(0, color="0.4", lw=0.8)
            ax.set_xticks(range(len(ticks)), ticks)
            ax.set_xlabel(TITLES[what])
            ax.spines[["top", "right"]].set_visible(False)
        axes[0].set_ylabel(f"{name}: UAR over the\nuntrained network")
    grid[0, 0].legend(frameon=False, loc="upper left")
    figure.tight_layout()
    figure.savefig(path, dpi=150)


def _places(table: pd.DataFrame, what: str) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows of a panel with their places, and what the places are called."""
    kind, _, value = table["variant"].str.rpartition("_").T.to_numpy()[:3]
    table = table.assign(kind=kind, count=value.astype(int))
    if what == "updates":
        rows = table[table["kind"] == "updates"]
        counts = sorted(rows["count"].unique())
        return rows.assign(place=rows["count"].map(counts.index)), [f"{n:,}" for n in counts]
    whole = (table["kind"] == "updates") & (table["count"] == table["count"].max())
    kinds = table["kind"].where(~whole, "share_100")
    names = [kind for kind in dict.fromkeys(kinds) if kind.startswith(("share", "with"))]
    order = sorted(names, key=lambda kind: (kind.startswith("with"), int(_digits(kind))))
    ticks = [
        f"all + {kind.removeprefix('with_')}" if kind.startswith("with") else f"{_digits(kind)} %"
        for kind in order
    ]
    rows = table[kinds.isin(order)]
    return rows.assign(place=kinds[rows.index].map(order.index)), ticks


def _digits(kind: str) -> str:
    return "".join(letter for letter in kind if letter.isdigit()) or "0"


if __name__ == "__main__":
    out, *named = sys.argv[1:]
    files = dict(word.split("=", 1) for word in named)
    draw({name: pd.read_csv(file) for name, file in files.items()}, out)
