"""The report in a browser, where there is one: keyboard, size, speed, sorting and folding."""

import importlib.util
import os
import shutil
from pathlib import Path

import pytest
from made_up_study import STUDY, write_study

from semisup.report import write_report

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "report_in_chromium.py"
FOUND = any(map(shutil.which, ("chromium", "google-chrome", "chrome")))
pytestmark = pytest.mark.skipif(not FOUND, reason="there is no Chromium here")
#: axe.min.js of axe-core, which is not ours; without it nobody looks for its violations.
AXE = os.environ.get("SEMISUP_AXE")
DIFFERENCES = "document.querySelector('[data-name=differences]')"


@pytest.fixture(scope="module")
def checks():
    spec = importlib.util.spec_from_file_location("report_in_chromium", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_nothing_is_wrong_in_a_browser_and_its_tables_sort_and_fold(checks, tmp_path):
    path = write_report(write_study(tmp_path / "made_up"), STUDY)
    axe = Path(AXE).read_text("utf-8") if AXE else None
    with checks.Browser() as browser:
        assert checks.problems(browser, path, axe) == []
        # a link of the navigation opens its section
        browser.open(path, 1280)
        fold = "document.querySelector('#comparison details.fold').open"
        assert browser.run(fold) is False
        browser.run("location.hash = '#comparison'")
        assert browser.run(f"new Promise(r => setTimeout(() => r({fold}), 200))") is True
        column = f"[...{DIFFERENCES}.querySelectorAll('tbody tr')].map(r => r.cells[2].textContent)"
        browser.run(f"{DIFFERENCES}.querySelectorAll('th button')[2].click()")
        shown = browser.run(column)
        assert shown == sorted(shown, key=str.lower)
        crossover = "document.querySelector('[data-name=crossover]')"
        folded = f"{crossover}.querySelector('tbody.unresolved').checkVisibility()"
        assert browser.run(folded) is False
        browser.run(f"{crossover}.querySelector('.tools button').click()")
        assert browser.run(folded) is True
