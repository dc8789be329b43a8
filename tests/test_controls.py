"""Controls: expansion of a study file, what each kind is without learning, what learning added."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from made_up_study import make_comparison, make_scores

from semisup import registry
from semisup.autoencoders import build_autoencoder
from semisup.comparison.added import added_by_learning, written
from semisup.comparison.rows import pairs
from semisup.errors import SpecError, UnknownNameError
from semisup.features.kinds import kind_class
from semisup.features.label_dependent import LabelDependent
from semisup.figures.catalogue import plot_scores
from semisup.figures.learning import controlled_in, plot_learning
from semisup.figures.learning_curve import plot_learning_curve
from semisup.figures.style import line_styles, words
from semisup.reading.file import parse_study
from semisup.reading.tuning_checks import tuned_name
from semisup.representations._projection import gaussian, random_directions
from semisup.stages.kinds_asked import parents_first
from semisup.stages.result import Result
from semisup.stages.runner import run_study
from semisup.stages.tuned import of_search, tuned_options
from semisup.study.compared import with_baseline
from semisup.study.controls import (
    CONTROLS,
    control_name,
    controlled,
    controls_of,
    without_controls,
)
from semisup.study.spec import CompareSpec
from semisup.study.study import Study, dump

KINDS = registry.representations.built_in()
NEEDED = {
    "columns": {"of": "first", "begin": "mfcc"},
    "fused": {"of": ["first", "second"]},
    "hear": {"module": "semisup.hear.mfcc"},
    "keras": {"file": "model.keras"},
    "onnx": {"file": "model.onnx"},
    "pooled": {"of": "first"},
    "table": {"path": "features.csv"},
    "torch": {"file": "model.pt"},
    "transformers": {"model": "model"},
}
#: Kinds that were trained on audio from elsewhere.
PRETRAINED = ("transformers",)
NAMES = ["handcrafted", "code", "code.untrained", "code.random", "voice", "voice.random"]


def kind_of(name: str):
    return kind_class(name).of(**NEEDED.get(name, {}))


LEARNING = [name for name in KINDS if kind_of(name).controls()]


def parse(representations, **tables):
    corpus = {"adapter": "synthetic"}
    study = {"name": "small", "corpus": corpus, "representations": representations, **tables}
    return parse_study(study)


# --- names


@pytest.mark.parametrize(
    ("name", "names", "owner"),
    [
        ("code.random", NAMES, "code"),
        ("code.random", ["code.random"], None),  # of nothing that is there
        ("code", NAMES, None),
        ("code.seed_1", NAMES, None),
        ("random", ["", "random"], None),
        ("my.code.untrained", ["my.code", "my"], "my.code"),
        ("a+b.random", ["a+b", "b"], "a+b"),
    ],
)
def test_a_control_is_known_by_its_name(name, names, owner):
    assert controlled(name, names) == owner


def test_controls_and_all_others_are_told_apart():
    assert without_controls(NAMES) == ["handcrafted", "code", "voice"]
    assert controls_of("code", NAMES) == ["code.untrained", "code.random"]
    assert controls_of("cod", NAMES) == []


@pytest.mark.parametrize("control", CONTROLS)
def test_names_are_written_in_words(control):
    text = words(control_name("code_log", control))
    assert text.startswith("Code features (log), ")
    assert "." not in text


# --- every kind of the registry


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_has_controls_exactly_where_it_learns(name):
    kind = kind_of(name)
    is_control = name in ("random_projection", "random_spectrogram")
    learns = isinstance(kind, LabelDependent) or (bool(kind.models) and not is_control)
    assert bool(kind.controls()) == (learns or name in PRETRAINED)


@pytest.mark.parametrize("name", LEARNING)
def test_controls_are_valid_options_that_learn_nothing_further(name):
    kind = kind_of(name)
    for control, options in kind.controls().items():
        assert control in CONTROLS
        made = kind_class(options.kind)(options)
        assert type(options).model_validate(options.model_dump()) == options
        if name in PRETRAINED:
            assert options.weights == "random"
            assert options.without("weights") == kind.options.without("weights")
            assert not made.controls()
            continue
        if control == "untrained":
            assert options.epochs == 0
            assert options.without("epochs") == kind.options.without("epochs")
            continue
        assert not made.controls()
        assert made.level == kind.level
        assert made.by_speaker == kind.by_speaker


@pytest.mark.parametrize("name", LEARNING)
def test_a_random_projection_has_as_many_numbers(name):
    keys = {"latent_dim": 24} if "latent_dim" in kind_class(name).Options.model_fields else {}
    if "dimensions" in kind_class(name).Options.model_fields:
        keys = {"dimensions": 24, "components": 10}
    controls = kind_class(name).of(**NEEDED.get(name, {}), **keys).controls()
    if "random" in controls:
        assert controls["random"].dimensions == 24
    else:
        assert name in ("lstm", *PRETRAINED)


@pytest.mark.parametrize("how", ["none", "mean", "standard"])
@pytest.mark.parametrize("name", ["logmel_pca", "voice_pca", "random_encoder", "vicreg"])
def test_controls_are_normalised_as_the_representation(name, how):
    kind = kind_class(name).of(speaker_normalisation=how)
    for options in kind.controls().values():
        assert options.speaker_normalisation == how


def test_descriptors_are_those_that_components_are_fitted_to():
    own = kind_class("voice_pca").of(frames="all", descriptors=["prosody"])
    for options in own.controls().values():
        assert (options.descriptors, options.frames) == (("prosody",), "all")


# --- the study file


def test_controls_stand_behind_their_representation():
    spec = parse(
        {
            "handcrafted": {"kind": "handcrafted"},
            "code": {"kind": "autoencoder", "latent_dim": 8, "controls": True},
            "voice": {"kind": "voice_pca"},
        }
    )
    assert list(spec.representations) == [
        *("handcrafted", "code", "code.untrained", "code.random", "voice"),
    ]
    assert spec.compared() == list(spec.representations)
    assert spec.representations["code.random"].dimensions == 8
    assert [*parents_first(spec.compared(), spec.representations)] == spec.compared()


def test_options_do_not_change_where_controls_are_asked_for():
    table = {"kind": "voice_pca", "components": 5}
    asked, plain = parse({"v": {**table, "controls": True}}), parse({"v": table})
    assert asked.representations["v"] == plain.representations["v"]
    off = parse({"v": {**table, "controls": False}})
    assert off == plain


def test_lists_of_the_curve_take_controls_in():
    voice = {"kind": "voice_pca", "controls": True}
    curve = {
        "representations": ["v", "handcrafted"],
        "classifiers": ["svm", "knn"],
        "only": {"knn": ["v"]},
    }
    spec = parse({"v": voice, "handcrafted": {"kind": "handcrafted"}}, curve=curve)
    assert spec.compared() == ["v", "v.descriptors", "v.random", "handcrafted"]
    assert spec.curve.only == {"knn": ["v", "v.descriptors", "v.random"]}
    curve["representations"] = ["handcrafted", "v.random", "v"]
    again = parse({"v": voice, "handcrafted": {"kind": "handcrafted"}}, curve=curve)
    assert again.compared() == ["handcrafted", "v.random", "v", "v.descriptors"]


def test_a_table_of_the_study_has_the_last_word():
    own = {"kind": "random_projection", "dimensions": 3}
    spec = parse({"v": {"kind": "voice_pca", "controls": True}, "v.random": own})
    assert list(spec.representations) == ["v", "v.descriptors", "v.random"]
    assert spec.representations["v.random"].dimensions == 3


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"kind": "voice_pca", "controls": "yes"}, r"controls: should be true or false, got 'yes'"),
        ({"kind": "voice_pca", "controls": 1}, r"controls: should be true or false, got 1"),
        ({"kind": "handcrafted", "controls": True}, r"controls: the kind 'handcrafted' has none"),
        ({"kind": "pooled", "of": "a", "controls": True}, r"needs controls = true in .*\.a\] too"),
        ({"kind": "voice_pca", "control": True}, r"control is not .*did you mean 'controls'"),
    ],
)
def test_what_is_wrong_with_controls_is_one_sentence(table, sentence):
    with pytest.raises(SpecError, match=sentence):
        parse({"a": table})


@pytest.mark.parametrize("tables", [3, {"a": 3}, {"a": {"controls": True}}, []])
def test_what_is_no_table_is_told_as_before(tables):
    with pytest.raises(SpecError, match="representations"):
        parse(tables)


def test_only_the_trained_encoder_is_tuned():
    spec = parse(
        {"code": {"kind": "autoencoder", "controls": True}},
        curve={"representations": ["code.untrained", "code"]},
    )
    assert tuned_name(spec) == "code"


def test_controls_follow_the_tuned_options_but_not_where_they_are_written_out(tmp_path):
    own = {"kind": "random_spectrogram", "dimensions": 3}
    for tables, dimensions in (({}, 5), ({"code.random": own}, 3)):
        spec = parse({"code": {"kind": "autoencoder", "controls": True}, **tables})
        study = Study(spec, tmp_path, tmp_path)
        assert tuned_options(study, "code.untrained", "c").latent_dim == 64
        options = dump(spec.representations["code"]) | {"latent_dim": 5}
        choice = {"fingerprint": of_search(spec, "c"), "options": options}
        (study.folder / "code").mkdir(parents=True, exist_ok=True)
        (study.folder / "code" / "tuned.json").write_text(json.dumps(choice))
        untrained = tuned_options(study, "code.untrained", "c")
        assert (untrained.latent_dim, untrained.epochs) == (5, 0)
        assert tuned_options(study, "code.random", "c").dimensions == dimensions
        (study.folder / "code" / "tuned.json").unlink()


# --- random projections


def test_a_random_projection_keeps_squared_lengths_on_average():
    lengths = [np.square(np.ones(50) @ gaussian(50, 4, seed)).sum() for seed in range(2000)]
    assert np.mean(lengths) == pytest.approx(50, rel=0.05)


def test_blocks_weigh_the_same_in_a_random_projection():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(400, 12)) * np.logspace(-3, 3, 12)
    projection = random_directions(values, [2, 10], 5, seed=1)
    standard = (values - projection.mean) / projection.scale
    assert standard[:, :2].var(axis=0).sum() == pytest.approx(1)
    assert standard[:, 2:].var(axis=0).sum() == pytest.approx(1)
    assert projection.apply(values).shape == (400, 5)
    again = random_directions(values, [2, 10], 5, seed=1)
    assert (again.weights == projection.weights).all()
    assert not (random_directions(values, [2, 10], 5, seed=2).weights == again.weights).any()


def test_what_never_varies_has_no_weight():
    rng = np.random.default_rng(0)
    values = np.c_[rng.normal(size=(20, 2)), np.full(20, 0.1)]
    assert not random_directions(values, [3], 4, seed=0).weights[2].any()


# --- pairs


def test_controls_are_compared_with_their_own_alone():
    with_controls = [
        *(("code", "code.untrained"), ("code", "code.random"), ("voice", "voice.random"))
    ]
    assert pairs(NAMES, CompareSpec(pairs="all")) == [
        *(("code", "handcrafted"), ("voice", "handcrafted"), ("voice", "code"), *with_controls)
    ]
    first = [("code", "handcrafted"), ("voice", "handcrafted"), *with_controls]
    assert pairs(NAMES, CompareSpec()) == first
    # one that this classifier is not run on gives way to the first that it is
    assert pairs(NAMES, CompareSpec(baseline="mel")) == first
    assert pairs(NAMES, CompareSpec(baseline="code")) == [
        *(("handcrafted", "code"), ("voice", "code"), *with_controls)
    ]


def study_of(kinds, **compare):
    return parse_study(
        {
            "name": "s",
            "corpus": {"adapter": "synthetic"},
            "representations": {f"r{i}": {"kind": kind} for i, kind in enumerate(kinds)},
            "compare": compare,
        }
    )


@pytest.mark.parametrize(
    ("kinds", "baseline"),
    [
        (["mfcc", "handcrafted", "handcrafted"], "r1"),
        (["mfcc", "waveform", "fourier"], "r0"),
        (["mfcc", "handcrafted"], "r0"),  # of two the later is compared with the earlier
    ],
)
def test_the_baseline_is_handcrafted_where_there_are_more_than_two(kinds, baseline):
    spec, names = with_baseline(study_of(kinds)), [f"r{i}" for i in range(len(kinds))]
    assert spec.baseline == baseline
    assert pairs(names, spec) == [(name, baseline) for name in names if name != baseline]
    assert with_baseline(study_of(kinds, baseline="r1")).baseline == "r1"


@pytest.mark.parametrize(
    ("compare", "problem"),
    [
        ({"baseline": "r2"}, "[compare] baseline: 'r2' is not known"),
        ({"baseline": "r0", "pairs": "all"}, "[compare] baseline and pairs: both say what is"),
        ({"pairs": "al"}, "[compare] pairs"),
    ],
)
def test_what_is_wrong_with_a_baseline_is_told(compare, problem):
    with pytest.raises(SpecError, match=re.escape(problem)):
        study_of(["mfcc", "mfcc"], **compare)


# --- what learning added


def comparison_of(names, values, half, metric="uar", classifiers=("svm", "mean")):
    """Make the rows of differences of the first name from each other, at 5, 12 and 100 %."""
    rows = [
        {
            "statistic": "difference",
            "classifier": classifier,
            "representation_a": names[0],
            "representation_b": other,
            "metric": metric,
            "percentage": budget,
            "value": value,
            "low": value - half / 2,
            "high": value + half / 2,
            "low_simultaneous": value - half,
            "high_simultaneous": value + half,
            "outcome": "ahead" if value > half else "behind" if value < -half else "not resolved",
        }
        for classifier in classifiers
        for other, value in zip(names[1:], values, strict=True)
        for budget in (5.0, 12.0, 100.0)
    ]
    columns = ["p_value", "p_holm", "sentence"]
    return pd.DataFrame(rows).reindex(columns=[*rows[0], *columns])


@pytest.mark.parametrize(
    ("value", "half", "mark", "text"),
    [
        (0.034, 0.022, "ahead", "+.034 [.012, .056] over the same network untrained"),
        (-0.1, 0.05, "behind", "-.100 [-.150, -.050] over the same network untrained"),
        (0.01, 0.02, "open", "not resolved over the same network untrained: +.010 [-.010, .030]"),
        (0.0, 0.02, "open", "not resolved over the same network untrained: .000 [-.020, .020]"),
        (0.2, np.nan, "open", "not resolved over the same network untrained: +.200 [?, ?]"),
    ],
)
def test_what_learning_added_is_said_with_its_band(value, half, mark, text):
    table = comparison_of(["code", "code.untrained", "handcrafted"], [value, 0.5], half)
    (added,) = added_by_learning(table, "uar")
    text = text.replace(" [", "\N{NO-BREAK SPACE}[").replace(", ", ",\N{NO-BREAK SPACE}")
    assert (added.mark, added.finding) == (mark, text)
    assert added.where == "at 12 % of the labels (mean of the classifiers)"
    assert added.sentence == f"code: what learning added {added.where}: {text}"


def test_without_a_mean_every_classifier_is_said():
    table = comparison_of(["v", "v.random"], [0.1], 0.01, classifiers=("svm", "knn"))
    whos = [added.where for added in added_by_learning(table, "uar")]
    assert whos == [f"at 12 % of the labels ({name})" for name in ("svm", "knn")]


@pytest.mark.parametrize("metric", ["uar", "accuracy"])
def test_nothing_is_said_without_controls(metric):
    assert added_by_learning(comparison_of(["a", "b"], [0.1], 0.01), metric) == []
    assert added_by_learning(make_comparison(), metric) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "+1.000"), (-0.0004, ".000"), (-0.0006, "-.001"), (-1.25, "-1.250"), (0.5, "+.500")],
)
def test_differences_are_short(value, text):
    assert written(value) == text


# --- figures


def test_lines_of_controls_are_thin_and_of_the_colour_of_their_own():
    styles, alone = line_styles(NAMES), line_styles(without_controls(NAMES))
    assert {name: styles[name] for name in alone} == alone
    for name in set(NAMES) - set(alone):
        own = styles[controlled(name, NAMES)]
        assert styles[name]["color"] == own["color"]
        assert styles[name]["linewidth"] < own["linewidth"]
    dashes = [str(styles[name]["linestyle"]) for name in controls_of("code", NAMES)]
    assert len(set(dashes)) == len(dashes)


def test_a_learning_curve_has_no_band_for_a_control():
    scores = make_scores(("code", "code.untrained"))
    from semisup.comparison import summarise

    summary = summarise(scores).assign(low=0.1, high=0.9)
    axes = plot_learning_curve(summary, "svm")
    assert len(axes.collections) == 2  # that of `code`, and the legend's
    widths = [line.get_linewidth() for line in axes.lines]
    assert widths[0] > widths[1]


def test_the_figure_draws_a_line_for_every_control():
    names = ["code", "code.untrained", "code.random", "handcrafted"]
    table = comparison_of(names, [0.1, 0.2, 0.3], 0.01)
    assert controlled_in(table) == ["code"]
    figure = plot_learning(table, "code", "uar")
    assert len(figure.axes) == 2
    for axes in figure.axes:
        _, *lines = axes.lines
        assert [line.get_ydata()[0] for line in lines] == [0.1, 0.2]
    with pytest.raises(UnknownNameError, match="no control of 'handcrafted'; it has some of: code"):
        plot_learning(table, "handcrafted", "uar")


# --- a whole study


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A study of an encoder and of components with their controls."""
    out = tmp_path_factory.mktemp("controls")
    spec = parse_study(
        {
            "name": "controls",
            "corpus": {"adapter": "synthetic", "speakers": 8, "recordings_per_speaker": 9},
            "split": {
                "strategy": "quota",
                "per_class": {"labelled": 6, "test": 6, "unlabelled": "rest"},
            },
            "chunks": {"sample_rate": 8000, "chunk_samples": 16000},
            "representations": {
                "handcrafted": {"kind": "handcrafted"},
                "code": {"kind": "autoencoder", "architecture": "autoencoder_1", "latent_dim": 8,
                         "epochs": 1, "input_scaling": "log", "controls": True},
                "masked": {"kind": "masked_prediction", "epochs": 1, "controls": True},
                "both": {"kind": "fused", "of": ["handcrafted", "code"], "controls": True},
            },
            "curve": {"classifiers": ["knn"], "percentages": [50, 100], "draws": 2},
            "compare": {"resamples": 200},
        }
    )  # fmt: skip
    study = Study(spec, out, out)
    run_study(study)
    return study


