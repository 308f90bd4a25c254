"""The parts of an endpoint's answer, each read by itself: a bad one doesn't lose the others."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeVar

import msgspec
from msgspec import Meta, Raw
from msgspec.json import Decoder

from storj_monitor.collect.node_api.readings import EmptyAnswerError, Failure, NodeApiError
from storj_monitor.collect.times import Times
from storj_monitor.plugin.query import moment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_T = TypeVar("_T")
#: What is missing is as what is null.
NULL = Raw(b"null")
_NEVER = "0001-01-01T"
_LONGEST_SHOWN = 60
_LONGEST_TEXT = 200
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

#: Of a node or satellite.
ID: Decoder[str] = Decoder(Annotated[str, Meta(pattern=r"\A[1-9A-HJ-NP-Za-km-z]{1,100}\Z")])
#: A version, a time, the host and port of a satellite.
WORD: Decoder[str] = Decoder(Annotated[str, Meta(pattern=r"\A[!-~]{0,100}\Z")])
RATIO: Decoder[float] = Decoder(Annotated[float, Meta(ge=0, le=1)])
FLAG: Decoder[bool] = Decoder(bool)
ITEMS: Decoder[list[Raw]] = Decoder(list[Raw])
#: As it is written: 0.1 is a tenth.
_NUMBER: Decoder[Decimal] = Decoder(Decimal)


class Unit(NamedTuple):
    """What a number is in: `factor` makes of it what we count in; the limits are before that."""

    factor: int
    least: int
    most: int


_USD = 10**6
BYTES = Unit(1, 0, 10**17)
#: Byte-months of 720 hours, which become byte-hours.
BYTE_MONTHS = Unit(720, 0, 10**15)
#: Both become micro-USD: a million USD is no payout of a month.
CENTS = Unit(10_000, -100 * _USD, 100 * _USD)
MICRO_USD = Unit(1, -_USD * _USD, _USD * _USD)
PERCENT = Unit(1, 0, 100)
#: 150 is half as much again; 0 and 100 are none.
SURGE = Unit(1, 0, 10_000)


def decoded(body: bytes, decoder: Decoder[_T]) -> _T:
    """Return an answer as a reply. Raises NodeApiError when it is none."""
    if not body.strip():
        reason = "the answer is empty"
        raise EmptyAnswerError(reason, "The node failed at it: look into its log.")
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        reason = "the answer is JSON, but not that of a storagenode"
        raise NodeApiError(reason, "Is it the address of another program?") from error
    except _UNREADABLE as error:
        reason = "the answer is no JSON, or only the beginning of it"
        raise NodeApiError(reason, "Is it the address of another program?") from error


def plain_text(text: str) -> str:
    """Return a text from outside in one printable line of limited length."""
    kept = text.strip()[:_LONGEST_TEXT]
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in kept)


class Findings:
    """Reads the parts of one endpoint's answer, and notes which can't be used; never raises."""

    def __init__(self, endpoint: str) -> None:
        self.failures: list[Failure] = []
        self._endpoint = endpoint

    def note(self, reason: str) -> None:
        """Note what is wrong with the endpoint or its answer."""
        self.failures.append(Failure(self._endpoint, reason))

    def take(self, raw: Raw, decoder: Decoder[_T], name: str) -> _T | None:
        """Return a part; None when it is null or, which is noted, can't be used."""
        if raw == NULL:
            return None
        try:
            return decoder.decode(raw)
        except _UNREADABLE:
            self._note_unusable(raw, name)
            return None

    def count(self, raw: Raw, unit: Unit, name: str) -> int | None:
        """Return a number of a unit, rounded half up where it becomes another unit.

        A number in quotes is none, and neither is a part of what has no parts.
        """
        is_text = bytes(raw).lstrip().startswith(b'"')
        number = None if is_text else self.take(raw, _NUMBER, name)
        if number is not None and unit.least <= number <= unit.most:
            whole = (number * unit.factor).to_integral_value(ROUND_HALF_UP)
            if unit.factor > 1 or whole == number:
                return int(whole)
        if is_text or number is not None:
            self._note_unusable(raw, name)
        return None

    def time(self, raw: Raw, name: str) -> datetime | None:
        """Return a time; None also for the year 1, with which a node says never."""
        text = self.take(raw, WORD, name)
        if text is None or text.startswith(_NEVER):
            return None
        at = Times().read(text.encode())
        if at is None:
            self.note(f"{name} is {plain_text(text)}, which is no time")
            return None
        return moment(at)

    def _note_unusable(self, raw: Raw, name: str) -> None:
        shown = plain_text(bytes(raw)[:_LONGEST_SHOWN].decode(errors="replace"))
        self.note(f"{name} is {shown}, which can't be used")


def noted(
    answers: Mapping[str, _T | NodeApiError],
) -> tuple[dict[str, _T], dict[str, Findings]]:
    """Return what was answered, and findings for each path: why some did not answer is in them."""
    told: dict[str, _T] = {}
    findings = {path: Findings(path) for path in answers}
    for path, answer in answers.items():
        if isinstance(answer, NodeApiError):
            findings[path].note(answer.reason)
        else:
            told[path] = answer
    return told, findings


def failures_of(findings: Mapping[str, Findings]) -> tuple[Failure, ...]:
    """Return all that was noted, in order."""
    return tuple(failure for found in findings.values() for failure in found.failures)
