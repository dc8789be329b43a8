"""The same study gives the same bytes whatever surrounds it, and the golden ones on any machine."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from faults import golden
from faults.same_bytes import CIRCUMSTANCES, languages, run
from faults.studies import contents, write_recordings, write_study


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("same")
    write_recordings(folder / "recordings")
    return write_study(folder / "studies", "plain")


@pytest.mark.slow
def test_circumstances_change_no_byte(study, tmp_path):
    everything = {**CIRCUMSTANCES, **{name: {"LC_ALL": name} for name in languages()}}
    # one after the other in the same place: reports and lists hold their paths
    out, expected = tmp_path / "files", None
    for name in ("plain", "all at once", "two jobs", *languages()):
        run(study, out, everything[name], "clusters", tmp_path / name)
        found = contents(out / "plain")
        expected = expected or found
        assert found == expected, name
        shutil.rmtree(out)
    assert len(expected) > 20


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory) -> Path:
    return golden.run(tmp_path_factory.mktemp("quickstart"))


@pytest.mark.slow
def test_the_tables_of_the_quickstart_are_the_golden_ones(quickstart):
    assert golden.hashes(quickstart) == json.loads(golden.FILE.read_text())


def test_rounding_hides_the_last_digits_alone(tmp_path):
    hashes = []
    for value in (0.1 + 0.2, 0.3, 0.30001, -0.0, 0.0):
        pd.DataFrame({"x": np.array([value])}).to_csv(tmp_path / "t.csv", index=False)
        hashes.append(golden.rounded(tmp_path / "t.csv"))
    assert hashes[0] == hashes[1] != hashes[2]
    assert hashes[3] == hashes[4]
