"""Recordings cut into excerpts, and splits that leak because they are asked to."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semisup.errors import LeakageError
from semisup.recordings.manifest import cut
from semisup.splits import check_no_leakage, leaks, split_by_speaker
from semisup.study.split_spec import SplitSpec


def manifest(seconds: list[float], length: float | None = None, start: float = np.nan):
    names = [f"track_{number}.wav" for number in range(len(seconds))]
    table = pd.DataFrame(
        {"recording": names, "path": names, "label": "", "speaker": names, "seconds": seconds,
         "start": start, "end": np.nan}
    )  # fmt: skip
    return table if length is None else table.assign(excerpt_seconds=length)


def test_recordings_are_cut_end_to_end_and_named_by_where_they_are():
    found = cut(manifest([7.5, 3.0], 3.0))
    assert found["recording"].tolist() == [
        "track_0.wav#0-3", "track_0.wav#3-6", "track_1.wav#0-3",
    ]  # fmt: skip
    assert found[["start", "end"]].to_numpy().tolist() == [[0, 3], [3, 6], [0, 3]]
    assert found["seconds"].tolist() == [3, 3, 3]
    assert found["speaker"].tolist() == ["track_0.wav", "track_0.wav", "track_1.wav"]


def test_a_short_recording_stays_whole():
    found = cut(manifest([1.0], 3.0))
    assert found["recording"].tolist() == ["track_0.wav"]
    assert found["seconds"].tolist() == [1.0]
    assert found["start"].isna().all()


def test_an_excerpt_is_cut_from_where_it_starts():
    table = manifest([6.0], 3.0, start=10.0).assign(end=16.0, recording="track_0.wav#10-16")
    assert cut(table)["recording"].tolist() == ["track_0.wav#10-13", "track_0.wav#13-16"]


def test_nothing_is_cut_where_nothing_is_asked_for():
    table = manifest([9.0])
    assert cut(table) is table


@given(st.floats(0.1, 100), st.floats(0.1, 20))
def test_excerpts_cover_all_but_less_than_one(seconds, length):
    found = cut(manifest([seconds], length))
    assert found["recording"].is_unique
    if seconds >= length:
        assert found["seconds"].eq(length).all()
        assert seconds - found["seconds"].sum() < length * (1 + 1e-9)
        assert found["end"].max() <= seconds * (1 + 1e-9)


def tracks() -> pd.DataFrame:
    rows = [
        {"recording": f"{label}_{track}#{piece}", "speaker": f"{label}_{track}", "label": label}
        for label in ("jazz", "rock")
        for track in range(6)
        for piece in range(8)
    ]
    return pd.DataFrame(rows)


FRACTIONS = {"labelled": 0.5, "test": 0.5}


def test_a_leaky_split_deals_out_pieces_and_says_so():
    spec = SplitSpec(strategy="fraction", fractions=FRACTIONS, leaky=True)
    split = split_by_speaker(tracks(), spec, 0)
    with pytest.raises(LeakageError):
        check_no_leakage(tracks(), split)
    (sentence,) = leaks(tracks(), split)
    assert "leaky = true" in sentence
    assert "more than one subset" in sentence


def test_other_splits_of_pieces_keep_tracks_whole_and_say_nothing():
    split = split_by_speaker(tracks(), SplitSpec(strategy="fraction", fractions=FRACTIONS), 0)
    check_no_leakage(tracks(), split)
    assert leaks(tracks(), split) == []
