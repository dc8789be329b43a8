"""`draws = { until = ... }`: as many draws as the scores' precision asks for."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_accelerate import written
from test_learning_curve import study

from semisup import read_study
from semisup.curve.learning_curve import learning_curve
from semisup.curve.precision import draws_needed, half_width, next_look, spread, widest
from semisup.engine.parallel import Workers
from semisup.errors import SpecError
from semisup.stages import curve
from semisup.stages.runner import run_study
from semisup.study.draws_spec import DrawsUntil
from semisup.study.spec import CurveSpec

ASKED = DrawsUntil(until=0.03, at_least=5, at_most=200)
SPEC = {"classifiers": ["knn"], "percentages": [10, 50]}


def test_the_half_width_is_that_of_students_interval():
    from scipy.stats import t

    scores = np.random.default_rng(0).normal(size=(12, 3))
    deviation = spread(scores)
    np.testing.assert_allclose(deviation, scores.std(axis=0, ddof=1))
    low, high = t.interval(0.9, 11, scores[:, 1].mean(), deviation[1] / np.sqrt(12))
    assert half_width(deviation[1], 12, 1, 0.9) == pytest.approx((high - low) / 2)


def test_the_level_of_an_encoder_is_no_spread_of_draws():
    scores = np.tile([[0.0], [5.0]], (4, 1)) + np.repeat([1.0, 2.0, 3.0, 4.0], 2)[:, None]
    within = np.array([1.0, 2.0, 3.0, 4.0])
    expected = np.sqrt(2 * ((within - within.mean()) ** 2).sum() / (8 - 2))
    assert spread(scores, 2) == pytest.approx([expected])
    assert half_width(1.0, 2, 2, 0.95) == np.inf


@given(st.floats(0, 1), st.integers(1, 3))
def test_the_number_of_draws_is_the_first_that_is_enough(deviation, encoders):
    number = draws_needed(deviation, encoders, 0.95, ASKED)
    assert ASKED.at_least <= number <= ASKED.at_most
    if number < ASKED.at_most:
        assert half_width(deviation, number, encoders, 0.95) <= ASKED.until
    if number > ASKED.at_least:
        assert half_width(deviation, number - 1, encoders, 0.95) > ASKED.until


def test_the_next_look_is_enough_or_at_most_twice_as_many():
    calm, wild = np.zeros((6, 2)), np.random.default_rng(0).normal(size=(6, 2))
    assert next_look({"a": calm}, {"a": 1}, 0.95, ASKED) <= 6
    assert next_look({"a": calm, "b": wild}, {"a": 1, "b": 1}, 0.95, ASKED) == 12
    most = DrawsUntil(until=0.03, at_least=5, at_most=8)
    assert next_look({"b": wild}, {"b": 1}, 0.95, most) == 8
    name, budget, width = widest({"a": calm, "b": wild}, {"a": 1, "b": 1}, 0.95)
    assert (name, budget) == ("b", int(spread(wild).argmax()))
    assert width == half_width(float(spread(wild).max()), 6, 1, 0.95)


def test_a_curve_stops_where_it_is_precise_and_is_that_of_as_many_draws():
    tables = study(noise=1.5)
    asked = CurveSpec(draws={"until": 0.08, "at_least": 5, "at_most": 60}, **SPEC)
    scores = learning_curve(*tables, asked)
    n_draws = scores["draw"].nunique()
    assert 5 < n_draws < 60
    fixed = learning_curve(*tables, CurveSpec(draws=n_draws, **SPEC))
    pd.testing.assert_frame_equal(scores, fixed, check_exact=True)
    for _, rows in scores.groupby(["representation", "percentage"]):
        assert half_width(rows["uar"].std(), n_draws, 1, 0.95) <= 0.08


@pytest.mark.slow
def test_a_study_goes_on_where_it_was_killed_and_jobs_change_nothing(tmp_path, monkeypatch, capsys):
    from semisup.curve import adaptive

    def asking(folder, until, at_most=12):
        text = f"draws = {{ until = {until}, at_least = 5, at_most = {at_most} }}"
        folder.mkdir()
        written(folder)
        path = folder / "study.toml"
        path.write_text(path.read_text().replace("draws = 2", text))
        return read_study(path, folder / "files")

    whole = run_study(asking(tmp_path / "whole", 0.03), until="curve", workers=Workers(2))
    assert "not within ±0.03: see at_most in [curve] draws" in "".join(capsys.readouterr())
    tables = ("scores.parquet", "predictions.parquet", "losses.parquet")
    content = [(whole.folder / name).read_bytes() for name in tables]
    killed = asking(tmp_path / "killed", 0.03)
    with monkeypatch.context() as dying:
        dying.setattr(adaptive, "next_look", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_study(killed, until="curve")
    again = run_study(killed, until="curve", workers=Workers(1))
    assert [(again.folder / name).read_bytes() for name in tables] == content
    scores = pd.read_parquet(again.folder / "scores.parquet")
    assert scores["draw"].nunique() == 12
    assert len(curve.experiment(again).tasks) == 12 * 3
    easy = run_study(asking(tmp_path / "easy", 0.9), until="curve")
    assert pd.read_parquet(easy.folder / "scores.parquet")["draw"].nunique() == 5
    assert "5 draws: f1_weighted is known within ±" in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("draws", "split", "sentence"),
    [
        ("{ until = 0 }", "", "until"),
        ("{ until = 0.03, at_most = 8 }", "", r"at_most must be no fewer than at_least \(10\)"),
        ("{ until = 0.03, at_least = 5 }\n[train]\nseeds = 6", "", "need at least 6 draws"),
        ("{ until = 0.03 }", "folds = 2\n", "all folds have the same draws"),
    ],
)
def test_what_cannot_be_is_said(tmp_path, draws, split, sentence):
    written(tmp_path)
    path = tmp_path / "study.toml"
    text = path.read_text().replace("draws = 2", f"draws = {draws}")
    path.write_text(text.replace("[representations.mine]", f"{split}[representations.mine]"))
    with pytest.raises(SpecError, match=sentence):
        read_study(path)
