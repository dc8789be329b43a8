"""Kinds as transformers: the numbers of a study, and everything that scikit-learn asks of one."""

import inspect
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import check_estimator

import semisup
from semisup import registry, transformers
from semisup.errors import BadAudioError, BadSignalError, SpecError, SplitError, TableError
from semisup.features.kinds import kind_class
from semisup.recordings.audio import load
from semisup.signals.mfcc import decibels, power_spectra
from semisup.study.spec import ChunkSpec
from semisup.transformers.workspace import Setting, opened

RATE = 8000
LEFT_OUT = {"deep_softmax", "lstm", "columns", "fused", "pooled", "table"}
#: What reads a file of the user's by a library that may not be here: test_encoder_files.py.
OF_FILES = {"Keras", "Onnx", "Torch", "Transformers"}
NAMES = [name for name in transformers.names() if name not in OF_FILES]
#: What makes a transformer quick.
SMALL: dict[str, dict[str, object]] = {
    "AutoencoderCodes": {"architecture": "autoencoder_2", "chunk_samples": 8000, "epochs": 1},
    "BetaTcvae": {"epochs": 1},
    "ConvPool": {"channels": 16, "steps": 20, "validate_steps": 10},
    "DeepAutoencoderCodes": {"epochs": 1},
    "RandomSpectrogram": {"chunk_samples": 8000},
    "Hear": {"module": "semisup.hear.mfcc"},
    "MaskedPrediction": {"epochs": 0},
    "Picture": {"size": 8},
    "Vgg16": {"weights": "random", "size": 32},
    "Vicreg": {"epochs": 0},
    "VoicePca": {"speaker_normalisation": "none"},
}
#: Names of scikit-learn's checks that ask for what signals do not have, and why.
OF_ANY_LENGTH = "signals may be of any length, and so of another than those of the fit"
NOT_APPLICABLE = {
    "check_n_features_in": OF_ANY_LENGTH,
    "check_n_features_in_after_fitting": OF_ANY_LENGTH,
    "check_transformer_general": OF_ANY_LENGTH,
    "check_estimators_dtypes": "one of its signals is silent",
}


def make_signals(count: int, seconds: float = 1.0) -> list[np.ndarray]:
    """Tones in noise, each a bit longer than the one before."""
    rng = np.random.default_rng(0)
    lengths = [round(RATE * (seconds + 0.05 * number)) for number in range(count)]
    return [
        0.3 * np.sin(np.arange(n) * (0.2 + 0.3 * (number % 2))) + 0.1 * rng.normal(size=n)
        for number, n in enumerate(lengths)
    ]


def test_every_kind_that_is_made_from_audio_is_a_transformer():
    assert set(registry.representations.built_in()) - LEFT_OUT == {
        transformers.kinds()[name] for name in transformers.names()
    }
    assert set(transformers.names()) < set(semisup.__all__)
    with pytest.raises(AttributeError, match="'lstm' learns from the labels"):
        _ = semisup.Lstm
    with pytest.raises(AttributeError, match="'fused' is not made from audio"):
        _ = semisup.Fused


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_those_of_the_kind_and_can_be_got_set_and_cloned(name):
    chosen = {**SMALL.get(name, {}), "sample_rate": RATE, "random_state": 3}
    transformer = getattr(semisup, name)(**chosen)
    parameters = transformer.get_params()
    assert set(parameters) == set(inspect.signature(type(transformer)).parameters)
    assert parameters | chosen == parameters
    assert clone(transformer).get_params() == parameters
    assert transformer.set_params(random_state=4).random_state == 4
    assert pickle.loads(pickle.dumps(transformer)).get_params() == transformer.get_params()
    assert all(f"\n{parameter} : " in transformer.__doc__ for parameter in parameters)
    with pytest.raises(TypeError, match="nothing"):
        getattr(semisup, name)(**chosen, nothing=1)


@pytest.mark.parametrize("name", NAMES)
def test_every_transformer_gives_a_row_a_signal_and_learns_nothing_from_a_label(name):
    transformer = getattr(semisup, name)(**SMALL.get(name, {}), sample_rate=RATE)
    signals = make_signals(4)
    features = transformer.fit_transform(signals, y=["a", "b", "a", "b"])
    assert features.shape == (4, len(transformer.get_feature_names_out()))
    assert features.dtype == np.float64
    assert np.isfinite(features).all()
    assert len(np.unique(features, axis=0)) == 4
    if transformer.models_:
        again = pickle.loads(pickle.dumps(transformer)).transform(signals[2:])
        np.testing.assert_allclose(again, features[2:], rtol=1e-5, atol=1e-5)


