from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.exports.jobs.orders import Order, order_of, request_of, strangers
from storj_monitor.registry import PluginRecord
from tests.exports.offers import asked, asked_report, format_, report, source
from tests.records import catalogue_of

OFFERS = (source(), format_("csv"), format_(), format_("pdf"))
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns")


@given(
    days=st.integers(1, 4000),
    nodes=st.lists(st.sampled_from(["n1", "n2", "a,b"]), unique=True),
    zone=st.sampled_from(ZONES),
    personal=st.booleans(),
    status=st.lists(st.sampled_from(["good", "bad"]), unique=True),
    guard=st.sampled_from(["on", "off"]),
    columns=st.sampled_from([None, "count", "count,node"]),
)
def test_an_order_is_the_request_that_it_was_made_of(  # noqa: PLR0913, PLR0917  what there is to ask
    days: int,
    nodes: list[str],
    zone: str,
    personal: bool,
    status: list[str],
    guard: str,
    columns: str | None,
) -> None:
    words: dict[str, Any] = {
        "format": "lines",
        "days": str(days),
        "timezone": zone,
        "personal": "1" if personal else "0",
        "option__guard": guard,
    }
    words |= {"node": nodes} if nodes else {}
    words |= {"status": ",".join(status)} if status else {}
    words |= {"columns": columns} if columns else {}
    request = asked(*OFFERS, **words)
    order = msgspec.json.decode(msgspec.json.encode(order_of(request)), type=Order)
    again = request_of(order, catalogue_of(request.subject, request.format))
    assert again == request


def test_a_report_is_ordered_likewise() -> None:
    request = asked_report(*OFFERS, report(), format="lines", days="3", node="n2")
    again = request_of(order_of(request), catalogue_of(*OFFERS, request.subject))
    assert again == request


def test_an_order_of_what_is_not_installed_is_refused() -> None:
    order = order_of(asked(*OFFERS, format="lines"))
    with pytest.raises(KeyError, match="lines"):
        request_of(order, catalogue_of(source(), format_("csv")))


def plugin(name: str, distribution: str, **offers: tuple[str, ...]) -> PluginRecord:
    return PluginRecord(
        name=name,
        distribution=distribution,
        version="1",
        state="loaded",
        offers=MappingProxyType(offers),
        failure=None,
    )


PLUGINS = (
    plugin("events", "Storj.Monitor", sources=("events",), formats=("csv",)),
    plugin("fancy", "storj-fancy", formats=("lines",)),
    plugin("mine", "plugins-dir", sources=("mine",), formats=("csv",)),
)


def test_strangers_are_those_whose_source_or_format_was_asked_for() -> None:
    catalogue = replace(catalogue_of(*OFFERS), plugins=PLUGINS[:2])
    assert strangers(order_of(asked(*OFFERS, format="csv")), catalogue) == frozenset()
    guests = strangers(order_of(asked(*OFFERS, format="lines")), catalogue)
    assert guests == {("storj-fancy", "fancy")}


def test_a_report_may_ask_for_the_sources_of_any_stranger() -> None:
    catalogue = replace(
        catalogue_of(*OFFERS, source(name="mine")), plugins=(PLUGINS[0], PLUGINS[2])
    )
    order = order_of(asked_report(*OFFERS, report(), format="lines"))
    assert strangers(order, catalogue) == {("plugins-dir", "mine")}
