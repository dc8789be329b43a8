"""Whose versions go into which fingerprint: the packages that computed an artefact.

Another version may compute other numbers, so that what it computes is made again; what is told by
content, such as recordings, then is the same or not. Of this package the numbers in `FORMATS` stand
for its version: a release that changes the report's page alone makes the report again, no more.
"""

from functools import cache
from importlib.metadata import PackageNotFoundError, version

_NUMBERS = ("numpy", "scipy")
_LEARNING = (*_NUMBERS, "scikit-learn")
_SIGNALS = (*_NUMBERS, "soxr")
#: By step. Representations and classifiers add the `libraries` that they name.
VERSIONS: dict[str, tuple[str, ...]] = {
    "recordings": ("soundfile", "pillow"),
    "manifest": (),
    "split": _NUMBERS,
    "durations": ("matplotlib",),
    "chunks": _SIGNALS,
    "train": _LEARNING,
    "refit": _LEARNING,
    "tune": (),  # a choice that was made holds
    "features": (*_SIGNALS, "scikit-learn"),
    "arrays": (*_SIGNALS, "pillow"),
    "curve": _LEARNING,
    "compare": _LEARNING,
    "importance": _LEARNING,
    "clusters": _LEARNING,
    "plot": ("matplotlib",),
    "report": ("matplotlib",),
}


def versions_of(packages: tuple[str, ...]) -> dict[str, str]:
    """Return the version of each package, "" of one that is not installed."""
    return {package: installed(package) for package in packages}


@cache
def installed(package: str) -> str:
    """Return the version of an installed package, "" if there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
