"""The hooks that a plugin may implement.

An entry point of the group `storj_monitor` names a module (or an object) that implements some:

    from storj_monitor.plugin import Format, hookimpl

    @hookimpl
    def storj_formats():
        return [Format(name="psv", title="Pipe-separated", media_type="text/plain", render=render)]

Each hook may be left out. What one returns is read at once, and only once, at start-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_monitor.plugin.descriptors import Channel, Format, Report, Source
    from storj_monitor.plugin.query import Span

#: The version of this API. A plugin module may state `STORJ_PLUGIN_API = 1`, the one it needs.
API_VERSION = 1
#: The name of the pluggy project and of the entry-point group.
PROJECT = "storj_monitor"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, kw_only=True)
class ExportOutcome:
    """How one export ended. `rows` and `bytes` count what was written, `seconds` what it took."""

    subject: str
    format: str
    nodes: tuple[str, ...]
    span: Span
    rows: int
    bytes: int
    seconds: float
    status: Literal["done", "failed", "canceled"]
    error: str | None = None


@hookspec
def storj_sources() -> Iterable[Source]:
    """Return the sources that this plugin offers."""
    return ()


@hookspec
def storj_formats() -> Iterable[Format]:
    """Return the formats that this plugin offers."""
    return ()


@hookspec
def storj_reports() -> Iterable[Report]:
    """Return the reports that this plugin offers."""
    return ()


@hookspec
def storj_channels() -> Iterable[Channel]:
    """Return the channels that this plugin offers."""
    return ()


@hookspec
def storj_export_finished(outcome: ExportOutcome) -> None:
    """Be told of every export, good or bad, in the server or CLI process, after it ended."""
