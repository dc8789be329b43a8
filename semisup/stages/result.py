"""A study in one call, for scripts and notebooks, and its result: tables, verdict, figures."""

import os
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from semisup.comparison.added import Added, added_by_learning
from semisup.engine.parallel import Workers
from semisup.errors import TableError
from semisup.figures.catalogue import draw_scores, plot_scores
from semisup.reading import read_study
from semisup.stages.runner import run_study, tune_study
from semisup.study.study import Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Label budgets in percent that a notebook shows: the nearest of the study's.
SHOWN = (2, 20, 100)


class Result(os.PathLike[str]):
    """What a study has given so far: its folder, as tables, words and figures.

    Parameters
    ----------
    study : Study
        As `semisup.read_study` gives it.
    """

    def __init__(self, study: Study) -> None:
        self.study = study

    @property
    def folder(self) -> Path:
        """The study's own folder, with all artefacts."""
        return self.study.folder

    def __fspath__(self) -> str:
        return str(self.folder)

    def __truediv__(self, name: str) -> Path:
        return self.folder / name

    def __repr__(self) -> str:
        return f"<Result of the study '{self.study.spec.name}' in {self.folder}>"

    @property
    def scores(self) -> pd.DataFrame:
        """One row a cell: representation, classifier, percentage, draw and the metrics."""
        return self._table("scores.parquet")

    @property
    def summary(self) -> pd.DataFrame:
        """One row a system, budget and metric: mean over the draws and 95 % interval."""
        return self._table("summary.csv")

    @property
    def comparison(self) -> pd.DataFrame:
        """Paired differences, crossovers, areas and verdicts: docs/STATISTICS.md."""
        return self._table("comparison.csv")

    @property
    def verdict(self) -> str:
        """What the comparison says in words, a line a pair of representations.

        By the metric of the study's figures, for the mean of the classifiers.
        """
        rows = self.comparison
        rows = rows[(rows["statistic"] == "verdict") & (rows["classifier"] == "mean")]
        rows = rows[rows["metric"] == self.study.spec.plot.metric]
        return "\n".join(rows["sentence"])

    @property
    def answer(self) -> str:
        """The question and its answer, as terminal and report give them."""
        from semisup.figures.study_tables import StudyTables
        from semisup.report import answer_of

        answer = answer_of(StudyTables(self.folder), self.study.spec.plot.metric)
        return f"{answer.question} {answer.text}"

    @property
    def learned(self) -> pd.DataFrame:
        """What learning added: each learned representation against its controls.

        One row a control, at the label budget nearest to 10 %, with the band that holds at all
        budgets at once; none where no representation has ``controls = true``. By the metric of the
        study's figures.
        """
        found = added_by_learning(self.comparison, self.study.spec.plot.metric)
        table = pd.DataFrame(found, columns=Added._fields)
        return table.assign(sentence=[added.sentence for added in found])

    def plot(
        self,
        classifier: str | None = None,
        metric: str | None = None,
        ax: "Axes | None" = None,
        *,
        width: str | float | None = None,
        style: str = "paper",
        title: str | None = None,
    ) -> "Axes":
        """Draw learning curves, one line a representation.

        Parameters
        ----------
        classifier : str, optional
            The study's first if left out.
        metric : str, optional
            That of the study's figures if left out.
        ax : Axes, optional
            Where; a new figure if left out.
        width, style, title
            As ``semisup plot`` takes them.
        """
        from semisup.figures.learning_curve import plot_learning_curve
        from semisup.figures.look import looking, thicken
        from semisup.figures.panel import figure_of
        from semisup.figures.study_tables import StudyTables
        from semisup.figures.style import plain

        spec, tables = self.study.spec, StudyTables(self.folder)
        name, shown = classifier or spec.curve.classifiers[0], metric or spec.plot.metric
        with looking(style, width):
            axes = plot_learning_curve(
                self.summary, name, ax, shown, tables.chance(shown), tables.notes, tables.comparison
            )
            if title is not None:
                axes.set_title(plain(title))
            if ax is None:
                thicken(figure_of(axes))
        return axes

    def figure(self, kind: str = "curve", **options: Any) -> "Figure":
        """Draw any figure of the study; kinds and options are those of ``semisup plot``.

        Examples
        --------
        ``result.figure("confusion", budget=20, width="column", style="talk")``
        """
        return draw_scores(self.folder / "scores.parquet", kind, **options)

    def save_figure(self, kind: str, path: Path | str, **options: Any) -> Path:
        """Write what `figure` draws as png, svg or pdf, by the suffix."""
        return plot_scores(self.folder / "scores.parquet", Path(path), kind, **options)

    def _repr_html_(self) -> str:
        """Show the verdict, and scores at a few budgets."""
        title = f"<h4>{escape(self.study.spec.name)}</h4>"
        if not (self.folder / "summary.csv").exists():
            return f"{title}<p>{escape(str(self.folder))}</p>"
        verdict = "<br>".join(escape(line) for line in self.verdict.splitlines())
        return f"{title}<p>{verdict}</p>{self._overview().to_html()}"

    def _overview(self) -> pd.DataFrame:
        """Return mean and interval of every system at a few budgets, as text."""
        rows = self.summary
        budgets = rows["percentage"].unique()
        shown = {min(budgets, key=lambda budget: abs(budget - wanted)) for wanted in SHOWN}
        rows = rows[
            (rows["metric"] == self.study.spec.plot.metric) & rows["percentage"].isin(shown)
        ]
        text = [
            f"{mean:.2f} [{low:.2f}, {high:.2f}]"
            for mean, low, high in rows[["mean", "low", "high"]].itertuples(index=False)
        ]
        return rows.assign(text=text).pivot_table(
            index=["classifier", "representation"],
            columns="percentage",
            values="text",
            aggfunc="first",
            sort=False,
        )

    def _table(self, name: str) -> pd.DataFrame:
        path = self.folder / name
        if not path.exists():
            raise TableError(f"{path} is not there yet: the study has not run that far")
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        # read whole: in blocks, a column that is blank in one of them would have two types
        return pd.read_csv(path, low_memory=False)


