"""To whom what fails was to be sent, in `outcomes`: each told apart from all, and none readable."""

from __future__ import annotations

import hashlib

_HEX_DIGITS = 16


def outcome_subject(schedule_id: int, channel: str, recipient: str) -> str:
    """Return the subject of the outcomes of what a schedule sends to a recipient: `3 to 9f86d081…`.

    It tells apart those who are shown alike, such as two webhooks of one host. 0 is for alerts.
    """
    content = f"{channel} {recipient}".encode("utf-8", "surrogatepass")
    return f"{schedule_id} to {hashlib.sha256(content).hexdigest()[:_HEX_DIGITS]}"
