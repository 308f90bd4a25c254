"""An export as a worker is told of it: names and numbers, which go through a pipe as JSON."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from storj_monitor.exports.estimate import ESTIMATE
from storj_monitor.exports.preview import PREVIEW
from storj_monitor.exports.request import ExportRequest
from storj_monitor.plugin import Query, Report, Span
from storj_monitor.plugin.query import moment
from storj_monitor.registry.candidate import BUILT_IN, canonical

if TYPE_CHECKING:
    from storj_monitor.registry import Catalogue

#: Every worker knows these, whatever is installed.
_OWN = MappingProxyType({own.name: own for own in (ESTIMATE, PREVIEW)})


class Order(Struct, frozen=True, kw_only=True):
    """A request that makes sense, with every name looked up already; times are UTC microseconds.

    Two orders are equal when they ask for the same.
    """

    kind: Literal["source", "report"]
    subject: str
    format: str
    start_us: int
    end_us: int
    nodes: tuple[str, ...]
    filters: dict[str, tuple[str, ...]]
    timezone: str
    columns: tuple[str, ...]
    personal: bool
    options: dict[str, str]
    clamped: bool
    #: Start and end of what was asked for, where it was made shorter.
    asked_us: tuple[int, int] | None = None


def order_of(request: ExportRequest) -> Order:
    """Return a request as an order."""
    query, asked = request.query, request.asked
    return Order(
        kind="report" if isinstance(request.subject, Report) else "source",
        subject=request.subject.name,
        format=request.format.name,
        start_us=query.span.start_us,
        end_us=query.span.end_us,
        nodes=query.nodes,
        filters=dict(query.filters),
        timezone=query.timezone.key,
        columns=query.columns,
        personal=query.personal,
        options=dict(request.options),
        clamped=request.clamped,
        asked_us=None if asked is None else (asked.start_us, asked.end_us),
    )


def request_of(order: Order, catalogue: Catalogue) -> ExportRequest:
    """Return the request that an order was made of; KeyError where the catalogue is another."""
    offered = catalogue.reports if order.kind == "report" else catalogue.sources
    query = Query(
        span=Span(moment(order.start_us), moment(order.end_us)),
        nodes=order.nodes,
        filters=MappingProxyType(order.filters),
        timezone=ZoneInfo(order.timezone),
        columns=order.columns,
        personal=order.personal,
    )
    return ExportRequest(
        subject=offered[order.subject],
        format=_OWN.get(order.format) or catalogue.formats[order.format],
        query=query,
        options=MappingProxyType(order.options),
        clamped=order.clamped,
        asked=None if order.asked_us is None else Span(*map(moment, order.asked_us)),
    )


def strangers(order: Order, catalogue: Catalogue) -> frozenset[tuple[str, str]]:
    """Return whose code may run for an order beside the program's own: distributions and plugins.

    A report may ask for any source.
    """
    wanted = {("formats", order.format), (f"{order.kind}s", order.subject)}
    if order.kind == "report":
        wanted |= {("sources", name) for name in catalogue.sources}
    return frozenset(
        (plugin.distribution, plugin.name)
        for plugin in catalogue.plugins
        if canonical(plugin.distribution) != BUILT_IN
        and any((kind, name) in wanted for kind, names in plugin.offers.items() for name in names)
    )
