"""Exported models: a folder that another machine predicts from, without study or recordings.

Nothing in it is executed on loading: options are data, estimators are written by `skops`, encoders
are read in Keras's safe mode, and kinds that run code of the user's are neither written nor read.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import copyfile

from pydantic import ValidationError

from semisup import registry
from semisup.engine.artefacts import write_json, write_text, write_whole
from semisup.engine.parallel import Workers
from semisup.engine.progress import say
from semisup.engine.sizes import why_zip_too_large
from semisup.errors import OutputError, SemisupError, SpecError
from semisup.features.contract import Representation
from semisup.features.kinds import kind_class
from semisup.prediction.about import About, other_versions
from semisup.prediction.card import card
from semisup.prediction.contents import check_folder, is_sealed, seal_folder
from semisup.prediction.fitted import Facts, Fitted, load_fitted, save_fitted, why_not_kept
from semisup.prediction.model import Model
from semisup.prediction.per_class import class_scores
from semisup.prediction.recipe import Recipe, why_not
from semisup.prediction.system import model_of
from semisup.reading import read_study
from semisup.remote.outputs import up_to_date
from semisup.stages.resolve import resolve
from semisup.study.paths import with_home
from semisup.study.study import Study

ABOUT, CARD, MODELS = "about.json", "README.md", "models"
#: Of a trained representation, what figures and report read and no feature is made by.
FOR_FIGURES = ("autoencoder.keras", "history.csv", "health.json")


def export_model(
    study: str | Path | Study,
    output: str | Path,
    system: str | None = None,
    *,
    out: str | Path = "files",
    jobs: int = 1,
) -> Path:
    """Write a system of a finished study as a folder that predicts elsewhere.

    Parameters
    ----------
    study : str, Path or Study
        A `study.toml` or its folder, or what `semisup.read_study` gives.
    output : str or Path
        The folder to write: new, empty, or of an earlier export.
    system : str, optional
        ``classifier@representation``; the study's best that can be used on other files, if left
        out.
    out : str or Path
        Root of artefacts, as in `run`.
    jobs : int
        Processes.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    SemisupError
        If the study is not finished, the system cannot be used on other files or needs code or
        files of this machine, or the folder holds something else.
    """
    folder = with_home(Path(output)).resolve()
    _check_free(folder)
    opened = study if isinstance(study, Study) else read_study(study, out)
    up_to_date(opened.folder)
    resolved = resolve(opened, Workers(jobs))
    model = model_of(resolved, system)
    name = model.about.system
    if reason := next(_reasons(model.recipe.kinds, model.fitted), "") or why_not_kept(
        model.fitted.fit
    ):
        raise SpecError(f"{name} cannot be exported: {reason}")
    classes = class_scores(resolved, name)

    def write(partial: Path) -> None:
        partial.mkdir()
        save_fitted(model.fitted, partial)
        write_json(partial / ABOUT, model.about.model_dump(mode="json"))
        write_text(partial / CARD, card(model, classes))
        for of, kind in model.recipe.kinds.items():
            for file in (file for file in kind.models if file not in FOR_FIGURES):
                (partial / MODELS / of).mkdir(parents=True, exist_ok=True)
                copyfile(model.recipe.models / of / file, partial / MODELS / of / file)
        seal_folder(partial)

    return write_whole(folder, write)


def _check_sizes(folder: Path) -> None:
    """Raise where a file of the folder, all of which are zip files, unpacks to too much."""
    for path in sorted(folder.rglob("*")):
        why = why_zip_too_large(path)
        if why:
            raise SemisupError(f"{path}: {why}")


def load_model(folder: str | Path, jobs: int = 1, *, scheduler: str | None = None) -> Model:
    """Read an exported model; nothing in it is executed.

    Parameters
    ----------
    folder : str or Path
        As `export_model` wrote it.
    jobs : int
        Processes that make features; 0: one a core.
    scheduler : str, optional
        Address of a Dask scheduler that makes them.

    Returns
    -------
    Model
        Its `predict` takes files, folders and patterns.

    Raises
    ------
    SemisupError
        If a file of it is missing or has been changed, or this version cannot read it.
    """
    folder = with_home(Path(folder))
    check_folder(folder)
    _check_sizes(folder)
    fitted, about = load_fitted(folder), _about(folder / ABOUT)
    facts = fitted.facts
    kinds = _kinds(folder, facts)
    reason = next(_reasons(kinds, fitted), "") or why_not(kinds, facts.representation)
    if reason:
        raise SemisupError(f"{folder} is not loaded: {reason}")
    if others := other_versions(about.versions):
        say(
            f"{folder} was made with other versions, so that predictions may differ: "
            f"{'; '.join(others)}",
            tone="caution",
        )
    # workers of a cluster have working directories of their own
    here = folder.absolute() if scheduler is not None else folder
    recipe = Recipe.of(facts, kinds, here / MODELS, here, Workers(jobs, scheduler))
    return Model(about, fitted, recipe)


def _check_free(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is a file; --output is a folder to write")
    if folder.is_dir() and not is_sealed(folder) and any(folder.iterdir()):
        raise OutputError(
            f"{folder} has other files in it; --output is a new folder, an empty one, or one of an "
            "earlier export"
        )


def _about(path: Path) -> About:
    try:
        return About.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise SemisupError(f"{path} cannot be read by this version of semisup") from error


def _kinds(folder: Path, facts: Facts) -> dict[str, Representation]:
    """Return the representations of a folder, which names them and their options as data."""
    kinds: dict[str, Representation] = {}
    for name, options in facts.representations.items():
        kind = options.get("kind")
        # looked up before it is imported: a name may refer to any file or module
        if kind not in registry.representations.built_in() or Path(name).name != name:
            raise SemisupError(f"{folder} is not loaded: '{name}' is of no kind of ours: {kind!r}")
        entry = kind_class(kind)
        try:
            kinds[name] = entry(entry.Options.model_validate(options))
        except ValidationError as error:
            raise SemisupError(
                f"{folder} is not loaded: this version of semisup has other options of '{kind}'"
            ) from error
        if not set(kinds[name].parents()) <= set(kinds):
            raise SemisupError(f"{folder} is not loaded: what '{name}' is made of is not in it")
    if facts.representation not in kinds:
        raise SemisupError(f"{folder} is not loaded: '{facts.representation}' is not in it")
    return kinds


def _reasons(kinds: Mapping[str, Representation], fitted: Fitted) -> Iterator[str]:
    """Yield why a system needs code or files of one machine."""
    for name, kind in kinds.items():
        if code := kind.outside_code:
            yield (
                f"'{name}' runs {Path(code).name}, and a model runs no code but semisup's; the "
                "study itself predicts (semisup predict STUDY)"
            )
        yield from (f"'{name}' reads {what}" for what in _paths(kind.options.model_dump()))
    parameters = _paths(fitted.fit.classifier.get_params())
    yield from (f"its classifier reads {what}" for what in parameters)


def _paths(values: Mapping[str, object]) -> Iterator[str]:
    """Yield which values are paths, of files that no folder takes along."""
    for name, value in values.items():
        if isinstance(value, str) and any(sign in value for sign in r"/\$~"):
            yield f"a file of this machine ({name}), which a model does not take along"
