"""The channel webhook: a parcel is posted to the URL that is its recipient.

Signed, if there is a secret; as a form with the files, as JSON with links to them, or in the
shapes that Discord and Slack take. A URL may have a key in its path: no more than its host is
ever said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.channels.choices import Choices
from storj_monitor.plugin import Channel, Setting, hookimpl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storj_monitor.plugin import Parcel

_SHAPES = ("auto", "file", "link", "discord", "slack")
_SETTINGS = (
    Setting(
        name="secret",
        summary="Signs what is posted (HMAC-SHA256); nothing is signed if not said",
        secret=True,
        default="",
    ),
    Setting(
        name="allow_private",
        summary="Whether to post to this machine and the local network too: on or off",
        default="off",
    ),
    Setting(
        name="shape",
        summary="file, link, discord or slack; auto goes by the host, and is file otherwise",
        default="auto",
    ),
    Setting(
        name="timeout",
        summary="How many seconds the receiver may take to go on, and to answer",
        default="30",
    ),
    Setting(
        name="max_mb",
        summary="How large the files may be, in MB; if not said 25, and 9.5 for Discord",
        default="",
    ),
)
#: Discord takes 10 MiB, everything together. Slack's webhooks take no files.
_MOST_BYTES = {"file": 25_000_000, "discord": 9_500_000, "slack": 0, "link": 0}
#: Who takes these is a program of the operator's own, which can keep to our Idempotency-Key.
_OWN = ("file", "link")


def limit(recipient: str, settings: Mapping[str, str]) -> int:
    """Return how many bytes of files may be posted there; 0 where only links can be.

    Raises DeliveryError, for good, where the recipient is no URL.
    """
    from storj_export_plugins.channels.webhook.target import url_of

    choices = Choices("webhook", _SETTINGS, settings)
    shape = _shape(recipient, choices)
    url_of(recipient, shape)
    most = _MOST_BYTES[shape]
    return choices.megabytes("max_mb") if most and choices.optional("max_mb") else most


def shown(recipient: str) -> str:
    """Return what of a URL isn't secret: the scheme and the host."""
    from storj_export_plugins.channels.webhook.target import place_of

    return f"{place_of(recipient)}/…"


def addresses(_: str) -> tuple[str, ...]:
    """Return no mail address: whatever stands in a URL, it is posted to that alone."""
    return ()


async def send(parcel: Parcel, settings: Mapping[str, str]) -> None:
    """Return when the receiver has accepted it; raise DeliveryError in every other case."""
    from storj_export_plugins.channels.webhook.bodies import body_of
    from storj_export_plugins.channels.webhook.posting import Post, post
    from storj_export_plugins.channels.webhook.target import url_of

    choices = Choices("webhook", _SETTINGS, settings)
    shape = _shape(parcel.recipient, choices)
    url = url_of(parcel.recipient, shape)
    body = await body_of(parcel, shape, limit(parcel.recipient, settings))
    await post(
        Post(
            url=url,
            body=body,
            key=parcel.idempotency_key,
            is_own=shape in _OWN,
            secret=choices.optional("secret"),
            allow_private=choices.flag("allow_private"),
            timeout=choices.number("timeout", 3600),
        )
    )


def _shape(recipient: str, choices: Choices) -> str:
    from storj_export_plugins.channels.webhook.target import shape_of

    chosen = choices.one_of("shape", _SHAPES)
    return shape_of(recipient) if chosen == "auto" else chosen


@hookimpl
def storj_channels() -> list[Channel]:
    """Offer webhook."""
    return [
        Channel(
            name="webhook",
            title="Webhook",
            settings=_SETTINGS,
            send=send,
            limit=limit,
            shown=shown,
            addresses=addresses,
        )
    ]
