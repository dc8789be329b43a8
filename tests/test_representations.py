import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from semisup.errors import SpecError, SplitError
from semisup.features.inputs import Inputs
from semisup.features.kinds import kind_class
from semisup.networks.training import Batch
from semisup.recordings import signals
from semisup.representations._contours import CONTOURS, WINDOW, covering_windows, read_contours
from semisup.representations._projection import Projection, principal_components, rotation
from semisup.representations._sequence_training import (
    SequenceTraining,
    UpdateTraining,
    train_network,
)
from semisup.representations._speakers import by_speaker
from semisup.representations.handcrafted import covering
from semisup.representations.masked_prediction import masks
from semisup.signals.log_mel import (
    STATISTICS,
    log_mel,
    mel_filters,
    speech_frames,
    statistics,
    statistics_names,
)
from semisup.signals.prosody import PROSODY_NAMES, pitch, prosody
from semisup.study.spec import ChunkSpec

RATE = 8000
#: Kinds that read audio, with options that make them quick.
QUICK = {"epochs": 1, "batch_size": 4}
AUDIO = {
    "handcrafted": {"cover_seconds": 0.5},
    "logmel_statistics": {},
    "logmel_pca": {},
    "voice_pca": {},
    "random_encoder": {},
    "masked_prediction": QUICK | {"clusters": 8},
    "vicreg": QUICK,
}
LEARNED = sorted(set(AUDIO) - {"handcrafted", "logmel_statistics"})


