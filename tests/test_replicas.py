"""The same recording under several names: hashes of what is decoded, splits, warnings."""

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from semisup.errors import LeakageError
from semisup.recordings import pictures
from semisup.recordings.audio import BLOCK, inspect
from semisup.recordings.content import ContentHash
from semisup.recordings.manifest import cut
from semisup.splits import left_out, replica_leaks, replica_warnings, split_by_speaker
from semisup.study.split_spec import SplitSpec

RATE = 8000


def noise(seed: int = 0, channels: int = 1) -> np.ndarray:
    """Half a second of 16-bit noise."""
    values = np.random.default_rng(seed).integers(-(2**15), 2**15, (RATE // 2, channels))
    return values.astype(np.int16)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.flac", {}),
        ("a.aiff", {}),
        ("a.au", {}),
        ("a.caf", {}),
        ("a.w64", {}),
        ("odd name é #1.wav", {}),
        ("a.wav", {"subtype": "PCM_24"}),
        ("b.wav", {"subtype": "FLOAT"}),
        ("c.wav", {"subtype": "DOUBLE"}),
    ],
)
def test_the_same_samples_have_one_hash_in_every_format(tmp_path, name, how):
    whole = noise() / 2**15
    soundfile.write(tmp_path / "plain.wav", whole, RATE, subtype="PCM_16")
    soundfile.write(tmp_path / name, whole, RATE, **how)
    hashes = {inspect(tmp_path / file).content for file in ("plain.wav", name)}
    assert len(hashes) == 1
    assert len(hashes.pop()) == 32


def test_equal_channels_are_the_sound_of_one(tmp_path):
    soundfile.write(tmp_path / "mono.wav", noise(), RATE)
    soundfile.write(tmp_path / "stereo.wav", np.repeat(noise(), 2, axis=1), RATE)
    assert inspect(tmp_path / "mono.wav").content == inspect(tmp_path / "stereo.wav").content


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: np.r_[whole[:-1], whole[-1:] ^ 1],
        lambda whole: whole[:-1],
        lambda whole: whole[::-1],
        lambda whole: np.r_[whole, whole[:1]],
    ],
)
def test_another_sound_has_another_hash(tmp_path, change):
    soundfile.write(tmp_path / "a.wav", noise(), RATE)
    soundfile.write(tmp_path / "b.wav", change(noise()), RATE)
    assert inspect(tmp_path / "a.wav").content != inspect(tmp_path / "b.wav").content


def test_the_rate_and_the_excerpt_are_part_of_the_sound(tmp_path):
    soundfile.write(tmp_path / "a.wav", noise(), RATE)
    soundfile.write(tmp_path / "b.wav", noise(), 2 * RATE)
    path = tmp_path / "a.wav"
    hashes = [
        inspect(path).content,
        inspect(tmp_path / "b.wav").content,
        inspect(path, 0.0, 0.25).content,
        inspect(path, 0.25, 0.5).content,
    ]
    assert len(set(hashes)) == 4
    assert inspect(path, 0.0, 0.5).content == hashes[0]


@settings(max_examples=30)
@given(st.lists(st.integers(0, 300), max_size=4))
def test_the_blocks_do_not_matter(cuts):
    values = np.random.default_rng(1).standard_normal(300)
    whole, parts = ContentHash(RATE), ContentHash(RATE)
    whole.update(values)
    for block in np.split(values, sorted(cuts)):
        parts.update(block)
    assert str(whole) == str(parts)
    assert len(values) < BLOCK


def test_zero_has_no_sign():
    plus, minus = ContentHash(RATE), ContentHash(RATE)
    plus.update(np.zeros(5))
    minus.update(-np.zeros(5))
    assert str(plus) == str(minus)


def test_a_picture_is_its_pixels(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (6, 4, 3), dtype=np.uint8)
    for name in ("a.png", "a.bmp", "a.tiff"):
        Image.fromarray(pixels).save(tmp_path / name)
    Image.fromarray(pixels.transpose(1, 0, 2).copy()).save(tmp_path / "b.png")
    Image.fromarray(pixels.reshape(4, 6, 3)).save(tmp_path / "c.png")
    found = {path.name: pictures.inspect(path)[2] for path in tmp_path.iterdir()}
    assert len({found["a.png"], found["a.bmp"], found["a.tiff"]}) == 1
    assert len(set(found.values())) == 3


def test_pieces_of_replicas_are_replicas():
    table = pd.DataFrame(
        {"recording": ["a", "b", "c"], "path": "x", "label": "y", "speaker": "z", "seconds": 6.0}
        | {"start": np.nan, "end": np.nan, "content": ["1", "1", ""], "excerpt_seconds": 3.0}
    )
    pieces = cut(table).set_index("recording")["content"]
    assert pieces["a#0-3"] == pieces["b#0-3"] != pieces["a#3-6"] == pieces["b#3-6"]
    assert set(pieces.filter(like="c#")) == {""}


def manifest(**content: str) -> pd.DataFrame:
    """Six speakers of two recordings a class; some hold the same samples."""
    rows = [
        {"recording": f"{label}/{speaker}{n}", "label": label, "speaker": speaker}
        for speaker in "abcdef"
        for label in ("joy", "sad")
        for n in range(2)
    ]
    table = pd.DataFrame(rows)
    names = table["recording"].str.replace("/", "_")
    return table.assign(content=[content.get(name, name) for name in names])


