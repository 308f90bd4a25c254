"""What the replies of a node mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import UNSET
from msgspec.json import Decoder

from storj_monitor.collect.node_api import replies
from storj_monitor.collect.node_api.findings import ID, ITEMS, NULL, RATIO, WORD
from storj_monitor.collect.node_api.payouts import price_model
from storj_monitor.collect.node_api.readings import DiskSpace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from msgspec import Raw

    from storj_monitor.collect.node_api.findings import Findings
    from storj_monitor.plugin.payouts import Price

_DISK = Decoder(replies.Disk)
_LISTED = Decoder(replies.Listed)
_AUDITS = Decoder(replies.Audits)
_DAYS = Decoder(list[replies.Day])
#: There are four satellites, and there were nine.
_MOST_SATELLITES = 100


class Scores(NamedTuple):
    """The three scores of a node at a satellite, each 0..1."""

    audit: float | None = None
    suspension: float | None = None
    online: float | None = None


class Detail(NamedTuple):
    """What is asked of each satellite by itself."""

    scores: Scores
    #: When the node joined it.
    joined_at: datetime | None = None
    #: For repair and for audits.
    sent: tuple[int, int] | None = None
    price: Price | None = None


NO_SCORES = Scores()
_ZEROS = Scores(0.0, 0.0, 0.0)


class Satellite(NamedTuple):
    """A satellite as the dashboard lists it."""

    satellite_id: str
    url: str | None
    disqualified_at: datetime | None
    suspended_at: datetime | None
    vetted_at: datetime | None


def disk_space(raw: Raw, findings: Findings) -> DiskSpace | None:
    """Return the node's space; None when it isn't told, which is noted."""
    disk = findings.take(raw, _DISK, "diskSpace")
    if disk is None:
        if not findings.failures:
            findings.note("there is no diskSpace")
        return None
    return _disk_before_v1_143(disk) if disk.allocated is UNSET else _disk_since_v1_143(disk)


def _disk_since_v1_143(disk: replies.Disk) -> DiskSpace:
    return DiskSpace(
        allocated_bytes=_whole(None if disk.allocated is UNSET else disk.allocated),
        used_bytes=_whole(disk.used),
        free_bytes=_whole(disk.available),
        trash_bytes=_whole(disk.trash),
        reclaimable_bytes=_whole(disk.reclaimable),
        overused_bytes=_whole(disk.overused),
    )


def _disk_before_v1_143(disk: replies.Disk) -> DiskSpace:
    allocated, pieces, trash = map(_whole, (disk.available, disk.used, disk.trash))
    used = None if pieces is None or trash is None else pieces + trash
    free = None if allocated is None or used is None else max(0, allocated - used)
    return DiskSpace(allocated, used, free, trash, None, _whole(disk.overused))


def _whole(size: float | None) -> int | None:
    return None if size is None else int(size)


def satellites(raw: Raw, findings: Findings) -> list[Satellite]:
    """Return the satellites of the dashboard, each once."""
    items = findings.take(raw, ITEMS, "satellites") or []
    if len(items) > _MOST_SATELLITES:
        findings.note(f"there are {len(items):,} satellites: only {_MOST_SATELLITES} are read")
    found: dict[str, Satellite] = {}
    for item in items[:_MOST_SATELLITES]:
        satellite = _satellite(item, findings)
        if satellite is None:
            continue
        if satellite.satellite_id in found:
            findings.note(f"satellite {satellite.satellite_id} is listed twice: the first counts")
        found.setdefault(satellite.satellite_id, satellite)
    return list(found.values())


def _satellite(item: Raw, findings: Findings) -> Satellite | None:
    listed = findings.take(item, _LISTED, "a satellite")
    if listed is None:
        return None
    if listed.id == NULL:
        findings.note("a satellite has no id")
    satellite_id = findings.take(listed.id, ID, "the id of a satellite")
    if satellite_id is None:
        return None
    return Satellite(
        satellite_id,
        url=findings.take(listed.url, WORD, f"url of {satellite_id}") or None,
        disqualified_at=findings.time(listed.disqualified, f"disqualified of {satellite_id}"),
        suspended_at=findings.time(listed.suspended, f"suspended of {satellite_id}"),
        vetted_at=findings.time(listed.vetted_at, f"vettedAt of {satellite_id}"),
    )


def detail(reply: replies.Satellite, findings: Findings) -> Detail:
    """Return what a node tells of one satellite; that there are no audits is noted."""
    audits = findings.take(reply.audits, _AUDITS, "audits")
    if audits is None and not findings.failures:
        findings.note("there are no audits")
    scores = NO_SCORES if audits is None else _scores(audits, findings, "")
    return Detail(
        scores,
        findings.time(reply.node_joined_at, "nodeJoinedAt"),
        _sent(reply.bandwidth_daily, findings),
        price_model(reply.price_model, findings),
    )


def _sent(raw: Raw, findings: Findings) -> tuple[int, int] | None:
    """Return what was sent for repair and for audits in this month; null is nothing yet."""
    if raw == NULL:
        return 0, 0
    days = findings.take(raw, _DAYS, "bandwidthDaily")
    if days is None:
        return None
    sent = [day.egress for day in days if day.egress is not None]
    return sum(int(one.repair or 0) for one in sent), sum(int(one.audit or 0) for one in sent)


def scores_by_url(raw: Raw, findings: Findings) -> Mapping[str, Scores]:
    """Return the scores of the `audits` of all satellites, by their url."""
    found: dict[str, Scores] = {}
    for item in (findings.take(raw, ITEMS, "audits") or [])[:_MOST_SATELLITES]:
        audits = findings.take(item, _AUDITS, "an item of audits")
        if audits is None:
            continue
        if url := findings.take(audits.satellite_name, WORD, "satelliteName"):
            found.setdefault(url, _scores(audits, findings, f" of {url}"))
    return found


def _scores(audits: replies.Audits, findings: Findings, whose: str) -> Scores:
    """Return scores; three zeros are none: so a node tells of a satellite that gave none yet."""
    found = Scores(
        findings.take(audits.audit_score, RATIO, f"auditScore{whose}"),
        findings.take(audits.suspension_score, RATIO, f"suspensionScore{whose}"),
        findings.take(audits.online_score, RATIO, f"onlineScore{whose}"),
    )
    return NO_SCORES if found == _ZEROS else found