def voice(rng: np.random.Generator, seconds: float = 1.2) -> np.ndarray:
    """Make a gliding tone with overtones, pauses and noise."""
    time = np.arange(int(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(rng.uniform(100, 250) * (1 + 0.3 * time)) / RATE
    tone = sum(np.sin(k * phase) / k for k in range(1, 6))
    loud = 0.1 * np.sin(2 * np.pi * rng.uniform(1, 4) * time).clip(0)
    return loud * tone + 0.001 * rng.normal(size=len(time))


@pytest.fixture(scope="module")
def recordings(tmp_path_factory) -> pd.DataFrame:
    """Six speakers, two a subset, with four recordings each."""
    folder, rng = tmp_path_factory.mktemp("audio"), np.random.default_rng(0)
    rows = []
    for number in range(24):
        speaker, subset = number % 6, ("labelled", "unlabelled", "test")[number % 3]
        path = folder / f"{number:02d}.wav"
        soundfile.write(path, voice(rng, rng.uniform(0.5, 1.0) + 2.2 * (number == 1)), RATE)
        rows.append((path.name, str(path), f"s{speaker}", subset, np.nan, np.nan))
    names = ["recording", "path", "speaker", "subset", "start", "end"]
    return pd.DataFrame(rows, columns=names)


def inputs_of(recordings: pd.DataFrame, folder: Path, stage: str = "train") -> Inputs:
    return Inputs(
        name="it",
        folder=folder,
        parts=folder / f".parts-{stage}",
        base=folder,
        seed=3,
        sample_rate=RATE,
        recordings=recordings,
    )


def features(kind: str, recordings: pd.DataFrame, folder: Path, **options: object) -> pd.DataFrame:
    """Fit, where there is something to fit, and extract."""
    chosen = kind_class(kind).of(**AUDIO[kind], **options)
    folder.mkdir(parents=True, exist_ok=True)
    chosen.fit(inputs_of(recordings, folder))
    return chosen.extract(inputs_of(recordings, folder, "features"))


def test_the_same_seed_gives_the_same_codes_and_another_one_others(recordings, tmp_path):
    first, second = (features("voice_pca", recordings, tmp_path / name) for name in "ab")
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    turned, other = rotation(8, 0), rotation(8, 1)
    assert not np.allclose(turned, other)


def test_a_sample_rate_too_low_is_told_before_anything_is_made():
    for kind in set(AUDIO) - {"handcrafted"}:
        chosen = kind_class(kind).of()
        assert chosen.misfits(ChunkSpec(sample_rate=8000)) == []
        assert "mel bands are too many" in chosen.misfits(ChunkSpec(sample_rate=1000))[0]


@pytest.mark.parametrize("kind", ["handcrafted", "logmel_statistics", "voice_pca"])
def test_codes_of_a_normalised_speaker_have_no_mean(kind, recordings, tmp_path):
    table = features(kind, recordings, tmp_path, speaker_normalisation="standard")
    speakers = table["recording"].map(recordings.set_index("recording")["speaker"])
    centred = table.drop(columns=["recording", "chunk"])
    if kind == "voice_pca":
        # the projection subtracts the mean over unlabelled speakers, which is zero as well
        assert np.abs(Projection.load(tmp_path / "projection.npz").mean).max() < 1e-9
    assert np.abs(centred.groupby(speakers).mean().to_numpy()).max() < 1e-5


@pytest.mark.parametrize("kind", LEARNED)
def test_no_unlabelled_recording_is_one_sentence(kind, recordings, tmp_path):
    none = recordings[recordings["subset"] != "unlabelled"]
    with pytest.raises(SplitError, match=r"unlabelled recordings"):
        features(kind, none, tmp_path / "none")


def test_more_components_than_dimensions_are_refused():
    with pytest.raises(ValueError, match="65 components do not fit into 64 dimensions"):
        kind_class("logmel_pca").of(components=65)


def test_mel_filters_are_triangles_that_add_up_to_one_between_the_outer_centres():
    filters = mel_filters(RATE)
    bin_hz = np.fft.rfftfreq(512, 1 / RATE)
    mel = 2595 * np.log10(1 + 50 / 700), 2595 * np.log10(1 + 4000 / 700)
    edges = 700 * (10 ** (np.linspace(*mel, 66) / 2595) - 1)
    inside = (bin_hz >= edges[1]) & (bin_hz <= edges[-2])
    expected = np.array([np.interp(bin_hz, edges[k : k + 3], [0, 1, 0]) for k in range(64)])
    np.testing.assert_allclose(filters, expected, atol=1e-12)
    # on the mel scale the triangles are even, in Hz neighbours share the same edge and centre
    np.testing.assert_allclose(filters[:, inside].sum(axis=0), 1, atol=1e-9)


def test_too_low_a_sample_rate_for_64_bands_is_named():
    with pytest.raises(
        SpecError, match="64 mel bands are too many for frames of 64 samples at 1000 Hz"
    ):
        mel_filters(1000)


@pytest.mark.parametrize("hz", [200.0, 1000.0, 3000.0])
def test_a_tone_is_loudest_in_the_band_around_it(hz):
    tone = np.sin(2 * np.pi * hz * np.arange(RATE) / RATE)
    loudest = log_mel(tone, RATE).mean(axis=0).argmax()
    nearest = np.abs(np.fft.rfftfreq(512, 1 / RATE) - hz).argmin()
    assert mel_filters(RATE)[loudest, nearest] >= 0.4


def test_ten_times_the_amplitude_adds_the_logarithm_of_a_hundred():
    signal = voice(np.random.default_rng(1))
    louder = log_mel(1000 * signal, RATE) - log_mel(100 * signal, RATE)
    np.testing.assert_allclose(louder, np.log(100), atol=0.01)


def test_statistics_are_numpys_and_named_in_their_order():
    contours = np.random.default_rng(0).normal(size=(50, 3))
    table = pd.Series(statistics(contours), statistics_names(["a", "b", "c"]))
    assert len(table) == 3 * len(STATISTICS)
    assert table["b_mean"] == contours[:, 1].mean()
    assert table["c_q75"] == np.percentile(contours[:, 2], 75)
    assert table["a_delta_std"] == np.diff(contours[:, 0]).std()
    assert not statistics(contours[:1])[-6:].any()


def test_speech_frames_leave_out_pauses():
    contours = np.zeros((10, 4))
    contours[3:5] = -20.0
    assert speech_frames(contours).tolist() == [True] * 3 + [False] * 2 + [True] * 5


@pytest.mark.parametrize("hz", [80.0, 125.0, 220.0, 400.0])
def test_the_pitch_of_a_harmonic_tone_is_its_fundamental(hz):
    phase = 2 * np.pi * hz * np.arange(RATE) / RATE
    octaves, strength = pitch(0.1 * sum(np.sin(k * phase) / k for k in range(1, 6)), RATE)
    np.testing.assert_allclose(octaves, np.log2(hz), atol=0.06)  # a lag is a whole sample
    assert strength.min() > 0.85


def test_noise_is_hardly_voiced_and_silence_not_at_all():
    noise = 0.1 * np.random.default_rng(0).normal(size=RATE)
    assert np.median(pitch(noise, RATE)[1]) < 0.5
    assert not pitch(np.zeros(RATE), RATE)[1].any()


@settings(max_examples=25)
@given(st.integers(1, 4000), st.sampled_from([0.0, 1e-9, 0.01, 1.0]), st.integers(0, 9))
def test_prosody_is_finite_for_any_signal(n_samples, loudness, seed):
    signal = loudness * np.random.default_rng(seed).uniform(-1, 1, n_samples)
    values = prosody(signal, RATE)
    assert values.shape == (len(PROSODY_NAMES),) == (52,)
    assert np.isfinite(values).all()


@pytest.mark.parametrize("how", ["mean", "standard"])
def test_normalisation_by_speaker_is_that_of_groupby(how):
    rng = np.random.default_rng(0)
    values, speakers = rng.normal(size=(30, 4)), rng.integers(0, 3, 30)
    groups = pd.DataFrame(values).groupby(speakers)
    expected = values - groups.transform("mean")
    if how == "standard":
        expected /= groups.transform("std", ddof=0)
    np.testing.assert_allclose(by_speaker(values, speakers, how), expected, atol=1e-12)
    np.testing.assert_array_equal(by_speaker(values, speakers, "none"), values)


def test_components_are_those_of_scikit_learn():
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    values = np.random.default_rng(0).normal(size=(80, 6)) @ np.diag([5, 4, 3, 2, 1, 1e-3])
    values[:, 3] += values[:, 0]
    ours = principal_components(values, [6], 3, 3, rotate=False, seed=0)
    reference = PCA(3).fit(StandardScaler().fit_transform(values))
    standard = StandardScaler().fit_transform(values)
    np.testing.assert_allclose(
        np.abs(ours.apply(values)) * np.sqrt(6), np.abs(reference.transform(standard)), atol=1e-5
    )
    np.testing.assert_allclose(
        ours.variances * 6 * 80 / 79, reference.explained_variance_, rtol=1e-9
    )


def test_blocks_count_the_same_whatever_their_size_and_constants_count_nothing():
    rng = np.random.default_rng(0)
    values = np.hstack([rng.normal(size=(500, 40)), rng.normal(size=(500, 2)), np.ones((500, 1))])
    projection = principal_components(values, [40, 3], 43, 43, rotate=False, seed=0)
    assert projection.variances.sum() == pytest.approx(1 + 2 / 3)
    assert not projection.weights[-1].any()


def test_rotation_keeps_distances_and_stops_whitening():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(60, 20)) * np.geomspace(1, 1e-2, 20)
    turn = rotation(20, 5)
    np.testing.assert_allclose(turn.T @ turn, np.eye(20), atol=1e-12)
    plain, turned = (
        principal_components(values, [20], 4, 16, rotate=rotate, seed=5) for rotate in (False, True)
    )
    first, second = plain.apply(values), turned.apply(values)
    np.testing.assert_allclose(first @ first.T, second @ second.T, atol=1e-5)
    assert (second.std(axis=0) > 0).all()
    assert not first[:, 4:].any()


def test_a_projection_comes_back_from_its_file(tmp_path):
    made_ = principal_components(np.random.default_rng(0).normal(size=(9, 4)), [4], 2, 3, True, 0)
    for before, after in zip(made_, Projection.load(made_.save(tmp_path / "p.npz")), strict=True):
        np.testing.assert_array_equal(before, after)


@given(st.integers(1, 400))
@settings(max_examples=30)
def test_covering_windows_hold_every_frame(n_frames):
    frames = np.repeat(np.arange(n_frames, dtype=np.float32)[:, None], CONTOURS, axis=1)
    windows, real = covering_windows(frames)
    assert windows.shape[1:] == (WINDOW, CONTOURS)
    assert set(windows[real][:, 0]) == set(range(n_frames))
    assert not windows[~real].any()


def test_chunks_span_a_recording_and_a_short_one_is_its_own():
    signal = np.arange(100)
    chunks = covering(signal, 60)
    assert [(chunk[0], chunk[-1]) for chunk in chunks] == [(0, 59), (20, 79), (40, 99)]
    assert covering(signal, 100)[0] is signal


def test_masks_hide_about_their_share_in_whole_spans():
    hidden = masks(400, 0.5, 10, np.random.default_rng(0))
    assert hidden.shape == (400, WINDOW)
    assert hidden.mean() == pytest.approx(0.5, abs=0.03)
    inside = hidden[:, 20:-20]
    # spans may touch or overlap, so that a run of hidden frames is one span at least
    for row in inside:
        edges = np.diff(row.astype(int))
        begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        assert all(ends[ends > begin].min(initial=WINDOW) - begin >= 10 for begin in begins)
    assert (inside[:, 1:] != inside[:, :-1]).sum() < inside.size / 10


def test_vicreg_of_equal_spread_out_views_is_zero_and_of_a_collapse_is_not():
    from semisup.representations.vicreg import VARIANCE, vicreg_loss

    spread = np.kron(np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]), np.ones((4, 1))) * 1.5
    twice = np.hstack([spread, spread]).astype(np.float32)
    assert float(vicreg_loss(None, twice)) == pytest.approx(0, abs=1e-4)
    assert float(vicreg_loss(None, 0 * twice)) == pytest.approx(VARIANCE * (1 - 0.01), rel=1e-3)


