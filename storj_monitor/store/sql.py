"""From SQLAlchemy's statements to text, values and Arrow types, as ADBC wants them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sqlalchemy import Boolean, Float, Integer, Numeric, String
from sqlalchemy.dialects import sqlite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ClauseElement, Select
    from sqlalchemy.types import TypeEngine

    from storj_monitor.store.connection import Value

_DIALECT = sqlite.dialect(paramstyle="qmark")
_ARROW_TYPES: tuple[tuple[type[TypeEngine[Any]], pa.DataType], ...] = (
    (Boolean, pa.bool_()),
    (Integer, pa.int64()),
    (Float, pa.float64()),
    (Numeric, pa.float64()),
    (String, pa.string()),
)


@dataclass(frozen=True)
class Statement:
    """SQL with question marks, and the values that go in their places, by name."""

    sql: str
    names: tuple[str, ...]
    bound: Mapping[str, Value]

    def values(self, **later: Value) -> tuple[Value, ...]:
        """Return the values in order, with those that were left open filled in."""
        return tuple(later[name] if name in later else self.bound[name] for name in self.names)


def compiled(statement: ClauseElement) -> Statement:
    """Write a statement as SQL; raise TypeError for a value that the database can't compare.

    SQLAlchemy's own conversions never run on this way, so that a datetime would silently find
    nothing: only int, float, str, bool and None are let through.
    """
    result = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    for value in result.params.values():
        if value is not None and not isinstance(value, int | float | str):
            message = (
                f"{value!r} can't be bound in a query: use int, float, str, bool or None "
                "(a time is integer microseconds, such as query.span.start_us)"
            )
            raise TypeError(message)
    names: tuple[str, ...] = tuple(getattr(result, "positiontup", None) or ())
    return Statement(str(result), names, result.params)


def arrow_schema(select: Select[tuple[object, ...]]) -> pa.Schema:
    """Return the Arrow types of a select's columns, as declared and not as a page happens to be."""
    return pa.schema(
        [(name, arrow_type(name, column.type)) for name, column in select.selected_columns.items()]
    )


def arrow_type(name: str, declared: TypeEngine[Any]) -> pa.DataType:
    """Return the Arrow type of a column; the name is for what is raised when it has none."""
    for sql_type, arrow_type in _ARROW_TYPES:
        if isinstance(declared, sql_type):
            return arrow_type
    message = f"column {name!r} of a query has no known type: say which with type_coerce"
    raise TypeError(message)