@pytest.mark.slow
def test_controls_are_no_candidates_for_the_best_system(finished):
    systems = pd.read_csv(finished.folder / "systems.csv")
    assert set(systems["representation"]) == {"handcrafted", "code", "masked", "both"}
    caption = (finished.folder / "tables" / "systems.tex").read_text()
    assert "controls are no candidates" in caption


@pytest.mark.slow
def test_controls_are_drawn_as_all_representations_are(finished):
    scores = pd.read_csv(finished.folder / "scores.csv")
    assert list(scores["representation"].unique()) == finished.spec.compared()
    assert len(finished.spec.compared()) == 1 + 3 + 4 + 3
    sizes = scores.groupby(["percentage", "draw"])["n_recordings"].nunique()
    assert (sizes <= 2).all()  # kinds of chunks may lack a short recording
    table = pd.read_parquet(finished.folder / "features" / "code.random.parquet")
    assert table.shape[1] == 2 + 8


@pytest.mark.slow
def test_a_control_of_what_is_made_of_others_is_made_of_their_controls(finished):
    tables = finished.folder / "features"
    both = pd.read_parquet(tables / "both.untrained.parquet")
    codes = pd.read_parquet(tables / "code.untrained.parquet").drop(columns="chunk")
    means = codes.groupby("recording").mean().loc[both["recording"]]
    pooled = [f"code.untrained.{name}_mean" for name in means]
    np.testing.assert_allclose(both[pooled], means, rtol=1e-6)
    assert sum(name.startswith("handcrafted.") for name in both) == 136


