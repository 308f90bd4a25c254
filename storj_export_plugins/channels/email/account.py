"""From which account, and through which server, mail is sent."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from storj_export_plugins.channels.email.addresses import address_of
from storj_export_plugins.channels.wording import one_line
from storj_monitor.plugin import DeliveryError

if TYPE_CHECKING:
    from email.headerregistry import Address

    from storj_export_plugins.channels.choices import Choices

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_LAST_PORT = 65_535
_LONGEST_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class Account:
    """The server, how to speak with it, and as whom. Times are in seconds."""

    host: str
    port: int
    security: str
    username: str
    password: str = field(repr=False)
    sender: Address
    authority: str = field(repr=False)
    timeout: float

    @classmethod
    def of(cls, choices: Choices) -> Account:
        """Make it of the settings; raises DeliveryError, for good, where they make no sense."""
        security = choices.one_of("security", tuple(_PORTS))
        port = choices.number("port", _LAST_PORT) if choices.optional("port") else _PORTS[security]
        return cls(
            host=one_line(choices.text("host")),
            port=int(port),
            security=security,
            username=choices.optional("username"),
            password=choices.optional("password"),
            sender=address_of(choices.text("sender"), "the sender"),
            authority=choices.optional("ca"),
            timeout=choices.number("timeout", _LONGEST_SECONDS),
        )

    @property
    def place(self) -> str:
        """The server as it is named to people."""
        return f"the mail server {self.host}:{self.port}"

    def tls(self) -> ssl.SSLContext | None:
        """Return how the server's certificate is verified, which it always is; None without TLS."""
        if self.security == "none":
            return None
        try:
            return ssl.create_default_context(cadata=self.authority or None)
        except (ssl.SSLError, ValueError):
            message = "the setting ca under [channels.email] holds no certificates in PEM"
            raise DeliveryError(message, retryable=False) from None
