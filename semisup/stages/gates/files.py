"""Files and folders that a study names: weights, tables and modules of the user's, and corpora."""

from itertools import chain

from semisup import registry
from semisup.classifiers import why_not, with_files_found
from semisup.corpora import adapter
from semisup.errors import SemisupError
from semisup.features.contract import Representation
from semisup.stages.beforehand import missing_files, without_accelerator
from semisup.stages.gates.problem import Problem, fatal
from semisup.stages.resolve import files_of
from semisup.stages.scan import corpus_root, scan_corpora
from semisup.study.spec import ClassifierSpec, CorpusSpec, TaskName
from semisup.study.study import Study


def files_of_the_user(
    study: Study, kinds: dict[str, Representation], classifiers: dict[str, ClassifierSpec]
) -> list[Problem]:
    """Find the files that are not there; one by one, as a path may be no path at all."""
    of_kinds = [_missing(study, {name: kind}, {}) for name, kind in kinds.items()]
    of_classifiers = [_missing(study, {}, {name: spec}) for name, spec in classifiers.items()]
    return fatal(*chain(*of_kinds, *of_classifiers), *without_accelerator(study))


def _missing(
    study: Study, kinds: dict[str, Representation], classifiers: dict[str, ClassifierSpec]
) -> list[str]:
    try:
        return missing_files(study, kinds, classifiers)
    except SemisupError as error:  # of a variable that is not set
        return [str(error)]


def corpora(study: Study, *, roots_only: bool) -> list[Problem]:
    """Look at each corpus by itself, so that one that cannot be scanned hides no other.

    Parameters
    ----------
    study : Study
    roots_only : bool
        Whether a key may be missing that tells where in the folder recordings are.
    """
    problems = []
    for options in study.spec.corpus:
        try:
            _look_at(study, options, roots_only)
        except SemisupError as error:
            problems.append(str(error))
    return fatal(*dict.fromkeys(problems))


def _look_at(study: Study, options: CorpusSpec, roots_only: bool) -> None:
    root = corpus_root(options, study.base, study.folder)
    generates = adapter(options.adapter).default_root == "generated"
    if roots_only and (generates or root.is_dir()):
        return
    alone = study.spec.model_copy(update={"corpus": (options,)})
    scan_corpora(alone, study.base, study.folder)


def known_classifiers(study: Study) -> dict[str, ClassifierSpec]:
    """Return the curve's classifiers whose kind there is, files among their parameters found."""
    named = {name: study.spec.classifier(name) for name in study.spec.curve.classifiers}
    return {
        name: with_files_found(spec, files_of(spec, study.base))
        for name, spec in named.items()
        # of others the study file has told
        if _is_there(spec.kind, study.spec.task)
    }


def _is_there(kind: str, task: TaskName) -> bool:
    try:
        registry.classifiers.check(kind)
        return not why_not(kind, task)
    except SemisupError:
        return False
