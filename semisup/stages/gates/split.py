"""The split, tried: what prevents it, with counts that fit, and what a reader of it must know."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import pandas as pd

from semisup import splits
from semisup.errors import LeakageError, SemisupError, SplitError
from semisup.features.contract import Representation
from semisup.stages.gates.problem import Problem, fatal, warning
from semisup.stages.skipped import by_reason
from semisup.stages.split import warnings_of, warnings_of_names
from semisup.study.split_spec import SplitSpec
from semisup.study.study import Study

Tried = tuple[pd.Series | None, list[Problem]]


def tried(study: Study, kinds: Mapping[str, Representation], manifest: pd.DataFrame) -> Tried:
    """Make the split as its stage would, or else one that can be made, for the gates behind it.

    Parameters
    ----------
    study : Study
    kinds : mapping of str to Representation
        Those that learn must be able to learn from its unlabelled subset.
    manifest : DataFrame

    Returns
    -------
    split : Series of str or None
        None where there is none at all.
    problems : list of Problem
    """
    spec = study.spec.split
    # each by itself: the strategy ends at the first thing that is wrong
    problems = [
        *_unless(splits.check_several_classes, manifest),
        *(_unless(splits.check_speakers_known, manifest) if _asks_for_speakers(spec) else []),
        *_lonely(study, manifest),
    ]
    split, found = None, fatal(*problems)
    if not problems:
        split, found = _Search(study, kinds, manifest).tried()
    # a class in two spellings may be why there is none; who is named twice is listed once
    return split, warning(*warnings_of_names(study, manifest)) + found


def unlearnable(
    kinds: Mapping[str, Representation], manifest: pd.DataFrame, split: pd.Series
) -> list[str]:
    """Say which kinds cannot learn from the audio of their subsets, and why."""
    subsets = manifest["recording"].map(split)
    return [
        f"[representations.{name}] {problem}"
        for name, kind in kinds.items()
        for problem in kind.unlearnable(manifest[subsets.isin(kind.learns_from)])
    ]


class _Search(NamedTuple):
    """The split that is asked for, and the search for others that could be made."""

    study: Study
    kinds: Mapping[str, Representation]
    manifest: pd.DataFrame

    def made(self, spec: SplitSpec) -> pd.DataFrame:
        """Return the split of a table, or those of all folds, or raise."""
        return splits.split_table(self.manifest, spec, self.study.spec.seed)

    def learned(self, spec: SplitSpec) -> pd.DataFrame:
        """Return the split if those that learn can do so, or raise."""
        split = self.made(spec)
        if problems := self.unlearnable(split):
            raise SplitError("; ".join(problems))
        return split

    def unlearnable(self, made: pd.DataFrame) -> list[str]:
        """Say which kinds cannot learn from the unlabelled subset, of any fold, and why."""
        found = [unlearnable(self.kinds, self.manifest, one) for one in splits.each(made)]
        return list(dict.fromkeys(problem for problems in found for problem in problems))

    def tried(self) -> Tried:
        """Return the split, or the nearest that can be made; and what is to be said."""
        spec, split = self.study.spec.split, None
        try:
            split = self.made(spec)
            said = "; ".join(self.unlearnable(split))
        except LeakageError as error:
            # no count helps against a speaker or a recording in two subsets
            return None, fatal(str(error))
        except SemisupError as error:
            said = str(error).replace(" (semisup check says how much fits)", "")
        if split is not None and not said:
            return splits.first(split), _of_the_split(self.study, self.manifest, split)
        for asked in (spec, splits.with_unlabelled(spec)):
            if found := splits.proposal(asked, self.learned):
                return splits.first(self.made(found.spec)), fatal(f"{said}; {_written(found)}")
        if split is None and (found := splits.proposal(spec, self.made)):
            other = self.made(found.spec)
            return splits.first(other), fatal(
                f"{said}; {_written(found)}", *self.unlearnable(other)
            )
        return None if split is None else splits.first(split), fatal(said)


def _written(found: splits.Fitting) -> str:
    what = "largest quota that fits" if found.is_largest else "what would fit"
    return f"{what}: {splits.written(found.spec)}"


def _of_the_split(study: Study, manifest: pd.DataFrame, made: pd.DataFrame) -> list[Problem]:
    diagnostics = splits.diagnostics_of(manifest, made)
    reasons = splits.left_out(manifest, splits.over_repeats(made), study.spec.split)
    return [
        *warning(*warnings_of(study, manifest, made, diagnostics)),
        *(Problem("left out", f"{count} by the split: {why}") for why, count in by_reason(reasons)),
    ]


def _unless(check: Callable[[pd.DataFrame], None], manifest: pd.DataFrame) -> list[str]:
    try:
        check(manifest)
    except SemisupError as error:
        return [str(error)]
    return []


def _asks_for_speakers(spec: SplitSpec) -> bool:
    return not (spec.strategy == "column" and spec.allow_unknown_speakers)


def _lonely(study: Study, manifest: pd.DataFrame) -> list[str]:
    """Name the classes of one speaker, and how to go on without them."""
    spec = study.spec.split
    if spec.leaky or spec.strategy == "column" or splits.are_set(manifest):
        return []
    lonely = splits.lonely_classes(manifest)
    others = [name for name in sorted(set(manifest["label"]) - {""}) if name not in lonely]
    if not lonely or len(others) < 2:
        return []
    named = " and ".join(f"'{label}' ('{speaker}')" for label, speaker in lonely.items())
    can_choose = any("classes" in type(corpus).model_fields for corpus in study.spec.corpus)
    advice = f"[corpus] classes = {others} leaves {_them(lonely)} out, and " if can_choose else ""
    return [
        f"{'Class' if len(lonely) == 1 else 'Classes'} {named} {_has(lonely)} recordings of one "
        "speaker only, but 'labelled' and 'test' need one each; "
        f"{advice}recordings of another speaker would help"
    ]


def _them(lonely: dict[str, str]) -> str:
    return "it" if len(lonely) == 1 else "them"


def _has(lonely: dict[str, str]) -> str:
    return "has" if len(lonely) == 1 else "have"
