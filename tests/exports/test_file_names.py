from __future__ import annotations

import re
from email.message import Message
from typing import Any
from urllib.parse import unquote

import pytest
from aiohttp.multipart import content_disposition_filename, parse_content_disposition
from hypothesis import example, given
from hypothesis import strategies as st

from storj_monitor.exports.file_names import content_disposition, file_name
from tests.exports.offers import asked, format_, source


def name_of(node: str) -> str:
    return file_name(asked(known=[node], node=[node]))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({}, "things_all_2026-02-26_2026-03-04.csv"),
        ({"node": "n1"}, "things_n1_2026-02-26_2026-03-04.csv"),
        ({"node": ["n1", "n2"]}, "things_2-nodes_2026-02-26_2026-03-04.csv"),
        ({"period": "2026-02"}, "things_all_2026-02-01_2026-02-28.csv"),
        (
            {"period": "2026-02", "timezone": "Pacific/Kiritimati"},
            "things_all_2026-02-01_2026-02-28.csv",
        ),
        (
            {"start": "2026-02-01T10:00", "end": "2026-02-03T00:00"},
            "things_all_2026-02-01_2026-02-02.csv",
        ),
        (
            {"start": "2026-02-01T23:00Z", "end": "2026-02-01T23:30Z", "timezone": "Asia/Tokyo"},
            "things_all_2026-02-02_2026-02-02.csv",
        ),
    ],
)
def test_a_file_is_named_after_what_it_holds(words: dict[str, Any], expected: str) -> None:
    assert file_name(asked(**words)) == expected


def test_a_file_of_months_is_named_after_days_of_utc() -> None:
    request = asked(source(period="month"), format_("csv"), timezone="Asia/Tokyo", days="1")
    assert file_name(request) == "things_all_2026-03-01_2026-03-31.csv"


def test_a_file_ends_with_the_suffix_of_its_format() -> None:
    request = asked(source(), format_("csv", suffix="tar.gz"))
    assert file_name(request) == "things_all_2026-02-26_2026-03-04.tar.gz"


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("../../etc/passwd", "-..-etc-passwd"),
        ("C:\\node", "C--node"),
        ('a"b', "a-b"),
        ("a\r\nSet-Cookie: x", "a--Set-Cookie- x"),
        ("...", "node"),
        (". .", "node"),
        (" n ", "n"),
        ("CON", "CON"),
        ("a%2Fb;c", "a-2Fb-c"),
        ("Knoten Ä", "Knoten Ä"),
        ("日本", "日本"),
        ("🚀", "🚀"),
        ("a\u202egnp", "a-gnp"),
        ("a\u2028b\ufeff\u061c", "a-b--"),
        ("a\udcffb", "a-b"),
        ("\0", "-"),
        ("x" * 200, "x" * 120),
        ("🚀" * 200, "🚀" * 30),
        ("a" + "é" * 200, "a" + "é" * 59),
    ],
)
def test_a_hostile_node_name_becomes_a_harmless_one(node: str, expected: str) -> None:
    assert name_of(node) == f"things_{expected}_2026-02-26_2026-03-04.csv"


@given(node=st.text(min_size=1, max_size=200))
@example(node="'")
@example(node="a'b\"c\\")
@example(node="\x85\xa0")
def test_any_node_name_gives_a_name_that_both_forms_of_the_header_carry(node: str) -> None:
    name = name_of(node)
    assert re.fullmatch(r"things_.+_2026-02-26_2026-03-04\.csv", name)
    assert len(name.encode()) <= 255
    assert not set(name) & set('/\\:*?"<>|\r\n\0')

    header = content_disposition(name)
    assert header.isascii()
    assert header.isprintable()
    kind, parameters = parse_content_disposition(header)
    assert kind == "attachment"
    assert content_disposition_filename(parameters) == name
    plain = re.search(r'filename="([^"\\]*)"', header)
    assert plain
    assert [len(plain[1]), plain[1].split("_")[0]] == [len(name), "things"]
    assert all(b in (a, "-") for a, b in zip(name, plain[1], strict=True))
    message = Message()
    message["Content-Disposition"] = header.split("; filename*")[0]
    assert message.get_filename() == plain[1]


def test_both_forms_are_spelt_as_rfc_6266_says() -> None:
    header = content_disposition("events_Knoten Ä'1_x.csv")
    assert header == (
        'attachment; filename="events_Knoten --1_x.csv"; '
        "filename*=UTF-8''events_Knoten%20%C3%84%271_x.csv"
    )
    assert unquote(header.rpartition("'")[2]) == "events_Knoten Ä'1_x.csv"
