"""Whole recordings of each class are held out to validate on, for all kinds that learn classes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from semisup.networks.held_out import held_out

RECORDINGS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)), min_size=1, max_size=25)


@given(RECORDINGS, st.one_of(st.just(0.0), st.floats(0.01, 0.95)), st.integers(0, 99))
def test_whole_recordings_of_every_class_are_held_out_and_one_stays(recordings, share, seed):
    """Each recording has a class and so many rows."""
    owner = np.repeat(np.arange(len(recordings)), [rows for _, rows in recordings])
    classes = np.array([recordings[number][0] for number in owner])
    watched = held_out(classes, owner, share, seed)
    assert not {*owner[watched]} & {*owner[~watched]}
    for number in np.unique(classes):
        n = len({*owner[classes == number]})
        held = len({*owner[watched & (classes == number)]})
        assert held == min(n - 1, max(1 if share else 0, round(share * n)))


def test_the_choice_depends_on_the_seed_and_not_on_the_order_of_rows():
    owner = np.arange(20)
    classes = owner % 2
    first = held_out(classes, owner, 0.5, 1)
    turned = held_out(classes[::-1], owner[::-1], 0.5, 1)
    np.testing.assert_array_equal(first, turned[::-1])
    assert not np.array_equal(first, held_out(classes, owner, 0.5, 2))
