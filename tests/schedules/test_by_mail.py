"""A run by the real channels: the mail as it arrives, and no secret in what is logged or kept."""

from __future__ import annotations

from email import message_from_bytes, policy
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed
from structlog.testing import capture_logs

from storj_export_plugins.channels import email, webhook
from storj_monitor.schedules.runs import run_due
from tests.channels.mail_servers import PASSWORD, USERNAME, Mailbox, mail_server
from tests.schedules.offices import ANN, BOB, Office
from tests.store.databases import rows_of

if TYPE_CHECKING:
    from storj_monitor.store import Store

HOOK = "https://hooks.slack.com/services/T00000000/B00000000/XOXB-VERY-SECRET"


async def test_a_mail_arrives_with_the_file_and_one_refused_recipient_is_no_others(
    store: Store,
) -> None:
    office = Office(store)
    channels = [*email.storj_channels(), *webhook.storj_channels()]
    office.offered = {"channels": MappingProxyType({one.name: one for one in channels})}
    office.schedule(channel="email", report="tally", source=None, format="pdf")
    office.schedule(name="Slack", channel="webhook", recipients=[HOOK])
    mailbox = Mailbox(answers={BOB: "550 no such mailbox"})
    async with mail_server(mailbox, login=True) as settings:
        known = {**settings, "username": USERNAME, "password": PASSWORD}
        office.settings = changed(office.settings, channels={"email": known})
        with capture_logs() as logs:
            async with office.work() as work:
                await run_due(work)
    assert office.states() == {ANN: "sent", BOB: "failed", HOOK: "failed"}
    [envelope] = mailbox.envelopes
    content = envelope.content
    assert isinstance(content, bytes)
    message = message_from_bytes(content, policy=policy.default)
    assert message["Subject"] == "A tally: 16 to 22 Nov 2026"
    [attached] = list(message.iter_attachments())
    assert attached.get_filename() == "tally_all_2026-11-16_2026-11-22.pdf"
    assert "count|Count|3|integer" in attached.get_content()
    body = message.get_body(("plain",))
    assert body is not None
    assert "Count: 3" in body.get_content()
    outcomes = rows_of(office.store.path, "SELECT * FROM outcomes")
    for told in (str(logs), str([row.error for row in office.rows()]), str(outcomes)):
        assert PASSWORD not in told
        assert "XOXB" not in told
    [slack] = [row for row in office.rows() if row.name == "Slack"]
    assert slack.error is not None
    assert "Set public_url under [web]" in slack.error
