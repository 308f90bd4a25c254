"""Statements by which who claimed a delivery keeps it, gives it back or settles it.

Each finds a row as long as the delivery is still theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, literal_column, update

from storj_monitor.schema import deliveries
from storj_monitor.store.deliveries import Parcelled

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement, Update


def _ours() -> Update:
    table = deliveries.c
    is_ours = (table.id == bindparam("of_id"), table.owner == bindparam("of_owner"))
    return update(deliveries).where(*is_ours, table.state == "claimed")


def renew() -> ClauseElement:
    """Return the statement that keeps it for longer."""
    return _ours().values(lease_until=bindparam("until")).returning(deliveries.c.id)


def put_off() -> ClauseElement:
    """Return the statement that gives it back until then; that was no attempt."""
    waits = {"state": "due", "next_attempt_at": bindparam("until")}
    uncounted = deliveries.c.attempts - literal_column("1", deliveries.c.attempts.type)
    return _ours().values(waits | {"attempts": uncounted}).returning(deliveries.c.id)


def note_sending() -> ClauseElement:
    """Return the statement that says that it is handed to the channel next, and what it is."""
    sending: dict[str, Any] = {"sending_at": bindparam("now"), "lease_until": bindparam("until")}
    parcelled: dict[str, Any] = {name: bindparam(f"new_{name}") for name in Parcelled._fields}
    first = _ours().where(deliveries.c.sending_at.is_(None))
    return first.values(sending | parcelled).returning(deliveries.c.id)


def note_sent() -> ClauseElement:
    """Return the statement that says that it was accepted."""
    sent: dict[str, Any] = {"state": "sent", "sent_at": bindparam("now"), "error": None}
    return _ours().values(sent).returning(deliveries.c.id)


def note_failed() -> ClauseElement:
    """Return the statement that says that it wasn't, and whether it is due again."""
    failed: dict[str, Any] = {
        "state": bindparam("new_state"),
        "error": bindparam("why"),
        "next_attempt_at": func.coalesce(bindparam("retry_at"), deliveries.c.next_attempt_at),
        "sending_at": None,
    }
    return _ours().values(failed).returning(deliveries.c.id)


def note_maybe_sent() -> ClauseElement:
    """Return the statement that says that nobody can know."""
    unknown = {"state": "maybe_sent", "error": bindparam("why")}
    return _ours().values(unknown).returning(deliveries.c.id)


def note_skipped() -> ClauseElement:
    """Return the statement that says that it is not sent."""
    skipped = {"state": "skipped", "error": bindparam("why")}
    return _ours().values(skipped).returning(deliveries.c.id)
