"""Make the pictures of the README: python -m tests.browser.screenshots FOLDER.

They show the demo's nodes, as they are now.
"""

from __future__ import annotations

import sys
from pathlib import Path
from subprocess import run
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from tests.browser.served import chromium, served, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    Scheme = Literal["light", "dark"]

HALF_WAY = 0.4
#: A format that takes its time, so that there is something to see.
SLOW = """
import time
from storj_monitor.plugin import Format, hookimpl, machine_text

def render(document):
    for number, row in enumerate(document.sole_table.rows()):
        time.sleep(0.01 if number % 400 == 0 else 0)
        yield ",".join(map(machine_text, row)).encode() + b"\\n"

@hookimpl
def storj_formats():
    return [Format(name="text", title="Text", media_type="text/plain", render=render)]
"""


def main() -> None:
    """Make all of them."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as made:
        database, plugins = Path(made, "demo.db"), Path(made, "plugins")
        plugins.mkdir()
        (plugins / "text.py").write_text(SLOW, encoding="utf-8")
        command = [sys.executable, "-m", "storj_monitor", "demo", "--no-serve"]
        run([*command, "--database", str(database)], check=True)
        with chromium() as browser, served(database, "--plugins-dir", str(plugins)) as origin:
            for scheme in ("light", "dark"):
                show(browser, origin, scheme, 1280, 1300, folder / f"overview-{scheme}.png")
            show(browser, origin, "light", 390, 844, folder / "phone.png")
            show_download(browser, origin, folder / "download.png")


def show(  # noqa: PLR0913, PLR0917
    browser: Browser, origin: str, scheme: Scheme, width: int, height: int, path: Path
) -> None:
    """Show the page from its top on."""
    with visit(browser, origin, **looks(scheme, width, height)) as visited:
        settle(visited.page)
        visited.page.screenshot(path=path)
        tell(path)


def show_download(browser: Browser, origin: str, path: Path) -> None:
    """Show the form while a file is made."""
    with visit(browser, origin, **looks("light", 1280, 720)) as visited:
        page = visited.page
        page.get_by_role("radio", name="Events", exact=True).check()
        page.get_by_label("Period", exact=True).select_option("days=31")
        page.get_by_label("Format", exact=True).select_option("text")
        settle(page)
        page.locator("#forecast:not(.stale)").wait_for()
        page.locator("#go").click()
        page.locator("#job progress[value]").wait_for()
        while page.locator("#job progress").evaluate("bar => bar.position") < HALF_WAY:
            page.wait_for_timeout(50)
        page.locator("#download").evaluate("one => one.scrollIntoView({behavior: 'instant'})")
        page.screenshot(path=path)
        tell(path)
        page.get_by_role("button", name="Cancel the download").click()
        page.get_by_text("Nothing was saved.").wait_for()


def looks(scheme: Scheme, width: int, height: int) -> dict[str, Any]:
    """Return how the browser is to look."""
    size = {"width": width, "height": height}
    return {"viewport": size, "color_scheme": scheme, "timezone_id": "Europe/Berlin"}


def settle(page: Page) -> None:
    """Wait until pictures are there, and the form says what comes."""
    page.locator("#forecast-file:not(:text('…'))").wait_for()
    page.locator(".charts img").evaluate_all(
        "all => Promise.all(all.map(one => { one.loading = 'eager'; return one.decode(); }))"
    )


def tell(path: Path) -> None:
    """Say what was made, and how large it is."""
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
