"""No connection is opened for a file, and what only looks like one is let through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.testing.plugins import run

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["pytester"]


def test_a_connection_that_is_opened_is_caught(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_curious="""
        import urllib.request
        from storj_monitor.plugin import Format, hookimpl
        from storj_monitor.testing import FormatConformance

        def render(document):
            urllib.request.urlopen("http://127.0.0.1:9/logo.png")
            yield b""

        class Plugin:
            @hookimpl
            def storj_formats(self):
                return [Format(name="a1", title="A", media_type="text/plain", render=render)]

        class TestCurious(FormatConformance):
            plugin = Plugin()
        """
    )
    result = run(pytester, "-k", "nothing_is_printed")
    result.stdout.fnmatch_lines(["*A network connection was opened while a file was made.*"])


def test_what_works_by_sockets_and_reaches_nobody_is_not_taken_for_a_connection(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        test_asynchronous="""
        import asyncio
        from storj_monitor.plugin import Format, hookimpl
        from storj_monitor.testing import FormatConformance

        async def text():
            return b"made by a library that is asynchronous"

        def render(document):
            yield asyncio.run(text())

        class Plugin:
            @hookimpl
            def storj_formats(self):
                return [Format(name="a1", title="A", media_type="text/html", render=render)]

        class TestAsynchronous(FormatConformance):
            plugin = Plugin()
        """
    )
    run(pytester, "-k", "nothing_is_printed").assert_outcomes(passed=1)
