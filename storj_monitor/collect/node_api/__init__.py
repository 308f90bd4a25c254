"""A node's own HTTP API, that of its dashboard: asked by `NodeApi`, told as a `NodeReading`."""

from storj_monitor.collect.node_api.client import NodeApi
from storj_monitor.collect.node_api.readings import (
    DiskSpace,
    Failure,
    NodeApiError,
    NodeReading,
    SatelliteReading,
)

__all__ = (
    "DiskSpace",
    "Failure",
    "NodeApi",
    "NodeApiError",
    "NodeReading",
    "SatelliteReading",
)
