"""Whole studies in one call, for scripts and notebooks."""

from collections.abc import Sequence
from pathlib import Path

from semisup.engine.parallel import Workers
from semisup.study.study import Study


def run(
    study: str | Path | None = None,
    until: str | None = None,
    jobs: int = 1,
    *,
    out: str | Path = "files",
    force: str | None = None,
    scheduler: str | None = None,
    overrides: Sequence[str] = (),
) -> Path:
    """Run a study; what is there and current is not made again.

    Parameters
    ----------
    study : str or Path, optional
        A `study.toml` or its folder; the built-in quickstart if left out.
    until : str, optional
        The last stage to run.
    jobs : int
        Processes. The results do not depend on it.
    out : str or Path
        Root of artefacts; the study gets a folder of its own below it.
    force : str, optional
        Make this stage and all behind it again.
    scheduler : str, optional
        Address of a Dask scheduler that does the parallel work.
    overrides : sequence of str
        ``table.key=value`` in TOML syntax, over the study file.

    Returns
    -------
    Path
        The study's folder.

    Raises
    ------
    SemisupError
        If the study file, the corpus or a table is not what it must be.
    """
    return Study.read(study, out, Workers(jobs, scheduler), overrides).run(until, force)
