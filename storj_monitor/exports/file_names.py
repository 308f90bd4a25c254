"""What an exported file is called, safely, whatever a node is called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from storj_monitor.plugin.query import UTC_ZONE
from storj_monitor.reports.calendar import first_and_last_day

if TYPE_CHECKING:
    from storj_monitor.exports.request import ExportRequest

#: No file system or header is happy with these.
_UNSAFE = re.compile(
    r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*%;'
    r"\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
#: File systems count bytes, and allow 255 of them for the whole name.
_LONGEST_NODE_BYTES = 120


def file_name(request: ExportRequest) -> str:
    """Return `<subject>_<node | all | N-nodes>_<first day>_<last day>.<suffix>`.

    The days are those of the request's zone, the last one inclusive; of whole months those of UTC.
    """
    zone = UTC_ZONE if request.subject.period == "month" else request.query.timezone
    first, last = first_and_last_day(request.query.span, zone)
    who = _who(request.query.nodes)
    return f"{request.subject.name}_{who}_{first}_{last}.{request.format.suffix}"


def _who(nodes: tuple[str, ...]) -> str:
    if not nodes:
        return "all"
    if len(nodes) > 1:
        return f"{len(nodes)}-nodes"
    safe = _UNSAFE.sub("-", nodes[0]).encode()[:_LONGEST_NODE_BYTES]
    return safe.decode(errors="ignore").strip(" .") or "node"


def content_disposition(name: str) -> str:
    """Return the header for a download: both forms of RFC 6266, the plain one in ASCII."""
    plain = name.encode("ascii", "replace").decode().replace("?", "-").replace("'", "-")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
