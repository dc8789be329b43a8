"""Transfer learning on pictures: `vgg16` and other networks of `keras.applications`."""

import pickle
from urllib.error import URLError

import numpy as np
import pytest

from semisup.classifiers import classifier
from semisup.errors import SemisupError, SpecError
from semisup.networks.kept import folder_of, kept_outputs
from semisup.networks.pretrained import Base, load_base
from semisup.networks.rows import root_mean_square
from semisup.networks.transfer import HEADS, TransferClassifier, behind, build_head

pytestmark = pytest.mark.usefixtures("bases_are_forgotten")
SIDE = 32
SHAPE = (SIDE, SIDE, 3)
#: Of VGG16 without its top, and of its last four layers, three convolutions and a pooling.
PARAMETERS, RELEASED = 14_714_688, 7_079_424


def pictures(n: int = 8, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Classes 0, 1, 2: red, green or blue is the brightest, in noise."""
    rng = np.random.default_rng(seed)
    y = np.tile([0, 1, 2], n)
    X = rng.uniform(0, 150, size=(3 * n, *SHAPE))
    X[np.arange(3 * n), :, :, y] += 100
    return X.astype(np.float32), y


def tiny(random_state: int = 0, **parameters: object) -> TransferClassifier:
    keys = {"weights": "random", "head": "simple", "epochs": 8, "fine_tuning_epochs": 0}
    keys |= {"batch_size": 8, **parameters}
    return classifier("vgg16").build(random_state).set_params(**keys)


@pytest.fixture(scope="module")
def base() -> Base:
    return load_base("VGG16", "random", SHAPE, 0)


def count(weights: list) -> int:
    return sum(int(np.prod(weight.shape)) for weight in weights)


# --- the base


def test_the_base_has_the_parameters_of_vgg16_and_is_cut_in_front_of_its_last_four_layers(base):
    assert base.lower.count_params() + base.upper.count_params() == PARAMETERS
    names = [layer.name for layer in base.upper.layers[1:]]
    assert names == ["block5_conv1", "block5_conv2", "block5_conv3", "block5_pool"]
    assert base.released == names[:3]


@pytest.mark.parametrize(
    ("name", "trainable"),
    [
        ("simple", 12800 * 256 + 256 + 256 * 10 + 10),
        ("medium", 12800 * 256 + 256 + 256 * 256 + 256 + 256 * 10 + 10),
        ("complex", 3_277_056 + 32_896 + 8_256 + 2_080 + 528 + 170),
    ],
)
def test_heads_have_as_many_trainable_parameters_as_their_layers(base, name, trainable):
    head = build_head(name, (5, 5, 512), 10, 0)  # pictures of 180 x 180
    assert count(head.trainable_weights) == count(head.weights) == trainable
    dropouts = [layer.rate for layer in head.layers if "dropout" in layer.name]
    assert dropouts == ([] if name == "simple" else [0.2])


def test_fine_tuning_trains_the_last_four_layers_and_the_head(base):
    head = build_head("simple", (1, 1, 512), 3, 0)
    model = behind(base, head)
    own = 512 * 256 + 256 + 256 * 3 + 3
    assert count(model.trainable_weights) == RELEASED + own
    assert count(base.lower.weights) + count(model.weights) == PARAMETERS + own


def test_the_networks_own_preprocessing_is_applied(base):
    """As Keras's VGG16 was trained: blue first, the means of ImageNet taken away."""
    from keras.applications import VGG16

    whole = VGG16(include_top=False, weights=None, input_shape=SHAPE)
    whole.set_weights([*base.lower.get_weights(), *base.upper.get_weights()])
    X, _ = pictures(1)
    before = X.copy()
    found = base.upper_outputs(base.lower_outputs(X))
    wanted = whole.predict_on_batch(X[..., ::-1] - np.float32([103.939, 116.779, 123.68]))
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-3 * wanted.max())
    swapped = base.upper_outputs(base.lower_outputs(X[..., ::-1]))
    other = whole.predict_on_batch(X - np.float32([103.939, 116.779, 123.68]))
    np.testing.assert_allclose(swapped, other, rtol=1e-3, atol=1e-3 * wanted.max())
    assert np.abs(swapped - found).max() > 0.05 * wanted.max()
    raw = whole.predict_on_batch(X)
    assert np.abs(raw - found).max() > 0.05 * wanted.max()
    np.testing.assert_array_equal(X, before)  # Keras's function works in place


