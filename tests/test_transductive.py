"""Features that use a test speaker's other recordings are called so wherever their name appears."""

import re

import numpy as np
import pandas as pd
import pytest
import soundfile

from semisup.figures.drawings import draw_curve, draw_systems
from semisup.figures.learning_curve import plot_learning_curve, plot_panel
from semisup.figures.study_tables import StudyTables
from semisup.reading.file import parse_study
from semisup.stages.resolved import ResolvedStudy
from semisup.stages.runner import run_study
from semisup.study.study import Study
from semisup.terminal.results import tell

RATE = 8000
USES = "the speaker's other test recordings, without labels"
KIND = "logmel_statistics"
NAMES = ["raw", "voice", "raw+voice"]


def run(
    folder, normalisation: str, until: str | None = None, labels=("abababab", "abababab")
) -> ResolvedStudy:
    """Run a study of raw features, of others by speaker, and of both side by side."""
    table = pd.DataFrame(
        [
            (f"{subset}{speaker}", subset, label)
            for subset in ("labelled", "test")
            for speaker in range(2)
            for label in labels[speaker]
        ],
        columns=["speaker", "subset", "label"],
    )
    table["file"] = [f"{number:02d}.wav" for number in range(len(table))]
    rng = np.random.default_rng(0)
    for name in table["file"]:
        soundfile.write(folder / name, rng.normal(0, 0.1, 4000), RATE)
    table.to_csv(folder / "list.csv", index=False)
    spec = {
        "name": "it",
        "corpus": {"adapter": "table", "root": str(folder), "path": str(folder / "list.csv")},
        "split": {"strategy": "column", "column": "subset"},
        "chunks": {"sample_rate": RATE},
        "representations": {
            "raw": {"kind": KIND},
            "voice": {"kind": KIND, "speaker_normalisation": normalisation},
        },
        "curve": {
            "representations": NAMES,
            "classifiers": ["knn"],
            "draws": 2,
            "percentages": [50, 100],
        },
        "compare": {"resamples": 200},
    }
    return run_study(Study(parse_study(spec), folder, folder / "files"), until)


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> ResolvedStudy:
    """A whole study."""
    return run(tmp_path_factory.mktemp("finished"), "standard")


@pytest.mark.slow
def test_the_terminal_marks_it_and_what_is_made_of_it(finished, capsys):
    tell(finished)
    written = capsys.readouterr().out
    named = {line.split()[0] for line in written.splitlines() if "knn@" in line}
    assert {"knn@raw", "knn@voice^", "knn@raw+voice^"} <= named
    assert f"^ transductive: uses {USES}" in " ".join(written.split())


@pytest.mark.slow
def test_legends_and_titles_call_it_transductive(finished):
    tables = StudyTables(finished.folder)
    assert tables.notes == {"voice": "transductive", "raw+voice": "transductive"}
    figure = draw_curve(tables, "uar")
    (legend,) = [*figure.legends, *(ax.legend_ for ax in figure.axes if ax.legend_)]
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels[:3] == ["Raw", "Voice, transductive", "Raw + Voice, transductive"]
    rows = [text.get_text() for text in draw_systems(tables, "uar").axes[0].get_yticklabels()]
    assert sorted(rows) == sorted(labels[:3])


@pytest.mark.slow
def test_no_legend_is_wider_than_its_figure(finished):
    figure = draw_curve(StudyTables(finished.folder), "uar")
    figure.canvas.draw()
    (legend,) = [*figure.legends, *(ax.legend_ for ax in figure.axes if ax.legend_)]
    box = legend.get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1
    assert box.y0 >= 0


@pytest.mark.parametrize("length", [5, 25, 50, 90])
@pytest.mark.parametrize("count", [2, 7])
@pytest.mark.parametrize("panels", [0, 1, 2])
def test_long_names_are_not_clipped(length, count, panels):
    names = [f"{number}{'w' * length}" for number in range(count)]
    summary = pd.DataFrame(
        [(name, f"c{n}", p, "uar") for name in names for n in range(2) for p in (50, 100)],
        columns=["representation", "classifier", "percentage", "metric"],
    ).assign(mean=0.5, low=0.4, high=0.6, draws=3, n_recordings=9, n_rows=9)
    notes = dict.fromkeys(names[1:], "transductive")
    if panels:
        some = summary[summary["classifier"].isin([f"c{n}" for n in range(panels)])]
        figure = plot_panel(some, "uar", 0.3, notes)
    else:
        figure = plot_learning_curve(summary, "c0", None, "uar", 0.3, notes).figure
    figure.draw_without_rendering()
    (legend,) = [*figure.legends, *(ax.legend_ for ax in figure.axes if ax.legend_)]
    box, ax = legend.get_window_extent(), figure.axes[0]
    assert len(legend.get_texts()) == count + 2
    assert box.x0 >= -1
    assert box.x1 <= figure.bbox.x1 + 1
    assert box.y0 >= -1
    assert box.y1 <= ax.get_window_extent().y0
    # the curves keep their room
    assert ax.get_window_extent().height > 100


@pytest.mark.slow
def test_tables_call_it_transductive_and_their_captions_say_what_that_is(finished):
    scores = pd.read_csv(finished.folder / "tables" / "scores.csv")
    expected = ["Raw", "Voice, transductive", "Raw + Voice, transductive"]
    assert scores["Representation"].tolist() == expected
    differences = pd.read_csv(finished.folder / "tables" / "differences.csv")
    assert set(differences["First"]) | set(differences["Second"]) == set(expected)
    latex = (finished.folder / "tables" / "scores.tex").read_text()
    assert f"transductive: uses {USES}}}" in latex


@pytest.mark.slow
def test_the_first_screen_of_the_report_says_it(finished):
    page = (finished.folder / "report.html").read_text()
    answer = page[page.index('id="answer"') : page.index('id="curves"')]
    text = re.sub(r"&#39;", "'", answer)
    assert f"Voice and raw + voice use {USES} (transductive)" in text
    assert "Voice, transductive" in page[page.index("Names in the study file") :]


@pytest.mark.slow
def test_the_report_warns_of_speakers_of_one_class(finished, tmp_path):
    said = "100% of the labelled and test recordings are of their speaker"
    assert said not in (finished.folder / "report.html").read_text()
    study = run(tmp_path, "standard", labels=("aaaaaaaa", "bbbbbbbb"))
    assert said in (study.folder / "report.html").read_text()


@pytest.mark.slow
def test_nothing_is_marked_where_nothing_is_normalised(tmp_path, capsys):
    study = run(tmp_path, "none")
    tell(study)
    assert StudyTables(study.folder).notes == {}
    assert "transductive" not in (study.folder / "report.html").read_text()
    said = capsys.readouterr()
    assert "transductive" not in said.out + said.err


def test_marks_go_when_the_normalisation_goes(tmp_path):
    study = run(tmp_path, "mean", "features")
    assert (study.folder / "transductive.json").read_text().split() == [
        *("[", '"voice",', '"raw+voice"', "]")
    ]
    study = run(tmp_path, "none", "features")
    assert not (study.folder / "transductive.json").exists()


@pytest.mark.slow
def test_verdicts_against_raw_features_say_so_in_the_same_sentence(finished):
    comparison = pd.read_csv(finished.folder / "comparison.csv")
    verdicts = comparison[comparison["statistic"] == "verdict"]
    assert set(verdicts["representation_b"]) == {"raw"}
    for name, sentence in verdicts[["representation_a", "sentence"]].itertuples(index=False):
        assert f"{name} uses {USES}, and raw does not." in sentence
