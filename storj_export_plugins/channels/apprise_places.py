"""Where a URL of Apprise leads: which host, which files of this machine, which mail addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote_plus

from storj_monitor.plugin import DeliveryError

if TYPE_CHECKING:
    from apprise import NotifyBase

    from storj_export_plugins.channels.choices import Choices

#: Arguments of services without a host in their URLs that lead to one, or to a file, after all.
_ELSEWHERE = frozenset(("relay", "subfile"))
#: What takes copies for others is mail, whichever company sends it.
_COPIES = frozenset(("cc", "bcc"))
_LOGIN = re.compile(r"(?<=://)[^/?#]*@")
_ADDRESS = re.compile(r"([^\s@/?#&;,:=<>()\"']*)@([^\s@/?#&;,:=<>()\"']+)")
#: The dot, and what the DNS takes for one.
_DOT = re.compile(r"[.\u3002\uff0e\uff61]")


class Place(NamedTuple):
    """A URL that Apprise knows, by the service it is for."""

    url: str
    #: As the service's URLs begin; what it calls itself may be http.
    name: str
    service: NotifyBase

    @property
    def has_host(self) -> bool:
        """Whether it goes to whatever host its URL says."""
        templates: tuple[str, ...] = self.service.templates
        return any("{host}" in template for template in templates)

    @property
    def arguments(self) -> frozenset[str]:
        """The arguments that URLs of the service may have."""
        return frozenset(self.service.template_args)

    @property
    def reads_files(self) -> bool:
        """Whether the URL says what is to be read first, on this machine or elsewhere."""
        from apprise import AppriseAttachment

        held = vars(self.service).values()
        return any(isinstance(value, AppriseAttachment) and len(value) for value in held)


def check_place(place: Place, choices: Choices) -> None:
    """Raise DeliveryError, for good, where a URL leads to what the operator didn't allow.

    That is a service that isn't among those named; a host of the URL's choosing, unless its
    service is named; and something that is to be read first, unless all that is private is allowed.
    """
    message = _objection(place, choices)
    if message is not None:
        raise DeliveryError(message, retryable=False)


def addresses_in(place: Place) -> tuple[str, ...]:
    """Return what looks like a mail address in a URL, however it is encoded.

    Raises DeliveryError, for good, where the service is one for mail: a URL says in too many ways
    whom that reaches.
    """
    if _COPIES & place.arguments:
        message = (
            f"{place.name} is mail, and whom it reaches can't be checked: use the channel email"
        )
        raise DeliveryError(message, retryable=False)
    text = _LOGIN.sub("", place.url) if place.has_host else place.url
    found = _ADDRESS.findall(_decoded(text))
    return tuple(f"{local}@{domain}" for local, domain in found if _DOT.search(domain))


def _objection(place: Place, choices: Choices) -> str | None:
    name, allow_private = place.name, choices.flag("allow_private")
    named = choices.optional("services").lower().replace(",", " ").split()
    if named and name not in named:
        return f"{name} is not among the services under [channels.apprise]"
    if allow_private:
        return None
    if place.reads_files:
        return (
            f"the URL of {name} has a file or an address in it that would be read first, which"
            " needs allow_private under [channels.apprise]"
        )
    if not named and (place.has_host or _ELSEWHERE & place.arguments):
        return (
            f"{name} takes a host from its URL, which may be one of the local network: name {name}"
            " among the services under [channels.apprise], or set allow_private there"
        )
    return None


def _decoded(text: str) -> str:
    """Return a text that was encoded once, or more often, as Apprise reads some."""
    while (decoded := unquote_plus(text)) != text:
        text = decoded
    return text
