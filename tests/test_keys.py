"""Pages that are written from the code say what it says."""

import importlib.util
from pathlib import Path
from types import ModuleType

from semisup.figures.catalogue import FIGURES

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


def test_the_page_of_commands_is_that_of_the_command_line():
    page = script("make_commands").page()
    assert (DOCS / "COMMANDS.md").read_text("utf-8") == page, "run python docs/make_commands.py"


def test_the_page_of_errors_is_that_of_the_code():
    page = script("make_errors").page()
    assert (DOCS / "ERRORS.md").read_text("utf-8") == page, "run python docs/make_errors.py"


def test_the_gallery_has_every_kind_of_figure_and_its_command():
    gallery = script("make_gallery")
    assert (DOCS / "GALLERY.md").read_text("utf-8") == gallery.page(), "run docs/make_gallery.py"
    assert {figure.kind for figure in gallery.QUICKSTART} | gallery.ELSEWHERE == set(FIGURES)
    for figure in gallery.QUICKSTART:
        taken = {option.name for option in FIGURES[figure.kind].options}
        assert set(figure.options) <= taken, figure.kind
