import pandas as pd
import pytest

from semisup.errors import TableError
from semisup.figures.systems import plot_systems, systems_table


def summary() -> pd.DataFrame:
    rows = [
        (name, classifier, budget, "uar", mean, mean - 0.1, mean + 0.1, 3)
        for classifier, shift in (("svm", 0.0), ("knn", 0.05))
        for name, mean in (("code", 0.5 + shift), ("handcrafted", 0.4 + shift))
        for budget in (50.0, 100.0)
    ]
    columns = [
        "representation",
        "classifier",
        "percentage",
        "metric",
        "mean",
        "low",
        "high",
        "draws",
    ]
    return pd.DataFrame(rows, columns=columns).assign(n_recordings=10, n_rows=10)


def test_systems_stand_by_classifier_the_best_last():
    table = systems_table(summary(), "uar", 100)
    assert table["classifier"].tolist() == ["svm", "svm", "knn", "knn"]
    assert table["representation"].tolist() == ["handcrafted", "code"] * 2


def test_every_system_has_its_interval_mean_and_name():
    figure = plot_systems(summary(), "uar", chance=1 / 3, notes={"code": "collapsed"})
    svm, knn = figure.axes
    bars = [line.get_xdata() for line in knn.lines if len(line.get_xdata()) == 2][:2]
    assert [list(bar) for bar in bars] == [
        pytest.approx([0.35, 0.55]),
        pytest.approx([0.45, 0.65]),
    ]
    names = [label.get_text() for label in svm.get_yticklabels()]
    assert names == ["Hand-crafted features", "Code features, collapsed"]
    assert figure.get_suptitle() == "100 % of the labels"


def test_a_budget_that_is_not_there_is_told():
    with pytest.raises(TableError, match="no uar at 10 %"):
        systems_table(summary(), "uar", 10)
