"""Chunks that end before their recordings do, beside representations that hear all of them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semisup.features.kinds import kind_class
from semisup.features.tails import left_out, unequal_sound
from semisup.signals.chunk_spectrogram import chunk_starts
from semisup.study.spec import ChunkSpec

SPEC = ChunkSpec(sample_rate=1000, chunk_samples=1000)
LENGTHS = pd.Series([2.5, 3.0, 0.5])


@given(st.lists(st.integers(1, 9000), min_size=1, max_size=9), st.sampled_from(["drop", "cover"]))
def test_what_is_left_out_is_what_no_chunk_has(samples, tail):
    spec = SPEC.model_copy(update={"tail": tail})
    longer = [n for n in samples if n >= 1000]
    heard = [
        np.unique(np.concatenate([np.arange(1000) + start for start in chunk_starts(n, spec)])).size
        for n in longer
    ]
    expected = 1 - sum(heard) / sum(longer) if longer else 0
    assert left_out(pd.Series(samples) / 1000, spec) == pytest.approx(expected)


def kinds(*names: str):
    return {name: kind_class(name).of(kind=name) for name in names}


def test_it_is_said_once_with_the_share_and_the_key():
    (sentence,) = unequal_sound(kinds("handcrafted", "autoencoder", "mfcc"), LENGTHS, SPEC)
    assert sentence == (
        "Chunks end before their recordings do: the last 9 % of the sound is not in 'autoencoder', "
        "but is in 'handcrafted' and 'mfcc'; tail = 'cover' in [chunks] lets all hear all of it"
    )


@pytest.mark.parametrize(
    ("names", "tail", "lengths"),
    [
        (("handcrafted",), "drop", LENGTHS),
        (("autoencoder",), "drop", LENGTHS),
        (("handcrafted", "autoencoder"), "cover", LENGTHS),
        (("handcrafted", "autoencoder"), "drop", pd.Series([2.0, 3.001])),
    ],
)
def test_nothing_is_said_where_all_hear_the_same(names, tail, lengths):
    spec = SPEC.model_copy(update={"tail": tail})
    assert unequal_sound(kinds(*names), lengths, spec) == []
