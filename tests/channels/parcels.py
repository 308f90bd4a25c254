"""Parcels to send, and what sending them raises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_monitor.plugin import Attachment, DeliveryError, Parcel

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from pathlib import Path

CSV = b"node,egress\r\nattic,1\r\n"


def parcel(recipient: str, *attachments: Attachment, **more: object) -> Parcel:
    fields: dict[str, object] = {
        "subject": "Week 10 of attic",
        "text": "Egress: 1.5 TB\n",
        "html": "<p>Egress: <b>1.5 TB</b></p>",
        "links": (),
        "idempotency_key": "7:2026-03-02:ann",
    }
    return Parcel(recipient=recipient, attachments=attachments, **{**fields, **more})  # type: ignore[arg-type]  # a test's own words


def attachment(folder: Path, name: str = "week.csv", content: bytes = CSV) -> Attachment:
    path = folder / "attachment"
    path.write_bytes(content)
    return Attachment(filename=name, media_type="text/csv; charset=utf-8", path=path)


async def refused(sending: Awaitable[None]) -> DeliveryError:
    with pytest.raises(DeliveryError) as raised:
        await sending
    # Whoever logs it with its traceback tells nothing more.
    assert raised.value.__cause__ is None
    return raised.value
