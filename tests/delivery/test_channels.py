"""Channels as they are set up: keys are checked, secrets stay unseen, domains are kept to."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.delivery.channels import (
    check_domain,
    check_recipient,
    domain_of,
    outlet_of,
)
from storj_monitor.errors import OperatorError, Problem
from storj_monitor.plugin import Channel, DeliveryError, Setting
from storj_monitor.settings import SchedulingSettings, Settings, WebSettings
from tests.records import catalogue_of

if TYPE_CHECKING:
    from pathlib import Path

    from storj_monitor.delivery.channels import Outlet
    from storj_monitor.registry import Catalogue

SECRET = "hunter2-s3cret"
SETTINGS = (
    Setting(name="host", summary="H"),
    Setting(name="port", summary="P", default="25"),
    Setting(name="password", summary="S", secret=True, default=""),
)
HOOK = "https://hooks.example.org/services/T0AAAA/XOXB-VERY-SECRET-KEY"


async def send(*_: Any) -> None:
    """Accept it."""


def catalogue(**changes: Any) -> Catalogue:
    channel = Channel(name="mail", title="Mail", settings=SETTINGS, send=send, **changes)
    return replace(catalogue_of(), channels=MappingProxyType({"mail": channel}))


def settings(**values: str) -> Settings:
    return Settings(channels={"mail": values})


def outlet(**changes: Any) -> Outlet:
    known = settings(host="x", password=SECRET)
    return outlet_of("mail", catalogue(**changes), known)


def test_a_channel_gets_what_is_set_and_the_defaults() -> None:
    assert outlet().settings == {"host": "x", "port": "25", "password": SECRET}


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{SECRET}\n")
    known = settings(host="x", password_file=str(tmp_path / "password"))
    assert outlet_of("mail", catalogue(), known).settings["password"] == SECRET


@pytest.mark.parametrize(
    ("values", "reason", "hint"),
    [
        (
            {"host": "x", "passwort": "y"},
            "unknown key 'passwort' under [channels.mail]",
            "Did you mean 'password'? It has host, port, password.",
        ),
        (
            {"port": "1"},
            "[channels.mail] in the settings lacks host",
            "Set it there, or by STORJ_MONITOR_CHANNEL_MAIL_HOST.",
        ),
    ],
)
def test_settings_that_can_not_be_used_are_refused(
    values: dict[str, str], reason: str, hint: str
) -> None:
    with pytest.raises(OperatorError) as refused:
        outlet_of("mail", catalogue(), settings(**values))
    assert (refused.value.reason, refused.value.hint) == (reason, hint)


def test_a_channel_that_there_is_not_is_refused() -> None:
    with pytest.raises(Problem, match="unknown channel 'male'") as refused:
        outlet_of("male", catalogue(), Settings())
    assert refused.value.hint == "Did you mean 'mail'? Installed: mail."


def test_no_secret_is_seen_of_an_outlet_or_in_what_it_is_asked_to_say() -> None:
    one = outlet(shown=lambda _: "https://hooks.example.org/…")
    assert SECRET not in repr(one)
    said = f"login {SECRET} refused for {HOOK} (/services/T0AAAA/XOXB-VERY-SECRET-KEY)"
    assert one.without_secrets(said, HOOK) == (
        "login *** refused for https://hooks.example.org/… (/services/T0AAAA/***)"
    )


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("ann@Example.ORG", "example.org"),
        ("Ann B. <ann@example.org>", "example.org"),
        ('"a@evil.org"@example.org', "example.org"),
        ("ann@bücher.example", "xn--bcher-kva.example"),
        ("eve@evil.org, ann@example.org", None),
        ("ann@evil.org <eve@example.org", None),
        ("example.org", None),
        ("@example.org", None),
        ("ann@exa mple.org", None),
    ],
)
def test_the_domain_of_an_address_is_that_of_the_dns(address: str, domain: str | None) -> None:
    assert domain_of(address) == domain


@pytest.mark.parametrize(
    ("recipient", "is_allowed"),
    [
        ("ann@example.org", True),
        ("ann@BÜCHER.example", True),
        ("https://hooks.elsewhere.org/x@y", True),
        ("http://x <mallory@evil.org>", False),
        ('"://" <mallory@evil.org>', False),
        ("http://x,mallory@evil.org", False),
        ("mallory@evil.org://x", False),
        ("x://y mallory@evil.org", False),
        ("http://x <ann@example.org>", True),
        ("ann@sub.example.org", False),
        ("ann@example.org.evil.org", False),
        ("eve@evil.org, ann@example.org", False),
    ],
)
def test_mail_goes_to_allowed_domains_alone(recipient: str, is_allowed: bool) -> None:
    allowed = ("example.org", "xn--bcher-kva.example")
    known = Settings(scheduling=SchedulingSettings(recipient_domains=allowed))
    if is_allowed:
        check_domain(outlet(), recipient, known)
        return
    with pytest.raises(Problem) as refused:
        check_domain(outlet(), recipient, known)
    assert "recipient_domains under [scheduling] allows example.org" in refused.value.hint


@pytest.mark.parametrize(
    ("found", "is_allowed"),
    [
        ([], True),
        (["ann@example.org"], True),
        (["ann@example.org", "eve@evil.org"], False),
        (["@example.org"], False),
    ],
)
def test_each_mail_address_in_a_recipient_is_looked_at(
    found: list[str], *, is_allowed: bool
) -> None:
    known = Settings(scheduling=SchedulingSettings(recipient_domains=("example.org",)))
    one = outlet(addresses=lambda _: found, shown=lambda _: "push://…")
    if is_allowed:
        check_domain(one, "push://key", known)
        return
    with pytest.raises(Problem, match=r"nothing may be sent to push://…: its domain"):
        check_domain(one, "push://key", known)
    check_domain(one, "push://key", Settings())


def test_where_the_mail_addresses_can_not_be_known_the_channel_for_mail_is_named() -> None:
    def addresses(recipient: str) -> list[str]:
        message = f"{recipient} is mail"
        raise DeliveryError(message, retryable=False)

    known = Settings(scheduling=SchedulingSettings(recipient_domains=("example.org",)))
    one = outlet(addresses=addresses, shown=lambda _: "push://…")
    with pytest.raises(Problem, match="push://… is mail") as refused:
        check_domain(one, "push://key", known)
    assert refused.value.hint.startswith("recipient_domains under [scheduling] allows")


def test_a_recipient_that_takes_links_alone_needs_them_to_be_possible() -> None:
    one = outlet(limit=lambda *_: 0)
    with pytest.raises(Problem, match="ann takes no files, and no link to them can be sent"):
        check_recipient(one, "ann", Settings())
    check_recipient(one, "ann", Settings(web=WebSettings(public_url="https://x.example")))


def test_a_recipient_that_is_none_is_refused_without_its_secrets() -> None:
    def limit(recipient: str, _: Any) -> int:
        message = f"{recipient} is no address"
        raise DeliveryError(message, retryable=False)

    one = outlet(limit=limit, shown=lambda _: "https://hooks.example.org/…")
    with pytest.raises(Problem, match=r"^https://hooks\.example\.org/… is no address$"):
        check_recipient(one, HOOK, Settings())
    with pytest.raises(Problem, match=r"^x is no address$"):
        check_recipient(one, "x", Settings())


def test_what_is_no_recipient_at_all_is_not_blamed_on_its_domain() -> None:
    def limit(*_: Any) -> int:
        message = "it is no address"
        raise DeliveryError(message, retryable=False)

    known = Settings(scheduling=SchedulingSettings(recipient_domains=("example.org",)))
    with pytest.raises(Problem, match="it is no address"):
        check_recipient(outlet(limit=limit), "ann@evil", known)
