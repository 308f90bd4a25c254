"""The statements that page through a select by its key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Integer, bindparam, func, select, tuple_
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BooleanClauseList, ColumnClause, UnaryExpression

from storj_monitor.store.sql import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Select
    from sqlalchemy.sql.elements import Tuple

    from storj_monitor.store.connection import Value
    from storj_monitor.store.sql import Statement

    AnySelect = Select[tuple[object, ...]]
    Key = tuple[Value, ...]


class Pages:
    """The statements of one scan, each compiled once.

    A key is compared as one row value: `(at, id) > (?, ?)` is answered from the index, while the
    same written with OR reads ever more rows. SQLite enters an index by one lower and one upper
    bound, and would take the span's own as gladly as the page's, reading the span from its start
    for every page: so the span's bounds are hidden from it wherever the page has its own.
    """

    def __init__(self, select: AnySelect, key: tuple[str, ...], window_rows: int) -> None:
        if missing := [name for name in key if name not in select.selected_columns]:
            message = f"a scan by {key} needs {missing} among the columns that are selected"
            raise ValueError(message)
        self.key = key
        self.frozen: Value = None
        self._select = select
        self._columns = [select.selected_columns[name] for name in key]
        self._window_rows = window_rows
        self._made: dict[tuple[str, bool, bool], Statement] = {}
        self.newest = compiled(self._newest()) if "id" in key else None

    def _newest(self) -> AnySelect:
        return select(func.max(self._select.selected_columns["id"]))

    def page(self, *, lower: bool, upper: bool) -> Statement:
        """Write the next page of rows after one key (if `lower`) and up to another (if `upper`)."""
        if (kind := ("page", lower, upper)) not in self._made:
            page = self._hiding_bounds(self._select, lower=lower, upper=upper)
            page = page.where(*self._bounds(lower=lower, upper=upper))
            page = (
                page.order_by(None)
                .order_by(*self._columns)
                .limit(bindparam("scan_rows", 1, type_=Integer()))
            )
            self._made[kind] = compiled(page)
        return self._made[kind]

    def window_end(self, *, lower: bool) -> Statement:
        """Write the key a window's rows ahead, leaving aside filters that aren't of the key."""
        if (kind := ("window", lower, False)) not in self._made:
            end = select(*self._columns).where(*self._key_conditions())
            end = self._hiding_bounds(end, lower=lower, upper=False)
            end = end.where(*self._bounds(lower=lower, upper=False))
            end = end.order_by(*self._columns).offset(self._window_rows - 1).limit(1)
            self._made[kind] = compiled(end)
        return self._made[kind]

    def values(
        self, statement: Statement, after: Key | None, until: Key | None, rows: int = 1
    ) -> Key:
        """Return a statement's values, with the bounds filled in."""
        return statement.values(
            **{f"scan_after_{index}": value for index, value in enumerate(after or ())},
            **{f"scan_until_{index}": value for index, value in enumerate(until or ())},
            scan_newest=self.frozen,
            scan_rows=rows,
        )

    def _bounds(self, *, lower: bool, upper: bool) -> Iterator[ColumnElement[bool]]:
        if lower:
            yield tuple_(*self._columns) > self._open("scan_after")
        if upper:
            yield tuple_(*self._columns) <= self._open("scan_until")
        if self.newest:
            column = self._select.selected_columns["id"]
            yield column <= bindparam("scan_newest", None, type_=column.type)

    def _open(self, name: str) -> Tuple:
        return tuple_(
            *(
                bindparam(f"{name}_{index}", None, type_=column.type)
                for index, column in enumerate(self._columns)
            )
        )

    def _hiding_bounds(self, select: AnySelect, *, lower: bool, upper: bool) -> AnySelect:
        hidden = {
            condition: _hidden(condition)
            for condition in self._key_conditions()
            if (lower and upper)
            or (lower and getattr(condition, "operator", None) in (operators.ge, operators.gt))
        }

        def replace(part: Any, **_: object) -> Any:  # noqa: ANN401  whatever a statement is made of
            return hidden.get(part) if isinstance(part, ColumnElement) else None

        return visitors.replacement_traverse(select, {}, replace)  # type: ignore[call-overload, no-any-return]  # the overloads know no Any

    def _key_conditions(self) -> list[ColumnElement[bool]]:
        """Return those of the select's conditions that speak of key columns alone: the span."""
        where = self._select.whereclause
        if where is None:
            return []
        together = isinstance(where, BooleanClauseList) and where.operator is operators.and_
        conditions = list(where.clauses) if together else [where]
        return [condition for condition in conditions if self._speaks_of_key_alone(condition)]

    def _speaks_of_key_alone(self, condition: ColumnElement[bool]) -> bool:
        named = [part for part in visitors.iterate(condition) if isinstance(part, ColumnClause)]
        return bool(named) and all(
            any(part is column for column in self._columns) for part in named
        )


def _hidden(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Write `+at >= ?` for `at >= ?`: the same to us, but nothing to enter an index by."""

    def replace(part: Any, **_: object) -> Any:  # noqa: ANN401  whatever a condition is made of
        if isinstance(part, ColumnClause):
            return UnaryExpression(part, operator=operators.custom_op("+"), type_=part.type)
        return None

    return visitors.replacement_traverse(condition, {}, replace)  # type: ignore[call-overload, no-any-return]  # as above
