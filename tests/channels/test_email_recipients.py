"""Which recipients mail may go to: checked by the address that the letter really goes to."""

from __future__ import annotations

import pytest

from storj_export_plugins.channels.email import addresses_of, limit, storj_channels
from storj_monitor.delivery.channels import Outlet, check_domain, check_recipient
from storj_monitor.errors import Problem
from storj_monitor.plugin import DeliveryError
from storj_monitor.settings import SchedulingSettings, Settings

ALLOWED = ("example.org", "xn--bcher-kva.example")
KNOWN = Settings(scheduling=SchedulingSettings(recipient_domains=ALLOWED))
OUTLET = Outlet(storj_channels()[0], {"host": "x", "sender": "a@example.org", "max_mb": "20"})


@pytest.mark.parametrize(
    "recipient",
    [
        *("ann@example.org", " ann@EXAMPLE.org ", "Ann <ann@example.org>"),
        *("ann@bücher.example", "ann@BÜCHER.example", "ann@XN--Bcher-KVA.example"),
        *("ann@example\u3002org", "http://x <ann@example.org>", "mallory@evil.org <a@example.org>"),
    ],
)
def test_mail_goes_to_allowed_domains_in_any_spelling(recipient: str) -> None:
    check_recipient(OUTLET, recipient, KNOWN)


@pytest.mark.parametrize(
    "recipient",
    [
        *(
            "http://x <mallory@evil.org>",
            '"://" <mallory@evil.org>',
            "://@example.org <m@evil.org>",
        ),
        *("mallory@sub.example.org", "mallory@example.org.evil.org", "mallory@evil\uff0eorg"),
        *("ann@example.org <mallory@evil.org>", "mallory@evilexample.org", "//mallory@evil.org"),
    ],
)
def test_a_name_that_looks_like_something_else_opens_no_other_domain(recipient: str) -> None:
    with pytest.raises(Problem, match=r"nothing may be sent to .*: its domain isn't allowed"):
        check_recipient(OUTLET, recipient, KNOWN)
    with pytest.raises(Problem, match="its domain isn't allowed"):
        check_domain(OUTLET, recipient, KNOWN)


@pytest.mark.parametrize(
    "recipient",
    [
        *("ann.example.org", "ann@", "", "https://discord.com/…", "http://mallory@evil.org"),
        *("mallory@evil.org.", "ann@example.org.", '"mallory@evil.org"@example.org'),
        *("friends: mallory@evil.org;", "friends: mallory@evil.org, ann@example.org;"),
        *("<@evil.org:ann@example.org>", "mallory@evil.org(ann@example.org)", "ann@[10.0.0.1]"),
        *("mallory@evil.org, ann@example.org", "<mallory@evil.org> <ann@example.org>"),
    ],
)
def test_what_is_not_one_address_is_refused_as_such_with_and_without_domains(
    recipient: str,
) -> None:
    for settings in (Settings(), KNOWN):
        with pytest.raises(Problem, match=r"is no address such as ann@example\.org") as refused:
            check_recipient(OUTLET, recipient, settings)
        assert refused.value.hint.startswith("Look at the recipient")
    with pytest.raises(Problem, match="is no address such as"):
        check_domain(OUTLET, recipient, KNOWN)
    with pytest.raises(DeliveryError, match="is no address such as"):
        limit(recipient, OUTLET.settings)


def test_the_address_is_that_of_the_envelope() -> None:
    assert addresses_of("Ann <Ann@Bücher.example>") == ("Ann@xn--bcher-kva.example",)
