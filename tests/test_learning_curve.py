import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semisup.curve.learning_curve import learning_curve
from semisup.curve.plan import plan
from semisup.curve.task import budget, cell_seed, size
from semisup.errors import SpecError, TableError
from semisup.metrics import CLASS_METRICS
from semisup.study.spec import CurveSpec

CLASSES = ("negative", "neutral", "positive")


def study(n_labelled=30, n_test=15, chunks=(1, 3), noise=1.0, seed=0):
    """Made-up recordings whose features tell the class, one table a level."""
    rng = np.random.default_rng(seed)
    names = [f"r{i:03d}" for i in range(n_labelled + n_test + 6)]
    subsets = ["labelled"] * n_labelled + ["test"] * n_test + ["unlabelled"] * 6
    labels = [CLASSES[i % 3] for i in range(len(names))]
    manifest = pd.DataFrame(
        {"recording": names, "label": labels, "speaker": [f"s{i}" for i in range(len(names))]}
    )
    split = pd.Series(subsets, index=pd.Index(names, name="recording"), name="subset")
    truth = np.array([CLASSES.index(label) for label in labels])[:-6]

    def table(count):
        owner = np.repeat(np.arange(len(truth)), count)
        values = np.eye(3)[truth[owner]] + noise * rng.normal(size=(len(owner), 3))
        keys = {"recording": np.array(names)[owner], "chunk": np.tile(np.arange(count), len(truth))}
        return pd.DataFrame(keys | {f"f{i}": values[:, i] for i in range(3)})

    whole = table(chunks[0]).assign(chunk=-1)
    return {"whole": whole, "pieces": table(chunks[1])}, manifest, split


SPEC = CurveSpec(classifiers=["tree", "svm"], percentages=[10, 50, 100], draws=3)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=60), st.integers(0, 99))
def test_budgets_are_nested_and_hold_the_promised_number_of_each_class(classes, seed):
    classes = np.array(classes)
    order = np.random.default_rng(seed).permutation(len(classes))
    before: set[int] = set()
    for percentage in (1, 2, 10, 33.3, 50, 99, 100):
        chosen = budget(order, classes, percentage)
        assert before <= set(chosen)
        for number in np.unique(classes):
            n = (classes == number).sum()
            assert (classes[chosen] == number).sum() == size(percentage, n)
        before = set(chosen)
    assert before == set(range(len(classes)))


