"""Working out once what all steps read: a study in, a `ResolvedStudy` out."""

from dataclasses import replace
from pathlib import Path

from semisup.classifiers import classifier, with_files_found
from semisup.engine.artefacts import is_current
from semisup.engine.parallel import Workers
from semisup.remote.inputs import look_again
from semisup.stages import fingerprints
from semisup.stages.beforehand import check_files, check_media
from semisup.stages.fingerprints import Parts
from semisup.stages.inputs import note_inputs
from semisup.stages.kinds_asked import owner_of, parents_first, trainings_of
from semisup.stages.recordings import check_recordings
from semisup.stages.resolved import ResolvedStudy
from semisup.stages.scan import scan_corpora
from semisup.stages.tuned import tuned_options
from semisup.study.paths import expand, find_path
from semisup.study.spec import ClassifierSpec, RepresentationSpec
from semisup.study.study import Study


def resolve(study: Study, workers: Workers | None = None, again: bool = False) -> ResolvedStudy:
    """Work out once what all steps read; recordings that are new or have changed are decoded.

    Parameters
    ----------
    study : Study
    workers : Workers, optional
        Who does parallel work; one process if left out.
    again : bool
        Decode all recordings, changed or not.

    Raises
    ------
    SpecError
        If files of the user's are missing, or a representation cannot work with these recordings:
        before anything is made.
    """
    look_again()
    classifiers, files = _classifiers(study)
    # first, as a scan may generate recordings; tuning changes no file that a kind needs
    as_written = parents_first(study.spec.compared(), study.spec.representations)
    check_files(study, as_written, classifiers)
    scanned = scan_corpora(study.spec, study.base, study.folder)
    check_media(as_written, scanned)
    note_inputs(study, scanned, as_written, files)
    workers = workers or Workers()
    checked = check_recordings(study, scanned, workers, again)
    del scanned  # what is known of millions of recordings is held once
    # in this order: what `semisup tune` chose holds for these chunks only, and so for these files
    data = fingerprints.of_data(study.spec, checked)
    options = _options(study, data)
    kinds = parents_first(study.spec.compared(), options)
    trainings = trainings_of(kinds, study.spec.train.seeds)
    owners = {name: owner_of(name, kinds) for name in kinds}
    parts = Parts(kinds, trainings, owners, files)
    resolved = ResolvedStudy(
        spec=study.spec,
        base=study.base,
        out=study.out,
        noted=study.noted,
        workers=workers,
        checked=checked,
        kinds=kinds,
        trainings=trainings,
        owners=owners,
        classifiers=classifiers,
        fingerprints=fingerprints.of_all(study, data, parts),
        parts_of_all=parts,
    )
    is_split = is_current([resolved.folder / "split.csv"], data.split)
    return with_repeats(resolved) if is_split else resolved


def _options(study: Study, data: fingerprints.Data) -> dict[str, RepresentationSpec]:
    """Return the options of every representation, as tuned."""
    names = study.spec.representations
    return {name: tuned_options(study, name, data.chosen_on) for name in names}


def resolve_again(study: ResolvedStudy) -> ResolvedStudy:
    """Resolve a study anew, or a fold of one: its options may have been chosen in between."""
    if study.whole is not None:
        return _repeat(study.whole, study.repeat)
    return resolve(study, study.workers)


def with_repeats(study: ResolvedStudy) -> ResolvedStudy:
    """Return the study with its folds, once the split is there; one without folds as it is."""
    # a fold's split is that of its fingerprint: once there it stays what it is
    if not study.is_folded or study.repeats:
        return study
    count = int(study.split_table["repeat"].max()) + 1
    repeats = tuple(_repeat(study, number) for number in range(count))
    curves = [repeat.fingerprints.curve for repeat in repeats]
    prints = fingerprints.of_repeats(study.spec, study.fingerprints, curves)
    return replace(study, repeats=repeats, fingerprints=prints)


def _repeat(whole: ResolvedStudy, number: int) -> ResolvedStudy:
    """Return one fold of a study as a study: its options are those tuned in it."""
    names = {"name": f"{number:03d}", "seed": fingerprints.repeat_seed(whole.spec, number)}
    study = Study(whole.spec.model_copy(update=names), whole.base, whole.folder / "repeats")
    data = fingerprints.of_repeat(whole.fingerprints.data, number)
    options = _options(study, data)
    kinds = parents_first(study.spec.compared(), options)
    parts = whole.parts_of_all._replace(kinds=kinds)
    shared = {
        (name, training): print_
        for (name, training), print_ in whole.fingerprints.tables.items()
        if name in whole.made_here
    }
    return replace(
        whole,
        spec=study.spec,
        out=study.out,
        kinds=kinds,
        fingerprints=fingerprints.of_all(study, data, parts, shared),
        parts_of_all=parts,
        whole=whole,
        repeat=number,
    )


def _classifiers(study: Study) -> tuple[dict[str, ClassifierSpec], list[Path]]:
    """Return the classifiers of the curve with the files among their parameters, and these."""
    specs, files = {}, []
    for name in study.spec.curve.classifiers:
        spec = study.spec.classifier(name)
        paths = files_of(spec, study.base)
        specs[name] = with_files_found(spec, paths)
        files += list(paths.values())
    return specs, files


def files_of(spec: ClassifierSpec, base: Path) -> dict[str, Path]:
    """Return a classifier's parameters that may be files; a word that is no file stays as it is."""
    texts = {
        name: expand(str(spec.parameters[name]))
        for name in classifier(spec.kind).files
        if name in spec.parameters
    }
    return {
        name: path.absolute() if path.is_file() or path.suffix else Path(texts[name])
        for name, path in ((name, find_path(text, base)) for name, text in texts.items())
    }
