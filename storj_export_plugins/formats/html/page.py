"""What stands around the content of a page: its head, its title, and what it says about itself."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING

from storj_export_plugins.formats.charts.escaping import safe
from storj_export_plugins.formats.charts.themes import DARK, LIGHT
from storj_export_plugins.formats.imprint import imprint
from storj_monitor.plugin import Chart

if TYPE_CHECKING:
    from storj_monitor.plugin import Document

#: Nothing is fetched and nothing is run, whatever the content may be.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
_PICTURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}
_MANY_NODES = 6
_MIDNIGHT = datetime.min.time()


def head(document: Document) -> bytes:
    """Return the page up to its content."""
    title = safe(document.title)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="storj-monitor">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{title}</title>
<style>
{_style(document)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
{_brand(document)}<h1>{title}</h1>
{_subtitle(document)}</header>
<main id="content" tabindex="-1">
""".encode()


def foot(document: Document) -> bytes:
    """Return the end of the page: what it says about itself."""
    pairs = "".join(
        f"<div><dt>{safe(_capital(label))}</dt><dd>{safe(text)}</dd></div>\n"
        for label, text in imprint(document)
    )
    return f"""</main>
<footer>
<h2>About this page</h2>
<dl>
{pairs}</dl>
</footer>
</body>
</html>
""".encode()


def _capital(label: str) -> str:
    return label if label == "storj-monitor" else label[:1].upper() + label[1:].replace("_", " ")


def _style(document: Document) -> str:
    sheet = files(__package__).joinpath("style.css").read_text("utf-8")
    if not any(isinstance(block, Chart) for block in document.blocks):
        return sheet
    from storj_export_plugins.formats.charts.markup import colours_css

    dark = f"@media screen and (prefers-color-scheme: dark) {{{colours_css(DARK)}}}"
    return f"{sheet}{colours_css(LIGHT)}\n{dark}\n"


def _brand(document: Document) -> str:
    logo, name = _logo(document.logo), document.brand
    if not logo and not name:
        return ""
    return f'<p class="brand">{logo}{safe(name or "")}</p>\n'


def _logo(picture: bytes | None) -> str:
    kind = next(
        (kind for magic, kind in _PICTURES.items() if (picture or b"")[:8].startswith(magic)), ""
    )
    if not picture or not kind:
        return ""
    return f'<img alt="" src="data:image/{kind};base64,{b64encode(picture).decode()}">'


def _subtitle(document: Document) -> str:
    lines = [_span(document)] if document.span else []
    if document.nodes is not None:
        lines.append(_nodes(document.nodes))
    return "".join(f"<p>{line}</p>\n" for line in lines)


def _nodes(nodes: tuple[str, ...]) -> str:
    if not nodes:
        return "All nodes"
    # An isolated name can't turn the direction of its neighbours.
    named = ", ".join(f"<bdi>{safe(node)}</bdi>" for node in nodes[:_MANY_NODES])
    more = len(nodes) - _MANY_NODES
    return (
        f"Node{'s' if len(nodes) > 1 else ''}: {named}{f' and {more:,} more' if more > 0 else ''}"
    )


def _span(document: Document) -> str:
    """Spell the span for people: whole days by their names, the last one included."""
    zone = document.timezone or UTC
    if document.span is None:
        return ""
    start, end = (at.astimezone(zone) for at in (document.span.start, document.span.end))
    if start.time() == end.time() == _MIDNIGHT and start < end:
        first, last = _day(start), _day(end - timedelta(days=1))
        said = first if first == last else f"{first} to {last}"
    else:
        said = f"{_day(start)} {start:%H:%M} to {_day(end)} {end:%H:%M}"
    return f"{said} <span>({safe(str(zone))})</span>"


def _day(at: datetime) -> str:
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