@pytest.mark.slow
def test_a_result_says_what_learning_added(finished):
    learned = Result(finished).learned
    assert set(zip(learned["representation"], learned["control"], strict=True)) == {
        (name, f"{name}.{control}")
        for name, controls in {
            "code": ("untrained", "random"),
            "masked": ("untrained", "descriptors", "random"),
            "both": ("untrained", "random"),
        }.items()
        for control in controls
    }
    assert learned["sentence"].str.contains("what learning added at 50 % of the labels").all()


@pytest.mark.slow
def test_an_untrained_network_has_not_collapsed(finished):
    for name in ("code.untrained", "masked.untrained"):
        health = json.loads((finished.folder / name / "health.json").read_text())
        assert not health["collapsed"]
        assert health["verdict"].startswith("untrained, as a control: ")
        history = pd.read_csv(finished.folder / name / "history.csv")
        assert history.empty
    trained = json.loads((finished.folder / "code" / "health.json").read_text())
    assert "control" not in trained["verdict"]


@pytest.mark.slow
def test_an_untrained_network_is_what_training_begins_with(finished):
    from semisup.networks.models import SCALED, load_model

    trained, untrained = (
        load_model(finished.folder / name / "autoencoder.keras")
        for name in ("code", "code.untrained")
    )
    for constants in ("input_mean", "input_variance"):
        own, other = (getattr(model.get_layer(SCALED), constants) for model in (trained, untrained))
        assert np.array_equal(own, other)
    shape = untrained.input_shape[1:]
    fresh, _ = build_autoencoder("autoencoder_1", shape, 8, input_scaling="log", seed=0)
    weights = [model.get_weights() for model in (untrained, fresh, trained)]
    assert all(map(np.array_equal, weights[0], weights[1]))
    assert not any(map(np.array_equal, weights[0], weights[2]))


