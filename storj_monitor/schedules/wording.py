"""Rules, moments and periods in words for people, on the page and on the command line."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from storj_monitor.store.deliveries import AGAIN, ASIDE, TEST

if TYPE_CHECKING:
    from datetime import datetime

_DAYS = MappingProxyType(
    {
        "mon": "Monday",
        "tue": "Tuesday",
        "wed": "Wednesday",
        "thu": "Thursday",
        "fri": "Friday",
        "sat": "Saturday",
        "sun": "Sunday",
    }
)
_ORDINALS = MappingProxyType({1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"})
_ONE_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)


def rule_in_words(rule: str) -> str:
    """Return a rule in its usual spelling as a sentence: `Every Monday and Thursday at 06:00`."""
    kind, _, rest = rule.partition(" ")
    first, _, time = rest.rpartition(" ")
    match kind:
        case "daily":
            return f"Every day at {rest}"
        case "weekly":
            return f"Every {_listed([_DAYS[day] for day in first.split(',')])} at {time}"
        case "monthly" if first == "last":
            return f"On the last day of each month at {time}"
        case "monthly":
            return f"On the {first}{_ORDINALS.get(int(first), 'th')} of each month at {time}"
        case _:
            return f"By the cron line {rest}"


def moment_in_words(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment by the clocks of a zone: `Mon 2026-11-30 06:00`."""
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}"


def period_in_words(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """Return a half-open span in a zone: a day, a month, a year, or its first and its last day.

    `Sun 2026-11-22`, `October 2026`, `2025` or `2026-11-16 to 2026-11-22`.
    """
    local, last = start.astimezone(zone), (end - _MICROSECOND).astimezone(zone)
    first_day, last_day = local.date(), last.date()
    if first_day == last_day:
        return f"{local:%a %Y-%m-%d}"
    after = last_day + _ONE_DAY
    if first_day.day == after.day == 1:
        if after.month == first_day.month == 1 and after.year == first_day.year + 1:
            return f"{first_day.year}"
        if (after - first_day).days <= 31:  # noqa: PLR2004  the longest month
            return f"{first_day:%B %Y}"
    return f"{first_day} to {last_day}"


def edition_in_words(edition: str) -> str:
    """Return why a delivery isn't the schedule's own; nothing if it is."""
    kinds = {TEST: "a test", AGAIN: "sent again", ASIDE: "by a wrong clock"}
    return next((said for kind, said in kinds.items() if edition.startswith(kind)), edition)


def zone_or_utc(name: str) -> ZoneInfo:
    """Return a time zone by its name; UTC where it is gone."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return ZoneInfo("UTC")


def _listed(words: list[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