def test_handcrafted_features_are_those_of_the_function():
    signals = make_signals(5)
    expected = [semisup.handcrafted_features(signal, RATE) for signal in signals]
    features = semisup.Handcrafted(sample_rate=RATE).transform(signals)
    np.testing.assert_array_equal(features, expected)


def test_codes_are_those_of_a_study_with_the_same_unlabelled_recordings(tiny_run: Path):
    codes = pd.read_parquet(tiny_run / "features" / "code_log.parquet")
    index = pd.read_parquet(tiny_run / "chunks.parquet")
    manifest = pd.read_parquet(tiny_run / "manifest.parquet").set_index("recording")
    unlabelled = manifest.loc[index[index["subset"] == "unlabelled"]["recording"].unique()]
    scored = manifest.loc[codes["recording"].unique()]
    learner = semisup.AutoencoderCodes(
        sample_rate=RATE,
        architecture="autoencoder_2",
        latent_dim=8,
        input_scaling="log",
        bottleneck_activation="linear",
        epochs=3,
        chunk_samples=20000,
    )
    learner.fit([load(path)[0] for path in unlabelled["path"]], groups=unlabelled["speaker"])
    values = learner.transform([load(path)[0] for path in scored["path"]])
    expected = codes.drop(columns="chunk").astype({"recording": str}).groupby("recording").mean()
    np.testing.assert_allclose(values, expected.loc[scored.index], rtol=1e-4, atol=1e-5)
    history = (tiny_run / "code_log" / "history.csv").read_bytes()
    assert learner.models_["history.csv"] == history


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("Handcrafted", {}),
        # hundreds of fits: few descriptors
        pytest.param(
            "LogmelPca",
            {"descriptors": ("prosody",), "components": 2, "dimensions": 2},
            marks=pytest.mark.slow,
        ),
    ],
    ids=["learns nothing", "learns"],
)
def test_it_is_what_scikit_learn_expects_of_a_transformer(name, parameters):
    # its signals have a few samples each
    transformer = getattr(semisup, name)(short="pad", **parameters)
    results = check_estimator(
        transformer, expected_failed_checks=NOT_APPLICABLE, on_skip=None, on_fail="raise"
    )
    assert sum(result["status"] == "passed" for result in results) > 35


def test_it_works_in_pipelines_searches_and_other_processes():
    signals, classes = make_signals(12), [0, 1] * 6
    by_hand = make_pipeline(semisup.Handcrafted(sample_rate=RATE), LogisticRegression())
    assert cross_val_score(by_hand, signals, classes, cv=2).mean() > 0.9
    learned = make_pipeline(semisup.LogmelPca(sample_rate=RATE, dimensions=8, components=8), SVC())
    grid = {"logmelpca__components": np.arange(1, 3)}
    search = GridSearchCV(learned, grid, cv=2, n_jobs=2).fit(signals, classes)
    assert search.best_score_ > 0.9
    assert search.predict(signals[:2]).tolist() == [0, 1]


def test_what_learns_must_be_fitted_and_what_does_not_need_not():
    signals = make_signals(2)
    with pytest.raises(NotFittedError):
        semisup.LogmelPca(sample_rate=RATE).transform(signals)
    with pytest.raises(NotFittedError):
        semisup.Handcrafted(sample_rate=RATE).get_feature_names_out()
    assert semisup.Handcrafted(sample_rate=RATE).transform(signals).shape == (2, 136)
    with pytest.raises(SplitError, match="learns from 2 signals at least"):
        semisup.LogmelPca(sample_rate=RATE).fit(signals[:1])


@pytest.mark.parametrize(
    ("signal", "reason"),
    [
        (np.zeros(RATE), "silent, every sample is 0"),
        (np.ones(100), "only 100 samples at 8000 Hz, shorter than one frame of 0.05 s"),
        (np.array([]), "the signal holds no samples"),
        (np.array([np.nan] * RATE), "8000 of 8000 are NaN or infinite"),
        (np.array(["a"] * RATE), "floats or signed integers"),
    ],
)
def test_a_bad_signal_is_named_by_its_number(signal, reason):
    signals = [*make_signals(3), signal]
    with pytest.raises(BadSignalError, match=rf"^X\[3\]: .*{reason}"):
        semisup.Handcrafted(sample_rate=RATE).transform(signals)


