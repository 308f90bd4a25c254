"""The bodies that ask for exports and reports, in the words that every request has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from storj_monitor.errors import Problem
from storj_monitor.plugin.checks import NAME
from storj_monitor.plugin.query import RESERVED

if TYPE_CHECKING:
    from storj_monitor.exports.request import Words

T = TypeVar("T")

_HINT = "/api/openapi.json describes the body."
#: A number beyond is no number of days in any calendar; those below are looked at with the span.
_MOST_DAYS = 1_000_000
#: What of it is one word of a request, and by the same name; and what is said by 1.
_SINGLE = ("start", "end", "period", "format", "timezone", "preset")
_SWITCHES = ("manifest", "personal", "strict")


class Body(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be said of any file; null means the same as nothing."""

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
    personal: bool | None = None
    strict: bool | None = None

    def words(self) -> Words:
        """Return what is asked for in the words of a request."""
        single = {name: getattr(self, name) for name in _SINGLE}
        words = {name: [value] for name, value in single.items() if value is not None}
        words |= {name: ["1"] for name in _SWITCHES if getattr(self, name)}
        if self.days is not None:
            words["days"] = [str(self.days)]
        if self.node_names is not None:
            words["node"] = self.node_names
        if self.metrics is not None:
            words["metrics"] = self.metrics
        for name, value in (self.options or {}).items():
            words[f"option.{name}"] = [value]
        return words


class WantedReport(Body, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A report that is answered at once."""

    report_type: str


class Wanted(Body, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An export or a report that is to be started."""

    source: str | None = None
    report_type: str | None = None
    columns: list[str] | None = None
    filters: dict[str, str] | None = None

    def words(self) -> Words:
        """Return the same, with what exports have besides; raise Problem for what is no filter."""
        words = dict(super().words())
        for name, value in (self.filters or {}).items():
            if name in RESERVED or not NAME.fullmatch(name):
                hint = "What isn't a filter of the source stands beside the filters."
                raise Problem("unknown_filter", f"{name!r} is no filter", hint)
            words[name] = [value]
        if self.columns is not None:
            words["columns"] = [",".join(self.columns)]
        return words


def decoded(body: bytes, kind: type[T]) -> T:
    """Read a body; raise Problem bad_json where it is none, bad_request where it says no sense."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Problem("bad_request", f"the body: {error}", _HINT) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("bad_json", f"the body: {error}", "Send a JSON object. " + _HINT) from error
