"""Plugins made of one function, held to one rule of the kit."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from storj_monitor.plugin import Format, hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.testing.admission import Conformance

C = TypeVar("C", bound="Conformance[Any]")


def plugin_of(kind: str, *items: object) -> ModuleType:
    """Return a plugin that offers these, such as by its hook storj_formats."""
    module = ModuleType("storj_made_up")

    def hook() -> list[object]:
        return list(items)

    hook.__name__ = f"storj_{kind}"
    setattr(module, hook.__name__, hookimpl(hook))
    return module


def held(base: type[C], *items: object, **attributes: object) -> C:
    """Return an author's class of tests for the first of these, which one plugin offers."""
    members = {"plugin": plugin_of(base.kind, *items), **attributes}
    made: C = type("TestIt", (base,), members)()
    return made


def format_of(render: Callable[[Any], Any], **fields: Any) -> Format:
    """Return a format that a stranger wrote."""
    given = {"name": "made_up", "title": "Made up", "media_type": "text/plain", **fields}
    return Format(render=render, **given)


def broken_rule(test: Callable[..., None], *fixtures: object, **more: object) -> str:
    """Run a test of the kit that must fail, and return its words."""
    with pytest.raises(pytest.fail.Exception) as caught:
        test(*fixtures, **more)
    message = str(caught.value.msg)
    assert "\nThe rule: " in message
    return message


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run the tests that were written into the folder, without the plugins of ours."""
    without = [f"-pno:{name}" for name in ("cacheprovider", "asyncio", "aiohttp")]
    return pytester.runpytest_inprocess(*without, *arguments)