def test_random_weights_are_those_of_the_seed(base):
    weights = base.lower.get_weights()
    load_base.cache_clear()
    again = load_base("VGG16", "random", SHAPE, 0)
    other = load_base("VGG16", "random", SHAPE, 1)
    assert all(map(np.array_equal, weights, again.lower.get_weights()))
    assert again.fingerprint == base.fingerprint != other.fingerprint
    assert not np.array_equal(weights[0], other.lower.get_weights()[0])


@pytest.mark.slow
def test_another_application_is_cut_where_nothing_goes_past():
    from keras.applications import ResNet50

    resnet = load_base("ResNet50", "random", SHAPE, 0)
    assert resnet.upper.layers[0].output.shape[1:] == (1, 1, 2048)
    assert resnet.released == ["conv5_block3_3_conv"]  # batch normalisation stays as it is
    names = [layer.name for layer in resnet.upper.layers]
    assert "conv5_block3_1_conv" in names  # what the shortcut goes past is behind the cut
    whole = ResNet50(include_top=False, weights=None, input_shape=SHAPE)
    assert len(whole.layers) == len(resnet.lower.layers) + len(names) - 1
    found = {
        variable.path: variable
        for part in (resnet.lower, resnet.upper)
        for variable in part.weights
    }
    for variable in whole.weights:
        variable.assign(found[variable.path])
    X, _ = pictures(1)
    wanted = whole.predict_on_batch(resnet.preprocess(X))
    np.testing.assert_allclose(
        resnet.upper_outputs(resnet.lower_outputs(X)), wanted, rtol=1e-3, atol=1e-3 * wanted.max()
    )


# --- weights


