"""What is sent with a file: a subject that says which period it is about, and the figures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.delivery.markup import rendered
from storj_monitor.plugin import Kind, Parcel, display_text
from storj_monitor.reports.calendar import first_and_last_day, month_of, year_of

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from storj_monitor.delivery.sizes import Packed
    from storj_monitor.plugin import Span

_MOST_FIGURES, _MOST_WARNINGS, _MOST_NAMES = 12, 5, 5
_LONGEST = 200
_DAY = timedelta(days=1)
_SHORT, _LONG = "%b %Y", "%B %Y"
#: Whatever some program takes for the end of a line, and what turns the direction of text.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


class FigureShown(NamedTuple):
    """A figure as people read it; the change is a ratio, None where it isn't known."""

    label: str
    value: str
    change: float | None = None

    @property
    def changed(self) -> str:
        """The change, with its sign: +12.0 %; nothing where it isn't known."""
        return "" if self.change is None else f"{self.change * 100:+.1f} %"


@dataclass(frozen=True, kw_only=True)
class File:
    """A finished file, and what its manifest says of it."""

    id: str
    path: Path
    name: str
    media_type: str
    bytes: int
    sha256: str
    rows: int
    #: Whether it tells of nothing, whatever the rows.
    is_empty: bool = False
    title: str = ""
    figures: tuple[FigureShown, ...] = ()
    warnings: tuple[str, ...] = ()
    #: Whether there is personal data in it, as far as is known.
    personal: bool = False


@dataclass(frozen=True, kw_only=True)
class Topic:
    """What a parcel is about: which report of which nodes and period, and why it comes."""

    title: str
    #: Empty for all of them.
    nodes: tuple[str, ...]
    span: Span
    #: In whose days the span is told.
    zone: ZoneInfo
    #: The name of the schedule.
    schedule: str
    due: datetime
    late: bool = False
    test: bool = False
    again: bool = False

    @property
    def subject(self) -> str:
        """The line that says all of it: `Weekly performance, attic: 9 to 15 Nov 2026`."""
        line = f"{_plain(self.title)}{self._who}: {period_text(self.span, self.zone)}"
        return f"{'Test: ' if self.test else ''}{line}{' (late)' if self.late else ''}"

    @property
    def period(self) -> str:
        """The span for people, with its zone: `9 to 15 Nov 2026 (Europe/Berlin)`."""
        return f"{period_text(self.span, self.zone)} ({self.zone.key})"

    @property
    def bounds(self) -> str:
        """The moments at which the span begins and ends, in its zone."""
        start, end = (at.astimezone(self.zone) for at in (self.span.start, self.span.end))
        return f"from {start:%Y-%m-%d %H:%M %Z} to {end:%Y-%m-%d %H:%M %Z}"

    @property
    def due_text(self) -> str:
        """When it was due, in the zone of the span."""
        return f"{self.due.astimezone(self.zone):%Y-%m-%d %H:%M %Z}"

    @property
    def who(self) -> str:
        """The nodes it is about: their names if they are few, or else how many they are."""
        if len(self.nodes) > _MOST_NAMES:
            return f"{len(self.nodes)} nodes"
        return ", ".join(map(_plain, self.nodes)) or "all nodes"

    @property
    def _who(self) -> str:
        if not self.nodes:
            return ""
        return (
            f", {_plain(self.nodes[0])}" if len(self.nodes) == 1 else f", {len(self.nodes)} nodes"
        )


class Link(NamedTuple):
    """An address of the file, and when it ends."""

    url: str
    until: datetime


class Address(NamedTuple):
    """Whom a parcel is for, and what stands for it at each attempt."""

    recipient: str
    key: str


def parcel_of(topic: Topic, file: File, packed: Packed, link: Link | None, to: Address) -> Parcel:
    """Return the parcel for one recipient, its texts saying what is in it and what isn't."""
    shown = {
        "topic": topic,
        "file": file,
        "figures": file.figures[:_MOST_FIGURES],
        "warnings": file.warnings[:_MOST_WARNINGS],
        "size": display_text(file.bytes, Kind.BYTES),
        "rows": f"{file.rows:,} row{'' if file.rows == 1 else 's'}",
        "how": packed.how,
        "limit": display_text(packed.limit, Kind.BYTES) if packed.limit else "",
        "attached": packed.attachment.filename if packed.attachment else "",
        "link": link,
        "until": f"{link.until.astimezone(topic.zone):%Y-%m-%d %H:%M %Z}" if link else "",
    }
    return Parcel(
        subject=topic.subject,
        text=rendered("report.txt", **shown),
        html=rendered("report.html", **shown),
        attachments=(packed.attachment,) if packed.attachment else (),
        links=(link.url,) if link else (),
        idempotency_key=to.key,
        recipient=to.recipient,
    )


def period_text(span: Span, zone: ZoneInfo) -> str:
    """Return a span in whole days for people: 9 Nov 2026, 9 to 15 Nov 2026, November 2026, 2026."""
    first, last = first_and_last_day(span, zone)
    days = (first, last)
    if first == last:
        return f"{first.day} {first:{_SHORT}}"
    if _is_whole(days, year_of(first)):
        return f"{first.year}"
    if _is_whole(days, month_of(first)):
        return f"{first:{_LONG}}"
    end = f"{last.day} {last:{_SHORT}}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {end}"
    start = (
        f"{first.day} {first:%b}" if first.year == last.year else f"{first.day} {first:{_SHORT}}"
    )
    return f"{start} to {end}"


def _is_whole(days: tuple[date, date], whole: tuple[date, date]) -> bool:
    """Say whether first and last day are those of a whole: its first and the first after it."""
    return days == (whole[0], whole[1] - _DAY)


def _plain(text: str) -> str:
    """Return a text as a short line in which nothing ends it or hides."""
    line = " ".join(_UNSEEN.sub(" ", text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
