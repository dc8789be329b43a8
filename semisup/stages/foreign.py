"""What a study runs that is not ours: code, models and files that its author has named."""

from semisup import registry
from semisup.engine.progress import say
from semisup.features.kinds import kind_of
from semisup.study.spec import StudySpec

#: Licences that a user must know of, by the package that a kind uses; as `docs/licences.md` says.
LICENCES = {
    "opensmile": "openSMILE, which is free for private use, research and teaching only",
    "pyAudioAnalysis": "pyAudioAnalysis, which imports eyeD3, under the GPL-3.0",
}


def say_foreign(spec: StudySpec) -> None:
    """Say what is run that a study's author has named, and whose licence asks for attention."""
    named = foreign_code(spec)
    if named:
        say(f"runs code or models of others, as the study file says: {', '.join(named)}")
    for licence in licences(spec):
        say(f"uses {licence} (docs/licences.md)", tone="caution")


def foreign_code(spec: StudySpec) -> list[str]:
    """Return the code, models and files from elsewhere that a study's own file names."""
    kinds = [kind_of(spec.representations[name]) for name in _compared(spec)]
    classifiers = [spec.classifier(name).kind for name in spec.curve.classifiers]
    architectures = [str(getattr(kind.options, "architecture", "")) for kind in kinds]
    named = [
        *(kind.outside_code for kind in kinds),
        *(registry.architectures.reference(name) for name in architectures if ":" in name),
        *(registry.classifiers.reference(name) for name in classifiers),
    ]
    return [name for name in dict.fromkeys(named) if name]


def licences(spec: StudySpec) -> list[str]:
    """Return what a user must know of the licences of what a study uses."""
    used = [
        package
        for name in _compared(spec)
        for package in kind_of(spec.representations[name]).libraries
    ]
    return [LICENCES[package] for package in dict.fromkeys(used) if package in LICENCES]


def _compared(spec: StudySpec) -> list[str]:
    """Return the representations that are made: those compared, and what they are made of."""
    names = dict.fromkeys(spec.compared())
    todo = list(names)
    while todo:
        for parent in kind_of(spec.representations[todo.pop()]).parents():
            if parent not in names:
                names[parent] = None
                todo.append(parent)
    return list(names)
