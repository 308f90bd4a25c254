"""Messages that a real server takes: in the clear, encrypted, and logged in."""

from __future__ import annotations

import ssl
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest
import trustme

from storj_export_plugins.channels.email import limit, send
from tests.channels.mail_servers import PASSWORD, USERNAME, Mailbox, mail_server
from tests.channels.parcels import CSV, attachment, parcel, refused

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

ANN = "ann@example.org"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def certified(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    return context


def received(mailbox: Mailbox) -> EmailMessage:
    (envelope,) = mailbox.envelopes
    assert isinstance(envelope.content, bytes)
    content = envelope.content.replace(b"\r\n", b"\n")
    message: EmailMessage = message_from_bytes(content, policy=policy.default)
    return message


async def test_a_message_has_both_texts_the_file_and_the_headers_of_a_machine(
    tmp_path: Path,
) -> None:
    mailbox = Mailbox()
    async with mail_server(mailbox) as settings:
        await send(parcel(ANN, attachment(tmp_path)), settings)

    message = received(mailbox)
    assert message["Subject"] == "Week 10 of attic"
    assert (message["From"], message["To"]) == ("Attic Storage <storj@example.org>", ANN)
    assert message["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(message["Date"]).tzinfo is not None
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert text.get_content() == "Egress: 1.5 TB\n"
    assert "<b>1.5 TB</b>" in html.get_content()
    (file,) = message.iter_attachments()
    assert file.get_payload(decode=True) == CSV
    assert (file.get_filename(), file.get_content_type()) == ("week.csv", "text/csv")
    (envelope,) = mailbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("storj@example.org", [ANN])


async def test_every_attempt_at_a_parcel_has_the_same_message_id_and_no_other_has() -> None:
    mailbox = Mailbox()
    async with mail_server(mailbox) as settings:
        for key in ("one", "one", "two"):
            await send(parcel(ANN, idempotency_key=key), settings)

    first, again, other = (
        message_from_bytes(envelope.content)["Message-ID"]  # type: ignore[arg-type]  # decode_data is off
        for envelope in mailbox.envelopes
    )
    assert first == again != other
    assert first.endswith("@example.org>")


async def test_links_stand_in_the_text_once() -> None:
    mailbox = Mailbox()
    links = ("https://nas.lan/api/files/1?signature=a", "https://nas.lan/2")
    async with mail_server(mailbox) as settings:
        await send(parcel(ANN, text=f"Get {links[0]}\n", html="", links=links), settings)

    message = received(mailbox)
    assert message.get_content_type() == "text/plain"
    assert message.get_content() == f"Get {links[0]}\n\n{links[1]}\n"


async def test_what_begins_with_a_dot_arrives_as_it_is() -> None:
    mailbox = Mailbox()
    async with mail_server(mailbox) as settings:
        await send(parcel(ANN, text=".\r\n..\nend", html=""), settings)

    assert received(mailbox).get_content() == ".\n..\nend\n"


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_server_is_spoken_with_encrypted_and_logged_in(
    tmp_path: Path, authority: trustme.CA, certified: ssl.SSLContext, security: str
) -> None:
    mailbox = Mailbox()
    large = attachment(tmp_path, content=b"x" * 3_000_000)
    account = {"username": USERNAME, "password": PASSWORD}
    ca = authority.cert_pem.bytes().decode()
    async with mail_server(mailbox, login=True, **{security: certified}) as settings:
        await send(parcel(ANN, large), {**settings, **account, "ca": ca})

    assert mailbox.was_encrypted or security == "tls"
    (file,) = received(mailbox).iter_attachments()
    assert file.get_payload(decode=True) == large.path.read_bytes()


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_that_nobody_vouches_for_is_never_accepted(
    certified: ssl.SSLContext, security: str
) -> None:
    mailbox = Mailbox()
    async with mail_server(mailbox, **{security: certified}) as settings:  # type: ignore[arg-type]  # of the two
        error = await refused(send(parcel(ANN), settings))

    assert "can't be verified" in error.reason
    assert "ca_file under [channels.email]" in error.reason
    assert mailbox.envelopes == []


async def test_a_server_without_starttls_is_not_spoken_with_in_the_clear() -> None:
    mailbox = Mailbox()
    async with mail_server(mailbox) as settings:
        error = await refused(send(parcel(ANN), {**settings, "security": "starttls"}))

    assert "offers no STARTTLS: set security to tls" in error.reason
    assert error.retryable is False
    assert mailbox.envelopes == []


async def test_a_wrong_password_is_refused_for_good_and_not_repeated() -> None:
    account = {"username": USERNAME, "password": "wr0ng-s3cret"}
    async with mail_server(Mailbox(), login=True) as settings:
        error = await refused(send(parcel(ANN), {**settings, **account}))

    assert "refused the log-in (535): check username and password" in error.reason
    assert error.retryable is False
    assert "wr0ng" not in repr(error)


async def test_a_log_in_that_a_server_wants_or_does_not_know_is_said() -> None:
    async with mail_server(Mailbox(), login=True) as settings:
        wanted = await refused(send(parcel(ANN), settings))
    async with mail_server(Mailbox(), auth_exclude_mechanism=["PLAIN", "LOGIN"]) as settings:
        unknown = await refused(send(parcel(ANN), {**settings, "username": USERNAME}))

    assert wanted.reason.endswith("check username and password under [channels.email]")
    assert "offers no log-in here" in unknown.reason
    assert not wanted.retryable
    assert not unknown.retryable


async def test_files_that_are_too_large_are_refused_before_anything_is_sent(
    tmp_path: Path,
) -> None:
    settings = {"host": "localhost", "sender": ANN, "max_mb": "1"}
    allowed = limit(ANN, settings)
    large = attachment(tmp_path, content=b"x" * (allowed + 1))

    error = await refused(send(parcel(ANN, large), settings))

    assert error.retryable is False
    assert "max_mb under [channels.email]" in error.reason


async def test_files_of_just_the_limit_make_a_message_of_just_the_size(tmp_path: Path) -> None:
    mailbox = Mailbox()
    async with mail_server(mailbox) as settings:
        settings["max_mb"] = "2"
        large = attachment(tmp_path, content=b"x" * limit(ANN, settings))
        await send(parcel(ANN, large), settings)

    (envelope,) = mailbox.envelopes
    assert envelope.content is not None
    assert 1_600_000 < len(envelope.content) <= 2_000_000


async def test_a_file_that_is_gone_is_said_and_may_be_there_later(tmp_path: Path) -> None:
    gone = attachment(tmp_path)
    gone.path.unlink()

    error = await refused(send(parcel(ANN, gone), {"host": "localhost", "sender": ANN}))

    assert error.reason == "a file to be sent can't be read: No such file or directory"
    assert error.retryable is True


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"host": ""}, "host under [channels.email] isn't set"),
        ({"port": "smtp"}, "port under [channels.email] is 'smtp', and must be a number above 0"),
        ({"security": "ssl"}, "must be one of starttls, tls, none"),
        ({"sender": "storj"}, "the sender 'storj' is no address such as ann@example.org"),
        ({"ca": "-----BEGIN"}, "ca under [channels.email] holds no certificates"),
        ({"timeout": "nan"}, "timeout under [channels.email] is 'nan'"),
        ({"host": "no\r\nsuch.invalid", "timeout": "1e9"}, "3600 at most"),
    ],
)
async def test_a_setting_that_can_not_be_used_is_named(settings: dict[str, str], said: str) -> None:
    given = {"host": "localhost", "sender": ANN, **settings}
    error = await refused(send(parcel(ANN), given))

    assert said in error.reason
    assert error.retryable is False
