"""What a file for people says about itself, the same words in every such format."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from storj_monitor.plugin import Document


def imprint(document: Document) -> list[tuple[str, str]]:
    """Return pairs of label and text: the span, its zone, the nodes, when it was made, the rest.

    Times are in the document's zone, with its offset. What the document doesn't know is left out.
    """
    zone = document.timezone or UTC
    pairs: list[tuple[str, str]] = []
    if document.span:
        pairs.append(("From", _spelt(document.span.start, zone)))
        pairs.append(("Until (not included)", _spelt(document.span.end, zone)))
    pairs.append(("Time zone", str(zone)))
    pairs.append(("Nodes", ", ".join(document.nodes or ()) or "all"))
    if document.generated_at:
        pairs.append(("Generated at", _spelt(document.generated_at, zone)))
    if document.brand:
        pairs.append(("Prepared by", document.brand))
    return [*pairs, *document.metadata.items()]


def _spelt(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).isoformat(sep=" ", timespec="seconds")
