"""The rules for how formats write texts and values, and formats that break them."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest

from storj_monitor.plugin import machine_text
from storj_monitor.testing import FormatConformance
from tests.testing.plugins import broken_rule, format_of, held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from storj_monitor.plugin import Document


def kit_for(render: Callable[[Document], Any], **fields: Any) -> FormatConformance:
    return held(FormatConformance, format_of(render, **fields))


def commas(document: Document) -> Iterator[bytes]:
    for table in document.tables():
        for row in table.rows():
            cells = (machine_text(cell).replace('"', '""') for cell in row)
            yield ",".join(f'"{cell}"' for cell in cells).encode() + b"\r\n"


def test_formulas_in_a_text_that_spreadsheets_open_are_caught() -> None:
    tests = kit_for(commas, media_type="text/csv")
    said = broken_rule(tests.test_no_text_is_let_through_as_a_formula)
    assert "would calculate the text '=SUM(1+1)cmd'" in said
    assert "say Format(spreadsheet=True)" in said


def test_a_format_that_lets_the_host_make_texts_safe_passes() -> None:
    tests = kit_for(commas, media_type="text/csv", spreadsheet=True)
    tests.test_no_text_is_let_through_as_a_formula()
    tests.test_a_text_that_was_made_safe_stays_so()


def test_a_title_that_is_let_through_as_a_formula_is_caught() -> None:
    def render(document: Document) -> Iterator[bytes]:
        yield f"{document.title}\r\n".encode()
        yield from commas(document)

    tests = kit_for(render, spreadsheet=True)
    said = broken_rule(tests.test_no_text_is_let_through_as_a_formula)
    assert "of the document 'awkward names'" in said
    assert "formula_safe()" in said


def test_an_apostrophe_that_is_taken_away_again_is_caught() -> None:
    def render(document: Document) -> Iterator[bytes]:
        for chunk in commas(document):
            yield chunk.replace(b"'=", b"=")

    said = broken_rule(kit_for(render, spreadsheet=True).test_a_text_that_was_made_safe_stays_so)
    assert "The apostrophe is gone" in said


@pytest.mark.parametrize(
    ("name", "markup"),
    [
        ("xl/worksheets/sheet1.xml", "<c><f>SUM(1)</f></c>"),
        ("content.xml", '<table:table-cell table:formula="of:=SUM(1)"/>'),
    ],
)
def test_formulas_in_a_workbook_are_caught(name: str, markup: str) -> None:
    def render(_: Document) -> Iterator[bytes]:
        whole = BytesIO()
        with ZipFile(whole, "w") as archive:
            archive.writestr(name, markup)
        yield whole.getvalue()

    tests = kit_for(render, media_type="application/zip", suffix="xlsx")
    assert "SUM(1)" in broken_rule(tests.test_no_text_is_let_through_as_a_formula)


@pytest.mark.parametrize(
    "spell",
    [str, lambda value: "" if value is None else str(value), lambda value: f"{value or 0}"],
)
def test_a_spelling_of_ones_own_is_caught(spell: Callable[[object], str]) -> None:
    def render(document: Document) -> Iterator[bytes]:
        for table in document.tables():
            for row in table.rows():
                yield "|".join(map(spell, row)).encode()

    said = broken_rule(kit_for(render).test_values_are_spelt_as_in_every_other_text_format)
    assert "use machine_text(value)" in said


def test_words_that_only_hold_the_letters_of_nan_or_inf_are_no_spelling() -> None:
    def render(document: Document) -> Iterator[bytes]:
        yield b"# information of finance: Nonesuch\n"
        for table in document.tables():
            for row in table.rows():
                yield "|".join(map(machine_text, row)).encode()

    kit_for(render).test_values_are_spelt_as_in_every_other_text_format()


@pytest.mark.parametrize("word", ["None", "nan", "-inf", "NaT", "<NA>", "x:NaN,"])
def test_a_word_for_what_is_missing_is_caught(word: str) -> None:
    tests = kit_for(lambda document: _with_missing(document, word))
    said = broken_rule(tests.test_values_are_spelt_as_in_every_other_text_format)
    assert "is to be spelt ''" in said


def _with_missing(document: Document, word: str) -> Iterator[bytes]:
    for table in document.tables():
        for (value,) in table.rows():
            yield (machine_text(value) or word).encode()


def test_a_format_for_people_spells_as_it_likes() -> None:
    tests = held(FormatConformance, format_of(lambda _: iter([b"lovely"])), machine_spelling=False)
    with pytest.raises(pytest.skip.Exception, match="for people"):
        tests.test_values_are_spelt_as_in_every_other_text_format()
