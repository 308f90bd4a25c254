"""Building a report as the program does it, and reading all that it consists of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.exports.sources import Sources
from storj_monitor.plugin import (
    Chart,
    Column,
    Document,
    OptionError,
    Source,
    Table,
    machine_text,
)
from storj_monitor.registry import PluginHost
from storj_monitor.settings import PluginSettings
from storj_monitor.testing.admission import offering_of
from storj_monitor.testing.rules import broken, unbroken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.plugin import Figure, Query, Report
    from storj_monitor.store import Store

_BUILDS = (
    "build gives a Document for every span, zone and node, over an empty database as well; only "
    "OptionError (for metrics it doesn't know) and LookupError (for a source) are let through."
)
_READS = "each table can be read to its end while the document is written, once if it is a stream."


class WrittenDocument(NamedTuple):
    """A document, and every row of it: the title of its table, and its cells' texts by key."""

    document: Document
    rows: list[tuple[str, dict[str, str]]]

    @property
    def lines(self) -> list[str]:
        """All of it in order, for comparing two."""
        charts = (block for block in self.document.blocks if isinstance(block, Chart))
        return [
            self.document.title,
            *(f"{title}: {cells}" for title, cells in self.rows),
            *(f"{one.title}: {one.table.name}, {one.x}, {one.y}, {one.shape}" for one in charts),
        ]

    def texts_of(self, key: str) -> set[str]:
        """Return what stands in the columns of this key, of whatever table."""
        return {cells[key] for _, cells in self.rows if key in cells}


def built(store: Store, report: Report, query: Query, plugin: object) -> WrittenDocument:
    """Build a report over a database and read its tables; fail the test where one can't be.

    OptionError is let through. The sources are those of the plugin, and all that are installed.
    """
    own = (item for item in offering_of(plugin).offers.get("sources", ()))
    known = {item.name: item for item in own if isinstance(item, Source)}
    known = {**PluginHost(PluginSettings()).catalogue.sources, **known}
    with store.reader() as reader:
        sources = Sources(known, reader, personal=query.personal, watch=lambda: None)
        try:
            with unbroken(f"build of {report.name!r}", _BUILDS, (OptionError,)):
                document = report.build(sources, query)
            if not isinstance(document, Document):
                broken(f"build returned {document!r:.80} instead of a Document.", _BUILDS)
            with unbroken(f"reading what {report.name!r} built", _READS):
                return WrittenDocument(document, list(_rows(document)))
        finally:
            sources.close()


def _rows(document: Document) -> Iterator[tuple[str, dict[str, str]]]:
    for table in document.tables():
        for row in table.rows():
            cells = zip(table.columns, row, strict=True)
            yield table.title, {one.key: machine_text(cell, one.kind) for one, cell in cells}


def check_figure(figure: Figure) -> None:
    """Hold a figure's value to its kind, as if it stood in a column of it."""
    column = Column(key="value", label="Value", kind=figure.kind)
    rule = "a figure's value is what a column of its kind holds, or None where it isn't known."
    with unbroken(f"the figure {figure.label!r}", rule):
        Table.of("figure", figure.label, (column,), [(figure.value,)])
