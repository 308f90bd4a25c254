"""The channel apprise: a hundred other services, by the library of that name where it is there.

The recipient is a URL of Apprise, such as tgram://BOT/CHAT. Most of these are secrets from end to
end: no more than what stands before :// is ever said. Where the URL says the host, its service has
to be named in the settings. No redirect is followed.
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING

from storj_export_plugins.channels.apprise_answers import explained, heard
from storj_export_plugins.channels.apprise_places import Place, addresses_in, check_place
from storj_export_plugins.channels.choices import Choices
from storj_export_plugins.channels.wording import (
    check_whole,
    file_name,
    links_of,
    one_line,
    valid,
    with_links,
)
from storj_monitor.plugin import Channel, DeliveryError, Setting, hookimpl

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from apprise import AppriseAttachment, NotifyBase

    from storj_monitor.plugin import Parcel

_SETTINGS = (
    Setting(
        name="services",
        summary="Which may be used, as they begin their URLs (tgram, ntfys), wherever these lead; "
        "if not said any but those whose URL says the host",
        default="",
    ),
    Setting(
        name="allow_private",
        summary="Whether URLs may lead to this machine, its files and the local network: on or off",
        default="off",
    ),
    Setting(name="max_mb", summary="How large the files may be, in MB", default="10"),
)
_NOT_INSTALLED = "Apprise isn't installed: pip install 'storj-monitor[apprise]'"
_SCHEME = re.compile(r"([A-Za-z0-9]{1,20})://.")
_LONGEST_TITLE = 500


def limit(recipient: str, settings: Mapping[str, str]) -> int:
    """Return how many bytes of files may be sent there; 0 where the service takes none.

    Raises DeliveryError where nothing may be sent there.
    """
    choices = Choices("apprise", _SETTINGS, settings)
    place = _place(_library(), recipient)
    check_place(place, choices)
    most = choices.megabytes("max_mb")
    return most if place.service.attachment_support else 0


def addresses(recipient: str) -> tuple[str, ...]:
    """Return the mail addresses in a URL; raises DeliveryError where that can't be known."""
    return addresses_in(_place(_library(), recipient))


def shown(recipient: str) -> str:
    """Return what of a URL isn't secret: the service."""
    match = _SCHEME.match(recipient)
    return f"{match[1].lower()}://…" if match else "…"


async def send(parcel: Parcel, settings: Mapping[str, str]) -> None:
    """Return when the service has accepted it; raise DeliveryError in every other case."""
    most = await asyncio.to_thread(limit, parcel.recipient, settings)
    size = sum(attachment.path.stat().st_size for attachment in parcel.attachments)
    if parcel.attachments and size > most:
        message = f"{shown(parcel.recipient)} takes no files, or not of this size"
        raise DeliveryError(message, retryable=False)
    await asyncio.to_thread(_notify, parcel)


def _library() -> ModuleType:
    try:
        import apprise
    except ModuleNotFoundError:
        raise DeliveryError(_NOT_INSTALLED, retryable=False) from None
    for name in ("apprise", "urllib3"):
        _keep_to_itself(logging.getLogger(name))
    return apprise


def _keep_to_itself(logger: logging.Logger) -> None:
    """Let nobody see what it logs, which has whole URLs in it, but who asks for it."""
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _place(apprise: ModuleType, recipient: str) -> Place:
    check_whole(recipient)
    parts = apprise.plugins.url_to_dict(recipient)
    service: NotifyBase | None = apprise.Apprise.instantiate(parts) if parts else None
    if service is None:
        message = f"the recipient ({shown(recipient)}) is no URL that Apprise knows"
        raise DeliveryError(message, retryable=False)
    # Whatever the URL says: a redirect may lead anywhere, it is the server that tries again, and
    # what Apprise cuts off may be the link.
    service.redirects, service.retry = False, 0
    service.overflow_mode = apprise.OverflowMode.UPSTREAM
    return Place(recipient, parts["schema"], service)


def _notify(parcel: Parcel) -> None:
    apprise = _library()
    sender = apprise.Apprise()
    service = _place(apprise, parcel.recipient).service
    sender.add(service)
    title, body = _words(parcel, service)
    with heard() as answers:
        result = sender.notify(
            title=title,
            body=body,
            body_format=apprise.NotifyFormat.TEXT,
            attach=_attached(apprise, parcel),
            log_level=logging.DEBUG,
        )
    if not result:
        raise explained(result, answers, shown(parcel.recipient))


def _words(parcel: Parcel, service: NotifyBase) -> tuple[str, str]:
    """Return title and text in one message, as long as the service takes them, links whole."""
    most = service.body_maxlen
    title = one_line(parcel.subject, min(_LONGEST_TITLE, most // 2))
    # Many services write the title above the text.
    body = with_links(valid(parcel.text), links_of(parcel), most - len(f"{title}\r\n"))
    # Some show but a few lines.
    return title, " ".join(body.split()) if service.body_max_line_count else body


def _attached(apprise: ModuleType, parcel: Parcel) -> AppriseAttachment | None:
    if not parcel.attachments:
        return None
    from apprise.attachment.file import AttachFile

    files: AppriseAttachment = apprise.AppriseAttachment()
    for attachment in parcel.attachments:
        file = AttachFile(  # type: ignore[no-untyped-call]  # it comes without types
            str(attachment.path),
            name=file_name(attachment.filename),
            mimetype=one_line(attachment.media_type).partition(";")[0],
        )
        files.add(file)
    return files


@hookimpl
def storj_channels() -> list[Channel]:
    """Offer apprise, also where the library isn't installed: sending then says what to do."""
    return [
        Channel(
            name="apprise",
            title="Apprise",
            settings=_SETTINGS,
            send=send,
            limit=limit,
            shown=shown,
            addresses=addresses,
        )
    ]
