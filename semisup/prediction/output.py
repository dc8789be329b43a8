"""Output of predictions: a table to read, and a folder of tables, JSON and figures."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from semisup.engine.artefacts import write_json, write_table
from semisup.engine.failures import writing
from semisup.engine.lock import locked
from semisup.engine.progress import Amount, say, track
from semisup.errors import OutputError
from semisup.prediction.verdicts import PLACES, Predictions, Verdicts
from semisup.recordings.pictures import is_picture
from semisup.recordings.twins import visible
from semisup.study.paths import with_home

#: What says that a folder is one of predictions.
INDEX = "predictions.json"
#: Columns of a verdict in `files.csv`.
COLUMNS = ("by_mean", "probability", "by_maximum", "maximum_probability")
#: Files that are drawn unless more are asked for: a figure takes longer than a prediction.
FIGURES = 20


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
    """Return everything as plain data: system, classes, files with windows, failed files."""
    verdicts = predictions.verdicts()
    return {
        "study": predictions.study,
        "system": predictions.system,
        "about": None if predictions.about is None else predictions.about.model_dump(mode="json"),
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


def files_table(predictions: Predictions) -> pd.DataFrame:
    """Return a row a file: its verdicts, or in the column reason why there are none."""
    judged = [(file, *verdict, "") for file, verdict in predictions.verdicts().items()]
    failed = [(file, "", np.nan, "", np.nan, why) for file, why in predictions.failed.items()]
    return pd.DataFrame([*judged, *failed], columns=["file", *COLUMNS, "reason"])


def write(predictions: Predictions, folder: Path, figures: int = FIGURES) -> list[Path]:
    """Write `files.csv`, `predictions.csv`, `predictions.json`, ``<name>.png`` of files of sound.

    The folder is locked meanwhile: of two that write into it at once the second waits.

    Parameters
    ----------
    predictions : Predictions
    folder : Path
        Empty, or of earlier predictions, which go.
    figures : int
        Of the first so many files.

    Returns
    -------
    list of Path
        What was written. Files of one name get numbers after it.
    """
    folder = with_home(folder)
    with locked(folder):
        _clear(folder)
        drawn = _write_figures(predictions, folder, figures)
        content = as_json(predictions) | {"figures": [path.name for path in drawn]}
        written = [
            write_table(folder / "files.csv", files_table(predictions)),
            write_table(folder / "predictions.csv", predictions.windows),
            write_json(folder / INDEX, content),
            *drawn,
        ]
    say(f"figures and tables: {folder}")
    return written


def check_output(folder: Path) -> None:
    """Raise where a folder holds anything but earlier predictions, before anything is predicted.

    Raises
    ------
    OutputError
        If there is a file of that name, or a folder with something else in it.
    """
    folder = with_home(folder)
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is a file; --output is a folder to write")
    # hidden files, such as the lock of another run, are nobody's work
    others = [path.name for path in folder.glob("[!.]*")] if folder.exists() else []
    if others and _earlier(folder) is None:
        raise OutputError(
            f"{folder} has {others[0]} in it and no earlier predictions, so that nothing is "
            "written there; --output is a new folder, an empty one, or one of earlier predictions"
        )


def next_folder(parent: Path) -> Path:
    """Make and return the folder of the next call: parent/1, parent/2, ..."""
    with writing(parent):
        parent.mkdir(parents=True, exist_ok=True)
        numbers = [int(path.name) for path in parent.iterdir() if path.name.isdecimal()]
        for number in count(max(numbers, default=0) + 1):
            try:
                (parent / str(number)).mkdir()
                break
            except FileExistsError:  # another call has just taken it
                continue
    return parent / str(number)


def _earlier(folder: Path) -> list[str] | None:
    """Return the figures of earlier predictions in a folder, None if there are none."""
    try:
        content = json.loads((folder / INDEX).read_bytes())
        # those of former versions name no figures
        return [str(name) for name in content.get("figures", [])] if "votes" in content else None
    except (OSError, ValueError, AttributeError, TypeError):
        return None


def _clear(folder: Path) -> None:
    """Remove the figures of earlier predictions: the tables are replaced."""
    for name in _earlier(folder) or []:
        if Path(name).name == name and Path(name).suffix == ".png":
            (folder / name).unlink(missing_ok=True)


def _write_figures(predictions: Predictions, folder: Path, most: int) -> list[Path]:
    from semisup.figures.prediction import mel_picture, plot_prediction
    from semisup.figures.style import save, shortened

    written = []
    files, verdicts = predictions.files(), predictions.verdicts()
    # a picture has one window and no time to draw it over
    sounds = [file for file in files if not is_picture(file)]
    if 0 < most < len(sounds):
        say(f"figures of the first {most} of {len(sounds):,} files; --figures draws more")
    names = _names(sounds[:most])
    for file, name in track(names.items(), Amount("draw", "figures", len(names))):
        by_mean, by_maximum = (shortened(words, 32) for words in _words(verdicts[file]))
        title = f"{shortened(Path(file).name, 40)}: {by_mean} by mean, {by_maximum} by maximum"
        figure = plot_prediction(
            mel_picture(Path(file)),
            files[file].iloc[:, PLACES.index("start") :],
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


def _names(files: list[str]) -> dict[str, str]:
    """Return a file name without suffix for each file, no two the same."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for file in files:
        stem = name = Path(file).stem
        number = 2
        # some file systems do not tell A.png from a.png
        while name.casefold() in taken:
            name, number = f"{stem}_{number}", number + 1
        taken.add(name.casefold())
        names[file] = name
    return names
