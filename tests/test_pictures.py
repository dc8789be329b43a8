"""Pictures as recordings: decoded like anything else, verified, and scored without a sound."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from corpus_trees import rows, scan, write
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from semisup.corpora.pictures import Options
from semisup.engine.parallel import Workers
from semisup.errors import BadPictureError, CorpusError, SpecError
from semisup.prediction.files import usable
from semisup.prediction.output import write as write_predictions
from semisup.prediction.system import predict_files
from semisup.reading.file import parse_study, read_study
from semisup.recordings import pictures
from semisup.recordings.manifest import assemble, separate, verify
from semisup.stages.preflight import check_study
from semisup.stages.resolve import resolve
from semisup.stages.resolved import ResolvedStudy
from semisup.stages.result import run
from semisup.stages.runner import run_study
from semisup.study.study import Study

STUDY = """
name = "shown"
[corpus]
adapter = "pictures"
root = "pictures"
speaker_pattern = '(\\w+)\\.\\w+$'
[split]
strategy = "quota"
per_class = { labelled = 10, test = 6, unlabelled = "rest" }
[representations.picture]
kind = "picture"
size = 12
[representations.vgg]
kind = "vgg16"
size = 32
weights = "random"
[curve]
classifiers = ["random_forest", "svm"]
percentages = [50, 100]
draws = 2
[compare]
resamples = 200
"""


def noise(rng: np.random.Generator, colour: int, side: int = 16) -> np.ndarray:
    """Make a picture of noise of which one colour is the brightest."""
    pixels = rng.integers(0, 100, size=(side, side + 4, 3), dtype=np.uint8)
    pixels[..., colour] += 150
    return pixels


def save(path: Path, pixels: np.ndarray, **how: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **how)
    return path


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> ResolvedStudy:
    """Twenty pictures a class, red or blue, one of them cut short; run to its end."""
    folder, rng = tmp_path_factory.mktemp("shown"), np.random.default_rng(0)
    for number in range(20):
        save(folder / f"pictures/red/{number % 3}/r{number}.png", noise(rng, 0))
        save(folder / f"pictures/blue/b{number}.jpg", noise(rng, 2))
    whole = (folder / "pictures/red/0/r0.png").read_bytes()
    (folder / "pictures/red/0/short.png").write_bytes(whole[: len(whole) // 2])
    (folder / "study.toml").write_text(STUDY)
    run(folder, out=folder / "files", jobs=1)
    return resolve(read_study(folder, folder / "files"))


# --- decoding


@settings(max_examples=25)
@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 99))
def test_a_png_gives_the_numbers_that_were_written(tmp_path_factory, height, width, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    path = save(tmp_path_factory.mktemp("png") / "a.png", pixels)
    found = pictures.load(path)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, pixels)
    assert pictures.inspect(path)[:2] == (width, height)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".tiff", ".webp", ".JPG", ".jpeg"])
def test_every_format_is_read_and_brought_to_a_square_of_whole_numbers(tmp_path, suffix):
    pixels = np.full((9, 14, 3), (200, 40, 90), dtype=np.uint8)
    how = {"lossless": True} if suffix == ".webp" else {}
    path = save(tmp_path / f"a{suffix}", pixels, **how)
    found = pictures.load(path, 32)
    assert pictures.is_picture(path)
    assert found.shape == (32, 32, 3)
    assert (found == found.round()).all()
    near = 3 if suffix in (".JPG", ".jpeg") else 0  # which keeps colours nearly
    np.testing.assert_allclose(found, np.broadcast_to(pixels[0, 0], found.shape), atol=near)


def test_a_square_is_what_pil_makes_of_the_picture(tmp_path):
    pixels = noise(np.random.default_rng(0), 1)
    path = save(tmp_path / "a.png", pixels)
    wanted = Image.fromarray(pixels).resize((7, 7), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(pictures.load(path, 7), np.asarray(wanted))


def test_any_mode_becomes_red_green_and_blue(tmp_path):
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    red, blue = (250, 20, 30), (10, 20, 240)
    palette = Image.fromarray(grey % 2)
    palette.putpalette([*red, *blue])
    colours = np.where(grey[..., None] % 2, blue, red)
    threes = np.stack([grey] * 3, axis=-1)
    alpha = np.dstack([colours.astype(np.uint8), grey])
    cases = {
        "grey": (Image.fromarray(grey), threes, {}),
        "sixteen": (Image.fromarray(grey.astype(np.uint16) * 257), threes, {}),
        "bits": (Image.fromarray(grey >= 128), np.where(threes >= 128, 255, 0), {}),
        "palette": (palette, colours, {}),
        "clear_palette": (palette, colours, {"transparency": b"\x00\xff"}),
        "alpha": (Image.fromarray(alpha), colours, {}),
    }
    for name, (picture, wanted, how) in cases.items():
        picture.save(tmp_path / f"{name}.png", **how)
        found = pictures.load(tmp_path / f"{name}.png")
        np.testing.assert_array_equal(found, wanted, err_msg=name)


def test_what_cannot_be_decoded_is_one_error_that_says_why(tmp_path):
    whole = save(tmp_path / "a.png", noise(np.random.default_rng(0), 0, 64)).read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_bytes(b"no picture")
    (tmp_path / "short.png").write_bytes(whole[:-100])
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "flipped.png").write_bytes(flipped)
    Image.fromarray(np.ones((4, 4), np.float32)).save(tmp_path / "float.tiff")
    for name, reason in {
        "none.png": "there is no such file",
        "empty.png": r"the file is empty \(0 bytes\)",
        "text.png": r"cannot be decoded as a picture \(Format not recognised\)",
        "short.png": r"cannot be decoded as a picture \(.+\)",
        "half.png": r"cannot be decoded as a picture \(.+\)",
        "flipped.png": r"cannot be decoded as a picture \(.+\)",
        "float.tiff": "its pixels are floating-point numbers",
    }.items():
        with pytest.raises(BadPictureError, match=rf"^.*{name}: {reason}") as caught:
            pictures.inspect(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_a_picture_that_claims_gigabytes_is_refused(tmp_path, monkeypatch):
    path = save(tmp_path / "a.png", noise(np.random.default_rng(0), 0))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 200)  # 16 x 20 are more
    with pytest.raises(BadPictureError, match=r"cannot be decoded as a picture \(.*exceeds limit"):
        pictures.inspect(path)


# --- the corpus


def test_pictures_are_listed_by_class_and_other_files_are_not(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("b/anna_1.png", "a/deep/bert_2.JPEG", "a/._x.png"):
        save(tmp_path / name, noise(rng, 0))
    write(tmp_path / "a/notes.txt", "no picture")
    soundfile.write(tmp_path / "a/x.wav", rng.normal(size=800), 8000)
    scanned = scan("pictures", tmp_path, speaker_pattern=r"(\w+)_")
    assert rows(scanned, "path", "label", "speaker") == [
        ("a/deep/bert_2.JPEG", "a", "bert"),
        ("b/anna_1.png", "b", "anna"),
    ]
    with pytest.raises(CorpusError, match="has no class c with pictures in it; it has a, b"):
        scan("pictures", tmp_path, classes=["c"])
    with pytest.raises(ValueError, match="pictures have no seconds to cut"):
        Options(excerpt_seconds=3)


def test_a_bad_picture_is_skipped_and_a_good_one_has_no_seconds(tmp_path):
    good = save(tmp_path / "a/good.png", noise(np.random.default_rng(0), 0))
    (tmp_path / "a/short.png").write_bytes(good.read_bytes()[:-60])
    scanned = scan("pictures", tmp_path)
    cut = scanned[scanned["path"] == "a/good.png"].assign(start=0.0, end=1.0)
    table = assemble([("pictures", "all", tmp_path, pd.concat([scanned, cut]))])
    manifest, skipped = separate(verify(table))
    assert rows(manifest, "recording", "label", "sample_rate") == [("a/good.png", "a", 0)]
    assert manifest["seconds"].isna().all()
    reasons = dict(rows(skipped, "recording", "reason"))
    assert list(reasons) == ["a/short.png", "a/good.png#0-1"]
    assert reasons["a/short.png"].startswith("cannot be decoded as a picture (")
    assert reasons["a/good.png#0-1"] == "it is a picture, of which there are no excerpts"


# --- a study of pictures


def test_pictures_of_two_colours_are_told_apart_by_both_kinds(study):
    scores = pd.read_parquet(study.folder / "scores.parquet")
    best = scores[scores["percentage"] == 100].groupby(["classifier", "representation"])
    found = best["accuracy"].mean()
    assert found["random_forest", "picture"] >= 0.95
    assert found["svm", "vgg"] >= 0.95
    assert (study.folder / "report.html").is_file()
    assert not (study.folder / "durations.csv").exists()


def test_the_picture_that_is_cut_short_is_in_the_list_and_in_no_subset(study):
    skipped = pd.read_csv(study.folder / "skipped.csv")
    assert skipped["recording"].tolist() == ["red/0/short.png"]
    assert "red/0/short.png" not in study.split.index


def test_rows_of_pictures_are_their_pixels(study):
    import zarr

    index = pd.read_parquet(study.folder / "features" / "picture.parquet")
    values = zarr.open_array(study.folder / "features" / "picture.zarr", mode="r")[:]
    assert (index["chunk"] == 0).all()
    paths = study.manifest.set_index("recording")["path"]
    wanted = [pictures.load(paths[recording], 12) for recording in index["recording"]]
    np.testing.assert_array_equal(values, wanted)


@pytest.mark.parametrize("system", ["random_forest@picture", "svm@vgg"])
def test_ones_own_pictures_are_predicted_and_sounds_refused(study, tmp_path, system):
    rng = np.random.default_rng(9)
    blue, red = (save(tmp_path / f"{c}.png", noise(rng, c)) for c in (2, 0))
    soundfile.write(tmp_path / "x.wav", rng.normal(size=800), 8000)
    (tmp_path / "bad.png").write_bytes(b"no picture")
    files = [blue, red, tmp_path / "x.wav", tmp_path / "bad.png"]
    found = predict_files(study, files, system)
    assert [verdict.mean for verdict in found.verdicts().values()] == ["blue", "red"]
    assert found.windows[["window", "start", "end"]].to_numpy().tolist() == [[0, 0, 0]] * 2
    sentence = "it is not a picture, as the study's recordings are"
    assert found.failed[str(tmp_path / "x.wav")] == sentence
    assert "Format not recognised" in found.failed[str(tmp_path / "bad.png")]
    written = write_predictions(found, tmp_path / "o")
    assert {path.name for path in written} == {"files.csv", "predictions.csv", "predictions.json"}
    assert len(json.loads((tmp_path / "o/predictions.json").read_text())["files"]) == 2


def test_a_study_of_sounds_refuses_pictures_and_one_of_both_takes_both(tmp_path):
    path = save(tmp_path / "a.png", noise(np.random.default_rng(0), 0))
    sound = tmp_path / "a.wav"
    soundfile.write(sound, np.sin(np.arange(800)), 8000)
    assert usable(("sound",), [path, sound], Workers(), tmp_path) == (
        {sound: 0.1},
        {path: "it is a picture, and the study's recordings are sounds"},
    )
    both = usable(("sound", "picture"), [path, sound], Workers(), tmp_path)
    assert both == ({path: 0.0, sound: 0.1}, {})


def needing(folder: Path, **tables: dict) -> Study:
    corpus = {"adapter": "pictures", "root": str(folder / "pictures")}
    return Study(
        parse_study({"name": "deaf", "corpus": corpus, "representations": tables}),
        folder,
        folder / "other",
    )


def test_a_kind_that_needs_sound_is_one_error_before_anything_is_made(study):
    tables = {kind: {"kind": kind} for kind in ("mel_spectrogram", "picture", "handcrafted")}
    tables["code"] = {"kind": "autoencoder"}
    made = needing(study.base, **tables)
    message = (
        "^mel_spectrogram and handcrafted and code need sound, but 41 of 41 recordings are "
        "pictures, the first: .*blue/b0.jpg; kinds of representation that take pictures: "
        "picture, vgg16$"
    )
    with pytest.raises(SpecError, match=message):
        run_study(made)
    assert not made.folder.exists()
    problems, fatal = check_study(made)
    assert fatal
    # in one list with the rest: no picture of these has a speaker
    wrong = [problem for problem in problems if problem.startswith("fatal: ")]
    assert len(wrong) == 2
    assert re.match(message[1:], wrong[0].removeprefix("fatal: "))
    assert "The speaker of 40 of 40 recordings is not known" in wrong[1]


def test_features_are_stale_when_the_file_of_weights_changes(study, tmp_path):
    path = tmp_path / "mine.h5"
    path.write_bytes(b"weights")
    table = {"kind": "vgg16", "size": 32, "weights": str(path)}
    made = needing(study.base, vgg=table)
    before = resolve(made).fingerprints.tables["vgg", 0]
    assert resolve(made).fingerprints.tables["vgg", 0] == before
    path.write_bytes(b"other weights")
    assert resolve(made).fingerprints.tables["vgg", 0] != before


def with_weights(study: Study, folder: Path, weights: str) -> Study:
    """Return a study beside `study`, in `folder`, whose classifier reads a file of weights."""
    document = {
        "name": "weighed",
        "corpus": {"adapter": "pictures", "root": str(study.base / "pictures")},
        "representations": {"picture": {"kind": "picture"}},
        "classifiers": {"mine": {"kind": "vgg16", "parameters": {"weights": weights}}},
        "curve": {"classifiers": ["mine"]},
    }
    return Study(parse_study(document), folder, folder / "files")


def test_a_classifier_finds_its_file_beside_the_study_and_notices_a_change(
    study, tmp_path, monkeypatch
):
    path = tmp_path / "mine.h5"
    path.write_bytes(b"weights")
    made = with_weights(study, tmp_path, "mine.h5")
    assert resolve(made).classifiers["mine"].parameters == {"weights": str(path)}
    before = resolve(made).fingerprints.curve
    assert resolve(made).fingerprints.curve == before
    path.write_bytes(b"other weights")
    assert resolve(made).fingerprints.curve != before
    monkeypatch.setenv("MY_WEIGHTS", "random")
    other = with_weights(study, tmp_path, "${MY_WEIGHTS:-imagenet}")
    assert resolve(other).classifiers["mine"].parameters == {"weights": "random"}


def test_all_missing_files_are_named_before_anything_is_made(study, tmp_path):
    made = with_weights(study, tmp_path, "nowhere.h5")
    document = {"kind": "vgg16", "weights": "lost.h5"}
    tables = parse_study(
        {
            **made.spec.model_dump(exclude_defaults=True, exclude={"representations", "corpus"}),
            "corpus": {"adapter": "pictures", "root": str(study.base / "pictures")},
            "representations": {"picture": {"kind": "picture"}, "vgg": document},
            "curve": {"classifiers": ["mine", "svm"], "only": {"mine": ["picture"]}},
        }
    )
    with pytest.raises(SpecError) as error:
        run_study(Study(tables, tmp_path, tmp_path / "files"))
    first, second = str(error.value).splitlines()
    assert first.startswith(
        f"[representations.vgg] There is no file of weights '{tmp_path}/lost.h5'"
    )
    assert second.startswith(
        f"[classifiers.mine] There is no file of weights '{tmp_path}/nowhere.h5'"
    )
    assert not (tmp_path / "files").exists()


def test_a_table_of_pictures_is_a_corpus_of_pictures(study, tmp_path):
    lines = ["file,label,speaker", "pictures/red/0/r0.png,red,1", "pictures/blue/b0.jpg,blue,2"]
    write(tmp_path / "list.csv", *lines)
    corpus = {"adapter": "table", "root": str(study.base), "path": str(tmp_path / "list.csv")}
    spec = {"name": "listed", "corpus": corpus, "representations": {"p": {"kind": "picture"}}}
    made = Study(parse_study(spec), tmp_path, tmp_path / "files")
    listed = run_study(made, until="manifest")
    assert listed.manifest["label"].tolist() == ["blue", "red"]
