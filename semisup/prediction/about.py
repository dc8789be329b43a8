"""What a person should know of a system before its predictions are believed: words and scores."""

import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pandas as pd

from semisup.corpora import adapter
from semisup.figures.panel import name_of
from semisup.figures.study_tables import StudyTables
from semisup.figures.style import words
from semisup.stages.resolved import ResolvedStudy
from semisup.study.table import Table

#: Libraries whose versions predictions depend on.
LIBRARIES = (
    *("semisup", "scikit-learn", "keras", "tensorflow", "numpy", "scipy", "skops"),
    *("soundfile", "soxr", "pyAudioAnalysis"),
)
#: The metric that is told of every system, beside the study's own.
SHARED = "uar"


class Score(Table):
    """A mean over the draws with its 95 % interval, None where there is none."""

    mean: float
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, mean: float, low: float, high: float) -> "Score":
        """Return a score whose bounds are NaN where there are none."""
        return cls(mean=mean, low=_known(low), high=_known(high))

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return _short(self.mean)
        return f"{_short(self.mean)} [{_short(self.low)}, {_short(self.high)}]"


class Terms(Table):
    """A corpus that a system learned from: which, how to cite it, and its licence."""

    name: str
    citation: str
    licence: str


class About(Table):
    """A system in words and numbers.

    Parameters
    ----------
    study, system, title : str
        The study's name, ``classifier@representation``, and what that is in words.
    metric : str
        The study's own.
    scores : dict of str to Score
        By metric: unweighted average recall and the study's own, at the largest label budget.
    level : float
        Of the intervals' coverage.
    chance : float
        Unweighted average recall of whoever guesses.
    labelled, speakers : int
        Recordings that it learned from, and who is heard in them; 0 where nobody knows.
    tested, tested_speakers : int
        Those that it was scored on.
    folds : int
        Of the study, each of which scored a system of its own: this one is the first's. 0 without.
    compared : int
        Systems of the study.
    population : str
        What the intervals are about, a sentence.
    corpora : tuple of Terms
    versions : dict of str to str
        By library, those that it was fitted with.
    """

    study: str
    system: str
    title: str
    metric: str
    scores: dict[str, Score]
    level: float
    chance: float
    labelled: int
    speakers: int
    tested: int
    tested_speakers: int
    folds: int
    compared: int
    population: str
    corpora: tuple[Terms, ...]
    versions: dict[str, str]

    def named_scores(self) -> list[tuple[str, Score]]:
        """Return the scores by metric, the one that all studies share first."""
        names = dict.fromkeys((SHARED, self.metric))
        return [(name, self.scores[name]) for name in names if name in self.scores]

    def head(self) -> list[str]:
        """Say what the system is, in lines for a terminal."""
        of_fold = f", the first of {self.folds} folds" if self.folds else ""
        known = ", ".join(f"{name} {score}" for name, score in self.named_scores())
        return [
            f"{self.system} of the study '{self.study}': {self.title}",
            f"expected on recordings like its test: {known} ({100 * self.level:g} %; "
            f"by chance {SHARED} {_short(self.chance)})",
            f"learned from {counted(self.labelled, self.speakers)}{of_fold}; scored on "
            f"{counted(self.tested, self.tested_speakers)}",
        ]


def about(study: ResolvedStudy, system: str) -> About:
    """Gather what is known of a system of a study."""
    classifier, representation = system.split("@", 1)
    tables, metric, learner = StudyTables(study.folder), study.spec.plot.metric, study.first
    of_system = tables.summary[
        (tables.summary["classifier"] == classifier)
        & (tables.summary["representation"] == representation)
    ]
    of_system = of_system[of_system["percentage"] == of_system["percentage"].max()]
    labelled, tested = _subset(learner, "labelled"), _subset(study, "test")
    named = tables.summary[["classifier", "representation"]].drop_duplicates()
    return About(
        study=study.spec.name,
        system=system,
        title=f"{name_of(classifier)} on {words(representation)}",
        metric=metric,
        scores={
            row["metric"]: Score.of(row["mean"], row["low"], row["high"])
            for name in dict.fromkeys((SHARED, metric))
            for _, row in of_system[of_system["metric"] == name].iterrows()
        },
        level=study.spec.compare.level,
        chance=1 / labelled["label"].nunique(),
        labelled=len(labelled),
        speakers=_speakers(labelled),
        tested=len(tested),
        tested_speakers=_speakers(tested),
        folds=len(study.repeats),
        compared=len(named),
        population=tables.population,
        corpora=tuple(_terms(table.adapter, table.name) for table in study.spec.corpus),
        versions=versions(),
    )


def versions() -> dict[str, str]:
    """Return the versions that are installed here."""
    there = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            there[library] = version(library)
        except PackageNotFoundError:  # pyAudioAnalysis, TensorFlow: not every system needs them
            continue
    return there


def other_versions(fitted_with: dict[str, str]) -> list[str]:
    """Say which libraries are here in another version than a system was fitted with, or not."""
    here = versions()
    return [
        f"{library} {number}, here {here.get(library, 'none')}"
        for library, number in fitted_with.items()
        if here.get(library) != number
    ]


def _subset(study: ResolvedStudy, subset: str) -> pd.DataFrame:
    rows = study.manifest.set_index("recording")
    return rows.loc[study.split.index[study.split == subset]]


def _speakers(recordings: pd.DataFrame) -> int:
    names: Iterable[str] = recordings["speaker"].fillna("").unique()
    return len([name for name in names if name])


def _terms(name: str, own_name: str | None) -> Terms:
    corpus = adapter(name)
    # an adapter of the user's is named by its file, whose folder is nobody else's business
    return Terms(name=own_name or Path(name).name, citation=corpus.citation, licence=corpus.licence)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def counted(recordings: int, speakers: int) -> str:
    """Write how many recordings there are, and of how many speakers where these are known."""
    of = f" of {speakers} speaker{'s' * (speakers != 1)}" if speakers else ""
    return f"{recordings:,} recording{'s' * (recordings != 1)}{of}"


def _short(value: float) -> str:
    """Write a score in [0, 1] with two digits and no leading zero."""
    return f"{value:.2f}".removeprefix("0")
