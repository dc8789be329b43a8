import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import mean_absolute_error, r2_score

from semisup import run
from semisup.classifiers import build_classifier, classifier
from semisup.classifiers._contract import has_regressor, regressors
from semisup.comparison.bootstrap import curves, resample
from semisup.comparison.chance import chance, permuted
from semisup.comparison.interval import interval
from semisup.comparison.predictions import System
from semisup.comparison.table import compare
from semisup.corpora import adapter
from semisup.corpora.synthetic import MANNERS, Recording, manner
from semisup.curve.fit import LabelledRows, fit_numbers
from semisup.curve.plan import plan
from semisup.curve.target import Numbers
from semisup.curve.task import budget
from semisup.errors import CorpusError, SpecError
from semisup.metrics import METRICS, METRICS_OF, NUMBER_METRICS, scores_of_numbers
from semisup.moments import terms
from semisup.reading import parse_study, read_study
from semisup.recordings.numbers import NUMBER, RANGES, ranges, with_numbers
from semisup.study.spec import ClassifierSpec, CurveSpec

numbers = arrays(float, st.integers(3, 20), elements=st.integers(-50, 50).map(float))
pairs = numbers.flatmap(
    lambda t: arrays(float, len(t), elements=st.integers(-50, 50).map(float)).map(lambda p: (t, p))
)


def scored(truth, predicted):
    sums = Numbers().counted(np.asarray(truth), np.asarray(predicted))
    return {name: float(value) for name, value in scores_of_numbers(sums).items()}


def lin(truth, predicted):
    covariance = np.cov(truth, predicted, bias=True)
    apart = (np.mean(truth) - np.mean(predicted)) ** 2
    return 2 * covariance[0, 1] / (covariance[0, 0] + covariance[1, 1] + apart)


@given(pairs)
def test_scores_are_lins_and_scikit_learns(rows):
    truth, predicted = rows
    assume(np.ptp(truth) > 0 and np.ptp(predicted) > 0)
    found = scored(truth, predicted)
    assert found["ccc"] == pytest.approx(lin(truth, predicted), abs=1e-9)
    assert found["r2"] == pytest.approx(r2_score(truth, predicted), abs=1e-9)
    assert found["mae"] == pytest.approx(mean_absolute_error(truth, predicted))


def test_the_table_of_lins_article_in_closed_form():
    # a shift by d of numbers with variance v: 2 v / (2 v + d^2); half of them: 2 c v / (v + c^2 v)
    truth = np.array([-1.0, 1.0])
    assert scored(truth, truth + 1)["ccc"] == pytest.approx(2 / 3)
    assert scored(truth, truth / 2)["ccc"] == pytest.approx(0.8)
    assert scored(truth, -truth)["ccc"] == -1
    assert scored(truth, truth) == {"ccc": 1, "r2": 1, "mae": 0}


@given(pairs, st.sampled_from([0.25, 3.0]), st.integers(-9, 9))
def test_ccc_has_its_bounds_and_does_not_see_units(rows, scale, shift):
    truth, predicted = rows
    found = scored(truth, predicted)["ccc"]
    assert -1 <= found <= 1
    assert scored(predicted, truth)["ccc"] == pytest.approx(found, abs=1e-9)
    moved = scored(scale * truth + shift, scale * predicted + shift)["ccc"]
    assert moved == pytest.approx(found, abs=1e-7)
    if np.ptp(truth) > 0 and np.ptp(predicted) > 0:
        assert abs(found) <= abs(np.corrcoef(truth, predicted)[0, 1]) + 1e-9


@given(numbers, st.floats(-1e3, 1e3))
def test_one_number_for_all_is_chance(truth, constant):
    assert scored(truth, np.full(len(truth), constant))["ccc"] == 0
    assert scored(np.full(len(truth), constant), truth)["ccc"] == 0


def test_chance_is_that_of_naming_the_mean():
    truth = [1.0, 2.0, 6.0]
    found = scored(truth, [3.0] * 3)
    for name in NUMBER_METRICS:
        assert chance(truth, name) == pytest.approx(found[name])


def test_a_metric_is_of_one_task_and_one_of_them_is_better_low():
    assert {name for of_task in METRICS_OF.values() for name in of_task} == set(METRICS)
    assert [name for name, metric in METRICS.items() if metric.lower_is_better] == ["mae"]
    assert METRICS["ccc"].phrase == "CCC"


