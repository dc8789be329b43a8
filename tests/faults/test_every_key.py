"""Every key of every table: another value makes again what depends on it, and nothing else."""

import random
from importlib.util import find_spec

import pytest
from needed_keys import NEEDED

from faults import key_runs
from faults.dependencies import changed, expected, kinds_of, prints_of
from faults.keys import Mutation, mutations
from semisup.reading.file import parse_study
from semisup.study.tuning_spec import TuningSpec

#: Keys of which no other value than the default can be checked without running, and why.
LEFT = {
    ("corpus pictures", "excerpt_seconds"): "pictures have no excerpts",
}
EVERY = list(mutations())
pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def files_that_kinds_need(tmp_path, monkeypatch):
    """Kinds that read a file take it into their fingerprints."""
    monkeypatch.chdir(tmp_path)
    for number, keys in enumerate(NEEDED.values()):
        for name in (keys.get("file"), keys.get("path")):
            if name:
                (tmp_path / str(name)).write_text(f"recording,f0\na,{number}\n")
    for name in ("other", "other.csv"):
        (tmp_path / name).write_text("another")


#: Kinds without which `make test` does, and the package that each needs.
OPTIONAL = {
    "kind onnx": "onnxruntime",
    "kind torch": "torch",
    "kind transformers": "transformers",
}


def test_every_key_has_another_value():
    without = {one for one in EVERY if not isinstance(one, Mutation)}
    absent = {table for table, package in OPTIONAL.items() if find_spec(package) is None}
    assert {one for one in without if one[0] not in absent} == LEFT.keys()
    assert len(EVERY) > 400


#: What a corpus's keys change is what its scan says: see the runs.
BY_FINGERPRINTS = [
    one for one in EVERY if isinstance(one, Mutation) and not one.table.startswith("corpus")
]


@pytest.mark.parametrize("mutation", BY_FINGERPRINTS, ids=lambda one: one.name)
def test_a_key_changes_the_fingerprints_of_what_depends_on_it_alone(mutation, tmp_path):
    before, after = (prints_of(one, tmp_path) for one in (mutation.before, mutation.after))
    spec = parse_study(mutation.after, tmp_path)
    assert kinds_of(spec)
    assert changed(before, after) == expected(mutation.table, mutation.key, spec, after)


#: How many of the keys are really run here; `make soak` runs all.
SAMPLE = 6


def test_a_changed_key_gives_what_an_empty_folder_does_and_makes_nothing_for_nothing(tmp_path):
    wanted = key_runs.changes(key_runs.recordings_in(tmp_path))
    assert len(wanted) > 50
    # those of the stages after "compare" take long, and the lists of them are tested elsewhere
    quick = [m for m in wanted if m.table in ("split", "chunks", "curve", "compare", "classifiers")]
    for mutation, change in key_runs.run(random.Random(4).sample(quick, SAMPLE), tmp_path):
        assert change.is_well, (mutation.name, change)
        assert change.made_again or change.refused, mutation.name


def test_a_changed_search_gives_what_an_empty_folder_does(tmp_path):
    searches = key_runs.searches(key_runs.recordings_in(tmp_path))
    assert len(searches) == len(TuningSpec.model_fields)
    quick = [one for one in searches if one.key in ("latent_dim", "choose")]
    for mutation, change in key_runs.run(quick, tmp_path):
        assert change.is_well, (mutation.name, change)
        assert change.made_again, mutation.name
