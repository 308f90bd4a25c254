"""What a format is held to."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import pytest
import time_machine

from storj_monitor.plugin import Chart, Document, Format, OptionError
from storj_monitor.testing.admission import Conformance, WithoutNetwork
from storj_monitor.testing.documents import (
    AWKWARD_NAMES,
    GENERATED_AT,
    awkward_documents,
    columns_of,
    given_to,
    stream_of,
)
from storj_monitor.testing.elsewhere import Place, digests_elsewhere, digests_of
from storj_monitor.testing.formulas import formulas_in, opens_in_spreadsheets, text_of
from storj_monitor.testing.rendering import by_turns, chunks_of, memory_of, rendered
from storj_monitor.testing.rules import broken
from storj_monitor.testing.spellings import SPELLINGS, is_spelt
from storj_monitor.testing.streams import WatchedStream

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Batches of a thousand rows: 6 MB, and then 30 for formats that write rows in large groups.
_LENGTHS = (35, 160)
#: What a format may hold of it in memory.
_MOST_HELD = 1 / 3
#: Formats whose files programs read are of these types, and spell values the machine's way.
_MACHINE_TYPES = (
    "text/plain",
    "text/csv",
    "text/tab-separated-values",
    "application/x-ndjson",
    "application/json",
)


class FormatConformance(Conformance[Format], WithoutNetwork):
    """Holds a format to everything that the program and its users rely on.

        import storj_psv
        from storj_monitor.testing import FormatConformance

        class TestPsv(FormatConformance):
            plugin = storj_psv

    `name` says which format is meant, where the plugin offers several. Override `check_file` to
    open the files with whatever your format is opened with.
    """

    kind = "formats"
    #: Whether values are spelt as `machine_text` spells them; None: by the media type.
    machine_spelling: ClassVar[bool | None] = None

    def check_file(self, content: bytes) -> None:
        """Open a file of this format as its readers do; raise where it isn't sound."""

    @pytest.mark.parametrize("document", AWKWARD_NAMES)
    def test_an_awkward_document_becomes_a_file(self, document: str) -> None:
        content = rendered(self.offered, awkward_documents()[document])
        self.check_file(content)

    def test_a_stream_is_read_once(self) -> None:
        offered = self.offered
        rendered(offered, Document("One table", (WatchedStream(3).table(),)))
        table = WatchedStream(3, rows=9).table()
        chart = Chart("Drawn and listed", table, "number", ("ratio",))
        rendered(offered, Document("A chart and its table", (chart, table)))

    def test_memory_stays_the_same_however_long_a_table_is(self) -> None:
        offered = self.offered
        rendered(offered, Document("Short", (WatchedStream(1).table(),)))  # imports what it needs
        for batches in _LENGTHS:
            peak, size = memory_of(offered, batches, _MOST_HELD)
            if peak <= size * _MOST_HELD:
                return
        broken(
            f"Of a table of {size / 1e6:.0f} MB it held {peak / 1e6:.0f} MB in memory, or more.",
            "a format writes rows as they come and forgets them, so that a year fits in memory: "
            "yield chunks within the loop over table.rows() or table.batches, keep no list of "
            "rows, and join nothing at the end. A library that wants the whole file gets a file "
            "on disk from spooled().",
        )

    def test_closing_the_file_early_closes_its_tables(self) -> None:
        stream = WatchedStream(50)
        document = given_to(self.offered, Document("Left", (stream.table(),)))
        chunks = chunks_of(self.offered, document)
        next((chunk for chunk in chunks if chunk), None)
        chunks.close()
        if stream.is_begun and not stream.is_closed:
            broken(
                "A download was broken off, and the table is still open.",
                "whoever stops reading a file closes it, and the table has to be closed by that, "
                "or the database is read on: loop over the rows within the generator that yields "
                "the chunks, and keep no iterator elsewhere.",
            )

    def test_an_error_while_rows_are_read_is_passed_on(self) -> None:
        stream = WatchedStream(5, fails_after=3)
        document = given_to(self.offered, Document("Broken", (stream.table(),)))
        with suppress(OSError):
            for _ in chunks_of(self.offered, document):
                pass
            if stream.has_failed:
                broken(
                    "The rows could not be read to their end, and yet the file was finished.",
                    "a file that looks whole must be whole: let the errors of table.rows() and "
                    "table.batches through, so that the download is broken off.",
                )

    def test_the_same_document_gives_the_same_bytes_at_another_time(self) -> None:
        with time_machine.travel(GENERATED_AT, tick=False):
            first = digests_of(self.offered)
        with time_machine.travel(GENERATED_AT + timedelta(days=400, seconds=7), tick=False):
            _must_agree(first, digests_of(self.offered), "in the same process, 400 days later")

    def test_the_same_document_gives_the_same_bytes_in_another_process(self) -> None:
        place = Place.of(self.plugin)
        if place is None:
            pytest.skip("the plugin is an object that no module names, so no process can import it")
        there = digests_elsewhere(place, self.offered.name)
        _must_agree(digests_of(self.offered), there, "with another hash seed, locale and zone")

    def test_two_files_at_once_do_not_disturb_each_other(self) -> None:
        offered = self.offered
        names = ("every kind", "a report")
        alone = [rendered(offered, awkward_documents()[name]) for name in names]
        both = [chunks_of(offered, given_to(offered, awkward_documents()[name])) for name in names]
        together = by_turns(both)
        if together != alone:
            broken(
                "Two files were rendered by turns, and one came out otherwise than by itself.",
                "many exports run at once: keep what belongs to one in variables of render, "
                "never in the module.",
            )

    def test_nothing_is_printed(self, capfd: pytest.CaptureFixture[str]) -> None:
        rendered(self.offered, awkward_documents()["a report"])
        if printed := capfd.readouterr().out:
            broken(
                f"It printed {printed[:80]!r}.",
                "standard output may be where the file goes: yield bytes, print nothing.",
            )

    def test_every_option_and_preset_works(self) -> None:
        offered = self.offered
        for option in offered.options:
            for choice in option.choices:
                with suppress(OptionError):  # it may need another one beside it
                    _render_with(offered, {option.name: choice})
        for preset, options in offered.presets.items():
            try:
                _render_with(offered, options)
            except OptionError as error:
                broken(
                    f"The preset {preset!r} is refused by the format itself: {error}",
                    "a preset is a combination of options that works.",
                )

    def test_no_text_is_let_through_as_a_formula(self) -> None:
        offered = self.offered
        if not (offered.spreadsheet or opens_in_spreadsheets(offered)):
            pytest.skip("its files aren't opened in a spreadsheet")
        for name in ("formulas", "awkward names"):
            content = rendered(offered, awkward_documents()[name])
            if found := formulas_in(content):
                advice = (
                    "write table cells as they are given, and pass texts of your own, such as "
                    "titles and labels, through formula_safe()."
                    if offered.spreadsheet
                    else "say Format(spreadsheet=True), so that the host makes texts safe first."
                )
                broken(
                    f"A spreadsheet would calculate the text {found!r} of the document "
                    f"{name!r}: it came from outside.",
                    f"no cell of text begins with = + - @ or their like: {advice}",
                )

    def test_a_text_that_was_made_safe_stays_so(self) -> None:
        offered = self.offered
        if not offered.spreadsheet:
            pytest.skip("the host makes texts safe for formats with spreadsheet=True only")
        text = text_of(rendered(offered, awkward_documents()["formulas"]))
        if text is not None and "'=SUM(" not in text:
            broken(
                "The apostrophe is gone that the host put before a text that begins with =.",
                "with spreadsheet=True the texts you are given are safe: write them unchanged.",
            )

    def test_values_are_spelt_as_in_every_other_text_format(self) -> None:
        offered = self.offered
        by_type = offered.media_type.partition(";")[0] in _MACHINE_TYPES
        if not (by_type if self.machine_spelling is None else self.machine_spelling):
            pytest.skip("its files are for people, or have types of their own")
        for kind, value, spelt in SPELLINGS:
            document = Document("One", (stream_of(columns_of(kind), [(value,)]),))
            text = text_of(rendered(offered, document)) or ""
            if not is_spelt(spelt, text):
                broken(
                    f"{value!r} in a column of kind {kind} is to be spelt {spelt!r}, and the file "
                    f"says: {text[-200:]!r}",
                    "the same value is the same text in every text format: use "
                    "machine_text(value). What is missing, not a number or infinite is empty. (A "
                    "format for people sets machine_spelling = False in its conformance class.)",
                )


def _must_agree(first: Mapping[str, str], second: Mapping[str, str], when: str) -> None:
    for name, seen in first.items():
        if seen != second[name]:
            broken(
                f"The document {name!r} became other bytes {when}.",
                "the same document is the same file, so that a download can be gone on with and "
                "compared: take the time from document.generated_at, no clock, no random numbers, "
                "no order of a set, no setting of the machine.",
            )


def _render_with(offered: Format, options: Mapping[str, str]) -> None:
    for name in ("every kind", "a report"):
        rendered(offered, awkward_documents()[name], options)