def test_a_signal_shorter_than_a_chunk_is_an_error_or_filled_up():
    signals = [*make_signals(2), make_signals(1, seconds=0.5)[0]]
    codes = semisup.AutoencoderCodes(**SMALL["AutoencoderCodes"], sample_rate=RATE)
    with pytest.raises(BadSignalError, match=r"^X\[2\]: shorter than one chunk of 8000 samples"):
        codes.fit(signals)
    assert codes.set_params(short="pad").fit_transform(signals).shape == (3, 64)


def test_what_a_kind_says_of_a_file_is_said_of_a_signal():
    kind, setting = kind_class("handcrafted").of(), Setting(RATE, ChunkSpec(), seed=0, jobs=1)

    opening = opened(kind, make_signals(2), ["", ""], setting, {})
    with pytest.raises(BadSignalError, match=r"^X\[1\]: of no use$"), opening as inputs:
        raise BadAudioError(f"{inputs.recordings['path'].iloc[1]}: of no use")


def test_integers_are_pcm_and_rows_of_a_table_are_signals():
    table = np.stack([signal[:RATE] for signal in make_signals(3)])
    numbers = (table * 2**15).astype(np.int16)
    transformer = semisup.Handcrafted(sample_rate=RATE)
    expected = transformer.transform(list(numbers / 2**15))
    np.testing.assert_array_equal(transformer.transform(numbers), expected)
    ragged = np.array([numbers[0], numbers[1][:4000]], dtype=object)
    np.testing.assert_array_equal(transformer.transform(ragged)[0], expected[0])


def test_signals_are_resampled_to_the_target_rate():
    signals = make_signals(2)
    as_they_are = semisup.LogmelStatistics(sample_rate=RATE).transform(signals)
    resampled = semisup.LogmelStatistics(sample_rate=RATE, target_rate=16000).transform(signals)
    assert as_they_are.shape == resampled.shape
    assert not np.allclose(as_they_are, resampled)
    assert semisup.Mfcc().target_rate == 22050


def test_windows_of_a_signal_are_averaged():
    signal = make_signals(1, seconds=2.0)[0]
    keys = {"sample_rate": RATE, "target_rate": RATE, "window_seconds": 1.0, "step_seconds": 1.0}
    spectra = [
        decibels(np.concatenate([*power_spectra(window, 2048, 512)])).T.astype(np.float32).ravel()
        for window in signal.reshape(2, RATE)
    ]
    stft = semisup.Stft(**keys, chunk_pooling="mean_std")
    expected = np.concatenate([np.mean(spectra, axis=0, dtype=float), np.std(spectra, axis=0)])
    np.testing.assert_allclose(stft.fit_transform([signal])[0], expected, rtol=1e-5, atol=1e-5)
    names = stft.get_feature_names_out()
    assert (names[0], names[-1]) == ("stft_00000_mean", "stft_16399_std")


def test_normalisation_by_speaker_needs_to_know_who_speaks():
    signals, speakers = make_signals(6), ["ann", "ann", "ann", "bob", "bob", "bob"]
    transformer = semisup.LogmelStatistics(sample_rate=RATE, speaker_normalisation="mean")
    with pytest.raises(SpecError, match="give groups, a speaker for each signal"):
        transformer.transform(signals)
    features = transformer.transform(signals, groups=speakers)
    np.testing.assert_allclose(features[:3].mean(axis=0), 0, atol=1e-9)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        transformer.transform(signals, groups=speakers[:2])


def test_a_wrong_option_is_one_sentence_that_names_it():
    with pytest.raises(SpecError, match=r"^engine: Input should be"):
        semisup.Handcrafted(engine="none").transform(make_signals(2))
    with pytest.raises(SpecError, match="need a sample rate of at least 6854 Hz, got 4000"):
        semisup.Handcrafted(target_rate=4000).transform(make_signals(2))


def test_features_whose_number_depends_on_the_signals_are_not_mixed_up():
    frames = semisup.Mfcc(sample_rate=RATE, embedding="timestamps").fit(make_signals(2))
    with pytest.raises(TableError, match="depends on the shortest signal"):
        frames.transform(make_signals(2, seconds=0.5))


def test_nothing_is_said_unless_asked_for(capfd):
    semisup.Handcrafted(sample_rate=RATE).transform(make_signals(2))
    assert capfd.readouterr() == ("", "")
    semisup.Handcrafted(sample_rate=RATE, verbose=True).transform(make_signals(2))
    assert "features of handcrafted: 2 of 2 recordings" in capfd.readouterr().err
