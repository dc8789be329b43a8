"""Before all stages: what adapters list in, `recordings.parquet` out, every recording decoded once.

What a recording sounds or looks like is known from here on by a hash, and what later steps depend
on is that hash: copying or touching files makes nothing again but this.
"""

from pathlib import Path

import pandas as pd

from semisup.engine.artefacts import write_table
from semisup.engine.parallel import Workers, batches, map_to_parts
from semisup.engine.step import Step
from semisup.errors import CorpusError
from semisup.recordings.manifest import STATE, UNDECODED, verify
from semisup.recordings.signals import named
from semisup.stages.fingerprints import of_recordings
from semisup.stages.making import run_step
from semisup.study.study import Study

#: Recordings that are decoded for one finished part of this step.
BATCH = 256
NAME, TABLE = "recordings", "recordings.parquet"


def check_recordings(
    study: Study, scanned: pd.DataFrame, workers: Workers, forced: bool = False
) -> pd.DataFrame:
    """Return what every recording is, or why it cannot be used; decode them unless that is known.

    Parameters
    ----------
    study : Study
    scanned : DataFrame
        All recordings of the corpora, as `scan_corpora` gives them.
    workers : Workers
        Who decodes.
    forced : bool
        Decode even if nothing has changed.

    Raises
    ------
    CorpusError
        If there is no recording at all.
    """
    if scanned.empty:
        raise CorpusError("There is not a single recording in the corpus")
    path, fingerprint = study.folder / TABLE, of_recordings(scanned)
    parts = study.parts(NAME, fingerprint)

    def make() -> None:
        listed = batches(scanned, BATCH)
        sizes = [len(batch) for batch in listed]
        made = map_to_parts(
            _verify_part,
            listed,
            parts,
            ".parquet",
            workers,
            "check recordings",
            "recordings",
            sizes,
            [named("the check", batch["path"]) for batch in listed],
        )
        verified = pd.concat([pd.read_parquet(part) for part in made], ignore_index=True)
        write_table(path, verified.drop(columns=list(STATE)))

    run_step(study, Step(NAME, fingerprint, (path,), make, parts), forced)
    return pd.read_parquet(path)


def _verify_part(scanned: pd.DataFrame, path: Path) -> None:
    """Decode one batch of recordings; rows without audio are taken as they are."""
    heard = verify(scanned[scanned["audio"]])
    silent = scanned[~scanned["audio"]].assign(**UNDECODED)
    # an empty table would change the types of the other's columns
    tables = [table for table in (heard, silent) if len(table)]
    write_table(path, pd.concat(tables).sort_index())
