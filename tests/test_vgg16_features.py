"""The kind `vgg16`: what a frozen network says of pictures, pooled by hand and by the kind."""

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from PIL import Image

from semisup.errors import SpecError
from semisup.features.inputs import Inputs
from semisup.features.kinds import kind_class
from semisup.networks.pretrained import SMALLEST, SMALLEST_OF_OTHERS, load_base, smallest_side
from semisup.reading.file import parse_study
from semisup.representations import vgg16
from semisup.signals.framing import rolling_windows
from semisup.stages.runner import run_study
from semisup.study.study import Study

pytestmark = pytest.mark.usefixtures("bases_are_forgotten")
SIDE = 32
#: Quick windows of 0.25 s at 8 kHz.
KEYS = {
    "weights": "random", "size": SIDE, "sample_rate": 8000,
    "window_seconds": 0.25, "step_seconds": 0.2, "n_fft": 512, "hop_length": 128, "n_mels": 32,
}  # fmt: skip


def small(**keys: object) -> vgg16.Vgg16:
    return vgg16.Vgg16.of(**{**KEYS, **keys})


@pytest.fixture(scope="module")
def recordings(tmp_path_factory) -> pd.DataFrame:
    """Sounds of one to seven windows, and two pictures; a third of all unlabelled."""
    folder, rng = tmp_path_factory.mktemp("mixed"), np.random.default_rng(0)
    table = []
    for number in range(9):
        path = folder / f"{number}.{'png' if number in (2, 3) else 'wav'}"
        if path.suffix == ".png":
            Image.fromarray(rng.integers(0, 256, (40, 50, 3), dtype=np.uint8)).save(path)
        else:
            soundfile.write(path, 0.1 * rng.normal(size=1600 * (number + 1)), 8000)
        subset = ("labelled", "unlabelled", "test")[number % 3]
        table.append((path.name, str(path), f"s{number}", subset, np.nan, np.nan))
    columns = ["recording", "path", "speaker", "subset", "start", "end"]
    return pd.DataFrame(table, columns=columns)


def inputs_of(recordings: pd.DataFrame, folder: Path, seed: int = 3) -> Inputs:
    return Inputs(
        name="it", folder=folder, parts=folder / "parts", base=folder, seed=seed,
        sample_rate=8000, recordings=recordings,
    )  # fmt: skip


def pictures_of(row: object, options: vgg16.Options) -> np.ndarray:
    """Return the pictures that the kind `picture` has of a recording."""
    if row.path.endswith(".png"):
        picture = Image.open(row.path).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
        return np.asarray(picture, np.float32)[None]
    own = {key: value for key, value in KEYS.items() if key != "weights"}
    signal, _ = soundfile.read(row.path)
    windows = rolling_windows(signal, options.window_samples, options.step_samples)
    return kind_class("picture").of(**own).transform(windows)


def whole_network(seed: int = 3) -> object:
    """Return Keras's own VGG16 in one piece, with the weights drawn from the seed."""
    from keras.applications import VGG16

    base = load_base("VGG16", "random", (SIDE, SIDE, 3), seed)
    whole = VGG16(include_top=False, weights=None, input_shape=(SIDE, SIDE, 3))
    whole.set_weights([*base.lower.get_weights(), *base.upper.get_weights()])
    return whole


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_features_are_pooled_outputs_of_preprocessed_pictures(recordings, tmp_path, pooling):
    from keras.applications.vgg16 import preprocess_input

    kind = small(pooling=pooling, size=64)
    options = kind.options
    found = kind.extract(inputs_of(recordings, tmp_path)).set_index("recording")
    base = load_base("VGG16", "random", (64, 64, 3), 3)
    row = next(row for row in recordings.itertuples() if row.recording == "8.wav")
    signal, _ = soundfile.read(row.path)
    windows = rolling_windows(signal, options.window_samples, options.step_samples)
    pictures = kind_class("picture")(options).transform(windows)
    outputs = base.upper(base.lower(preprocess_input(pictures.copy())))
    outputs = np.asarray(outputs)
    assert outputs.shape[1:] == (2, 2, 512)
    wanted = outputs.mean(axis=(1, 2)) if pooling == "mean" else outputs.max(axis=(1, 2))
    values = found.loc["8.wav"].drop(columns="chunk").to_numpy()
    np.testing.assert_allclose(values, wanted, rtol=1e-3, atol=1e-3 * wanted.max())


def test_every_window_and_picture_has_its_row(recordings, tmp_path):
    kind = small()
    table = kind.extract(inputs_of(recordings, tmp_path))
    assert list(table.columns[:3]) == ["recording", "chunk", "vgg_000"]
    assert table.columns[-1] == "vgg_511"
    scored = recordings[recordings["subset"] != "unlabelled"]
    whole = whole_network()
    means = np.float32([103.939, 116.779, 123.68])
    for row in scored.itertuples():
        pictures = pictures_of(row, kind.options)
        own = table[table["recording"] == row.recording]
        assert own["chunk"].tolist() == list(range(len(pictures)))
        wanted = np.asarray(whole(pictures[..., ::-1] - means)).mean(axis=(1, 2))
        values = own.drop(columns=["recording", "chunk"]).to_numpy()
        np.testing.assert_allclose(values, wanted, rtol=1e-3, atol=1e-3 * wanted.max())
    assert table["recording"].unique().tolist() == scored["recording"].tolist()


