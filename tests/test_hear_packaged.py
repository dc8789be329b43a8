"""Embeddings whose weights come in a package: as the package makes them, and to be had by name."""

import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import soundfile

from semisup.errors import SemisupError, SpecError
from semisup.features.inputs import Inputs
from semisup.hear import packaged, resemblyzer, speech_embedding
from semisup.hear.foreign import load_module
from semisup.hear.packaged import packaged_weights
from semisup.recordings.audio import load
from semisup.representations.hear import Hear
from semisup.stages import beforehand

MODULES = {
    "semisup.hear.resemblyzer": (resemblyzer, 256),
    "semisup.hear.speech_embedding": (speech_embedding, 96),
}
HOW_TO = Path(__file__).parents[1] / "docs" / "how-to"
FUNCTIONS = ("get_scene_embeddings", "get_timestamp_embeddings")


def voice(seconds: float, pitch: float = 120.0, level: float = 0.1, rate: int = 16000):
    """A buzz whose pitch moves, and some noise."""
    time = np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * pitch * (time + 0.02 * np.sin(5 * time))
    buzz = sum(np.sin(number * phase) / number for number in range(1, 15))
    noise = np.random.default_rng(int(pitch)).normal(size=time.size)
    return (level * (buzz / 3 + 0.05 * noise)).astype(np.float32)


@pytest.fixture(params=MODULES)
def module(request, tmp_path):
    """One of the modules, loaded as kind "hear" does."""
    return load_module(request.param, "", tmp_path, FUNCTIONS[0])


def by_resemblyzer(signal: np.ndarray, monkeypatch) -> np.ndarray:
    """Return what the package itself makes of an utterance, without trimming it."""
    import scipy.ndimage

    # what trims silence: one needs a compiler, the other is where SciPy 1.8 moved it
    monkeypatch.setitem(sys.modules, "webrtcvad", ModuleType("webrtcvad"))
    monkeypatch.setitem(sys.modules, "scipy.ndimage.morphology", scipy.ndimage)
    from resemblyzer import VoiceEncoder, normalize_volume

    encoder = VoiceEncoder("cpu", verbose=False)
    return encoder.embed_utterance(normalize_volume(signal, -30, increase_only=True))


@pytest.mark.extras
@pytest.mark.parametrize("seconds", [0.3, 1.6, 2.0, 2.6, 4.01])
@pytest.mark.parametrize("level", [0.003, 0.3])
def test_a_speaker_embedding_is_that_of_the_package(seconds, level, tmp_path, monkeypatch):
    module = load_module("semisup.hear.resemblyzer", "", tmp_path, FUNCTIONS[0])
    signal = voice(seconds, level=level)
    [embedding] = module.scenes(signal[None])
    np.testing.assert_allclose(embedding, by_resemblyzer(signal, monkeypatch), atol=2e-6)
    assert np.linalg.norm(embedding) == pytest.approx(1)


@pytest.mark.extras
# the package asks for a GPU
@pytest.mark.filterwarnings("ignore:Specified provider:UserWarning")
@pytest.mark.parametrize("seconds", [0.95, 1.0, 2.6, 6.0])
def test_a_speech_embedding_is_the_mean_of_those_of_the_package(seconds, tmp_path):
    from openwakeword.utils import AudioFeatures

    module = load_module("semisup.hear.speech_embedding", "", tmp_path, FUNCTIONS[0])
    signal = np.round(32768 * voice(seconds)).astype(np.int16)
    windows = AudioFeatures(*map(str, speech_embedding.PACKAGED.paths()))._get_embeddings(signal)
    [embedding] = module.scenes((signal / 32768).astype(np.float32)[None])
    np.testing.assert_allclose(embedding, windows.mean(axis=0), rtol=1e-5, atol=1e-4)


@pytest.mark.extras
@pytest.mark.parametrize("seconds", [0.3, 1.07, 4.0])
def test_timestamps_pass_the_public_validator(module, seconds):
    audio = np.stack([voice(seconds), voice(seconds, 200)])
    embeddings = module.timestamps(audio)
    times = module._call("get_timestamp_embeddings", audio)[1].numpy()
    assert embeddings.shape == (2, times.shape[1], module.model.timestamp_embedding_size)
    hops = np.diff(times)
    assert 0 < hops.min() <= hops.max() <= 50
    assert times[0, 0] == 0
    assert 0 <= 1000 * seconds - times[0, -1] < 50.1


@pytest.mark.extras
def test_a_recording_alone_is_as_in_a_batch_and_differs_from_others(module):
    audio = np.stack([voice(2.0, pitch) for pitch in (90, 140, 220)])
    for function in (module.scenes, module.timestamps):
        together = function(audio)
        alone = np.concatenate([function(row[None]) for row in audio])
        np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-5 * np.abs(alone).max())
        assert np.abs(together[0] - together[1]).max() > 0.05 * np.abs(together).max()


