"""Whatever a node answers: it is understood or refused, and nothing impossible comes of it."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from msgspec.json import Decoder

from storj_monitor.collect.estimates import estimates_of
from storj_monitor.collect.node_api import (
    MoneyReading,
    NodeApiError,
    SatelliteReading,
    meanings,
    payouts,
    replies,
    statements,
)
from storj_monitor.collect.node_api.findings import Findings, decoded
from storj_monitor.collect.price_list import PriceList
from tests.collect.node_api.fake_money import SMALL_MONTH, payout, stub

_DASHBOARD = Decoder(replies.Dashboard)
_SATELLITE = Decoder(replies.Satellite)
_SATELLITES = Decoder(replies.Satellites)
_ESTIMATE = Decoder(replies.EstimatedPayout)
_ITEMS: Decoder[list[Raw] | None] = Decoder(list[Raw] | None)
_AT = datetime(2026, 9, 20, tzinfo=UTC)
_INT64 = 2**63
NOTHING = (None,) * 10
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ("2026-01-02T03:04:05.123456789Z", "0001-01-01T00:00:00Z", "12Eay", "us1:7777", 0, 1, 0.5)
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def _objects(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names), _VALUES)


_DISKS = _objects("used", "available", "trash", "overused", "allocated", "reclaimable")
_LISTED = _objects("id", "url", "disqualified", "suspended", "vettedAt")
_AUDITS = _objects("auditScore", "suspensionScore", "onlineScore", "satelliteName")


def _answer(value: object) -> bytes:
    return json.dumps(value).encode("utf-8", "replace")


def _is_utc(moment: datetime | None) -> bool:
    return moment is None or moment.isoformat().endswith("+00:00")


@given(st.binary() | _VALUES.map(_answer))
def test_any_answer_is_a_reply_or_refused(body: bytes) -> None:
    with suppress(NodeApiError):
        assert isinstance(decoded(body, _DASHBOARD), replies.Dashboard)


@given(_DISKS | _VALUES)
def test_space_is_whole_bytes_or_noted(disk: object) -> None:
    findings = Findings("/api/sno/")
    body = _answer({"diskSpace": disk})
    try:
        found = meanings.disk_space(decoded(body, _DASHBOARD).disk_space, findings)
    except NodeApiError:  # a number of Python that JSON hasn't
        return
    assert (found is None) == bool(findings.failures)
    assert all(size is None or type(size) is int for size in found or ())


@given(st.lists(_LISTED | _VALUES, max_size=4))
def test_satellites_have_ids_and_times_in_utc(listed: list[object]) -> None:
    findings = Findings("/api/sno/")
    try:
        reply = decoded(_answer({"satellites": listed}), _DASHBOARD)
    except NodeApiError:
        return
    found = meanings.satellites(reply.satellites, findings)
    for satellite in found:
        assert satellite.satellite_id.isalnum()
        assert satellite.url is None or satellite.url.isprintable()
        assert all(map(_is_utc, satellite[2:]))
    assert len({satellite.satellite_id for satellite in found}) == len(found) <= len(listed)
    assert all(failure.reason.isprintable() for failure in findings.failures)


@given(_AUDITS | _VALUES, _VALUES)
def test_scores_are_ratios(audits: object, joined_at: object) -> None:
    findings = Findings("/api/sno/satellite/x")
    body = _answer({"audits": audits, "nodeJoinedAt": joined_at})
    all_of_them = _answer({"audits": [audits]})
    try:
        found = meanings.detail(decoded(body, _SATELLITE), findings)
        by_url = meanings.scores_by_url(decoded(all_of_them, _SATELLITES).audits, findings)
    except NodeApiError:
        return
    for scores in (found.scores, *by_url.values()):
        assert all(score is None or 0 <= score <= 1 for score in scores)
    assert _is_utc(found.joined_at)
    assert "" not in by_url


def _changed(answer: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An answer of which some values are others."""
    changes = st.dictionaries(st.sampled_from(sorted(answer)), _VALUES | st.just(2**70))
    return changes.map(answer.__or__)


@given(
    _objects("currentMonth", "previousMonth", "currentMonthExpectations")
    | st.fixed_dictionaries(
        {"currentMonth": _changed(SMALL_MONTH), "previousMonth": _changed(SMALL_MONTH)}
    )
    | _VALUES,
    st.integers(0, 10**18) | st.none(),
)
def test_estimates_are_whole_amounts_that_add_up(answer: object, sent: int | None) -> None:
    findings = Findings("/api/sno/estimated-payout")
    try:
        reply = decoded(_answer(answer), _ESTIMATE)
    except NodeApiError:
        return
    expected = payouts.expected("1A", reply, findings)
    money = MoneyReading(at=_AT, expected=(expected,))
    said = SatelliteReading("1A", *NOTHING)._replace(repair_bytes=sent, audit_bytes=5)
    for one in estimates_of(money, [said], PriceList()):
        amounts = one[4:]
        assert all(amount is None or type(amount) is int for amount in amounts)
        assert all(-_INT64 <= amount < _INT64 for amount in amounts if amount is not None)
        if one.gross is not None:
            parts = (one.storage, one.egress, one.repair, one.audit)
            assert one.gross == sum(part for part in parts if part is not None)
    assert all(failure.reason.isprintable() for failure in findings.failures)


@given(
    st.lists(_changed(stub("1A", "2026-02")) | _VALUES, max_size=3) | _VALUES,
    st.lists(_changed(payout("1A", "a:7777")) | _VALUES, max_size=3) | _VALUES,
)
def test_statements_are_whole_amounts_of_known_months(stubs: object, payouts: object) -> None:
    periods = ("2026-02", "2026-01")
    answers: dict[str, list[Raw] | NodeApiError | None] = {}
    for path, answer in zip(
        statements.paths_of(periods), (stubs, payouts, payouts, stubs), strict=True
    ):
        try:
            answers[path] = decoded(_answer(answer), _ITEMS)
        except NodeApiError as error:
            answers[path] = error
    read = statements.statements_of(_AT, periods, answers)
    for one in read.paystubs:
        assert one.period in periods
        assert one.satellite.isalnum()
        amounts = [amount for amount in one[4:] if not isinstance(amount, str)]
        assert all(amount is None or type(amount) is int for amount in amounts)
        assert all(-_INT64 <= amount < _INT64 for amount in amounts if amount is not None)
        assert one.receipt != ""
    assert len({one[:2] for one in read.paystubs}) == len(read.paystubs)
    assert all(map(_is_utc, read.joined.values()))
    assert all(failure.reason.isprintable() for failure in read.failures)


@given(st.lists(st.sampled_from(("2026-02", "2026-01", "0001-01")) | _VALUES) | _VALUES)
def test_months_are_months_the_latest_first(answer: object) -> None:
    findings = Findings("/api/heldamount/periods")
    try:
        items = decoded(_answer(answer), _ITEMS)
    except NodeApiError:
        return
    found = statements.periods_of(items, findings)
    assert set(found) <= {"2026-02", "2026-01"}
    assert list(found) == sorted(found, reverse=True)
