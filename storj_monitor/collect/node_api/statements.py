"""What a node says of payouts that were stated: paystubs, and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeVar

from msgspec import Meta
from msgspec.json import Decoder

from storj_monitor.collect.node_api import replies
from storj_monitor.collect.node_api.findings import (
    BYTE_MONTHS,
    BYTES,
    ID,
    MICRO_USD,
    NULL,
    SURGE,
    WORD,
    failures_of,
    noted,
)
from storj_monitor.collect.node_api.readings import (
    EmptyAnswerError,
    NodeApiError,
    StatementsReading,
)
from storj_monitor.plugin.query import microseconds
from storj_monitor.store import Paystub

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from msgspec import Raw

    from storj_monitor.collect.node_api.findings import Findings

    #: A list that a node answers with; null is an empty one.
    Items = Sequence[Raw] | None
    #: Month and satellite.
    Key = tuple[str, str]

_Item = TypeVar("_Item", replies.PayStub, replies.Payout, replies.Held)
PERIODS = "/api/heldamount/periods"
_HELD_HISTORY = "/api/heldamount/held-history"
_PERIOD: Decoder[str] = Decoder(Annotated[str, Meta(pattern=r"\A20[0-9]{2}-(0[1-9]|1[0-2])\Z")])
_STUB = Decoder(replies.PayStub)
_PAYOUT = Decoder(replies.Payout)
_HELD = Decoder(replies.Held)
#: Of twenty years, of which each is one request.
_MOST_PERIODS = 240
#: Of all these months and twice as many satellites as there ever were.
_MOST_ITEMS = 5_000
_NO_SURGE = 100


def periods_of(items: Items, findings: Findings) -> tuple[str, ...]:
    """Return the months of which there are statements, the latest first and each once."""
    told = [findings.take(item, _PERIOD, "a period") for item in _few(items, findings)]
    found = sorted({period for period in told if period is not None}, reverse=True)
    if len(found) > _MOST_PERIODS:
        findings.note(f"there are {len(found):,} periods: only {_MOST_PERIODS} are read")
    return tuple(found[:_MOST_PERIODS])


def paths_of(periods: Sequence[str]) -> tuple[str, ...]:
    """Return what to ask for to know all about some months: nothing if there are none."""
    if not periods:
        return ()
    return _paystubs_path(periods), _HELD_HISTORY, *map(_history_path, periods)


def _paystubs_path(periods: Sequence[str]) -> str:
    """Return where the paystubs are of the first to the last of some months."""
    return f"/api/heldamount/paystubs/{min(periods)}/{max(periods)}"


def _history_path(period: str) -> str:
    """Return where the payouts of a month are."""
    return f"/api/heldamount/payout-history/{period}"


def statements_of(
    at: datetime, periods: Sequence[str], answers: Mapping[str, Items | NodeApiError]
) -> StatementsReading:
    """Join what `paths_of` the months answered; what didn't is a failure, and the rest is kept."""
    if not periods:
        return StatementsReading(at=at)
    told, findings = noted(answers)
    items = {path: _few(told.get(path), findings[path]) for path in answers}
    read_at, path = microseconds(at), _paystubs_path(periods)
    stubs = _stubs(items[path], periods, read_at, findings[path])
    payouts: dict[Key, Paystub] = {}
    joined, urls = _joined(items[_HELD_HISTORY], findings[_HELD_HISTORY])
    for period in periods:
        path = _history_path(period)
        for satellite, payout in _named(items[path], _PAYOUT, findings[path]):
            _add(
                payouts, _payout(payout, period, satellite, read_at, findings[path]), findings[path]
            )
            urls |= _url(satellite, payout.satellite_url, findings[path])
    return StatementsReading(
        at=at,
        paystubs=tuple(
            _joint(stubs.get(key, other), payouts.get(key, other))
            for key, other in sorted((stubs | payouts).items())
        ),
        joined=joined,
        urls=urls,
        unread=_unread(periods, answers),
        failures=failures_of(findings),
    )


def _unread(periods: Sequence[str], answers: Mapping[str, Items | NodeApiError]) -> tuple[str, ...]:
    """Return the months to ask for again: what is empty will be empty again."""
    failed = {
        path
        for path, answer in answers.items()
        if isinstance(answer, NodeApiError) and not isinstance(answer, EmptyAnswerError)
    }
    if _paystubs_path(periods) in failed:
        return tuple(periods)
    return tuple(period for period in periods if _history_path(period) in failed)


def _few(items: Items, findings: Findings) -> Sequence[Raw]:
    items = items or ()
    if len(items) > _MOST_ITEMS:
        findings.note(f"there are {len(items):,} items: only {_MOST_ITEMS:,} are read")
    return items[:_MOST_ITEMS]


def _named(
    items: Sequence[Raw], decoder: Decoder[_Item], findings: Findings
) -> list[tuple[str, _Item]]:
    """Return the items that can be read, each with the id of its satellite."""
    found = []
    for item in items:
        told = findings.take(item, decoder, "an item")
        if told is None:
            continue
        if told.satellite_id == NULL:
            findings.note("an item has no id of a satellite")
        satellite = findings.take(told.satellite_id, ID, "the id of a satellite")
        if satellite is not None:
            found.append((satellite, told))
    return found


