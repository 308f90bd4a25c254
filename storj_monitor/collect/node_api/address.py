"""Where a node's API answers, as an operator gives it: http://127.0.0.1:14002."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from storj_monitor.collect.node_api.readings import NodeApiError

if TYPE_CHECKING:
    from urllib.parse import SplitResult

ADDRESS_HINT = (
    "Give the address of the node's dashboard, as in http://127.0.0.1:14002: it is"
    " console.address in the node's configuration."
)
_PORTS = {"http": 80, "https": 443}
_LAST_PORT = 65_535
_LONGEST = 2_000
_LONGEST_HOST_SHOWN = 100


@dataclass(frozen=True)
class Address:
    """A server and the path on it below which the API is; only `shown` is for people to see."""

    scheme: str
    host: str
    port: int
    #: A name and password for a proxy before the node, with an @; or nothing.
    login: str
    #: Begins with a slash and ends with none; or nothing.
    prefix: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read an address. Raises NodeApiError, which shows nothing of it but what is wrong.

        What stands behind the # in a browser, and the API's own path, are left out.
        """
        problem = _problem(text)
        if problem is not None:
            reason = f"the address {problem}"
            raise NodeApiError(reason, ADDRESS_HINT)
        parts = urlsplit(text)
        login, at, _ = parts.netloc.rpartition("@")
        prefix = parts.path.rstrip("/").removesuffix("/api/sno")
        return cls(parts.scheme, parts.hostname or "", _port(parts), login + at, prefix.rstrip("/"))

    @property
    def shown(self) -> str:
        """The host and port, without name and password."""
        return f"{self._bracketed_host}:{self.port}"

    def url(self, path: str) -> str:
        """Return the URL of an endpoint."""
        return f"{self._server}{self.prefix}{path}"

    def redirected(self, url: str, location: str) -> str:
        """Return where a redirect leads that came from `url`.

        Raises NodeApiError when that is another server. Only the path of a redirect is used, so
        that no spelling of it can lead away.
        """
        try:
            target = urlsplit(urljoin(url, location))
            server = (target.scheme, target.hostname, _port(target))
        except ValueError:
            target, server = urlsplit(""), None
        if server != (self.scheme, self.host, self.port):
            raise self._leads_away(target)
        return self._server + (target.path or "/") + (f"?{target.query}" if target.query else "")

    @property
    def _server(self) -> str:
        return f"{self.scheme}://{self.login}{self._bracketed_host}:{self.port}"

    @property
    def _bracketed_host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    def _leads_away(self, target: SplitResult) -> NodeApiError:
        host = target.hostname or ""
        is_known = 0 < len(host) <= _LONGEST_HOST_SHOWN and host.isprintable()
        where = f"{target.scheme}://{host}" if is_known and target.scheme in _PORTS else "elsewhere"
        return NodeApiError(
            f"{self.shown} redirects to another server ({where}), which is not followed",
            f"If that is the node, give its address. {ADDRESS_HINT}",
        )


def _port(parts: SplitResult) -> int:
    """Return the port. Raises ValueError when it is none."""
    port = parts.port
    return _PORTS.get(parts.scheme, 0) if port is None else port


def _problem(text: str) -> str | None:
    if len(text) > _LONGEST or not text.isprintable() or " " in text or "\\" in text:
        return "is too long, or has a character that no address has"
    try:
        parts = urlsplit(text)
        port = _port(parts)
    except ValueError:
        return "has no usable host and port"
    if parts.scheme not in _PORTS:
        return "begins with neither http:// nor https://"
    if not parts.hostname or not 1 <= port <= _LAST_PORT:
        return "has no usable host and port"
    return "has a question mark in it" if parts.query else None
