"""The nearest folder that would do, beside, above and below the one that was named."""

from pathlib import Path

import pytest
from corpus_trees import make, scan, write

from semisup.corpora import _nearest
from semisup.corpora._nearest import nearest_folder
from semisup.errors import CorpusError


def has_mark(folder: Path) -> bool:
    return (folder / "mark").exists()


@pytest.mark.parametrize(
    ("marked", "named", "found"),
    [
        (["a/recordings", "a/other"], "a/recording", "a/recordings"),  # a like name
        (["a/b/c"], "a/x/y", "a/b/c"),  # deeper, beside what is missing
        (["a"], "a/b", "a"),  # one level too deep
        (["a", "z"], "a/b/c", "a"),
        (["a/b/x", "a/b"], "a/wrong", "a/b"),  # as like as each other: the shallower
        (["b/recs"], "a/recs", "b/recs"),  # under another folder
        ([], "a/b", None),
    ],
)
def test_a_folder_near_by_is_found(tmp_path, monkeypatch, marked, named, found):
    # nothing above the test's own folder counts
    monkeypatch.setattr(_nearest, "ABOVE", 1)
    top = tmp_path / "top"
    (top / "a" / "b").mkdir(parents=True)
    for name in marked:
        write(top / name / "mark", "")
    answer = nearest_folder(top / named, has_mark)
    assert answer == (None if found is None else top / found)


def test_the_search_ends_after_so_many_names_and_at_the_home_folder(tmp_path, monkeypatch):
    for number in range(30):
        (tmp_path / f"n{number:02d}").mkdir()
    write(tmp_path / "n29" / "in" / "mark", "")
    monkeypatch.setattr(_nearest, "ABOVE", 0)
    assert nearest_folder(tmp_path / "x", has_mark) == tmp_path / "n29" / "in"
    monkeypatch.setattr(_nearest, "MOST", 20)
    assert nearest_folder(tmp_path / "x", has_mark) is None
    monkeypatch.setattr(_nearest, "MOST", 5000)
    monkeypatch.setenv("HOME", str(tmp_path / "ann"))
    assert nearest_folder(tmp_path / "bob", has_mark) is None


@pytest.mark.parametrize(
    ("adapter", "files", "named", "found"),
    [
        ("folder", ["angry/a.wav", "calm/b.wav"], "corpus/record", "corpus"),
        ("ravdess", ["Actor_01/03-01-06-01-02-01-01.wav"], "corpus/Actor_01", "corpus"),
        ("ravdess", ["Actor_01/03-01-06-01-02-01-01.wav"], "corpsu", "corpus"),
        ("emodb", ["wav/03a01Fa.wav"], "corpus/wave", "corpus/wav"),  # flat ones do, too
        ("gtzan", ["blues/blues.00000.wav"], "gtzan", "corpus"),
        ("crema_d", ["AudioWAV/1001_DFA_ANG_XX.wav"], "corpus/CREMA", "corpus"),
        ("emodb", ["angry/a.wav", "wav/speech.wav"], "emodb", None),
        ("ravdess", ["Actor_01/one.wav"], "corpus2", None),
    ],
)
def test_adapters_name_a_folder_of_their_layout(tmp_path, adapter, files, named, found):
    make(tmp_path / "deep" / "er" / "corpus", *files)
    with pytest.raises(CorpusError) as caught:
        scan(adapter, tmp_path / "deep" / "er" / named)
    told = str(caught.value).partition("; nearest such folder: ")[2]
    own = told if told.startswith(str(tmp_path)) else ""
    assert own == ("" if found is None else str(tmp_path / "deep" / "er" / found))
