import asyncio
from dataclasses import replace
from typing import ClassVar

import pytest
import storj_folder

from storj_monitor.plugin import Attachment, DeliveryError, Parcel
from storj_monitor.testing import ChannelConformance

PARCEL = Parcel(
    subject="Week",
    text="All is well.",
    html="<p>All is well.</p>",
    attachments=(),
    links=("http://127.0.0.1:8765/api/reports/1",),
    idempotency_key="week:1",
    recipient="ann@example.org",
)


class TestFolder(ChannelConformance):
    plugin = storj_folder
    settings: ClassVar = {"folder": "/no/such/folder/{port}"}


def send(parcel, folder):
    asyncio.run(storj_folder.send(parcel, {"folder": str(folder)}))


def test_a_parcel_is_a_folder_with_its_message_and_its_files(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"%PDF")
    attachment = Attachment(filename="week.pdf", media_type="application/pdf", path=path)

    send(replace(PARCEL, attachments=(attachment,)), tmp_path)

    delivered = tmp_path / "ann@example.org" / "week_1"
    assert (delivered / "week.pdf").read_bytes() == b"%PDF"
    text = (delivered / "message.txt").read_text(encoding="utf-8")
    assert text == "Week\n\nAll is well.\n\nhttp://127.0.0.1:8765/api/reports/1"


def test_a_parcel_that_is_sent_again_is_there_once_as_it_was(tmp_path):
    send(PARCEL, tmp_path)
    send(replace(PARCEL, text="Another text."), tmp_path)

    (delivered,) = (tmp_path / "ann@example.org").iterdir()
    assert "All is well." in (delivered / "message.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("recipient", ["../up", "/root", "", ".", "a/b", "a\nb"])
def test_a_recipient_that_is_no_name_of_a_folder_is_refused_for_good(recipient, tmp_path):
    with pytest.raises(DeliveryError, match="can't be the name of a folder") as raised:
        send(replace(PARCEL, recipient=recipient), tmp_path)

    assert raised.value.retryable is False
    assert list(tmp_path.iterdir()) == []
