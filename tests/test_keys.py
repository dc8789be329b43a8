"""docs/KEYS.md says what the models say, docs/FIGURES.md what the catalogue of figures says."""

import importlib.util
from pathlib import Path
from types import ModuleType

DOCS = Path(__file__).parents[1] / "docs"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_keys_is_that_of_the_models():
    pages = script("make_keys").pages()
    assert (DOCS / "KEYS.md").read_text() == pages, "run python docs/make_keys.py"


def test_the_page_of_figures_is_that_of_the_catalogue():
    page = script("make_figures").page()
    assert (DOCS / "FIGURES.md").read_text() == page, "run python docs/make_figures.py"
