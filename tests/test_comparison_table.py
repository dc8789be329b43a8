"""The whole comparison of made-up studies whose answer is known."""

from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd
import pytest

import semisup
from semisup.comparison.bootstrap import Curve
from semisup.comparison.chance import chance, dummies
from semisup.comparison.crossover import UNRESOLVED, Place
from semisup.comparison.interval import Interval
from semisup.comparison.probabilities import COLUMNS, probabilities
from semisup.comparison.rows import COMPARISON_COLUMNS
from semisup.comparison.summary import SUMMARY_COLUMNS
from semisup.comparison.table import analyse
from semisup.comparison.told import at_chance, told
from semisup.comparison.verdict import AgainstChance, Findings, verdict
from semisup.curve.class_names import metadata
from semisup.curve.gather import gather_losses, gather_predictions, gather_scores
from semisup.curve.learning_curve import run_cells
from semisup.curve.plan import plan
from semisup.engine.parallel import Workers
from semisup.errors import SpecError, TableError
from semisup.metrics import CLASS_METRICS, PROBABILITY_METRICS, SMALLEST
from semisup.study.spec import CompareSpec, CurveSpec

CLASSES = ("negative", "neutral", "positive")
SPEC = CompareSpec(resamples=300)
CURVE = CurveSpec(classifiers=["tree", "knn"], percentages=[30, 60, 100], draws=5)


class Made:
    """Scores, predictions, losses and manifest of tables of features that tell the class or not."""

    def __init__(self, folder, signals, curve=CURVE, speakers=12, seed=0):
        rng = np.random.default_rng(seed)
        n = 60 + speakers * 9
        names = [f"r{i:03d}" for i in range(n)]
        truth = np.arange(n) % 3
        voices = [f"a{i % 10}" if i < 60 else f"b{i % speakers}" for i in range(n)]
        self.manifest = pd.DataFrame(
            {"recording": names, "label": np.array(CLASSES)[truth], "speaker": voices}
        )
        split = pd.Series(["labelled"] * 60 + ["test"] * (n - 60), index=pd.Index(names))
        noise = rng.normal(size=(n, 3))
        tables = {
            name: self.table(names, signal * np.eye(3)[truth] + noise)
            for name, signal in signals.items()
        }
        self.planned = plan(tables, self.manifest, split, curve, seed)
        parts = run_cells(self.planned, folder, Workers())
        self.scores = gather_scores(self.planned, parts)
        self.losses = gather_losses(self.planned, parts)
        self.predictions = pd.concat(gather_predictions(self.planned, parts), ignore_index=True)

    @staticmethod
    def table(names, values):
        keys = {"recording": names, "chunk": -1}
        return pd.DataFrame(keys | {f"f{i}": values[:, i] for i in range(values.shape[1])})

    @cached_property
    def found(self):
        return self.analyse()

    def analyse(self, **changes):
        given = {"scores": self.scores, "predictions": self.predictions, "manifest": self.manifest}
        return analyse(**{**given, "spec": SPEC, **changes})


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    """Two representations of the same values under different names."""
    return Made(tmp_path_factory.mktemp("twins"), {"handcrafted": 0.8, "code": 0.8})


@pytest.fixture(scope="module")
def clear(tmp_path_factory):
    """One representation is the labels and noise, the other is noise alone."""
    return Made(tmp_path_factory.mktemp("clear"), {"handcrafted": 0.0, "code": 6.0})


def of(table, statistic, **values):
    chosen = table[table["statistic"] == statistic]
    for name, value in values.items():
        chosen = chosen[chosen[name] == value]
    return chosen


def test_identical_representations_do_not_differ_and_the_verdict_says_so(twins):
    # Trees break ties by a seed that the representation's name is part of.
    table = twins.found.comparison
    for statistic in ("difference", "area_linear", "area_log"):
        rows = of(table, statistic)
        assert (rows["low"] <= 0).all()
        assert (rows["high"] >= 0).all()
    assert (of(table, "difference")["low_simultaneous"] <= 0).all()
    assert (of(table, "difference")["high_simultaneous"] >= 0).all()
    assert set(of(table, "crossover")["outcome"]) <= {"not resolved", "none"}
    assert (of(table, "bayes", classifier="knn")["low"] == 1).all()
    knn = of(table, "verdict", classifier="knn")["sentence"]
    assert len(knn) == 2
    assert knn.str.contains("code and handcrafted score the same at every budget").all()
    others = of(table, "verdict")
    others = others[others["classifier"] != "knn"]["sentence"]
    assert len(others) == 4
    same = "score the same at every budget"
    none = "no difference between code and handcrafted is resolved at any budget"
    assert others.str.contains(f"{none}|{same}").all()


