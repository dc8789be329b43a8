"""What libsndfile does not read, decoded by the program ffmpeg where it is installed."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory


class FfmpegError(Exception):
    """ffmpeg could not decode a file; the message is its own last line."""


def is_installed() -> bool:
    """Tell whether there is an ffmpeg on the path."""
    return which("ffmpeg") is not None


@contextmanager
def decoded(path: Path) -> Iterator[Path]:
    """Decode the first sound of a file to a file that libsndfile reads, at its own rate.

    A recording that ffmpeg complains of is refused, as what is missing would be filled or left out.

    Raises
    ------
    FfmpegError
        If ffmpeg stops or complains.
    """
    with TemporaryDirectory(prefix="semisup-") as folder:
        # W64 has no limit of 4 GiB; samples of lossy formats have no number of bits
        target = Path(folder) / "decoded.w64"
        command = [
            *("ffmpeg", "-nostdin", "-v", "error", "-xerror", "-i", f"file:{path}"),
            *("-map", "0:a:0", "-c:a", "pcm_f32le", "-f", "w64", str(target)),
        ]
        run = subprocess.run(command, capture_output=True, check=False)
        lines = run.stderr.decode(errors="replace").strip().splitlines()
        if run.returncode or lines or not target.is_file():
            raise FfmpegError(lines[-1].removeprefix(f"file:{path}: ") if lines else "no output")
        yield target
