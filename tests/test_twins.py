"""Names in two spellings are warned of with both; names that differ in what is meant are not."""

import pandas as pd
import pytest

from semisup.recordings.twins import meant, twins, visible

#: Two spellings of a name, and how a reader sees them.
SPELLINGS = {
    "capitals": ("Angry", "angry", "'Angry' and 'angry'"),
    "all capitals": ("SPK", "spk", "'SPK' and 'spk'"),
    "sharp s": ("gro\u00df", "GROSS", "'GROSS' and 'gro\u00df'"),
    "zeros": ("spk1", "spk01", "'spk01' and 'spk1'"),
    "a number": ("1", "001", "'001' and '1'"),
    "zero": ("0", "00", "'0' and '00'"),
    "zeros inside": ("s01_a", "s1_a", "'s01_a' and 's1_a'"),
    "a decimal": ("3", "3.0", "'3' and '3.0'"),
    "decomposed": ("caf\u00e9", "cafe\u0301", r"'cafe\u0301' and 'caf\xe9'"),
    "decomposed Polish": ("Zo\u015bka", "Zos\u0301ka", r"'Zos\u0301ka' and 'Zo\u015bka'"),
    "decomposed Korean": ("\uac00", "\u1100\u1161", r"'\u1100\u1161' and '\uac00'"),
    "full width": ("\uff211", "a1", "'a1' and '\uff211'"),
    "ligature": ("\ufb01ne", "fine", r"'fine' and '\ufb01ne'"),
    "zero-width space": ("angry", "angry\u200b", r"'angry' and 'angry\u200b'"),
    "byte order mark": ("\ufeffangry", "angry", r"'angry' and '\ufeffangry'"),
    "direction": ("sad\u200f", "sad", r"'sad' and 'sad\u200f'"),
    "soft hyphen": ("hap\u00adpy", "happy", r"'happy' and 'hap\xadpy'"),
    "control": ("sad\x00", "sad", r"'sad' and 'sad\x00'"),
    "no-break space": ("very\u00a0sad", "very sad", r"'very sad' and 'very\xa0sad'"),
    "two spaces": ("very  sad", "very sad", "'very  sad' and 'very sad'"),
    "space at the end": ("sad ", "sad", "'sad' and 'sad '"),
    "tab": ("very\tsad", "very sad", r"'very\tsad' and 'very sad'"),
    "line": ("very\nsad", "very sad", r"'very\nsad' and 'very sad'"),
    "underscore": ("very_sad", "very sad", "'very sad' and 'very_sad'"),
    "hyphen": ("very-sad", "very_sad", "'very-sad' and 'very_sad'"),
    "emoji": ("\u2764\ufe0f", "\u2764", r"'\u2764' and '\u2764\ufe0f'"),
}
UNLIKE = [
    *(("angry", "angrier"), ("spk1", "spk10"), ("1", "10"), ("100", "1"), ("a", "\u0430")),
    *(("caf\u00e9", "cafe"), ("1.5", "15"), ("1.50", "1.5"), ("v1.0", "v1"), ("_", "-")),
    *(("spk1", "1"), ("\u200b", "\u200d"), ("s1 1", "s11"), ("o", "0"), ("-1", "+1")),
]


def manifest(speakers=("p",), labels=("sad",), corpora=("x",)) -> pd.DataFrame:
    size = max(len(speakers), len(labels), len(corpora))
    columns = {"label": labels, "speaker": speakers, "corpus": corpora}
    rows = {name: (list(values) * size)[:size] for name, values in columns.items()}
    return pd.DataFrame(rows).astype(str)


@pytest.mark.parametrize("name", SPELLINGS)
def test_two_spellings_of_a_label_are_named(name):
    one, other, shown = SPELLINGS[name]
    (warning,) = twins(manifest(labels=(one, other, one, "other")))
    assert warning == (
        f"Labels {shown} look like one name in 2 spellings, but count as different classes: write "
        "them alike"
    )


@pytest.mark.parametrize("name", SPELLINGS)
def test_two_spellings_of_a_speaker_are_named(name):
    one, other, shown = SPELLINGS[name]
    (warning,) = twins(manifest(speakers=(one, other, "another")))
    assert warning.startswith(f"Speakers {shown} look like one name in 2 spellings, but count as")
    assert "people" in warning


@pytest.mark.parametrize("names", UNLIKE)
def test_other_names_are_others(names):
    assert twins(manifest(names, names)) == []


def test_all_spellings_of_a_name_are_in_one_sentence():
    (warning,) = twins(manifest(("spk1", "SPK1", "spk01", "spk2")))
    assert "'SPK1', 'spk01' and 'spk1' look like one name in 3 spellings" in warning


@pytest.mark.parametrize("what", ["labels", "speakers"])
@pytest.mark.parametrize(("count", "more"), [(3, 0), (4, 1), (30, 27)])
def test_three_are_named_and_the_others_counted(what, count, more):
    names = [name for i in range(count) for name in (f"a{i}", f"A{i}")]
    found = twins(manifest(**{what: names}))
    assert len(found) == min(count, 3) + (more > 0)
    if more:
        assert found[-1] == f"... and {more} more such names of {what}"


def test_a_missing_name_is_no_spelling():
    assert twins(manifest(("", "p"), ("", "sad"))) == []


def test_speakers_of_corpora_that_are_set_apart_are_not_compared():
    apart = manifest(("x/Spk1", "y/spk1", "X/spk1"), corpora=("x", "y", "X"))
    assert twins(apart) == []
    (warning,) = twins(manifest(("x/Spk1", "x/spk1", "y/spk1"), corpora=("x", "x", "y")))
    assert "'x/Spk1' and 'x/spk1'" in warning


def test_speakers_of_corpora_that_share_them_are_compared():
    (warning,) = twins(manifest(("Spk1", "spk1"), corpora=("x", "y")))
    assert "'Spk1' and 'spk1'" in warning


def test_labels_of_several_corpora_are_compared():
    (warning,) = twins(manifest(("x/1", "y/1"), ("Angry", "angry"), ("x", "y")))
    assert "'Angry' and 'angry'" in warning


@pytest.mark.parametrize("names", [["a", "b"], ["\u97f3", "\u58f0"], ["caf\u00e9", "tea"]])
def test_names_that_a_reader_can_tell_apart_are_written_as_they_are(names):
    assert visible(names) == names


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\n", "-"])
def test_a_name_of_nothing_means_nothing(text):
    assert meant(text) == ""