def test_labels_with_noise_are_ahead_everywhere_and_the_verdict_says_so(clear):
    table = clear.found.comparison
    assert (of(table, "difference")["low_simultaneous"] > 0).all()
    assert (of(table, "difference")["p_value"] < 0.001).all()
    assert (of(table, "chance", representation_a="code")["outcome"] == "above").all()
    overall = of(table, "chance", representation_a="handcrafted")
    assert (overall[overall["percentage"].isna()]["outcome"] != "above").all()
    assert (of(table, "crossover")["outcome"] == "always").all()
    assert (of(table, "labels_saved")["outcome"] == "reached").all()
    sentences = of(table, "verdict")["sentence"]
    assert sentences.str.contains("code is ahead of handcrafted at every budget (95 %",
                                  regex=False).all()  # fmt: skip
    assert sentences.str.contains("handcrafted is not (?:above|resolved from) chance at any").all()
    assert (of(table, "bayes")["value"] > 0.99).all()
    assert (of(table, "permutation", representation_a="code")["p_value"] < 0.03).all()


def test_the_table_has_every_statistic_for_every_classifier_and_their_mean(clear):
    table = clear.found.comparison
    assert tuple(table.columns) == COMPARISON_COLUMNS
    counts = pd.crosstab(table["statistic"], table["classifier"])
    assert counts.columns.tolist() == ["knn", "mean", "tree"]
    expected = {
        "area_linear": 2, "area_log": 2, "bayes": 2, "chance": 16, "crossover": 2,
        "difference": 6, "labels_saved": 2, "monotone": 4, "permutation": 12, "verdict": 2,
    }  # fmt: skip
    assert counts["mean"].to_dict() == expected
    assert counts.nunique(axis=1).eq(1).all()
    assert set(table["metric"]) == {"f1_weighted", "uar"}
    # later representations are compared with earlier ones
    assert set(of(table, "difference")["representation_a"]) == {"code"}


@pytest.fixture(scope="module")
def by_all(clear):
    return clear.analyse(metrics=list(CLASS_METRICS))


@pytest.mark.parametrize("metric", CLASS_METRICS)
def test_differences_are_those_of_the_scores(clear, by_all, metric):
    table = of(by_all.comparison, "difference", metric=metric, classifier="knn")
    means = clear.scores.groupby(["representation", "classifier", "percentage"])[metric].mean()
    expected = means["code"]["knn"] - means["handcrafted"]["knn"]
    assert table["value"].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-12)


@pytest.mark.parametrize("metric", CLASS_METRICS)
def test_rows_of_chance_are_the_scores_less_the_level_of_the_metric(clear, by_all, metric):
    rows = of(by_all.comparison, "chance", metric=metric, representation_a="code").dropna(
        subset="value"
    )
    truth = clear.manifest["label"][60:]
    means = clear.scores.groupby(["representation", "classifier", "percentage"])[metric].mean()
    knn = rows[rows["classifier"] == "knn"]["value"].to_numpy()
    assert knn == pytest.approx(means["code"]["knn"].to_numpy() - chance(truth, metric))


@pytest.mark.parametrize("metric", CLASS_METRICS)
def test_the_summary_has_the_means_of_the_scores_and_wider_intervals_than_the_draws(clear, metric):
    summary = clear.found.summary
    assert tuple(summary.columns) == SUMMARY_COLUMNS
    assert len(summary) == 2 * 2 * 3 * len(CLASS_METRICS)
    means = clear.scores.groupby(["representation", "classifier", "percentage"])[metric].mean()
    rows = summary[summary["metric"] == metric]
    keys = ["representation", "classifier", "percentage"]
    assert rows.set_index(keys)["mean"].to_dict() == pytest.approx(means.to_dict())
    assert (rows["low"] <= rows["mean"]).all()
    assert (rows["high"] >= rows["mean"]).all()
    # A deterministic classifier on all labels has no draws left, but there are speakers still.
    last = rows[(rows["classifier"] == "knn") & (rows["percentage"] == 100)]
    assert (last["high"] > last["low"]).any()


def test_variances_of_the_sources_add_up_and_draws_end_with_the_labels(clear):
    table = clear.found.variance
    cells = table.groupby(["representation", "classifier", "metric", "percentage"])
    shares = cells["share"].sum(min_count=1).dropna()
    assert shares.to_numpy() == pytest.approx(1)
    last = table[(table["classifier"] == "knn") & (table["percentage"] == 100)]
    assert (last[last["source"] != "speaker"]["variance"] == 0).all()
    assert table["note"].str.contains("half-width .* instead of").all()


