"""What a channel is given to send, and how it says that it could not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A finished file: the name to show, its media type, and where its bytes lie for reading."""

    filename: str
    media_type: str
    path: Path


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """One message to one recipient, with its files or links to them.

    `idempotency_key` is the same at every attempt to send this parcel, and no other parcel's.
    """

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    links: tuple[str, ...]
    idempotency_key: str
    recipient: str


class DeliveryError(Exception):
    """The parcel was not accepted; `retryable` says whether it may be later.

    `retry_after` is the number of seconds that the other side asked to wait, if it did.
    """

    def __init__(self, reason: str, retryable: bool, retry_after: float | None = None) -> None:  # noqa: FBT001  fixed by the public contract
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable
        self.retry_after = retry_after


class UncertainDelivery(DeliveryError):  # noqa: N818  it is no error: the parcel may have arrived
    """Everything was handed over, and no answer came: nobody can know whether it arrived.

    Such as when the connection breaks after the last byte. It isn't tried again by itself, since
    the recipient might then get it twice: a person decides.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason, retryable=False)
