"""When a schedule is due: rules in a few words, read as lines of cron in a time zone.

when = When.parse("weekly mon,thu 06:00", zone_of("Europe/Berlin"))
next(when.after(now))
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from storj_monitor.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FORMS = (
    '"daily 06:00", "weekly mon 06:00" (or mon,thu), "monthly 1 06:00" (1 to 31, or last) '
    'or "cron 0 6 * * 1" (minute, hour, day, month, weekday)'
)
_HINT = f"Write {FORMS}."
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: Longer lines are nobody's.
_MOST_LETTERS = 200
_FIELDS = 5
#: Months that have so many days are looked for by their numbers; the others end on their last.
_SHORT_OF = {29: "2", 30: "2", 31: "2,4,6,9,11"}
#: Leap years and all ways that weekdays fall have been seen from here: what comes, comes soon.
_TRIED_FROM = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class When:
    """A rule in a time zone: `after` gives the moments at which it is due.

    An hour that the clock leaves out is made up for right after it; of an hour that comes twice
    the first counts. (A line of cron whose minute or hour begins with * goes by elapsed time.)
    """

    #: The rule in its usual spelling: `weekly mon,thu 06:00`.
    text: str
    zone: ZoneInfo
    #: The lines of cron that it stands for.
    lines: tuple[str, ...]

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo) -> When:
        """Read a rule; raise Problem bad_schedule that says how one is written.

        A line of cron that never comes, such as on the 30th of February, is refused too.
        """
        kind, _, rest = " ".join(text.split()).partition(" ")
        if kind.lower() not in _RULES or len(text) > _MOST_LETTERS:
            near = difflib.get_close_matches(kind.lower(), _RULES, n=1)
            meant = f"Did you mean {near[0]!r}? " if near and kind.lower() not in _RULES else ""
            raise _problem(text[:_MOST_LETTERS], "is no rule that can be read", meant + _HINT)
        spelt, lines = _RULES[kind.lower()](text, rest)
        return cls(f"{kind.lower()} {spelt}", zone, lines)

    @property
    def kind(self) -> str:
        """The first word of the rule: daily, weekly, monthly or cron."""
        return self.text.partition(" ")[0]

    def after(self, moment: datetime) -> Iterator[datetime]:
        """Yield the moments (UTC) later than `moment` at which it is due, rising, each once.

        It ends only where a line of cron has no match for fifty years.
        """
        last = moment
        for due in merge(*(_moments(line, moment.astimezone(self.zone)) for line in self.lines)):
            if due > last:
                yield due
                last = due


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its name; raise Problem bad_timezone that says what would work."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        near = difflib.get_close_matches(name, available_timezones(), n=1)
        meant = f"Did you mean {near[0]!r}? " if near else ""
        hint = f"{meant}Give a name such as Europe/Berlin or UTC."
        raise Problem("bad_timezone", f"there is no time zone {name!r}", hint) from error


def _moments(line: str, start: datetime) -> Iterator[datetime]:
    from cronsim import CronSim

    for due in CronSim(line, start):
        yield due.astimezone(UTC)


def _problem(text: str, what: str, hint: str = _HINT) -> Problem:
    return Problem("bad_schedule", f"when={text!r} {what}", hint)


def _daily(text: str, rest: str) -> tuple[str, tuple[str, ...]]:
    time, cron = _time(text, rest)
    return time, (f"{cron} * * *",)


def _weekly(text: str, rest: str) -> tuple[str, tuple[str, ...]]:
    days, _, rest = rest.partition(" ")
    time, cron = _time(text, rest)
    named = days.lower().split(",")
    for name in named:
        if name not in _DAYS:
            raise _problem(text, f"names no weekday with {name!r}", f"Days are {', '.join(_DAYS)}.")
    spelt = ",".join(day for day in _DAYS if day in named)
    return f"{spelt} {time}", (f"{cron} * * {spelt}",)


def _monthly(text: str, rest: str) -> tuple[str, tuple[str, ...]]:
    day, _, rest = rest.partition(" ")
    time, cron = _time(text, rest)
    if day.lower() == "last":
        return f"last {time}", (f"{cron} L * *",)
    number = int(day) if re.fullmatch(r"[0-9]{1,2}", day, re.ASCII) else 0
    if not 1 <= number <= 31:  # noqa: PLR2004  the longest month
        raise _problem(text, f"names no day of a month with {day!r}", "Give 1 to 31, or last.")
    if number not in _SHORT_OF:
        return f"{number} {time}", (f"{cron} {number} * *",)
    short = _SHORT_OF[number].split(",")
    long = ",".join(str(month) for month in range(1, 13) if str(month) not in short)
    lines = (f"{cron} {number} {long} *", f"{cron} L {','.join(short)} *")
    return f"{number} {time}", lines


def _cron(text: str, rest: str) -> tuple[str, tuple[str, ...]]:
    from cronsim import CronSim, CronSimError

    if len(rest.split()) != _FIELDS:
        raise _problem(text, f"has {len(rest.split())} fields, not {_FIELDS}")
    try:
        first = next(CronSim(rest, _TRIED_FROM), None)
    except CronSimError as error:
        hint = f"Write a day that comes, and numbers or names that cron knows. {_HINT}"
        raise _problem(text, f"can't be used: {str(error).lower()}", hint) from error
    if first is None:
        raise _problem(text, "never comes", "Write a day that there is in the months you name.")
    return rest, (rest,)


def _time(text: str, given: str) -> tuple[str, str]:
    """Return a time of day as it is spelt, and as cron's minute and hour."""
    found = _TIME.fullmatch(given)
    if found is None:
        raise _problem(text, f"has no time of day in {given!r}")
    hour, minute = int(found[1]), int(found[2])
    return f"{hour:02}:{minute:02}", f"{minute} {hour}"


_RULES: dict[str, Callable[[str, str], tuple[str, tuple[str, ...]]]] = {
    "daily": _daily,
    "weekly": _weekly,
    "monthly": _monthly,
    "cron": _cron,
}
