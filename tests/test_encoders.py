"""Windows, batches and pooling of encoders from elsewhere, and members of a representation."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from semisup.encoders.folder import what_is_missing
from semisup.encoders.pooling import Moments
from semisup.encoders.windows import Window, batched, windows
from semisup.reading import members
from semisup.reading.file import read_draft
from semisup.recordings.audio import load, stream
from semisup.representations.transformers import Transformers

SIZES = st.lists(st.integers(0, 60), min_size=1, max_size=8)


@given(SIZES, st.integers(1, 25))
def test_windows_are_all_of_a_recording_and_none_is_short(sizes, length):
    signal = np.arange(sum(sizes), dtype=np.float32)
    cut = list(windows(np.split(signal, np.cumsum(sizes)[:-1]), length))
    np.testing.assert_array_equal(np.concatenate(cut), signal)
    lengths = [len(window) for window in cut]
    assert max(lengths) <= length
    assert set(lengths[:-2]) <= {length}
    assert len(cut) == 1 or 2 * min(lengths) >= length


@given(st.lists(st.integers(1, 30), min_size=1), st.integers(1, 4), st.sampled_from([1, 1.25, 99]))
def test_batches_are_neighbours_of_lengths_that_are_alike(sizes, most, stretch):
    parts = [Window(owner, np.zeros(size)) for owner, size in enumerate(sizes)]
    batches = list(batched(parts, most, stretch))
    assert [part.owner for batch in batches for part in batch] == list(range(len(sizes)))
    for batch in batches:
        lengths = [len(part.samples) for part in batch]
        assert len(batch) <= most
        assert max(lengths) <= stretch * min(lengths)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=5), st.integers(0, 2**32 - 1))
def test_moments_of_windows_are_those_of_all_frames(counts, seed):
    frames = np.random.default_rng(seed).normal(3, 2, (sum(counts), 3)).astype(np.float32)
    moments, *others = [Moments.of(part) for part in np.split(frames, np.cumsum(counts)[:-1])]
    for other in others:
        moments = moments.with_more(other)
    exact = frames.astype(np.float64)
    np.testing.assert_allclose(moments.pooled("mean"), exact.mean(axis=0), atol=1e-12)
    np.testing.assert_array_equal(moments.pooled("max"), exact.max(axis=0))
    both = np.concatenate([exact.mean(axis=0), exact.std(axis=0)])
    np.testing.assert_allclose(moments.pooled("mean_std"), both, atol=1e-6)


@pytest.mark.parametrize("rate", [8000, 11025, 16000])
def test_a_stream_is_the_signal_block_by_block(rate, tmp_path, monkeypatch):
    path = tmp_path / "it.wav"
    soundfile.write(path, np.random.default_rng(0).uniform(-1, 1, (50_001, 2)), 8000)
    whole = load(path, rate, 0.5, 6.0)[0]
    monkeypatch.setattr("semisup.recordings.audio.BLOCK", 4096)
    blocks = list(stream(path, rate, 0.5, 6.0))
    assert max(map(len, blocks)) < len(whole) / 4
    np.testing.assert_array_equal(np.concatenate(blocks), whole)


def with_config(folder: Path, layers: int = 2) -> Path:
    """Write what a study file can be read by, without weights that could be."""
    (folder / "m").mkdir()
    (folder / "m" / "config.json").write_text(json.dumps({"num_hidden_layers": layers}))
    (folder / "m" / "model.safetensors").write_bytes(b"")
    return folder


def drafted(folder: Path, text: str):
    path = folder / "study.toml"
    path.write_text(f'name = "it"\n[corpus]\nadapter = "synthetic"\n{text}')
    draft = read_draft(path)
    # whether the libraries are installed is not asked here
    return draft.study.spec, [p for p in draft.problems if "pip install" not in p]


def test_each_layer_stands_in_the_curve_instead_of_all(tmp_path):
    text = """
    [representations.h]
    kind = "handcrafted"
    [representations.w]
    kind = "transformers"
    model = "m"
    layer = "all"
    speaker_normalisation = "mean"
    controls = true
    [representations."w.layer_02"]
    kind = "columns"
    of = "w"
    begin = "layer_02_0"
    """
    spec, problems = drafted(with_config(tmp_path), text)
    assert not problems
    layers = [f"w.layer_0{k}{end}" for k in range(2) for end in ("", ".untrained")]
    assert spec.compared() == ["h", *layers, "w.layer_02"]
    assert spec.representations["w"].speaker_normalisation == "none"
    assert spec.representations["w.untrained"].weights == "random"
    assert spec.representations["w.layer_01"].speaker_normalisation == "mean"
    assert spec.representations["w.layer_01.untrained"].of == "w.untrained"
    assert spec.representations["w.layer_02"].begin == "layer_02_0"


def test_lists_of_the_curve_name_what_stands_for_it(tmp_path):
    text = """
    [representations.h]
    kind = "handcrafted"
    [representations.w]
    kind = "transformers"
    model = "m"
    layer = [0, 2]
    [curve]
    representations = ["w", "h"]
    classifiers = ["svm", "knn"]
    only.knn = ["w"]
    """
    spec, problems = drafted(with_config(tmp_path), text)
    assert not problems
    assert spec.compared() == ["w.layer_00", "w.layer_02", "h"]
    assert spec.curve.only == {"knn": ["w.layer_00", "w.layer_02"]}


def test_a_configuration_without_layers_is_one_problem(tmp_path):
    base, problems = with_config(tmp_path), []
    (base / "m" / "config.json").write_text("{}")
    options = Transformers.of(model="m", layer="all").options
    assert members.of_all({"w": options}, base, problems) == {}
    assert len(problems) == 1
    assert problems[0].startswith("[representations.w] layer: config.json of 'm' does not tell")


def test_what_is_missing_of_a_model_says_what_to_do(tmp_path):
    base = with_config(tmp_path)
    assert what_is_missing("m", "", False, base) == ""
    assert "set revision to a commit" in what_is_missing("nobody/n", "", False, base)
    assert what_is_missing("nobody/n", "abc", False, base) == ""
    assert "there is no folder" in what_is_missing("./no/such/folder", "abc", False, base)
    (base / "m" / "model.safetensors").rename(base / "m" / "pytorch_model.bin")
    assert "trust_pickle = true" in what_is_missing("m", "", False, base)
    assert what_is_missing("m", "", True, base) == ""
    (base / "m" / "pytorch_model.bin").unlink()
    assert "has no weights" in what_is_missing("m", "", True, base)
    (base / "m" / "config.json").unlink()
    assert "has no config.json" in what_is_missing("m", "", True, base)
