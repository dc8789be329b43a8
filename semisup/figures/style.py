"""The style of all figures, and their way into files.

In: names that need a colour, an Axes that needs words, a finished Figure. Out: keyword arguments
for matplotlib, and png, svg or pdf files whose bytes depend on the figure alone. Nothing here (nor
in any figure) touches pyplot, so figures can be drawn without a screen and from any thread.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from re import sub
from typing import TYPE_CHECKING, Any, TypedDict

from semisup.engine.artefacts import write_whole
from semisup.errors import SpecError
from semisup.figures.fonts import drawable, fit
from semisup.figures.look import look
from semisup.figures.wrapping import settle
from semisup.metrics import METRICS
from semisup.study.controls import Control, control_in, controlled, without_controls

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

#: Okabe and Ito's colours, told apart by colour-blind readers (https://jfly.uni-koeln.de/color/);
#: their yellow is left out, as it can't be seen on white paper.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
#: A line style of matplotlib: its name, or an offset with lengths of ink and gap in line widths.
Dash = str | tuple[float, tuple[float, ...]]
DASHES: tuple[Dash, ...] = ("-", (0, (5, 1.5)), (0, (6, 1.5, 1.5, 1.5)), (0, (2, 1)))
GREY = "#555555"

#: Letters of a label that a figure has room for.
LONGEST_LABEL = 24

#: What savefig must leave out so that the same figure gives the same bytes on any day.
_METADATA: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
}
#: Element ids of an svg are random without a salt. Its text is text, which can be searched and
#: edited; fonts of type 42 are what journals accept.
_FILES: Any = {"svg.hashsalt": "semisup", "svg.fonttype": "none", "pdf.fonttype": 42}
_NAMES = {
    "adaboost": "AdaBoost",
    "code": "Code features",
    "handcrafted": "Hand-crafted features",
    "knn": "k nearest neighbours",
    "argmax": "Largest output",
    "cnn_1d": "1-D CNN",
    "cnn_2d": "2-D CNN",
    "finetune": "Fine-tuning",
    "fixmatch": "FixMatch",
    "logmel_pca": "Log-mel PCA",
    "logmel_statistics": "Log-mel statistics",
    "svm": "Support vector machine",
    "two_layer_network": "Two-layer network",
    "tree": "Decision tree",
    **{name: metric.title for name, metric in METRICS.items()},
}
#: Dashes of controls, whose lines are thin and have the colour of what they are controls of.
CONTROL_DASHES: dict[Control, Dash] = {
    "untrained": (0, (1, 1.5)),
    "descriptors": (0, (4, 2)),
    "random": (0, (4, 1.5, 1, 1.5)),
}
#: What a name may begin with to be a variant of another: the rest stands in brackets.
_VARIANTS = ("code", "handcrafted", "descriptors")
#: What names of representations that are normalised by speaker end with by custom.
_BY_SPEAKER = "_speaker"
_CONTROLS: dict[Control, str] = {
    "untrained": "untrained",
    "descriptors": "its descriptors",
    "random": "random projection",
}
#: Ways to learn from unlabelled rows that have a classifier within them, whose name follows.
_ON_A_BASE = {"self_training_": "Self-training", "pseudo_label_": "Pseudo-labels"}
_SPELLINGS = {
    "egemaps": "eGeMAPS",
    "hubert": "HuBERT",
    "opensmile": "openSMILE",
    "tcvae": "TCVAE",
    "vgg16": "VGG16",
    "wav2vec2": "wav2vec 2.0",
    "wavlm": "WavLM",
    **{
        name: name.upper() for name in ("clap", "cnn", "hear", "lstm", "mfcc", "pca", "stft", "svm")
    },
}


def words(name: str) -> str:
    """Write a name of a study as a paper would print it.

    Examples
    --------
    >>> words("random_forest"), words("pca_mfcc"), words("code_log.untrained")
    ('Random forest', 'PCA MFCC', 'Code features (log), untrained')
    >>> words("handcrafted_speaker"), words("self_training_knn")
    ('Hand-crafted features (speaker)', 'Self-training, k nearest neighbours')
    >>> words("logmel_statistics_speaker"), words("pseudo_label_random_forest")
    ('Log-mel statistics (speaker)', 'Pseudo-labels, random forest')
    >>> words("svm_asking"), words("svm")
    ('SVM asking', 'Support vector machine')
    >>> words("wavlm.layer_07.untrained")
    'WavLM, layer 7, untrained'
    """
    if name in _NAMES:
        return _NAMES[name]
    control = control_in(name)
    if control:
        return f"{words(name.removesuffix(f'.{control}'))}, {_CONTROLS[control]}"
    owner, _, layer = name.rpartition(".layer_")
    if owner and layer.isdigit():
        return f"{words(owner)}, layer {int(layer)}"
    if "+" in name:
        return " + ".join(words(part) for part in name.split("+"))
    if name.endswith(_BY_SPEAKER) and name != _BY_SPEAKER:
        return f"{words(name.removesuffix(_BY_SPEAKER))} (speaker)"
    for prefix, method in _ON_A_BASE.items():
        if name.startswith(prefix):
            return f"{method}, {phrase(name.removeprefix(prefix))}"
    first, *rest = [_SPELLINGS.get(word, word) for word in name.split("_") if word] or [name]
    if first in _VARIANTS and rest:
        return plain(f"{words(first)} ({' '.join(rest)})")
    if first not in _SPELLINGS.values():
        first = first[:1].upper() + first[1:]
    return plain(" ".join([first, *rest]))


def phrase(name: str) -> str:
    """Write a name as it stands within a sentence.

    Examples
    --------
    >>> phrase("handcrafted"), phrase("adaboost"), phrase("pca_mfcc")
    ('hand-crafted features', 'AdaBoost', 'PCA MFCC')
    """
    if "+" in name:
        return " + ".join(phrase(part) for part in name.split("+"))
    return lowered(words(name))


def lowered(title: str) -> str:
    """Begin a title with a small letter, unless it begins with a proper name such as VGG16."""
    is_ordinary = title.split(" ")[0][1:].islower()
    return title[:1].lower() + title[1:] if is_ordinary else title


def plain(text: str) -> str:
    """Keep matplotlib from reading dollar signs as mathematics, and from drawing empty boxes."""
    return sub(r"(?<!\\)\$", r"\\$", drawable(text))


def label_text(name: str) -> str:
    r"""Write a label, or another name that may be any text, on one line that is not too long.

    Examples
    --------
    >>> label_text("very\nsad"), label_text("sad" * 20)
    ('very sad', 'sadsadsadsadsa...dsadsad')
    """
    return plain(shortened(name))


def shortened(name: str, most: int = LONGEST_LABEL) -> str:
    """Write any text on one line of so many letters at most, the middle left out."""
    line = drawable(" ".join(name.split()))
    if len(line) <= most:
        return line
    begin = most * 7 // 12
    return f"{line[:begin]}...{line[begin + 3 - most :]}"


class LineStyle(TypedDict):
    """Keyword arguments of a line."""

    color: str
    marker: str
    linestyle: Dash
    linewidth: float


def line_styles(names: Iterable[str]) -> dict[str, LineStyle]:
    """Give each name a colour, a marker and a dash by its place in the order.

    The three cycle with different periods, so that lines can be told apart in grey and no two of
    the first 28 are alike. Controls take no place: theirs are thin, without markers, and of the
    colour of what they are controls of.
    """
    names = list(names)
    styles: dict[str, LineStyle] = {
        name: {
            "color": COLOURS[i % len(COLOURS)],
            "marker": MARKERS[i % len(MARKERS)],
            "linestyle": DASHES[i % len(DASHES)],
            "linewidth": 1.4,
        }
        for i, name in enumerate(without_controls(names))
    }
    return {name: styles.get(name) or _control_style(name, names, styles) for name in names}


def _control_style(name: str, names: Sequence[str], styles: Mapping[str, LineStyle]) -> LineStyle:
    control, owner = control_in(name), controlled(name, names)
    # all others have a style
    assert control
    assert owner
    return {
        "color": styles[owner]["color"] if owner in styles else GREY,
        "marker": "",
        "linestyle": CONTROL_DASHES[control],
        "linewidth": 1.0,
    }


def new_figure(width: float, height: float) -> "Figure":
    """Make a figure that no window and no global list knows of; sizes in inches."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    # Wide enough that the last tick label of a panel stays clear of the first of the next.
    engine = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.04)
    return Figure(figsize=(width, height), dpi=look().dots, layout=engine)


