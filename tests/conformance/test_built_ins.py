"""What is built in, and everything else that is installed here, held to the kit."""

from __future__ import annotations

from storj_monitor.testing import conformance_classes
from tests.conformance.openers import OPENERS

#: A file of each format is opened as people and programs open it.
FILES = {f"format_{name}": {"check_file": staticmethod(opens)} for name, opens in OPENERS.items()}
#: What sources do otherwise than most, and why.
OTHERWISE = {
    "source_alerts": {"earlier_rows": True},  # those that are open, whenever they were raised
    "source_coverage": {"streams": False},  # stretches of hours, joined where they touch
    "source_prices": {"earlier_rows": True},  # what holds when the span begins
}
globals().update(conformance_classes({**FILES, **OTHERWISE}))