def test_the_same_seed_gives_the_same_table_and_another_seed_another(clear):
    first, again, other = (clear.analyse(seed=seed).comparison for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(first, again)
    assert not first["low"].equals(other["low"])


def test_a_file_of_predictions_gives_the_same_as_their_table(clear, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "predictions.parquet"
    table = clear.predictions.astype({"recording": "category", "representation": "category"})
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    pq.write_table(arrow.replace_schema_metadata(metadata(CLASSES)), path)
    shuffled = clear.predictions.sample(frac=1, random_state=0)
    expected = clear.found.comparison
    pd.testing.assert_frame_equal(clear.analyse(predictions=path).comparison, expected)
    pd.testing.assert_frame_equal(clear.analyse(predictions=shuffled).comparison, expected)


def test_unknown_speakers_are_clusters_of_their_own_and_a_note_says_so(clear):
    known = clear.found
    assert known.notes == []
    unknown = clear.analyse(manifest=clear.manifest.assign(speaker=""))
    assert "speakers of 108 of 108 test recordings are unknown" in unknown.notes[0]
    assert not unknown.summary["low"].equals(known.summary["low"])


def test_one_draw_is_noted_and_has_the_interval_of_its_speakers(tmp_path):
    curve = CURVE.model_copy(update={"order": "prefix"})
    found = Made(tmp_path, {"handcrafted": 0.5, "code": 2.0}, curve, speakers=5).analyse()
    assert "one draw" in found.notes[0]
    assert "5 test speakers only" in found.notes[1]
    assert found.summary[["low", "high"]].notna().all(axis=None)
    draws = found.variance[found.variance["source"] == "draw"]
    assert set(draws["note"]) == {"cannot be told from one"}


def test_no_bound_lies_beyond_what_scores_and_their_differences_can_be(tmp_path):
    curve = CURVE.model_copy(update={"draws": 2})
    made = Made(tmp_path, {"handcrafted": 0.5, "code": 2.0}, curve, speakers=2)
    found, ends = made.analyse(metrics=["uar"]), ["low", "high", "low_simultaneous"]
    ends += ["high_simultaneous"]
    above = of(found.comparison, "chance")[ends].dropna()
    assert above.min(axis=None) == pytest.approx(-1 / 3)
    assert above.max(axis=None) == pytest.approx(2 / 3)
    for statistic in ("difference", "area_linear", "area_log"):
        bounds = of(found.comparison, statistic)[ends]
        assert bounds.abs().max(axis=None) <= 1
    assert of(found.comparison, "difference")["high_simultaneous"].max() == 1
    systems = found.systems[["difference_low", "difference_high"]]
    assert systems.abs().max(axis=None) == 1
    for metric, rows in found.summary.groupby("metric"):
        least, greatest = CLASS_METRICS[metric].bounds
        assert rows[["low", "high"]].min(axis=None) >= least
        assert rows[["low", "high"]].max(axis=None) <= greatest


def test_pairs_of_the_study_file_are_compared_as_written(clear):
    spec = SPEC.model_copy(update={"pairs": [("handcrafted", "code")]})
    table = of(clear.analyse(spec=spec).comparison, "difference")
    assert set(table["representation_a"]) == {"handcrafted"}
    assert (table["value"] < 0).all()
    wrong = SPEC.model_copy(update={"pairs": [("code", "handcraftet")]})
    with pytest.raises(SpecError, match="'handcraftet'; did you mean 'handcrafted'"):
        clear.analyse(spec=wrong)


def test_predictions_that_do_not_fit_the_scores_are_refused(clear):
    with pytest.raises(TableError, match="no rows of tree@handcrafted"):
        clear.analyse(predictions=clear.predictions[clear.predictions["classifier"] == "knn"])
    with pytest.raises(TableError, match="one prediction of every test unit"):
        clear.analyse(predictions=clear.predictions[1:])
    fewer = clear.predictions[clear.predictions["percentage"] < 100]
    with pytest.raises(TableError, match="lack cells of the scores"):
        clear.analyse(predictions=fewer)
    with pytest.raises(TableError, match="no label in the manifest"):
        clear.analyse(manifest=clear.manifest[:100])
    with pytest.raises(TableError, match="no places among 3 classes"):
        clear.analyse(predictions=clear.predictions.assign(predicted=np.int8(3)))


def test_compare_is_the_comparison_alone(clear):
    table = semisup.compare(clear.scores, clear.predictions, clear.manifest, SPEC)
    pd.testing.assert_frame_equal(table, clear.found.comparison)


def test_dummies_are_scored_on_the_same_cells(clear):
    tasks = [task for task in clear.planned.tasks if task.system[:2] == ("code", "knn")]
    table = dummies(tasks)
    assert len(table) == 2 * 3 * 5
    frequent = table[table["dummy"] == "most_frequent"]
    assert frequent["uar"].to_numpy() == pytest.approx(1 / 3)
    stratified = table[table["dummy"] == "stratified"]
    assert stratified["accuracy"].mean() == pytest.approx(1 / 3, abs=0.05)
    assert stratified["accuracy"].nunique() > 5


def test_losses_are_there_for_classifiers_with_probabilities(tmp_path):
    from sklearn.metrics import log_loss
    from sklearn.neighbors import KNeighborsClassifier

    curve = CurveSpec(classifiers=["svm", "knn"], percentages=[100], draws=1, scale="none")
    made = Made(tmp_path, {"code": 1.0}, curve)
    assert made.losses["classifier"].tolist() == ["knn"]
    task = made.planned.tasks[1]
    rows = task.source.labelled(np.ones(len(task.labelled.owner), bool))
    fitted = KNeighborsClassifier(**task.system.spec.parameters).fit(rows, task.labelled.classes)
    guessed = np.clip(fitted.predict_proba(task.source.test()), SMALLEST, 1)
    expected = -np.log(guessed[np.arange(len(guessed)), task.test.classes]).mean()
    assert made.losses["log_loss"][0] == pytest.approx(expected)
    smooth = np.clip(guessed, 1e-15, 1 - 1e-15)
    assert log_loss(task.test.classes, smooth / smooth.sum(1, keepdims=True)) == pytest.approx(
        expected, rel=1e-6
    )


def test_scores_of_probabilities_are_summarised_beside_their_chance(clear):
    truths = {task.system.representation: task.truth for task in clear.planned.tasks}
    table = probabilities(clear.losses, truths)
    cells = clear.losses.groupby(["representation", "classifier", "percentage"], sort=False)
    assert len(table) == len(cells) * len(PROBABILITY_METRICS)
    assert list(table.columns) == list(COLUMNS)
    assert list(table["metric"][:3]) == list(PROBABILITY_METRICS)
    for name in PROBABILITY_METRICS:
        of_metric = table[table["metric"] == name]
        assert sorted(of_metric["mean"]) == pytest.approx(sorted(cells[name].mean()))
        assert (of_metric["low"] <= of_metric["mean"] + 1e-12).all()
    # of folds the draws are means over them
    folded = pd.concat([clear.losses, clear.losses.assign(log_loss=clear.losses["log_loss"] + 2)])
    shift = probabilities(folded, truths)["mean"] - table["mean"]
    assert shift.to_numpy() == pytest.approx((table["metric"] == "log_loss").to_numpy(float))
    (level,) = set(table.loc[table["metric"] == "log_loss", "chance"].round(6))
    assert level == pytest.approx(np.log(3), abs=1e-6)


def test_chunks_that_count_each_are_compared_too(tmp_path):
    curve = CURVE.model_copy(update={"unit": "chunk"})
    made = Made(tmp_path, {"handcrafted": 0.0, "code": 5.0}, curve)
    made.predictions["chunk"] = np.int32(0)
    table = made.analyse().comparison
    assert (of(table, "difference", metric="uar")["value"] > 0.3).all()


@pytest.fixture(scope="module")
def one_order(tmp_path_factory):
    """The order of the table alone, as original pickles have it."""
    curve = CURVE.model_copy(update={"order": "prefix"})
    return Made(tmp_path_factory.mktemp("order"), {"handcrafted": 0.0, "code": 6.0}, curve)


def test_one_order_of_the_labels_has_no_winner(one_order):
    found = one_order.found
    rows = of(found.comparison, "difference")
    assert set(rows["outcome"]) == {"not resolved"}
    assert (
        rows[["low_simultaneous", "high_simultaneous", "p_value", "p_holm"]].isna().all(axis=None)
    )
    # for this order, and other test speakers, there is an interval all the same
    assert (rows["low"] > 0).all()
    for area in ("area_linear", "area_log"):
        assert of(found.comparison, area)["p_value"].isna().all()
        assert of(found.comparison, area)["low"].notna().all()
    for place in ("crossover", "labels_saved"):
        assert set(of(found.comparison, place)["outcome"]) == {"not resolved"}
    sentences = of(found.comparison, "verdict")["sentence"]
    words = "one order of the labelled recordings cannot tell code from handcrafted: another may"
    assert sentences.str.contains(words).all()
    assert not sentences.str.contains(" ahead | cross | needs ").any()
    assert set(found.systems["outcome"]) == {"best", "not resolved"}


@pytest.fixture(scope="module")
def guessers(tmp_path_factory):
    """Two representations of noise, in enough draws that their difference is resolved."""
    curve = CURVE.model_copy(update={"draws": 30, "classifiers": ["knn"]})
    return Made(tmp_path_factory.mktemp("guess"), {"handcrafted": 0.0, "code": 0.0}, curve)


def test_of_two_guessers_none_is_called_ahead(guessers):
    rows = of(guessers.found.comparison, "difference")
    assert not set(rows["outcome"]) & {"ahead", "behind"}
    sentences = of(guessers.found.comparison, "verdict")["sentence"]
    assert sentences.str.contains("chance at any budget").all()
    assert not sentences.str.contains(" is ahead | cross | needs ").any()


def bounds_of(low, high) -> Interval:
    low, high = np.array(low), np.array(high)
    return Interval(low, high, low, high, np.zeros(len(low)))


def test_who_is_ahead_must_be_above_chance_there():
    bounds = bounds_of([0.1, 0.1, -0.3, -0.3, -0.1], [0.2, 0.2, -0.1, -0.1, 0.1])
    above_a = np.array([True, False, True, False, True])
    above_b = np.array([False, True, False, True, True])
    assert told(bounds, above_a, above_b).tolist() == [
        "ahead",
        "not resolved from chance",
        "not resolved from chance",
        "behind",
        "not resolved",
    ]


def findings(words, saved=UNRESOLVED, crossover=UNRESOLVED, chance=("above", "above")) -> Findings:
    shape = (len(words), 4, 3)
    curve = Curve(np.ones(shape[0]), np.ones((5, shape[0])), np.ones(shape))
    sides = [
        AgainstChance(name, np.full(len(words), word == "above"), word)
        for name, word in zip(("code", "voice"), chance, strict=True)
    ]
    return Findings("svm", *sides, curve, np.array(words, dtype=object), crossover, saved)


BUDGETS = np.array([5.0, 10.0, 100.0])


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            findings(["ahead", "not resolved", "behind"]),
            "code is ahead of voice at 5 % of the labels, voice of code at 100 % of the labels",
        ),
        (findings(["behind"] * 3), "svm: voice is ahead of code at every budget (95 %, sim"),
        (
            findings(["not resolved"] * 3),
            "no difference between code and voice is resolved at any budget",
        ),
        (
            findings(["not resolved from chance", "ahead", "ahead"]),
            "code is ahead of voice from 10 to 100 % of the labels, at 5 % of the labels the "
            "higher one is not resolved from chance",
        ),
        (
            findings(["ahead"] * 3, saved=Place(5.0, 5.0, 8.0, "reached")),
            "code needs at most 5 % [5, 8] of the labels for what voice reaches with all",
        ),
        (
            findings(["ahead"] * 3, saved=Place(7.0, 5.0, 8.0, "reached")),
            "code needs 7 % [5, 8] of the labels",
        ),
        (findings(["not resolved"] * 3, chance=("not above", "not above")), "neither is above ch"),
        (
            findings(["not resolved"] * 3, chance=("not resolved", "not resolved")),
            "neither is resolved from chance at any budget",
        ),
        (
            findings(["not resolved"] * 3, chance=("not resolved", "not above")),
            "voice is not above chance at any budget; code is not resolved from chance at any",
        ),
        (
            replace(findings(["ahead"] * 3), transductive=("code",)),
            "(95 %, simultaneous); code uses the speaker's other test recordings, without labels, "
            "and voice does not.",
        ),
        (
            replace(findings(["not resolved"] * 3), transductive=("code", "voice")),
            "is resolved at any budget (95 %, simultaneous).",
        ),
        (
            findings(["ahead"] * 3, chance=("above", "not resolved")),
            "; voice is not resolved from chance at any budget.",
        ),
    ],
)
def test_a_verdict_says_who_is_ahead_of_what(found, sentence):
    assert sentence in verdict(found, BUDGETS)


def test_crossings_and_labels_saved_at_chance_are_not_called_so():
    crossing = Place(20.0, 8.0, 60.0, "crossing")
    last = np.array([False, False, True])
    # 20 % is nearer to 10 than to 100 %
    assert at_chance(crossing, BUDGETS, last) == crossing._replace(
        outcome="not resolved from chance"
    )
    assert at_chance(crossing, BUDGETS, ~last) == crossing
    saved = Place(100.0, 60.0, 100.0, "reached")
    assert at_chance(saved, BUDGETS, last) == saved
    assert at_chance(UNRESOLVED, BUDGETS, last) is UNRESOLVED
