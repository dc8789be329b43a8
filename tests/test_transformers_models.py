"""Small random encoders of six real architectures: pooled as the library itself would."""

import json
import warnings
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import small_encoders
import soundfile

from semisup.encoders import transformers_models
from semisup.encoders.folder import layer_count
from semisup.errors import SpecError
from semisup.features.inputs import Inputs
from semisup.reading.file import parse_study
from semisup.recordings import kept
from semisup.recordings.audio import load
from semisup.representations import transformers as kind
from semisup.representations.columns import Columns
from semisup.representations.transformers import Transformers
from semisup.stages.runner import run_study
from semisup.study.study import Study

pytestmark = pytest.mark.extras
NAMES = list(small_encoders.ARCHITECTURES)
#: Seconds of the recordings, not in the order of their lengths.
SECONDS = (0.5, 1.1, 0.07, 0.8, 0.8, 0.95)


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    """A folder with all the models."""
    folder = tmp_path_factory.mktemp("models")
    for name in NAMES:
        small_encoders.write(name, folder / name)
    return folder


@pytest.fixture(scope="module")
def recordings(tmp_path_factory) -> pd.DataFrame:
    """Six recordings of five lengths, the fourth unlabelled."""
    folder, rng = tmp_path_factory.mktemp("audio"), np.random.default_rng(0)
    table = []
    for number, seconds in enumerate(SECONDS):
        path = folder / f"{number}.wav"
        soundfile.write(path, rng.uniform(-0.5, 0.5, round(seconds * 8000)), 8000)
        subset = "unlabelled" if number == 3 else ("labelled", "test")[number % 2]
        table.append((path.name, str(path), f"s{number % 2}", subset, seconds))
    columns = ["recording", "path", "speaker", "subset", "seconds"]
    return pd.DataFrame(table, columns=columns).assign(start=np.nan, end=np.nan)


def features(recordings: pd.DataFrame, base: Path, parts: Path, **keys: object) -> pd.DataFrame:
    inputs = Inputs("it", base, parts, base, 0, 8000, recordings)
    # compared with float32 on a processor, wherever the tests run
    return Transformers.of(**{"float16": False, **keys}).extract(inputs)


def by_hand(folder: Path, path: str) -> tuple[list[np.ndarray], np.ndarray]:
    """Return hidden states and last state of one recording as the library gives them."""
    import torch
    import transformers

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        extractor = transformers.AutoFeatureExtractor.from_pretrained(folder)
        model = transformers.AutoModel.from_pretrained(folder).eval()
        model = getattr(model, "audio_model", model)
        model = model.get_encoder() if model.config.is_encoder_decoder else model
        rate = extractor.sampling_rate
        signal = load(path, rate)[0].astype(np.float32)
        given = extractor(signal, sampling_rate=rate, return_tensors="pt")
        output = model(**given, output_hidden_states=True)
    hidden = [layer[0].numpy() for layer in output.hidden_states]
    return hidden, output.last_hidden_state[0].numpy()


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_alone_is_as_in_a_batch(name, base, recordings, tmp_path):
    together = features(recordings, base, tmp_path / "8", model=name, pooling="mean_std")
    assert together["recording"].tolist() == ["0.wav", "1.wav", "2.wav", "4.wav", "5.wav"]
    alone = features(recordings, base, tmp_path / "1", model=name, pooling="mean_std", batch_size=1)
    assert list(together.columns[2:4]) == ["frame_000_mean", "frame_001_mean"]
    np.testing.assert_allclose(together.iloc[:, 2:], alone.iloc[:, 2:], atol=2e-6)
    assert (together.iloc[:, 2:].std() > 1e-4).any()


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("ast", "whisper", "clap")])
@pytest.mark.parametrize(("pooling", "pool"), [("mean", np.mean), ("max", np.max)])
def test_frames_are_those_of_the_library(name, pooling, pool, base, recordings, tmp_path):
    table = features(recordings, base, tmp_path / "parts", model=name, pooling=pooling)
    hidden, last = by_hand(base / name, recordings["path"][1])
    np.testing.assert_allclose(table.iloc[1, 2:].astype(float), pool(last, axis=0), atol=1e-5)
    table = features(recordings, base, tmp_path / "mean", model=name, layer="mean")
    expected = np.mean(hidden, axis=0).mean(axis=0)
    np.testing.assert_allclose(table.iloc[1, 2:].astype(float), expected, atol=1e-5)


