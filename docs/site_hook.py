"""What `make docs` adds to the pages of this folder: what they link to elsewhere, and notebooks.

A link of a page leads to another file of the repository, as on a repository's web site. Such a file
becomes a page of the site as well: Markdown as it is, code in a fence, a folder by its README.
Notebooks are executed, and their pages show what came out.
"""

import os
import posixpath
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
#: Where the site has what is not in `docs/`.
OUTSIDE = "repository/"
#: Working folder of the notebooks, kept: what a study has made is not made again.
WORKSHOP = ROOT / "build" / "notebooks"
#: A target is what is not the address of a web site or a place on the same page.
LINK = re.compile(r"(\]\()([^)#:\s]+)((?:#[^)]*)?\))")
FENCED = re.compile(r"(^```.*?^```$|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
LANGUAGES = {".py": "python", ".toml": "toml", ".sh": "bash"}
#: Of the navigation, so in the site whether linked to or not.
ALWAYS = ("CHANGELOG.md", "CONTRIBUTING.md")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the notebooks, and what pages link to outside of `docs/`, and what that links to."""
    for notebook in sorted((ROOT / "docs").rglob("*.ipynb")):
        uri = notebook.relative_to(ROOT / "docs").with_suffix(".md").as_posix()
        files.append(File.generated(config, uri, content=executed(notebook)))
    pages = [file for file in files.documentation_pages() if file.generated_by is None]
    waiting = [target for page in pages for target in targets(page.src_uri, page.content_string)]
    waiting += [ROOT / name for name in ALWAYS]
    while waiting:
        path = waiting.pop()
        uri = uri_of(path)
        if not uri.startswith(OUTSIDE) or files.get_file_from_path(uri):
            continue
        file = generated(config, uri, path)
        # found by its links: the navigation need not have it
        file.inclusion = InclusionLevel.NOT_IN_NAV
        files.append(file)
        if path.suffix == ".md":
            waiting += targets(uri, path.read_text("utf-8"))
    return files


def on_page_markdown(markdown: str, page: Page, **others: Any) -> str:
    """Let links lead to where the site has what they mean."""
    folder = posixpath.dirname(page.file.src_uri)

    def led(match: re.Match[str]) -> str:
        path = path_of(page.file.src_uri, match[2])
        uri = uri_of(path) if path else posixpath.join(folder, match[2])
        return f"{match[1]}{posixpath.relpath(uri, folder or '.')}{match[3]}"

    return outside_code(markdown, lambda prose: LINK.sub(led, prose))


def targets(uri: str, markdown: str) -> list[Path]:
    """List the files of the repository that a page links to."""
    paths: list[Path | None] = []

    def look(prose: str) -> str:
        paths.extend(path_of(uri, target) for _, target, _ in LINK.findall(prose))
        return prose

    outside_code(markdown, look)
    return [path for path in paths if path]


def outside_code(markdown: str, change: Callable[[str], str]) -> str:
    """Change the text of a page where it is not code."""
    texts = FENCED.split(markdown)
    return "".join(text if number % 2 else change(text) for number, text in enumerate(texts))


def path_of(uri: str, target: str) -> Path | None:
    """Find the file that a page of the site links to; None if there is none."""
    here = uri.removeprefix(OUTSIDE) if uri.startswith(OUTSIDE) else f"docs/{uri}"
    path = ROOT / posixpath.normpath(posixpath.join(posixpath.dirname(here), target))
    path = path / "README.md" if path.is_dir() else path
    return path if path.is_file() else None


def uri_of(path: Path) -> str:
    """Say where the site has a file of the repository."""
    name = path.relative_to(ROOT).as_posix()
    if name.startswith("docs/"):
        return re.sub(r"\.ipynb$", ".md", name.removeprefix("docs/"))
    return OUTSIDE + (f"{name}.md" if path.suffix in LANGUAGES else name)


def generated(config: MkDocsConfig, uri: str, path: Path) -> File:
    """Make a page of code, or take a file as it is."""
    if path.suffix not in LANGUAGES:
        return File.generated(config, uri, abs_src_path=os.fspath(path))
    text = path.read_text("utf-8")
    name = path.relative_to(ROOT).as_posix()
    fence = f"# {path.name}\n\n`{name}`\n\n```{LANGUAGES[path.suffix]}\n{text}```\n"
    return File.generated(config, uri, content=fence)


def executed(notebook: Path) -> str:
    """Run a notebook from top to bottom and write it as a page, pictures within."""
    import nbformat
    from nbclient import NotebookClient

    WORKSHOP.mkdir(parents=True, exist_ok=True)
    cells = nbformat.read(notebook, as_version=4)
    place = {"metadata": {"path": WORKSHOP}}
    quiet = ["--log-level=ERROR"]
    NotebookClient(cells, timeout=300, resources=place, extra_arguments=quiet).execute()
    return "\n\n".join(text for cell in cells["cells"] for text in written(cell))


def written(cell: dict) -> list[str]:
    """Write a cell of a notebook and what it gave."""
    if cell["cell_type"] == "markdown":
        return [cell["source"]]
    outputs = [shown(output) for output in cell["outputs"]]
    return [f"```python\n{cell['source']}\n```", *filter(None, outputs)]


def shown(output: dict) -> str:
    """Write one output of a cell: a picture, a table or text; progress is left out."""
    data = output.get("data", {})
    if "image/png" in data:
        return f'<img alt="Figure" src="data:image/png;base64,{data["image/png"].strip()}">'
    if "text/html" in data:
        return f'<div class="output">{data["text/html"]}</div>'
    text = data.get("text/plain") or (
        output.get("text", "") if output.get("name") == "stdout" else ""
    )
    return f"```text\n{text.rstrip()}\n```" if text.strip() else ""