def _add(known: dict[Key, Paystub], told: Paystub, findings: Findings) -> None:
    if (told.period, told.satellite) in known:
        findings.note(f"{told.period} of {told.satellite} is told twice: the first counts")
    known.setdefault((told.period, told.satellite), told)


def _stubs(
    items: Sequence[Raw], periods: Sequence[str], read_at: int, findings: Findings
) -> dict[Key, Paystub]:
    found: dict[Key, Paystub] = {}
    first, last = min(periods), max(periods)
    for satellite, told in _named(items, _STUB, findings):
        period = findings.take(told.period, _PERIOD, f"period of {satellite}")
        if period is not None and first <= period <= last:
            _add(found, _stub(told, period, satellite, read_at, findings), findings)
        elif period is not None or told.period == NULL:
            findings.note(f"a paystub of {satellite} is of none of the months asked for")
    return found


def _stub(
    told: replies.PayStub, period: str, satellite: str, read_at: int, findings: Findings
) -> Paystub:
    """Return what a paystub says, which is nothing of a receipt."""
    whose = f"of {satellite} for {period}"

    def sent(raw: Raw, name: str) -> int | None:
        return findings.count(raw, BYTES, f"{name} {whose}")

    def money(raw: Raw, name: str) -> int | None:
        return findings.count(raw, MICRO_USD, f"{name} {whose}")

    stub = Paystub(
        period,
        satellite,
        "api",
        read_at,
        created_at=_created_at(told, whose, findings),
        codes=findings.take(told.codes, WORD, f"codes {whose}"),
        byte_hours=findings.count(told.usage_at_rest, BYTE_MONTHS, f"usageAtRest {whose}"),
        get_bytes=sent(told.usage_get, "usageGet"),
        get_repair_bytes=sent(told.usage_get_repair, "usageGetRepair"),
        get_audit_bytes=sent(told.usage_get_audit, "usageGetAudit"),
        put_bytes=sent(told.usage_put, "usagePut"),
        put_repair_bytes=sent(told.usage_put_repair, "usagePutRepair"),
        comp_at_rest=money(told.comp_at_rest, "compAtRest"),
        comp_get=money(told.comp_get, "compGet"),
        comp_get_repair=money(told.comp_get_repair, "compGetRepair"),
        comp_get_audit=money(told.comp_get_audit, "compGetAudit"),
        surge_percent=_surge(told.surge_percent, whose, findings),
        held=money(told.held, "held"),
        owed=money(told.owed, "owed"),
        disposed=money(told.disposed, "disposed"),
        paid=money(told.paid, "paid"),
        distributed=money(told.distributed, "distributed"),
    )
    comps = (stub.comp_at_rest, stub.comp_get, stub.comp_get_repair, stub.comp_get_audit)
    known = [comp for comp in comps if comp is not None]
    return stub._replace(earned=sum(known) if len(known) == len(comps) else None)


def _created_at(told: replies.PayStub, whose: str, findings: Findings) -> int | None:
    created = findings.time(told.created, f"created {whose}")
    return None if created is None else microseconds(created)


def _payout(
    told: replies.Payout, period: str, satellite: str, read_at: int, findings: Findings
) -> Paystub:
    """Return what became of a paystub, which says nothing of usage."""
    whose = f"of {satellite}"

    def money(raw: Raw, name: str) -> int | None:
        return findings.count(raw, MICRO_USD, f"{name} {whose}")

    return Paystub(
        period,
        satellite,
        "api",
        read_at,
        earned=money(told.earned, "earned"),
        surge_percent=_surge(told.surge_percent, whose, findings),
        held=money(told.held, "held"),
        disposed=money(told.disposed, "disposed"),
        paid=money(told.paid, "paid"),
        distributed=money(told.distributed, "distributed"),
        receipt=findings.take(told.receipt, WORD, f"receipt {whose}") or None,
    )


def _surge(raw: Raw, whose: str, findings: Findings) -> int | None:
    percent = findings.count(raw, SURGE, f"surgePercent {whose}")
    return percent or (None if percent is None else _NO_SURGE)


def _joint(stub: Paystub, payout: Paystub) -> Paystub:
    """Return all that is known; what was sent only grows, and one may have been read earlier."""
    said = {name: value for name, value in stub._asdict().items() if value is not None}
    sent = [one.distributed for one in (stub, payout) if one.distributed is not None]
    return payout._replace(**said)._replace(distributed=max(sent, default=None))


def _joined(items: Sequence[Raw], findings: Findings) -> tuple[dict[str, datetime], dict[str, str]]:
    """Return since when the node stores for satellites, and where they are."""
    joined: dict[str, datetime] = {}
    urls: dict[str, str] = {}
    for satellite, told in _named(items, _HELD, findings):
        at = findings.time(told.joined_at, f"joinedAt of {satellite}")
        if at is not None:
            joined.setdefault(satellite, at)
        urls |= _url(satellite, told.satellite_name, findings)
    return joined, urls


def _url(satellite: str, raw: Raw, findings: Findings) -> dict[str, str]:
    url = findings.take(raw, WORD, f"the url of {satellite}")
    return {satellite: url} if url and url != satellite else {}