def test_padding_of_a_fixed_input_is_left_out(base, recordings, tmp_path):
    path, seconds = recordings["path"][1], SECONDS[1]
    rows_of = {
        name: features(recordings, base, tmp_path / name, model=name).iloc[1, 2:].astype(float)
        for name in ("whisper", "ast", "clap")
    }
    _, last = by_hand(base / "whisper", path)
    own = last[: round(seconds * 50)]  # a frame every 20 ms of 30 s
    np.testing.assert_allclose(rows_of["whisper"], own.mean(axis=0), atol=1e-5)
    _, last = by_hand(base / "ast", path)
    patches = last[2:].reshape(12, 101, -1)[:, : round(seconds * 10)]  # every 100 ms
    np.testing.assert_allclose(rows_of["ast"], patches.mean(axis=(0, 1)), atol=1e-5)
    _, last = by_hand(base / "clap", path)
    np.testing.assert_allclose(rows_of["clap"], last.mean(axis=(1, 2)), atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_all_layers_are_the_single_ones(name, base, recordings, tmp_path):
    every = features(recordings, base, tmp_path / "all", model=name, layer="all")
    some = features(recordings, base, tmp_path / "some", model=name, layer=[2, 0])
    config = json.loads((base / name / "config.json").read_text())
    count = layer_count(config)
    assert {column[:8] for column in every.columns[2:]} == {
        f"layer_{number:02d}" for number in range(count)
    }
    inputs = Inputs("it", base, tmp_path, base, 0, 8000, recordings, tables={"all": every})
    for number in range(count):
        single = features(recordings, base, tmp_path / str(number), model=name, layer=number)
        begin = f"layer_{number:02d}_"
        chosen = Columns.of(of="all", begin=begin).extract(inputs)
        assert chosen["recording"].tolist() == single["recording"].tolist()
        np.testing.assert_allclose(chosen.iloc[:, 2:], single.iloc[:, 2:], atol=1e-6)
        if number in (0, 2):
            again = some[[column for column in some if column.startswith(begin)]]
            np.testing.assert_allclose(again, single.iloc[:, 2:], atol=1e-6)


def test_a_long_recording_is_encoded_in_windows(base, tmp_path, monkeypatch):
    path = tmp_path / "long.wav"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, 61 * 16000), 16000)
    recordings = pd.DataFrame(
        {"recording": ["long"], "path": [str(path)], "speaker": ["s"], "subset": ["test"]}
    ).assign(seconds=61.0, start=np.nan, end=np.nan)
    monkeypatch.setattr("semisup.recordings.audio.BLOCK", 16000)
    given: list[list[int]] = []
    frames = transformers_models.TransformersEncoder.frames

    def noted(self, waveforms):
        given.append([len(waveform) for waveform in waveforms])
        return frames(self, waveforms)

    monkeypatch.setattr(transformers_models.TransformersEncoder, "frames", noted)
    keys = {"model": "wav2vec2_layer", "window_seconds": 4, "pooling": "mean_std"}
    table = features(recordings, base, tmp_path / "parts", **keys, batch_size=3)
    assert max(max(lengths) for lengths in given) == 4 * 16000
    assert max(map(len, given)) <= 3
    assert sum(map(sum, given)) == 61 * 16000
    encoder = transformers_models.TransformersEncoder(
        transformers_models.Source("wav2vec2_layer", "", base, float16=False), "last", 4
    )
    signal = load(path)[0].astype(np.float32)
    starts = [*range(0, 57 * 16000, 64000), 58.5 * 16000, 61 * 16000]
    parts = [signal[int(a) : int(b)] for a, b in pairwise(starts)]
    whole = np.concatenate([frames(encoder, [part])[0][0] for part in parts])
    expected = np.concatenate([whole.mean(axis=0), whole.std(axis=0)])
    np.testing.assert_allclose(table.iloc[0, 2:].astype(float), expected, atol=1e-5)


def test_random_weights_come_from_the_seed_and_are_others(base, recordings, tmp_path):
    (control,) = Transformers.of(model="hubert").controls().values()
    assert control.weights == "random"
    drawn = [
        features(recordings, base, tmp_path / str(n), model="hubert", weights="random")
        for n in range(2)
    ]
    pd.testing.assert_frame_equal(*drawn)
    read = features(recordings, base, tmp_path / "read", model="hubert")
    assert np.abs(drawn[0].iloc[:, 2:] - read.iloc[:, 2:]).to_numpy().max() > 0.1


