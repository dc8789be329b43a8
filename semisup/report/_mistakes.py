"""The recordings that systems take for another class: to look at and to listen to.

In: predictions, labels and, where it is there, audio. Out: the hardest test recordings, each with a
spectrogram and a short excerpt.
"""

import io
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from semisup.audio import load
from semisup.errors import BadAudioError
from semisup.report._images import Picture, data_uri, heat
from semisup.study_tables import StudyTables

Audio = Literal["embed", "link", "none"]
SHOWN = 12
EXCERPT_SECONDS = 3.0
SAMPLE_RATE = 8000
#: Bytes of all excerpts together; those that go over it are left out.
BUDGET = 2_000_000
_FRAME, _HOP, _FLOOR = 256, 96, -80.0


class Mistake(NamedTuple):
    """One recording that is often misclassified."""

    recording: str
    speaker: str
    label: str
    taken_for: str
    shares: dict[str, float]  # of wrong predictions, by representation
    spectrogram: Picture | None
    audio: str | None
    problem: str


def mistakes_table(tables: StudyTables) -> pd.DataFrame:
    """Count how often each test recording is misclassified with the largest label budget.

    Returns
    -------
    DataFrame
        Columns recording, label, taken_for (the most frequent wrong class), wrong (share over all
        systems and draws), then one column a representation with its own share. Hardest first.
    """
    everything = tables.predictions
    if everything is None or tables.labels is None:
        return pd.DataFrame()
    table = everything[everything["percentage"] == everything["percentage"].max()]
    classes = np.array(tables.classes, dtype=object)
    names = table["recording"].astype(object)
    table = pd.DataFrame(
        {
            "recording": names.to_numpy(),
            "representation": table["representation"].astype(str).to_numpy(),
            "label": names.map(tables.labels).to_numpy(),
            "predicted": classes[table["predicted"].to_numpy()],
        }
    )
    table["wrong"] = table["label"] != table["predicted"]
    shares = table.pivot_table("wrong", "recording", "representation", "mean", sort=False)
    wrong = table[table["wrong"]].groupby("recording")["predicted"]
    found = table.groupby("recording", sort=False).agg(
        label=("label", "first"), wrong=("wrong", "mean")
    )
    found["taken_for"] = wrong.agg(lambda values: values.value_counts().sort_index().idxmax())
    found = found.join(shares[tables.representations]).dropna(subset="taken_for").reset_index()
    return found.sort_values(["wrong", "recording"], ascending=[False, True], ignore_index=True)


def hardest(table: pd.DataFrame, n: int = SHOWN) -> pd.DataFrame:
    """Pick the hardest recordings, from every class as many as can be."""
    if table.empty:
        return table
    place = table.groupby("label").cumcount()
    chosen = table.assign(place=place).sort_values(["place", "wrong"], ascending=[True, False])
    return chosen.head(n).sort_index().drop(columns="place")


def describe_mistakes(tables: StudyTables, audio: Audio = "embed") -> list[Mistake]:
    """Gather the hardest recordings with their pictures and sounds."""
    chosen = hardest(mistakes_table(tables))
    if chosen.empty or tables.manifest is None:
        return []
    manifest = tables.manifest.set_index("recording")
    found, spent = [], 0
    for row in chosen.to_dict("records"):
        entry = manifest.loc[row["recording"]]
        signal, problem = _hear(entry)
        sound = _sound(signal, entry, audio) if signal is not None else None
        spent += len(sound or "")
        found.append(
            Mistake(
                row["recording"],
                str(entry["speaker"]),
                row["label"],
                row["taken_for"],
                {name: float(row[name]) for name in tables.representations},
                None if signal is None else heat(spectrogram(signal)),
                sound if spent <= BUDGET else None,
                problem,
            )
        )
    return found


def spectrogram(signal: np.ndarray) -> np.ndarray:
    """Turn a signal into a picture: low frequencies below, 0 at -80 dB of the loudest, 1 at it.

    Returns
    -------
    ndarray of shape (128, frames)
    """
    padded = np.pad(signal, (0, max(0, _FRAME - len(signal))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP]
    magnitudes = np.abs(np.fft.rfft(frames * np.hanning(_FRAME), axis=1))[:, 1:]
    levels = 20 * np.log10(np.maximum(magnitudes / max(magnitudes.max(), 1e-12), 1e-12))
    return 1 - np.maximum(levels, _FLOOR).T[::-1] / _FLOOR


def link(path: Path, start: float, end: float) -> str:
    """Return the address of a recording as a file of this machine.

    Parameters
    ----------
    path : Path
    start, end : float
        Of the excerpt in seconds, NaN for the whole file; players keep to it (W3C media fragments).

    Examples
    --------
    >>> link(Path("/corpus/a b.wav"), 1.5, float("nan"))
    'file:///corpus/a%20b.wav#t=1.5'
    """
    times = [f"{time:.10g}" if np.isfinite(time) else "" for time in (start, end)]
    fragment = "#t=" + ",".join(times).rstrip(",") if any(times) else ""
    return path.absolute().as_uri() + fragment


def _hear(entry: pd.Series) -> tuple[np.ndarray | None, str]:
    if not np.isfinite(entry["seconds"]):
        return None, ""
    start, end = (entry.get(name, np.nan) for name in ("start", "end"))
    try:
        signal, _ = load(
            entry["path"],
            SAMPLE_RATE,
            start if np.isfinite(start) else 0.0,
            end if np.isfinite(end) else None,
        )
    except BadAudioError:
        return None, "The recording is no longer where the study found it."
    return signal[: round(EXCERPT_SECONDS * SAMPLE_RATE)], ""


def _sound(signal: np.ndarray, entry: pd.Series, audio: Audio) -> str | None:
    import soundfile

    if audio == "none":
        return None
    if audio == "link":
        return link(Path(entry["path"]), entry.get("start", np.nan), entry.get("end", np.nan))
    buffer = io.BytesIO()
    # FLAC, not Ogg: its bytes depend on the signal alone.
    soundfile.write(buffer, np.clip(signal, -1, 1), SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return data_uri("audio/flac", buffer.getvalue())
