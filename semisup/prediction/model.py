"""A system that predicts files: files in, class probabilities of their windows out."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup.engine.parallel import batches
from semisup.engine.progress import Amount, say, track
from semisup.errors import BadAudioError
from semisup.prediction.about import About
from semisup.prediction.files import own_rows, usable
from semisup.prediction.fitted import Answers, Fitted
from semisup.prediction.inputs import files_of
from semisup.prediction.recipe import Recipe
from semisup.prediction.verdicts import Predictions

#: Files whose rows are there at once: memory does not grow with the number of files.
BATCH = 256


class _Batch(NamedTuple):
    """Places and answers of the windows of some files, and why others have none."""

    places: pd.DataFrame | None
    answers: Answers | None
    failed: dict[Path, str]


class Model:
    """A fitted system, with all that it takes to ask it about files.

    Parameters
    ----------
    about : About
        What it is: study, classes, scores, versions.
    fitted : Fitted
        Rows in, class probabilities out.
    recipe : Recipe
        Files in, rows out.
    """

    def __init__(self, about: About, fitted: Fitted, recipe: Recipe) -> None:
        self.about, self.fitted, self.recipe = about, fitted, recipe

    def __repr__(self) -> str:
        return f"<Model {self.about.system} of the study '{self.about.study}'>"

    @property
    def classes(self) -> list[str]:
        """The classes that it knows."""
        return list(self.fitted.facts.classes)

    def with_scratch(self, folder: Path) -> "Model":
        """Return the model with a folder for what it writes on the way, which a cluster can see."""
        if self.recipe.workers.scheduler is None:
            return self
        recipe = replace(self.recipe, scratch=folder.absolute())
        return Model(self.about, self.fitted, recipe)

    def predict(self, files: Iterable[str | Path] | str | Path) -> Predictions:
        """Predict files of any length and format.

        Parameters
        ----------
        files : iterable of str or Path, or one of them
            Files, folders and patterns.

        Raises
        ------
        BadAudioError
            If none of the files can be predicted.
        """
        for line in self.about.head():
            say(line)
        named = [files] if isinstance(files, str | Path) else files
        chosen = files_of(named, self.fitted.facts.media)
        parts: list[_Batch] = []
        by_file = self._by_file(chosen, parts)
        # of one batch the steps are shown as they go on
        many = len(chosen) > BATCH
        for _ in track(by_file, Amount("predict", "files", len(chosen))) if many else by_file:
            pass
        return self._joined(parts)

    def _by_file(self, files: list[Path], parts: list[_Batch]) -> Iterator[Path]:
        """Append batch after batch to `parts`; yield once for every file, as people count them."""
        for paths in batches(files, BATCH):
            parts.append(self._batch(paths))
            yield from paths

    def _batch(self, files: list[Path]) -> _Batch:
        rows = None
        # what is written on the way, arrays among it, is needed until there are answers
        with TemporaryDirectory(prefix="semisup-", dir=self.recipe.scratch) as folder:
            workers = self.recipe.workers
            seconds, failed = usable(self.fitted.facts.media, files, workers, Path(folder))
            if seconds:
                rows, without_rows = own_rows(self.recipe, seconds, Path(folder))
                failed |= without_rows
            for path, reason in failed.items():
                say(f"{path}: {reason}", tone="wrong")
            if rows is None:
                return _Batch(None, None, failed)
            return _Batch(rows.places, self.fitted.answers(rows.rows), failed)

    def _joined(self, parts: list[_Batch]) -> Predictions:
        answers = [part.answers for part in parts if part.answers is not None]
        if not answers:
            raise BadAudioError("None of the files can be predicted")
        places = pd.concat([part.places for part in parts], ignore_index=True)
        by_window = np.concatenate([one.by_window for one in answers])
        decided = [one.decisions for one in answers if one.decisions is not None]
        if self.fitted.votes:
            self._say_votes(bool(decided))
        return Predictions(
            self.about.study,
            self.about.system,
            self.classes,
            self.fitted.votes,
            pd.concat([places, pd.DataFrame(by_window, columns=self.classes)], axis=1),
            {str(path): reason for part in parts for path, reason in part.failed.items()},
            np.concatenate(decided) if decided else None,
            self.about,
        )

    def _say_votes(self, has_decisions: bool) -> None:
        how = "the votes of windows are counted"
        if has_decisions:
            how = "the decision values of windows are summed, and their votes shown"
        say(f"{self.fitted.facts.classifier} gives no probabilities: {how}")
