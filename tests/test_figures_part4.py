import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from semisup.errors import TableError
from semisup.figures.accuracy_history import kept_accuracy, plot_accuracy_history
from semisup.figures.interpolation import envelope, interpolate, plot_interpolation
from semisup.figures.style import COLOURS, save


class Linear:
    """Stands for a Keras model: a matrix and an offset."""

    def __init__(self, matrix: np.ndarray, offset: float = 0.0) -> None:
        self.matrix, self.offset = matrix, offset

    def predict_on_batch(self, x: np.ndarray) -> np.ndarray:
        return x @ self.matrix + self.offset


def history(epochs: int = 20, with_loss: bool = True) -> pd.DataFrame:
    rng, epoch = np.random.default_rng(0), np.arange(1, epochs + 1)
    table = pd.DataFrame(
        {
            "epoch": epoch,
            "accuracy": 1 - 0.7 * np.exp(-epoch / 5),
            "val_accuracy": 0.6 - 0.3 * np.exp(-epoch / 4) + 0.02 * rng.normal(size=epochs),
        }
    )
    return table.assign(val_loss=np.square(epoch - 7.0)) if with_loss else table


# --- accuracy


def test_the_kept_epoch_is_that_of_the_least_loss_and_not_of_the_best_accuracy():
    table = history().assign(val_accuracy=0.1)
    table.loc[[6, 19], "val_accuracy"] = [0.4, 0.9]
    assert kept_accuracy(table) == (7, 0.4)
    assert kept_accuracy(history(with_loss=False)) is None
    assert kept_accuracy(history().assign(val_loss=np.nan)) is None


def test_both_accuracies_the_kept_epoch_and_chance_are_drawn():
    table = history()
    ax = plot_accuracy_history(table, "deep_softmax", chance=0.25)
    lines = {line.get_label(): line for line in ax.get_lines()}
    np.testing.assert_array_equal(lines["Training"].get_ydata(), table["accuracy"])
    np.testing.assert_array_equal(lines["Validation"].get_ydata(), table["val_accuracy"])
    assert [to_hex(lines[n].get_color()) for n in ("Training", "Validation")] == [
        colour.lower() for colour in COLOURS[:2]
    ]
    assert set(lines["Chance (0.25)"].get_ydata()) == {0.25}
    star = next(line for label, line in lines.items() if label.startswith("Kept epoch: 7"))
    assert star.get_ydata()[0] == table.loc[6, "val_accuracy"]
    assert ax.get_ylim() == (0, 1.03)
    assert (ax.get_title(), ax.get_xlabel()) == ("Deep softmax", "Epoch")


def test_a_history_without_accuracy_is_refused():
    with pytest.raises(TableError, match="accuracy"):
        plot_accuracy_history(history().drop(columns="accuracy"))


def test_one_epoch_can_be_seen(tmp_path):
    ax = plot_accuracy_history(history(1))
    assert ax.get_lines()[0].get_marker() == "o"
    assert save(ax, tmp_path / "one.png").stat().st_size > 1000


# --- interpolation


def test_codes_go_on_a_straight_line_from_the_first_piece_to_the_second():
    rng = np.random.default_rng(0)
    encoder, decoder = Linear(rng.normal(size=(6, 2)), 0.5), Linear(rng.normal(size=(2, 6)), -1)
    first, second = rng.normal(size=(2, 6))
    table = interpolate(encoder, decoder, first, second, steps=5)
    assert table["share"].unique().tolist() == [0, 0.25, 0.5, 0.75, 1]
    values = table["value"].to_numpy().reshape(5, 6)
    assert table["number"].tolist() == [0, 1, 2, 3, 4, 5] * 5
    ends = decoder.predict_on_batch(encoder.predict_on_batch(np.stack([first, second])))
    # of linear models the restored pieces lie on a line too
    expected = [(1 - share) * ends[0] + share * ends[1] for share in np.linspace(0, 1, 5)]
    np.testing.assert_allclose(values, expected, atol=1e-5)


@pytest.mark.parametrize(("length", "steps"), [(5, 7), (6, 1)])
def test_pieces_of_two_lengths_and_one_step_are_refused(length, steps):
    one = Linear(np.eye(6))
    with pytest.raises(TableError, match=r"2 steps at least, got shapes"):
        interpolate(one, one, np.zeros(6), np.zeros(length), steps)


@given(st.integers(1, 50), st.integers(1, 12), st.integers(0, 9))
@settings(max_examples=50)
def test_an_envelope_is_the_root_mean_square_around_each_number(n, width, seed):
    values = np.random.default_rng(seed).normal(size=n)
    width = min(width, n)
    # where a window of even width has no middle, it reaches one number further back
    starts = np.arange(n) - width // 2
    windows = [values[max(0, start) : start + width] for start in starts]
    expected = [np.sqrt(np.mean(np.square(window))) for window in windows]
    np.testing.assert_allclose(envelope(values, width), expected, atol=1e-7)


def test_every_step_is_a_panel_on_one_scale(tmp_path):
    rng = np.random.default_rng(0)
    table = interpolate(Linear(np.eye(50)), Linear(np.eye(50)), *rng.normal(size=(2, 50)), steps=4)
    figure = plot_interpolation(table, 0.01, "code", ("a.wav", "b$.wav"))
    assert len(figure.axes) == 4
    words = [ax.get_ylabel() for ax in figure.axes]
    assert words == ["a.wav", "33%", "67%", r"b\$.wav"]
    assert len({ax.get_ylim() for ax in figure.axes}) == 1
    for ax, (_, values) in zip(figure.axes, table.groupby("share")["value"], strict=True):
        (line,) = ax.get_lines()
        np.testing.assert_array_equal(line.get_ydata(), values)
        outline = ax.collections[0].get_paths()[0].vertices[:, 1].max()
        assert outline == pytest.approx(envelope(values.to_numpy(), 3).max())
    assert figure.axes[-1].get_xlim() == (0, pytest.approx(0.49))
    assert save(figure, tmp_path / "it.png").stat().st_size > 1000


def test_a_table_without_shares_is_refused():
    with pytest.raises(TableError, match="share"):
        plot_interpolation(pd.DataFrame({"number": [0], "value": [0.0]}), 0.01)
