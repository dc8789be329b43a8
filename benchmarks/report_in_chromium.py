"""Reports in a browser: accessibility, keyboard, size and speed, in headless Chromium.

    python benchmarks/report_in_chromium.py report.html ... [--axe axe.min.js] [--shots FOLDER]

axe-core is not ours: ``npm pack axe-core`` gives its axe.min.js. Without it the rest is looked at.
Exit status 1 where something is wrong.
"""

import argparse
import base64
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

WIDTHS = {1280: 900, 375: 812}
MOST_BYTES, MOST_SECONDS = 8_000_000, 1.0
#: Everything that a mouse can use, as it is once all sections are open.
_USABLE = (
    "Array.from(document.querySelectorAll('a[href], button, select, summary, audio, [tabindex]'))"
    ".filter(e => e.checkVisibility())"
)
_OPEN_ALL = "document.querySelectorAll('details').forEach(d => { d.open = true; })"


class Browser:
    """Headless Chromium, spoken to through the pipe of its DevTools protocol."""

    def __init__(self) -> None:
        name = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
        if name is None:
            raise SystemExit("There is no Chromium here")
        self._folder = tempfile.TemporaryDirectory()
        to_it, self._out = os.pipe()
        self._in, from_it = os.pipe()
        # the protocol has its two ends at 3 and 4
        command = ["bash", "-c", f'exec "$@" 3<&{to_it} 4>&{from_it}', "bash", name, "--headless"]
        command += ["--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"]
        command += [f"--user-data-dir={self._folder.name}", "about:blank"]
        self._process = subprocess.Popen(
            command, pass_fds=(to_it, from_it), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(to_it)
        os.close(from_it)
        self._numbers, self._rest = itertools.count(1), b""
        self.session: str | None = None
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(target["targetId"] for target in targets if target["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        self.call("Page.enable")

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        os.close(self._out)
        os.close(self._in)
        self._folder.cleanup()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its result."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]
        while True:
            answer = self._next()
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def run(self, script: str) -> Any:
        """Return what a script gives, promises waited for."""
        found = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"]["exception"]["description"])
        return found["result"].get("value")

    def open(self, path: Path, width: int, dark: bool = False) -> None:
        """Open a page at a width and wait until it is complete."""
        phone = width < 600
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=WIDTHS.get(width, 900),
                  deviceScaleFactor=1, mobile=phone)  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url=path.resolve().as_uri())
        self.run(
            "new Promise(done => document.readyState === 'complete' ? done() : "
            "addEventListener('load', () => done()))"
        )

    def shot(self, path: Path, whole: bool = False) -> None:
        """Take a picture of the first screen, or of the whole page."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole, **self._clip(whole))
        path.write_bytes(base64.b64decode(shot["data"]))

    def pdf(self, path: Path) -> None:
        """Print the page."""
        printed = self.call("Page.printToPDF", preferCSSPageSize=True)
        path.write_bytes(base64.b64decode(printed["data"]))

    def _clip(self, whole: bool) -> dict[str, Any]:
        if not whole:
            return {}
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {**size, "scale": 1}}

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            got = os.read(self._in, 1 << 20)
            if not got:
                raise RuntimeError("Chromium has gone")
            self._rest += got
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)


def violations(browser: Browser, axe: str) -> list[str]:
    """Return what axe-core finds in the open page, everything unfolded, a line a rule."""
    browser.run(_OPEN_ALL)
    browser.run(axe)
    found = browser.run("axe.run().then(r => r.violations)")
    return [
        f"{rule['id']} ({rule['impact']}): {len(rule['nodes'])} x {rule['nodes'][0]['html'][:90]}"
        for rule in found
    ]


def unreachable(browser: Browser) -> list[str]:
    """Return what can be clicked in the open page and is not reached by the tab key.

    Players of sound are counted once each: their own buttons are the browser's.
    """
    browser.run(_OPEN_ALL)
    browser.run("document.activeElement.blur(); window.scrollTo(0, 0)")
    wanted = browser.run(f"window.wanted = {_USABLE}; wanted.length")
    browser.run(
        "window.reached = new Set();"
        "document.addEventListener('focusin', e => reached.add(e.target))"
    )
    missed = "wanted.filter(e => !reached.has(e)).map(e => e.outerHTML.slice(0, 90))"
    # the buttons of each player are stops of their own
    for _ in range(wanted + 8 * browser.run("document.querySelectorAll('audio').length") + 5):
        key: dict[str, Any] = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
        browser.call("Input.dispatchKeyEvent", type="rawKeyDown", **key)
        browser.call("Input.dispatchKeyEvent", type="keyUp", **key)
        if browser.run("wanted.every(e => reached.has(e))"):
            break
    return list(browser.run(missed))


def ready(browser: Browser) -> float:
    """Return after how many seconds the open page was loaded and all scripts had run."""
    entry = "performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"
    return float(browser.run(entry))


def overflow(browser: Browser) -> int:
    """Return by how many pixels the open page is wider than its window."""
    return int(browser.run("document.documentElement.scrollWidth - innerWidth"))


def problems(browser: Browser, path: Path, axe: str | None) -> list[str]:
    """Look at one report at all widths, print what was measured, and return what is wrong."""
    size, wrong = path.stat().st_size, []
    if size > MOST_BYTES:
        wrong.append(f"{size:,} bytes")
    for width in WIDTHS:
        browser.open(path, width)
        seconds, wider = ready(browser), overflow(browser)
        found = violations(browser, axe) if axe else []
        missed = unreachable(browser)
        print(
            f"{path} at {width}: {size:,} bytes, ready in {seconds:.2f} s, {len(found)} "
            f"violations, {len(missed)} out of the keyboard's reach, {wider} px too wide"
        )
        wrong += [f"{width}: {line}" for line in [*found, *missed]]
        wrong += [f"{width}: ready in {seconds:.2f} s"] * (seconds > MOST_SECONDS)
        wrong += [f"{width}: {wider} px too wide"] * (wider > 0)
    return wrong


def shots(browser: Browser, path: Path, folder: Path) -> None:
    """Take pictures: first screens and whole pages, light and dark, and the print."""
    folder.mkdir(parents=True, exist_ok=True)
    name = path.parent.name
    for width in WIDTHS:
        for dark in (False, True):
            browser.open(path, width, dark)
            shade = "dark" if dark else "light"
            browser.shot(folder / f"{name}_{width}_{shade}.png")
            if not dark:
                browser.shot(folder / f"{name}_{width}_whole.png", whole=True)
    browser.open(path, 1280)
    browser.pdf(folder / f"{name}.pdf")


def rows() -> Iterator[dict[str, Any]]:
    """Yield the size of a made-up study's report and the seconds until a browser has it ready."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from made_up_study import STUDY, write_study

    from semisup.report import write_report

    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        path = write_report(write_study(Path(folder) / "made_up"), STUDY)
        size = path.stat().st_size / 1e6
        browser.open(path, max(WIDTHS))
        seconds = ready(browser)
    for name, ours, target, unit in (
        ("report: size", size, f"<= {MOST_BYTES / 1e6:g}", "MB"),
        ("report: ready in Chromium", seconds, f"<= {MOST_SECONDS:g}", "s"),
    ):
        yield {
            "name": name,
            "ours": ours,
            "baseline": None,
            "ratio": None,
            "target": target,
            "unit": unit,
        }


def main() -> int:
    """Look at all reports."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("reports", nargs="+", type=Path)
    parser.add_argument("--axe", type=Path, help="axe.min.js of axe-core")
    parser.add_argument("--shots", type=Path, help="folder for pictures")
    chosen = parser.parse_args()
    axe = chosen.axe.read_text("utf-8") if chosen.axe else None
    wrong = []
    with Browser() as browser:
        for path in chosen.reports:
            wrong += [f"{path}: {line}" for line in problems(browser, path, axe)]
            if chosen.shots:
                shots(browser, path, chosen.shots)
    print("\n".join(wrong) or "nothing is wrong")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
