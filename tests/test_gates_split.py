"""Proposals of `check` for splits that cannot be made: they fit, and nothing larger does."""

import numpy as np
import pandas as pd
import pytest

from semisup import splits
from semisup.errors import SplitError
from semisup.splits._proposal import of_size, proposal
from semisup.study.split_spec import SplitSpec


def manifest(seed: int, speakers: int, classes: int, most: int) -> pd.DataFrame:
    """Speakers with random numbers of recordings of each class."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"c{label}", f"s{speaker:02d}", f"s{speaker:02d}/c{label}/{number:02d}")
        for speaker in range(speakers)
        for label in range(classes)
        for number in range(rng.integers(1, most + 1))
    ]
    return pd.DataFrame(rows, columns=["label", "speaker", "recording"])


CORPORA = [
    manifest(0, 6, 2, 9),
    manifest(1, 10, 7, 8),
    manifest(2, 24, 4, 12),
    manifest(3, 3, 3, 20),
]
ASKED = [
    ("quota", {"labelled": 180, "test": 120}),
    ("quota", {"labelled": 100, "test": 100, "unlabelled": "rest"}),
    ("quota", {"labelled": 50, "unlabelled": 200, "test": 100}),
    ("sorted_prefix", {"labelled": 90, "test": 60}),
    ("sorted_prefix", {"labelled": 100, "test": 100, "unlabelled": "rest"}),
]


@pytest.mark.parametrize(("strategy", "counts"), ASKED)
@pytest.mark.parametrize("table", CORPORA, ids=["6 of 2", "10 of 7", "24 of 4", "3 of 3"])
def test_the_largest_counts_fit_and_one_more_does_not(table, strategy, counts):
    spec = SplitSpec(strategy=strategy, per_class=counts)

    def attempt(spec: SplitSpec) -> pd.Series:
        return splits.split_by_speaker(table, spec, 3)

    with pytest.raises(SplitError):
        attempt(spec)
    # with all the time that it takes: how fast a machine is decides nothing here
    found = proposal(spec, attempt, seconds=float("inf"))
    assert found is not None
    assert found.is_largest
    fitting = found.spec
    split = attempt(fitting)
    labels = table.set_index("recording")["label"]
    for subset, count in fitting.per_class.items():
        if count != "rest":
            assert set(labels[split.index[split == subset]].value_counts()) == {count}
    top = max(count for count in fitting.per_class.values() if count != "rest")
    with pytest.raises(SplitError):
        attempt(of_size(spec, top + 1))


def test_proportions_are_kept():
    spec = SplitSpec(strategy="quota", per_class={"labelled": 90, "test": 60, "unlabelled": "rest"})
    assert of_size(spec, 21).per_class == {"labelled": 21, "test": 14, "unlabelled": "rest"}
    assert of_size(spec, 1).per_class == {"labelled": 1, "test": 1, "unlabelled": "rest"}
    # the example, of 7 speakers who have 5 recordings of each class
    table = pd.DataFrame(
        [(f"c{c}", f"s{s}", f"s{s}/c{c}/{n}") for s in range(7) for c in (0, 1) for n in range(5)],
        columns=["label", "speaker", "recording"],
    )
    fitting = proposal(spec, lambda tried: splits.split_by_speaker(table, tried, 0))
    assert fitting.spec.per_class == {"labelled": 16, "test": 10, "unlabelled": "rest"}
    assert splits.written(fitting.spec) == (
        'per_class = { labelled = 16, test = 10, unlabelled = "rest" }'
    )


def test_without_speakers_for_three_subsets_two_are_proposed():
    table = manifest(5, 2, 3, 4)
    counts = {"labelled": 1, "test": 1, "unlabelled": "rest"}
    written = []
    for spec in (SplitSpec(), SplitSpec(strategy="quota", per_class=counts)):

        def attempt(tried: SplitSpec) -> pd.Series:
            return splits.split_by_speaker(table, tried, 0)

        with pytest.raises(SplitError):
            attempt(spec)
        found = proposal(spec, attempt)
        assert set(attempt(found.spec)) == {"labelled", "test"}
        written.append(splits.written(found.spec))
    assert written == [
        "fractions = { labelled = 0.5, test = 0.5 }",
        "per_class = { labelled = 1, test = 1 }",
    ]
    # one speaker can be shared by nobody
    alone = manifest(5, 1, 3, 4)
    assert proposal(SplitSpec(), lambda spec: splits.split_by_speaker(alone, spec, 0)) is None