@pytest.mark.parametrize(
    "spec",
    [
        SequenceTraining(epochs=6, patience=9, batch_size=8),
        UpdateTraining(steps=24, validate_steps=3, batch_size=8),
    ],
)
def test_a_killed_training_ends_with_the_same_weights(tmp_path, monkeypatch, spec):
    from semisup.networks import loop
    from semisup.networks.backend import import_keras

    monkeypatch.setattr(loop, "CHECKPOINT_EVERY", 0.0)
    keras = import_keras()
    values = np.random.default_rng(0).normal(size=(32, 3)).astype(np.float32)

    def draw(rng):
        for rows in np.split(rng.permutation(32), 4):
            yield Batch(values[rows], values[rows, :1])

    def run(name: str, draw_):
        model = keras.Sequential(
            [keras.Input((3,)), keras.layers.Dense(1, kernel_initializer=keras.initializers.Ones())]
        )
        path = tmp_path / f"{name}.npz"
        history = train_network(model, "mean_squared_error", spec, 32, draw_, draw, 1, path, name)
        return history, model.get_weights()

    whole, weights = run("whole", draw)
    passes = []

    def killed(rng):
        passes.append(1)
        if len(passes) == 4:
            raise KeyboardInterrupt
        yield from draw(rng)

    with pytest.raises(KeyboardInterrupt):
        run("cut", killed)
    resumed, same = run("cut", draw)
    pd.testing.assert_frame_equal(whole, resumed, check_exact=True)
    for before, after in zip(weights, same, strict=True):
        np.testing.assert_array_equal(before, after)


