"""A schedule that makes sense, and the one parser for what HTTP and the command line ask for.

    {"name": "Mondays", "report": "weekly_performance", "format": "pdf", "nodes": ["attic"],
     "when": "weekly mon 06:00", "timezone": "Europe/Berlin", "period": "last-week",
     "channel": "email", "recipients": ["me@example.org"], "skip_empty": false, "enabled": true,
     "parameters": {"option.paper": "a4"}}

A `source` in the place of the `report` is an export. `parameters` are further words of such a
request: columns, personal, preset, option.NAME, metrics, and a source's filters by name.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from storj_monitor.errors import Problem
from storj_monitor.exports.request import parse_export, parse_report
from storj_monitor.schedules.periods import changes_at, check_period, covered, name_of
from storj_monitor.schedules.when import FORMS, When, zone_of
from storj_monitor.store import ScheduleEntry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from storj_monitor.exports.request import ExportRequest, Limits
    from storj_monitor.plugin import Span
    from storj_monitor.registry import Catalogue

KEYS = (
    *("name", "report", "source", "format", "nodes", "when", "timezone", "period", "channel"),
    *("recipients", "skip_empty", "enabled", "parameters"),
)
#: What a schedule says by itself, so that its words can't say something else.
_OWN = ("format", "start", "end", "period", "days", "node", "nodes", "timezone", "strict")
#: What a schedule covers if it doesn't say; a line of cron has to.
_USUAL = MappingProxyType({"daily": "yesterday", "weekly": "last-week", "monthly": "last-month"})
_BAD = "bad_schedule"
_MOST_RECIPIENTS = 100
_LONGEST_NAME = 100
#: Of a recipient (an address, or a URL) and of any other text.
_LONGEST = 2_000
_MICROSECOND = timedelta(microseconds=1)


class Occurrence(NamedTuple):
    """When something is due (UTC), and the period that it covers."""

    due: datetime
    span: Span


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What is sent: when, about which period, by which channel and to whom."""

    name: str
    kind: Literal["source", "report"]
    #: The name of the source or report.
    subject: str
    format: str
    #: Empty for all of them.
    nodes: tuple[str, ...]
    #: Further words of the request, each with its values.
    words: Mapping[str, tuple[str, ...]]
    when: When
    period: str
    channel: str
    recipients: tuple[str, ...]
    skip_empty: bool = False
    enabled: bool = True

    @classmethod
    def of(cls, entry: ScheduleEntry) -> Schedule:
        """Return the schedule that a row of the database stands for.

        Raises the Problem of one that can't be understood any more.
        """
        check_period(entry.period)
        decided = entry._asdict()
        when = When.parse(entry.rule, zone_of(entry.timezone))
        fields = {name: decided[name] for name in cls.__dataclass_fields__ if name != "when"}
        return cls(**fields, when=when)

    def entry(self) -> ScheduleEntry:
        """Return what the database keeps of it: for `writer.schedules`."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "when"}
        return ScheduleEntry(**fields, rule=self.when.text, timezone=self.when.zone.key)

    def as_json(self) -> dict[str, object]:
        """Return it as HTTP and the command line show it; `parse_schedule` reads it back."""
        return {
            "name": self.name,
            self.kind: self.subject,
            "format": self.format,
            "nodes": list(self.nodes),
            "when": self.when.text,
            "timezone": self.when.zone.key,
            "period": self.period,
            "channel": self.channel,
            "recipients": list(self.recipients),
            "skip_empty": self.skip_empty,
            "enabled": self.enabled,
            "parameters": {name: list(values) for name, values in self.words.items()},
        }

    def covered(self, due: datetime) -> Span:
        """Return the period that an occurrence, or a run by hand, at `due` covers."""
        return covered(self.period, self.when.zone, due)

    def period_name(self, span: Span) -> str:
        """Return the name of a covered period: 2026-10-31, 2026-W44, 2026-10 or 2026."""
        return name_of(self.period, self.when.zone, span)

    def upcoming(self, after: datetime) -> Iterator[Occurrence]:
        """Yield what is due later than `after`, rising: of each period the first occurrence alone.

        The others of the same period have nothing left to do. Take as many as you need: it hardly
        ever ends.
        """
        while (due := next(self.when.after(after), None)) is not None:
            yield Occurrence(due, self.covered(due))
            after = self.changes_after(due)

    def changes_after(self, due: datetime) -> datetime:
        """Return the last moment at which occurrences cover the same period as at `due`."""
        return max(due, changes_at(self.period, self.when.zone, due) - _MICROSECOND)

    def request(self, span: Span, catalogue: Catalogue, limits: Limits) -> ExportRequest:
        """Return the request for a covered period; raise the Problem that says what is wrong.

        However long the period is, nothing of it is left out.
        """
        words = {
            **self.words,
            "format": (self.format,),
            "timezone": (self.when.zone.key,),
            "period": (self.period_name(span),),
        }
        if self.nodes:
            words["node"] = self.nodes
        parse = parse_report if self.kind == "report" else parse_export
        return parse(self.subject, words, catalogue, replace(limits, max_days=None))


def parse_schedule(body: Mapping[str, object], catalogue: Catalogue, limits: Limits) -> Schedule:
    """Return the schedule that a body asks for, checked as its first request will be.

    None means the same as nothing. Raises the Problem that says what is wrong and what would work:
    bad_schedule, or what a request is refused with, such as unknown_source or bad_timezone.
    """
    given = {name: value for name, value in body.items() if value is not None}
    for name in given:
        if name not in KEYS:
            raise Problem(_BAD, f"unknown key {name!r}", _choices("A schedule has", name, KEYS))
    kind = _kind(given)
    when = When.parse(_text(given, "when", hint=f"Write {FORMS}."), _zone(given))
    schedule = Schedule(
        name=_name(given),
        kind=kind,
        subject=_text(given, kind),
        format=_text(given, "format", "pdf" if kind == "report" else "csv"),
        nodes=_nodes(given),
        words=_words(given),
        when=when,
        period=_period(given, when),
        channel=_channel(given, catalogue),
        recipients=_recipients(given),
        skip_empty=_switch(given, "skip_empty", usual=False),
        enabled=_switch(given, "enabled", usual=True),
    )
    schedule.request(schedule.covered(limits.now), catalogue, limits)
    return schedule


def _kind(given: Mapping[str, object]) -> Literal["source", "report"]:
    if "report" in given and "source" in given:
        raise Problem(_BAD, "it has both a report and a source", "Leave one of them out.")
    if "report" not in given and "source" not in given:
        raise Problem(_BAD, "it has neither a report nor a source", 'Give one: "report": "...".')
    return "report" if "report" in given else "source"


def _name(given: Mapping[str, object]) -> str:
    name = _text(given, "name").strip()
    if not name or len(name) > _LONGEST_NAME:
        hint = f"Give 1 to {_LONGEST_NAME} characters."
        raise Problem(_BAD, "the name is empty or too long", hint)
    return name


def _zone(given: Mapping[str, object]) -> ZoneInfo:
    return zone_of(_text(given, "timezone", "UTC"))


def _period(given: Mapping[str, object], when: When) -> str:
    return check_period(_text(given, "period", _USUAL.get(when.kind)))


def _channel(given: Mapping[str, object], catalogue: Catalogue) -> str:
    name = _text(given, "channel")
    if name not in catalogue.channels:
        raise Problem(
            _BAD, f"unknown channel {name!r}", _choices("Installed", name, catalogue.channels)
        )
    return name


def _recipients(given: Mapping[str, object]) -> tuple[str, ...]:
    texts = _texts(given.get("recipients", ()), "recipients")
    named = tuple(dict.fromkeys(text.strip() for text in texts))
    if not named:
        raise Problem(
            _BAD, "it has no recipients", 'Give a list: "recipients": ["me@example.org"].'
        )
    if not all(named):
        raise Problem(_BAD, "a recipient is empty", "Leave it out, or say who it is.")
    if len(named) > _MOST_RECIPIENTS:
        raise Problem(_BAD, f"it has {len(named)} recipients", f"Give {_MOST_RECIPIENTS} at most.")
    return named


def _nodes(given: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_texts(given.get("nodes", ()), "nodes")))


def _words(given: Mapping[str, object]) -> Mapping[str, tuple[str, ...]]:
    words = given.get("parameters", {})
    if not isinstance(words, Mapping):
        hint = 'Write "parameters": {"preset": "excel-eu"}.'
        raise Problem(_BAD, f"parameters={words!r} is no object", hint)
    for name in words:
        if name in _OWN:
            raise Problem(
                _BAD, f"parameters has {name!r}", "Leave it out: the schedule itself says it."
            )
    return MappingProxyType({name: _values(name, value) for name, value in words.items()})


def _values(name: str, value: object) -> tuple[str, ...]:
    """Read a value or a list of them; yes and no are as in a URL."""
    if isinstance(value, bool):
        return ("1" if value else "0",)
    values = _texts((value,) if isinstance(value, str) else value, name)
    if not values:
        raise Problem(
            _BAD, f"parameters has {name!r} without a value", "Give one, or leave it out."
        )
    return values


def _switch(given: Mapping[str, object], name: str, *, usual: bool) -> bool:
    value = given.get(name, usual)
    if not isinstance(value, bool):
        raise Problem(_BAD, f"{name}={value!r} is neither true nor false", "Give true or false.")
    return value


def _texts(value: object, name: str) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Collection):
        raise Problem(_BAD, f"{name}={value!r} is no list of texts", f'Write "{name}": ["..."].')
    return tuple(_checked(one, name) for one in value)


def _text(given: Mapping[str, object], name: str, usual: str | None = None, hint: str = "") -> str:
    if name in given:
        return _checked(given[name], name)
    if usual is None:
        raise Problem(_BAD, f"{name} is missing", hint or f'Give "{name}": "...".')
    return usual


def _checked(value: object, name: str) -> str:
    """Return a text of one line; nothing that ends up in a header has a line break in it."""
    if not isinstance(value, str):
        raise Problem(_BAD, f"{name}: {value!r} is no text", "Give a text.")
    if len(value) > _LONGEST:
        raise Problem(_BAD, f"{name} is too long", f"Give {_LONGEST} characters at most.")
    if not value.isprintable():
        detail = f"{name}: {value!r} has characters that can't be printed"
        raise Problem(_BAD, detail, "Give one line without control characters.")
    return value


def _choices(which: str, given: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(given, list(known), n=1)
    meant = f"Did you mean {near[0]!r}? " if near else ""
    return f"{meant}{which}: {', '.join(known) or 'none'}."