def run(
    study: str | Path | Study | None = None,
    until: str | None = None,
    jobs: int = 1,
    *,
    out: str | Path = "files",
    force: str | None = None,
    scheduler: str | None = None,
    overrides: Sequence[str] = (),
) -> Result:
    """Run a study; what is there and current is not made again.

    Parameters
    ----------
    study : str, Path or Study, optional
        A `study.toml` or its folder, or what `semisup.read_study` gives; the built-in quickstart
        if left out.
    until : str, optional
        The last stage to run.
    jobs : int
        Processes. The results do not depend on it.
    out : str or Path
        Root of artefacts; the study gets a folder of its own below it.
    force : str, optional
        Make this stage and all after it again.
    scheduler : str, optional
        Address of a Dask scheduler that does the parallel work.
    overrides : sequence of str
        ``table.key=value`` in TOML syntax, over the study file.

    Returns
    -------
    Result
        The study's folder, tables, verdict and figures.

    Raises
    ------
    SemisupError
        If the study file, the corpus or a table is not what it must be.
    """
    opened = study if isinstance(study, Study) else read_study(study, out, overrides)
    return Result(run_study(opened, until, force, Workers(jobs, scheduler)))


def tune(
    study: str | Path | Study | None = None,
    jobs: int = 1,
    *,
    out: str | Path = "files",
    scheduler: str | None = None,
    overrides: Sequence[str] = (),
) -> Result:
    """Search the best autoencoder of a study as its `[tuning]` says; `run` then uses it.

    Parameters
    ----------
    study, jobs, out, scheduler, overrides
        As in `run`.

    Returns
    -------
    Result
        Its folder holds ``<representation>/tuning.csv`` and ``tuned.json``.
    """
    opened = study if isinstance(study, Study) else read_study(study, out, overrides)
    return Result(tune_study(opened, Workers(jobs, scheduler)))
