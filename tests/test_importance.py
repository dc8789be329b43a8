"""Permutation importance: exact where the truth is known, the same whoever computes it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semisup import read_study
from semisup.curve.permuted import donors
from semisup.engine.parallel import Workers
from semisup.errors import SpecError, TableError
from semisup.features.families import families
from semisup.figures.importance import plot_importance
from semisup.reading.importance_checks import chosen_systems
from semisup.signals.handcrafted import FEATURE_NAMES
from semisup.stages.runner import run_study

STUDY = """
name = "mine"
[[corpus]]
adapter = "table"
path = "list.csv"
audio = false
[split]
SPLIT
[representations.mine]
kind = "table"
path = "mine.csv"
[curve]
classifiers = ["knn", "tree"]
percentages = [50, 100]
draws = 3
[compare]
resamples = 200
[importance]
groups = { told = ["copy_*"], other = ["noise*"], both = ["copy_*", "alone"] }
ASKED
"""
ONE_SPLIT = "fractions = { labelled = 0.5, test = 0.5 }"
FOLDS = "folds = 3\nrepeats = 2"


def write(folder, split=ONE_SPLIT, asked="", drop=()):
    """Twelve speakers of eight recordings; three equal columns tell the class."""
    rng = np.random.default_rng(0)
    names = [f"r{number:02d}.wav" for number in range(96)]
    classes = np.arange(96) % 2
    rows = {"file": names, "label": np.array(["a", "b"])[classes]}
    rows["speaker"] = [f"s{number // 8:02d}" for number in range(96)]
    pd.DataFrame(rows).to_csv(folder / "list.csv", index=False)
    told = 10.0 * classes
    features = pd.DataFrame(
        {
            "recording": names,
            "copy_1": told,
            "copy_2": told,
            "copy_3": told,
            "noise": 0.1 * rng.normal(size=96),
        }
    )
    features["alone"] = 0.0
    features.drop(columns=list(drop)).to_csv(folder / "mine.csv", index=False)
    text = STUDY.replace("SPLIT", split).replace("ASKED", asked)
    (folder / "study.toml").write_text(text)
    return read_study(folder / "study.toml", out=folder / "out")


def table_of(study, workers=None):
    run_study(study, until="importance", workers=workers)
    table = pd.read_csv(study.folder / "importance.csv")
    return table[table["metric"] == "uar"].set_index(["classifier", "level", "name"])


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    study = write(tmp_path_factory.mktemp("one"))
    return study, table_of(study)


@pytest.mark.parametrize("split", [ONE_SPLIT, FOLDS], ids=["split", "folds"])
def test_what_alone_tells_the_class_is_worth_all_and_noise_nothing(split, tmp_path):
    alone = write(tmp_path, split, drop=["copy_2", "copy_3"])
    table = table_of(alone)
    assert (table["score"] == 1).all()
    for classifier in ("knn", "tree", "mean"):
        drops = table.loc[classifier]
        # a coin is right half of the time
        assert drops["value"][("feature", "copy_1")] == pytest.approx(0.5, abs=0.1)
        assert drops["low_simultaneous"][("feature", "copy_1")] > 0.2
        assert drops["value"][("feature", "alone")] == 0
        assert abs(drops["value"][("feature", "noise")]) < 0.01
        assert (drops["low"] <= drops["value"]).all()
        assert (drops["value"] <= drops["high"]).all()


COPIES = [("feature", f"copy_{number}") for number in (1, 2, 3)]


def test_copies_hide_a_feature_but_not_the_group_of_all(finished):
    neighbours, tree = (finished[1]["value"].loc[name] for name in ("knn", "tree"))
    # two right copies outvote the wrong one
    assert (neighbours[COPIES] == 0).all()
    # a tree asks one of the equal columns, another in another draw
    assert tree[COPIES].sum() == pytest.approx(0.5, abs=0.1)
    for drops in (neighbours, tree):
        assert drops[("group", "told")] == pytest.approx(0.5, abs=0.1)
        assert drops[("group", "both")] == pytest.approx(0.5, abs=0.1)
        assert drops[("group", "other")] == 0


def test_the_mean_of_the_classifiers_is_their_mean(finished):
    knn, tree, mean = (finished[1]["value"].loc[name] for name in ("knn", "tree", "mean"))
    pd.testing.assert_series_equal(mean, (knn + tree)[mean.index] / 2)


def test_unpermuted_rows_are_predicted_as_in_the_curve(finished):
    study, _ = finished
    curve = pd.read_parquet(study.folder / "predictions.parquet").query("percentage == 100")
    with np.load(study.folder / "permuted.npz") as predicted:
        for name in ("knn", "tree"):
            of_system = curve[curve["classifier"] == name]
            table = of_system.pivot_table("predicted", "recording", "draw")
            recordings = predicted[f"{name}@mine recording"]
            first = predicted[f"{name}@mine predicted"][:, 0]
            np.testing.assert_array_equal(first, table.loc[recordings].to_numpy().T)
            assert predicted[f"{name}@mine seconds"].shape == (3,)


@pytest.mark.slow
def test_two_processes_give_the_same_bytes(tmp_path):
    tables = []
    for jobs in (1, 2):
        (tmp_path / str(jobs)).mkdir()
        study = write(tmp_path / str(jobs), FOLDS, "permutations = 2\nbudget = 50")
        table_of(study, Workers(jobs))
        tables.append((study.folder / "importance.csv").read_bytes())
    assert tables[0] == tables[1]


def test_a_table_is_forgotten_with_its_key_and_kept_with_it(finished, tmp_path):
    study = write(tmp_path)
    table_of(study)
    path = study.folder / "importance.csv"
    made = path.stat().st_mtime_ns
    table_of(study)
    assert path.stat().st_mtime_ns == made
    text = (tmp_path / "study.toml").read_text()
    (tmp_path / "study.toml").write_text(text[: text.index("[importance]")])
    run_study(read_study(tmp_path / "study.toml", out=tmp_path / "out"), until="importance")
    assert not path.exists()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ('systems = ["knn@mime"]', r"\[importance\] systems: 'knn@mime' is not known.*knn@mine"),
        ("budget = 70", r"\[importance\] budget: the curve has no budget of 70 %; the nearest"),
        ("permutations = 0", r"\[importance\] permutations"),
    ],
)
def test_what_the_curve_does_not_run_is_refused(asked, message, tmp_path):
    with pytest.raises(SpecError, match=message):
        write(tmp_path, asked=asked)


def test_what_is_learned_has_no_features_to_name(tmp_path):
    components = '[representations.pca]\nkind = "logmel_pca"\n[curve]'
    text = STUDY.replace("SPLIT", ONE_SPLIT).replace("[curve]", components)
    path = tmp_path / "study.toml"
    path.write_text(text.replace("ASKED", 'systems = ["knn@pca"]'))
    with pytest.raises(SpecError, match="'pca' is learned: its features mean another thing"):
        read_study(path)


def test_what_asks_for_recordings_is_left_out(tmp_path):
    asking = '[classifiers.asking]\nkind = "tree"\nquery = "margin"\n[curve]'
    text = STUDY.replace("SPLIT", ONE_SPLIT).replace("ASKED", "").replace("[curve]", asking)
    path = tmp_path / "study.toml"
    path.write_text(
        text.replace('classifiers = ["knn", "tree"]', 'classifiers = ["tree", "asking"]')
    )
    assert chosen_systems(read_study(path).spec) == ["tree@mine"]


def test_a_pattern_that_nothing_is_called_like_is_an_error(tmp_path):
    write(tmp_path)
    text = (tmp_path / "study.toml").read_text().replace('other = ["noise*"]', 'other = ["f0*"]')
    (tmp_path / "study.toml").write_text(text)
    study = read_study(tmp_path / "study.toml", out=tmp_path / "out")
    with pytest.raises(
        TableError, match=r"groups.other: no feature is called like f0\*; there are"
    ):
        run_study(study, until="importance")
    # of several tables one may have it
    assert families(["a", "b"], {"pitch": ["f0*"]}) == []


def test_the_families_of_handcrafted_features():
    sizes = {group.name: len(group.columns) for group in families(list(FEATURE_NAMES))}
    # zero crossings; energy and its entropy; five of the spectrum; 13 + 1 mel; 12 + 1 chroma;
    # of each mean and deviation, of the values and of their changes
    assert sizes == {"zcr": 4, "energy": 8, "spectral": 20, "mfcc": 52, "chroma": 52,
                     "means": 68, "deviations": 68, "deltas": 68}  # fmt: skip


@given(st.lists(st.integers(1, 4), min_size=1, max_size=6), st.integers(0, 99))
def test_rows_of_a_recording_take_those_of_one_other(counts, seed):
    rng = np.random.default_rng(seed)
    owner = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    rows = donors(owner, rng)
    giver = owner[rows]
    for recording, count in enumerate(counts):
        of_it = np.flatnonzero(owner == recording)
        (other,) = set(giver[of_it])
        # in their order, from the first again
        expected = np.flatnonzero(owner == other)
        np.testing.assert_array_equal(rows[of_it], expected[np.arange(count) % len(expected)])
    assert sorted({(r, g) for r, g in zip(owner, giver, strict=True)}) == sorted(
        zip(range(len(counts)), [giver[owner == r][0] for r in range(len(counts))], strict=True)
    )
    assert {giver[owner == r][0] for r in range(len(counts))} == set(range(len(counts)))


@pytest.mark.parametrize("unit", ["recording", "chunk"])
def test_chunks_are_permuted_with_their_recording(unit, tmp_path):
    write(tmp_path)
    text = (tmp_path / "study.toml").read_text()
    text = text.replace("draws = 3", f'draws = 3\nunit = "{unit}"')
    (tmp_path / "study.toml").write_text(text)
    table = pd.read_csv(tmp_path / "mine.csv")
    chunks = pd.concat([table.assign(chunk=number) for number in (0, 1)])
    chunks.sort_values(["recording", "chunk"]).to_csv(tmp_path / "mine.csv", index=False)
    drops = table_of(read_study(tmp_path / "study.toml", out=tmp_path / "out"))
    assert (drops["score"] == 1).all()
    # permuted one by one, half of the recordings would have one right chunk of two, and a tie
    assert drops["value"]["knn", "group", "told"] == pytest.approx(0.5, abs=0.1)


def test_the_figure_has_a_bar_for_each_group_and_those_that_matter_most(finished):
    table = pd.read_csv(finished[0].folder / "importance.csv")
    figure = plot_importance(table, "uar", "mine", "knn")
    groups, features = figure.axes
    names = [label.get_text() for label in groups.get_yticklabels()]
    assert names[-1] == "Other (1)"
    assert set(names) == {"Both (4)", "Told (3)", "Other (1)"}
    widths = [bar.get_width() for bar in groups.patches]
    assert max(widths) == finished[1]["value"].loc["knn"].loc["group"].max()
    assert len(features.get_yticklabels()) == 5
    assert "k nearest neighbours on mine, all labels" in " ".join(figure.get_suptitle().split())
    assert "mean of all classifiers" in plot_importance(table, "uar").get_suptitle().replace(
        "\n", " "
    )
    with pytest.raises(TableError, match="no accuracy of knn@mine"):
        plot_importance(table, "accuracy", "mine", "knn")


@pytest.mark.slow
def test_the_page_shows_what_matters(finished):
    study, _ = finished
    run_study(study)
    page = (study.folder / "report.html").read_text("utf-8")
    assert "Which features matter: Mine" in page
    assert "Resolved, the largest drop first: Both" in page
    assert (study.folder / "figures" / "importance_mine.png").exists()
    sheet = pd.read_csv(study.folder / "tables" / "importance.csv")
    assert set(sheet["Permuted"]) == {"Both (4)", "Told (3)", "Other (1)"}
