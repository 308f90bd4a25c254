"""Storing statements, estimates, prices and since when nodes store for satellites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, exists, func, literal_column, or_, select
from sqlalchemy.dialects.sqlite import insert

from storj_monitor.plugin.payouts import split
from storj_monitor.schema import earlier_paystubs, estimates, memberships, paystubs, prices
from storj_monitor.store.news import Paystub
from storj_monitor.store.statements import insertion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import ClauseElement, ColumnElement
    from sqlalchemy.dialects.sqlite import Insert

    from storj_monitor.store.ids import Ids
    from storj_monitor.store.news import Estimate, News
    from storj_monitor.store.statements import Statements

    #: Month, node and satellite.
    Key = tuple[str, int, int]

_API: ColumnElement[str] = literal_column("'api'")
#: What a statement says: not who read it, and when.
_SAID = Paystub._fields[4:]


def write_money(statements: Statements, ids: Ids, news: Sequence[News]) -> None:
    """Store what is known of payouts; the ids of all that is named are known.

    Of the estimates of a month the last one is kept that was known before its statement.
    """
    named = [(ids.nodes[one.node], one) for one in news]
    satellites = ids.satellites
    statements.insert_tuples(
        _put_estimates,
        [
            _estimate_row(node, satellites, estimate)
            for node, one in named
            for estimate in _split(statements, node, satellites, one.estimates)
        ],
    )
    for node, one in named:
        _write_paystubs(statements, node, satellites, one.paystubs)
    statements.insert_tuples(
        _add_changed_prices,
        [(node, satellites[of], *rest) for node, one in named for of, *rest in one.prices],
    )
    statements.insert_tuples(
        _put_joined,
        [(node, satellites[of], joined_at) for node, one in named for of, joined_at in one.joined],
    )


def _write_paystubs(
    statements: Statements, node: int, satellites: Mapping[str, int], told: Sequence[Paystub]
) -> None:
    """Store the statements of a node that are new or changed; a changed one is kept as well."""
    if not told:
        return
    known = _known_paystubs(statements, node, told)
    earlier, latest = [], []
    for new in told:
        key = (new.period, node, satellites[new.satellite])
        had = known.get(key)
        merged = new if had is None else _merged(had, new)
        if merged is None:
            continue
        if had is not None:
            earlier.append((*key, new.read_at, *had[2:]))
        latest.append((*key, *merged[2:]))
        known[key] = merged
    statements.insert_tuples(_keep_earlier, earlier)
    statements.insert_tuples(_put_paystubs, latest)


def _known_paystubs(
    statements: Statements, node: int, told: Sequence[Paystub]
) -> dict[Key, Paystub]:
    periods = [one.period for one in told]
    found = statements.query(_paystubs_of, node=node, first=min(periods), last=max(periods))
    rows: Iterator[Any] = zip(*(column.to_pylist() for column in found.columns), strict=True)
    return {
        (period, node_id, satellite_id): Paystub(period, "", *said)
        for period, node_id, satellite_id, *said in rows
    }


def _merged(had: Paystub, new: Paystub) -> Paystub | None:
    """Return what is known now; None if nothing changed. What isn't told stays as it was."""
    is_older = had.origin == new.origin and new.read_at < had.read_at
    if is_older or (had.origin == "api" and new.origin != "api"):
        return None
    merged = new._replace(
        **{name: getattr(had, name) for name in _SAID if getattr(new, name) is None}
    )
    is_same = all(getattr(had, name) == getattr(merged, name) for name in _SAID)
    return None if is_same and had.origin == new.origin else merged


