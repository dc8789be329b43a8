import os
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import soundfile

import semisup
from semisup.cli import app, options
from semisup.cli.commands import PANELS
from semisup.figures.catalogue import FIGURES
from semisup.stages.runner import STAGES


def test_a_misspelt_key_is_one_sentence_and_status_1_and_debug_shows_the_traceback(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text('name = "x"\n[corpus]\nadapter = "synthetic"\nspeekers = 3\n')
    for flags in ([], ["--debug"]):
        command = [sys.executable, "-m", "semisup", "run", str(path), *flags]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "did you mean 'speakers'?" in done.stderr
        assert ("Traceback" in done.stderr) == bool(flags)


def test_wrong_usage_is_status_2(command):
    assert command("run", "--no-such-option").returncode == 2
    assert command("no-such-command").returncode == 2


def test_list_takes_one_kind_and_refuses_another(command):
    assert "ravdess" in command("list", "corpora").stdout
    assert "svm" not in command("list", "corpora").stdout
    done = command("list", "corpus")
    assert done.returncode == 1
    assert "did you mean 'corpora'" in done.stderr


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_plot_draws_from_the_scores_alone(command, tiny_run, tmp_path, suffix):
    pd.read_csv(tiny_run / "scores.csv").to_csv(tmp_path / "scores.csv", index=False)
    done = command("plot", tmp_path / "scores.csv", "-o", tmp_path / f"f1.{suffix}")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / f"f1.{suffix}").stat().st_size > 5000


def test_help_names_every_figure_and_who_takes_an_option(command):
    shown = command("plot", "--help").stdout
    words = " ".join(shown.replace("\N{BOX DRAWINGS LIGHT VERTICAL}", " ").split())
    assert ", ".join(FIGURES) in words
    assert "projection: pca or umap" in words


def test_plot_refuses_what_it_cannot_draw(command, tiny_run, tmp_path):
    scores = tiny_run / "scores.csv"
    for words, sentence in [
        ((scores, "-o", tmp_path / "x.bmp"), "png, svg"),
        ((scores, "-o", tmp_path / "x.png", "--metric", "f1"), "There is no metric 'f1'"),
        ((scores, "-o", tmp_path / "x.png", "--classifier", "svn"), "did you mean 'svm'"),
        (
            (scores, "-o", tmp_path / "x.png", "--kind", "confusion", "--metric", "uar"),
            "'confusion' takes no metric; those that do: curve, systems, ",
        ),
        ((tiny_run / "split.csv", "-o", tmp_path / "x.png"), "representation"),
        ((tmp_path / "none.csv", "-o", tmp_path / "x.png"), "cannot be read"),
    ]:
        done = command("plot", *words)
        assert done.returncode == 1
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr


def test_a_run_ends_with_a_table_and_says_where_the_figures_are(command, tiny_run, tiny_study):
    done = command("run", tiny_study, "--out", tiny_run.parent)
    assert done.returncode == 0
    assert "@code_log" in done.stdout
    assert str(tiny_run / "figures" / "learning_curve.png") in done.stdout


@pytest.mark.slow
def test_results_are_on_stdout_and_all_else_on_stderr(command, tiny_study, tiny_run, tmp_path):
    shutil.copytree(tiny_run, tmp_path / "tiny")
    (tmp_path / "tiny" / "report.html").unlink()
    usual = command("run", tiny_study, "--out", tmp_path)
    assert "report" in usual.stderr.splitlines()
    assert usual.stdout.splitlines()[-1] == f"report:  {tmp_path / 'tiny' / 'report.html'}"
    quiet = command("run", tiny_study, "--out", tmp_path, "-q")
    assert quiet.stderr == ""
    assert quiet.stdout.splitlines()[0] == usual.stdout.splitlines()[1]
    verbose = command("run", tiny_study, "--out", tmp_path, "-v")
    assert {"manifest: current", "curve: current"} <= set(verbose.stderr.splitlines())
    # what one command was told, the next one does not remember
    assert command("run", tiny_study, "--out", tmp_path).stdout == usual.stdout


def test_version_and_short_help(command):
    assert command("--version").stdout == f"semisup {semisup.__version__}\n"
    assert command("-h").stdout == command("--help").stdout
    assert command("run", "-h").stdout == command("run", "--help").stdout


def test_help_has_the_stages_and_every_command_in_a_group():
    assert tuple(STAGES) == options.STAGES
    grouped = [name for names in PANELS.values() for name in names]
    assert len(set(grouped)) == len(grouped)
    registered = {command.name: command.rich_help_panel for command in app.registered_commands}
    assert registered == {name: panel for panel, names in PANELS.items() for name in names}


def test_names_are_completed():
    assert options.beginning(FIGURES)("dif") == ["difference"]
    assert options.beginning(options.STAGES)("cu") == ["curve"]


