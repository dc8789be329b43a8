"""Labels, speakers and recordings of any text go through a study, figures and report."""

import html
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.cbook import is_math_text
from matplotlib.text import Text

from semisup.curve.class_names import class_names
from semisup.figures.catalogue import FIGURES
from semisup.figures.study_tables import StudyTables
from semisup.reading.file import read_study
from semisup.stages.runner import run_study

pytestmark = pytest.mark.slow
LABELS = [
    *("a\nb", "a\tb", "a\rb", "a\r\nc", "a,b;c", "a\"b'c", "$x", "y$\\frac$z", "_a_", "100%"),
    *("<b>", "</script><script>alert(1)</script>", "&amp;", "{{0}}", "[red]x[/red]", "a\\nb"),
    *("x" * 300, "\U0001f600", "\u9ad8\u5174", "\u0633\u0639\u064a\u062f", "\u0916\u0941\u0936"),
    *("a\x01b", "\\", "NA", "nan", "1", "01"),
]
SPEAKERS = [*LABELS[:4], "\u9ad8", "$", "%d", "<i>"]
STUDY = """
name = "any"
[corpus]
adapter = "table"
path = "list.parquet"
audio = false
[split]
fractions = { labelled = 0.5, test = 0.5 }
[representations.f]
kind = "table"
path = "f.parquet"
[representations.g]
kind = "table"
path = "g.parquet"
[curve]
classifiers = ["knn"]
percentages = [50, 100]
draws = 2
[plot]
formats = ["png"]
"""


def build(folder: Path, labels: list[str], speakers: list[str], until: str | None = None) -> Path:
    """Run a study of two tables whose numbers depend on places of labels and speakers alone."""
    folder.mkdir()
    rows = [(label, speaker) for speaker in speakers for label in labels]
    listing = pd.DataFrame(rows, columns=["label", "speaker"])
    listing["file"] = [f"{i:04d}{speaker}.wav" for i, (_, speaker) in enumerate(rows)]
    listing.to_parquet(folder / "list.parquet")
    rng = np.random.default_rng(0)
    place = np.tile(np.arange(len(labels)), len(speakers))
    for name in "fg":
        table = pd.DataFrame({"recording": listing["file"], "chunk": -1})
        table["a"] = place + rng.standard_normal(len(table))
        table.assign(b=rng.standard_normal(len(table))).to_parquet(folder / f"{name}.parquet")
    (folder / "study.toml").write_text(STUDY)
    run_study(read_study(folder / "study.toml", out=folder / "files"), until)
    return folder / "files" / "any"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("x") / "odd", LABELS, SPEAKERS)


def test_the_classes_are_the_labels(made):
    assert class_names(made / "predictions.parquet") == sorted(LABELS)


def test_every_recording_is_in_every_table(made):
    names = set(pd.read_parquet(made.parents[1] / "list.parquet")["file"])
    tables = StudyTables(made)
    assert tables.split is not None
    assert set(tables.split.index) == names
    assert set(pd.read_parquet(made / "manifest.parquet")["recording"]) == names
    assert set(tables.recordings["speaker"]) == set(SPEAKERS)


def test_scores_are_those_of_plain_names(made, tmp_path):
    # in the order of the odd ones, as classes and speakers are sorted
    def plainly(names, letter):
        return [f"{letter}{sorted(names).index(name):02d}" for name in names]

    labels, speakers = plainly(LABELS, "c"), plainly(SPEAKERS, "s")
    plain = build(tmp_path / "plain", labels, speakers, "curve")
    assert (plain / "scores.csv").read_bytes() == (made / "scores.csv").read_bytes()


def test_the_report_has_all_labels_and_reads_none_as_code(made):
    page = (made / "report.html").read_bytes().decode()
    assert "<script>alert(1)" not in page
    for label in LABELS:
        assert html.escape(label) in page.replace("&#34;", "&quot;").replace("&#39;", "&#x27;"), (
            label
        )


def test_no_figure_reads_a_name_as_mathematics(made):
    texts = [
        text.get_text()
        for kind in FIGURES.values()
        for draw in kind.figures(StudyTables(made), "uar").values()
        for text in draw().figure.findobj(Text)
    ]
    assert r"\$x" in texts
    assert r"y\$\frac\$z" in texts
    assert not [text for text in texts if is_math_text(text)]
    assert max(len(line) for text in texts for line in text.split("\n")) < 100


def test_figures_are_there(made):
    names = {path.stem for path in (made / "figures").glob("*.png")}
    assert {"confusion_knn", "projection", "systems", "learning_curve"} <= names
