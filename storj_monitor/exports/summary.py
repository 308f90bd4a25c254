"""What a document says in short: for the manifest, and for the mail that its file is sent with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.plugin import Figures, Note, display_text, machine_text

if TYPE_CHECKING:
    from storj_monitor.plugin import Document


class ShownFigure(NamedTuple):
    """A figure as people read it; the change is a ratio (0.12 is +12 %), None where not known."""

    label: str
    value: str
    change: float | None


class Summary(NamedTuple):
    """The title of a document, its first row of figures, and what it warns of."""

    title: str = ""
    figures: tuple[ShownFigure, ...] = ()
    warnings: tuple[str, ...] = ()
    #: What these figures are; None for one that isn't known, or no number.
    values: tuple[object, ...] = ()

    def is_empty(self, rows: int) -> bool:
        """Whether a file of so many rows tells of nothing.

        Rows may be there without anything known: a price list, or a line for each node. Figures
        tell whether something is.
        """
        known = [value for value in self.values if value is not None]
        if any(known):
            return False
        return not rows or (bool(self.values) and not known)


NO_SUMMARY = Summary()


def summary_of(document: Document) -> Summary:
    """Return what a document says in short."""
    first = next((block for block in document.blocks if isinstance(block, Figures)), None)
    figures = () if first is None else first.items
    notes = (block for block in document.blocks if isinstance(block, Note))
    return Summary(
        document.title,
        tuple(
            ShownFigure(one.label, display_text(one.value, one.kind), one.change) for one in figures
        ),
        tuple(note.text for note in notes if note.level == "warning"),
        tuple(one.value if machine_text(one.value, one.kind) else None for one in figures),
    )
