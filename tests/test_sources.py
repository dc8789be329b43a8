"""Tables, arrays on disk and fits of label budgets answer the same questions alike."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import zarr

from semisup.curve.cells import fit_cell
from semisup.curve.plan import plan
from semisup.curve.sources import ArraySource, Features, RefitSource, Source, TableSource
from semisup.curve.task import Task
from semisup.features.arrays import ArrayRows, Arrays, flattened
from semisup.study.spec import CurveSpec

KINDS = ("table", "arrays", "fits")
SPLIT = ["labelled"] * 12 + ["test"] * 6 + ["unlabelled"] * 9
SUBSETS = {name: np.flatnonzero(np.array(SPLIT) == name) for name in dict.fromkeys(SPLIT)}
#: What single precision holds too, three features a recording of the classes "a" and "b" in turn.
VALUES = np.random.default_rng(0).normal(size=(27, 3)).astype(np.float32).astype(float)
SPEC = CurveSpec(classifiers=["label_spreading", "knn", "tree"], percentages=[50, 100], draws=1)


def of_table(values: np.ndarray, with_unlabelled: bool) -> TableSource:
    labelled, test, unlabelled = (values[rows] for rows in SUBSETS.values())
    return TableSource(labelled, test, unlabelled if with_unlabelled else None)


def of_arrays(folder: Path, with_unlabelled: bool) -> ArraySource:
    """Store the rows from last to first, so that a row's number is not its place."""
    array = zarr.create_array(folder / "it.zarr", shape=(27, 3), chunks=(4, 3), dtype="float32")
    array[:] = VALUES[::-1]
    numbers = np.arange(27.0)[::-1, None]
    return ArraySource(Arrays(folder / "it.zarr"), of_table(numbers, with_unlabelled))


def of_fits(folder: Path, with_unlabelled: bool) -> RefitSource:
    """Write two budgets, of which the second has twice the values of the first."""
    paths = [folder / "0.npz", folder / "1.npz"]
    for number, path in enumerate(paths):
        outputs = {f"{name}_code": VALUES[rows] for name, rows in SUBSETS.items()}
        outputs = {name: (number + 1) * values for name, values in outputs.items()}
        np.savez(path, **{name: values.astype(np.float32) for name, values in outputs.items()})
    return RefitSource(paths, "code", with_unlabelled)


def source(kind: str, folder: Path, with_unlabelled: bool = True) -> Source:
    if kind == "table":
        return of_table(VALUES, with_unlabelled)
    return {"arrays": of_arrays, "fits": of_fits}[kind](folder, with_unlabelled)


def in_memory(rows: Features) -> np.ndarray:
    return flattened(rows) if isinstance(rows, ArrayRows) else rows


@pytest.mark.parametrize("kind", KINDS)
def test_every_source_gives_the_rows_of_each_subset_in_their_order(kind, tmp_path):
    rows, mask = source(kind, tmp_path), np.arange(12) % 3 == 1
    for same in (rows, rows.at(0)):
        assert np.array_equal(in_memory(same.labelled(mask)), VALUES[:12][mask])
        assert np.array_equal(in_memory(same.test()), VALUES[12:18])
        assert np.array_equal(in_memory(same.unlabelled()), VALUES[18:])


@pytest.mark.parametrize("kind", KINDS)
def test_no_source_has_unlabelled_rows_for_a_classifier_without_use_for_them(kind, tmp_path):
    rows = source(kind, tmp_path, with_unlabelled=False)
    assert rows.unlabelled() is None
    assert rows.at(1).unlabelled() is None


def test_the_source_of_a_budget_is_another_for_fits_alone(tmp_path):
    for kind in ("table", "arrays"):
        rows = source(kind, tmp_path)
        assert rows.at(1) is rows
    second = source("fits", tmp_path).at(1)
    assert np.array_equal(second.labelled(np.ones(12, bool)), 2 * VALUES[:12])
    assert np.array_equal(second.test(), 2 * VALUES[12:18])
    assert np.array_equal(second.unlabelled(), 2 * VALUES[18:])


def tasks() -> list[Task]:
    names = [f"r{number:02d}" for number in range(27)]
    table = pd.DataFrame(VALUES, columns=list("xyz")).assign(recording=names, chunk=-1)
    manifest = pd.DataFrame({"recording": names, "label": ["a", "b"] * 13 + ["a"]})
    return plan({"it": table}, manifest, pd.Series(SPLIT, index=names), SPEC, 0).tasks


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize("task", tasks(), ids=lambda task: task.system.classifier)
def test_a_cell_is_fitted_alike_on_the_same_rows_from_anywhere(task, kind, tmp_path):
    other = source(kind, tmp_path, task.source.unlabelled() is not None).at(0)
    fits = [fit_cell(task, 50, rows) for rows in (task.source, other)]
    by_table, by_other = (
        fitted.probabilities(rows.test(), 2)
        for fitted, rows in zip(fits, (task.source, other), strict=True)
    )
    np.testing.assert_allclose(by_other, by_table, atol=1e-5)