def test_where_the_download_is_impossible_the_file_and_its_place_are_told(monkeypatch, tmp_path):
    from keras.src.utils import file_utils

    def fails(*_):
        raise URLError("Temporary failure in name resolution")

    monkeypatch.setattr(file_utils, "urlretrieve", fails)
    monkeypatch.setattr(file_utils.config, "keras_home", lambda: str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    X, y = pictures(1)
    name = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
    with pytest.raises(SemisupError) as caught:
        tiny(weights="imagenet").fit(X, y)
    message = str(caught.value)
    assert f"put {name} from https://" in message
    assert f"/{name} into {tmp_path / 'models'}, or set weights to the path" in message
    assert "\n" not in message
    assert "'random'" in message


@pytest.mark.parametrize("suffix", [".weights.h5", ".h5"])  # today's, and the downloads' older one
def test_weights_of_a_file_are_loaded_and_others_refused(tmp_path, suffix):
    first = load_base("VGG16", "random", SHAPE, 5)
    from keras.applications import VGG16

    whole = VGG16(include_top=False, weights=None, input_shape=SHAPE)
    whole.set_weights([*first.lower.get_weights(), *first.upper.get_weights()])
    path = tmp_path / f"mine{suffix}"
    (whole.save if suffix == ".h5" else whole.save_weights)(path)
    assert load_base("VGG16", str(path), SHAPE, 0).fingerprint == first.fingerprint
    with pytest.raises(SpecError, match=r"no file of weights '.*other\.h5'; .* has .*mine"):
        load_base("VGG16", str(tmp_path / "other.h5"), SHAPE, 0)
    with pytest.raises(SpecError, match="VGG19 can't be built for pictures of shape"):
        load_base("VGG19", str(path), SHAPE, 0)


def test_what_does_not_fit_is_one_sentence():
    X, y = pictures(1)
    with pytest.raises(SpecError, match="no application 'VGG166'; did you mean 'VGG16'"):
        tiny(application="VGG166").fit(X, y)
    with pytest.raises(SpecError, match=r"head = 'midium': .*did you mean 'medium'"):
        tiny(head="midium").fit(X, y)
    with pytest.raises(SpecError, match=r"takes pictures \(n, height, width, 3\); got rows of"):
        tiny().fit(X[..., 0], y)
    with pytest.raises(SpecError, match=r"can't be built for pictures of shape \(16, 32, 3\)"):
        tiny().fit(X[:, :16], y)


# --- the classifier


@pytest.mark.slow
def test_it_learns_separate_classes_frozen_and_released():
    X, y = pictures(16)
    fitted = tiny(head="best", epochs=25, fine_tuning_epochs=2, fine_tuning_rate=1e-4)
    fitted.fit(X[:24], y[:24] + 4)
    assert (fitted.predict(X[24:]) == y[24:] + 4).mean() > 0.9
    history = fitted.history_
    frozen = history[history["phase"] == "frozen"]
    lowest = frozen.groupby("head")["val_loss"].min()
    assert {*lowest.index} == {*HEADS}
    assert fitted.head_ == lowest.idxmin()
    released = history[history["phase"] == "released"]
    assert {*released["head"]} == {fitted.head_}
    assert (released["learning_rate"] == 1e-4).all()
    # what was fitted travels, and the base that all fits share is as it was
    twin = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(twin.predict_proba(X), fitted.predict_proba(X))
    base = fitted.base()
    load_base.cache_clear()
    assert all(map(np.array_equal, base.upper.get_weights(), fitted.base().upper.get_weights()))


@pytest.mark.slow
def test_the_same_random_state_gives_the_same_answers():
    X, y = pictures(3)
    keys = {"head": "medium", "epochs": 2, "fine_tuning_epochs": 1}
    first, second, other = (tiny(state, **keys).fit(X, y).predict_proba(X) for state in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_one_picture_a_class_and_pictures_all_alike_are_enough():
    X, y = pictures(1)
    assert set(tiny(epochs=2, fine_tuning_epochs=1).fit(X, y).predict(X)) <= {0, 1, 2}
    fitted = tiny(epochs=2).fit(np.zeros((6, *SHAPE), np.float32), np.arange(6) % 3)
    assert len(set(fitted.predict(np.zeros((4, *SHAPE), np.float32)))) == 1


@pytest.mark.slow
def test_fine_tuning_that_makes_it_worse_is_not_kept():
    X, y = pictures(6)
    frozen = tiny(epochs=20).fit(X, y)
    spoilt = tiny(epochs=20, fine_tuning_epochs=2, fine_tuning_rate=0.02).fit(X, y)
    losses = spoilt.history_.groupby("phase")["val_loss"].min()
    assert losses["released"] > losses["frozen"]
    np.testing.assert_array_equal(spoilt.predict_proba(X), frozen.predict_proba(X))


def test_released_layers_are_what_changes():
    X, y = pictures(4)
    fitted = tiny(epochs=0, fine_tuning_epochs=2, fine_tuning_rate=1e-3).fit(X, y)
    before = [weight.copy() for weight in fitted.base().upper.get_weights()]
    after = fitted.weights_[: len(before)]
    assert all(not np.array_equal(*pair) for pair in zip(before, after, strict=True))


# --- what is computed once


def test_the_frozen_base_sees_each_picture_once(monkeypatch):
    X, y = pictures(4, seed=9)
    seen = []
    whole = Base.lower_outputs
    monkeypatch.setattr(
        Base, "lower_outputs", lambda base, some: seen.append(len(some)) or whole(base, some)
    )
    fitted = tiny(epochs=3, fine_tuning_epochs=2).fit(X[:8], y[:8])
    assert seen == [8]
    fitted.predict(X[:8])
    tiny(1, epochs=1).fit(X[2:8], y[2:8])  # another budget and draw
    assert seen == [8]
    fitted.predict(X)
    assert seen == [8, 8]  # four new ones, filled up


def test_kept_outputs_are_those_of_the_content_in_any_order(tmp_path):
    rows = np.random.default_rng(0).normal(size=(20, 3, 2)).astype(np.float32)
    calls = []

    def double(some):
        calls.append(len(some))
        return 2 * some

    kept = kept_outputs(double, rows, tmp_path / "a", "x")
    assert calls == [8, 8, 8]
    assert kept.shape == (20, 3, 2)
    assert np.array_equal(kept[np.array([7, 0, 19])], 2 * rows[[7, 0, 19]])
    again = kept_outputs(double, rows[::-1], tmp_path / "a", "x")
    assert calls == [8, 8, 8]
    assert np.array_equal(again[np.arange(20)], 2 * rows[::-1])
    kept_outputs(double, rows[:1], tmp_path / "b", "x")
    kept_outputs(double, rows[:1], tmp_path / "a", "y")
    assert calls == [8] * 5


def test_the_temporary_folder_keeps_two_networks_and_a_named_one_all(tmp_path):
    made = [folder_of(f"digest{number}") for number in range(1)]
    for number in range(1, 5):
        made[-1].mkdir()
        made.append(folder_of(f"digest{number}"))
    assert [path.exists() for path in made] == [False, False, False, True, False]
    assert folder_of("digest", str(tmp_path)) == tmp_path / "digest"


def test_the_root_mean_square_is_that_of_all_values():
    rows = np.random.default_rng(0).normal(size=(150, 2, 3)).astype(np.float32)
    some = np.arange(0, 150, 2)
    assert root_mean_square(rows, some) == pytest.approx(np.sqrt(np.square(rows[some]).mean()))
    assert root_mean_square(np.zeros((2, 2)), np.arange(2)) == 1.0
