"""A node's own HTTP API, that of its dashboard: asked by `NodeApi`, told as readings."""

from storj_monitor.collect.node_api.client import NodeApi
from storj_monitor.collect.node_api.readings import (
    DiskSpace,
    Expected,
    ExpectedMonth,
    Failure,
    MoneyReading,
    NodeApiError,
    NodeReading,
    SatelliteReading,
    StatementsReading,
)

__all__ = (
    "DiskSpace",
    "Expected",
    "ExpectedMonth",
    "Failure",
    "MoneyReading",
    "NodeApi",
    "NodeApiError",
    "NodeReading",
    "SatelliteReading",
    "StatementsReading",
)
