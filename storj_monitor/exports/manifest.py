"""The manifest of an exported file: what is in it, so that nobody need guess, and its checksum."""

from __future__ import annotations

import json
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from storj_monitor.exports.guard import is_guarded
from storj_monitor.plugin import Report

if TYPE_CHECKING:
    from storj_monitor.exports.pipeline import Export, WrittenTable
    from storj_monitor.plugin import Column


class _Subject(Struct, frozen=True):
    kind: Literal["source", "report"]
    name: str


class _Format(Struct, frozen=True):
    name: str
    options: dict[str, str]


class _Span(Struct, frozen=True):
    start: datetime
    end: datetime


class _Column(Struct, frozen=True):
    key: str


class _Table(Struct, frozen=True):
    columns: tuple[_Column, ...]


class Manifest(Struct, frozen=True):
    """What a manifest says: what is needed to answer its file once more, and to tell who did."""

    file: str
    media_type: str
    bytes: int
    rows: int
    sha256: str
    subject: _Subject
    format: _Format
    span: _Span
    clamped: bool
    timezone: str
    nodes: tuple[str, ...] | None
    filters: dict[str, tuple[str, ...]]
    personal: bool
    tables: tuple[_Table, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The keys of an export's columns; those of a report are its own."""
        is_plain = self.subject.kind == "source" and self.tables
        return tuple(column.key for column in self.tables[0].columns) if is_plain else ()


def manifest_in(content: bytes) -> Manifest:
    """Read a manifest; raise msgspec.DecodeError where it is none."""
    return msgspec.json.decode(content, type=Manifest)


def manifest_of(export: Export, sha256: str, file_name: str) -> bytes:
    """Return the manifest of an export that is done, as JSON; `sha256` is that of its bytes."""
    described = {"file": file_name, **_described(export, sha256)}
    return json.dumps(described, indent=2, ensure_ascii=False).encode() + b"\n"


def _described(export: Export, sha256: str) -> dict[str, Any]:
    """Return what a manifest says; times are UTC, a span is half-open."""
    request, query = export.request, export.request.query
    format_ = request.format
    return {
        "media_type": format_.media_type,
        "bytes": export.bytes,
        "sha256": sha256,
        "rows": export.rows,
        "is_empty": export.summary.is_empty(export.rows),
        "generated_at": export.now.isoformat(),
        "subject": {
            "kind": "report" if isinstance(request.subject, Report) else "source",
            "name": request.subject.name,
            "title": request.subject.title,
        },
        "format": {"name": format_.name, "options": dict(request.options)},
        "span": {"start": query.span.start.isoformat(), "end": query.span.end.isoformat()},
        "clamped": request.clamped,
        "timezone": query.timezone.key,
        "nodes": list(query.nodes) or None,
        "filters": {name: list(values) for name, values in query.filters.items()},
        "personal": query.personal,
        "formula_guard": is_guarded(format_, request.options),
        "title": export.summary.title or request.subject.title,
        "figures": [figure._asdict() for figure in export.summary.figures],
        "warnings": list(export.summary.warnings),
        "tables": [_table(table) for table in export.tables],
        "made_by": {"storj-monitor": version("storj-monitor")},
    }


def _table(table: WrittenTable) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": table.title,
        "rows": table.rows,
        "columns": [_column(column) for column in table.columns],
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "key": column.key,
        "label": column.label,
        "kind": column.kind.value,
        "type": str(column.kind.arrow_type()),
        "unit": column.unit,
        "description": column.description,
        "personal": column.personal,
    }
