"""Whatever a subject, a name or an address is: each header stays one line, and is read again."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_export_plugins.channels.email import send
from storj_export_plugins.channels.email.addresses import address_of
from storj_export_plugins.channels.email.letter import written
from storj_export_plugins.channels.wording import file_name, one_line
from storj_monitor.plugin import DeliveryError
from storj_monitor.testing import AWKWARD_NAMES
from tests.channels.mail_servers import Mailbox, mail_server
from tests.channels.parcels import CSV, attachment, parcel, refused

if TYPE_CHECKING:
    from storj_export_plugins.channels.email.letter import Letter

ANN = "ann@example.org"
SENDER = address_of("Attic <storj@example.org>", "the sender")
HEADERS = {
    *("Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted"),
    *("MIME-Version", "Content-Type"),
}
ANY_TEXT = st.text(st.characters(codec=None), max_size=300) | st.sampled_from(
    [*AWKWARD_NAMES, "a\r\nBcc: eve@example.org", "a\nBcc: eve@example.org", "a\r\n\r\nbody"]
)


def letter(**more: object) -> Letter:
    given = {"recipient": ANN, **more}
    files = given.pop("attachments", ())
    sent = parcel(str(given.pop("recipient")), *files, **given)  # type: ignore[misc]  # a test's own words
    return asyncio.run(written(sent, SENDER, 1_000_000))


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_a_hostile_text_makes_no_header_and_no_line_of_its_own(
    subject: str, text: str, key: str
) -> None:
    content = letter(subject=subject, text=text, html=text, idempotency_key=key).content

    assert content.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", content)
    assert max(map(len, content.split(b"\r\n"))) <= 998
    message = message_from_bytes(content, policy=policy.default)
    assert set(message.keys()) - {"Content-Transfer-Encoding"} == HEADERS
    assert message["To"] == ANN


@pytest.mark.parametrize(
    ("subject", "read"),
    [
        ("Woche 10: Dachböden & Keller", "Woche 10: Dachböden & Keller"),
        ("a\r\nBcc: eve@example.org", "a Bcc: eve@example.org"),
        ("\N{GRINNING FACE} up", "\N{GRINNING FACE} up"),
        ("half \ud83d", "half ?"),
        ("", ""),
    ],
)
def test_a_subject_is_read_again_in_one_line(subject: str, read: str) -> None:
    message = message_from_bytes(letter(subject=subject).content, policy=policy.default)

    assert message["Subject"] == read


@given(ANY_TEXT)
def test_a_files_name_is_read_again_and_has_no_path(name: str) -> None:
    with TemporaryDirectory() as folder:
        content = letter(attachments=(attachment(Path(folder), name),)).content

    message = message_from_bytes(content, policy=policy.default)
    (file,) = message.iter_attachments()
    assert file.get_payload(decode=True) == CSV
    read = file.get_filename() or ""
    assert read.strip() == file_name(name).strip()
    assert not set(read) & set("/\\\r\n")


@given(ANY_TEXT)
def test_a_text_in_one_line_stays_as_it_is_when_it_is_put_into_one_again(text: str) -> None:
    assert one_line(one_line(text)) == one_line(text)
    assert len(one_line(text).splitlines()) <= 1


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (ANN, "ann@example.org"),
        (" Ann@Example.ORG ", "Ann@example.org"),
        ("Ann Example <ann@example.org>", "Ann Example <ann@example.org>"),
        ('"Example, Ann" <ann@example.org>', '"Example, Ann" <ann@example.org>'),
        ("ann@münchen.example", "ann@xn--mnchen-3ya.example"),
        ("ann@straße.example", "ann@xn--strae-oqa.example"),
        ("ann@nas", "ann@nas"),
    ],
)
def test_an_address_is_one_with_its_domain_as_servers_spell_it(given: str, shown: str) -> None:
    assert str(address_of(given, "the recipient")) == shown


@pytest.mark.parametrize(
    "given",
    [
        *("", "ann", "@example.org", "ann@", "ann@example..org", "ann@-example.org", "a b@x.org"),
        *("ann@example.org,bob@example.org", "ann@example.org bob@example.org", "ann@[127.0.0.1]"),
        *("ann@example.org\r\nBcc: eve@example.org", "ann@example.org\n", "ann@example.org\x00"),
        *("<ann@example.org> <bob@example.org>", "Ann\r\nX: <ann@example.org>", "a@b@c@d,e@f"),
        *("ann@exa mple.org", "ann@example.org>", "ann@ex\u2028ample.org", "ann@..", "ann@ü..x"),
        *("ann@" + "a." * 200 + "org", "a" * 65 + "@example.org", "ann@" + "a" * 250),
    ],
)
def test_what_is_not_exactly_one_address_is_refused_for_good(given: str) -> None:
    with pytest.raises(DeliveryError, match="is no address such as") as raised:
        address_of(given, "the recipient")

    assert raised.value.retryable is False
    assert raised.value.reason.isprintable()


@given(ANY_TEXT)
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = address_of(text, "the recipient")
    except DeliveryError:
        return
    assert str(address).splitlines() == [str(address)]
    assert address.domain.isascii()


async def test_an_address_with_other_letters_needs_a_server_that_knows_them() -> None:
    mailbox = Mailbox()
    recipient = "jürgen@example.org"
    async with mail_server(mailbox) as settings:
        await send(parcel(recipient), settings)
        await send(parcel(ANN, subject="Dachböden"), settings)
    async with mail_server(Mailbox(), enable_SMTPUTF8=False) as settings:
        error = await refused(send(parcel(recipient), settings))
        await send(parcel("ann@münchen.example", subject="Dachböden"), settings)

    first, second = mailbox.envelopes
    assert (first.rcpt_tos, first.smtp_utf8) == ([recipient], True)
    assert second.smtp_utf8 is False
    assert "takes no address with other letters than ASCII before the @" in error.reason
    assert error.retryable is False


@pytest.mark.parametrize("media_type", ["", "nonsense", "message/rfc822", "a/b\r\nX: y", "text/ü"])
def test_a_media_type_that_can_not_be_one_is_bytes(media_type: str, tmp_path: Path) -> None:
    odd = replace(attachment(tmp_path), media_type=media_type)
    message = message_from_bytes(letter(attachments=(odd,)).content, policy=policy.default)

    (file,) = message.iter_attachments()
    assert file.get_content_type() == "application/octet-stream"
    assert file.get_payload(decode=True) == CSV
