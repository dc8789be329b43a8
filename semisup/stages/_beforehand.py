"""What can be known to be wrong before anything is made: a study in, an error or nothing out."""

from typing import Any

from semisup import registry
from semisup.errors import SpecError
from semisup.recordings.pictures import is_picture
from semisup.study.study import Study, kind_of


def check_media(study: Study) -> None:
    """Raise before anything is made where a representation cannot work."""
    by_ear = [name for name, spec in study.needed().items() if _needs_sound(kind_of(spec))]
    path = study.scanned["path"]
    shown = path[study.scanned["audio"] & path.map(is_picture)]
    if by_ear and len(shown):
        known = registry.representations
        takers = [name for name in known.names() if known.declares(name, "PICTURES")]
        raise SpecError(
            f"{' and '.join(by_ear)} need{'s' * (len(by_ear) == 1)} sound, but {len(shown)} of "
            f"{len(path)} recordings are pictures, the first: {shown.iloc[0]}; kinds of "
            f"representation that take pictures: {', '.join(takers)}"
        )


def check_files(study: Study) -> None:
    """Raise before anything is made where files of the user's are missing, all of them at once."""
    kinds = {name: kind_of(spec) for name, spec in study.needed().items()}
    problems = [
        f"[representations.{name}] {problem}"
        for name, kind in kinds.items()
        if hasattr(kind, "unmet")
        for problem in kind.unmet(study.needed()[name], study.base)
    ]
    problems += [
        f"[classifiers.{name}] {problem}"
        for name, spec in study.classifiers().items()
        if hasattr(module := registry.classifiers.get(spec.kind), "unmet")
        for problem in module.unmet(spec.parameters)
    ]
    if problems:
        raise SpecError("\n".join(problems))


def _needs_sound(kind: Any) -> bool:
    return kind.NEEDS in ("audio", "chunks") and not getattr(kind, "PICTURES", False)
