"""docs/KEYS.md says what the models say."""

import importlib.util
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_of_keys_is_that_of_the_models():
    spec = importlib.util.spec_from_file_location("make_keys", DOCS / "make_keys.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / "KEYS.md").read_text() == module.pages(), "run python docs/make_keys.py"