@pytest.fixture
def finished(tiny_study, tiny_run, tmp_path):
    """A copy of the tiny study without its page, and its study file."""
    shutil.copytree(tiny_run, tmp_path / "tiny")
    (tmp_path / "tiny" / "report.html").unlink()
    return tiny_study, tmp_path


@pytest.mark.slow
def test_report_makes_the_page_again_and_opens_it(command, finished, monkeypatch):
    study, out = finished
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    done = command("report", study, "--out", out, "--open")
    page = out / "tiny" / "report.html"
    assert done.stdout == f"{page}\n"
    assert opened == [page.as_uri()]
    made = page.stat().st_mtime_ns
    # of the folder alone, and nothing is stale
    assert command("report", out / "tiny").stdout == f"{page}\n"
    assert page.stat().st_mtime_ns == made
    run = command("run", study, "--out", out)
    assert "report" not in run.stderr.splitlines()


@pytest.mark.slow
def test_report_says_that_the_study_file_has_changed(command, finished):
    study, out = finished
    done = command("report", study, "--out", out, "--set", "curve.draws=3")
    assert done.returncode == 0
    assert "[curve]" in done.stderr
    assert (out / "tiny" / "report.html").exists()


def test_report_of_a_study_that_has_not_run_says_so(command, tiny_study, finished, tmp_path):
    done = command("report", tiny_study, "--out", tmp_path / "nowhere")
    assert done.returncode == 1
    assert "holds no study that has run" in done.stderr
    (finished[1] / "tiny" / "scores.parquet").unlink()
    done = command("report", finished[1] / "tiny")
    assert done.returncode == 1
    assert "has no scores yet" in done.stderr


def test_check_lists_bad_files_and_impossible_splits_at_once(command, tmp_path):
    for label in ("a", "b"):
        (tmp_path / "corpus" / label).mkdir(parents=True)
        tone = np.sin(np.arange(4000) / 3)
        soundfile.write(tmp_path / "corpus" / label / "x_s1_.wav", tone, 8000)
    (tmp_path / "corpus" / "a" / "y_s2_.wav").write_bytes(b"")
    (tmp_path / "study.toml").write_text(
        'name = "x"\n[corpus]\nadapter = "folder"\nroot = "corpus"\nspeaker_pattern = "_(s.)_"\n'
        '[representations.mine]\nkind = "table"\npath = "none.csv"\n'
    )
    done = command("check", tmp_path / "study.toml", "--out", tmp_path / "files")
    assert done.returncode == 1
    assert "the file is empty" in done.stdout
    assert "none.csv cannot be read" in done.stdout
    assert done.stdout.count("fatal:") == 2
    assert done.stdout.endswith("2 things prevent the study from running\n")


def test_check_of_a_good_study_finds_nothing_fatal(command, tiny_run, tiny_study):
    done = command("check", tiny_study, "--out", tiny_run.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("; the study can run\n")


def test_a_tilde_is_the_home_folder_wherever_a_path_is_given(
    command, tiny_study, tiny_run, tmp_path, monkeypatch
):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(tmp_path)
    (home / "tiny.toml").write_text(tiny_study.read_text())
    (home / "scores.csv").write_bytes((tiny_run / "scores.csv").read_bytes())
    assert command("check", "~/tiny.toml", "--out=~/r").returncode == 0
    assert (home / "r" / "tiny" / "manifest.parquet").exists()
    done = command("plot", "~/scores.csv", "--output=~/f1.svg")
    assert done.returncode == 0
    assert done.stdout.strip() == str(home / "f1.svg")
    assert semisup.read_study("~/tiny.toml", "~/s").out == home / "s"
    assert "~" not in {path.name for path in tmp_path.iterdir()}


def test_arrow_gives_memory_back_unless_the_user_says_otherwise():
    """Its own allocator keeps what it once had."""
    code = (
        "import sys; sys.argv[1:] = ['--version']\n"
        "from semisup.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "import pyarrow; print(pyarrow.default_memory_pool().backend_name)"
    )
    for environment, expected in (
        ({}, "system"),
        ({"ARROW_DEFAULT_MEMORY_POOL": "mimalloc"}, "mi"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.splitlines()[-1].startswith(expected)


@pytest.mark.parametrize("asked", [None, "ignore::DeprecationWarning"])
def test_what_joblib_clears_away_is_not_spoken_of_by_processes_of_a_run(asked):
    warn = "import warnings; warnings.warn('resource_tracker: 3 leaked'); warnings.warn('ours')"
    script = (
        "import subprocess, sys\n"
        "from semisup.cli import main\n"
        "sys.argv = ['semisup', '--version']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"subprocess.run([sys.executable, '-c', {warn!r}])\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=environment | ({"PYTHONWARNINGS": asked} if asked else {}),
    )
    assert "ours" in done.stderr
    assert "leaked" not in done.stderr
