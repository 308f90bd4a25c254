"""Channels as the operator set them up, and which recipients they may send to."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storj_monitor.delivery.apart import answered
from storj_monitor.errors import OperatorError, Problem
from storj_monitor.plugin import DeliveryError
from storj_monitor.settings import spelt_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storj_monitor.plugin import Channel
    from storj_monitor.registry import Catalogue
    from storj_monitor.settings import Settings

_BAD = "bad_schedule"
_NAMED = re.compile(r"[^<>]*<([^<>]+)>\s*")
_LOCAL = re.compile(r"[^\s@,;<>()\"]+|\"[^\"]*\"")
#: Nothing else is in it that a program for mail would take for an address of its own.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s,;<>\"]+")
#: Shorter secrets would take apart words that are none.
_SHORTEST_SECRET = 4
_HIDDEN = "***"


@dataclass(frozen=True, repr=False)
class Outlet:
    """A channel and its settings, secrets among them: neither is ever shown."""

    channel: Channel
    settings: Mapping[str, str]

    def shown(self, recipient: str) -> str:
        """Return what of a recipient may be seen."""
        return recipient if self.channel.shown is None else self.channel.shown(recipient)

    def limit(self, recipient: str) -> int | None:
        """Return how many bytes of files a parcel may have: 0 for links only, None for any.

        Call it in a thread. Raises DeliveryError where nothing can be sent there.
        """
        if (limit := self.channel.limit) is None:
            return None
        return answered(self.channel.name, lambda: limit(recipient, self.settings))

    def addresses(self, recipient: str) -> tuple[str, ...]:
        """Return the mail addresses that a recipient is, or has in it.

        What has an @ is one, unless the channel says otherwise, or it is a URL. Call it in a
        thread. Raises DeliveryError where they can't be known.
        """
        if (addresses := self.channel.addresses) is not None:
            return answered(self.channel.name, lambda: tuple(addresses(recipient)))
        return (recipient,) if "@" in recipient and not _URL.fullmatch(recipient) else ()

    def without_secrets(self, text: str, recipient: str) -> str:
        """Return a text in which no secret of the channel stands, nor a recipient that is one."""
        hidden = [self.settings.get(one.name, "") for one in self.channel.settings if one.secret]
        shown = self.shown(recipient)
        if shown != recipient and len(recipient) >= _SHORTEST_SECRET:
            text = text.replace(recipient, shown)
            # A URL is also spelt in parts, by whoever connects to it.
            hidden += re.findall(r"[^/?#&=:@\s]{12,}", recipient.replace(shown.rstrip("/…"), ""))
        for secret in sorted(hidden, key=len, reverse=True):
            if len(secret) >= _SHORTEST_SECRET:
                text = text.replace(secret, _HIDDEN)
        return text


def outlet_of(name: str, catalogue: Catalogue, settings: Settings) -> Outlet:
    """Return a channel with what is set for it, checked; it may read the files of secrets.

    Raises Problem where there is no such channel, OperatorError where its settings can't be used.
    """
    if name not in catalogue.channels:
        near = difflib.get_close_matches(name, list(catalogue.channels), n=1)
        meant = f"Did you mean {near[0]!r}? " if near else ""
        installed = ", ".join(catalogue.channels) or "none"
        raise Problem(_BAD, f"unknown channel {name!r}", f"{meant}Installed: {installed}.")
    channel = catalogue.channels[name]
    given = spelt_out(name, settings.channels.get(name, {}))
    return Outlet(channel, _checked(channel, given))


def check_recipient(outlet: Outlet, recipient: str, settings: Settings) -> None:
    """Raise the Problem of a recipient that nothing can be sent to, as the settings are.

    Call it in a thread. That it is none at all is said before where it may not lead.
    """
    try:
        limit = outlet.limit(recipient)
    except DeliveryError as error:
        reason = outlet.without_secrets(error.reason, recipient)
        hint = f"Look at the recipient, and at [channels.{outlet.channel.name}] in the settings."
        raise Problem(_BAD, reason, hint) from None
    check_domain(outlet, recipient, settings)
    if limit == 0 and not settings.web.public_url:
        detail = f"{outlet.shown(recipient)} takes no files, and no link to them can be sent"
        hint = "Set public_url under [web] in the settings, so that it gets a link."
        raise Problem(_BAD, detail, hint)


def check_domain(outlet: Outlet, recipient: str, settings: Settings) -> None:
    """Raise the Problem of a mail address whose domain isn't among those allowed.

    Call it in a thread.
    """
    domains = settings.scheduling.recipient_domains
    if not domains:
        return
    hint = f"recipient_domains under [scheduling] allows {', '.join(domains)}."
    try:
        addresses = outlet.addresses(recipient)
    except DeliveryError as error:
        reason = outlet.without_secrets(error.reason, recipient)
        raise Problem(_BAD, reason, hint) from None
    allowed = {domain_of(f"any@{domain}") for domain in domains} - {None}
    if any(domain_of(address) not in allowed for address in addresses):
        shown = outlet.shown(recipient)
        raise Problem(_BAD, f"nothing may be sent to {shown}: its domain isn't allowed", hint)


def domain_of(address: str) -> str | None:
    """Return the domain of a mail address, in the spelling of the DNS; None where it has none.

    `Name <ann@example.org>` is read as well.
    """
    import idna

    named = _NAMED.fullmatch(address)
    spelt = (named[1] if named else address).strip()
    local, _, domain = spelt.rpartition("@")
    # Nothing that is read as a second address by anyone.
    if not _LOCAL.fullmatch(local) or re.search(r"[\s,;<>()]", domain):
        return None
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return None


def _checked(channel: Channel, given: Mapping[str, str]) -> dict[str, str]:
    """Return all settings of a channel: what is given, and else the defaults."""
    section = f"[channels.{channel.name}]"
    declared = {one.name: one.default for one in channel.settings}
    for key in given:
        if key not in declared:
            near = difflib.get_close_matches(key, list(declared), n=1)
            meant = f"Did you mean {near[0]!r}? " if near else ""
            hint = f"{meant}It has {', '.join(declared) or 'no settings'}."
            reason = f"unknown key {key!r} under {section}"
            raise OperatorError(reason, hint)
    values = {key: given.get(key, default) for key, default in declared.items()}
    missing = [key for key, value in values.items() if value is None]
    if missing:
        variable = f"STORJ_MONITOR_CHANNEL_{channel.name}_{missing[0]}".upper()
        reason = f"{section} in the settings lacks {', '.join(missing)}"
        raise OperatorError(reason, f"Set it there, or by {variable}.")
    return {key: value for key, value in values.items() if value is not None}
