import numpy as np
import pandas as pd
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from semisup.recordings.durations import duration_study, lengths

RATE = 8000


@pytest.fixture
def manifest():
    return pd.DataFrame(
        {
            "recording": list("abcdefg"),
            "label": ["joy", "joy", "sad", "sad", "joy", "sad", "joy"],
            "speaker": ["p", "p", "p", "p", "q", "r", "s"],
            "seconds": [1.0, 2.0, 2.0, 3.0, 2.5, 9.0, 5.0],
        }
    )


@pytest.fixture
def split(manifest):
    subsets = ["labelled"] * 4 + ["unlabelled", "test"]
    return pd.Series(subsets, index=manifest["recording"][:6], name="subset")


def test_lengths_list_the_split_and_hide_unlabelled_labels(manifest, split):
    table = lengths(manifest, split)
    assert table.columns.tolist() == ["recording", "subset", "label", "seconds"]
    assert table["recording"].tolist() == list("abcdef")
    assert table["label"].tolist() == ["joy", "joy", "sad", "sad", "", "sad"]
    assert table["seconds"].tolist() == [1.0, 2.0, 2.0, 3.0, 2.5, 9.0]


def test_dropped_recordings_and_shares_are_those_a_hand_counts(manifest, split):
    table = duration_study(manifest, split, RATE, [16000, 16001])
    labelled = table[table["subset"] == "labelled"].drop(columns="subset")
    assert labelled.to_numpy().tolist() == [
        ["joy", 16000, 2, 1, 0.5, 0.5, pytest.approx(1 / 3), pytest.approx(-1 / 6)],
        ["sad", 16000, 2, 0, 0.0, 0.5, pytest.approx(2 / 3), pytest.approx(1 / 6)],
        ["all", 16000, 4, 1, 0.25, 1.0, 1.0, 0.0],
        ["joy", 16001, 2, 2, 1.0, 0.5, 0.0, -0.5],
        ["sad", 16001, 2, 1, 0.5, 0.5, 1.0, 0.5],
        ["all", 16001, 4, 3, 0.75, 1.0, 1.0, 0.0],
    ]


def test_unlabelled_recordings_are_counted_in_all_only(manifest, split):
    table = duration_study(manifest, split, RATE, [20000, 20001])
    unlabelled = table[table["subset"] == "unlabelled"]
    assert unlabelled["label"].tolist() == ["all", "all"]
    assert unlabelled["dropped"].tolist() == [0, 1]


def test_shares_are_nan_where_nothing_is_left(manifest, split):
    table = duration_study(manifest, split, RATE, [10**6])
    assert (table["dropped_share"] == 1).all()
    assert table[["class_share_after", "balance_shift"]].isna().all(axis=None)


def test_a_length_is_that_of_the_resampled_signal(manifest, split):
    for frames in (132_299, 132_300, 132_301, 132_303):
        samples = len(soxr.resample(np.zeros(frames), 44_100, RATE))
        one = manifest.assign(seconds=frames / 44_100)
        dropped = duration_study(one, split, RATE, [samples, samples + 1])
        assert dropped.groupby("chunk_samples")["dropped_share"].max().tolist() == [0.0, 1.0]


@settings(max_examples=25)
@given(
    seconds=st.lists(st.floats(0.1, 9), min_size=6, max_size=20),
    candidates=st.lists(st.integers(1, 80_000), min_size=1, max_size=4, unique=True),
)
def test_longer_chunks_drop_no_fewer_and_classes_add_up(seconds, candidates):
    n = len(seconds)
    manifest = pd.DataFrame(
        {
            "recording": [f"r{i:02d}" for i in range(n)],
            "label": ["x", "y", "z"] * (n // 3) + ["x"] * (n % 3),
            "seconds": seconds,
        }
    )
    split = pd.Series("test", index=manifest["recording"])
    table = duration_study(manifest, split, RATE, candidates)
    dropped = table.pivot_table(index="chunk_samples", columns="label", values="dropped")
    assert (dropped.diff().dropna() >= 0).all(axis=None)
    assert (dropped[["x", "y", "z"]].sum(axis=1) == dropped["all"]).all()
    shifts = table[table["label"] != "all"].groupby("chunk_samples")["balance_shift"].sum()
    assert np.allclose(shifts.fillna(0), 0)
