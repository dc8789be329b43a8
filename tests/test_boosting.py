"""XGBoost and LightGBM as docs/how-to/gradient-boosting.md has them."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from table_study import table_study

from semisup import read_study
from semisup.engine.parallel import Workers
from semisup.errors import SpecError
from semisup.stages.runner import run_study

PAGE = Path(__file__).parents[1] / "docs" / "how-to" / "gradient-boosting.md"


@pytest.mark.extras
def test_the_page_runs_and_learns_from_one_recording_a_class(tmp_path, capfd):
    study = written(tmp_path)
    run_study(study, until="curve", workers=Workers(1))
    assert "LightGBM" not in capfd.readouterr().out
    path = study.folder / "scores.csv"
    scores, text = pd.read_csv(path), path.read_bytes()
    uar = scores.groupby(["classifier", "percentage"])["uar"].mean()
    for name in ("xgboost", "lightgbm", "xgboost_tuned"):
        assert uar[name, 5.0] > 0.45, name
        assert uar[name, 100.0] > 0.9, name
    run_study(study, until="curve", force="curve", workers=Workers(2))
    assert path.read_bytes() == text


def test_a_dot_in_the_place_of_the_colon_is_said(tmp_path):
    (tmp_path / "study.toml").write_text(
        table_study("dot") + '[classifiers.boosting]\nkind = "xgboost.XGBClassifier"\n'
    )
    with pytest.raises(SpecError, match=r"write 'xgboost:XGBClassifier'"):
        read_study(tmp_path / "study.toml")


def written(folder):
    """Three classes of twenty labelled recordings each, four deviations apart."""
    page = PAGE.read_text("utf-8")
    (python,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (folder / "boosting.py").write_text(python)
    toml = "\n".join(re.findall(r"```toml\n(.*?)```", page, re.DOTALL))
    text = table_study("boosting") + toml + "percentages = [5, 100]\ndraws = 2\n"
    # few rounds are enough here
    (folder / "study.toml").write_text(text.replace("[50, 200]", "[5, 20]"))
    rng, classes = np.random.default_rng(0), np.arange(120) % 3
    names = [f"r{number:03d}.wav" for number in range(120)]
    speakers = [f"s{number // 10:02d}" for number in range(120)]
    labels = np.array(list("abc"))[classes]
    listing = pd.DataFrame({"file": names, "label": labels, "speaker": speakers})
    listing.to_csv(folder / "list.csv", index=False)
    values = rng.normal(size=(120, 4)) + 4 * classes[:, None]
    features = pd.DataFrame(values, columns=list("wxyz"))
    features.insert(0, "recording", names)
    features.to_csv(folder / "mine.csv", index=False)
    return read_study(folder / "study.toml", out=folder / "out")
