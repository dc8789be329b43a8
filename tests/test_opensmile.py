import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from semisup.engine.parallel import Workers
from semisup.errors import BadAudioError, SpecError
from semisup.features.inputs import Inputs
from semisup.networks.backend import import_keras
from semisup.reading.file import parse_study
from semisup.representations import opensmile
from semisup.representations.opensmile import OpenSmile
from semisup.study.spec import ChunkSpec

RATE = 16000


def voice(hz: float, seconds: float) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * hz * k * time) / k for k in range(1, 9))
    return 0.1 * tone * (1.2 + np.sin(2 * np.pi * 3 * time))


@pytest.fixture(scope="module")
def inputs(tmp_path_factory) -> Inputs:
    """Five recordings, of 110 to 190 Hz, the fourth unlabelled."""
    folder = tmp_path_factory.mktemp("opensmile")
    rows = []
    for number in range(5):
        path = folder / f"{number}.wav"
        soundfile.write(path, voice(110 + 20 * number, 1 + 0.2 * number), RATE)
        subset = ("labelled", "test", "test", "unlabelled")[number % 4]
        rows.append((path.name, str(path), f"s{number % 2}", subset, np.nan, np.nan))
    columns = ["recording", "path", "speaker", "subset", "start", "end"]
    table = pd.DataFrame(rows, columns=columns)
    return Inputs("it", folder, folder / "parts", folder, 0, 8000, table)


def extracted(inputs: Inputs, parts: Path, **options: object) -> pd.DataFrame:
    given = Inputs(**{**vars(inputs), "parts": parts})
    return OpenSmile.of(**options).extract(given)


@pytest.mark.parametrize(("feature_set", "size"), [("eGeMAPSv02", 88), ("ComParE_2016", 6373)])
@pytest.mark.slow
def test_a_row_has_the_functionals_of_the_library(feature_set, size, inputs, tmp_path):
    table = extracted(inputs, tmp_path, feature_set=feature_set)
    assert table.shape == (4, 2 + size)
    assert table["recording"].tolist() == inputs.scored()["recording"].tolist()
    reference(feature_set, inputs.recordings["path"].iloc[0], tmp_path / "reference.parquet")
    expected = pd.read_parquet(tmp_path / "reference.parquet")
    assert list(table.columns[2:]) == list(expected.columns)
    np.testing.assert_allclose(table.iloc[0, 2:].astype(float), expected.iloc[0], rtol=1e-5)


def reference(feature_set: str, path: str, out: Path) -> None:
    """Let the library itself work, in a process without TensorFlow, beside which it crashes."""
    code = (
        "import opensmile, sys; name, path, out = sys.argv[1:];"
        "smile = opensmile.Smile(opensmile.FeatureSet[name], opensmile.FeatureLevel.Functionals);"
        "smile.process_file(path).reset_index(drop=True).to_parquet(out)"
    )
    subprocess.run([sys.executable, "-c", code, feature_set, path, str(out)], check=True)


def test_the_pitch_of_a_higher_voice_is_higher(inputs, tmp_path):
    pitch = extracted(inputs, tmp_path)["F0semitoneFrom27.5Hz_sma3nz_amean"].to_numpy()
    hertz = 110 + 20 * np.array([0, 1, 2, 4])
    np.testing.assert_allclose(pitch, 12 * np.log2(hertz / 27.5), atol=0.3)


def test_samples_of_full_scale_do_not_wrap_round(inputs, tmp_path):
    signal = voice(150, 1.0)
    rows = inputs.recordings.head(2).copy()
    # resampling from 8 kHz overshoots an edge by a tenth
    for number, peak in enumerate((1.0, 0.5)):
        square = peak * np.sign(signal)[::2]
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, square, 8000, subtype="FLOAT")
        rows.loc[number, "path"] = str(path)
    given = Inputs(**{**vars(inputs), "recordings": rows, "parts": tmp_path / "parts"})
    table = OpenSmile.of().extract(given)
    # wrapped samples are noise, and noise has no clear harmonics
    harmonics = table["HNRdBACF_sma3nz_amean"]
    assert harmonics[0] == pytest.approx(harmonics[1], abs=1.0)


@pytest.mark.slow
def test_two_jobs_give_the_same_table(inputs, tmp_path, monkeypatch):
    monkeypatch.setattr(opensmile, "BATCH", 2)
    one = extracted(inputs, tmp_path / "one")
    two = extracted(Inputs(**{**vars(inputs), "workers": Workers(2)}), tmp_path / "two")
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_speakers_can_be_normalised(inputs, tmp_path):
    table = extracted(inputs, tmp_path, speaker_normalisation="standard")
    values = table.iloc[:, 2:].to_numpy()
    for speaker in ("s0", "s1"):
        rows = (inputs.scored()["speaker"] == speaker).to_numpy()
        assert np.abs(values[rows].mean(axis=0)).max() < 1e-5


def test_where_opensmile_is_missing_one_sentence_says_how_to_get_it(inputs, monkeypatch):
    monkeypatch.setattr(opensmile, "find_spec", lambda name: None)
    kind = OpenSmile.of()
    with pytest.raises(SpecError, match=r"pip install 'semisup\[opensmile\]'"):
        kind.extract(inputs)
    assert kind.misfits(ChunkSpec()) == [opensmile.ABSENT]
    study = {
        "name": "it",
        "corpus": {"adapter": "synthetic"},
        "representations": {"smile": {"kind": "opensmile"}},
    }
    with pytest.raises(SpecError, match=r"\[representations.smile\] kind 'opensmile' needs"):
        parse_study(study)
    monkeypatch.setattr(opensmile, "find_spec", lambda name: "there")
    assert parse_study(study).representations["smile"].feature_set == "eGeMAPSv02"


def test_a_recording_too_short_for_its_functionals_is_named(inputs, tmp_path):
    path = tmp_path / "short.wav"
    soundfile.write(path, voice(150, 0.01), RATE)
    rows = inputs.recordings.head(1).assign(path=str(path))
    given = Inputs(**{**vars(inputs), "recordings": rows, "parts": tmp_path / "parts"})
    with pytest.raises(BadAudioError, match=r"short\.wav: openSMILE gives 88 of 88 functionals"):
        OpenSmile.of().extract(given)


def test_it_works_where_tensorflow_is_loaded(inputs, tmp_path):
    """In one process they corrupt the heap: openSMILE must get one of its own."""
    import_keras().ops.ones(3)
    assert len(extracted(inputs, tmp_path)) == 4