@given(st.integers(1, 10_000), st.integers(1, 3000))
def test_a_budget_is_the_most_that_the_percentage_allows(hundredths, n):
    """Told with whole numbers alone, as nobody's binary fractions can be wrong there."""
    assert size(hundredths / 100, n) == max(1, hundredths * n // 10_000)


@pytest.mark.parametrize(
    ("percentage", "n", "expected"), [(58, 50, 29), (29, 100, 29), (14.3, 1000, 143), (0.1, 9, 1)]
)
def test_budgets_that_binary_fractions_cut_by_one(percentage, n, expected):
    assert size(percentage, n) == expected


def test_every_cell_is_scored_once_in_the_order_of_the_study():
    scores = learning_curve(*study(), SPEC)
    assert len(scores) == 2 * 2 * 3 * 3
    assert list(scores.columns) == [
        *("representation", "classifier", "percentage", "n_recordings", "n_rows", "draw", "unit"),
        *CLASS_METRICS,
    ]
    assert list(scores["representation"].unique()) == ["whole", "pieces"]
    assert not scores.duplicated(["representation", "classifier", "percentage", "draw"]).any()
    pieces = scores["representation"] == "pieces"
    assert (scores.loc[pieces, "n_rows"] == 3 * scores.loc[pieces, "n_recordings"]).all()


@pytest.mark.slow
def test_the_number_of_jobs_does_not_change_a_score():
    given_ = study()
    spec = CurveSpec(classifiers=["random_forest", "adaboost"], percentages=[10, 100], draws=2)
    pd.testing.assert_frame_equal(
        learning_curve(*given_, spec), learning_curve(*given_, spec, jobs=2)
    )


def test_another_seed_gives_other_draws_and_the_same_seed_the_same():
    first, again, other = (learning_curve(*study(), SPEC, seed=s) for s in (0, 0, 1))
    pd.testing.assert_frame_equal(first, again)
    assert not first["uar"].equals(other["uar"])


def test_all_systems_see_the_same_recordings_in_a_draw():
    planned = plan(*study(), SPEC, 0)
    by_draw = {}
    for task in planned.tasks:
        by_draw.setdefault(task.draw, []).append(task.order)
    assert all(np.array_equal(o, orders[0]) for orders in by_draw.values() for o in orders)
    assert not np.array_equal(by_draw[0][0], by_draw[1][0])


def test_prefix_order_is_file_order_and_one_draw():
    spec = CurveSpec(classifiers=["tree"], order="prefix", percentages=[20])
    planned = plan(*study(), spec, 0)
    assert {task.draw for task in planned.tasks} == {0}
    assert np.array_equal(planned.tasks[0].order, np.arange(30))


def test_clear_classes_are_found_and_noise_is_not():
    clear = learning_curve(*study(noise=0.05), SPEC)
    assert (clear.loc[clear["percentage"] >= 50, "uar"] > 0.95).all()
    tables, manifest, split = study(noise=0.05)
    shuffled = manifest.assign(label=np.random.default_rng(3).permutation(manifest["label"]))
    noise = learning_curve(tables, shuffled, split, SPEC)
    assert noise["uar"].mean() < 0.6


def test_a_recording_missing_from_one_table_is_used_by_none():
    tables, manifest, split = study()
    tables["pieces"] = tables["pieces"][~tables["pieces"]["recording"].isin(["r000", "r030"])]
    planned = plan(tables, manifest, split, SPEC, 0)
    assert "r000" not in planned.labelled
    assert planned.test["whole"] == planned.test["pieces"] == [f"r{i:03d}" for i in range(31, 45)]


def test_chunks_of_a_recording_vote_together():
    tables, manifest, split = study(noise=0.9, n_test=60)
    pieces = {"pieces": tables["pieces"]}
    spec = CurveSpec(classifiers=["random_forest"], percentages=[100], draws=1)
    together = learning_curve(pieces, manifest, split, spec)["uar"][0]
    each = learning_curve(pieces, manifest, split, spec.model_copy(update={"unit": "chunk"}))
    assert together > each["uar"][0]


def test_labels_of_the_unlabelled_subset_are_never_read():
    tables, manifest, split = study()
    hidden = manifest.assign(label=manifest["label"].where(split.to_numpy() != "unlabelled", "??"))
    pd.testing.assert_frame_equal(
        learning_curve(tables, manifest, split, SPEC), learning_curve(tables, hidden, split, SPEC)
    )


def test_noise_in_the_place_of_the_test_rows_changes_no_fit():
    tables, manifest, split = study()
    planned = plan(tables, manifest, split, SPEC, 0)
    test = split.index[split == "test"]
    noisy = {}
    for name, table in tables.items():
        rows = table["recording"].isin(test)
        values = np.random.default_rng(9).normal(size=(rows.sum(), 3))
        noisy[name] = table.copy()
        noisy[name].loc[rows, ["f0", "f1", "f2"]] = values
    for before, after in zip(
        planned.tasks, plan(noisy, manifest, split, SPEC, 0).tasks, strict=True
    ):
        everything = np.ones(len(before.labelled.owner), bool)
        assert np.array_equal(before.source.labelled(everything), after.source.labelled(everything))
        assert np.array_equal(before.order, after.order)
        assert not np.array_equal(before.source.test(), after.source.test())


def test_the_seed_of_a_cell_depends_on_the_cell_alone():
    assert cell_seed(0, "code", "svm", 2, 1) == cell_seed(0, "code", "svm", 2.0, 1)
    cells = {
        (s, r, c, p, d) for s in (0, 1) for r in "ab" for c in "xy" for p in (2, 4) for d in (0, 1)
    }
    assert len({cell_seed(*cell) for cell in cells}) == len(cells)
    assert all(0 <= cell_seed(*cell) < 2**32 for cell in cells)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda t: t.drop(columns="chunk"),
            "needs the columns recording and chunk; missing: chunk",
        ),
        (lambda t: t[["recording", "chunk"]], "has no feature columns"),
        (lambda t: t.assign(f0="x"), "has a column 'f0' that is not numeric"),
        (lambda t: t.assign(f1=np.nan), "values in 'f1' that are NaN or infinite"),
        (lambda t: pd.concat([t, t]), "rows that repeat a recording and chunk"),
        (lambda t: t[t["recording"] > "r030"], "No labelled recording of class"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_by_name(change, sentence):
    tables, manifest, split = study()
    with pytest.raises(TableError, match=sentence):
        learning_curve({"whole": change(tables["whole"])}, manifest, split, SPEC)


def test_loose_chunks_can_only_be_scored_as_chunks():
    tables, manifest, split = study()
    manifest = manifest.assign(joined=manifest["recording"] != "r031")
    with pytest.raises(SpecError, match="use unit = 'chunk'"):
        learning_curve(tables, manifest, split, SPEC)