def a_system(n_speakers=6, each=5, n_draws=3, seed=0):
    rng = np.random.default_rng(seed)
    speaker = np.repeat(np.arange(n_speakers), each)
    truth = rng.normal(200, 30, len(speaker))
    noise = rng.normal(0, 20, (2, n_draws, len(speaker)))
    predicted = (truth + noise + rng.normal(0, 10, n_speakers)[speaker]).astype(np.float32)
    return System(predicted, truth, speaker, Numbers())


@pytest.mark.parametrize("metric", NUMBER_METRICS)
def test_a_resample_scores_what_its_recordings_score_one_by_one(metric):
    system = a_system()
    weights = resample(5, 3, 6, np.random.default_rng(1))
    curve = curves(system, weights)[metric]
    for b, (draws, speakers) in enumerate(zip(weights.draws, weights.speakers, strict=True)):
        times = speakers[system.speaker]
        by_draw = [
            scored(np.repeat(system.truth, times), np.repeat(row, times))[metric]
            for row in system.predicted[1]
        ]
        assert curve.resampled[b, 1] == pytest.approx(draws @ by_draw / 3, rel=1e-9)
    whole = [scored(system.truth, row)[metric] for row in system.predicted[1]]
    assert curve.estimate[1] == pytest.approx(np.mean(whole))


@settings(max_examples=20)
@given(st.permutations(range(6)))
def test_the_numbers_of_speakers_change_nothing(order):
    system = a_system()
    other = System(system.predicted, system.truth, np.array(order)[system.speaker], Numbers())
    weights = resample(50, 3, 6, np.random.default_rng(0))
    one, two = (curves(s, weights)["ccc"] for s in (system, other))
    assert one.estimate == pytest.approx(two.estimate)
    assert one.pseudo == pytest.approx(two.pseudo[:, :, list(order)], rel=1e-4)


def test_permuted_numbers_stay_with_their_speaker_and_score_as_counted():
    system = a_system(each=2)
    found = permuted(system, 200, np.random.default_rng(0))
    assert {name: values.shape for name, values in found.items()} == dict.fromkeys(
        ("ccc", "r2"), (200, 2)
    )
    # of two recordings a speaker, each is swapped or not: one of 2 ** 6 scores
    swaps = (np.arange(64)[:, None] >> np.arange(6)) & 1
    places = np.arange(12).reshape(6, 2)
    orders = [np.where(swap[:, None], places[:, ::-1], places).ravel() for swap in swaps]
    possible = [
        np.mean([scored(system.truth[order], row)["ccc"] for row in system.predicted[0]])
        for order in orders
    ]
    nearest = np.abs(found["ccc"][:, :1] - possible).min(axis=1)
    assert nearest.max() < 1e-9
    assert len(np.unique(found["ccc"][:, 0].round(9))) > 30


def test_intervals_hold_the_ccc_of_the_population():
    # truth and prediction share a variance of .6 of 1 each, .2 of it by speaker: CCC .6
    rng, held, n = np.random.default_rng(0), 0, 150
    speaker = np.repeat(np.arange(12), 10)
    weights = resample(200, 1, 12, rng)
    for _ in range(n):
        shared = rng.normal(0, 0.4**0.5, 120) + rng.normal(0, 0.2**0.5, 12)[speaker]
        truth, predicted = (shared + rng.normal(0, 0.4**0.5, 120) for _ in range(2))
        system = System(predicted[None, None].astype(np.float32), truth, speaker, Numbers())
        bounds = interval(curves(system, weights)["ccc"], 0.95, "percentile")
        held += bounds.low[0] <= 0.6 <= bounds.high[0]
    assert 0.88 <= held / n <= 0.995


def listed(labels, speakers=None):
    names = [f"r{i:02d}" for i in range(len(labels))]
    speaker = speakers or [f"s{i % 6}" for i in range(len(labels))]
    return pd.DataFrame({"recording": names, "label": labels, "speaker": speaker, "reason": ""})