def refused(base: Path, recordings: pd.DataFrame, parts: Path, **keys: object) -> str:
    with pytest.raises(SpecError) as error:
        features(recordings, base, parts, **keys)
    message = str(error.value)
    assert "\n" not in message
    return message


def test_what_a_model_cannot_do_is_one_sentence(base, recordings, tmp_path):
    def said(**keys: object) -> str:
        return refused(base, recordings, tmp_path / "parts", **keys)

    assert "'wavlm' has layers 0 to 2" in said(model="wavlm", layer=3)
    assert "takes 30 s at most" in said(model="whisper", window_seconds=40)
    text = base / "text"
    import transformers

    config = {"vocab_size": 8, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    transformers.BertModel(transformers.BertConfig(**config)).save_pretrained(text)
    assert "'text' failed in loading" in said(model="text")
    other = small_encoders.write("wav2vec2_group", base / "other")
    content = json.loads((other / "config.json").read_text())
    content["num_hidden_layers"] = 3
    (other / "config.json").write_text(json.dumps(content))
    assert "lack" in said(model="other")


def test_pickled_weights_are_read_where_they_are_trusted(base, recordings, tmp_path):
    import torch
    from safetensors.torch import load_file

    folder = small_encoders.write("hubert", base / "pickled")
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(weights, folder / "pytorch_model.bin")
    message = refused(base, recordings, tmp_path / "no", model="pickled")
    assert "trust_pickle = true" in message
    trusted = features(recordings, base, tmp_path / "yes", model="pickled", trust_pickle=True)
    safe = features(recordings, base, tmp_path / "safe", model="hubert")
    pd.testing.assert_frame_equal(trusted, safe)


def test_a_model_of_the_hub_that_cannot_be_fetched(base, recordings, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    keys = {"model": "nobody/has-this", "revision": "abc"}
    message = refused(base, recordings, tmp_path, **keys)
    assert f"put its files (config.json, preprocessor_config.json, *.safetensors) into {base}" in (
        message
    )
    assert 'set model = "models/has-this"' in message


def test_a_study_has_a_table_for_each_layer_and_encodes_once(base, tmp_path, monkeypatch):
    corpus = {"adapter": "synthetic", "speakers": 6, "recordings_per_speaker": 3}
    whole = {"kind": "transformers", "model": "wav2vec2_layer", "layer": "all"}
    spec = parse_study(
        {"name": "layers", "corpus": corpus, "representations": {"w": whole}}, base=base
    )
    calls = []
    monkeypatch.setattr(kept, "map_batches", _counted(kept.map_batches, calls))
    resolved = run_study(Study(spec, base, tmp_path), until="features")
    assert len(calls) == 1
    assert list(resolved.compared) == [f"w.layer_0{number}" for number in range(3)]
    every = pd.read_parquet(resolved.table_paths("w")[0])
    for name in resolved.compared:
        table = pd.read_parquet(resolved.table_paths(name)[0])
        pd.testing.assert_frame_equal(table, every[list(table.columns)])
        assert table.shape[1] == 2 + small_encoders.SIZE
    noted = json.loads((resolved.folder / "provenance.json").read_text())
    assert set(noted["steps"]["features w"]["versions"]) == {"torch", "transformers"}


def test_what_a_gpu_has_rounded_is_not_taken_up_by_a_processor(
    base, recordings, tmp_path, monkeypatch
):
    import torch

    keys = []

    def stop(*given):
        keys.append(given[-1])
        raise InterruptedError

    def ask(**keys_of_kind):
        with pytest.raises(InterruptedError):
            features(recordings, base, tmp_path, model="hubert", **keys_of_kind)
        return keys[-1]

    monkeypatch.setattr(kind, "encoded", stop)
    # a processor computes the same in both
    assert (ask(float16=True) == ask()) is not torch.cuda.is_available()
    load = transformers_models.load
    monkeypatch.setattr(
        transformers_models, "load", lambda *asked: load(*asked)._replace(dtype="torch.float16")
    )
    assert ask() != keys[1]


def _counted(function, calls):
    def counted(*args, **kwargs):
        calls.append(args)
        return function(*args, **kwargs)

    return counted
