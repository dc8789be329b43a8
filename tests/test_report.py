import base64
import io
import json
import re
import shutil
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import urlsplit
from urllib.request import url2pathname

import numpy as np
import pandas as pd
import pytest
from made_up_study import (
    CLASSES,
    REPRESENTATIONS,
    STUDY,
    make_labels,
    make_predictions,
    make_scores,
    write_scores,
    write_study,
)

from semisup.errors import TableError
from semisup.figures.study_tables import StudyTables
from semisup.reading import read_study
from semisup.report import write_report, write_tables
from semisup.report._chart import safe_json
from semisup.report._data import describe_data, reasons
from semisup.report._images import Picture
from semisup.report._latex import escape, latex
from semisup.report._media import link, spectrogram
from semisup.report._mistakes import answers, hardest, mistakes_table
from semisup.report._page import render
from semisup.report._provenance import study_toml
from semisup.report.cautions import cautions_of
from semisup.stages.resolve import resolve
from semisup.study.study import dump

SECTIONS = ("answer", "curves", "comparison", "data", "training", "confusion", "mistakes",
            "provenance", "reproduce")  # fmt: skip
VOID = {"meta", "img", "br", "input", "link", "hr"}
NASTY = '<script>alert("x")</script>'


class Page(HTMLParser):
    """Collects what the tests ask for, and that every element is closed where it should be."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.scripts, self.text = [], [], [], [], []
        self.tags = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.links += [attrs[name] for name in ("src", "href", "action", "data") if name in attrs]
        self.scripts += [""] if tag == "script" else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data
        elif self.open and self.open[-1] != "style":
            self.text.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())

    def all(self, tag, **wanted):
        return [a for t, a in self.tags if t == tag and wanted.items() <= a.items()]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return write_study(tmp_path_factory.mktemp("report") / "made_up")


@pytest.fixture(scope="module")
def text(study):
    return render(study, STUDY)


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


# --- the whole page


def test_every_section_is_there_and_every_link_within_the_page_leads_somewhere(page):
    assert [name for name in page.ids if name in SECTIONS] == list(SECTIONS)
    within = [link[1:] for link in page.links if link.startswith("#")]
    assert set(within) == set(SECTIONS)
    assert len(page.ids) == len(set(page.ids))


def test_nothing_is_loaded_from_anywhere(page, text):
    assert page.links
    assert all(link.startswith(("#", "data:")) for link in page.links)
    assert not re.search(r"https?://|url\(|@import|fetch\(|XMLHttp", text)
    assert 'src="//' not in text


def test_first_screen_has_question_answer_picture_and_cautions_in_this_order(page):
    first = page.words[: page.words.index("Learning curves")]
    order = [
        "Is any other representation worth more than hand-crafted features?",
        "In part With 2 % of the labels, code features are ahead of hand-crafted features",
        "Highest score: ",
        "Weighted F1 by classifier and label budget (%)",
        "The encoder of code features collapsed",
        "Not above chance at 95 %: support vector machine on code features (log).",
        "about new speakers and new orders of this labelled pool; another pool",
    ]
    places = [first.index(text) for text in order]
    assert places == sorted(places)
    assert "(uar)" not in first


def test_what_is_no_higher_than_chance_is_told_from_what_is_not_resolved(study):
    tables = StudyTables(study)
    tables.comparison.loc[tables.comparison["outcome"] == "not above", "outcome"] = "not resolved"
    [sentence] = [text for text in cautions_of(tables, "f1_weighted") if "chance" in text]
    system = "support vector machine on code features (log)"
    assert sentence == f"Not resolved from chance at 95 %: {system}."


def test_every_picture_has_words_and_a_size(page):
    pictures = page.all("img")
    assert len(pictures) > 8
    assert all(len(a["alt"]) > 15 and int(a["width"]) and int(a["height"]) for a in pictures)


def test_headings_go_down_one_level_at_a_time(page):
    levels = [int(tag[1]) for tag, _ in page.tags if tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_whatever_is_used_or_read_aloud_has_a_name(page):
    named = {attrs[key] for _, attrs in page.tags for key in ("aria-labelledby",) if key in attrs}
    assert named <= set(page.ids)
    for tag, attrs in page.tags:
        if attrs.get("role") in ("region", "group") or tag in ("section", "nav", "audio"):
            assert attrs.get("aria-label") or attrs.get("aria-labelledby"), (tag, attrs)
    # each choice stands within its label
    assert page.text.count("Classifier ") >= 1
    assert len(page.all("label")) == len(page.all("select"))
    assert all("scope" in attrs for tag, attrs in page.tags if tag == "th")
    assert page.all("html")[0]["lang"] == "en"


def test_what_resolves_nothing_is_folded_and_sections_are_open_where_it_matters(page):
    assert len(page.all("tbody", **{"class": "unresolved"})) >= 1
    folds = page.all("details", **{"class": "fold"})
    assert ["open" in attrs for attrs in folds] == [True, False, True, *[False] * 5]


def test_names_are_titles_in_prose_and_keys_in_code(page):
    prose = page.words[: page.words.index("Names in the study file")]
    for key in ("code_log", "random_forest", "svm@", "handcrafted "):
        assert key not in prose, key
    assert "Code features (log), collapsed: code_log" not in prose
    assert "Hand-crafted features: handcrafted" in page.words


def test_tables_and_data_of_the_study_are_told(page):
    for sentence in (
        *("speaker s9 holds 40 %", "the file is empty (0 bytes)", "collapsed: one code for all"),
        *("36 recordings of 6 speakers, 2 left out", "crossing", "not resolved by this data"),
        *("38 recordings were found: 6 labelled and 30 test; 2 cannot be used.",),
        *("First better", "numpy 2.4.0", "semisup run study.toml"),
    ):
        assert sentence in page.words


@pytest.mark.slow
def test_the_page_is_small_and_the_same_each_time(study, text):
    assert len(text.encode()) < 4_000_000
    assert render(study, STUDY) == text


def test_the_chart_has_every_curve_and_the_page_works_without_scripts(page):
    data = json.loads(next(script for script in page.scripts if script.startswith("{")))
    assert [r["name"] for r in data["representations"]] == list(REPRESENTATIONS)
    assert data["representations"][1]["title"] == "Code features, collapsed"
    curve = data["curves"]["uar"]["random_forest"]["code_log"]
    assert curve["x"] == [2, 20, 50, 100]
    scores = make_scores().query("representation == 'code_log' and classifier == 'random_forest'")
    assert curve["y"] == pytest.approx(
        scores.groupby("percentage")["uar"].mean().tolist(), abs=1e-4
    )
    assert data["chance"]["uar"] == pytest.approx(1 / 3, abs=1e-4)
    assert page.all("div", id="chart")[0].get("hidden", "no") is None
    assert page.all("noscript")


# --- text that nobody vouches for


@pytest.fixture
def undrawn(monkeypatch):
    """Pages of which only the words are looked at need no pixels."""
    for module in ("_opening", "_comparison", "_curves", "_data", "_training"):
        monkeypatch.setattr(f"semisup.report.{module}.picture", lambda *_: Picture("data:,", 1, 1))


@pytest.fixture(scope="module")
def nasty(tmp_path_factory):
    classes = sorted([NASTY, "neutral", "& 'positive'"])
    labels = make_labels()
    labels = labels.map(dict(zip(CLASSES, classes, strict=True)))
    labels.index = [f"</script><b>{name}" for name in labels.index]
    folder = tmp_path_factory.mktemp("nasty") / "made_up"
    write_study(folder, labels, speaker='"><img src=x onerror=alert(1)>', classes=classes)
    return folder


def test_names_of_recordings_labels_and_speakers_stay_text(nasty, undrawn):
    text = render(nasty, {**STUDY, "note": NASTY})
    page = Page(text)
    assert NASTY in page.words
    assert '"><img src=x onerror=alert(1)>' in page.words
    assert NASTY not in text
    assert len(page.scripts) == 5
    assert not [a for tag, a in page.tags if "onerror" in a]
    assert "b" not in {tag for tag, a in page.tags if a}


def test_names_can_not_end_the_script_that_holds_the_data(tmp_path, undrawn):
    name = "</script><!--<script>\u2028&'"
    assert json.loads(safe_json({"name": name})) == {"name": name}
    assert not set(safe_json(name)) & set("<>&'\u2028")
    write_scores(tmp_path, representations=("handcrafted", name))
    page = Page(render(tmp_path, STUDY))
    assert len(page.scripts) == 3
    assert json.loads(page.scripts[1])["representations"][1]["name"] == name


# --- what a study lacks


def test_scores_alone_give_a_page_that_says_what_is_missing(tmp_path, undrawn):
    page = Page(render(write_scores(tmp_path), STUDY))
    assert [name for name in page.ids if name in SECTIONS] == list(SECTIONS)
    assert "the compare stage has not run" in page.words
    assert "No representation of this study was trained here" in page.words
    assert "versions can't be told" in page.words
    assert not page.all("audio")


def test_one_representation_and_one_draw_are_said_to_be_so(tmp_path, undrawn):
    folder = write_scores(tmp_path, representations=("handcrafted",), draws=1)
    page = Page(render(folder, STUDY))
    assert "How good are hand-crafted features" in page.words
    assert "there is nothing to compare it with" in page.words
    assert "One draw of the labelled recordings" in page.words
    assert "Paired difference" not in page.words


def test_a_study_of_tables_has_no_players_and_no_lengths(tmp_path, undrawn):
    page = Page(render(write_study(tmp_path / "made_up", audio=False), STUDY))
    assert not page.all("audio")
    assert "Minutes" not in page.words
    assert "taken for" in page.words


def test_a_folder_without_scores_is_an_error(tmp_path):
    with pytest.raises(TableError, match=r"scores\.parquet cannot be read"):
        write_report(tmp_path, STUDY)


# --- misclassified recordings


def test_mistakes_are_counted_by_representation_and_the_hardest_come_first(study):
    table = mistakes_table(answers(StudyTables(study)))
    assert table["recording"].tolist() == ["r00.wav", "r01.wav"]
    assert table["wrong"].tolist() == pytest.approx([1, 2 / 3])
    assert table[["handcrafted", "code", "code_log"]].to_numpy().tolist() == [[1, 1, 1], [0, 1, 1]]
    assert table["taken_for"].tolist() == ["neutral", "positive"]


def test_the_hardest_are_shared_among_the_classes():
    labels = ["a"] * 5 + ["b"] * 2
    table = pd.DataFrame({"label": labels, "wrong": np.linspace(1, 0.4, 7)})
    assert hardest(table, 4)["label"].tolist() == ["a", "a", "b", "b"]
    assert hardest(table, 6)["label"].tolist() == ["a"] * 4 + ["b"] * 2


def test_an_excerpt_is_three_seconds_of_the_recording(page):
    import soundfile

    sounds = page.all("audio")
    assert len(sounds) == 2
    kind, _, content = sounds[0]["src"].partition(";base64,")
    assert kind == "data:audio/flac"
    signal, rate = soundfile.read(io.BytesIO(base64.b64decode(content)))
    assert rate == 8000
    assert np.allclose(signal, 0.5 * np.sin(2 * np.pi * 440 * np.arange(24000) / 8000), atol=1e-4)


@pytest.mark.slow
def test_excerpts_can_be_links_or_left_out_and_lost_files_are_told(study, tmp_path, undrawn):
    linked = Page(render(study, STUDY, "link")).all("audio")
    assert [a["src"].rsplit("/", 1)[1] for a in linked] == ["0.wav", "1.wav"]
    assert linked[0]["src"] == (study / "0.wav").as_uri()
    none = Page(render(study, STUDY, "none"))
    assert not none.all("audio")
    assert "mind their licence" not in none.words
    lost = write_study(tmp_path / "made_up")
    (lost / "0.wav").unlink()
    assert "no longer where the study found it" in Page(render(lost, STUDY)).words


@pytest.mark.parametrize(
    ("times", "fragment"),
    [((np.nan, np.nan), ""), ((0.0, 2.5), "#t=0,2.5"), ((90061.25, np.nan), "#t=90061.25"),
     ((np.nan, 3.0), "#t=,3")],
)  # fmt: skip
def test_a_link_is_of_the_excerpt_and_its_name_stays_a_name(tmp_path, times, fragment):
    path = tmp_path / 'a b#c?"><script>.wav'
    address = link(path, *times)
    assert address.startswith("file:///")
    assert address.endswith("a%20b%23c%3F%22%3E%3Cscript%3E.wav" + fragment)
    assert url2pathname(urlsplit(address).path) == str(path)


def test_a_tone_is_a_bright_row_of_the_spectrogram():
    picture = spectrogram(np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000))
    assert picture.shape[0] == 128
    assert picture.min() >= 0
    assert picture.max() == pytest.approx(1)
    # row 0 is 4 kHz, a row is 31.25 Hz: 1 kHz is the 32nd from below
    assert set(picture.argmax(axis=0)) == {128 - 32}
    assert spectrogram(np.zeros(10)).shape == (128, 1)


# --- tables


def test_tables_are_written_as_csv_and_latex(study):
    paths = write_tables(study, "f1_weighted")
    names = {path.name for path in paths}
    assert {"scores.csv", "scores.tex", "crossover.tex", "areas.csv", "bayes.tex"} <= names
    text = (study / "tables" / "crossover.tex").read_text()
    for line in (r"\toprule", r"\midrule", r"\bottomrule", r"35 [10, 60] & crossing \\"):
        assert line in text
    table = pd.read_csv(study / "tables" / "differences.csv")
    assert set(table["First ahead"]) == set(table["Second ahead"]) == {1}
    assert set(table["Not resolved"]) == {2}


def test_latex_prints_any_text_as_it_is():
    assert escape(r"a_b\c{d}$5%#~^&") == (
        r"a\_b\textbackslash{}c\{d\}\$5\%\#\textasciitilde{}\textasciicircum{}\&"
    )
    table = pd.DataFrame({"Who & what": ["x_1"], "Value": [-0.1234], "n": [np.nan]})
    lines = latex(table, "A % of all", "t").splitlines()
    assert r"\begin{tabular}{lrr}" in lines
    assert r"Who \& what & Value & n \\" in lines
    assert r"x\_1 & $-$0.123 & - \\" in lines
    assert r"\caption{A \% of all}" in lines


def test_reasons_are_counted_without_the_names_of_files():
    rows = [(f"{i}", f"/x/{i}", f"/x/{i}: empty", "manifest") for i in range(3)]
    rows += [(f"c{i}", "", f"reason {i}", "chunks") for i in range(9)]
    table = reasons(pd.DataFrame(rows, columns=["recording", "path", "reason", "stage"]))
    assert table.iloc[0].tolist() == [3, "empty", "manifest"]
    assert table.iloc[-1].tolist()[0] == 2
    assert table["Recordings"].sum() == 12
    assert reasons(None).empty


# --- provenance


def test_the_printed_study_file_is_the_study(tmp_path):
    study = read_study()
    path = tmp_path / "study.toml"
    path.write_text(study_toml(dump(study.spec)))
    assert read_study(path).spec == study.spec


def test_predictions_are_read_with_their_classes(study):
    tables = StudyTables(study)
    assert tables.classes == CLASSES
    budgets = sorted(set(tables.summary["percentage"]))
    assert len(tables.predictions(budgets)) == len(make_predictions(make_labels()))


# --- the stage


def test_a_run_ends_with_the_report_its_tables_and_figures(tiny_run):
    text = (tiny_run / "report.html").read_text()
    page = Page(text)
    assert [name for name in page.ids if name in SECTIONS] == list(SECTIONS)
    assert "ahead" in page.words
    assert page.all("audio")
    assert "% sure" in page.words
    assert (tiny_run / "tables" / "scores.tex").exists()
    (caution,) = json.loads((tiny_run / "cautions.json").read_text())
    assert "of the sound is not in 'code_log', but" in caution
    assert "of the sound is not in code features (log), but" in page.words
    pair = "code_log_handcrafted"
    for name in (f"difference_{pair}", f"heat_map_{pair}", "confusion_svm"):
        assert (tiny_run / "figures" / f"{name}.png").exists()
    assert len(text) < 8_000_000


@pytest.mark.slow
def test_a_run_without_changes_leaves_the_report_and_its_tables_give_it_again(tiny_run, tiny_study):
    import semisup

    path = tiny_run / "report.html"
    made = path.stat().st_mtime_ns
    semisup.run(tiny_study, out=tiny_run.parent, jobs=1)
    assert path.stat().st_mtime_ns == made
    spec = read_study(tiny_study, tiny_run.parent).spec
    assert render(tiny_run, dump(spec)) == path.read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(("audio", "players"), [("embed", "data:audio/flac"), ("link", "file:///"),
                                                ("none", None)])  # fmt: skip
def test_the_study_file_says_what_the_report_holds_of_recordings(
    tiny_run, tiny_study, tmp_path, undrawn, audio, players
):
    from semisup.stages.report import steps

    shutil.copytree(tiny_run, tmp_path / "tiny", ignore=shutil.ignore_patterns("audio"))
    study = resolve(read_study(tiny_study, tmp_path, [f"report.audio={audio}"]))
    page = next(step for step in steps(study) if step.name == "report")
    page.make()
    text = (tmp_path / "tiny" / "report.html").read_text("utf-8")
    sounds = Page(text).all("audio")
    assert bool(sounds) == (players is not None)
    assert all(sound["src"].startswith(players) for sound in sounds)
    assert ("data:audio" in text) == (audio == "embed")
    assert f'audio = "{audio}"' in Page(text).words
    assert ("This file holds no audio" in text) == (audio == "link")


def test_what_the_report_may_hold_of_recordings_is_one_of_three(tiny_study):
    from semisup.errors import SpecError

    with pytest.raises(
        SpecError, match=r"\[report\] audio: input should be 'embed', 'link' or 'none'"
    ):
        read_study(tiny_study, overrides=["report.audio=copy"])


def test_a_split_that_leaks_is_called_so_on_the_first_screen(study, undrawn):
    for leaky in (False, True):
        page = render(study, {**STUDY, "split": {**STUDY.get("split", {}), "leaky": leaky}})
        assert ("This split leaks" in page.split('id="curves"')[0]) == leaky
        assert ("No speaker is in two subsets" in page) != leaky


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        (1.0, "No speaker is in two subsets."),
        (
            0.5,
            "No known speaker is in two subsets; who speaks in 50% of the recordings is unknown.",
        ),
        (0.0, "Nobody knows whether a speaker is in two subsets, as all speakers are unknown."),
    ],
)
def test_of_unknown_speakers_nothing_is_claimed(study, tmp_path, known, sentence):
    shutil.copytree(study, tmp_path / "study")
    path = tmp_path / "study" / "manifest.parquet"
    manifest = pd.read_parquet(path)
    unknown = np.arange(len(manifest)) >= known * len(manifest)
    manifest.assign(speaker=manifest["speaker"].mask(unknown, "")).to_parquet(path)
    assert describe_data(StudyTables(tmp_path / "study"), STUDY).speakers == sentence


def test_what_a_run_has_noted_and_who_names_one_class_stand_on_the_page(tmp_path, undrawn):
    folder = write_scores(tmp_path)
    assert "one class only" not in Page(render(folder, STUDY)).words
    (folder / "cautions.json").write_text('["Classes are unequal."]')
    rows = [("code", "svm", 5.0, c, 9, 2, 2 * (c == "NA")) for c in ("NA", "b")]
    columns = ["representation", "classifier", "percentage", "class", "support", "draws", "alone"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "per_class.csv", index=False)
    words = Page(render(folder, STUDY)).words
    said = "Support vector machine on code features predicts one class only, in most draws, at 5 %"
    assert said in words
    assert "Classes are unequal." in words


def test_a_kind_that_is_fitted_in_every_cell_shows_its_accuracies(study, tmp_path, undrawn):
    folder = shutil.copytree(study, tmp_path / "made_up")
    name = StudyTables(folder).representations[0]
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "health.json").unlink(missing_ok=True)
    history = pd.DataFrame(
        {"epoch": [1, 2, 3], "loss": [3.0, 2, 1], "val_loss": [3.0, 1, 2]}
        | {"accuracy": [0.4, 0.612, 0.9], "val_accuracy": [0.3, 0.523, 0.5]}
    )
    history.to_csv(folder / name / "history.csv", index=False)
    training = render(folder, STUDY).split('id="training"')[1].split("</section>")[0]
    assert "fitted anew in every cell" in training
    assert "0.612" in training
    assert "0.523" in training
    assert "Training and validation accuracy" in training
