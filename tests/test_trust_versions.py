"""What is made again when a library, or this package, changes."""

import re
from pathlib import Path

import pytest
from needed_keys import NEEDED

from semisup import registry
from semisup.engine.artefacts import fingerprint
from semisup.features.kinds import kind_class
from semisup.stages import fingerprints, versions
from semisup.stages.fingerprints import FORMATS, Data, Parts, of_step
from semisup.stages.kinds_asked import parents_first
from semisup.stages.versions import VERSIONS
from semisup.study.spec import StudySpec
from semisup.study.study import Study

PAGE = Path(__file__).parents[1] / "docs" / "ARTEFACTS.md"
DATA = Data("manifest", "split", "durations", "chunks")


@pytest.fixture
def upgraded(monkeypatch):
    """Pretend that another version of a package is installed."""

    def upgrade(package):
        monkeypatch.setattr(
            versions,
            "installed",
            lambda name: "99" if name == package else "1",
        )

    return upgrade


def prints(representation: str, classifier: str) -> dict[str, str]:
    """Return the fingerprints of a study with one representation and one classifier."""
    options = {
        "first": kind_class("handcrafted").of().options,
        "second": kind_class("logmel_statistics").of().options,
        "last": kind_class(representation).of(**NEEDED.get(representation, {})).options,
    }
    spec = StudySpec(
        name="s",
        corpus=[{"adapter": "synthetic"}],
        representations=options,
        curve={"classifiers": [classifier], "representations": ["last"]},
    )
    kinds = parents_first(["last"], options)
    parts = Parts(kinds, dict.fromkeys(kinds, 1), {name: name for name in kinds}, [])
    made = fingerprints.of_all(Study(spec), DATA, parts)
    return {
        **{f"train {name}": text for (name, _), text in made.models.items()},
        **{f"refit {name}": text for name, text in made.refits.items()},
        **{f"features {name}": text for (name, _), text in made.tables.items()},
        "curve": made.curve,
        "compare": made.compare,
        "plot": made.plot,
    }


def changed(representation, classifier, upgraded, package) -> set[str]:
    upgraded("none")
    before = prints(representation, classifier)
    upgraded(package)
    after = prints(representation, classifier)
    return {step for step in before if before[step] != after[step]}


def test_every_step_says_whose_versions_count():
    assert set(VERSIONS) == set(FORMATS)


def test_the_page_has_the_same_table():
    rows = re.findall(r"^\| `(\w+)` +\| (.+?) +\|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert dict(rows) == {
        step: ", ".join(packages) or "none" for step, packages in VERSIONS.items()
    }


@pytest.mark.parametrize("step", VERSIONS)
@pytest.mark.parametrize("package", ["numpy", "scikit-learn", "soundfile", "soxr", "matplotlib"])
def test_a_step_is_made_again_with_another_version_of_what_computes_it(step, package, upgraded):
    upgraded("none")
    before = of_step(step, 1)
    upgraded(package)
    assert (of_step(step, 1) != before) == (package in VERSIONS[step])


def test_another_numpy_makes_all_of_it_again(upgraded):
    made = changed("logmel_pca", "svm", upgraded, "numpy")
    assert made == {"train last", "features last", "curve", "compare", "plot"}


def test_another_scikit_learn_leaves_what_it_does_not_compute(upgraded):
    assert changed("handcrafted", "svm", upgraded, "scikit-learn") >= {"curve", "compare", "plot"}


def test_another_keras_makes_networks_again_and_nothing_else(upgraded):
    everything = {"train last", "features last", "curve", "compare", "plot"}
    assert changed("autoencoder", "svm", upgraded, "keras") == everything
    assert changed("autoencoder", "svm", upgraded, "tensorflow") == everything
    assert changed("logmel_pca", "svm", upgraded, "keras") == set()
    # a network of the curve reads features that stay
    assert changed("mel_spectrogram", "cnn_2d", upgraded, "keras") == {"curve", "compare", "plot"}
    assert "refit last" in changed("lstm", "svm", upgraded, "keras")


@pytest.mark.parametrize(
    ("kind", "package"),
    [("opensmile", "opensmile"), ("onnx", "onnxruntime"), ("torch", "torch"), ("vgg16", "keras"),
     ("keras", "keras")],
)  # fmt: skip
def test_a_library_of_a_kind_makes_its_features_again(kind, package, upgraded, tmp_path):
    assert "features last" in changed(kind, "svm", upgraded, package)


def test_another_decoder_decodes_again_and_what_sounds_the_same_stays(upgraded):
    # later steps depend on what recordings sound like, not on what decoded them
    assert "soundfile" in VERSIONS["recordings"]
    assert not any("soundfile" in packages for step, packages in VERSIONS.items()
                   if step != "recordings")  # fmt: skip


def test_what_tune_chose_holds_with_other_versions(upgraded):
    spec = StudySpec(name="s", corpus=[{"adapter": "synthetic"}], representations={
        "code": kind_class("autoencoder").of().options})  # fmt: skip
    upgraded("none")
    before = fingerprints.of_tuning(spec, "code", {}, "chunks")
    for package in ("numpy", "keras", "soxr"):
        upgraded(package)
        assert fingerprints.of_tuning(spec, "code", {}, "chunks") == before


def test_a_release_that_changes_the_page_alone_makes_the_report_alone(monkeypatch):
    before = {step: of_step(step, 1) for step in FORMATS}
    monkeypatch.setitem(FORMATS, "report", FORMATS["report"] + 1)
    after = {step: of_step(step, 1) for step in FORMATS}
    assert {step for step in FORMATS if before[step] != after[step]} == {"report"}
    # the version of the package is in none of them
    assert not any("semisup" in packages for packages in VERSIONS.values())


@pytest.mark.parametrize("name", registry.representations.built_in())
def test_what_a_kind_says_is_the_name_of_a_package(name):
    for package in kind_class(name).of(**NEEDED.get(name, {})).libraries:
        assert re.fullmatch(r"[A-Za-z0-9_-]+", package)
        assert fingerprint(package)