def test_labels_become_numbers_and_the_names_of_their_ranges():
    table = with_numbers(listed([f"{v:g}" for v in range(20, 50)] + [""]))
    assert table[NUMBER].tolist()[:3] == [20, 21, 22]
    assert np.isnan(table[NUMBER].iloc[-1])
    assert table["label"].iloc[-1] == ""
    assert table["label"].value_counts().to_dict() == {
        "": 1, "1: 20 to 25": 6, "2: 26 to 31": 6, "3: 32 to 37": 6, "4: 38 to 43": 6,
        "5: 44 to 49": 6,
    }  # fmt: skip


def test_there_are_fewer_ranges_where_a_speaker_would_have_one_alone():
    ages = ["20", "21", "30", "31", "40", "41"]
    table = with_numbers(listed(ages * 2, [f"s{a}" for a in ages] * 2))
    assert table.groupby("label")["speaker"].nunique().min() >= 2
    assert 2 <= table["label"].nunique() < RANGES


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (["1", "2", "loud"], "needs labels that are numbers.*r02 has 'loud'$"),
        (["1,5", "x", "inf", "y"], r"r00 has '1,5', r01 has 'x', r02 has 'inf', and 1 more$"),
        (["2", "2.0", ""], "All 2 labels are the number 2"),
    ],
)
def test_labels_that_cannot_be_predicted_as_numbers_are_one_sentence(labels, sentence):
    with pytest.raises(CorpusError, match=sentence):
        with_numbers(listed(labels))


@given(numbers)
def test_ranges_ascend_and_keep_equal_numbers_together(values):
    places = ranges(values)
    order = np.argsort(values, kind="stable")
    assert (np.diff(places[order]) >= 0).all()
    assert places.min() == 0
    assert set(places) == set(range(places.max() + 1))
    assert places.max() < RANGES
    for value in set(values):
        assert len(set(places[values == value])) == 1
    assert (places.max() > 0) == (np.ptp(values) > 0)


@pytest.mark.parametrize("kind", regressors())
def test_a_regressor_answers_with_little_data_and_in_the_unit_of_the_labels(kind):
    entry, rng = classifier(kind), np.random.default_rng(0)
    features = rng.normal(size=(30, 4))
    truth = features[:, 0] + 0.1 * rng.normal(size=30)
    owner = np.arange(30)

    def predicted(rows, labels, asked):
        estimator = build_classifier(ClassifierSpec(kind=kind), 0, "regression")
        labelled = LabelledRows(rows, labels, owner[: len(rows)])
        return fit_numbers(entry, estimator, labelled, "standard").numbers(asked)

    assert has_regressor(entry)
    one = predicted(features, truth, features)
    assert lin(truth, one) > 0.6
    # rounding moves a split or two of trees
    assert lin(1000 + 64 * one, predicted(features, 1000 + 64 * truth, features)) > 0.99
    assert predicted(features[:1], truth[:1], features) == pytest.approx(np.full(30, truth[0]))
    assert np.isfinite(predicted(np.ones((5, 2)), truth[:5], np.ones((3, 2)))).all()


def a_study(**changes):
    return {
        "name": "n",
        "task": "regression",
        "corpus": {"adapter": "synthetic", "label": "pitch"},
        "curve": {"classifiers": ["ridge"]},
        **changes,
    }


def test_ccc_is_the_metric_unless_another_is_asked_for():
    assert parse_study(a_study()).plot.metric == "ccc"
    assert parse_study(a_study(plot={"formats": ["svg"]})).plot.metric == "ccc"
    assert parse_study(a_study(plot={"metric": "r2"})).plot.metric == "r2"
    assert parse_study({"name": "n", "corpus": {"adapter": "synthetic"}}).plot.metric != "ccc"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"plot": {"metric": "uar"}}, "'uar' is of another task.*whose metrics are ccc, r2"),
        ({"plot": {"metric": "mae"}}, "'mae' is better when it is lower"),
        ({"task": "classification", "plot": {"metric": "ccc"}}, "'ccc' is of another task"),
        ({"curve": {"classifiers": ["argmax"]}}, "'argmax' predicts classes.*ridge.*svm"),
        ({"curve": {"classifiers": ["self_training_svm"]}}, "predicts classes"),
        ({"curve": {"classifiers": ["ridge"], "balance": "weights"}}, "'weights' is of classes"),
        (
            {
                "classifiers": {"own": {"kind": "sklearn.svm:SVC"}},
                "curve": {"classifiers": ["own"]},
            },
            "'sklearn.svm:SVC' predicts classes",
        ),
        ({"representations": {"deep": {"kind": "deep_softmax"}}}, "learns from classes"),
    ],
)  # fmt: skip
def test_what_is_of_classes_is_refused_in_one_sentence(changes, sentence):
    with pytest.raises(SpecError, match=sentence):
        parse_study(a_study(**changes))


