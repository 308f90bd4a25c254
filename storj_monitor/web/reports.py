"""POST /api/reports/generate: a report, asked for in JSON and answered like an export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta, Struct

from storj_monitor.errors import Problem
from storj_monitor.exports.request import parse_report
from storj_monitor.web.downloads import downloaded

if TYPE_CHECKING:
    from aiohttp import web

    from storj_monitor.exports.request import Words

_HINT = "/api/openapi.json describes the body."
#: A number beyond is no number of days in any calendar; those below are looked at with the span.
_MOST_DAYS = 1_000_000
#: What of it is one word of a request, and by the same name.
_SINGLE = ("start", "end", "period", "format", "timezone", "preset")


class Wanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a request; null means the same as nothing."""

    report_type: str
    start: str | None = None
    end: str | None = None
    period: str | None = None
    days: Annotated[int, Meta(le=_MOST_DAYS, ge=-_MOST_DAYS)] | None = None
    node_names: list[str] | None = None
    metrics: list[str] | None = None
    format: str | None = None
    timezone: str | None = None
    preset: str | None = None
    options: dict[str, str] | None = None
    manifest: bool | None = None

    def words(self) -> Words:
        """Return what is asked for in the words of a request."""
        single = {name: getattr(self, name) for name in _SINGLE}
        words = {name: [value] for name, value in single.items() if value is not None}
        if self.days is not None:
            words["days"] = [str(self.days)]
        if self.node_names is not None:
            words["node"] = self.node_names
        if self.metrics is not None:
            words["metrics"] = self.metrics
        if self.manifest:
            words["manifest"] = ["1"]
        for name, value in (self.options or {}).items():
            words[f"option.{name}"] = [value]
        return words


async def generate(request: web.Request) -> web.StreamResponse:
    """Answer the report that the body asks for."""
    wanted = wanted_of(await request.read())
    return await downloaded(request, parse_report, wanted.report_type, wanted.words())


def wanted_of(body: bytes) -> Wanted:
    """Read a body; raise Problem bad_json where it is none, bad_request where it says no sense."""
    try:
        return msgspec.json.decode(body, type=Wanted)
    except msgspec.ValidationError as error:
        raise Problem("bad_request", f"the body: {error}", _HINT) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("bad_json", f"the body: {error}", "Send a JSON object. " + _HINT) from error