def _split(
    statements: Statements, node: int, satellites: Mapping[str, int], told: Sequence[Estimate]
) -> Iterator[Estimate]:
    """Divide what is told for repair and audits together as what was known of the month.

    A node tells the bytes of each only while the month lasts.
    """
    joint = {one.period for one in told if one.audit_bytes is None}
    known: dict[tuple[str, int], tuple[int | None, int | None]] = {}
    for period in joint:
        found = statements.query(_estimates_of, node=node, period=period).to_pylist()
        for row in found:
            known[period, row["satellite_id"]] = row["repair_bytes"], row["audit_bytes"]
    for one in told:
        repair, audit = known.get((one.period, satellites[one.satellite]), (None, None))
        if one.audit_bytes is not None or not repair or not audit:
            yield one
            continue
        bytes_, money = (
            (None, None) if amount is None else split(amount, repair, audit)
            for amount in (one.repair_bytes, one.repair)
        )
        yield one._replace(
            repair_bytes=bytes_[0], audit_bytes=bytes_[1], repair=money[0], audit=money[1]
        )


def _estimates_of() -> ClauseElement:
    columns = estimates.c
    return select(columns.satellite_id, columns.repair_bytes, columns.audit_bytes).where(
        columns.node_id == bindparam("node"),
        columns.period == bindparam("period"),
        columns.origin == _API,
    )


def _estimate_row(
    node: int, satellites: Mapping[str, int], estimate: Estimate
) -> tuple[object, ...]:
    period, satellite, *rest = estimate
    return (period, node, satellites[satellite], *rest)


def _paystubs_of() -> ClauseElement:
    columns = paystubs.c
    return select(*columns).where(
        columns.node_id == bindparam("node"),
        columns.period.between(bindparam("first"), bindparam("last")),
    )


def _keep_earlier() -> Insert:
    return insertion(earlier_paystubs).on_conflict_do_nothing()


def _put_paystubs() -> Insert:
    upsert = insertion(paystubs)
    said = {column.name: upsert.excluded[column.name] for column in paystubs.c}
    return upsert.on_conflict_do_update(index_elements=list(paystubs.primary_key), set_=said)


def _put_estimates() -> Insert:
    """Keep the last before the statement came; and what a node says itself, rather."""
    columns = estimates.c
    told = select(
        *(bindparam(column.name, type_=column.type).label(column.name) for column in columns)
    ).subquery("told")
    key = ("period", "node_id", "satellite_id")
    has_statement = exists().where(
        *(paystubs.c[name] == told.c[name] for name in key), told.c.origin == _API
    )
    chosen = select(*told.c).where(~has_statement)
    upsert = insert(estimates).from_select(columns.keys(), chosen)
    had, more = estimates.c, upsert.excluded
    is_later = and_(more.origin == had.origin, more.at >= had.at)
    return upsert.on_conflict_do_update(
        index_elements=list(estimates.primary_key),
        set_={name: more[name] for name in set(columns.keys()) - set(key)},
        where=or_(is_later, and_(more.origin == _API, had.origin != _API)),
    )


def _add_changed_prices() -> Insert:
    """Leave out what was said the last time before."""
    columns = prices.c
    told = select(
        *(bindparam(column.name, type_=column.type).label(column.name) for column in columns)
    ).subquery("told")
    known, before = prices.alias("known"), prices.alias("before")
    whose = ("node_id", "satellite_id")
    latest = (
        select(func.max(before.c.at))
        .where(before.c.at <= told.c.at, *(before.c[name] == told.c[name] for name in whose))
        .correlate(told)
        .scalar_subquery()
    )
    same = (known.c[name] == told.c[name] for name in set(columns.keys()) - {"at"})
    is_known = exists().where(known.c.at == latest, *same)
    chosen = select(*told.c).where(~is_known)
    return insert(prices).from_select(columns.keys(), chosen).on_conflict_do_nothing()


def _put_joined() -> Insert:
    upsert = insertion(memberships)
    return upsert.on_conflict_do_update(
        index_elements=list(memberships.primary_key),
        set_={"joined_at": upsert.excluded.joined_at},
        where=memberships.c.joined_at != upsert.excluded.joined_at,
    )
