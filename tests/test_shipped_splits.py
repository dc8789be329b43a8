"""Committed splits are those of the shipped studies, as they would be written today."""

import json
from pathlib import Path

import pytest

import semisup
from semisup.engine.artefacts import fingerprint
from semisup.stages.fingerprints import split_as_data

ROOT = Path(__file__).parents[1]
SHIPPED = {
    study.spec.name: study.spec
    for study in map(semisup.read_study, sorted(ROOT.glob("experiments/*/*.toml")))
}
#: Of runs of other studies there may be more.
SPLITS = sorted(path for path in ROOT.glob("data_splits/*.json") if path.stem in SHIPPED)


def test_splits_are_committed():
    assert {"quickstart", "ravdess_valence"} < {path.stem for path in SPLITS}


@pytest.mark.parametrize("path", SPLITS, ids=lambda path: path.stem)
def test_a_committed_split_is_described_as_it_would_be_today(path):
    described = json.loads(path.read_text("utf-8"))
    assert described["spec"] == split_as_data(SHIPPED[path.stem])
    assert described["fingerprint"] == fingerprint(path.with_suffix(".csv").read_text("utf-8"))
    assert {"diagnostics", "warnings", "left_out"} < set(described)
