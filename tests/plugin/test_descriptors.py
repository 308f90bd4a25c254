"""What a plugin's author is told when a descriptor makes no sense."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import pytest

from storj_monitor.plugin import Channel, Column, Filter, Format, Kind, Report, Setting, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pyarrow as pa

    from storj_monitor.plugin import Catalogue, Document, Parcel, Query, Reader

NODE = Column(key="node", label="Node")


def rows(_reader: Reader, _query: Query) -> Iterable[tuple[object, ...]]:
    return ()


def batches(_reader: Reader, _query: Query) -> Iterable[pa.RecordBatch]:
    return ()


def render(_document: Document) -> Iterable[bytes]:
    return ()


def build(_catalogue: Catalogue, _query: Query) -> Document:
    raise NotImplementedError


async def send(_parcel: Parcel, _settings: object) -> None:
    pass


make_column = partial(Column, key="size", label="Size")
make_filter = partial(Filter, name="status", summary="S")
make_source = partial(Source, name="uptime", title="T", summary="S", columns=(NODE,), rows=rows)
make_format = partial(Format, name="psv", title="T", media_type="text/plain", render=render)
make_report = partial(Report, name="audits", title="T", summary="S", build=build)
make_setting = partial(Setting, name="host", summary="S")
make_channel = partial(Channel, name="matrix", title="T", settings=(), send=send)

NAME_RULE = "it is 2 to 32 characters, a to z, 0 to 9 and _, and begins with a letter"


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (make_filter, "filter"),
        (make_source, "source"),
        (make_format, "format"),
        (make_report, "report"),
        (make_setting, "setting"),
        (make_channel, "channel"),
    ],
)
@pytest.mark.parametrize("name", ["", "x", "Psv", "9psv", "p-sv", "p" * 33, "psv\n", None])
def test_a_name_must_fit_urls_and_file_names(
    make: Callable[..., object], word: str, name: str
) -> None:
    with pytest.raises(ValueError, match="name") as raised:
        make(name=name)
    assert str(raised.value) == f"{word} name {name!r} is not allowed: {NAME_RULE}"


@pytest.mark.parametrize(
    ("make", "given", "text"),
    [
        (make_column, {"key": "Size"}, f"column name 'Size' is not allowed: {NAME_RULE}"),
        (
            make_column,
            {"label": " "},
            "label of column 'size' must be a text that isn't empty, not ' '",
        ),
        (make_column, {"kind": "bytes"}, "column 'size': kind must be a Kind, not 'bytes'"),
        (
            make_filter,
            {"summary": ""},
            "summary of filter 'status' must be a text that isn't empty, not ''",
        ),
        (
            make_filter,
            {"name": "format"},
            "filter name 'format' is not allowed: a request uses that word itself",
        ),
        (
            make_filter,
            {"choices": ("on", "off"), "default": "maybe"},
            "filter 'status': default 'maybe' is not one of its choices",
        ),
        (
            make_filter,
            {"choices": "on"},
            "choice of filter 'status': give a tuple of str, even of one, not 'on'",
        ),
        (make_filter, {"choices": (1,)}, "choice of filter 'status' must be a str, not 1"),
        (
            make_source,
            {"title": ""},
            "title of source 'uptime' must be a text that isn't empty, not ''",
        ),
        (
            make_source,
            {"summary": None},
            "summary of source 'uptime' must be a text that isn't empty, not None",
        ),
        (make_source, {"columns": ()}, "source 'uptime' declares no columns"),
        (
            make_source,
            {"columns": NODE},
            "column of source 'uptime': give a tuple of Column, even of one, not " + repr(NODE),
        ),
        (
            make_source,
            {"columns": ("node",)},
            "column of source 'uptime' must be a Column, not 'node'",
        ),
        (make_source, {"columns": (NODE, NODE)}, "column of source 'uptime': node is there twice"),
        (
            make_source,
            {"filters": ("node",)},
            "filter of source 'uptime' must be a Filter, not 'node'",
        ),
        (
            make_source,
            {"filters": (make_filter(), make_filter())},
            "filter of source 'uptime': status is there twice",
        ),
        (make_source, {"rows": None}, "source 'uptime' needs exactly one of rows and batches"),
        (
            make_source,
            {"batches": batches},
            "source 'uptime' needs exactly one of rows and batches",
        ),
        (
            make_source,
            {"rows": [1]},
            "rows or batches of source 'uptime' must be a function, not [1]",
        ),
        (
            make_source,
            {"max_days": 0},
            "source 'uptime': max_days must be 1 or more, or None for no limit",
        ),
        (
            make_source,
            {"period": "week"},
            "source 'uptime': period must be month or custom: 'week'",
        ),
        (
            make_format,
            {"title": ""},
            "title of format 'psv' must be a text that isn't empty, not ''",
        ),
        (make_format, {"render": b""}, "render of format 'psv' must be a function, not b''"),
        (
            make_format,
            {"media_type": "text"},
            "format 'psv': media_type must look like text/csv: 'text'",
        ),
        (
            make_format,
            {"media_type": None},
            "format 'psv': media_type must look like text/csv: None",
        ),
        (
            make_format,
            {"options": (make_setting(),)},
            f"option of format 'psv' must be a Filter, not {make_setting()!r}",
        ),
        (
            make_format,
            {"options": (make_filter(), make_filter())},
            "option of format 'psv': status is there twice",
        ),
        (
            make_format,
            {"presets": {"plain": {"guard": "off"}}},
            "format 'psv': preset 'plain' sets guard=off, which is no option of the format",
        ),
        (
            make_format,
            {
                "options": (make_filter(name="guard", choices=("on", "off")),),
                "presets": {"plain": {"guard": "no"}},
            },
            "format 'psv': preset 'plain' sets guard=no, which is no option of the format",
        ),
        (
            make_report,
            {"title": ""},
            "title of report 'audits' must be a text that isn't empty, not ''",
        ),
        (
            make_report,
            {"summary": ""},
            "summary of report 'audits' must be a text that isn't empty, not ''",
        ),
        (make_report, {"build": 1}, "build of report 'audits' must be a function, not 1"),
        (
            make_report,
            {"period": "year"},
            "report 'audits': period must be day, week, month or custom: 'year'",
        ),
        (
            make_setting,
            {"summary": ""},
            "summary of setting 'host' must be a text that isn't empty, not ''",
        ),
        (
            make_channel,
            {"title": ""},
            "title of channel 'matrix' must be a text that isn't empty, not ''",
        ),
        (make_channel, {"send": 1}, "send of channel 'matrix' must be a function, not 1"),
        (make_channel, {"limit": 1}, "limit of channel 'matrix' must be a function, not 1"),
        (make_channel, {"shown": 1}, "shown of channel 'matrix' must be a function, not 1"),
        (make_channel, {"addresses": 1}, "addresses of channel 'matrix' must be a function, not 1"),
        (make_channel, {"settings": (1,)}, "setting of channel 'matrix' must be a Setting, not 1"),
        (
            make_channel,
            {"settings": (make_setting(), make_setting())},
            "setting of channel 'matrix': host is there twice",
        ),
    ],
)
def test_a_descriptor_that_makes_no_sense_is_refused_in_these_words(
    make: Callable[..., object], given: dict[str, Any], text: str
) -> None:
    with pytest.raises((ValueError, TypeError)) as raised:
        make(**given)
    assert str(raised.value) == text


@pytest.mark.parametrize("suffix", ["..", ".csv", "csv.", "tar..gz", "CSV", "a/b", "c" * 33, 7])
def test_a_suffix_must_be_one_of_a_file_name(suffix: str) -> None:
    with pytest.raises(ValueError, match="suffix") as raised:
        make_format(suffix=suffix)
    assert str(raised.value) == f"format 'psv': suffix must look like csv or tar.gz: {suffix!r}"


@pytest.mark.parametrize("name", ["psv", "influx_line_protocol", "x" * 32])
def test_every_name_of_a_format_will_do_for_its_suffix(name: str) -> None:
    assert make_format(name=name).suffix == name
    assert make_format(name=name, suffix="tar.gz").suffix == "tar.gz"


def test_lists_become_tuples() -> None:
    lists: dict[str, Any] = {"columns": [NODE], "filters": [make_filter()]}
    source = make_source(**lists)
    assert (source.columns, source.filters) == ((NODE,), (make_filter(),))
    choices: Any = ["on", "off"]
    assert make_filter(choices=choices).choices == ("on", "off")
    settings: Any = [make_setting()]
    assert make_channel(settings=settings).settings == (make_setting(),)


def test_presets_are_kept_read_only_and_apart_from_what_was_given() -> None:
    given = {"plain": {"guard": "off"}}
    made = make_format(options=(make_filter(name="guard", choices=("on", "off")),), presets=given)
    given["plain"]["guard"] = "on"
    assert made.presets["plain"]["guard"] == "off"
    with pytest.raises(TypeError):
        made.presets["plain"]["guard"] = "on"  # type: ignore[index]  # that is the test


def test_a_source_may_be_without_a_limit_and_give_batches() -> None:
    source = make_source(rows=None, batches=batches, max_days=None)
    assert source.max_days is None


@pytest.mark.parametrize("period", ["day", "week", "month", "custom"])
def test_a_report_has_one_of_four_periods(
    period: Literal["day", "week", "month", "custom"],
) -> None:
    assert make_report(period=period).period == period
    assert make_report().period == "custom"


def test_descriptors_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        NODE.key = "other"  # type: ignore[misc]  # that is the test
    assert NODE.kind is Kind.TEXT
