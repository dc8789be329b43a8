"""What a person sees on a terminal: widths, streams, loudness, colours and progress."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_study import make_comparison, write_study
from rich.cells import cell_len

from semisup.comparison import summarise
from semisup.engine import progress
from semisup.engine.console import TONES, messages, results, wrapped
from semisup.engine.progress import Amount, Loudness, say, say_more, set_loudness, track
from semisup.figures.study_tables import StudyTables
from semisup.reading import parse_study
from semisup.registry import LISTS
from semisup.stages.gates.problem import fatal, warning
from semisup.stages.preflight import Findings
from semisup.stages.train import tone_of
from semisup.study.study import Study
from semisup.terminal import check_results, names, tuning_results
from semisup.terminal.layout import Row, laid_out
from semisup.terminal.results import tell

WIDTHS = (40, 80, 200)
SPEC = {
    "name": "made_up",
    "corpus": {"adapter": "synthetic"},
    "representations": {
        "handcrafted": {"kind": "handcrafted"},
        "code": {"kind": "autoencoder"},
        "code_log": {"kind": "autoencoder", "input_scaling": "log"},
    },
    "curve": {"classifiers": ["svm", "random_forest"], "draws": 2},
    "tuning": {"representation": "code"},
}
#: What moves the cursor or sets a colour.
CODES = re.compile(r"\x1b\[[\d;?]*[a-zA-Z]")
#: A score with its interval as a table has it.
SCORE = re.compile(r"(?<![\d.])(?:1\.00|\.\d\d) \[(?:\.\d\d|[01]\.00), (?:\.\d\d|[01]\.00)\]")


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Study:
    """The made-up study, finished."""
    out = tmp_path_factory.mktemp("out")
    folder = write_study(out / "made_up")
    tables = StudyTables(folder)
    summarise(tables.scores).to_csv(folder / "summary.csv", index=False)
    (folder / "report.html").write_text("<html></html>")
    return Study(parse_study(SPEC), out, out)


@pytest.fixture(autouse=True)
def usual_loudness():
    yield
    set_loudness(Loudness.NORMAL)


@pytest.fixture
def terminal(monkeypatch):
    """Return what makes both streams terminals of a width, until the test ends."""

    def of(width: int) -> None:
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("TTY_COMPATIBLE", "1")
        monkeypatch.setenv("TERM", "xterm")
        for console in (messages, results):
            console.cache_clear()

    yield of
    monkeypatch.undo()
    for console in (messages, results):
        console.cache_clear()


def without_codes(text: str) -> str:
    return CODES.sub("", text)


def of_prose(lines: list[str], folder: Path) -> list[str]:
    """Leave out lines that are a path to be copied."""
    return [line for line in lines if str(folder) not in line]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("loudness", Loudness)
def test_no_line_is_longer_than_the_terminal_and_no_word_is_broken(
    study, terminal, capsys, width, loudness
):
    set_loudness(loudness)
    tell(study)
    whole = capsys.readouterr().out
    terminal(width)
    tell(study)
    lines = without_codes(capsys.readouterr().out).splitlines()
    assert max(map(cell_len, of_prose(lines, study.folder))) <= width
    # a pipe gets a sentence a line
    assert set(" ".join(lines).split()) == set(whole.split())


@pytest.mark.parametrize("width", WIDTHS)
def test_every_number_of_the_table_is_whole_at_any_width(study, terminal, capsys, width):
    terminal(width)
    tell(study)
    text = without_codes(capsys.readouterr().out)
    table = text[text.index("\nsystem") :]
    # six systems at three budgets
    assert len(SCORE.findall(table)) == 6 * 3
    assert "\N{HORIZONTAL ELLIPSIS}" not in text


def test_the_answer_comes_first_and_the_path_of_the_report_last(study, capsys):
    tell(study)
    said = capsys.readouterr()
    question, answer, *_, closing, last = said.out.splitlines()
    assert question.endswith("?")
    word = re.match(r"(Yes|No|In part|Not resolved)\.", answer)[0]
    assert closing == f"{question} {word}"
    assert last == f"report:  {study.folder / 'report.html'}"
    assert said.err == ""


def test_quiet_prints_the_answer_and_what_must_be_known(study, capsys):
    set_loudness(Loudness.QUIET)
    tell(study)
    answer, *cautions = capsys.readouterr().out.splitlines()
    assert re.match(r"(Yes|No|In part|Not resolved)\.", answer)
    collapsed, at_chance = cautions
    assert collapsed == "code: collapsed: one code for all"
    assert at_chance.startswith("Not above chance at 95 %: support vector machine on code features")


def test_verbose_has_every_verdict(study, capsys):
    tell(study)
    assert "ahead at no budget" not in capsys.readouterr().out
    set_loudness(Loudness.VERBOSE)
    tell(study)
    said = capsys.readouterr().out
    rows = make_comparison()
    verdicts = rows.query("statistic == 'verdict' and metric == 'f1_weighted'")
    for sentence in verdicts.loc[verdicts["classifier"] == "mean", "sentence"]:
        assert sentence in said


def test_of_many_systems_the_best_of_each_representation_is_shown(study, capsys, monkeypatch):
    monkeypatch.setattr("semisup.terminal.score_table.MANY", 5)
    tell(study)
    said = capsys.readouterr().out
    table = [line for line in said.splitlines() if "@" in line and SCORE.search(line)]
    assert [line.split("@")[1].split()[0] for line in table] == ["handcrafted", "code*", "code_log"]
    assert "all 6 systems: --verbose" in said


@pytest.mark.parametrize("loudness", Loudness)
def test_messages_go_to_standard_error_by_their_loudness(capsys, loudness):
    set_loudness(loudness)
    say("goes on")
    say("odd", tone="caution")
    say("broken", tone="wrong")
    say_more("3 s")
    said = capsys.readouterr()
    expected = {
        Loudness.QUIET: ["odd", "broken"],
        Loudness.NORMAL: ["goes on", "odd", "broken"],
        Loudness.VERBOSE: ["goes on", "odd", "broken", "3 s"],
    }
    assert said.err.splitlines() == expected[loudness]
    assert said.out == ""


def test_progress_counts_what_items_hold_and_an_earlier_run_has_done(capsys, monkeypatch):
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    amount = Amount("check recordings", "recordings", 250, done=100)
    assert list(track("abc", amount, {"a": 100, "b": 30, "c": 20}.get)) == ["a", "b", "c"]
    first, second, last = capsys.readouterr().err.splitlines()
    assert first.startswith("  check recordings: 200 of 250 recordings, ")
    assert re.search(r"\d/s, about \S+ (s|min|h) left$", first)
    assert second.startswith("  check recordings: 230 of 250 recordings, ")
    assert re.fullmatch(r"  check recordings: 250 of 250 recordings in [\d.]+ s", last)


def test_there_are_no_control_codes_but_on_a_terminal(capsys):
    assert list(track(range(3), Amount("train", "epochs", 3))) == [0, 1, 2]
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize("width", WIDTHS)
def test_a_bar_fits_the_terminal(terminal, capsys, width):
    terminal(width)
    amount = Amount("spectrograms of a_representation_of_a_long_name", "recordings", 123456)
    for _ in track([1, 2], amount, {1: 3000, 2: 120456}.get):
        pass
    lines = CODES.sub("", capsys.readouterr().err.replace("\r", "\n")).splitlines()
    assert max(map(cell_len, lines)) <= width
    assert any("123456 of 123456 " in line for line in lines)


def test_quiet_work_shows_no_progress(capsys):
    set_loudness(Loudness.QUIET)
    assert list(track("ab", Amount("train", "epochs", 2))) == ["a", "b"]
    assert capsys.readouterr() == ("", "")


def test_colours_mean_one_thing_and_only_a_healthy_encoder_is_good(terminal, capsys):
    assert len(set(TONES.values())) == len(TONES)
    for tone, verdict in [
        ("good", "healthy: the codes vary along 30 of 64 directions"),
        ("caution", "weak: the mean is as near as what is restored"),
        ("caution", "in no fold collapsed; in the first: weak: as near as the mean"),
        ("", "10 components explain 83% of the variance"),
    ]:
        assert tone_of({"collapsed": False, "verdict": verdict}) == tone
    assert tone_of({"collapsed": True, "verdict": "in the first: healthy"}) == "wrong"
    terminal(80)
    say("odd", tone="caution")
    assert capsys.readouterr().err == "\x1b[33modd\x1b[0m\n"


def test_no_color_is_respected(terminal, capsys, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    terminal(80)
    say("odd", tone="caution")
    assert "[33m" not in capsys.readouterr().err


@pytest.mark.parametrize("width", WIDTHS)
def test_the_list_of_check_and_names_fit(terminal, capsys, width):
    terminal(width)
    sentence = "the recordings of this corpus are shorter than chunk_samples = 20000 at 8000 Hz"
    check_results.tell(Findings([*warning(sentence), *fatal(sentence)], 0, 12, "3 min"))
    for kind, entries in LISTS.items():
        names.tell(kind, entries)
    lines = without_codes(capsys.readouterr().out).splitlines()
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    assert f"warning: {sentence} fatal: {sentence} cost: 3 min 1 thing prevents the study" in text
    for entries in LISTS.values():
        for name in entries.built_in():
            assert f"{name} {entries.summary(name)}" in text


@given(
    st.text(st.characters(exclude_categories=["C", "Z"])) | st.text("ab \n[]%,高"),
    st.integers(1, 60),
)
def test_wrapping_loses_nothing_and_breaks_no_word(text, width):
    lines = wrapped(text, width)
    assert " ".join(lines).split() == text.split()
    for line in lines:
        assert cell_len(line) <= width or len(line.split()) <= 3


@given(
    st.lists(st.text("ab_@高", min_size=1, max_size=30), min_size=1, max_size=4),
    st.integers(1, 5),
    st.integers(1, 120) | st.none(),
)
def test_a_table_has_every_cell_at_any_width(systems, n_heads, width):
    heads = [f"{10 * i} % labels" for i in range(n_heads)]
    cells = [f".{i}1 [.{i}0, .{i}2]" for i in range(n_heads)]
    lines = laid_out("system", heads, [Row(name, cells) for name in systems], width).splitlines()
    text = "\n".join(lines)
    assert all(text.count(cell) == len(systems) for cell in cells)
    if width is not None and width >= 30:
        assert max(map(cell_len, lines)) <= max(width, *map(cell_len, systems))


@pytest.mark.parametrize("width", WIDTHS)
def test_the_table_of_a_search_fits_and_is_a_result(study, terminal, capsys, width):
    spec = study.spec.model_copy(update={"name": "searched"})
    folder = study.out / "searched" / "code"
    folder.mkdir(parents=True, exist_ok=True)
    trials = pd.DataFrame(
        {
            "architecture": ["autoencoder_2", "autoencoder_3"],
            "latent_dim": [64, 32],
            "loss": [0.31, 0.42],
            "val_loss": [0.364281, 0.412345],
            "val_loss_se": [0.0185, 0.021],
            "parameters": [438008, 1250000],
            "collapsed": [False, False],
            "state": ["complete", "complete"],
            "trial": ["t0", "t1"],
            "chosen": [True, False],
        }
    )
    keys = trials[["architecture", "trial"]]
    trials.to_csv(folder / "tuning.csv", index=False)
    keys.assign(seconds_per_epoch=0.5).to_csv(folder / "tuning_timings.csv", index=False)
    choice = {"ranked_by": "val_loss", "reason": "it has the lowest validation loss of them all"}
    (folder / "tuned.json").write_text(json.dumps(choice))
    terminal(width)
    tuning_results.tell(Study(spec, study.base, study.out))
    said = capsys.readouterr()
    lines = without_codes(said.out).splitlines()
    assert lines[0].startswith("chosen: autoencoder_2")
    assert max(map(len, of_prose(lines, study.out))) <= width
    for number in ("0.3643 +- 0.018", "438,008", "0.4123 +- 0.021", "1,250,000", "0.50"):
        assert number in said.out
    assert said.err == ""
