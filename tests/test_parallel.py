from pathlib import Path

import pytest

from semisup.engine.parallel import Workers, map_to_parts
from semisup.errors import SpecError


def square(item: int, path: Path) -> None:
    if item < 0:
        raise ValueError(f"{item} is negative")
    path.write_text(str(item * item))


@pytest.mark.parametrize("jobs", [1, 2])
def test_parts_come_in_the_order_of_the_items(tmp_path, jobs):
    paths = map_to_parts(square, [3, 1, 2], tmp_path, ".txt", Workers(jobs), "squares")
    assert [path.read_text() for path in paths] == ["9", "1", "4"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_part_that_is_there_is_not_made_again(tmp_path, jobs):
    with pytest.raises(ValueError, match="-1 is negative"):
        map_to_parts(square, [3, -1], tmp_path, ".txt", Workers(1), "squares")
    (tmp_path / "000000.txt").write_text("kept")
    paths = map_to_parts(square, [3, 2, 5], tmp_path, ".txt", Workers(jobs), "squares")
    assert [path.read_text() for path in paths] == ["kept", "4", "25"]


def test_a_failing_item_leaves_no_part(tmp_path):
    with pytest.raises(ValueError, match="negative"):
        map_to_parts(square, [-1], tmp_path, ".txt", Workers(1), "squares")
    assert list(tmp_path.iterdir()) == []


def test_a_dask_cluster_gives_the_same_parts(tmp_path):
    distributed = pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as one:
        workers = Workers(1, one.scheduler_address)
        paths = map_to_parts(square, [3, 1], tmp_path, ".txt", workers, "squares")
    assert [path.read_text() for path in paths] == ["9", "1"]


def test_a_scheduler_without_dask_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(SpecError, match=r"pip install 'semisup\[dask\]'"):
        map_to_parts(square, [1], tmp_path, ".txt", Workers(1, "tcp://x"), "squares")