@pytest.mark.extras
def test_windows_may_be_taken_in_blocks_of_any_size(module, monkeypatch):
    audio = np.stack([voice(2.3), voice(2.3, 200)])
    whole = module.timestamps(audio)
    monkeypatch.setattr(module.functions, "BATCH", 7)
    tolerance = 1e-5 * np.abs(whole).max()
    np.testing.assert_allclose(module.timestamps(audio), whole, rtol=1e-5, atol=tolerance)


@pytest.mark.extras
@pytest.mark.filterwarnings("error")
def test_silence_and_the_shortest_sound_have_finite_embeddings(module):
    for audio in (np.zeros((1, 16000), np.float32), voice(0.05)[None]):
        assert np.isfinite(module.scenes(audio)).all()
        assert np.isfinite(module.timestamps(audio)).all()


@pytest.mark.extras
@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("rate", [8000, 16000])
def test_files_of_any_rate_are_resampled_and_the_package_is_watched(name, rate, tmp_path):
    rows = []
    for number in range(4):
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, voice(1.5, 100 + 30 * number, rate=rate), rate)
        place = (path.name, str(path), f"s{number % 2}", ("labelled", "test")[number % 2])
        rows.append((*place, 1.5, float("nan"), float("nan")))
    columns = ["recording", "path", "speaker", "subset", "seconds", "start", "end"]
    inputs = Inputs(
        "it", tmp_path, tmp_path / "parts", tmp_path, 0, rate, pd.DataFrame(rows, columns=columns)
    )
    kind = Hear.of(module=name)
    table = kind.extract(inputs)
    loaded = load_module(name, "", tmp_path, FUNCTIONS[0])
    signals = [load(row[1], 16000)[0].astype(np.float32) for row in rows]
    by_hand = loaded.scenes(np.stack(signals))
    np.testing.assert_allclose(table.iloc[:, 2:], by_hand, rtol=1e-4, atol=1e-4)
    assert table.shape[1] - 2 == MODULES[name][1]
    assert kind.watched(tmp_path) == MODULES[name][0].PACKAGED.paths()
    assert all(path.stat().st_size > 1e6 for path in kind.watched(tmp_path))


@pytest.mark.extras
@pytest.mark.parametrize("page", ["speaker-embeddings", "speech-embedding"])
def test_the_python_of_the_page_runs(page):
    text = (HOW_TO / f"{page}.md").read_text("utf-8")
    [example] = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    names = {"one": voice(2.0), "again": voice(2.5), "another": voice(2.0, 230)}
    exec(compile(example, page, "exec"), names)
    if "similarity" in names:
        assert names["similarity"][0, 1] > 0.9 > names["similarity"][0, 2]
    else:
        assert list(names["model"].predict([names["one"]])) == ["yes"]


# --- where a package is missing: told before anything is made, by `make test` too


@pytest.mark.parametrize("name", MODULES)
def test_a_missing_package_is_one_sentence_with_the_command(name, tmp_path, monkeypatch):
    weights = packaged_weights(name)
    monkeypatch.setattr(packaged, "find_spec", lambda package: None)
    [sentence] = MODULES[name][0].PACKAGED.unmet(name)
    assert f"'{name}' needs {weights.package} and {weights.library}: pip install" in sentence
    with pytest.raises(SemisupError, match=weights.package):
        MODULES[name][0].load_model()


def test_what_a_study_misses_is_said_before_it_runs(tmp_path, monkeypatch):
    missing = resemblyzer.PACKAGED._replace(package="no_such_package")
    monkeypatch.setattr(resemblyzer, "PACKAGED", missing)
    kind = Hear.of(module="semisup.hear.resemblyzer")
    [problem] = beforehand.missing_files(_study_at(tmp_path), {"voices": kind}, {})
    assert problem.startswith("[representations.voices] The HEAR module")
    assert "pip install --no-deps resemblyzer" in problem
    with pytest.raises(SpecError, match="needs no_such_package"):
        beforehand.check_files(_study_at(tmp_path), {"voices": kind}, {})


def _study_at(folder):
    """What of a study is asked: where its file lies, and whether it is accelerated."""
    spec = SimpleNamespace(curve=SimpleNamespace(accelerate=False))
    return SimpleNamespace(base=folder, spec=spec)


def test_a_version_of_the_package_without_the_file_is_told_apart():
    # any package that is there, with a file that it does not have
    other = speech_embedding.PACKAGED._replace(package="pandas", library="numpy")
    problems = other.unmet("it")
    assert len(problems) == 2
    assert "needs melspectrogram.onnx, which pandas as it is installed does not have" in problems[0]


def test_weights_of_another_file_are_refused():
    with pytest.raises(SemisupError, match=r"takes no others, got other\.pt"):
        resemblyzer.load_model("other.pt")


def test_other_modules_have_no_packaged_weights():
    assert packaged_weights("semisup.hear.mfcc") is None
    assert packaged_weights("semisup.hear.no_such_module") is None
    assert packaged_weights("pandas") is None
