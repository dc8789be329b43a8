"""Checks of a study before anything is made: kinds and recordings in, an error out."""

import pandas as pd

from semisup import registry
from semisup.classifiers import accelerator_version, classifier
from semisup.errors import SpecError
from semisup.features.contract import Representation
from semisup.features.kinds import kind_class
from semisup.recordings.pictures import is_picture
from semisup.stages.gates.classifiers import parameter_problems
from semisup.study.spec import ClassifierSpec, TaskName
from semisup.study.study import Study


def check_media(kinds: dict[str, Representation], scanned: pd.DataFrame) -> None:
    """Raise where a representation cannot work with pictures, and there are some."""
    heard = [name for name, kind in kinds.items() if _needs_sound(kind)]
    path = scanned["path"]
    shown = path[scanned["audio"] & path.map(is_picture)]
    if heard and len(shown):
        # ours alone: code of others would be loaded for the sake of a message
        built_in = registry.representations.built_in()
        takers = [name for name in built_in if kind_class(name).takes_pictures]
        raise SpecError(
            f"{' and '.join(heard)} need{'s' * (len(heard) == 1)} sound, but {len(shown)} of "
            f"{len(path)} recordings are pictures, the first: {shown.iloc[0]}; kinds of "
            f"representation that take pictures: {', '.join(takers)}"
        )


def check_files(
    study: Study, kinds: dict[str, Representation], classifiers: dict[str, ClassifierSpec]
) -> None:
    """Raise where files of the user's are missing, all of them at once."""
    problems = [*missing_files(study, kinds, classifiers), *without_accelerator(study)]
    if problems:
        raise SpecError("\n".join(problems))


def without_accelerator(study: Study) -> list[str]:
    """Return that the package is missing with which the study wants its classifiers, if so."""
    if not study.spec.curve.accelerate or accelerator_version():
        return []
    return ["[curve] accelerate needs scikit-learn-intelex: pip install 'semisup[accelerate]'"]


def missing_files(
    study: Study, kinds: dict[str, Representation], classifiers: dict[str, ClassifierSpec]
) -> list[str]:
    """Return which files of the user's are missing, a sentence each."""
    of_kinds = [
        f"[representations.{name}] {problem}"
        for name, kind in kinds.items()
        for problem in kind.unmet(study.base)
    ]
    of_classifiers = [
        f"[classifiers.{name}] {problem}"
        for name, spec in classifiers.items()
        for problem in classifier(spec.kind).unmet(spec.parameters)
    ]
    return of_kinds + of_classifiers


def check_parameters(classifiers: dict[str, ClassifierSpec], task: TaskName) -> None:
    """Raise where classifiers cannot have the parameters that the study gives them."""
    problems = parameter_problems(classifiers, task)
    if problems:
        raise SpecError("\n".join(problems))


def _needs_sound(kind: Representation) -> bool:
    return kind.needs in ("audio", "chunks") and not kind.takes_pictures
