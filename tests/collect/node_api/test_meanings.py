"""Whatever a node answers: it is understood or refused, and nothing impossible comes of it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.collect.node_api import NodeApiError, meanings, replies
from storj_monitor.collect.node_api.findings import Findings, decoded

if TYPE_CHECKING:
    from datetime import datetime

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
        assert isinstance(decoded(body, replies.Dashboard), replies.Dashboard)


@given(_DISKS | _VALUES)
def test_space_is_whole_bytes_or_noted(disk: object) -> None:
    findings = Findings("/api/sno/")
    body = _answer({"diskSpace": disk})
    try:
        found = meanings.disk_space(decoded(body, replies.Dashboard).disk_space, findings)
    except NodeApiError:  # a number of Python that JSON hasn't
        return
    assert (found is None) == bool(findings.failures)
    assert all(size is None or type(size) is int for size in found or ())


@given(st.lists(_LISTED | _VALUES, max_size=4))
def test_satellites_have_ids_and_times_in_utc(listed: list[object]) -> None:
    findings = Findings("/api/sno/")
    try:
        reply = decoded(_answer({"satellites": listed}), replies.Dashboard)
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
        found = meanings.detail(decoded(body, replies.Satellite), findings)
        by_url = meanings.scores_by_url(decoded(all_of_them, replies.Satellites).audits, findings)
    except NodeApiError:
        return
    for scores in (found.scores, *by_url.values()):
        assert all(score is None or 0 <= score <= 1 for score in scores)
    assert _is_utc(found.joined_at)
    assert "" not in by_url
