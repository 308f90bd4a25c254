"""What is posted: a form with the files in it, JSON, or what Discord and Slack take."""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from storj_export_plugins.channels.wording import file_name, links_of, one_line, valid, with_links
from storj_monitor.plugin import DeliveryError

if TYPE_CHECKING:
    from storj_monitor.plugin import Attachment, Parcel

    Json = dict[str, Any]

#: Longer messages are refused by Discord, and cut at their end by Slack.
_DISCORD_LETTERS = 2000
_SLACK_LETTERS = 30_000
#: Discord is not to fetch the links for a preview.
_SUPPRESS_EMBEDS = 4
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Body:
    """The bytes of a request, and their media type."""

    media_type: str
    content: bytes


async def body_of(parcel: Parcel, shape: str, most_bytes: int) -> Body:
    """Return the body for a parcel; raises DeliveryError where its files can't be in it."""
    try:
        return await asyncio.to_thread(_body, parcel, shape, most_bytes)
    except OSError as error:
        message = f"a file to be sent can't be read: {error.strerror}"
        raise DeliveryError(message, retryable=True) from None


def _body(parcel: Parcel, shape: str, most_bytes: int) -> Body:
    _check_size(parcel, most_bytes)
    payload = {"discord": _discord, "slack": _slack}.get(shape, _plain)(parcel)
    encoded = json.dumps(payload, ensure_ascii=False).encode()
    if not parcel.attachments:
        return Body("application/json", encoded)
    names = ("payload_json", "files[{}]") if shape == "discord" else ("payload", "file")
    return _form(encoded, parcel.attachments, *names)


def _check_size(parcel: Parcel, most_bytes: int) -> None:
    size = sum(attachment.path.stat().st_size for attachment in parcel.attachments)
    if parcel.attachments and not most_bytes:
        message = "this webhook takes no files, only links to them"
        raise DeliveryError(message, retryable=False)
    if size > most_bytes:
        message = (
            f"the files have {size / _MEGABYTE:.1f} MB, and this webhook takes"
            f" {most_bytes / _MEGABYTE:.1f} MB (max_mb under [channels.webhook])"
        )
        raise DeliveryError(message, retryable=False)


def _plain(parcel: Parcel) -> Json:
    return {
        "id": valid(parcel.idempotency_key),
        "subject": one_line(parcel.subject),
        "text": valid(parcel.text),
        "html": valid(parcel.html),
        "links": links_of(parcel),
        "files": [
            {
                "filename": file_name(attachment.filename),
                "media_type": one_line(attachment.media_type),
                "bytes": attachment.path.stat().st_size,
            }
            for attachment in parcel.attachments
        ],
    }


def _discord(parcel: Parcel) -> Json:
    text = f"**{one_line(parcel.subject).replace('*', '')}**\n{valid(parcel.text)}"
    return {
        "content": with_links(text, links_of(parcel), _DISCORD_LETTERS),
        # A node may be called @everyone.
        "allowed_mentions": {"parse": []},
        "flags": _SUPPRESS_EMBEDS,
    }


def _slack(parcel: Parcel) -> Json:
    text = f"*{one_line(parcel.subject).replace('*', '')}*\n{valid(parcel.text)}"
    return {
        "text": with_links(
            _without_markup(text), list(map(_without_markup, links_of(parcel))), _SLACK_LETTERS
        ),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _without_markup(text: str) -> str:
    """Return a text in which Slack finds none."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _form(payload: bytes, attachments: tuple[Attachment, ...], first: str, others: str) -> Body:
    """Return multipart/form-data (RFC 7578): the payload, then the files."""
    boundary = secrets.token_hex(16)
    parts = [(f'name="{first}"', "application/json", payload)]
    for number, attachment in enumerate(attachments):
        name = f'name="{others.format(number)}"; filename="{_quoted(attachment.filename)}"'
        media_type = one_line(attachment.media_type)
        parts.append((name, media_type, attachment.path.read_bytes()))
    content = b"".join(
        b"--%s\r\nContent-Disposition: form-data; %s\r\nContent-Type: %s\r\n\r\n%s\r\n"
        % (boundary.encode(), name.encode(), media_type.encode(), data)
        for name, media_type, data in parts
    )
    return Body(
        f"multipart/form-data; boundary={boundary}", content + f"--{boundary}--\r\n".encode()
    )


def _quoted(name: str) -> str:
    """Return a file name as browsers write it into a form."""
    return file_name(name).replace('"', "%22")
