"""Checks of a study that concern several of its tables: a `StudySpec` in, problems out."""

import re

from semisup import registry
from semisup.classifiers import Classifier, classifier, why_not
from semisup.curve.plan import network_problem
from semisup.engine import outside
from semisup.errors import OutsideError, UnknownNameError
from semisup.features.contract import ArrayRepresentation
from semisup.features.kinds import kind_class, kind_of
from semisup.features.label_dependent import LabelDependent
from semisup.reading.entries import instead_of_code
from semisup.reading.importance_checks import importance_problems
from semisup.reading.messages import unless_known
from semisup.reading.task_checks import task_problems
from semisup.reading.tuning_checks import tuning_problems
from semisup.study.compared import drawn_of, named_in
from semisup.study.controls import controlled
from semisup.study.spec import PercentageRange, StudySpec, TaskName


def problems_of(study: StudySpec) -> list[str]:
    """Return everything that one table says and another contradicts."""
    names_and_parents = _corpus_problems(study) + _name_problems(study) + _parent_problems(study)
    networks_and_trainings = _network_problems(study) + _training_problems(study)
    task_and_cells = task_problems(study) + _cell_problems(study)
    cells = task_and_cells + _query_problems(study) + _fusion_problems(study)
    others = tuning_problems(study) + importance_problems(study) + _misfits(study)
    return names_and_parents + networks_and_trainings + cells + others


