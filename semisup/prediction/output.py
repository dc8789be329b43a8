"""Output of predictions: a table to read, `predictions.csv` and `.json`, figures."""

from pathlib import Path
from typing import Any

import pandas as pd

from semisup.engine.artefacts import write_json, write_table
from semisup.engine.lock import locked
from semisup.engine.progress import say
from semisup.prediction.system import PLACES, Predictions, Verdicts
from semisup.recordings.pictures import is_picture
from semisup.recordings.twins import visible
from semisup.study.paths import with_home


def text(predictions: Predictions) -> str:
    """Lay out file, verdict by mean and verdict by maximum in columns."""
    rows = [("file", "by mean", "by maximum")]
    for file, verdict in predictions.verdicts().items():
        # a name may have a line end in it
        name, by_mean, by_maximum = (visible([cell])[0] for cell in (file, *_words(verdict)))
        rows.append((name, by_mean, by_maximum))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def as_json(predictions: Predictions) -> dict[str, Any]:
    """Return everything as plain data: study, system, classes, files with windows, failed files."""
    verdicts = predictions.verdicts()
    return {
        "study": predictions.study,
        "system": predictions.system,
        "classes": predictions.classes,
        "votes": predictions.votes,
        "files": [
            {
                "file": file,
                "verdict": _plain(verdicts[file]),
                "windows": _windows(predictions, windows),
            }
            for file, windows in predictions.files().items()
        ],
        "failed": predictions.failed,
    }


def write(predictions: Predictions, folder: Path) -> list[Path]:
    """Write `predictions.csv`, `predictions.json` and ``<name>.png`` of every file of sound.

    The folder is locked meanwhile: of two that write into it at once the second waits.

    Returns
    -------
    list of Path
        What was written. Files of one name get numbers after it.
    """
    folder = with_home(folder)
    with locked(folder):
        written = [
            write_table(folder / "predictions.csv", predictions.windows),
            write_json(folder / "predictions.json", as_json(predictions)),
            *_write_figures(predictions, folder),
        ]
    say(f"figures and tables: {folder}")
    return written


def _write_figures(predictions: Predictions, folder: Path) -> list[Path]:
    from semisup.figures.prediction import mel_picture, plot_prediction
    from semisup.figures.style import save, shortened

    written = []
    files, verdicts = predictions.files(), predictions.verdicts()
    # a picture has one window and no time to draw it over
    files = {file: windows for file, windows in files.items() if not is_picture(file)}
    for (file, windows), name in zip(files.items(), _names(list(files)), strict=True):
        by_mean, by_maximum = (shortened(words, 32) for words in _words(verdicts[file]))
        title = f"{shortened(Path(file).name, 40)}: {by_mean} by mean, {by_maximum} by maximum"
        figure = plot_prediction(
            mel_picture(Path(file)),
            windows.iloc[:, PLACES.index("start") :],
            f"{title}\n{predictions.system}",
            "Votes" if predictions.votes else "Probability",
        )
        written.append(save(figure, folder / f"{name}.png"))
    return written


def _words(verdict: Verdicts) -> tuple[str, str]:
    return (
        f"{verdict.mean} ({verdict.mean_probability:.2f})",
        f"{verdict.maximum} ({verdict.maximum_probability:.2f})",
    )


def _plain(verdict: Verdicts) -> dict[str, Any]:
    return {
        "mean": {"class": verdict.mean, "probability": verdict.mean_probability},
        "maximum": {"class": verdict.maximum, "probability": verdict.maximum_probability},
    }


def _windows(predictions: Predictions, windows: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "window": int(window),
            "start": float(start),
            "end": float(end),
            "probabilities": dict(zip(predictions.classes, map(float, values), strict=True)),
        }
        for _, window, start, end, *values in windows.itertuples(index=False, name=None)
    ]


def _names(files: list[str]) -> list[str]:
    """Return a file name without suffix for each file, no two the same."""
    names: list[str] = []
    for file in files:
        stem = name = Path(file).stem
        number = 2
        # some file systems do not tell A.png from a.png
        while name.casefold() in map(str.casefold, names):
            name, number = f"{stem}_{number}", number + 1
        names.append(name)
    return names
