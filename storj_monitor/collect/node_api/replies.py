"""The answers of a node, named as in JSON; what may fail by itself is left raw.

Nodes of all versions are told apart by what an answer has, never by the version that they say.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

from storj_monitor.collect.node_api.findings import NULL

_MOST = 2**60
#: Go prints a large number that it has as a float as 2.3e+12.
_Size = Annotated[int, Meta(ge=0, le=_MOST)] | Annotated[float, Meta(ge=0, le=_MOST, multiple_of=1)]
#: A node that holds too much may have less than nothing left.
_Space = (
    Annotated[int, Meta(ge=-_MOST, le=_MOST)]
    | Annotated[float, Meta(ge=-_MOST, le=_MOST, multiple_of=1)]
)


class Dashboard(Struct, rename="camel"):
    """GET /api/sno/."""

    node_id: Raw = field(default=NULL, name="nodeID")
    version: Raw = NULL
    allowed_version: Raw = NULL
    up_to_date: Raw = NULL
    started_at: Raw = NULL
    disk_space: Raw = NULL
    satellites: Raw = NULL


class Disk(Struct):
    """Its space: `available` is what is allocated before v1.143, and what is free since.

    `used` is the pieces alone before, and everything since.
    """

    used: _Size | None = None
    available: _Space | None = None
    trash: _Size | None = None
    overused: _Size | None = None
    reclaimable: _Size | None = None
    allocated: _Size | UnsetType | None = UNSET


class Listed(Struct, rename="camel"):
    """A satellite of the dashboard."""

    id: Raw = NULL
    url: Raw = NULL
    disqualified: Raw = NULL
    suspended: Raw = NULL
    #: Since v1.131.
    vetted_at: Raw = NULL


class Satellite(Struct, rename="camel"):
    """GET /api/sno/satellite/{id}."""

    audits: Raw = NULL
    node_joined_at: Raw = NULL


class Satellites(Struct):
    """GET /api/sno/satellites: `audits` has an item for each satellite."""

    audits: Raw = NULL


class Audits(Struct, rename="camel"):
    """What a satellite thinks of the node; its id is not in it."""

    audit_score: Raw = NULL
    suspension_score: Raw = NULL
    online_score: Raw = NULL
    #: Its url in the dashboard.
    satellite_name: Raw = NULL