def test_a_row_is_the_same_to_the_bit_alone_and_among_others(recordings, tmp_path):
    kind = small()
    together = kind.extract(inputs_of(recordings, tmp_path / "a"))
    alone = kind.extract(inputs_of(recordings.iloc[[3, 8]], tmp_path / "b"))
    own = together[together["recording"].isin(["3.png", "8.wav"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, alone, check_exact=True)


def test_random_weights_are_those_of_the_studys_seed(recordings, tmp_path):
    tables = [
        small().extract(inputs_of(recordings.iloc[:1], tmp_path / str(n), seed))
        for n, seed in enumerate((3, 3, 4))
    ]
    pd.testing.assert_frame_equal(tables[0], tables[1], check_exact=True)
    assert not np.allclose(tables[0]["vgg_000"], tables[2]["vgg_000"])


def test_a_killed_run_goes_on_from_its_parts(recordings, tmp_path, monkeypatch):
    monkeypatch.setattr(vgg16, "PART", 2)
    whole = small().extract(inputs_of(recordings, tmp_path / "whole"))
    pooled, calls = vgg16.pooled_outputs, []

    def killed(*given):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return pooled(*given)

    monkeypatch.setattr(vgg16, "pooled_outputs", killed)
    with pytest.raises(KeyboardInterrupt):
        small().extract(inputs_of(recordings, tmp_path / "cut"))
    parts = list((tmp_path / "cut" / "parts").iterdir())
    assert len(parts) == 1
    before = parts[0].stat().st_mtime_ns
    resumed = small().extract(inputs_of(recordings, tmp_path / "cut"))
    assert parts[0].stat().st_mtime_ns == before
    pd.testing.assert_frame_equal(whole, resumed, check_exact=True)


def test_weights_of_a_file_beside_the_study_are_used_and_watched(recordings, tmp_path):
    whole_network(seed=3).save_weights(tmp_path / "mine.weights.h5")
    kind = small(weights="mine.weights.h5")
    assert kind.watched(tmp_path) == [tmp_path / "mine.weights.h5"]
    assert small().watched(tmp_path) == []
    one = recordings.iloc[:1]
    found = kind.extract(inputs_of(one, tmp_path, seed=9))
    drawn = small().extract(inputs_of(one, tmp_path / "random", seed=3))
    pd.testing.assert_frame_equal(found, drawn, check_exact=True)


def test_another_application_preprocesses_its_own_way(recordings, tmp_path):
    from keras.applications import mobilenet_v2

    kind = small(application="MobileNetV2")
    one = recordings.iloc[3:4]
    found = kind.extract(inputs_of(one, tmp_path))
    assert found.shape == (1, 2 + 1280)
    assert found.columns[-1] == "vgg_1279"
    base = load_base("MobileNetV2", "random", (SIDE, SIDE, 3), 3)
    pictures = pictures_of(next(one.itertuples()), kind.options)
    given = mobilenet_v2.preprocess_input(pictures.copy())
    assert -1 <= given.min() < given.max() <= 1
    wanted = np.asarray(base.upper(base.lower(given))).mean(axis=(1, 2))
    values = found.iloc[:, 2:].to_numpy()
    np.testing.assert_allclose(values, wanted, rtol=1e-3, atol=1e-3 * np.abs(wanted).max())


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"size": 31}, "size must be at least 32 for VGG16, got 31"),
        ({"size": 74, "application": "InceptionV3"}, "at least 75 for InceptionV3, got 74"),
        ({"application": "VGG166"}, "no application 'VGG166'; did you mean 'VGG16'"),
        ({"colours": "virids"}, "no colour map 'virids'"),
        ({"pooling": "median"}, "pooling"),
    ],
)
def test_what_makes_no_sense_is_told_when_the_study_is_read(keys, sentence):
    table = {"kind": "vgg16", **KEYS, **keys}
    document = {"name": "a", "corpus": {"adapter": "synthetic"}, "representations": {"v": table}}
    with pytest.raises(SpecError, match=sentence):
        parse_study(document)


def test_missing_weights_are_told_before_anything_is_made(tmp_path):
    table = {"kind": "vgg16", **KEYS, "weights": "mine.h5"}
    document = {"name": "a", "corpus": {"adapter": "synthetic"}, "representations": {"v": table}}
    study = Study(parse_study(document), tmp_path, tmp_path / "files")
    message = r"^\[representations\.v\] There is no file of weights '.*/mine\.h5'; .* has files"
    with pytest.raises(SpecError, match=message):
        run_study(study)
    assert not list(tmp_path.iterdir())


def test_the_smallest_sides_are_those_that_keras_asks_for():
    from keras import applications

    known = {}
    for name in filter(lambda name: name[0].isupper(), dir(applications)):
        source = Path(sys.modules[getattr(applications, name).__module__].__file__)
        asked = set(re.findall(r"min_size=(\d+)", source.read_text("utf-8")))
        if asked:  # MobileNetV3 has checks of its own
            (known[name],) = map(int, asked)
    assert known == {name: smallest_side(name) for name in known}
    assert set(known) >= {*SMALLEST, "VGG16", "ResNet50"}
    assert known["VGG16"] == SMALLEST_OF_OTHERS
