"""Checks of a study that concern several of its tables: a `StudySpec` in, problems out."""

from semisup import registry
from semisup.classifiers import classifier
from semisup.curve.plan import network_problem
from semisup.engine import outside
from semisup.errors import OutsideError, UnknownNameError
from semisup.features.contract import ArrayRepresentation
from semisup.features.kinds import kind_of
from semisup.features.label_dependent import LabelDependent
from semisup.reading.entries import instead_of_code
from semisup.reading.messages import unless_known
from semisup.reading.tuning_checks import tuning_problems
from semisup.study.spec import PercentageRange, StudySpec


def problems_of(study: StudySpec) -> list[str]:
    """Return everything that one table says and another contradicts."""
    names_and_parents = _corpus_problems(study) + _name_problems(study) + _parent_problems(study)
    networks_and_trainings = _network_problems(study) + _training_problems(study)
    cells_and_tuning = _cell_problems(study) + tuning_problems(study)
    return names_and_parents + networks_and_trainings + cells_and_tuning + _misfits(study)


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
        problems += _kind_problems(spec.kind, entries, f"[classifiers.{name}] kind")
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


def _kind_problems(kind: str, entries: list[str], where: str) -> list[str]:
    if not outside.is_reference(kind):
        return unless_known(kind, entries, where)
    try:
        classifier(kind)
    except OutsideError as error:
        return [f"{where}: {error}{instead_of_code(kind)}"]
    return []


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
    for name in (name for pair in study.compare.pairs or () for name in pair):
        # a name that the study has, but no cell, is told apart from one that it has not
        if name in study.representations and name not in run:
            problems.append(f"[compare] pairs: the curve does not run '{name}', see [curve]")
        problems += unless_known(name, study.representations, "[compare] pairs")
    return list(dict.fromkeys(problems))


def _plain(percentages: PercentageRange | list[float]) -> str:
    if isinstance(percentages, PercentageRange):
        return f"{percentages.start} to {percentages.stop}"
    return str(percentages)


def _network_problems(study: StudySpec) -> list[str]:
    """Check that networks are run on arrays alone."""
    return [
        f"[curve] {network_problem(name, representation)}"
        for name in study.curve.classifiers
        if _is_network(study.classifier(name).kind)
        for representation in study.compared()
        # names that are not there have a problem of their own
        if representation in study.representations
        and study.curve.runs(name, representation)
        and not isinstance(kind_of(study.representations[representation]), ArrayRepresentation)
    ]


def _is_network(kind: str) -> bool:
    try:
        return classifier(kind).network
    except (OutsideError, UnknownNameError):
        return False  # the check of names says that it is not there


def _training_problems(study: StudySpec) -> list[str]:
    """Check that each encoder has a draw, and that no feature table has the name of another."""
    seeds, draws = study.train.seeds, study.curve.n_draws()
    problems = []
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