BY_COLUMN = {"strategy": "column", "column": "place"}
PLACES = dict(
    zip("abcdef", ("labelled", "labelled", "unlabelled", "test", "test", ""), strict=True)
)


def placed(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(place=table["speaker"].map(PLACES))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("joy_a0", "joy_d1"), "'joy/a0' in 'labelled' and 'joy/d1' in 'test'"),
        (("sad_c0", "joy_b1"), "'joy/b1' in 'labelled' and 'sad/c0' in 'unlabelled'"),
        (("joy_c0", "joy_e1"), "'joy/c0' in 'unlabelled' and 'joy/e1' in 'test'"),
    ],
)
def test_a_recording_in_two_subsets_is_refused(names, said):
    table = placed(manifest(**dict.fromkeys(names, "same")))
    with pytest.raises(LeakageError) as caught:
        split_by_speaker(table, SplitSpec(**BY_COLUMN))
    assert str(caught.value).startswith(f"The same recording is in more than one subset: {said}; ")
    assert "replicas = 'drop'" in str(caught.value)
    leaky = SplitSpec(**BY_COLUMN, leaky=True)
    (warning,) = replica_leaks(table, split_by_speaker(table, leaky))
    assert said in warning


@pytest.mark.parametrize(
    "names", [("joy_a0", "joy_a1"), ("joy_a0", "joy_b1"), ("joy_f0", "joy_a1")]
)
def test_a_recording_twice_in_one_subset_or_in_none_is_no_leak(names):
    table = placed(manifest(**dict.fromkeys(names, "same")))
    split = split_by_speaker(table, SplitSpec(**BY_COLUMN))
    assert len(split) == 20
    assert len(replica_warnings(table)) == 1


def test_what_has_nothing_to_compare_is_never_a_replica():
    table = placed(manifest())
    for other in (table.assign(content=""), table.drop(columns="content")):
        assert len(split_by_speaker(other, SplitSpec(**BY_COLUMN))) == 20
        assert replica_warnings(other) == []


def test_one_of_each_stays_and_none_whose_labels_differ():
    spec = SplitSpec(**BY_COLUMN, replicas="drop")
    same = dict.fromkeys(("joy_a0", "joy_d1", "joy_e0"), "1") | dict.fromkeys(
        ("sad_b0", "joy_d0"), "2"
    )
    table = placed(manifest(**same))
    split = split_by_speaker(table, spec)
    gone = (
        set(table["recording"])
        - set(split.index)
        - set(table.loc[table["place"] == "", "recording"])
    )
    assert gone == {"joy/d1", "joy/e0", "sad/b0", "joy/d0"}
    why = left_out(table, split, spec)
    assert why["joy/d1"] == why["joy/e0"] == "it is the same recording as 'joy/a0'"
    assert why["sad/b0"] == why["joy/d0"] == "it is there under two labels"
    assert len(why) == 4 + len(gone)


def test_one_with_a_label_stands_for_those_without():
    table = placed(manifest(joy_c0="1", joy_a0="1"))
    table.loc[table["speaker"] == "c", "label"] = ""
    # first in the manifest, too
    table = table.iloc[::-1]
    split = split_by_speaker(table, SplitSpec(**BY_COLUMN, replicas="drop"))
    assert "joy/a0" in split
    assert "joy/c0" not in split
    assert replica_warnings(table)


@pytest.mark.parametrize(
    "split",
    [
        {"fractions": {"labelled": 0.4, "unlabelled": 0.3, "test": 0.3}},
        {"strategy": "quota", "per_class": {"labelled": 2, "unlabelled": 2, "test": 2}},
        {"strategy": "sorted_prefix", "per_class": {"labelled": 2, "test": 2}},
    ],
)
def test_every_strategy_can_do_without_replicas(split):
    table = manifest(**{f"joy_{speaker}0": "same" for speaker in "abcdef"})
    found = split_by_speaker(table, SplitSpec(replicas="drop", **split), seed=3)
    kept = table[table["recording"].isin(found.index) & (table["content"] == "same")]
    assert list(kept["recording"]) in (["joy/a0"], [])


def test_warnings_tell_labels_speakers_and_names_apart():
    table = manifest(
        **dict.fromkeys(("joy_a0", "sad_a0"), "1"),
        **dict.fromkeys(("joy_b0", "joy_c0"), "2"),
        **dict.fromkeys(("sad_d0", "sad_d1"), "3"),
    )
    assert replica_warnings(table) == [
        "1 recording is there more than once, with different labels: joy/a0 ('joy') = sad/a0 "
        "('sad')",
        "1 recording is there more than once, of different speakers: joy/b0 ('b') = joy/c0 ('c')",
        "1 recording is there more than once, under several names: sad/d0 = sad/d1",
    ]


def test_a_warning_shows_three_and_counts_the_rest():
    same = {f"{label}_{speaker}0": speaker for speaker in "abcde" for label in ("joy", "sad")}
    (warning,) = replica_warnings(manifest(**same))
    assert warning.startswith("5 recordings are there more than once, with different labels: ")
    assert warning.count("=") == 3
    assert warning.endswith("; and 2 more")
