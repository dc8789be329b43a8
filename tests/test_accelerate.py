"""`[curve] accelerate`: forests and support vector machines by scikit-learn-intelex."""

import json
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from table_study import table_study

from semisup import read_study
from semisup.classifiers import _accelerated as package
from semisup.classifiers import accelerator_version, build_classifier
from semisup.engine.parallel import Workers
from semisup.errors import SpecError
from semisup.stages.preflight import check_study
from semisup.stages.runner import run_study
from semisup.study.spec import ClassifierSpec

CURVE = """
[curve]
classifiers = ["svm", "random_forest", "tree"]
percentages = [20, 100]
draws = 2
"""


def written(folder, more=""):
    rng, n = np.random.default_rng(0), 60
    y = np.arange(n) % 3
    names = [f"r{i:02d}.wav" for i in range(n)]
    speakers = [f"s{i // 6:02d}" for i in range(n)]
    labels = np.array(list("abc"))[y]
    pd.DataFrame({"file": names, "label": labels, "speaker": speakers}).to_csv(
        folder / "list.csv", index=False
    )
    table = pd.DataFrame(rng.normal(size=(n, 4)) + 3 * np.eye(3, 4)[y], columns=list("wxyz"))
    table.insert(0, "recording", names)
    table.to_csv(folder / "mine.csv", index=False)
    (folder / "study.toml").write_text(table_study("fast") + CURVE + more)
    return read_study(folder / "study.toml", folder / "files")


def test_without_the_package_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(package, "PACKAGE", "a-package-that-nobody-has")
    study = written(tmp_path, "accelerate = true\n")
    sentence = "[curve] accelerate needs scikit-learn-intelex: pip install 'semisup[accelerate]'"
    problems, fatal = check_study(study)
    assert fatal
    assert sentence in "\n".join(problems)
    with pytest.raises(SpecError) as told:
        run_study(study)
    assert str(told.value) == sentence


@pytest.mark.extras
@pytest.mark.parametrize("kind", ["svm", "random_forest"])
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_a_counterpart_has_the_parameters_and_answers_nearly_alike(kind, task):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 5))
    y = (X[:, 0] > 0).astype(int) if task == "classification" else 3 * X[:, 0]
    parameters = {"C": 2.0} if kind == "svm" else {"n_estimators": 30}
    spec = ClassifierSpec(kind=kind, parameters=parameters)
    plain = build_classifier(spec, 0, task)
    fast, again = (build_classifier(spec, 0, task, accelerate=True) for _ in range(2))
    assert type(fast).__module__.startswith("sklearnex")
    # it has some of its own
    ours = fast.get_params()
    assert {name: ours[name] for name in plain.get_params()} == plain.get_params()
    answers = [each.fit(X, y).predict(X) for each in (plain, fast, again)]
    np.testing.assert_array_equal(answers[1], answers[2])
    assert np.corrcoef(answers[0], answers[1])[0, 1] > 0.95
    assert import_module("daal4py").num_threads() == 1


@pytest.mark.extras
def test_what_has_no_counterpart_stays_what_it_is():
    for kind in ("tree", "adaboost", "knn"):
        fast = build_classifier(ClassifierSpec(kind=kind), 0, accelerate=True)
        assert not type(fast).__module__.startswith("sklearnex")


@pytest.mark.extras
def test_a_study_notes_it_and_makes_its_curve_again(tmp_path, monkeypatch):
    study = written(tmp_path)
    plain = run_study(study, until="curve")
    fast_study = written(tmp_path, "accelerate = true\n")
    before = pd.read_parquet(plain.folder / "scores.parquet")
    fast = run_study(fast_study, until="curve", workers=Workers(1))
    assert fast.fingerprints.curve != plain.fingerprints.curve
    noted = json.loads((fast.folder / "provenance.json").read_text())
    computed_by = noted["steps"]["curve"]["versions"]
    assert computed_by == {"scikit-learn-intelex": accelerator_version()}
    assert noted["study"]["curve"]["accelerate"] is True
    path = fast.folder / "scores.parquet"
    scores, content = pd.read_parquet(path), path.read_bytes()
    of_tree = [
        table[table["classifier"] == "tree"].reset_index(drop=True) for table in (before, scores)
    ]
    pd.testing.assert_frame_equal(*of_tree, check_exact=True)
    assert scores["uar"].mean() > 0.7
    run_study(fast_study, until="curve", force="curve", workers=Workers(2))
    assert path.read_bytes() == content