def test_parts_are_the_same_whatever_the_batch(recordings, tmp_path, monkeypatch):
    rows = recordings.head(5)
    whole = read_contours(inputs_of(recordings, tmp_path / "a"), rows)
    monkeypatch.setattr(signals, "BATCH", 2)
    parts = read_contours(inputs_of(recordings, tmp_path / "b"), rows)
    assert len(whole) == 5
    for first, second in zip(whole, parts, strict=True):
        np.testing.assert_array_equal(first, second)
    shutil.rmtree(tmp_path / "a")


def comparison_script() -> ModuleType:
    path = Path(__file__).parents[1] / "experiments" / "compare_representations.py"
    spec = importlib.util.spec_from_file_location("compare_representations", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_predictions(folder: Path, rng: np.random.Generator, right: dict[str, float]) -> float:
    """Write predictions of two systems, and return the UAR of the first by hand."""
    folder.mkdir()
    names = [f"{number}.wav" for number in range(60)]
    labels = np.array(["a", "b", "c"])[rng.integers(3, size=60)]
    speakers = [f"s{number % 6}" for number in range(60)]
    manifest = pd.DataFrame({"recording": names, "label": labels, "speaker": speakers})
    manifest.to_parquet(folder / "manifest.parquet")
    truth = np.searchsorted(["a", "b", "c"], labels)
    parts, hand = [], []
    for name, share in right.items():
        for draw in range(3):
            correct = rng.random(60) < share
            predicted = np.where(correct, truth, (truth + 1) % 3)
            cell = {"representation": name, "classifier": "svm", "percentage": 5.0, "draw": draw}
            parts.append(pd.DataFrame({**cell, "recording": names, "predicted": predicted}))
            hand.append(np.mean([correct[truth == number].mean() for number in range(3)]))
    pd.concat(parts).to_parquet(folder / "predictions.parquet")
    return float(np.mean(hand[:3]))


def test_the_comparison_of_splits_finds_a_difference_and_none_where_there_is_none(tmp_path):
    script, rng = comparison_script(), np.random.default_rng(0)
    script.RESAMPLES = 200
    right = {"good": 0.9, "poor": 0.4}
    by_hand = [write_predictions(tmp_path / str(seed), rng, right) for seed in (1, 2)]
    counts = pd.concat([script.hits(tmp_path / str(seed), seed) for seed in (1, 2)])
    same = counts[counts["representation"] == "good"].assign(representation="same")
    means, differences = script.report(pd.concat([counts, same]), "good")
    mean, rest = means.loc["good", 5.0].split(" ", 1)
    assert float(mean) == pytest.approx(np.mean(by_hand), abs=5e-4)
    assert 0.8 < float(rest[1:6]) < float(mean) < float(rest[8:13]) < 1
    assert differences.loc["same", 5.0] == "+0.000 [+0.000, +0.000]"
    low, high = map(float, differences.loc["poor", 5.0].split("[")[1].rstrip("]").split(", "))
    assert 0.3 < low < 0.5 < high < 0.65
