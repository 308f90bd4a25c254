"""Addresses of mail, taken apart strictly: one address is one, and never part of a header."""

from __future__ import annotations

import re
from email.headerregistry import Address

from storj_export_plugins.channels.wording import one_line
from storj_monitor.plugin import DeliveryError

#: NAME <LOCAL@DOMAIN> or LOCAL@DOMAIN. What RFC 5322 wants quoted is used by nobody.
_ADDRESS = re.compile(
    r"""(?: "?(?P<name>[^<>"]*?)"? \s* <(?P<inner>[^<>]*)> | (?P<bare>[^<>]*) )""", re.VERBOSE
)
_LOCAL = re.compile(r"""[^\s\x00-\x20\x7f-\x9f"(),:;<>@\[\\\]]{1,64}""")
_LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_DOMAIN = re.compile(rf"(?!.{{254}}){_LABEL}(\.{_LABEL})*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def address_of(text: str, what: str) -> Address:
    """Return the address in `text`, its domain as mail servers spell it (xn--...).

    Raises DeliveryError, for good, where it isn't exactly one address; `what` says whose it is.
    """
    match = _ADDRESS.fullmatch(text.strip())
    if match is None or _CONTROL.search(text):
        raise _refused(text, what)
    local, at, domain = (match["inner"] or match["bare"] or "").strip().rpartition("@")
    if not at or not _LOCAL.fullmatch(local):
        raise _refused(text, what)
    return Address(one_line(match["name"] or "", 200), local, _ascii_domain(domain, text, what))


def _ascii_domain(domain: str, text: str, what: str) -> str:
    import idna

    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise _refused(text, what) from None
    if not _DOMAIN.fullmatch(domain):
        raise _refused(text, what)
    return domain.lower()


def _refused(text: str, what: str) -> DeliveryError:
    return DeliveryError(
        f"{what} {one_line(text, 100)!r} is no address such as ann@example.org", retryable=False
    )
