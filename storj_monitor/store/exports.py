"""Who asked for which file over HTTP, and what became of it: a row for each time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sqlalchemy import bindparam, delete, select, update

from storj_monitor.schema import exports
from storj_monitor.store.statements import insertion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ClauseElement

    from storj_monitor.store.reader import StoreReader
    from storj_monitor.store.statements import Statements

ExportStatus = Literal["running", "done", "failed", "canceled"]

#: No export runs for so long: it is one of a server that ended before it could say how.
LOST_AFTER_US = 24 * 60 * 60 * 1_000_000
#: A clock may have been wrong.
_END_OF_TIME_US = 2**63 - 1
_LOST = "the server was stopped"
#: Kept as JSON, since they are only ever shown.
_NESTED = ("nodes", "columns", "filters", "options")
_FLAGS = ("personal", "clamped")


class ExportEntry(NamedTuple):
    """One file that was asked for over HTTP, new or once more: a row of `exports`.

    Times are microseconds since 1970 UTC. What isn't known yet is None.
    """

    id: str
    asked_at: int
    #: How they were let in, and from where: `token 192.0.2.7`.
    who: str
    kind: Literal["source", "report"]
    subject: str
    format: str
    #: Empty for all of them.
    nodes: tuple[str, ...]
    start_at: int
    end_at: int
    timezone: str
    columns: tuple[str, ...]
    filters: Mapping[str, tuple[str, ...]]
    options: Mapping[str, str]
    personal: bool
    clamped: bool
    request_id: str
    file_name: str
    media_type: str
    status: ExportStatus = "running"
    ended_at: int | None = None
    rows: int | None = None
    bytes: int | None = None
    seconds: float | None = None
    sha256: str | None = None
    error: str | None = None
    #: The id of the finished file that was sent again, and what of it: `bytes 0-99/1000`.
    again_of: str | None = None
    part: str | None = None


def write_export_begun(statements: Statements, entry: ExportEntry) -> None:
    """Store a new entry."""
    row = entry._asdict()
    row |= {name: json.dumps(row[name], ensure_ascii=False) for name in _NESTED}
    row |= {name: int(row[name]) for name in _FLAGS}
    statements.query(_begin, **row)


def write_export_ended(  # noqa: PLR0913  what an export ends with
    statements: Statements,
    entry_id: str,
    *,
    ended_at: int,
    status: ExportStatus,
    rows: int | None,
    bytes: int | None,  # noqa: A002  the name of the column
    seconds: float | None,
    sha256: str | None,
    error: str | None,
) -> None:
    """Store how an entry ended, also one that was given up before; an unknown one is nothing."""
    statements.query(
        _end,
        of_id=entry_id,
        new_ended_at=ended_at,
        new_status=status,
        new_rows=rows,
        new_bytes=bytes,
        new_seconds=seconds,
        new_sha256=sha256,
        new_error=error,
    )


def close_open_exports(statements: Statements, at_us: int, *, all_of_them: bool) -> int:
    """Call failed what has been running for longer than any export does, or all; return how many.

    How one ends after all takes the place of that.
    """
    before = _END_OF_TIME_US if all_of_them else at_us - LOST_AFTER_US
    return statements.query(_give_up, before=before, now=at_us).num_rows


def forget_exports(statements: Statements, before_us: int) -> int:
    """Remove the entries of what was asked for before; return how many."""
    return statements.query(_forget, before=before_us).num_rows


def fetch_exports(reader: StoreReader, limit: int, *, only_new: bool) -> tuple[ExportEntry, ...]:
    """Return the entries, newest first; of new files only, or also of those sent once more."""
    wanted = select(exports).order_by(exports.c.asked_at.desc(), exports.c.id.desc())
    if only_new:
        wanted = wanted.where(exports.c.again_of.is_(None))
    return tuple(_entry(row) for row in reader.fetch(wanted.limit(limit)).to_pylist())


def _entry(row: dict[str, Any]) -> ExportEntry:
    nested = {name: json.loads(row[name]) for name in _NESTED}
    nested |= {name: tuple(nested[name]) for name in ("nodes", "columns")}
    nested["filters"] = {name: tuple(values) for name, values in nested["filters"].items()}
    return ExportEntry(**row | nested | {name: bool(row[name]) for name in _FLAGS})


def _begin() -> ClauseElement:
    return insertion(exports)


def _end() -> ClauseElement:
    names = ("ended_at", "status", "rows", "bytes", "seconds", "sha256", "error")
    ended = update(exports).where(exports.c.id == bindparam("of_id"))
    return ended.values({name: bindparam(f"new_{name}") for name in names})


def _give_up() -> ClauseElement:
    is_lost = (exports.c.status == "running", exports.c.asked_at < bindparam("before"))
    given_up = update(exports).where(*is_lost)
    lost = {"status": "failed", "ended_at": bindparam("now"), "error": _LOST}
    return given_up.values(lost).returning(exports.c.id)


def _forget() -> ClauseElement:
    old = delete(exports).where(exports.c.asked_at < bindparam("before"))
    return old.returning(exports.c.id)
