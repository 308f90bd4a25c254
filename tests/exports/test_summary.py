"""What a document says in short: its first figures, as people read them, and its warnings."""

from __future__ import annotations

import math

import pytest

from storj_monitor.exports.summary import NO_SUMMARY, ShownFigure, Summary, summary_of
from storj_monitor.plugin import Document, Figure, Figures, Kind, Note


def test_the_first_figures_and_the_warnings_are_what_is_said_in_short() -> None:
    first = (
        Figure("egress", "Egress", 1_250_000_000, Kind.BYTES, 0.12),
        Figure("n", "N", None, Kind.NUMBER),
    )
    document = Document(
        "Weekly",
        (
            Note("all is well"),
            Note("a day is missing", level="warning"),
            Figures("In short", first),
            Figures("More", (Figure("x", "X", 1, Kind.INTEGER),)),
        ),
    )
    assert summary_of(document) == Summary(
        "Weekly",
        (ShownFigure("Egress", "1.25 GB", 0.12), ShownFigure("N", "n/a", None)),
        ("a day is missing",),
        (1_250_000_000, None),
    )
    assert summary_of(Document("", ())) == NO_SUMMARY


def in_short(*values: object) -> Summary:
    items = tuple(Figure(f"f{at}", "F", value, Kind.NUMBER) for at, value in enumerate(values))
    return summary_of(Document("A report", (Figures("In short", items),)))


@pytest.mark.parametrize(
    ("said", "rows", "is_empty"),
    [
        (NO_SUMMARY, 0, True),
        (NO_SUMMARY, 1, False),
        (in_short(), 1, False),
        (in_short(None, math.nan), 1, True),
        (in_short(None, 0), 1, False),
        (in_short(None, 0), 0, True),
        (in_short(None, 0.5), 0, False),
    ],
)
def test_a_file_is_empty_if_its_figures_and_rows_tell_of_nothing(
    said: Summary, rows: int, *, is_empty: bool
) -> None:
    assert said.is_empty(rows) is is_empty
