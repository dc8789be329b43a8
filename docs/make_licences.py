"""Write licences.md: the licence of every package that semisup needs or can use, as they tell it.

Run ``python docs/make_licences.py`` where all extras are installed; a test compares the page with
what is installed. What a package says of itself is not advice of a lawyer.
"""

import re
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = Path(__file__).with_name("licences.md")
#: Extras whose packages no user needs.
OURS = ("dev", "docs", "test-extras")
UNKNOWN = "not told"
#: Characters of a licence's name; longer ones are whole texts.
LONGEST = 60
#: Whose own words say little, or less than a user must know.
KNOWN = {
    "opensmile": "audEERING's own: private use, research and teaching, not commercial",
    "audioop-lts": "PSF-2.0",
    "skops": "MIT",
    "soundfile": "BSD 3-Clause; its wheels bring libsndfile, LGPL-2.1",
    "soxr": "LGPL-2.1-or-later",
    "standard-aifc": "PSF-2.0",
    "torch": "BSD-3-Clause; its wheels bring much under others",
}
HEAD = Path(__file__).with_name("licences_head.txt")


def tables() -> dict[str, list[str]]:
    """Return the names of packages by the extra that brings them, "" for those always needed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    brought = {"": project["dependencies"]} | {
        name: extras[name] for name in extras if name not in OURS
    }
    return {name: [_name(line) for line in lines] for name, lines in brought.items()}


def licence_of(name: str) -> str | None:
    """Return the licence of an installed package in a few words, None if it is not installed."""
    try:
        return KNOWN.get(name) or _told(distribution(name))
    except PackageNotFoundError:
        return None


def rows() -> list[str]:
    """Return the lines of the table of packages."""
    old = dict(re.findall(r"^\| (\S+) \| (.+?) \|", _page(), re.MULTILINE))
    brought_by: dict[str, list[str]] = {}
    for extra, names in tables().items():
        for name in names:
            brought_by.setdefault(name, []).append(f"extra `{extra}`" if extra else "always")
    lines = [
        (name, licence_of(name) or KNOWN.get(name) or old.get(name, UNKNOWN), ", ".join(extras))
        for name, extras in sorted(brought_by.items(), key=lambda item: item[0].lower())
    ]
    head = ("package", "licence", "needed")
    table = [head, ("---",) * len(head), *lines]
    return [f"| {' | '.join(row)} |" for row in table]


def _page() -> str:
    return PAGE.read_text("utf-8") if PAGE.exists() else ""


def _name(requirement: str) -> str:
    return re.split(r"[<>=!~;\[ ]", requirement, maxsplit=1)[0]


def _told(package: Distribution) -> str:
    metadata = package.metadata
    expression = metadata.get("License-Expression", "")
    classifiers = [
        text.rpartition(" :: ")[2]
        for text in metadata.get_all("Classifier") or []
        if text.startswith("License ::") and not text.endswith("OSI Approved")
    ]
    text = (metadata.get("License") or "").strip().partition("\n")[0]
    short = text if 0 < len(text) <= LONGEST else ""
    return str(expression) or " or ".join(classifiers) or short or UNKNOWN


def page() -> str:
    """Return the whole page."""
    return "\n".join([HEAD.read_text("utf-8"), "## All packages", "", *rows(), ""])


if __name__ == "__main__":
    PAGE.write_bytes(page().encode())
