"""A channel: each parcel becomes a folder with the message and its files, whole or not at all."""

import asyncio
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from storj_monitor.plugin import Channel, DeliveryError, Setting, hookimpl

STORJ_PLUGIN_API = 1
FOLDER = Setting(name="folder", summary="The folder in which each recipient has one")


async def send(parcel, settings):
    if not re.fullmatch(r"\w[\w .@-]*", parcel.recipient):
        message = f"the recipient {parcel.recipient!r} can't be the name of a folder"
        raise DeliveryError(message, retryable=False)
    folder = Path(settings["folder"])
    try:
        await asyncio.to_thread(put, parcel, folder)
    except OSError as error:
        message = f"{folder} can't be written: {error.strerror}"
        raise DeliveryError(message, retryable=True) from error


def put(parcel, folder):
    """An attempt that is made again finds the parcel there, and leaves it as it is."""
    place = folder / parcel.recipient
    place.mkdir(exist_ok=True)
    delivered = place / re.sub(r"[^\w-]", "_", parcel.idempotency_key)
    if delivered.exists():
        return
    with TemporaryDirectory(dir=place, prefix=".") as unfinished:
        parts = Path(unfinished, "parcel")
        parts.mkdir()
        text = "\n\n".join((parcel.subject, parcel.text, *parcel.links))
        (parts / "message.txt").write_text(text, encoding="utf-8")
        for attachment in parcel.attachments:
            shutil.copyfile(attachment.path, parts / Path(attachment.filename).name)
        parts.rename(delivered)


@hookimpl
def storj_channels():
    return [Channel(name="folder", title="A folder", settings=(FOLDER,), send=send)]
