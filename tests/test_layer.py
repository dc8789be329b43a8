"""A layer of classification after a frozen encoder."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from semisup.classifiers import classifier
from semisup.errors import SpecError
from semisup.networks.backend import import_keras


def features(n=40, d=5, seed=0):
    """Classes 0, 1, 2, a feature each, overlapping; what features measure in differs."""
    rng = np.random.default_rng(seed)
    y = np.tile([0, 1, 2], n)
    X = rng.normal(size=(len(y), d))
    X[np.arange(len(y)), y] += 2
    return ((X + 3) * 10.0 ** np.arange(-3, d - 3)).astype(np.float32), y


def layer(random_state=0, **parameters):
    keys = {"epochs": 30, "learning_rate": 0.02, "dropout": 0.0, **parameters}
    return classifier("encoder_classifier").build(random_state).set_params(**keys)


@pytest.fixture(scope="module")
def fitted():
    return layer().fit(*features())


def test_it_is_standardisation_weights_and_a_softmax(fitted):
    X, _ = features(seed=1)
    mean, variance, kernel, bias = fitted.weights_
    by_hand = softmax((X - mean) / np.sqrt(variance) @ kernel + bias, axis=1)
    np.testing.assert_allclose(fitted.predict_proba(X), by_hand, atol=2e-5)


def test_it_comes_near_what_logistic_regression_finds(fitted):
    X, y = features()
    new, truth = features(seed=1)
    scale = X.mean(axis=0), X.std(axis=0)
    reference = LogisticRegression(C=np.inf).fit((X - scale[0]) / scale[1], y)
    ours = (fitted.predict(new) == truth).mean()
    assert ours > (reference.predict((new - scale[0]) / scale[1]) == truth).mean() - 0.05
    assert ours > 0.7


def test_units_of_a_feature_change_nothing(fitted):
    X, y = features()
    other = layer().fit(X * 1000, y)
    np.testing.assert_allclose(other.predict_proba(X * 1000), fitted.predict_proba(X), atol=1e-3)


def test_behind_its_encoder_it_answers_chunks_as_it_does_their_codes(fitted):
    keras = import_keras()
    inputs = keras.Input((4, 3), name="chunk")
    encoder = keras.Model(inputs, keras.layers.Dense(5, "relu")(keras.layers.Flatten()(inputs)))
    chunks = np.random.default_rng(0).normal(size=(9, 4, 3)).astype(np.float32)
    joined = fitted.behind(encoder)
    codes = encoder.predict_on_batch(chunks)
    np.testing.assert_allclose(
        joined.predict_on_batch(chunks), fitted.predict_proba(codes), atol=1e-5
    )
    frozen = {id(weight) for weight in encoder.weights}
    assert len(joined.trainable_weights) == 2
    assert not frozen & {id(weight) for weight in joined.trainable_weights}


def test_groups_are_held_out_whole():
    X, y = features(20)
    groups = np.repeat(np.arange(20), 3)
    one, other = layer(epochs=3).fit(X, y, groups), layer(epochs=3).fit(X, y)
    assert list(one.history_["val_loss"]) != list(other.history_["val_loss"])


def test_another_number_of_features_is_named(fitted):
    with pytest.raises(SpecError, match=r"fitted on rows of shape \(5, 1\)"):
        fitted.predict(np.zeros((2, 4), np.float32))