@pytest.mark.slow
def test_the_figure_is_drawn_again_from_the_tables(finished, tmp_path):
    scores = finished.folder / "scores.parquet"
    for name in (None, "masked"):
        path = plot_scores(scores, tmp_path / "x.svg", kind="learning", representation=name)
        assert path.read_text().startswith("<?xml")
    with pytest.raises(UnknownNameError, match="no control of 'handcrafted'"):
        plot_scores(scores, tmp_path / "x.svg", kind="learning", representation="handcrafted")


@pytest.mark.slow
def test_report_and_figures_say_what_learning_added(finished):
    page = (finished.folder / "report.html").read_text()
    comparison = pd.read_csv(finished.folder / "comparison.csv", low_memory=False)
    found = added_by_learning(comparison, "f1_weighted")
    assert [added.control for added in found] == [
        *("code.untrained", "code.random", "masked.untrained", "masked.descriptors"),
        *("masked.random", "both.untrained", "both.random"),
    ]
    first_screen = page[: page.index('<section id="curves"')]
    assert "What learning added: Code features" in first_screen
    for added in found:
        assert added.finding in first_screen
    question = page[page.index("<h1>") : page.index("</h1>")]
    assert "untrained" not in question
    assert {path.name for path in finished.figures.glob("learning_[bcm][oa]*")} == {
        "learning_both.png",
        "learning_code.png",
        "learning_masked.png",
    }
    assert not list(finished.figures.glob("heat_map*untrained*"))
    assert not list(finished.figures.glob("difference_*untrained*"))
