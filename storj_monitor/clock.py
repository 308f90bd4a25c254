"""The time: asked for here alone, so that it can be fixed."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from storj_monitor.errors import OperatorError


def real_now() -> datetime:
    """Return the time in UTC, whatever is fixed: what is sent by itself goes by it."""
    return datetime.now(UTC)


def now() -> datetime:
    """Return the time in UTC, or the one that SOURCE_DATE_EPOCH fixes (seconds since 1970)."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    if not fixed:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(fixed), UTC)
    except (ValueError, OverflowError, OSError) as error:
        reason = f"SOURCE_DATE_EPOCH is {fixed!r}, which is no number of seconds since 1970"
        raise OperatorError(reason, "Unset it, or give a whole number.") from error
