"""What stands in a message: the period, the figures, and nothing that a name can spoil."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from storj_monitor.delivery.parcels import (
    Address,
    FigureShown,
    File,
    Topic,
    parcel_of,
    period_text,
)
from storj_monitor.delivery.sizes import Packed
from storj_monitor.plugin import Attachment
from storj_monitor.reports import calendar

if TYPE_CHECKING:
    from storj_monitor.plugin import Parcel

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
HOSTILE = "<img src=//x>\r\nBcc: eve@example.org\u2028\u202e"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("2026-11-09", "9 Nov 2026"),
        ("2026-W46", "9 to 15 Nov 2026"),
        ("2026-W49", "30 Nov to 6 Dec 2026"),
        ("2026-W53", "28 Dec 2026 to 3 Jan 2027"),
        ("2024-02", "February 2024"),
        ("2026-10", "October 2026"),
        ("2026", "2026"),
    ],
)
def test_a_period_is_told_in_the_days_of_its_zone(words: str, text: str) -> None:
    for zone in (BERLIN, ZoneInfo("America/Los_Angeles"), ZoneInfo("Pacific/Apia")):
        assert period_text(calendar.period(words, zone, NOW), zone) == text


def topic(**changes: Any) -> Topic:
    fields: dict[str, Any] = {
        "title": "Weekly performance",
        "nodes": ("attic",),
        "span": calendar.period("2026-W46", BERLIN, NOW),
        "zone": BERLIN,
        "schedule": "Mondays",
        "due": datetime(2026, 11, 16, 5, tzinfo=UTC),
    }
    return Topic(**fields | changes)


def parcel(topic_: Topic, **changes: Any) -> Parcel:
    fields: dict[str, Any] = {
        "id": "f" * 32,
        "path": Path("f.data"),
        "name": "weekly.pdf",
        "media_type": "application/pdf",
        "bytes": 12_345,
        "sha256": "ab" * 32,
        "rows": 1_234,
        "figures": (FigureShown("Egress", "1.25 TB", 0.1234), FigureShown("Held", "$3.13")),
        "warnings": ("Of two days nothing is known.",),
    }
    file = File(**fields | changes)
    whole = Attachment(filename=file.name, media_type=file.media_type, path=file.path)
    return parcel_of(topic_, file, Packed("whole", whole, None), None, Address("ann", "k"))


def test_the_subject_says_what_of_whom_and_which_period() -> None:
    assert topic().subject == "Weekly performance, attic: 9 to 15 Nov 2026"
    assert topic(nodes=()).subject == "Weekly performance: 9 to 15 Nov 2026"
    assert topic(nodes=("a", "b")).subject == "Weekly performance, 2 nodes: 9 to 15 Nov 2026"
    assert topic(late=True).subject.endswith("2026 (late)")
    assert topic(test=True).subject.startswith("Test: Weekly")


def test_the_text_has_the_figures_the_warnings_and_what_is_in_the_file() -> None:
    assert parcel(topic()).text == (
        "Weekly performance\n"
        "9 to 15 Nov 2026 (Europe/Berlin), from 2026-11-09 00:00 CET to 2026-11-16 00:00 CET\n"
        "attic\n"
        "\n"
        "Egress: 1.25 TB (+12.3 %)\n"
        "Held: $3.13\n"
        "\n"
        "Note: Of two days nothing is known.\n"
        "\n"
        "File: weekly.pdf\n"
        f"12.34 kB, 1,234 rows, SHA-256 {'ab' * 32}\n"
        "\n"
        'Sent by storj-monitor, schedule "Mondays".\n'
    )


def test_many_nodes_are_counted_and_a_few_are_named() -> None:
    few, many = ([f"n{number}" for number in range(count)] for count in (5, 70))
    assert topic(nodes=tuple(few)).who == "n0, n1, n2, n3, n4"
    made = parcel(topic(nodes=tuple(many)))
    assert "\n70 nodes\n" in made.text
    assert "70 nodes</p>" in made.html
    assert "n69" not in made.text + made.html


class Tags(HTMLParser):
    """Collects the elements of a page and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_hostile_names_are_text_and_nothing_is_fetched() -> None:
    hostile = topic(nodes=(HOSTILE,), title=HOSTILE, schedule=HOSTILE)
    made = parcel(
        hostile, name=HOSTILE, figures=(FigureShown(HOSTILE, HOSTILE),), warnings=(HOSTILE,)
    )
    tags = Tags()
    tags.feed(made.html)
    assert not tags.found & {"img", "link", "script", "iframe", "style"}
    assert not tags.attributes & {"src", "href", "background", "onload"}
    assert made.subject.isprintable()
    assert "\n" not in made.subject


def test_when_it_is_late_it_says_when_it_was_due() -> None:
    made = parcel(topic(late=True, due=NOW - timedelta(days=1)))
    assert "This is late: it was due 2026-11-17 13:00 CET." in made.text
    assert "This is late:" in made.html
