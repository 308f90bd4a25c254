"""The channel email: one message to one recipient over SMTP, with the files in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.channels.choices import Choices
from storj_monitor.plugin import Channel, Setting, hookimpl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storj_monitor.plugin import Parcel

_SETTINGS = (
    Setting(name="host", summary="The mail server"),
    Setting(
        name="port",
        summary="Its port; if not said 587 for starttls, 465 for tls, 25 for none",
        default="",
    ),
    Setting(
        name="security",
        summary="starttls or tls; none sends everything, the password too, in the clear",
        default="starttls",
    ),
    Setting(name="username", summary="Who logs in; nobody if not said", default=""),
    Setting(name="password", summary="The password that goes with it", secret=True, default=""),
    Setting(name="sender", summary="Whom it is from: an address, or NAME <ADDRESS>"),
    Setting(
        name="ca",
        summary="Certificates (PEM) of the authority to believe, instead of the usual ones",
        default="",
    ),
    Setting(
        name="timeout",
        summary="How many seconds the server may take to begin, to go on, and to accept",
        default="60",
    ),
    Setting(name="max_mb", summary="How large a whole message may be, in MB", default="20"),
)
#: In base64 three bytes take four, and each line an end; the texts need some space too.
_ENCODED = 0.73
_TEXTS_BYTES = 300_000


def limit(recipient: str, settings: Mapping[str, str]) -> int:
    """Return how many bytes of files fit into a message, encoded as they are in a mail.

    Raises DeliveryError, for good, where the recipient is no address.
    """
    addresses_of(recipient)
    most = Choices("email", _SETTINGS, settings).megabytes("max_mb")
    return max(0, int((most - _TEXTS_BYTES) * _ENCODED))


def addresses_of(recipient: str) -> tuple[str]:
    """Return the address that mail to a recipient goes to; raises DeliveryError for good."""
    from storj_export_plugins.channels.email.addresses import address_of

    return (address_of(recipient, "the recipient").addr_spec,)


async def send(parcel: Parcel, settings: Mapping[str, str]) -> None:
    """Return when the server has taken the message; raise DeliveryError in every other case."""
    from storj_export_plugins.channels.email.account import Account
    from storj_export_plugins.channels.email.letter import written
    from storj_export_plugins.channels.email.session import hand_over

    account = Account.of(Choices("email", _SETTINGS, settings))
    letter = await written(parcel, account.sender, limit(parcel.recipient, settings))
    await hand_over(letter, account)


@hookimpl
def storj_channels() -> list[Channel]:
    """Offer email."""
    return [
        Channel(
            name="email",
            title="Email",
            settings=_SETTINGS,
            send=send,
            limit=limit,
            addresses=addresses_of,
        )
    ]
