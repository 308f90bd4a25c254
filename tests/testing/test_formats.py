"""Each rule for formats, and a format that breaks it."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.plugin import Filter, OptionError, machine_text, spooled
from storj_monitor.testing import AWKWARD_NAMES, FormatConformance, fake_distribution
from tests.testing.plugins import broken_rule, format_of, held, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from storj_monitor.plugin import Document

    Render = Callable[[Document], Any]

pytest_plugins = ["pytester"]


def lines_of(document: Document) -> Iterator[bytes]:
    """Render as a good format does it."""
    for table in document.tables():
        yield ("|".join(column.key for column in table.columns) + "\n").encode()
        for row in table.rows():
            yield ("|".join(map(machine_text, row)) + "\n").encode()


def kit_for(render: Render, **fields: Any) -> FormatConformance:
    return held(FormatConformance, format_of(render, **fields))


def all_rows_first(document: Document) -> Iterator[bytes]:
    rows = [row for table in document.tables() for row in table.rows()]
    yield "\n".join(machine_text(cell) for row in rows for cell in row).encode()


def all_batches_first(document: Document) -> Iterator[bytes]:
    for batches in [list(table.batches) for table in document.tables()]:
        yield from (str(batch.num_rows).encode() for batch in batches)


def joined(document: Document) -> Iterator[bytes]:
    whole = BytesIO()
    for chunk in lines_of(document):
        whole.write(chunk)
    yield whole.getvalue()


def on_disk(document: Document) -> Iterator[bytes]:
    def write(file: Any) -> None:
        for chunk in lines_of(document):
            file.write(chunk)

    return spooled(write)


@pytest.mark.no_cover  # it is long
@pytest.mark.parametrize("render", [all_rows_first, all_batches_first, joined])
def test_a_format_that_holds_all_rows_is_caught(render: Render) -> None:
    said = broken_rule(kit_for(render).test_memory_stays_the_same_however_long_a_table_is)
    assert "MB in memory" in said
    assert "spooled()" in said


@pytest.mark.no_cover  # it is long
@pytest.mark.parametrize("render", [lines_of, on_disk])
def test_a_format_that_forgets_rows_holds_little(render: Render) -> None:
    kit_for(render).test_memory_stays_the_same_however_long_a_table_is()


def twice(document: Document) -> Iterator[bytes]:
    for table in document.tables():
        yield f"{sum(1 for _ in table.rows())} rows\n".encode()
        for row in table.rows():
            yield repr(row).encode()


def test_a_format_that_reads_rows_twice_is_caught() -> None:
    said = broken_rule(kit_for(twice).test_a_stream_is_read_once)
    assert "a table was read a second time" in said


def each_block(document: Document) -> Iterator[bytes]:
    for block in document.blocks:
        table: Any = getattr(block, "table", block)
        for row in table.rows():
            yield repr(row).encode()


def test_a_format_that_reads_a_chart_and_its_table_is_caught() -> None:
    said = broken_rule(kit_for(each_block).test_a_stream_is_read_once)
    assert "'A chart and its table'" in said


@pytest.mark.parametrize("chunk", ["text", 7, [b"bytes"]])
def test_chunks_that_are_no_bytes_are_caught(chunk: object) -> None:
    tests = kit_for(lambda _: iter([b"", chunk]))
    said = broken_rule(tests.test_an_awkward_document_becomes_a_file, "no rows")
    assert f"yielded a {type(chunk).__name__}: {chunk!r}" in said


def test_a_file_returned_in_one_piece_is_caught() -> None:
    said = broken_rule(
        kit_for(lambda _: b"all of it").test_an_awkward_document_becomes_a_file, "no rows"
    )
    assert "render returned a bytes instead of chunks" in said


def test_a_format_that_stumbles_is_caught_by_the_document_that_it_stumbles_over() -> None:
    def render(document: Document) -> Iterator[bytes]:
        for table in document.tables():
            for row in table.rows():
                yield ",".join(str(cell).replace("\x00", "!")[:10] for cell in row).encode("ascii")

    tests = kit_for(render)
    tests.test_an_awkward_document_becomes_a_file("no rows")
    said = broken_rule(tests.test_an_awkward_document_becomes_a_file, "awkward texts")
    assert "UnicodeEncodeError" in said


def test_an_authors_own_look_at_the_file_is_taken() -> None:
    def check_file(content: bytes) -> None:
        assert content.startswith(b"<"), "it is no page"

    tests = held(FormatConformance, format_of(lines_of), check_file=staticmethod(check_file))
    with pytest.raises(AssertionError, match="it is no page"):
        tests.test_an_awkward_document_becomes_a_file("no rows")


def test_a_table_that_is_left_open_is_caught() -> None:
    kept = []

    def render(document: Document) -> Iterator[bytes]:
        for table in document.tables():
            kept.append(table.rows())
            for row in kept[-1]:
                yield repr(row).encode()

    said = broken_rule(kit_for(render).test_closing_the_file_early_closes_its_tables)
    assert "the table is still open" in said


def test_an_error_that_is_swallowed_is_caught() -> None:
    def render(document: Document) -> Iterator[bytes]:
        try:
            yield from lines_of(document)
        except OSError:
            yield b"sorry"

    said = broken_rule(kit_for(render).test_an_error_while_rows_are_read_is_passed_on)
    assert "yet the file was finished" in said


def test_a_file_that_says_what_time_it_is_is_caught() -> None:
    def render(_: Document) -> Iterator[bytes]:
        yield str(datetime.now()).encode()  # noqa: DTZ005  as strangers do it

    tests = kit_for(render)
    said = broken_rule(tests.test_the_same_document_gives_the_same_bytes_at_another_time)
    assert "400 days later" in said


def test_a_file_with_something_random_in_it_is_caught() -> None:
    tests = kit_for(lambda _: iter([os.urandom(8)]))
    broken_rule(tests.test_the_same_document_gives_the_same_bytes_at_another_time)


@pytest.mark.parametrize(
    "text", ["str(hash('a'))", "repr({'a', 'b', 'c', 'd', 'e'})", "time.strftime('%Z')"]
)
def test_a_file_that_depends_on_the_process_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    code = f"""
        import time
        from storj_monitor.plugin import Format, hookimpl

        def render(document):
            print("this is in nobody's way")
            yield {text}.encode()

        @hookimpl
        def storj_formats():
            return [Format(name="psv", title="P", media_type="text/plain", render=render)]
    """
    fake_distribution(tmp_path, "storj-unstable", {"storj_unstable": code}, {})
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "storj_unstable", raising=False)
    tests = type("TestIt", (FormatConformance,), {"plugin": import_module("storj_unstable")})()
    said = broken_rule(tests.test_the_same_document_gives_the_same_bytes_in_another_process)
    assert "with another hash seed, locale and zone" in said


def test_an_object_that_no_module_names_is_not_looked_for_elsewhere() -> None:
    tests = held(FormatConformance, format_of(lines_of), plugin=object())
    with pytest.raises(pytest.skip.Exception, match="no process can import it"):
        tests.test_the_same_document_gives_the_same_bytes_in_another_process()


def test_a_format_that_keeps_something_in_its_module_is_caught() -> None:
    state: dict[str, Any] = {}

    def render(document: Document) -> Iterator[bytes]:
        state["title"] = document.title
        for _ in range(3):
            yield state["title"].encode()

    said = broken_rule(kit_for(render).test_two_files_at_once_do_not_disturb_each_other)
    assert "rendered by turns" in said


def test_printing_is_caught(capfd: pytest.CaptureFixture[str]) -> None:
    def render(_: Document) -> Iterator[bytes]:
        print("so far, so good")
        yield b""

    said = broken_rule(kit_for(render).test_nothing_is_printed, capfd)
    assert "so far, so good" in said


def test_an_option_that_fails_is_caught() -> None:
    def render(document: Document) -> Iterator[bytes]:
        yield {"narrow": b"n"}[document.options["width"]]

    option = Filter(name="width", summary="How wide", choices=("narrow", "wide"), default="narrow")
    said = broken_rule(kit_for(render, options=(option,)).test_every_option_and_preset_works)
    assert "KeyError: 'wide'" in said


def test_an_option_whose_default_is_an_empty_text_is_given_like_any_other() -> None:
    def render(document: Document) -> Iterator[bytes]:
        yield document.options["prefix"].encode()

    option = Filter(name="prefix", summary="What comes first", default="")
    kit_for(render, options=(option,)).test_an_awkward_document_becomes_a_file("no rows")


def refusing(document: Document) -> Iterator[bytes]:
    if document.options["width"] == "wide":
        message = "no paper is so wide"
        raise OptionError(message)
    yield b"n"


def test_an_option_may_be_refused_but_not_a_preset() -> None:
    option = Filter(name="width", summary="How wide", choices=("narrow", "wide"), default="narrow")
    kit_for(refusing, options=(option,)).test_every_option_and_preset_works()
    tests = kit_for(refusing, options=(option,), presets={"poster": {"width": "wide"}})
    said = broken_rule(tests.test_every_option_and_preset_works)
    assert "The preset 'poster' is refused by the format itself: no paper is so wide" in said


def test_a_refusal_after_the_first_bytes_is_caught() -> None:
    def render(_: Document) -> Iterator[bytes]:
        yield b"n"
        message = "on second thoughts"
        raise OptionError(message)

    said = broken_rule(kit_for(render).test_an_awkward_document_becomes_a_file, "no rows")
    assert "OptionError came after the first bytes: on second thoughts" in said


def test_a_whole_class_passes_as_an_author_writes_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        storj_psv="""
        from storj_monitor.plugin import Format, hookimpl, machine_text

        def render(document):
            for table in document.tables():
                yield ("|".join(column.key for column in table.columns) + "\\n").encode()
                for row in table.rows():
                    yield ("|".join(map(machine_text, row)) + "\\n").encode()

        @hookimpl
        def storj_formats():
            return [Format(name="psv", title="Pipes", media_type="text/plain", render=render)]
        """,
        test_storj_psv="""
        import storj_psv
        from storj_monitor.testing import FormatConformance

        class TestPsv(FormatConformance):
            plugin = storj_psv
            name = "psv"
        """,
    )
    pytester.syspathinsert()
    result = run(pytester)
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] >= len(AWKWARD_NAMES) + 10
    assert set(outcomes) <= {"passed", "skipped"}
