import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from test_learning_curve import study

from semisup.curve.gather import gather_scores
from semisup.curve.learning_curve import run_cells
from semisup.curve.plan import plan
from semisup.engine.parallel import Workers, map_to_parts
from semisup.errors import SpecError
from semisup.study.spec import CurveSpec


def square(item: int, path: Path) -> None:
    if item < 0:
        raise ValueError(f"{item} is negative")
    path.write_text(str(item * item))


@pytest.mark.parametrize("jobs", [1, 2])
def test_parts_come_in_the_order_of_the_items(tmp_path, jobs):
    paths = map_to_parts(square, [3, 1, 2], tmp_path, ".txt", Workers(jobs), "squares", "numbers")
    assert [path.read_text() for path in paths] == ["9", "1", "4"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_part_that_is_there_is_not_made_again(tmp_path, jobs):
    with pytest.raises(ValueError, match="-1 is negative"):
        map_to_parts(square, [3, -1], tmp_path, ".txt", Workers(1), "squares", "numbers")
    (tmp_path / "000000.txt").write_text("kept")
    paths = map_to_parts(square, [3, 2, 5], tmp_path, ".txt", Workers(jobs), "squares", "numbers")
    assert [path.read_text() for path in paths] == ["kept", "4", "25"]


def test_a_failing_item_leaves_no_part(tmp_path):
    with pytest.raises(ValueError, match="negative"):
        map_to_parts(square, [-1], tmp_path, ".txt", Workers(1), "squares", "numbers")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a Dask scheduler, whose worker is a thread of this process."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


def test_a_dask_cluster_gives_the_same_parts_and_errors(tmp_path, scheduler):
    workers = Workers(1, scheduler)
    with pytest.raises(ValueError, match="-1 is negative"):
        map_to_parts(square, [3, -1], tmp_path, ".txt", workers, "squares", "numbers")
    (tmp_path / "000000.txt").write_text("kept")
    paths = map_to_parts(square, [3, 2, 5], tmp_path, ".txt", workers, "squares", "numbers")
    assert [path.read_text() for path in paths] == ["kept", "4", "25"]


def test_a_dask_cluster_gives_the_same_learning_curve(tmp_path, scheduler):
    experiment = plan(
        *study(), CurveSpec(classifiers=["tree", "svm"], percentages=[50], draws=2), 0
    )
    here, there = (
        run_cells(experiment, tmp_path / name, workers)
        for name, workers in (("here", Workers(1)), ("there", Workers(1, scheduler)))
    )
    pd.testing.assert_frame_equal(
        gather_scores(experiment, there), gather_scores(experiment, here), check_exact=True
    )


def test_a_scheduler_without_dask_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SpecError, match=r"pip install 'semisup\[dask\]'"):
        map_to_parts(square, [1], tmp_path, ".txt", Workers(1, "tcp://x"), "squares", "numbers")
