"""Generated studies of any size, a stage a process: wall and processor time, peak memory.

    python benchmarks/stages.py SPEAKERS OUT [STEPS [DRAWS]]

runs one, and goes on where it was stopped; `memory.py` and `paper_scale.py` read what it notes.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil

#: The original study's size: 12,600 recordings, 18 of each of 700 speakers. Of them 1,200 are
#: labelled, 1,500 test, and 9,900 are unlabelled, which give 11,300 chunks.
PAPER, EACH = 700, 18
LABELLED, TESTED = 1200 / 12600, 1500 / 12600
#: Seconds of a recording, and their spread.
SECONDS, SPREAD = 6.0, 1.8
STAGES = (
    *("manifest", "split", "durations", "chunks", "train", "features"),
    *("curve", "compare", "plot", "report"),
)
#: What is exported and predicts: of it every recording is long enough.
SYSTEM = "random_forest@handcrafted"
#: How often the memory of a process and its children is looked at, in seconds.
EVERY = 0.05
STUDY = """\
name = "scale"
seed = 0

[corpus]
adapter = "synthetic"
root = "{root}"
speakers = {speakers}
recordings_per_speaker = {each}
mean_seconds = {seconds}
spread_seconds = {spread}

[split]
fractions = {{ labelled = {labelled:.4f}, test = {tested:.4f}, unlabelled = {rest:.4f} }}

[chunks]
sample_rate = 8000
chunk_samples = 30000

[representations.handcrafted]
kind = "handcrafted"

[representations.code]
kind = "autoencoder"
architecture = "autoencoder_3"
latent_dim = 64
input_scaling = "log"
bottleneck_activation = "linear"
loss = "mean_squared_error"
steps = {steps}
batch_size = 128
memory_gb = {memory_gb}

[curve]
classifiers = ["svm", "knn", "tree", "random_forest", "adaboost"]
percentages = {percentages}
draws = {draws}
"""


class Size(NamedTuple):
    """How large a study is: what its stages take time and memory for."""

    speakers: int
    steps: int = 4000
    draws: int = 3
    percentages: str = "{ start = 2, stop = 100, step = 2 }"
    memory_gb: float = 6.0

    @property
    def recordings(self) -> int:
        """All recordings of the corpus."""
        return self.speakers * EACH

    def text(self, root: Path) -> str:
        """Return the study file."""
        return STUDY.format(
            **self._asdict(),
            root=root,
            each=EACH,
            seconds=SECONDS,
            spread=SPREAD,
            labelled=LABELLED,
            tested=TESTED,
            rest=1 - LABELLED - TESTED,
        )


def run_stages(size: Size, folder: Path, jobs: int = 1) -> dict[str, dict[str, float]]:
    """Run a study stage by stage and return what each took.

    A stage that a kill stopped counts all its attempts that ended by themselves; what is noted in
    `stages.json` is not run again.

    Returns
    -------
    dict
        By stage: `seconds` of the wall clock, `cpu` seconds and `peak` memory in MiB.
    """
    folder.mkdir(parents=True, exist_ok=True)
    study, notes = folder / "study.toml", folder / "stages.json"
    study.write_text(size.text(folder / "corpus"), encoding="utf-8")
    taken = json.loads(notes.read_text()) if notes.exists() else {}
    for name, command in commands(study, folder / "files", jobs):
        if name not in taken:
            taken[name] = measured(command)
            notes.write_text(json.dumps(taken, indent=1), encoding="utf-8")
            print(name, taken[name], flush=True)
    return taken


def commands(study: Path, out: Path, jobs: int) -> Iterator[tuple[str, list[str]]]:
    """Yield what is run, in order, and what it is called."""
    semisup = [sys.executable, "-m", "semisup"]
    run = [*semisup, "run", str(study), "--out", str(out), "--jobs", str(jobs), "--quiet"]
    generate = (
        "import sys; from pathlib import Path; from semisup.reading import read_study; "
        "from semisup.corpora import adapter; spec = read_study(Path(sys.argv[1])).spec.corpus[0]; "
        "adapter(spec.adapter)(spec).scan(Path(spec.root))"
    )
    yield "generate", [sys.executable, "-c", generate, str(study)]
    yield "check", [*semisup, "check", str(study), "--out", str(out), "--jobs", str(jobs), "-q"]
    for stage in STAGES:
        yield stage, [*run, "--until", stage]
    yield "nothing to do", run
    about = [str(study), "--out", str(out), "--jobs", str(jobs), "--quiet", "--system", SYSTEM]
    yield "export", [*semisup, "export", *about, "--output", str(out.parent / "model")]
    predict = [*about, "--figures", "0", "--output", str(out.parent / "predictions")]
    yield "predict", [*semisup, "predict", predict[0], str(out.parent / "corpus"), *predict[1:]]


def measured(command: list[str]) -> dict[str, float]:
    """Run a command; return its seconds, its processor's seconds and its peak memory in MiB.

    The peak is that of the sum over the process and its children, looked at often; it is at least
    that of the largest of them, of which the system misses nothing.
    """
    began = time.perf_counter()
    process = subprocess.Popen(command)
    peaks, ended = [0], threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, peaks, ended))
    watcher.start()
    _, status, usage = os.wait4(process.pid, 0)
    ended.set()
    watcher.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return {
        "seconds": round(time.perf_counter() - began, 2),
        "cpu": round(usage.ru_utime + usage.ru_stime, 2),
        "peak": round(max(peaks) / 2**20),
    }


def _watch(pid: int, peaks: list[int], ended: threading.Event) -> None:
    """Add what a process and its children hold, every now and then."""
    before = 0
    while not ended.wait(EVERY):
        try:
            parent = psutil.Process(pid)
            all_of_them = (parent, *parent.children(recursive=True))
            held = sum(process.memory_info().rss for process in all_of_them)
            # a child that begins is, for a moment, its parent once more, whose memory it shares
            peaks.append(min(held, before))
            peaks.append(max(_most_so_far(process.pid) for process in all_of_them))
            before = held
        except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            continue


def _most_so_far(pid: int) -> int:
    """Return the most bytes that a process has held; 0 where the system doesn't tell.

    `getrusage` would tell, too, but counts what held the memory before the program began.
    """
    if sys.platform != "linux":
        return 0
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next((int(line.split()[1]) * 2**10 for line in lines if line.startswith("VmHWM")), 0)


if __name__ == "__main__":
    speakers, folder, *more = sys.argv[1:]
    run_stages(Size(int(speakers), *map(int, more)), Path(folder))
