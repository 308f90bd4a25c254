"""A parcel as a message of mail: every header one line, every letter in ASCII."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from storj_export_plugins.channels.email.addresses import address_of
from storj_export_plugins.channels.wording import file_name, one_line, text_with_links, valid
from storj_monitor.plugin import DeliveryError

if TYPE_CHECKING:
    from email.headerregistry import Address

    from storj_monitor.plugin import Attachment, Parcel

#: Not every server takes letters beyond ASCII in the body: those are encoded.
_POLICY = policy.SMTP.clone(cte_type="7bit")
_UTF8_POLICY = policy.SMTPUTF8.clone(cte_type="7bit")
#: A message or a multipart would have to be taken apart.
_MEDIA_TYPE = re.compile(
    r"(?!message|multipart)([a-z]+)/([a-z0-9.+-]+)(?:; *charset=([A-Za-z0-9-]+))?"
)
_MEGABYTE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message that is ready to be handed over: the envelope, and all bytes of the message."""

    sender: Address
    recipient: Address
    content: bytes
    #: An address has letters that only servers with SMTPUTF8 know.
    is_utf8: bool


async def written(parcel: Parcel, sender: Address, most_bytes: int) -> Letter:
    """Return the message; its files may have `most_bytes`.

    Raises DeliveryError for a recipient that is no address, and files that are too large or gone.
    """
    recipient = address_of(parcel.recipient, "the recipient")
    try:
        return await asyncio.to_thread(_letter, parcel, sender, recipient, most_bytes)
    except OSError as error:
        message = f"a file to be sent can't be read: {error.strerror}"
        raise DeliveryError(message, retryable=True) from None


def _letter(parcel: Parcel, sender: Address, recipient: Address, most_bytes: int) -> Letter:
    _check_size(parcel, most_bytes)
    is_utf8 = not (sender.username + recipient.username).isascii()
    message = EmailMessage(policy=_UTF8_POLICY if is_utf8 else _POLICY)
    _head(message, parcel, sender, recipient)
    message.set_content(text_with_links(parcel))
    if parcel.html:
        message.add_alternative(valid(parcel.html), subtype="html")
    for attachment in parcel.attachments:
        _attach(message, attachment)
    return Letter(sender=sender, recipient=recipient, content=bytes(message), is_utf8=is_utf8)


def _head(message: EmailMessage, parcel: Parcel, sender: Address, recipient: Address) -> None:
    message["Subject"] = one_line(parcel.subject)
    message["From"] = sender
    message["To"] = recipient
    message["Date"] = format_datetime(datetime.now(UTC))
    # The same at every attempt: by this a mailbox can tell that it has the message already.
    name = hashlib.sha256(valid(parcel.idempotency_key).encode()).hexdigest()[:40]
    message["Message-ID"] = f"<{name}@{sender.domain}>"
    # No answers of the kind "I am on holiday" (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    media_type = _MEDIA_TYPE.fullmatch(attachment.media_type)
    main, sub, charset = media_type.groups() if media_type else ("application", "octet-stream", "")
    message.add_attachment(
        attachment.path.read_bytes(),
        maintype=main,
        subtype=sub,
        params={"charset": charset} if charset else None,
        filename=file_name(attachment.filename),
    )


def _check_size(parcel: Parcel, most_bytes: int) -> None:
    size = sum(attachment.path.stat().st_size for attachment in parcel.attachments)
    if size > most_bytes:
        message = (
            f"the files have {size / _MEGABYTE:.1f} MB, and a mail has room for"
            f" {most_bytes / _MEGABYTE:.1f} MB (max_mb under [channels.email])"
        )
        raise DeliveryError(message, retryable=False)
