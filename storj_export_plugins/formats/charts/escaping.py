"""Text from outside as text in SVG and HTML, never as markup."""

from __future__ import annotations

import re
from html import escape

#: What no XML file can hold, not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def safe(text: str) -> str:
    """Return markup that shows `text`, and the sign for an unknown letter where none can."""
    return escape(_NOT_XML.sub("\ufffd", text))
