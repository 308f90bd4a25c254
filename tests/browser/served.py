"""The real server as a process of its own, and pages of it in the system's Chromium."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import (  # type: ignore[import-untyped]  # without types
    Axe,
)
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
#: What is to happen and doesn't is waited for so long, in tests that then fail.
PATIENCE_MS = 30_000
#: The choices of a datalist, such as all time zones, are shown by the browser and not on the page.
VIOLATIONS = """axe.run({exclude: [["datalist"]]}, {resultTypes: ["violations"]}).then(
    found => found.violations)"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give the system's browser."""
    with sync_playwright() as playwright:
        # A container's root can't have Chromium's sandbox; the pages are our own.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def served(
    database: Path, *options: str, module: str = "storj_monitor", **environment: str
) -> Iterator[str]:
    """Serve a database by the command line, and give the address, which ends with a slash."""
    command = [sys.executable, "-m", module, "serve", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--database", str(database), *options],
        env=os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout
        yield announced(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_MS / 1000)


def announced(line: str) -> str:
    """Return the address that a server says it is at."""
    found = re.search(r"http://\S+/", line)
    assert found, line
    return found[0]


@dataclass
class Visit:
    """A page in a browser of its own, and what must not happen there."""

    page: Page
    origin: str
    #: What the browser complained of, and what was asked of other servers.
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin to watch."""
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._look(request.url))

    def _look(self, url: str) -> None:
        if not url.startswith((self.origin, "data:", "blob:")):
            self.strangers.append(url)

    def forgive(self, status: int) -> None:
        """Forget what the browser says of answers that are refusals."""
        said = f"Failed to load resource: the server responded with a status of {status} "
        self.complaints = [text for text in self.complaints if not text.startswith(said)]

    def violations(self) -> list[tuple[Any, ...]]:
        """Return what axe-core finds on the page as it is now."""
        # It is large: a page that was looked at before has it.
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(Axe().axe_script)
        found = self.page.evaluate(VIOLATIONS)
        return [
            (rule["id"], [(one["html"], one["failureSummary"]) for one in rule["nodes"]])
            for rule in found
        ]


@contextmanager
def visit(browser: Browser, origin: str, path: str = "", **looks: Any) -> Iterator[Visit]:
    """Open a page; at the end nothing was complained of, or fetched from elsewhere."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | looks)
    visited = Visit(context.new_page(), origin)
    try:
        visited.page.goto(origin + path)
        yield visited
        assert not visited.complaints, visited.complaints
        assert not visited.strangers, visited.strangers
    finally:
        context.close()
