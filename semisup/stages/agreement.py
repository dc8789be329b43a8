"""Agreement of the raters of a corpus: `agreement.csv`, where the manifest has their labels."""

from collections.abc import Sequence

import numpy as np

from semisup.corpora import RATER
from semisup.engine.artefacts import write_table
from semisup.engine.progress import say
from semisup.stages.fingerprints import compared_metrics
from semisup.stages.resolved import ResolvedStudy

TABLE = "agreement.csv"


def write(study: ResolvedStudy, classes: Sequence[str]) -> None:
    """Write the table of the test recordings, or leave none where nobody else rated them.

    Parameters
    ----------
    study : ResolvedStudy
    classes : sequence of str
        Sorted. Ratings that are none of them are left out.
    """
    raters = [name for name in study.manifest if name.startswith(RATER)]
    path = study.folder / TABLE
    if not raters:
        path.unlink(missing_ok=True)
        return
    from semisup.comparison.agreement import NONE, agreement
    from semisup.comparison.bootstrap import resample
    from semisup.comparison.design import generator
    from semisup.comparison.predictions import clusters

    spec = study.spec
    tested = list(study.split.index[study.split == "test"])
    rows = study.manifest.set_index("recording").loc[tested, raters]
    places = {label: number for number, label in enumerate(classes)}
    ratings = rows.apply(lambda labels: labels.map(places)).fillna(NONE).to_numpy(np.int64)
    others = int((rows != "").to_numpy().sum() - (ratings != NONE).sum())
    if others:
        say(f"  {others} ratings name no class of the study and are left out", tone="caution")
    speakers = clusters(tested, study.manifest, classes)
    rng = generator("raters", spec.seed)
    weights = resample(spec.compare.resamples, 1, speakers.n_speakers, rng).speakers
    table = agreement(
        ratings,
        speakers.speaker.to_numpy(),
        len(classes),
        weights,
        compared_metrics(spec),
        spec.compare,
    )
    write_table(path, table)
