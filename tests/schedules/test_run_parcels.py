"""What is sent: packed, by a link, said to be late, with figures and a key."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from storj_monitor.plugin import DeliveryError
from storj_monitor.schedules.planning import plan
from storj_monitor.schedules.runs import run_due
from tests.exports.offers import ROWS, source
from tests.schedules.offices import ANN, DUE, due, named

if TYPE_CHECKING:
    from tests.schedules.offices import Office


async def test_a_file_that_is_too_large_is_packed_and_the_text_says_so(office: Office) -> None:
    office.offered = {"sources": named([source(rows=lambda *_: ROWS * 500)])}
    office.post.limit = 1_000
    office.schedule(recipients=[ANN])
    [one] = await due(office)
    assert one.file_name == "things_all_2026-11-16_2026-11-22.csv.gz"
    [parcel] = office.post.parcels
    assert parcel.attachments[0].media_type == "application/gzip"
    assert len(gzip.decompress(office.post.contents[0])) == one.bytes
    assert "larger than the 1.00 kB that can be sent here, so it is packed" in parcel.text
    assert "so it is packed" in parcel.html


async def test_a_file_that_is_too_large_even_packed_becomes_a_link_that_ends(
    office: Office,
) -> None:
    office.post.limit = 30
    office.set_public("https://storj.example.org/monitor/")
    office.schedule(recipients=[ANN])
    [one] = await due(office)
    [parcel] = office.post.parcels
    assert parcel.attachments == ()
    [link] = parcel.links
    where = urlsplit(link)
    assert link.startswith(f"https://storj.example.org/monitor/api/files/{one.file_id}?expires=")
    assert one.link_until == int(parse_qs(where.query)["expires"][0]) * 1_000_000
    assert one.link_until / 1e6 == (DUE + timedelta(days=7)).timestamp()
    assert f"Download it until 2026-11-30 06:00 UTC:\n{link}" in parcel.text
    assert link.replace("&", "&amp;") in parcel.html


async def test_the_file_of_a_link_is_kept_until_it_ends(office: Office) -> None:
    office.post.limit = 0
    office.set_public("https://storj.example.org")
    office.set(link_days=20 * 366 / 20)
    office.schedule(recipients=[ANN])
    async with office.work() as work:
        [one] = await run_due(work)
        kept = work.runner.spool.kept(str(one.file_id))
        assert kept is not None
        ends = (DUE + timedelta(days=366)).timestamp() - 24 * 3600
        assert kept.data.stat().st_mtime == kept.manifest.stat().st_mtime == ends
    assert "since no files can be sent here" in office.post.parcels[0].text


async def test_without_a_link_what_is_too_large_fails_and_says_what_to_do(office: Office) -> None:
    office.post.limit = 30
    office.schedule(recipients=[ANN])
    [one] = await due(office)
    assert one.state == "failed"
    assert one.error is not None
    assert "set public_url under [web] in the settings" in one.error


async def test_a_channel_that_takes_no_files_needs_a_link(office: Office) -> None:
    office.post.limit = 0
    office.schedule(recipients=["hooks.example.org/T0/SECRETKEY"])
    [one] = await due(office)
    assert (one.state, one.error) == (
        "failed",
        (
            "hooks.example.org takes no files, and no link to them can be sent. Set public_url "
            "under [web] in the settings, so that it gets a link."
        ),
    )


async def test_what_is_made_late_says_so_in_subject_and_text(office: Office) -> None:
    office.schedule(recipients=[ANN], timezone="Europe/Berlin")
    office.clock.pass_(hours=3)
    [one] = await due(office)
    assert one.late
    [parcel] = office.post.parcels
    assert parcel.subject == "Things: 16 to 22 Nov 2026 (late)"
    assert "This is late: it was due 2026-11-23 06:00 CET." in parcel.text
    assert "16 to 22 Nov 2026 (Europe/Berlin)" in parcel.text


async def test_the_figures_of_a_report_stand_in_the_message(office: Office) -> None:
    office.schedule(source=None, report="tally", format="pdf", recipients=[ANN])
    await due(office)
    [parcel] = office.post.parcels
    assert "Count: 3\n" in parcel.text
    assert "<strong>3</strong>" in parcel.html


async def test_each_parcel_has_a_key_of_its_own_that_stays_the_same(office: Office) -> None:
    keys: list[str] = []
    office.post.before = lambda parcel: keys.append(parcel.idempotency_key)
    office.schedule()
    office.post.answers = {ANN: DeliveryError("no", retryable=True)}
    await due(office)
    office.clock.pass_(minutes=2)
    await due(office)
    assert len(keys) == 3
    assert len(set(keys)) == 2
    assert all(len(key) == 32 for key in keys)


async def test_what_was_planned_in_time_and_sent_days_later_says_so(office: Office) -> None:
    office.schedule(recipients=[ANN])
    office.clock.pass_(seconds=1)
    async with office.work() as work:
        plan(work)
    office.clock.pass_(days=2)
    [one] = await due(office)
    assert one.late
    [parcel] = office.post.parcels
    assert parcel.subject == "Things: 16 to 22 Nov 2026 (late)"
