r"""The public API for plugins, version 1: everything that a plugin imports is here.

The smallest useful plugin:

    from storj_monitor.plugin import Format, hookimpl, machine_text

    def render(document):
        for table in document.tables():
            yield ("|".join(column.key for column in table.columns) + "\n").encode()
            for row in table.rows():
                yield ("|".join(map(machine_text, row)) + "\n").encode()

    @hookimpl
    def storj_formats():
        return [Format(name="psv", title="Pipe-separated", media_type="text/plain", render=render)]
"""

from storj_monitor.plugin.delivery import Attachment, DeliveryError, Parcel, UncertainDelivery
from storj_monitor.plugin.descriptors import (
    Catalogue,
    Channel,
    Format,
    OptionError,
    Report,
    Setting,
    Source,
)
from storj_monitor.plugin.document import Block, Chart, Document, Figure, Figures, Note, Table
from storj_monitor.plugin.hooks import API_VERSION, ExportOutcome, hookimpl
from storj_monitor.plugin.kinds import Column, Kind
from storj_monitor.plugin.query import Filter, Query, Reader, Span
from storj_monitor.plugin.spelling import display_text, formula_safe, machine_text
from storj_monitor.plugin.spool import spooled

__all__ = [
    "API_VERSION",
    "Attachment",
    "Block",
    "Catalogue",
    "Channel",
    "Chart",
    "Column",
    "DeliveryError",
    "Document",
    "ExportOutcome",
    "Figure",
    "Figures",
    "Filter",
    "Format",
    "Kind",
    "Note",
    "OptionError",
    "Parcel",
    "Query",
    "Reader",
    "Report",
    "Setting",
    "Source",
    "Span",
    "Table",
    "UncertainDelivery",
    "display_text",
    "formula_safe",
    "hookimpl",
    "machine_text",
    "spooled",
]
