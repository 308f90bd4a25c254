"""What a document says in short: its first figures, as people read them, and its warnings."""

from __future__ import annotations

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
    )
    assert summary_of(Document("", ())) == NO_SUMMARY
