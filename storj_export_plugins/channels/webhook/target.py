"""The URL that a webhook is: which ones can be posted to, and what of one may be said."""

from __future__ import annotations

from contextlib import suppress

from yarl import URL

from storj_export_plugins.channels.wording import check_whole
from storj_monitor.plugin import DeliveryError

_DISCORD = ("discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com")
_SLACK = ("hooks.slack.com", "hooks.slack-gov.com")


def url_of(recipient: str, shape: str) -> URL:
    """Return the URL to post to; raises DeliveryError, for good, where it is none."""
    check_whole(recipient)
    url = _parsed(recipient)
    if url is None:
        message = "the recipient is no URL of a webhook, such as https://example.org/hook"
        raise DeliveryError(message, retryable=False)
    # Without it Discord answers before it knows whether there will be a message.
    return url.update_query(wait="true") if shape == "discord" else url


def place_of(recipient: str | URL) -> str:
    """Return the scheme, host and port of a URL; never its path, which may be a key."""
    url = _parsed(str(recipient))
    return "a webhook" if url is None else str(url.origin())


def shape_of(recipient: str) -> str:
    """Return the shape that goes with the host: discord, slack, or file for all others."""
    url = _parsed(recipient)
    if url is None:
        return "file"
    if url.host in _DISCORD and "/webhooks/" in url.path:
        return "discord"
    return "slack" if url.host in _SLACK else "file"


def _parsed(recipient: str) -> URL | None:
    if not recipient.isprintable() or " " in recipient:
        return None
    with suppress(ValueError):
        url = URL(recipient)
        if url.scheme in ("http", "https") and url.host and url.port:
            return url
    return None
