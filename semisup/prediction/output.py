"""What a person gets of predictions: a table to read, `predictions.csv` and `.json`, figures."""

from pathlib import Path
from typing import Any

from semisup.engine.artefacts import write_json, write_table
from semisup.engine.progress import say
from semisup.prediction.system import PLACES, Predictions, Verdicts
from semisup.recordings.pictures import is_picture


def text(predictions: Predictions) -> str:
    """Lay out file, verdict by mean and verdict by maximum in columns."""
    rows = [("file", "by mean", "by maximum")]
    rows += [(file, *_words(found)) for file, found in predictions.verdicts().items()]
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
                "windows": _windows(predictions, part),
            }
            for file, part in predictions.files().items()
        ],
        "failed": predictions.failed,
    }


def write(predictions: Predictions, folder: Path) -> list[Path]:
    """Write `predictions.csv`, `predictions.json` and ``<name>.png`` of every file of sound.

    Returns
    -------
    list of Path
        What was written. Files of one name get numbers behind it.
    """
    from semisup.figures.prediction import mel_picture, plot_prediction
    from semisup.figures.style import save

    written = [
        write_table(folder / "predictions.csv", predictions.windows),
        write_json(folder / "predictions.json", as_json(predictions)),
    ]
    files, verdicts = predictions.files(), predictions.verdicts()
    # a picture has one window and no time to draw it over
    files = {file: part for file, part in files.items() if not is_picture(file)}
    for (file, part), name in zip(files.items(), _names(list(files)), strict=True):
        by_mean, by_maximum = _words(verdicts[file])
        title = f"{Path(file).name}: {by_mean} by mean, {by_maximum} by maximum"
        picture, windows = mel_picture(Path(file)), part.iloc[:, PLACES.index("start") :]
        figure = plot_prediction(
            picture, windows, f"{title}\n{predictions.system}", _y(predictions)
        )
        written.append(save(figure, folder / f"{name}.png"))
    say(f"figures and tables: {folder}")
    return written


def _words(found: Verdicts) -> tuple[str, str]:
    return (
        f"{found.mean} ({found.mean_probability:.2f})",
        f"{found.maximum} ({found.maximum_probability:.2f})",
    )


def _plain(found: Verdicts) -> dict[str, Any]:
    return {
        "mean": {"class": found.mean, "probability": found.mean_probability},
        "maximum": {"class": found.maximum, "probability": found.maximum_probability},
    }


def _windows(predictions: Predictions, part: Any) -> list[dict[str, Any]]:
    return [
        {
            "window": int(window),
            "start": float(start),
            "end": float(end),
            "probabilities": dict(zip(predictions.classes, map(float, values), strict=True)),
        }
        for _, window, start, end, *values in part.itertuples(index=False, name=None)
    ]


def _y(predictions: Predictions) -> str:
    return "Votes" if predictions.votes else "Probability"


def _names(files: list[str]) -> list[str]:
    """Return a file name without suffix for each file, no two the same."""
    names: list[str] = []
    for file in files:
        stem = name = Path(file).stem
        number = 2
        while name.casefold() in map(str.casefold, names):
            name, number = f"{stem}_{number}", number + 1
        names.append(name)
    return names
