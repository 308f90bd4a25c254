from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from storj_export_plugins.sources.events import storj_sources, without_addresses
from storj_export_plugins.sources.naming import Names
from storj_monitor.plugin import Kind, OptionError
from storj_monitor.schema import nodes, satellites
from storj_monitor.store import News
from tests.records import EU1, PIECE, US1, at, transfers
from tests.sources.asking import ask, moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_monitor.store import Store

(EVENTS,) = storj_sources()
UNKNOWN = "1Unknown" + "x" * 43


def write(store: Store, rows: Iterable[dict[str, Any]], node: str = "n1") -> None:
    with store.writer() as writer:
        writer.write([News(node=node, transfers=transfers(rows))])


def test_the_columns_are_those_of_the_public_contract() -> None:
    assert [column.key for column in EVENTS.columns] == [
        *("timestamp", "node", "satellite", "satellite_id", "action", "status", "size_bytes"),
        *("duration_ms", "piece_id", "error", "remote_ip", "country"),
    ]
    assert {column.key: column.kind for column in EVENTS.columns if column.kind != Kind.TEXT} == {
        "timestamp": Kind.TIMESTAMP,
        "size_bytes": Kind.BYTES,
        "duration_ms": Kind.DURATION,
    }
    assert [column.key for column in EVENTS.columns if column.personal] == ["remote_ip", "country"]
    assert [filter_.name for filter_ in EVENTS.filters] == ["satellite", "action", "status"]
    assert EVENTS.max_days == 31


def test_a_row_says_all_that_is_known_of_a_transfer(store: Store) -> None:
    row = {
        "at": at("2026-03-04T10:11:12.345678"),
        "size": 2_319_360,
        "duration_ms": 1_234,
        "error": "read tcp 10.0.0.1:28967->[2a01::1]:443: i/o timeout",
        "remote_ip": "192.0.2.1",
        "country": "DE",
        "status": "failed",
    }
    write(store, [row])
    [found] = ask(store, EVENTS, personal=True)
    assert found == {
        "timestamp": moment("2026-03-04T10:11:12.345678"),
        "node": "n1",
        "satellite": "us1",
        "satellite_id": US1,
        "action": "GET",
        "status": "failed",
        "size_bytes": 2_319_360,
        "duration_ms": 1_234,
        "piece_id": PIECE,
        "error": row["error"],
        "remote_ip": "192.0.2.1",
        "country": "DE",
    }


def test_what_is_missing_is_none_and_never_nought(store: Store) -> None:
    missing = dict.fromkeys(("satellite", "action", "size", "piece_id"))
    write(store, [missing | {"status": "rejected"}])
    [found] = ask(store, EVENTS, personal=True)
    known = {key: value for key, value in found.items() if value is not None}
    assert known == {
        "timestamp": moment("2026-03-04T10:11:12"),
        "node": "n1",
        "status": "rejected",
    }


def test_personal_data_is_masked_unless_it_is_asked_for(store: Store) -> None:
    write(store, [{"error": "dial 192.0.2.7:443: refused", "remote_ip": "x", "country": "DE"}])
    [found] = ask(store, EVENTS)
    assert (found["error"], found["remote_ip"], found["country"]) == (
        "dial <ip>: refused",
        None,
        None,
    )


def test_rows_come_in_order_of_time_and_of_writing(store: Store) -> None:
    times = ["2026-03-04T10:00:01", "2026-03-04T10:00:00", "2026-03-04T10:00:00"]
    write(store, [{"at": at(time), "size": size} for size, time in enumerate(times)])
    assert [row["size_bytes"] for row in ask(store, EVENTS)] == [1, 2, 0]


def test_the_start_belongs_to_the_span_and_the_end_does_not(store: Store) -> None:
    edges = ("2026-02-28T23:59:59.999999", "2026-03-01", "2026-03-31T23:59:59.999999", "2026-04-01")
    write(store, [{"at": at(edge)} for edge in edges])
    assert [row["timestamp"] for row in ask(store, EVENTS)] == [
        moment("2026-03-01"),
        moment("2026-03-31T23:59:59.999999"),
    ]


@pytest.fixture
def mixed(store: Store) -> Store:
    """Give two nodes, three satellites and every status; sizes tell the rows apart."""
    write(
        store,
        [
            {"size": 1, "satellite": US1, "action": "GET", "status": "success"},
            {"size": 2, "satellite": EU1, "action": "PUT", "status": "canceled"},
            {"size": 3, "satellite": UNKNOWN, "action": "GET_AUDIT", "status": "failed"},
        ],
    )
    write(
        store,
        [
            {"size": 4, "satellite": US1, "action": "PUT", "status": "success"},
            {"size": 5, "satellite": None, "action": None, "status": "rejected"},
        ],
        node="a,b",
    )
    return store


