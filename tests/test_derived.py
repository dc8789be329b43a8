"""Representations made of others, in the study file and as tables."""

import numpy as np
import pandas as pd
import pytest

from semisup.errors import SpecError
from semisup.reading.file import parse_study
from semisup.representations._derived import pooled, side_by_side

CORPUS = {"adapter": "synthetic"}
CODE = {"kind": "autoencoder"}


def chunks() -> pd.DataFrame:
    return pd.DataFrame(
        {"recording": ["b", "b", "a"], "chunk": [0, 1, 0], "x": [1.0, 3.0, 5.0], "y": [0.0, 4, 1]}
    )


def study(given: dict, **curve):
    document = {"name": "s", "corpus": CORPUS, "representations": given, "curve": curve}
    return parse_study(document)


def test_chunks_are_averaged_in_the_order_of_the_table():
    found = pooled(chunks(), deviation=False)
    assert found["recording"].tolist() == ["b", "a"]
    assert found["chunk"].tolist() == [-1, -1]
    assert found[["x", "y"]].to_numpy().tolist() == [[2, 2], [5, 1]]


def test_deviations_stand_beside_the_means_and_are_zero_for_one_chunk():
    found = pooled(chunks(), deviation=True).set_index("recording")
    assert found.loc["b", ["x_mean", "y_mean", "x_std", "y_std"]].tolist() == [2, 2, 1, 2]
    assert found.loc["a", ["x_std", "y_std"]].tolist() == [0, 0]


def test_a_table_of_recordings_is_not_pooled():
    table = pd.DataFrame({"recording": ["a"], "chunk": [-1], "x": [1.0]})
    assert pooled(table, deviation=True) is table


def test_tables_are_joined_on_the_recording():
    left = pd.DataFrame({"recording": ["a", "b"], "chunk": -1, "x": [1.0, 2.0]})
    right = pd.DataFrame({"recording": ["b", "c"], "chunk": -1, "x": [3.0, 4.0]})
    found = side_by_side({"left": left, "right": right})
    assert found.to_dict("records") == [
        {"recording": "b", "chunk": -1, "left.x": 2.0, "right.x": 3.0}
    ]


def test_a_plus_names_a_fused_representation():
    spec = study(
        {"h": {"kind": "handcrafted"}, "c": CODE}, representations=["h", "h+c"]
    ).representations["h+c"]
    assert (spec.kind, spec.of) == ("fused", ["h", "c"])


def test_a_colon_names_the_module_of_an_embedding():
    spec = study({"e": {"kind": "hear:some.module", "weights": "w.pt"}}).representations["e"]
    assert (spec.kind, spec.module, spec.weights) == ("hear", "some.module", "w.pt")


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"p": {"kind": "pooled", "of": "cod"}}, "'cod' is not known"),
        ({"p": {"kind": "pooled", "of": "p"}}, "made of itself"),
        (
            {"p": {"kind": "pooled", "of": "q"}, "q": {"kind": "fused", "of": ["p", "c"]}},
            "made of itself",
        ),
        ({"f": {"kind": "fused", "of": ["c", "c"]}}, "twice"),
        ({"f": {"kind": "fused", "of": ["c", "d"]}, "d": {"kind": "deep_softmax"}}, "every cell"),
    ],
)
def test_parents_that_cannot_be_are_told_before_the_run(extra, message):
    with pytest.raises(SpecError, match=message):
        study({"c": CODE, **extra})


def test_fused_columns_are_finite_and_as_many_as_both():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(6, 3)), columns=list("xyz"))
    table.insert(0, "chunk", [0, 1, 2, 0, 1, 2])
    table.insert(0, "recording", list("aaabbb"))
    found = side_by_side({"one": pooled(table, True), "two": pooled(table, False)})
    assert found.shape == (2, 2 + 6 + 3)
    assert np.isfinite(found.iloc[:, 2:].to_numpy()).all()
