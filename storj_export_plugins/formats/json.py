"""The format json: a plain export is an array of objects, a report an object with its blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.formats.objects import object_chunks, object_text, value_text
from storj_monitor.plugin import Chart, Figures, Format, Table, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from storj_monitor.plugin import Document, Figure, Note


def _array_text(texts: Iterable[str]) -> str:
    return f"[{','.join(texts)}]"


def _rows(table: Table, head: bytes = b"") -> Iterator[bytes]:
    """Yield `head` and the rows as an array, one object a line."""
    first = True
    for chunk in object_chunks(table, before=",\n{", after=""):
        yield head + b"[" + chunk[1:] if first and chunk else chunk
        first = first and not chunk
    yield head + b"[]" if first else b"\n]"


def _head(document: Document) -> bytes:
    def time_text(moment: datetime | None) -> str:
        zone = document.timezone
        return value_text(moment if moment is None else moment.astimezone(zone))

    span = document.span
    members = {
        "title": value_text(document.title),
        "span": "null"
        if span is None
        else object_text({"start": time_text(span.start), "end": time_text(span.end)}),
        "timezone": value_text(document.timezone),
        "nodes": "null" if document.nodes is None else _array_text(map(value_text, document.nodes)),
        "generated_at": time_text(document.generated_at),
    }
    return object_text(members)[:-1].encode() + b',"blocks":['


def _with_rows(members: dict[str, str], table: Table) -> Iterator[bytes]:
    columns = _array_text(
        object_text(
            {
                "key": value_text(column.key),
                "label": value_text(column.label),
                "kind": value_text(column.kind),
                "unit": value_text(column.unit),
            }
        )
        for column in table.columns
    )
    head = object_text({**members, "columns": columns})[:-1] + ',"rows":'
    yield from _rows(table, head.encode())
    yield b"}"


def _figure(figure: Figure) -> str:
    return object_text(
        {
            "key": value_text(figure.key),
            "label": value_text(figure.label),
            "value": value_text(figure.value, figure.kind),
            "kind": value_text(figure.kind),
            "change": value_text(figure.change),
        }
    )


def _figures(figures: Figures) -> str:
    return object_text(
        {
            "type": '"figures"',
            "title": value_text(figures.title),
            "items": _array_text(map(_figure, figures.items)),
        }
    )


def _note(note: Note) -> str:
    return object_text(
        {"type": '"note"', "level": value_text(note.level), "text": value_text(note.text)}
    )


def _table(table: Table) -> Iterator[bytes]:
    members = {
        "type": '"table"',
        "name": value_text(table.name),
        "title": value_text(table.title),
    }
    return _with_rows(members, table)


def _chart(chart: Chart, *, with_rows: bool) -> Iterator[bytes]:
    members = {
        "type": '"chart"',
        "title": value_text(chart.title),
        "shape": value_text(chart.shape),
        "table": value_text(chart.table.name),
        "x": value_text(chart.x),
        "y": _array_text(map(value_text, chart.y)),
    }
    if with_rows:
        yield from _with_rows(members, chart.table)
    else:
        yield object_text(members).encode()


def _blocks(document: Document) -> Iterator[Iterator[bytes]]:
    """Yield the chunks of each block; a chart has rows unless they stand in the document anyway."""
    given = [block for block in document.blocks if isinstance(block, Table)]
    for block in document.blocks:
        match block:
            case Table():
                yield _table(block)
            case Chart():
                yield _chart(block, with_rows=not any(block.table is table for table in given))
                given.append(block.table)
            case Figures():
                yield iter([_figures(block).encode()])
            case _:
                yield iter([_note(block).encode()])


def _report(document: Document) -> Iterator[bytes]:
    separator = _head(document) + b"\n"
    for block in _blocks(document):
        yield separator
        yield from block
        separator = b",\n"
    yield b"\n]}\n" if document.blocks else separator + b"]}\n"


def render(document: Document) -> Iterator[bytes]:
    """Yield the document as JSON, one row a line."""
    if document.sole_table is None:
        yield from _report(document)
        return
    yield from _rows(document.sole_table)
    yield b"\n"


@hookimpl
def storj_formats() -> list[Format]:
    """Offer json."""
    return [Format(name="json", title="JSON", media_type="application/json", render=render)]