@pytest.mark.parametrize(
    ("query", "sizes"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"nodes": ("n1",)}, [1, 2, 3]),
        ({"nodes": ("a,b",)}, [4, 5]),
        ({"nodes": ("n1", "a,b")}, [1, 2, 3, 4, 5]),
        ({"filters": {"satellite": ["us1"]}}, [1, 4]),
        ({"filters": {"satellite": [US1, "eu1"]}}, [1, 2, 4]),
        ({"filters": {"satellite": [UNKNOWN]}}, [3]),
        ({"filters": {"satellite": [UNKNOWN[:12]]}}, [3]),
        ({"filters": {"action": ["PUT", "GET_AUDIT"]}}, [2, 3, 4]),
        ({"filters": {"action": ["get"]}}, []),
        ({"filters": {"status": ["rejected"]}}, [5]),
        ({"filters": {"status": ["success"], "action": ["PUT"]}, "nodes": ("n1",)}, []),
    ],
)
def test_nodes_and_filters_choose_rows(
    mixed: Store, query: dict[str, Any], sizes: list[int]
) -> None:
    assert [row["size_bytes"] for row in ask(mixed, EVENTS, **query)] == sizes


def test_a_satellite_that_there_is_not_is_refused_with_those_there_are(mixed: Store) -> None:
    with pytest.raises(OptionError) as refusal:
        ask(mixed, EVENTS, filters={"satellite": ["us1", "us9"]})
    assert str(refusal.value) == (f"there is no satellite 'us9'; known: {UNKNOWN[:12]}, eu1, us1")


def test_columns_that_will_not_be_kept_may_be_empty_but_are_there(mixed: Store) -> None:
    rows = ask(mixed, EVENTS, columns=("size_bytes", "node"))
    assert [row["size_bytes"] for row in rows] == [1, 2, 3, 4, 5]
    assert {row["node"] for row in rows} == {"n1", "a,b"}
    assert {len(row) for row in rows} == {12}
    assert {row["error"] for row in rows} == {None}


def test_an_empty_database_gives_nothing_whatever_is_asked_for(store: Store) -> None:
    assert ask(store, EVENTS) == []
    assert ask(store, EVENTS, nodes=("n1",), filters={"satellite": ["us1"]}) == []


def test_a_node_and_a_satellite_that_come_while_it_is_read_have_their_names(store: Store) -> None:
    write(store, [{}])
    with store.reader() as reader:
        names = Names(reader)
        write(store, [{"satellite": EU1}], node="n2")
        node_ids = reader.fetch(select(nodes.c.id))["id"].combine_chunks()
        satellite_ids = reader.fetch(select(satellites.c.id))["id"].combine_chunks()
        assert names.node(node_ids).to_pylist() == ["n1", "n2"]
        assert names.satellite(satellite_ids)[0].to_pylist() == ["us1", "eu1"]


def masked(text: str) -> str:
    [found] = without_addresses(pa.array([text])).to_pylist()
    return str(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("read tcp 10.0.0.1:28967->192.0.2.1:443: i/o timeout", "read tcp <ip>-><ip>: i/o timeout"),
        ("tcp:10.0.0.1 refused:1.2.3.4", "tcp:<ip> refused:<ip>"),
        ("from x10.0.0.1y", "from x<ip>y"),
        ("read [2a01:4f9::2]:28967->[::1]:80: EOF", "read <ip>-><ip>: EOF"),
        ("[fe80::1%eth0.100]:28967 [fe80::1%br-lan] fe80::1%en0", "<ip> <ip> <ip>"),
        ("::ffff:192.0.2.1:80 64:ff9b::192.0.2.1 [::ffff:192.0.2.1]:80", "<ip> <ip> <ip>"),
        ("2a01:4f9:0:0:0:0:0:2 and 2001:db8::: x", "<ip> and <ip>: x"),
        ("dial ::1: refused, 2001:db8::1: refused", "dial <ip>: refused, <ip>: refused"),
    ],
)
def test_addresses_are_masked_in_every_spelling(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "context canceled",
        "v1.137.5 at 10:11:12 of 2026-03-04T10:11:12Z, offset +02:00",
        "piecestore: std::bad_alloc foo::bar :: [5] [abc] [] {a:b} error: x: y",
        "downloaded size (327680 bytes) does not match received message size (362496 bytes)",
        "file does not exist: /storage/blobs/ukfu6bhbboxilvt7jrwlqk7y2tapb5d2r2tsmj2sjxvw5qaaaaaa",
    ],
)
def test_what_is_no_address_is_left_as_it_is(text: str) -> None:
    assert masked(text) == text


ADDRESSES = (
    st.ip_addresses(v=4)
    | st.ip_addresses(v=6)
    | st.ip_addresses(v=6, network="2001:db8::/112")
    | st.ip_addresses(v=6, network="::ffff:0:0/96")
)


@given(address=ADDRESSES, port=st.none() | st.integers(0, 65_535))
@example(address=ipaddress.ip_address("::"), port=80)
@example(address=ipaddress.ip_address("2001:db8::"), port=None)
@example(address=ipaddress.ip_address("0:0:0:0:0:0:0:1"), port=None)
def test_no_part_of_any_address_is_left(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int | None
) -> None:
    suffix = "" if port is None else f":{port}"
    spellings = {str(address), address.exploded}
    if isinstance(address, ipaddress.IPv6Address):
        spellings = {f"[{spelling}]" for spelling in spellings} | (
            spellings if port is None and address != ipaddress.ip_address("::") else set()
        )
    for spelling in spellings:
        assert masked(f"dial tcp {spelling}{suffix}: refused") == "dial tcp <ip>: refused"


def test_errors_without_any_text_pass_through() -> None:
    assert without_addresses(pa.array([None, None], pa.string())).to_pylist() == [None, None]
    assert without_addresses(pa.array([], pa.string())).to_pylist() == []