def test_a_regressor_of_others_is_welcome():
    spec = ClassifierSpec(kind="sklearn.linear_model:HuberRegressor", parameters={"alpha": 0.1})
    study = a_study(classifiers={"huber": spec.model_dump(include={"kind", "parameters"})})
    assert parse_study(study | {"curve": {"classifiers": ["huber"]}}).task == "regression"
    assert build_classifier(spec, 0, "regression").get_params()["alpha"] == 0.1


@pytest.mark.parametrize("label", MANNERS)
def test_generated_numbers_are_those_that_were_drawn(label, tmp_path):
    kind = adapter("synthetic")
    options = kind.Options(label=label, speakers=2, recordings_per_speaker=3)
    table = kind(options).scan(tmp_path)
    drawn = manner(Recording(1, 1), options)
    path = table["path"].str.endswith("_001.wav") & (table["speaker"] == "speaker_001")
    assert float(table.loc[path, "label"].iloc[0]) == pytest.approx(getattr(drawn, label), rel=1e-5)


STUDY = """
name = "numbers"
task = "regression"
[corpus]
adapter = "table"
path = "list.csv"
audio = false
[split]
fractions = { labelled = 0.5, test = 0.5 }
[representations.weak]
kind = "table"
path = "weak.csv"
[representations.strong]
kind = "table"
path = "strong.csv"
[classifiers.tuned_ridge]
kind = "ridge"
grid = { alpha = [1.0, 1000.0] }
[curve]
classifiers = ["tuned_ridge", "knn"]
percentages = [20, 100]
draws = 2
[compare]
resamples = 200
"""


def write(folder, noise_for=()):
    """Write a study of 12 speakers; labels of some recordings may be noise."""
    rng, rows = np.random.default_rng(0), []
    for i in range(120):
        value, hum = rng.normal(), rng.normal(size=4)
        rows.append((f"r{i:03d}", value, f"s{i % 12:02d}", *(value + hum * [0.5, 0.5, 4, 4])))
    columns = ["recording", "label", "speaker", "a", "b", "c", "d"]
    table = pd.DataFrame(rows, columns=columns)
    labels = 50 + 10 * table["label"]
    mask = table["recording"].isin(noise_for)
    labels = labels.mask(mask, labels.sample(frac=1, random_state=1).to_numpy())
    listed = table[["recording", "speaker"]].assign(label=labels.round(4))
    listed.rename(columns={"recording": "file"}).to_csv(folder / "list.csv", index=False)
    for name, features in (("strong", ["a", "b"]), ("weak", ["c", "d"])):
        rows = table[["recording"]].assign(chunk=-1)
        rows.join(table[features]).to_csv(folder / f"{name}.csv", index=False)
    (folder / "study.toml").write_text(STUDY)
    return folder / "study.toml"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("numbers")
    run(write(folder), out=folder)
    return folder / "numbers"


def test_a_study_of_numbers_ends_with_scores_intervals_and_a_verdict(finished):
    scores = pd.read_csv(finished / "scores.csv")
    assert list(scores.columns[-3:]) == list(NUMBER_METRICS)
    predictions = pd.read_parquet(finished / "predictions.parquet")
    manifest = pd.read_parquet(finished / "manifest.parquet").set_index("recording")
    cell = ["representation", "classifier", "percentage", "draw"]
    for keys, rows in predictions.groupby(cell, sort=False, observed=True):
        truth = manifest.loc[rows["recording"], NUMBER]
        row = scores[(scores[cell] == list(keys)).all(axis=1)].iloc[0]
        assert row["ccc"] == pytest.approx(lin(truth, rows["predicted"].astype(float)))
    summary = pd.read_csv(finished / "summary.csv").query("metric == 'ccc' and percentage == 100")
    best = summary.groupby("representation")["mean"].max()
    assert best["strong"] > 0.8
    assert best["weak"] < 0.6
    comparison = pd.read_csv(finished / "comparison.csv")
    verdicts = comparison.query("statistic == 'verdict' and metric == 'ccc'")["sentence"]
    assert verdicts.str.contains("strong").all()
    assert set(comparison["metric"]) == {"ccc"}
    chosen = set(pd.read_csv(finished / "choices.csv")["parameters"])
    assert chosen <= {'{"alpha": 1.0}', '{"alpha": 1000.0}'}
    dummies = pd.read_csv(finished / "dummies.csv")
    assert set(dummies["dummy"]) == {"mean"}
    assert (dummies["ccc"] == 0).all()


