"""How a file fits into a parcel: as it is, packed, as a link, or not at all."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from storj_monitor.plugin import Attachment, DeliveryError

if TYPE_CHECKING:
    from pathlib import Path

    from storj_monitor.delivery.parcels import File

#: What gzip makes much smaller; the other formats are packed already.
_PLAIN = ("application/json", "application/x-ndjson", "image/svg+xml", "application/xml")
_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True)
class Packed:
    """How a file goes into a parcel: in it, or as a link to it."""

    how: Literal["whole", "gzip", "link"]
    attachment: Attachment | None
    limit: int | None


def fitted(file: File, limit: int | None, folder: Path, *, links: bool) -> Packed:
    """Return how a file fits into a parcel of at most `limit` bytes of files; call it in a thread.

    What is packed lies in `folder`. `links` says whether a link can be sent. Raises DeliveryError
    where it can't be sent in any way.
    """
    if limit is None or file.bytes <= limit:
        return Packed(
            "whole",
            Attachment(filename=file.name, media_type=file.media_type, path=file.path),
            limit,
        )
    if limit and is_plain(file.media_type):
        packed = folder / "packed.gz"
        if _is_packed(file.path, packed, limit):
            name = f"{file.name}.gz"
            attachment = Attachment(filename=name, media_type="application/gzip", path=packed)
            return Packed("gzip", attachment, limit)
    if links:
        return Packed("link", None, limit)
    takes = f"takes {limit:,} bytes of files at most" if limit else "takes no files"
    message = (
        f"the file has {file.bytes:,} bytes, and the channel {takes}: set public_url under [web] "
        "in the settings, so that a link is sent, or choose a smaller format or fewer columns"
    )
    raise DeliveryError(message, retryable=False)


def is_plain(media_type: str) -> bool:
    """Say whether files of a media type are worth being packed."""
    bare = media_type.partition(";")[0].strip().lower()
    return bare.startswith("text/") or bare in _PLAIN


def _is_packed(path: Path, packed: Path, limit: int) -> bool:
    """Pack a file, the same every time; give up as soon as it is seen to be too large."""
    with path.open("rb") as file, packed.open("wb") as out:
        # No name and no time: the same file packed again has the same bytes.
        with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as zipped:
            while chunk := file.read(_CHUNK_BYTES):
                zipped.write(chunk)
                if out.tell() > limit:
                    return False
        return out.tell() <= limit
