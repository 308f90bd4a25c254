"""What a file for people says about itself, the same words in every such format."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from storj_monitor.plugin import Document


def imprint(document: Document) -> list[tuple[str, str]]:
    """Return pairs of label and text: the span, its zone, the nodes, when it was made, the rest.

    Times are in the document's zone, with its offset. What the document doesn't know is left out.
    """
    return [
        (label, value if isinstance(value, str) else value.isoformat(sep=" ", timespec="seconds"))
        for label, value in facts(document)
    ]


def facts(document: Document) -> list[tuple[str, str | datetime]]:
    """Return the same pairs, times as times in the document's zone."""
    zone = document.timezone or UTC
    pairs: list[tuple[str, str | datetime]] = []
    if document.span:
        pairs.append(("From", document.span.start.astimezone(zone)))
        pairs.append(("Until (not included)", document.span.end.astimezone(zone)))
    pairs.append(("Time zone", str(zone)))
    pairs.append(("Nodes", ", ".join(document.nodes or ()) or "all"))
    if document.generated_at:
        pairs.append(("Generated at", document.generated_at.astimezone(zone)))
    if document.brand:
        pairs.append(("Prepared by", document.brand))
    return [*pairs, *document.metadata.items()]
