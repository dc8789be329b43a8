"""Tuned classifiers in a study: the gate, the artefact, the report's table, one's own files."""

import numpy as np
import pandas as pd
import pytest
from table_study import table_study

from semisup.curve.cells import fit_cell
from semisup.features.kinds import kind_of
from semisup.figures.study_tables import StudyTables
from semisup.prediction.fitting import kept_or_fitted
from semisup.reading import read_study
from semisup.report import sheets
from semisup.stages import curve
from semisup.stages.gates import costs, searches
from semisup.stages.gates.classifiers import parameter_problems
from semisup.stages.gates.problem import Outlook
from semisup.stages.resolve import resolve
from semisup.stages.runner import run_study
from semisup.study.spec import ClassifierSpec

TUNED = """
[classifiers.mine]
kind = "knn"
grid = { n_neighbors = [30, 1] }
inner_folds = 3
[curve]
classifiers = ["knn", "mine"]
percentages = [5, 50, 100]
draws = 2
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two classes in rings of each other, of 12 speakers with 6 recordings each."""
    made = tmp_path_factory.mktemp("tuned")
    rng, n = np.random.default_rng(0), 72
    place = np.arange(n) % 6
    listed = pd.DataFrame(
        {
            "file": [f"r{i:02d}" for i in range(n)],
            "label": np.where(place % 2, "odd", "even"),
            "speaker": [f"s{i // 6:02d}" for i in range(n)],
        }
    )
    listed.to_csv(made / "list.csv", index=False)
    angle = 2 * np.pi * (place + 0.3 * rng.random(n)) / 6
    table = pd.DataFrame({"recording": listed["file"], "chunk": -1})
    table.assign(x=np.cos(angle), y=np.sin(angle)).to_csv(made / "mine.csv", index=False)
    (made / "study.toml").write_text(table_study("tuned") + TUNED)
    return made


@pytest.fixture(scope="module")
def finished(folder):
    return run_study(read_study(folder / "study.toml", folder / "files"), until="curve")


def outlook(folder, *overrides):
    study = read_study(folder / "study.toml", folder / "files", overrides)
    names = [f"r{i:02d}" for i in range(20)]
    manifest = pd.DataFrame({"recording": names, "label": list("ab") * 10})
    split = pd.Series("labelled", index=names)
    kinds = {name: kind_of(spec) for name, spec in study.spec.representations.items()}
    classifiers = {name: study.spec.classifier(name) for name in study.spec.curve.classifiers}
    return Outlook(study, kinds, manifest, split), classifiers


def test_every_cell_that_chose_is_in_a_table(finished):
    table = pd.read_csv(finished.folder / "choices.csv")
    assert set(zip(table["representation"], table["classifier"], strict=True)) == {("mine", "mine")}
    assert table["parameters"].tolist() == ["default", *['{"n_neighbors": 1}'] * 2] * 2
    assert table["inner_folds"].tolist() == [0, 3, 3] * 2
    scores = pd.read_csv(finished.folder / "scores.csv").groupby(["classifier", "percentage"])
    assert scores["uar"].mean()["mine", 100] == 1


def test_the_report_shows_what_was_chosen_most_often(finished):
    shown = {sheet.name: sheet for sheet in sheets(StudyTables(finished.folder), "uar")}["choices"]
    row = shown.table.iloc[0].to_dict()
    assert row["5 % of labels"] == "defaults (too small) (2 of 2)"
    assert row["100 % of labels"] == "n_neighbors 1 (2 of 2)"


def test_ones_own_files_are_predicted_by_a_classifier_tuned_in_the_same_way(finished, tmp_path):
    task = next(t for t in curve.experiment(finished).tasks if t.system.classifier == "mine")
    rows = np.array([[1.0, 0.0], [0.5, 0.9]])
    kept = kept_or_fitted(finished, task.system.name, tmp_path)
    fitted = fit_cell(task, 100.0, task.source)
    assert fitted.classifier.get_params()["n_neighbors"] == 1
    assert np.array_equal(kept.answers(rows).by_window, fitted.probabilities(rows, 2))
    assert not kept.votes


