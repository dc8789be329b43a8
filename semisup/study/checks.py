"""Checks of a study that concern several of its tables: a `StudySpec` in, problems out."""

from semisup import registry
from semisup.study.spec import StudySpec


def network_problems(study: StudySpec) -> list[str]:
    """Check that networks are run on arrays alone."""
    return [
        f"[curve] {network_problem(name, representation)}"
        for name in study.curve.classifiers
        if declares(registry.classifiers, study.classifier(name).kind, "NETWORK")
        for representation in study.curve.representations or [*study.representations]
        if representation in study.representations
        and study.curve.runs(name, representation)
        and not declares(
            registry.representations, study.representations[representation].kind, "ARRAYS"
        )
    ]


def network_problem(classifier: str, representation: str) -> str:
    """Say that a network can't be run on a representation that is no array."""
    return (
        f"classifiers: '{classifier}' is a network on arrays such as spectrograms, but "
        f"'{representation}' is a feature table; name its representations in "
        f"[curve] only.{classifier}"
    )


def train_problems(study: StudySpec) -> list[str]:
    """Check that each encoder has a draw, and that no table takes another's name."""
    seeds, draws = study.train.seeds, study.curve.n_draws()
    problems = []
    if seeds > draws:
        problems.append(
            f"[train] seeds: {seeds} encoders need at least {seeds} draws, one each; the curve has "
            f"{draws}, see [curve] draws and order"
        )
    taken = {
        f"{name}.seed_{number}": name
        for name in study.representations
        for number in range(1, seeds)
    }
    problems += [
        f"[representations.{name}]: the name is that of an encoder of '{taken[name]}', of which "
        f"[train] seeds = {seeds} makes {seeds}; choose another"
        for name in study.representations
        if name in taken
    ]
    return problems


def declares(entries: registry.Registry, name: str, what: str) -> bool:
    """Tell whether an entry of a registry is there and says that it is of a sort."""
    return name in entries.names() and entries.declares(name, what)