def test_page_and_figures_of_numbers_say_ccc_and_nothing_of_classes(finished):
    page = (finished / "report.html").read_text("utf-8")
    assert "CCC .9" in page or "CCC .8" in page
    assert "Predicted against true numbers" in page
    assert "Largest errors" in page
    assert "off by" in page
    said = re.sub(r"base64,[^\"]*", "", page).partition("How to reproduce")[0]
    for word in ("F1", "Confusion", "Misclassified", "recall"):
        assert word not in said, word
    figures = {path.name for path in (finished / "figures").iterdir()}
    assert {"agreement_knn.png", "learning_curve.png"} <= figures
    assert not any(name.startswith("confusion") for name in figures)
    assert not (finished / "per_class.csv").exists()


def test_systems_are_not_compared_by_what_should_be_low(finished):
    scores, predictions = (
        pd.read_parquet(finished / f"{name}.parquet") for name in ("scores", "predictions")
    )
    manifest = pd.read_parquet(finished / "manifest.parquet")
    with pytest.raises(SpecError, match="should be high; mae should be low"):
        compare(scores, predictions, manifest, metrics=["ccc", "mae"])


def test_labels_of_the_test_recordings_change_no_prediction(finished, tmp_path):
    split = pd.read_csv(finished / "split.csv").set_index("recording")["subset"]
    study = write(tmp_path)
    # the same split, as a column: ranges of all labels only deal the speakers
    table = pd.read_csv(write(tmp_path, split.index[split == "test"]).parent / "list.csv")
    assert (table["label"] != pd.read_csv(finished.parent / "list.csv")["label"]).any()
    table.assign(subset=table["file"].map(split)).to_csv(tmp_path / "list.csv", index=False)
    changed = STUDY.replace("fractions = { labelled = 0.5, test = 0.5 }", """
strategy = "column"
values = { labelled = ["labelled"], test = ["test"] }
""")  # fmt: skip
    study.write_text(changed)
    run(study, out=tmp_path, until="curve")
    one, two = (
        pd.read_parquet(folder / "predictions.parquet").astype({"recording": str})
        for folder in (finished, tmp_path / "numbers")
    )
    pd.testing.assert_frame_equal(one, two)


def test_ranges_of_budgets_are_of_the_labelled_numbers_alone():
    rng = np.random.default_rng(0)
    names = [f"r{i}" for i in range(40)]
    table = pd.DataFrame({"recording": names, "chunk": -1, "x": rng.normal(size=40)})
    table = table.astype({"chunk": "int32"})
    split = pd.Series(["labelled"] * 20 + ["test"] * 20, names)
    values = np.r_[np.arange(20.0), np.arange(20.0)]
    manifest = pd.DataFrame({"recording": names, "label": ["1", "2"] * 20, NUMBER: values})
    spec = CurveSpec(classifiers=["ridge"], percentages=[25], draws=1)
    (task,) = plan({"x": table}, manifest, split, spec, 0).tasks
    chosen = budget(task.order, task.labelled.classes, 25)
    assert sorted(task.labelled.numbers[chosen] // 4) == [0, 1, 2, 3, 4]
    manifest.loc[20:, NUMBER] = 1000.0
    (other,) = plan({"x": table}, manifest, split, spec, 0).tasks
    assert (other.labelled.classes == task.labelled.classes).all()


def test_other_files_are_not_predicted_yet(finished):
    from semisup.prediction.system import study_model

    study = read_study(finished.parent / "study.toml", out=finished.parent)
    with pytest.raises(SpecError, match="of classes alone"):
        study_model(study)
    assert terms(np.ones(2), np.zeros(2)).shape == (7, 2)
