"""The columns that several chapters have, so that one thing has one name."""

from __future__ import annotations

from storj_monitor.plugin import Column, Kind

NODE = Column(key="node", label="Node", description="The node, as the operator named it.")
SATELLITE = Column(key="satellite", label="Satellite", description="The satellite's short name.")
HOUR = Column(key="hour", label="Hour", kind=Kind.TIMESTAMP, description="When the hour begins.")
DAY = Column(key="day", label="Day", kind=Kind.DATE, description="The day, in the report's zone.")
TOTAL = "Total"


def size(key: str, label: str, description: str = "") -> Column:
    """Return a column of sizes."""
    return Column(key=key, label=label, kind=Kind.BYTES, unit="B", description=description)


def money(key: str, label: str, description: str = "") -> Column:
    """Return a column of amounts in USD."""
    return Column(key=key, label=label, kind=Kind.MONEY, unit="USD", description=description)


def ratio(key: str, label: str, description: str = "") -> Column:
    """Return a column of parts of a whole."""
    return Column(key=key, label=label, kind=Kind.RATIO, description=description)


def count(key: str, label: str, description: str = "") -> Column:
    """Return a column of whole numbers."""
    return Column(key=key, label=label, kind=Kind.INTEGER, description=description)