def _corpus_problems(study: StudySpec) -> list[str]:
    """Check what corpora say of each other."""
    names = [corpus.name for corpus in study.corpus if corpus.name]
    problems = [
        f"[corpus] name: {names.count(name)} corpora are called '{name}'; each needs a name of its "
        "own"
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    if [corpus.same_speakers for corpus in study.corpus].count(True) == 1:
        problems.append(
            "[corpus] same_speakers = true: only one corpus says so; say it in each [[corpus]] "
            "whose speakers are the same people"
        )
    return problems


def _name_problems(study: StudySpec) -> list[str]:
    """Check the names that one table uses and another defines."""
    problems = []
    entries = registry.classifiers.names()
    for name, spec in study.classifiers.items():
        problems += _kind_problems(spec.kind, entries, f"[classifiers.{name}] kind", study.task)
        # names go into paths of files
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", name):
            problems.append(
                f"[classifiers.{name}]: a name has letters, digits, '_', '-' and '.' only"
            )
    defined = {*entries, *study.classifiers}
    for name in study.curve.classifiers:
        problems += unless_known(name, defined, "[curve] classifiers")
    for name in study.curve.representations or ():
        problems += unless_known(name, study.representations, "[curve] representations")
    for name, chosen in study.curve.only.items():
        problems += unless_known(name, study.curve.classifiers, "[curve] only")
        for representation in chosen:
            problems += unless_known(representation, study.compared(), f"[curve] only.{name}")
    for name, options in study.representations.items():
        for parent in kind_of(options).parents():
            problems += unless_known(parent, study.representations, f"[representations.{name}] of")
    return problems


def _kind_problems(kind: str, entries: list[str], where: str, task: TaskName) -> list[str]:
    module, _, name = kind.rpartition(".")
    if module and name[:1].isupper() and not outside.is_reference(kind):
        return [f"{where}: '{kind}' is not known; of a class in a package write '{module}:{name}'"]
    if not outside.is_reference(kind):
        return unless_known(kind, entries, where)
    try:
        problem = why_not(kind, task)
    except OutsideError as error:
        problem = str(error)
    return [f"{where}: {problem}{instead_of_code(kind)}"] if problem else []


def _parent_problems(study: StudySpec) -> list[str]:
    """Check what derived representations are made of: fitted once, and not themselves."""
    problems = []
    for name in study.representations:
        where = f"[representations.{name}] of"
        for parent in _known_parents(study, name):
            match kind_of(study.representations[parent]):
                case LabelDependent():
                    problems.append(
                        f"{where}: '{parent}' is fitted anew in every cell; it has no one table"
                    )
                case ArrayRepresentation():
                    problems.append(f"{where}: '{parent}' is arrays; it has no feature table")
        if name in _ancestors(study, name):
            problems.append(f"{where}: it would be made of itself")
    return problems


def _ancestors(study: StudySpec, name: str) -> set[str]:
    """Return all that a representation is made of, directly or not."""
    ancestors: set[str] = set()
    unvisited = [name]
    while unvisited:
        # without those seen before, so that a circle comes to an end
        parents = set(_known_parents(study, unvisited.pop())) - ancestors
        ancestors |= parents
        unvisited += parents
    return ancestors


def _known_parents(study: StudySpec, name: str) -> list[str]:
    """Return what a representation is made of, without names that the study does not have."""
    parents = kind_of(study.representations[name]).parents()
    return [parent for parent in parents if parent in study.representations]


def _cell_problems(study: StudySpec) -> list[str]:
    """Check that there is a cell at all, and that pairs to compare have some."""
    curve, compared = study.curve, study.compared()
    problems = []
    if not curve.budgets():
        problems.append(
            f"[curve] percentages: there is no label budget in {_plain(curve.percentages)}"
        )
    run = [name for name in compared if any(curve.runs(c, name) for c in curve.classifiers)]
    if not run:
        problems.append("[curve] only: no classifier is run on any representation")
    for key, name in named_in(study.compare):
        # a name that the study has, but no cell, is told apart from one that it has not
        if name in study.representations and name not in run:
            problems.append(f"[compare] {key}: the curve does not run '{name}', see [curve]")
        known = [*study.representations, *study.fusions]
        problems += unless_known(name, known, f"[compare] {key}")
    return list(dict.fromkeys(problems)) + _baseline_problems(study)


def _query_problems(study: StudySpec) -> list[str]:
    """Check that what asks for recordings can, and has the draw to be compared with."""
    curve, problems = study.curve, []
    for name, drawn in drawn_of(study).items():
        run = [of for of in study.compared() if curve.runs(name, of)]
        if drawn is None:
            problems.append(
                f"[classifiers.{name}] query: the same classifier without it must be among "
                "[curve] classifiers too, to compare with recordings drawn at random"
            )
        elif alone := [of for of in run if not curve.runs(drawn, of)]:
            problems.append(
                f"[curve] only: '{name}' asks for recordings on '{alone[0]}', where '{drawn}', "
                "which it is compared with, is not run"
            )
        problems += [
            f"[classifiers.{name}] query: '{of}' is fitted anew to the labels of each budget of "
            f"the draw, and would tell others than those asked for; see [curve] only.{name}"
            for of in run
            if of in study.representations
            and isinstance(kind_of(study.representations[of]), LabelDependent)
        ]
    return problems


def _fusion_problems(study: StudySpec) -> list[str]:
    """Check that there are cells to fuse, of the same test recordings."""
    curve, problems = study.curve, []
    for name, fusion in study.fusions.items():
        where = f"[fusions.{name}]"
        if name in study.representations or not re.fullmatch(r"[A-Za-z0-9][\w-]*", name):
            problems.append(
                f"{where}: a name has letters, digits, '_' and '-' only, and is none of a "
                "representation"
            )
        for member in fusion.of:
            problems += unless_known(member, study.compared(), f"{where} of")
        if curve.unit == "chunk":
            problems.append(
                f"{where}: with [curve] unit = 'chunk' representations are tested on rows of their "
                "own; only answers about whole recordings can be averaged"
            )
        asks = drawn_of(study)
        if not any(
            classifier not in asks and all(curve.runs(classifier, member) for member in fusion.of)
            for classifier in curve.classifiers
        ):
            problems.append(
                f"{where} of: no classifier is run on all of {', '.join(fusion.of)} with the "
                "recordings of the draw; see [curve] classifiers and only"
            )
    return problems


def _baseline_problems(study: StudySpec) -> list[str]:
    baseline, names = study.compare.baseline, study.compared()
    if baseline is None:
        return []
    if study.compare.pairs is not None:
        return ["[compare] baseline and pairs: both say what is compared; give one of them"]
    owner = controlled(baseline, names)
    if owner:
        return [f"[compare] baseline: '{baseline}' is a control, compared with '{owner}' alone"]
    return []


def _plain(percentages: str | PercentageRange | list[float]) -> str:
    if isinstance(percentages, PercentageRange):
        return f"{percentages.start} to {percentages.stop}"
    return str(percentages)


def _network_problems(study: StudySpec) -> list[str]:
    """Check that networks are run on arrays alone, and those that tune an encoder on such."""
    return [
        f"[curve] {problem}"
        for name in study.curve.classifiers
        if (entry := entry_of(study.classifier(name).kind)) is not None and entry.network
        for representation in study.compared()
        # names that are not there have a problem of their own
        if representation in study.representations
        and study.curve.runs(name, representation)
        and (problem := _network_problem(study, name, entry, representation))
    ]


def _network_problem(study: StudySpec, name: str, entry: Classifier, representation: str) -> str:
    kind = kind_of(study.representations[representation])
    if not entry.tunes:
        is_read = isinstance(kind, ArrayRepresentation)
        return "" if is_read else network_problem(name, representation)
    if not kind.encoder:
        return (
            f"classifiers: '{name}' goes on training an encoder, but '{representation}' has none, "
            f"as kinds {', '.join(_with_encoders(entry))} have; name its representations in "
            f"[curve] only.{name}"
        )
    if kind.encoder_of not in entry.tunes_of:
        return (
            f"classifiers: '{name}' cannot train the encoder of '{representation}', which is of "
            f"PyTorch; kinds {', '.join(_with_encoders(entry))} have one that it can; name its "
            f"representations in [curve] only.{name}"
        )
    if kind.by_speaker:
        return (
            f"classifiers: '{name}' goes on training an encoder, but '{representation}' is "
            "normalised by speaker after its encoder; name its representations in [curve] "
            f"only.{name}"
        )
    return ""


def _with_encoders(entry: Classifier) -> list[str]:
    classes = {kind: kind_class(kind) for kind in registry.representations.built_in()}
    return [
        name for name, kind in classes.items() if kind.encoder and kind.encoder_of in entry.tunes_of
    ]


def entry_of(kind: str) -> Classifier | None:
    """Return a classifier's entry, None where there is none of this name."""
    try:
        return classifier(kind)
    except (OutsideError, UnknownNameError):
        return None  # the check of names says that it is not there


def _training_problems(study: StudySpec) -> list[str]:
    """Check that each encoder has a draw, and that no feature table has the name of another."""
    precision = study.curve.precision()
    seeds, draws = study.train.seeds, precision.at_least if precision else study.curve.n_draws()
    problems = []
    if precision and study.split.folds is not None:
        problems.append(
            "[curve] draws: all folds have the same draws, so that their number must be given; "
            "draws until a precision need a study of one split"
        )
    if seeds > draws:
        problems.append(
            f"[train] seeds: {seeds} encoders need at least {seeds} draws, one each; the curve has "
            f"{draws}, see [curve] draws and order"
        )
    # number 0 has the representation's own name (`Training.label`)
    trained = {
        f"{name}.seed_{number}": name
        for name in study.representations
        for number in range(1, seeds)
    }
    problems += [
        f"[representations.{name}]: the name is that of an encoder of '{trained[name]}', of which "
        f"[train] seeds = {seeds} makes {seeds}; choose another"
        for name in study.representations
        if name in trained
    ]
    return problems


def _misfits(study: StudySpec) -> list[str]:
    """Ask each kind of representation whether it can work at this rate and chunk length."""
    return [
        f"[representations.{name}] {problem}"
        for name, spec in study.representations.items()
        for problem in kind_of(spec).misfits(study.chunks)
    ]
