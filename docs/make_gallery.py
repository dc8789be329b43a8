"""Write GALLERY.md, and draw its figures of the quickstart.

Run ``python docs/make_gallery.py files/quickstart`` after ``semisup run``; without a folder the
page alone is written, which a test compares with what is here.
"""

import shlex
import sys
from pathlib import Path
from textwrap import fill
from typing import NamedTuple

from PIL import Image

from semisup.figures.catalogue import FIGURES, plot_scores

DOCS = Path(__file__).parent
HEAD = """# Gallery

Figures of the [quickstart](../experiments/quickstart), generated speech of three classes, each with
the command that draws it; then some of other studies. Written by `docs/make_gallery.py`.
[Kinds of figures](FIGURES.md) lists the options, [draw figures for a paper](how-to/figures.md) says
how to use them.
"""


class Figure(NamedTuple):
    """A figure of the quickstart: its kind, its options, and what one sees."""

    kind: str
    options: dict[str, str]
    says: str

    @property
    def command(self) -> str:
        """What draws it."""
        words = [f"--{name} {shlex.quote(value)}" for name, value in self.options.items()]
        kind = [] if self.kind == "curve" else [f"--kind {self.kind}"]
        start = f"semisup plot files/quickstart/scores.csv -o {self.kind}.png"
        return " \\\n    ".join(filter(None, [start, " ".join([*kind, *words])]))


FOREST = {"classifier": "random_forest"}
CODE_LOG = {"representation": "code_log"}
QUICKSTART = [
    Figure(
        "curve",
        {"metric": "uar", **FOREST},
        "A metric against the percentage of the labels, with 95 % intervals and the chance level.",
    ),
    Figure(
        "systems",
        {"metric": "uar"},
        "Every system with all labels, the best on top.",
    ),
    Figure(
        "difference",
        {"metric": "uar", "classifier": "mean"},
        "What each representation is ahead of the hand-crafted features by, with the band that "
        "holds at all budgets at once.",
    ),
    Figure(
        "heat_map",
        {"metric": "uar", **CODE_LOG},
        "The same for every classifier at once.",
    ),
    Figure(
        "verdict_map",
        {"metric": "uar", **CODE_LOG},
        "Who is ahead, and by how much; white where the data do not tell.",
    ),
    Figure(
        "confusion",
        FOREST,
        "What is taken for what, at a few label budgets.",
    ),
    Figure("projection", {}, "The recordings in a plane, by class and by speaker."),
    Figure("durations", {}, "How long recordings are, and what each chunk length would drop."),
    Figure("loss_history", CODE_LOG, "How the training of an autoencoder went."),
]
#: Figures of other studies: the picture, the command that draws it, what one sees.
OTHERS = [
    (
        "ravdess_valence/learning_curve.png",
        "semisup plot files/ravdess_valence/scores.csv -o learning_curve.png",
        "Actors, three valence classes: with eight test speakers the three cannot be told apart.",
    ),
    (
        "ravdess_valence/importance.png",
        "semisup plot files/ravdess_valence/scores.csv -o importance.png --kind importance",
        "What is lost where test recordings get each other's features: a bar a group, then the "
        "single features that matter most.",
    ),
    (
        "ravdess_valence/clusters.png",
        "semisup plot files/ravdess_valence/scores.csv -o clusters.png --kind clusters",
        "What lies close together, found without labels: classes, or speakers.",
    ),
    (
        "gtzan_label_efficiency/learning_curve.png",
        "semisup plot files/gtzan_label_efficiency/scores.csv -o learning_curve.png \\\n"
        "    --metric accuracy",
        "Five representations of music on the same draws.",
    ),
    (
        "genre_transforms/systems.png",
        "semisup plot files/genre_transforms/scores.csv -o systems.png \\\n"
        "    --kind systems --metric accuracy",
        "Transforms times models, split by track.",
    ),
    (
        "genre_vgg16/systems.png",
        "semisup plot files/genre_vgg16/scores.csv -o systems.png \\\n"
        "    --kind systems --metric accuracy",
        "VGG16 on pictures of spectrograms: fine-tuned, frozen, and with random weights.",
    ),
    (
        "older_pickles/prefix.png",
        "semisup plot files/older_pickles/scores.csv -o prefix.png \\\n"
        "    --classifier random_forest",
        "One order of the files: a winner, it seems ...",
    ),
    (
        "older_pickles/random.png",
        "semisup plot files/older_pickles_random/scores.csv -o random.png \\\n"
        "    --classifier random_forest",
        "... and twenty orders of the same files.",
    ),
    (
        "conv_pool/learning_needs.png",
        "python experiments/draw_learning_needs.py learning_needs.png RAVDESS=a.csv nEMO=b.csv",
        "What learning added, over updates and over unlabelled recordings.",
    ),
    (
        "regression/agreement.png",
        "semisup plot files/regression_synthetic/scores.csv -o agreement.png \\\n"
        "    --kind agreement --classifier ridge",
        "Numbers predicted: a point a recording, on the dashed line where it is right.",
    ),
]
#: Characters of a line, as in all documentation.
WIDTH = 120
#: Kinds that the quickstart has nothing for.
ELSEWHERE = {"agreement", "learning", "network_history", "importance", "clusters", "queries"}


def page() -> str:
    """Write the whole file."""
    parts = [HEAD]
    for figure in QUICKSTART:
        title = FIGURES[figure.kind].summary
        parts.append(
            f"## {figure.kind}\n\n{fill(figure.says, WIDTH)}\n\n"
            f"![Shows {title}](gallery/{figure.kind}.png)\n\n"
            f"```\n{figure.command}\n```\n"
        )
    parts.append("## Of other studies\n")
    for picture, command, says in OTHERS:
        study = picture.split("/")[0]
        about = fill(f"{says} ([{study}](../experiments/{study}))", WIDTH)
        shown = f"![{study}](../experiments/{picture})"
        parts.append(f"{about}\n\n{shown}\n\n```\n{command}\n```\n")
    return "\n".join(parts)


def draw(study: Path) -> None:
    """Draw the figures of the quickstart."""
    (DOCS / "gallery").mkdir(exist_ok=True)
    for figure in QUICKSTART:
        picture = DOCS / "gallery" / f"{figure.kind}.png"
        plot_scores(study / "scores.csv", picture, figure.kind, **figure.options)
        # 128 colours: a third of the size
        Image.open(picture).convert("RGB").quantize(128).save(picture, optimize=True)
        print(picture)


if __name__ == "__main__":
    for folder in sys.argv[1:]:
        draw(Path(folder))
    (DOCS / "GALLERY.md").write_text(page(), encoding="utf-8")