def test_a_study_that_searches_no_more_has_no_table_of_choices(folder, finished):
    path = finished.folder / "choices.csv"
    kept = path.read_bytes()
    study = read_study(folder / "study.toml", folder / "files", ["curve.classifiers=['knn']"])
    untuned = run_study(study, until="curve")
    assert not path.exists()
    # the searched classifier's table alone does not count: the curve does not run it
    assert untuned.fingerprints.curve != finished.fingerprints.curve
    again = run_study(read_study(folder / "study.toml", folder / "files"), until="curve")
    assert (again.folder / "choices.csv").read_bytes() == kept


def test_keys_of_a_search_leave_other_classifiers_their_fingerprints(folder):
    texts = {
        "plain": 'kind = "knn"',
        "written out": 'kind = "knn"\ngrid = {}\ntrials = 10\nsearch = "grid"',
        "tuned": 'kind = "knn"\ntuned = true',
        "random": 'kind = "knn"\ntuned = true\nsearch = "random"',
        "order": 'kind = "knn"\ngrid = { weights = ["uniform"], n_neighbors = [1] }',
        "other order": 'kind = "knn"\ngrid = { n_neighbors = [1], weights = ["uniform"] }',
    }
    made = {}
    for name, text in texts.items():
        path = folder / "other.toml"
        path.write_text(table_study("other") + f"[classifiers.knn]\n{text}\n")
        made[name] = resolve(read_study(path, folder / "files")).fingerprints.curve
    assert made["plain"] == made["written out"]
    assert len(set(made.values())) == len(made) - 1


# --- the gate


def test_the_cost_of_a_search_is_known_before(folder):
    known, classifiers = outlook(folder)
    # 2 points x (0 + 3 + 3) folds x 2 draws
    assert searches.n_fits(known, "mine", classifiers["mine"]) == 24
    assert searches.n_fits(known, "knn", classifiers["knn"]) == 0
    said = costs.outlay(known, classifiers, 2)
    assert said.startswith("12 cells and 24 fits that choose parameters")
    # 2 points x (0 + 5 + 5) folds x 5,000 draws
    known, classifiers = outlook(folder, "curve.draws=5000", "classifiers.mine.inner_folds=5")
    assert searches.many(known, classifiers, 1) == []
    (warned,) = searches.many(known, classifiers, 2)
    assert warned.severity == "warning"
    assert "chosen by 200,000 fits at most" in warned.text
    assert ": mine 200,000; fewer percentages" in warned.text


def test_searches_on_features_that_have_seen_the_labels_are_told(folder):
    table = "representations.seen={kind='deep_softmax'}"
    (said,) = searches.on_what_has_seen_labels(*outlook(folder, table))
    assert said.severity == "warning"
    assert said.text.startswith("[curve] mine on seen: its features are learned from all labels")
    only = "curve.only={mine=['mine']}"
    assert searches.on_what_has_seen_labels(*outlook(folder, table, only)) == []


def test_wrong_grids_are_problems_of_the_classifier():
    specs = {
        "a": ClassifierSpec(kind="svm", grid={"C": [0, 1]}, parameters={"gama": 1}),
        "b": ClassifierSpec(kind="logistic_regression", grid={"penalty": ["l2", "l1"]}),
        "c": ClassifierSpec(kind="tree", grid={"max_depth": [1, 2]}),
        "d": ClassifierSpec(kind="svm", tuned=True),
    }
    problems = parameter_problems(specs)
    beginnings = (
        "[classifiers.a] gama is not one of its parameters",
        "[classifiers.a] grid: C = 0: it must be a number in the range",
        "[classifiers.b] grid: it cannot be fitted with penalty = 'l1': ",
    )
    assert len(problems) == len(beginnings)
    for problem, beginning in zip(problems, beginnings, strict=True):
        assert problem.startswith(beginning)


def test_every_fold_of_speakers_has_choices_of_its_own(folder):
    overrides = ["name='folded'", "split.folds=2", "curve.percentages=[100]", "curve.draws=1"]
    folded = run_study(
        read_study(folder / "study.toml", folder / "files", overrides), until="curve"
    )
    table = pd.read_csv(folded.folder / "choices.csv")
    assert list(table)[:5] == ["representation", "classifier", "percentage", "repeat", "draw"]
    assert table["repeat"].tolist() == [0, 1]
    assert (table["grouped_by"] == "speaker").all()
