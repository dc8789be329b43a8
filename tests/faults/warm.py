"""A warm process, of which each command is a copy: TensorFlow is loaded once and not every time.

In: lines of JSON on the standard input, one a command. Out: a line with the number of its process,
and another when it has ended. Run as ``python -m faults.warm``.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

SLOW_IMPORTS = (
    "semisup.cli semisup.stages.runner semisup.stages.preflight semisup.reading keras soundfile "
    "soxr zarr optuna sklearn.ensemble sklearn.svm sklearn.neighbors scipy.stats seaborn "
    "matplotlib.pyplot joblib pyarrow.parquet semisup.report semisup.figures.catalogue"
)


def main() -> None:
    """Serve until the standard input ends."""
    for name in SLOW_IMPORTS.split():
        __import__(name)
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        process = os.fork()
        if process == 0:
            _become(order)
        print(process, flush=True)


def _become(order: dict[str, Any]) -> None:
    """Run a command in this process, and end it."""
    code = 70
    try:
        os.setsid()
        os.environ.update(order["environment"])
        os.chdir(order["folder"])
        output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for number in (1, 2):
            os.dup2(output, number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.argv = ["semisup", *order["words"]]
        if order["clock"]:
            _set_back(order["clock"])
        code = _run(order)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run(order: dict[str, Any]) -> int:
    from faults.hook.sitecustomize import install
    from semisup.cli import main

    fault = install("main")
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    if fault is not None and fault.what == "count":
        Path(order["output"] + ".count").write_text(str(fault.count))
    # joblib's workers would wait for more
    from joblib.externals.loky import get_reusable_executor

    if "joblib.externals.loky.reusable_executor" in sys.modules and _has_workers():
        get_reusable_executor().shutdown(wait=True)
    return code


def _has_workers() -> bool:
    from joblib.externals.loky import reusable_executor

    return reusable_executor._executor is not None


def _set_back(seconds: float) -> None:
    """Let Python's clocks be behind the files that are there; the system's stays as it is."""
    now, now_ns = time.time, time.time_ns
    time.time = lambda: now() - seconds
    time.time_ns = lambda: now_ns() - int(seconds * 1e9)


if __name__ == "__main__":
    main()
