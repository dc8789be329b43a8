"""Parameters of classifiers, refused before any feature is made: names, values, values together."""

import pytest

from semisup.classifiers import classifier, wrong_parameters
from semisup.curve.trial import Size, tried
from semisup.errors import SpecError
from semisup.reading import read_study
from semisup.stages import runner
from semisup.stages.gates.classifiers import parameter_problems
from semisup.study.spec import ClassifierSpec

SIZE = Size((4, 4, 4), 5)
LDA = "sklearn.discriminant_analysis:LinearDiscriminantAnalysis"

WRONG = [
    # names
    ("svm", {"class_wieght": "balanced"}, "class_wieght is .*did you mean 'class_weight'"),
    ("cnn_2d", {"blokcs": 2}, "blokcs is not one of its .*did you mean 'blocks'"),
    (LDA, {"solvr": "svd"}, "solvr is not one of its .*did you mean 'solver'"),
    ("argmax", {"a": 1}, "a is not one of its parameters; it has none"),
    # values, in the words of the file
    ("svm", {"kernel": "rfb"}, "kernel = 'rfb': it must be .*; did you mean 'rbf'"),
    ("svm", {"C": -1}, r"C = -1: it must be a number in the range \(0.0, inf\]$"),
    ("svm", {"shrinking": "yes"}, "shrinking = 'yes': it must be true or false$"),
    ("random_forest", {"n_estimators": "many"}, r"it must be a whole number in the range \[1, inf"),
    ("tree", {"max_depth": 2.5}, r"max_depth = 2.5: it must be a whole number in the range"),
    ("knn", {"n_neighbors": "x"}, "n_neighbors = 'x': it must be a whole number"),
    ("adaboost", {"learning_rate": -1.0}, "it must be a number in the range"),
    ("label_spreading", {"alpha": 2.0}, r"it must be a number in the range \(0.0, 1.0\)$"),
    ("two_layer_network", {"activation": "relu6"}, "did you mean 'relu'"),
    ("self_training_tree", {"share": "x"}, "share = 'x': it must be a number above 0"),
    ("self_training_svm", {"rounds": -1}, "rounds = -1: it must be a whole number"),
    ("self_training_svm", {"base": "svm"}, "the name of the kind says which"),
    ("pseudo_label_random_forest", {"threshold": 75}, "threshold = 75: it must be a probability"),
    ("pseudo_label_random_forest", {"share": 0.1}, "share is not one of its parameters"),
    ("label_propagation", {"n_neighbors": 0}, r"it must be a whole number in the range \(0, inf"),
    ("cnn_1d", {"epochs": "many"}, "epochs = 'many': it must be a whole number$"),
    ("cnn_2d", {"dropout": 1.0}, "dropout = 1.0: it must be at least 0 and below 1$"),
    ("lstm_network", {"pooling": "max"}, "it must be one of mean, last; known are: last, mean"),
    ("encoder_classifier", {"batch_size": True}, "batch_size = true: it must be a whole number"),
    ("vgg16", {"head": "bset"}, "head = 'bset': it must be .*did you mean 'best'"),
    ("vgg16", {"learning_rate": 0}, "learning_rate = 0: it must be above 0$"),
    (LDA, {"solver": "svdd"}, "did you mean 'svd'"),
]
#: Right one by one, but not together, or for no table at all.
TOGETHER = [
    ("svm", {"kernel": "precomputed"}, "must be a square matrix"),
    ("logistic_regression", {"penalty": "l1"}, "supports only 'l2' or None"),
    ("random_forest", {"bootstrap": False, "oob_score": True}, "only available if bootstrap"),
    ("self_training_svm", {"base__C": -2}, "base__C = -2: it must be a number in the range"),
    (LDA, {"solver": "svd", "shrinkage": 0.5}, "shrinkage not supported"),
]
RIGHT = [
    ("svm", {"kernel": "poly", "C": 3.5, "class_weight": "balanced", "gamma": "scale"}),
    ("logistic_regression", {"penalty": "l1", "solver": "saga"}),
    ("random_forest", {"n_estimators": 3, "max_features": "sqrt", "max_depth": 2}),
    ("self_training_knn", {"share": 0.5, "rounds": 0}),
    ("label_spreading", {"alpha": 0.3, "n_neighbors": 100}),
    ("label_propagation", {"kernel": "rbf", "gamma": 0.01}),
    ("pseudo_label_logistic_regression", {"threshold": 0.95, "rounds": 1, "base__C": 0.1}),
    (LDA, {"solver": "lsqr", "shrinkage": 0.5}),
    ("cnn_2d", {"epochs": 0, "dropout": 0, "spec_augment": 1, "schedule": "cosine"}),
    ("vgg16", {"weights": "random", "learning_rate": 1, "fine_tuning_epochs": 0}),
]


@pytest.mark.parametrize(("kind", "parameters", "sentence"), WRONG)
def test_a_wrong_name_or_value_is_one_sentence(kind, parameters, sentence):
    problems = wrong_parameters(ClassifierSpec(kind=kind, parameters=parameters))
    assert len(problems) == 1
    with pytest.raises(ValueError, match=sentence):
        raise ValueError(problems[0])


@pytest.mark.parametrize(("kind", "parameters", "sentence"), TOGETHER)
def test_values_that_do_not_go_together_are_found_by_a_fit(kind, parameters, sentence):
    spec = ClassifierSpec(kind=kind, parameters=parameters)
    assert wrong_parameters(spec) == []
    with pytest.raises(ValueError, match=sentence):
        raise ValueError(tried(spec, SIZE))


@pytest.mark.parametrize(("kind", "parameters"), RIGHT)
def test_nothing_is_said_of_what_is_right(kind, parameters):
    spec = ClassifierSpec(kind=kind, parameters=parameters)
    assert wrong_parameters(spec) == []
    assert classifier(kind).network or tried(spec, SIZE) == ""


def test_all_that_is_wrong_is_said_at_once():
    wrong = ClassifierSpec(kind="svm", parameters={"C": -1, "kernle": "rbf", "gamma": "x"})
    good = ClassifierSpec(kind="tree", parameters={"max_depth": 3})
    problems = parameter_problems(
        {"mine": wrong, "fine": good, "plain": ClassifierSpec(kind="svm")}
    )
    assert [problem.split()[:2] for problem in problems] == [
        ["[classifiers.mine]", "kernle"],
        ["[classifiers.mine]", "C"],
        ["[classifiers.mine]", "gamma"],
    ]


def test_a_run_finds_a_misspelt_parameter_before_any_feature(tiny_study, tmp_path):
    table = "classifiers.svm={kind='svm', parameters={class_wieght='balanced'}}"
    study = read_study(tiny_study, tmp_path, [table])
    with pytest.raises(SpecError, match=r"\[classifiers.svm\] class_wieght .*'class_weight'"):
        runner.run_study(study)
    assert not (study.folder / "features").exists()
    # a run that ends before the curve does not ask
    assert runner.run_study(study, until="split").split.size


def test_a_run_with_nothing_to_do_does_not_try_classifiers(tiny_study, tiny_run, monkeypatch):
    def refuse(classifiers):
        raise AssertionError

    monkeypatch.setattr(runner, "check_parameters", refuse)
    runner.run_study(read_study(tiny_study, tiny_run.parent))
