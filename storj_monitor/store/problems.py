"""Schedules that can't be followed, each with why: as long as it is so, a row of `outcomes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from storj_monitor.schema import outcomes
from storj_monitor.store.statements import insertion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ClauseElement, Select
    from sqlalchemy.dialects.sqlite import Insert

    from storj_monitor.store.reader import StoreReader
    from storj_monitor.store.statements import Statements

KIND = "schedule"


def fetch_problems(reader: StoreReader) -> dict[str, str]:
    """Return what was noted, by the names of the schedules."""
    return {row["subject"]: row["error"] for row in reader.fetch(_known()).to_pylist()}


def write_problems(statements: Statements, problems: Mapping[str, str], at_us: int) -> list[str]:
    """Note what is wrong with schedules, by name, and that of all others nothing is any more.

    Returns of which it is new. What was noted before stays as old as it is.
    """
    known = {row["subject"]: row["error"] for row in statements.query(_known).to_pylist()}
    for name in known.keys() - dict(known.items() & problems.items()).keys():
        statements.query(_forget, of_subject=name)
    new = sorted(dict(problems.items() - known.items()))
    rows = [(KIND, name, at_us, 1, problems[name]) for name in new]
    statements.insert_tuples(_note, rows)
    return new


def _known() -> Select[tuple[str, str]]:
    return select(outcomes.c.subject, outcomes.c.error).where(outcomes.c.kind == KIND)


def _forget() -> ClauseElement:
    same = (outcomes.c.kind == KIND, outcomes.c.subject == bindparam("of_subject"))
    return delete(outcomes).where(*same).returning(outcomes.c.subject)


def _note() -> Insert:
    return insertion(outcomes)
