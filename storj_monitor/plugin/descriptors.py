"""What a plugin offers: sources, formats, reports and channels, checked where they are made."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Protocol

from storj_monitor.plugin.checks import (
    check_callable,
    check_name,
    check_text,
    check_unique,
    checked_tuple,
)
from storj_monitor.plugin.kinds import checked_columns
from storj_monitor.plugin.query import Filter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    import pyarrow as pa

    from storj_monitor.plugin.delivery import Parcel
    from storj_monitor.plugin.document import Document, Table
    from storj_monitor.plugin.kinds import Column
    from storj_monitor.plugin.query import Query, Reader

_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+(; *charset=[a-zA-Z0-9-]+)?")
_SUFFIX = re.compile(r"(?!.{33})[a-z0-9_]+(\.[a-z0-9_]+)*")


class OptionError(ValueError):
    """Options of a format, or filters of a source, that can't be served as they were given.

    Raise it before the first bytes or batch: the request is then answered as bad_option (or
    bad_filter) with these words, not as a failed export.
    """


class Catalogue(Protocol):
    """Every installed source by name, as a report's `build` is given it.

        def build(catalogue, query):
            days = replace(query, filters={"bucket": ("day",)}, columns=("bucket_start", "bytes"))
            traffic = catalogue.fetch("traffic", days)

    A query is the report's own, or one made of it by `dataclasses.replace`: another span, filters
    of the source (each with a tuple of values; its defaults hold for the others), the columns to
    keep, in this order. Of a source by months the span becomes the whole UTC months it touches.
    Personal columns are there only when the export was asked for them, whatever a query says.

    Both raise LookupError for a source, filter or column that there isn't, and ValueError for a
    value that a filter doesn't take; let it through, and that one export fails with these words.
    """

    def table(self, name: str, query: Query) -> Table:
        """Return the table of source `name` for `query`, as a stream to be read once."""
        ...

    def fetch(self, name: str, query: Query) -> Table:
        """Return the same held in memory, to be read as often as needed: a million rows at most."""
        ...


@dataclass(frozen=True, kw_only=True)
class Source:
    """Something that can be exported: columns, and a function that gives the rows.

        Source(name="uptime", title="Uptime", summary="When each node answered",
               columns=(Column(key="timestamp", label="Time", kind=Kind.TIMESTAMP),), rows=rows)

    Exactly one of `rows(reader, query)`, plain Python values in the order of the columns, and
    `batches(reader, query)`, Arrow batches typed as the columns say. Both yield all declared
    columns; the host selects. `max_days` is the longest span a request may have over HTTP; None
    is without limit. With `period="month"` the rows are of whole months in UTC: the span is those
    that a request touches, the current one if it names none.
    """

    name: str
    title: str
    summary: str
    columns: tuple[Column, ...]
    rows: Callable[[Reader, Query], Iterable[Sequence[object]]] | None = None
    batches: Callable[[Reader, Query], Iterable[pa.RecordBatch]] | None = None
    filters: tuple[Filter, ...] = ()
    max_days: int | None = 31
    period: Literal["custom", "month"] = "custom"

    def __post_init__(self) -> None:
        check_name("source", self.name)
        check_text(f"title of source {self.name!r}", self.title)
        check_text(f"summary of source {self.name!r}", self.summary)
        columns = checked_columns(f"source {self.name!r}", self.columns)
        object.__setattr__(self, "columns", columns)
        object.__setattr__(
            self, "filters", checked_tuple(f"filter of source {self.name!r}", self.filters, Filter)
        )
        check_unique(f"filter of source {self.name!r}:", [item.name for item in self.filters])
        if (self.rows is None) is (self.batches is None):
            message = f"source {self.name!r} needs exactly one of rows and batches"
            raise TypeError(message)
        check_callable(
            f"rows or batches of source {self.name!r}",
            self.batches if self.rows is None else self.rows,
        )
        if self.max_days is not None and self.max_days < 1:
            message = f"source {self.name!r}: max_days must be 1 or more, or None for no limit"
            raise ValueError(message)
        if self.period not in ("custom", "month"):
            message = f"source {self.name!r}: period must be month or custom: {self.period!r}"
            raise ValueError(message)


@dataclass(frozen=True, kw_only=True)
class Format:
    """A way to write a document as a file.

        Format(name="psv", title="Pipe-separated", media_type="text/plain", render=render)

    `render(document)` yields bytes as soon as it has some, and need not know where they go. A
    format whose files are opened in a spreadsheet and that has no cell types of its own says
    `spreadsheet=True`: the host then makes texts safe that would be read as formulas. `options`
    are asked for as `option.KEY=VALUE` and chosen values are in `document.options`; a preset is a
    name for several of them.
    """

    name: str
    title: str
    media_type: str
    render: Callable[[Document], Iterable[bytes]]
    suffix: str = ""
    spreadsheet: bool = False
    options: tuple[Filter, ...] = ()
    presets: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        check_name("format", self.name)
        check_text(f"title of format {self.name!r}", self.title)
        check_callable(f"render of format {self.name!r}", self.render)
        if not isinstance(self.media_type, str) or not _MEDIA_TYPE.fullmatch(self.media_type):
            message = (
                f"format {self.name!r}: media_type must look like text/csv: {self.media_type!r}"
            )
            raise ValueError(message)
        object.__setattr__(self, "suffix", self.suffix or self.name)
        if not isinstance(self.suffix, str) or not _SUFFIX.fullmatch(self.suffix):
            message = f"format {self.name!r}: suffix must look like csv or tar.gz: {self.suffix!r}"
            raise ValueError(message)
        object.__setattr__(
            self, "options", checked_tuple(f"option of format {self.name!r}", self.options, Filter)
        )
        check_unique(f"option of format {self.name!r}:", [item.name for item in self.options])
        self._check_presets()

    def _check_presets(self) -> None:
        options = {option.name: option for option in self.options}
        for preset, values in self.presets.items():
            for key, value in values.items():
                option = options.get(key)
                if option is None or (option.choices and value not in option.choices):
                    message = (
                        f"format {self.name!r}: preset {preset!r} sets {key}={value}, "
                        "which is no option of the format"
                    )
                    raise ValueError(message)
        frozen = {name: MappingProxyType(dict(values)) for name, values in self.presets.items()}
        object.__setattr__(self, "presets", MappingProxyType(frozen))


@dataclass(frozen=True, kw_only=True)
class Report:
    """Several sources composed into one document.

        Report(name="audits", title="Audits", summary="How audits went", build=build, period="week")

    `build(catalogue, query)` asks the catalogue for sources by name. `period` is what a request
    without a span means: the last complete day, ISO week or month; for `custom` the last 7 days.
    """

    name: str
    title: str
    summary: str
    build: Callable[[Catalogue, Query], Document]
    period: Literal["day", "week", "month", "custom"] = "custom"

    def __post_init__(self) -> None:
        check_name("report", self.name)
        check_text(f"title of report {self.name!r}", self.title)
        check_text(f"summary of report {self.name!r}", self.summary)
        check_callable(f"build of report {self.name!r}", self.build)
        if self.period not in ("day", "week", "month", "custom"):
            message = (
                f"report {self.name!r}: period must be day, week, month or custom: {self.period!r}"
            )
            raise ValueError(message)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One thing that an operator tells a channel; a `secret` one is never shown again."""

    name: str
    summary: str
    secret: bool = False
    default: str | None = None

    def __post_init__(self) -> None:
        check_name("setting", self.name)
        check_text(f"summary of setting {self.name!r}", self.summary)


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A way to hand a finished file to a person or a program.

        Channel(name="matrix", title="Matrix room", settings=(Setting(...),), send=send)

    `await send(parcel, settings)` returns when the parcel was accepted, and raises DeliveryError
    when it was not; UncertainDelivery when it was handed over and no answer came.

    `limit(recipient, settings)` gives how many bytes the files of a parcel may have together: 0
    where none can be sent, None for no limit. What is larger is packed, or sent as a link. `shown`
    is for a channel whose recipients are secrets, such as a URL with a key in its path: it gives
    what of one may be seen. `addresses(recipient)` gives the mail addresses that one is, or has in
    it, so that the domains that mail may go to are kept to; without it, what has an @ is one,
    unless it is a URL. All three wait for nothing; `limit` and `addresses` may raise DeliveryError.
    """

    name: str
    title: str
    settings: tuple[Setting, ...]
    send: Callable[[Parcel, Mapping[str, str]], Awaitable[None]]
    limit: Callable[[str, Mapping[str, str]], int | None] | None = None
    shown: Callable[[str], str] | None = None
    addresses: Callable[[str], Iterable[str]] | None = None

    def __post_init__(self) -> None:
        check_name("channel", self.name)
        check_text(f"title of channel {self.name!r}", self.title)
        check_callable(f"send of channel {self.name!r}", self.send)
        optional = {"limit": self.limit, "shown": self.shown, "addresses": self.addresses}
        for name, function in optional.items():
            if function is not None:
                check_callable(f"{name} of channel {self.name!r}", function)
        object.__setattr__(
            self,
            "settings",
            checked_tuple(f"setting of channel {self.name!r}", self.settings, Setting),
        )
        check_unique(f"setting of channel {self.name!r}:", [item.name for item in self.settings])
