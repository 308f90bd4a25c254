"""What came out of reading logs, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_EXAMPLES = 3
_TIME = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What was found in one log or, added up, in several.

    `lines` is the sum of `transfers`, `other`, `noise` and `not_understood`; `transfers` is the sum
    of `new`, `known` and `sealed`.
    """

    lines: int = 0
    transfers: int = 0
    #: Transfers that the database did not know, and those it knew already.
    new: int = 0
    known: int = 0
    #: Transfers of hours that were pruned, or another monitor counted: nothing is added to these.
    sealed: int = 0
    #: Log lines that end no transfer.
    other: int = 0
    #: Lines that are no log lines: stack traces, empty lines, words of other programs.
    noise: int = 0
    not_understood: int = 0
    #: Up to three lines that were not understood, shortened and printable.
    examples: tuple[str, ...] = ()
    #: The first and the last time in the log, in UTC; None if there is none.
    started_at: datetime | None = None
    ended_at: datetime | None = None
    #: Logs whose last line has no line end yet: it counts once it is finished.
    unfinished: int = 0
    #: Logs with times that name no zone: they were taken as UTC.
    without_zone: int = 0

    def __add__(self, other: Summary) -> Summary:
        """Sum up two logs: `sum(summaries, Summary())`."""
        return Summary(
            lines=self.lines + other.lines,
            transfers=self.transfers + other.transfers,
            new=self.new + other.new,
            known=self.known + other.known,
            sealed=self.sealed + other.sealed,
            other=self.other + other.other,
            noise=self.noise + other.noise,
            not_understood=self.not_understood + other.not_understood,
            examples=(*self.examples, *other.examples)[:_EXAMPLES],
            started_at=min(_times(self.started_at, other.started_at), default=None),
            ended_at=max(_times(self.ended_at, other.ended_at), default=None),
            unfinished=self.unfinished + other.unfinished,
            without_zone=self.without_zone + other.without_zone,
        )


def describe(summary: Summary) -> str:
    """Say for people what was read, in a few lines without a line end at the end."""
    transfers = _number(summary.transfers, "transfer")
    other, noise = _number(summary.other, "other log line"), _number(summary.noise, "line")
    said = [
        f"{_number(summary.lines, 'line')} read{_span(summary)}",
        f"  {transfers}: {summary.new:,} new, {summary.known:,} known already{_sealed(summary)}",
        f"  {other}, {noise} of something else",
    ]
    if summary.not_understood:
        said.append(f"  {_number(summary.not_understood, 'line')} not understood, such as:")
        said += [f"    {example}" for example in summary.examples]
    if summary.unfinished:
        said.append("  The last line is not finished yet: ingest the log again when it is.")
    if summary.without_zone:
        said.append("  There are times without a zone: they were taken as UTC.")
    return "\n".join(said)


def _times(*times: datetime | None) -> list[datetime]:
    return [time for time in times if time is not None]


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _sealed(summary: Summary) -> str:
    if not summary.sealed:
        return ""
    return f", {summary.sealed:,} of hours that were pruned or imported, and take nothing more"


def _span(summary: Summary) -> str:
    if summary.started_at is None or summary.ended_at is None:
        return ""
    first, last = f"{summary.started_at:{_TIME}}", f"{summary.ended_at:{_TIME}}"
    return f", from {first} to {last} UTC"
