"""If asked for: feature tables in; how far they hold classes or speakers, and outliers, out."""

import numpy as np
import pandas as pd

from semisup.engine.artefacts import fingerprint, write_table
from semisup.engine.step import Step
from semisup.features.contract import ArrayRepresentation
from semisup.features.label_dependent import LabelDependent
from semisup.features.tables import feature_names
from semisup.stages.fingerprints import of_step
from semisup.stages.resolved import ResolvedStudy
from semisup.study.clusters_spec import ClustersSpec
from semisup.study.study import dump

OUTPUTS = ("clusters.csv", "outliers.csv")


def steps(study: ResolvedStudy) -> list[Step]:
    """Return the one step of this stage, none where the study does not ask for it."""
    if study.spec.clusters is None:
        return []
    asked, first = study.spec.clusters, study.first
    tables = [first.fingerprints.tables[name, 0] for name in study.compared]
    print_ = of_step(
        "clusters",
        dump(asked),
        study.spec.seed,
        list(study.compared),
        tables,
        study.fingerprints.data.split,
    )
    outputs = tuple(study.folder / name for name in OUTPUTS)
    return [Step("clusters", print_, outputs, lambda: _make(study, asked))]


def forget(study: ResolvedStudy) -> None:
    """Leave no tables of another version of the study, which the report would show."""
    if study.spec.clusters is None:
        for name in OUTPUTS:
            (study.folder / name).unlink(missing_ok=True)


def _make(study: ResolvedStudy, asked: ClustersSpec) -> None:
    # imported on use, as scikit-learn takes a while
    from threadpoolctl import threadpool_limits

    from semisup.comparison.clusters import agreement_of_clusters, outliers, standardised

    manifest = study.manifest.set_index("recording")
    agreements, far = [], []
    # one thread: the same sums in the same order
    with threadpool_limits(1):
        for name, kind in study.compared.items():
            # what was fitted to labels has them within, and arrays have no features
            if isinstance(kind, ArrayRepresentation | LabelDependent):
                continue
            features = _by_recording(study, name, asked.recordings)
            values, of = standardised(features.to_numpy()), manifest.loc[features.index]
            subset = features.index.map(study.split)
            # labels of what is unlabelled here are nobody's business
            label = of["label"].where(subset != "unlabelled", "")
            scored = (subset != "unlabelled") & (label != "")
            factors = {
                "class": label[scored].to_numpy(),
                "speaker": of["speaker"][scored].to_numpy(),
            }
            agreement = agreement_of_clusters(
                values[scored], factors, asked.neighbours, study.spec.seed
            )
            agreements.append(agreement.assign(representation=name))
            table = outliers(values, features.index.to_numpy(), asked.neighbours, asked.outliers)
            far.append(table.assign(representation=name))
    _write(study, pd.concat(agreements), pd.concat(far))


def _write(study: ResolvedStudy, agreements: pd.DataFrame, far: pd.DataFrame) -> None:
    from semisup.comparison.clusters import CLUSTER_COLUMNS, OUTLIER_COLUMNS

    write_table(study.folder / OUTPUTS[0], agreements[list(CLUSTER_COLUMNS)])
    known = study.manifest.set_index("recording")
    known = known.assign(subset=study.split)
    # a label that nobody may see stays unseen
    known["label"] = known["label"].where(known["subset"] != "unlabelled", "")
    # not where they lie: a folder that has moved makes nothing again but the manifest
    about = known.loc[far["recording"], ["subset", "label", "speaker"]]
    listed = far[list(OUTLIER_COLUMNS)].reset_index(drop=True)
    write_table(study.folder / OUTPUTS[1], listed.join(about.reset_index(drop=True)))


def _by_recording(study: ResolvedStudy, name: str, most: int) -> pd.DataFrame:
    """Return the mean of each recording's rows, of so many recordings at most."""
    table = pd.read_parquet(study.first.table_paths(name)[0])
    table = table[table["recording"].isin(study.split.index)]
    recordings = np.array(sorted(table["recording"].unique()))
    if len(recordings) > most:
        rng = np.random.default_rng(int(fingerprint("clusters", study.spec.seed), 16))
        recordings = np.sort(rng.choice(recordings, most, replace=False))
    chosen = table[table["recording"].isin(recordings)]
    return chosen.groupby("recording", sort=True)[feature_names(table)].mean()