def new_axes(width: float | None = None, height: float | None = None) -> "Axes":
    """Make a figure of one Axes, which knows its figure as ``ax.figure``."""
    across = look().one if width is None else width
    # a wide one is flat; what is above and below the Axes are three lines of text
    tall = min(across * look().aspect * 0.85, 22 * look().em) + 3 * look().em
    down = tall if height is None else height
    return new_figure(across, down).subplots()


def dress(ax: "Axes", title: str = "", x: str = "", y: str = "", is_panel: bool = False) -> None:
    """Write title and axis labels and give an Axes the look of all figures.

    The title of a panel, one of several, is smaller.
    """
    sizes, ink = look(), look().ink
    ax.set_title(title, fontsize=sizes.text if is_panel else sizes.title)
    ax.set_xlabel(x, fontsize=sizes.text)
    ax.set_ylabel(y, fontsize=sizes.text)
    ax.tick_params(labelsize=sizes.tick, width=0.8 * ink, length=3 * ink)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(visible=True, color="#dddddd", linewidth=0.6 * ink)
    ax.set_axisbelow(True)


def finish(figure: "Figure") -> None:
    """Choose fonts, break lines and fix the layout, so that each file of a figure is the same."""
    fit(figure)
    settle(figure)
    # Each drawing moves a constrained layout a little further: the second file of a figure would
    # not have the bytes of the first.
    figure.draw_without_rendering()
    figure.set_layout_engine("none")


def save(drawing: "Figure | SubFigure | Axes", path: Path) -> Path:
    """Write a figure, or the one that an Axes is in, as png, svg or pdf.

    The layout is fixed from then on.

    Raises
    ------
    SpecError
        If the suffix is another.
    """
    import matplotlib

    figure: Any = drawing.figure
    suffix = path.suffix.lower()
    if suffix not in _METADATA:
        raise SpecError(
            f"Figures can be written as png, svg or pdf, by the suffix; found '{path.name}'"
        )
    finish(figure)

    def write(partial: Path) -> None:
        with matplotlib.rc_context(_FILES):
            figure.savefig(partial, format=suffix[1:], dpi="figure", metadata=_METADATA[suffix])

    return write_whole(path, write)
