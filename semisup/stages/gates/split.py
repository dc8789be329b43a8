"""The split, tried: what prevents it, with counts that fit, and what a reader of it must know."""

from collections.abc import Callable

import pandas as pd

from semisup import splits
from semisup.errors import SemisupError, SplitError
from semisup.stages.gates.problem import Problem, fatal, warning
from semisup.stages.skipped import by_reason
from semisup.stages.split import warnings_of, warnings_of_names
from semisup.study.spec import SplitSpec
from semisup.study.study import Study


def tried(study: Study, manifest: pd.DataFrame) -> tuple[pd.Series | None, list[Problem]]:
    """Make the split as its stage would; None where it cannot be made."""
    spec, seed = study.spec.split, study.spec.seed
    # each by itself: the strategy ends at the first thing that is wrong
    problems = [
        *_unless(splits.check_several_classes, manifest),
        *(_unless(splits.check_speakers_known, manifest) if _asks_for_speakers(spec) else []),
        *_lonely(study, manifest),
    ]
    if not problems:
        try:
            split = splits.split_by_speaker(manifest, spec, seed)
        except SemisupError as error:
            # no count helps against a speaker or recording in two subsets
            has_counts = type(error) is SplitError
            problems = [_with_proposal(str(error), study, manifest) if has_counts else str(error)]
        else:
            return split, _of_the_split(study, manifest, split)
    # a class in two spellings may be why
    return None, warning(*warnings_of_names(study, manifest)) + fatal(*problems)


def _with_proposal(sentence: str, study: Study, manifest: pd.DataFrame) -> str:
    """Put a split that can be made in the place of the hint that `check` knows one."""
    proposal = _proposal(study, manifest)
    return sentence.replace(" (semisup check says how much fits)", "") + proposal


def _of_the_split(study: Study, manifest: pd.DataFrame, split: pd.Series) -> list[Problem]:
    diagnostics = splits.diagnostics(manifest, split)
    reasons = splits.left_out(manifest, split, study.spec.split)
    return [
        *warning(*warnings_of(study, manifest, split, diagnostics)),
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
    if spec.leaky or spec.strategy == "column":
        return []
    lonely = splits.lonely_classes(manifest)
    others = [name for name in sorted(set(manifest["label"]) - {""}) if name not in lonely]
    if not lonely or not others:
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


def _proposal(study: Study, manifest: pd.DataFrame) -> str:
    """Say which split could be made, for the end of a sentence on one that cannot."""
    seed = study.spec.seed
    fitting = splits.proposal(
        study.spec.split, lambda spec: splits.split_by_speaker(manifest, spec, seed)
    )
    if fitting is None:
        return ""
    what = "largest quota that fits" if fitting.is_largest else "what would fit"
    return f"; {what}: {splits.written(fitting.spec)}"
