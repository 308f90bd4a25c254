"""What the pages are made of: their size, their colours, and the words at their foot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storj_export_plugins.formats.imprint import imprint

if TYPE_CHECKING:
    from datetime import tzinfo

    from storj_monitor.plugin import Document, Span

SIZES = {"a4": (595.28, 841.89), "letter": (612.0, 792.0)}
ORIENTATIONS = ("auto", "portrait", "landscape")
LANGUAGE = "en-GB"
PROGRAM = "storj-monitor"

Colour = tuple[float, float, float]
INK: Colour = (0.10, 0.12, 0.17)
FAINT: Colour = (0.38, 0.41, 0.47)
ACCENT: Colour = (0.122, 0.341, 0.659)
STRIPE: Colour = (0.955, 0.965, 0.98)
RULE: Colour = (0.78, 0.81, 0.86)
WARNING: Colour = (0.98, 0.955, 0.88)


def is_address(text: str) -> bool:
    """Return whether a text may be a live link: an https address in plain characters."""
    return re.fullmatch(r"https://[!-~]+", text) is not None


def page_size(paper: str, *, landscape: bool) -> tuple[float, float]:
    """Return width and height of a page in points."""
    short, long = SIZES[paper]
    return (long, short) if landscape else (short, long)


@dataclass(frozen=True)
class About:
    """What a file says about itself, in its properties and on every page."""

    title: str
    author: str
    subject: str
    generated_at: datetime | None
    period: str
    #: Label and text, as they stand on the first page.
    facts: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, document: Document) -> About:
        """Gather it from a document."""
        zone = document.timezone or UTC
        facts = imprint(document)
        return cls(
            title=document.title,
            author=document.brand or PROGRAM,
            subject="; ".join(f"{label}: {text}" for label, text in facts),
            generated_at=document.generated_at,
            period=period(document.span, zone) if document.span else "",
            facts=tuple(fact for fact in facts if not (document.span and fact[0] in _IN_PERIOD)),
        )

    @property
    def stamp(self) -> str:
        """When the file was made, as PDF spells a time; empty when unknown."""
        if self.generated_at is None:
            return ""
        return self.generated_at.astimezone(UTC).strftime("D:%Y%m%d%H%M%S+00'00'")

    @property
    def foot(self) -> str:
        """The words at the foot of every page."""
        made = dict(self.facts).get("Generated at", "")
        parts = (self.title, self.period, f"generated {made}" if made else "")
        return " · ".join(part for part in parts if part)


#: Said by the period in fewer words.
_IN_PERIOD = ("From", "Until (not included)", "Time zone")


def period(span: Span, zone: tzinfo) -> str:
    """Spell a span for people: whole days by their dates, else with times; always with its zone."""
    start, end = span.start.astimezone(zone), span.end.astimezone(zone)
    if start.time() == end.time() == datetime.min.time() and start < end:
        last = (end - timedelta(days=1)).date()
        days = f"{start.date()}" if last == start.date() else f"{start.date()} to {last}"
        return f"{days}, {zone}"
    return f"{start:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S}, {zone}"
