"""`predictions.parquet`: some of it is read as all of it would be, less the rest."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from semisup.curve.class_names import class_names
from semisup.curve.predictions_file import read_predictions, write_predictions

SYSTEMS = [*product(("code", "handcrafted"), ("knn", "svm"))]


def table(representation: str, classifier: str, draw: int) -> pd.DataFrame:
    rng = np.random.default_rng(draw)
    rows = product((2.5, 50.0, 100.0), ("r1", "r2", "ünïcode"))
    return pd.DataFrame(rows, columns=["percentage", "recording"]).assign(
        representation=representation,
        classifier=classifier,
        draw=draw,
        chunk=-1,
        predicted=rng.integers(0, 2, 9),
        probability=np.float32(0.5),
    )


@pytest.fixture(scope="module", params=["a piece a task", "one piece"])
def path(request, tmp_path_factory):
    tables = [table(*names, draw) for names in SYSTEMS for draw in range(2)]
    if request.param == "one piece":
        tables = [pd.concat(tables)]
    path = tmp_path_factory.mktemp("predictions") / "predictions.parquet"
    write_predictions(path, tables, ["no", "yes"])
    return path


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"percentage": [50.0]},
        {"percentage": [2.5, 100.0]},
        {"representation": ["code"], "classifier": ["svm"]},
        {"representation": ["code"], "percentage": [3.0]},
        {"classifier": ["none such"]},
        {"draw": [1]},
    ],
)
def test_what_is_wanted_is_read_as_of_the_whole_table(path, wanted):
    whole = pd.read_parquet(path)
    for name, values in wanted.items():
        whole = whole[whole[name].isin(values)]
    some = read_predictions(path, wanted)
    text = ["representation", "classifier", "recording"]
    pd.testing.assert_frame_equal(
        some.astype(dict.fromkeys(text, str)),
        whole.reset_index(drop=True).astype(dict.fromkeys(text, str)),
    )


def test_columns_are_chosen_whatever_rows_are_chosen_by(path):
    some = read_predictions(path, {"classifier": ["knn"]}, ["draw", "predicted"])
    assert list(some) == ["draw", "predicted"]
    assert len(some) == 2 * 2 * 9


def test_the_names_of_classes_stay_with_the_file(path):
    assert class_names(path) == ["no", "yes"]
