"""Schedules are kept whole, and a change decides what is still to be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.store import Delivery, ScheduleEntry, Store, migrations
from tests.store.databases import filled, number_of

if TYPE_CHECKING:
    from pathlib import Path

MONDAYS = ScheduleEntry(
    name="Mondays \N{SNOWMAN}",
    kind="report",
    subject="weekly_performance",
    format="pdf",
    nodes=("attic", 'a "quoted", name'),
    words={"option.paper": ("a4",), "metrics": ("traffic", "storage")},
    rule="weekly mon 06:00",
    timezone="Europe/Berlin",
    period="last-week",
    channel="email",
    recipients=("ann@example.org", "bob@example.org"),
    skip_empty=True,
)
DAILY = MONDAYS._replace(name="Daily", rule="daily 06:00", nodes=(), words={}, skip_empty=False)


def created(store: Store, entry: ScheduleEntry = MONDAYS, at_us: int = 5) -> int:
    with store.writer() as writer:
        schedule_id = writer.schedules.create(entry, at_us)
    assert schedule_id
    return schedule_id


def waiting(schedule_id: int, recipient: str, edition: str = "") -> Delivery:
    return Delivery(schedule_id, 1, 2, recipient, edition, due_at=3, name="M", channel="email")


def states(store: Store) -> dict[tuple[str, str], tuple[str, str | None]]:
    return {(one.recipient, one.edition): (one.state, one.error) for one in store.deliveries()}


def test_a_schedule_is_found_again_as_it_was_written(store: Store) -> None:
    assert store.schedules() == ()
    first, second = created(store), created(store, DAILY, 6)
    written = MONDAYS._replace(id=first, created_at=5, changed_at=5, since_at=5)
    assert store.schedule(first) == written
    assert [one.id for one in store.schedules()] == [second, first]
    assert store.schedule(99) is None


def test_a_name_is_given_once(store: Store) -> None:
    first, other = created(store), created(store, DAILY)
    with store.writer() as writer:
        assert writer.schedules.create(MONDAYS._replace(rule="daily 07:00"), 6) is None
        with pytest.raises(ValueError, match="another schedule is named 'Mondays"):
            writer.schedules.replace(other, MONDAYS, 7)
        assert writer.schedules.replace(first, MONDAYS, 7)
    assert [one.name for one in store.schedules()] == ["Daily", MONDAYS.name]


def test_an_id_is_never_used_again(store: Store) -> None:
    first = created(store)
    with store.writer() as writer:
        writer.deliveries.add([waiting(first, "ann@example.org")])
        assert writer.schedules.remove(first)
        assert not writer.schedules.remove(first)
    assert created(store) > first
    assert [one.schedule_id for one in store.deliveries()] == [first]


@pytest.mark.parametrize(
    ("changes", "anew"),
    [
        ({"name": "New", "recipients": ("eve@example.org",), "format": "csv"}, False),
        ({"nodes": (), "words": {}, "skip_empty": False, "channel": "webhook"}, False),
        ({"rule": "daily 06:00"}, True),
        ({"timezone": "UTC"}, True),
        ({"period": "last-month"}, True),
    ],
)
def test_only_what_changes_when_it_is_due_begins_anew(
    store: Store, changes: dict[str, Any], anew: bool
) -> None:
    schedule_id = created(store)
    with store.writer() as writer:
        [entry] = store.schedules()
        assert writer.deliveries.follow(entry, [], 40) == []
        assert writer.schedules.replace(schedule_id, MONDAYS._replace(**changes), 50)
    changed = store.schedule(schedule_id)
    since_at, followed_at = (50, None) if anew else (5, 40)
    kept = MONDAYS._replace(**changes)._replace(id=schedule_id, created_at=5, changed_at=50)
    assert changed == kept._replace(since_at=since_at, followed_at=followed_at)


def test_what_was_due_while_it_was_off_does_not_count(store: Store) -> None:
    schedule_id = created(store)
    with store.writer() as writer:
        for at, enabled, since in ((6, True, 5), (7, False, 5), (8, False, 5), (9, True, 9)):
            assert writer.schedules.enable(schedule_id, at, enabled=enabled)
            found = store.schedule(schedule_id)
            assert found
            assert (found.enabled, found.since_at) == (enabled, since)
        assert not writer.schedules.enable(99, 10, enabled=True)
        assert not writer.schedules.replace(99, MONDAYS, 10)


def test_a_change_is_seen_as_one_even_if_the_clock_stands_still(store: Store) -> None:
    schedule_id = created(store)
    [entry] = store.schedules()
    with store.writer() as writer:
        writer.schedules.replace(schedule_id, MONDAYS._replace(recipients=("eve@example.org",)), 5)
        assert writer.deliveries.follow(entry, [waiting(schedule_id, "bob@example.org")], 9) is None
    assert store.deliveries() == ()


def test_who_is_no_longer_named_gets_nothing_more_but_what_a_person_asked_for(
    store: Store,
) -> None:
    schedule_id = created(store)
    ann, bob = MONDAYS.recipients
    with store.writer() as writer:
        rows = [waiting(schedule_id, ann), waiting(schedule_id, bob)]
        writer.deliveries.add([*rows, waiting(schedule_id, bob, "again-1"), waiting(8, bob)])
        writer.schedules.replace(schedule_id, MONDAYS._replace(recipients=(ann,)), 6)
    found = {(one.schedule_id, one.recipient, one.edition): one for one in store.deliveries()}
    off = found.pop((schedule_id, bob, ""))
    assert (off.state, off.error) == ("skipped", "no longer a recipient of the schedule")
    assert {one.state for one in found.values()} == {"due"}


def test_what_is_turned_off_or_removed_sends_nothing_more(store: Store) -> None:
    schedule_id = created(store)
    ann, bob = MONDAYS.recipients
    with store.writer() as writer:
        writer.deliveries.add([waiting(schedule_id, ann), waiting(schedule_id, bob, "test-1")])
        writer.schedules.enable(schedule_id, 6, enabled=False)
        off = ("skipped", "the schedule was turned off")
        assert states(store) == {(ann, ""): off, (bob, "test-1"): ("due", None)}
        writer.schedules.remove(schedule_id)
    gone = ("skipped", "the schedule was removed")
    assert states(store) == {(ann, ""): off, (bob, "test-1"): gone}


def test_what_is_being_made_stops_before_it_is_sent_and_what_is_being_sent_goes_on(
    store: Store,
) -> None:
    schedule_id = created(store)
    ann, bob = MONDAYS.recipients
    with store.writer() as writer:
        queue = writer.deliveries
        queue.add([waiting(schedule_id, ann), waiting(schedule_id, bob)])
        made, sent = (queue.claim(owner, 4, 300) for owner in ("one", "two"))
        assert made
        assert sent
        assert queue.note_sending(sent.id, "two", 5, 300)
        writer.schedules.enable(schedule_id, 6, enabled=False)
        assert not queue.note_sending(made.id, "one", 7, 300)
        assert queue.note_sent(sent.id, "two", 7)
    off = ("skipped", "the schedule was turned off")
    assert states(store) == {(ann, ""): off, (bob, ""): ("sent", None)}


@pytest.mark.parametrize("old", [4, 5])
def test_a_filled_database_of_a_version_before_takes_schedules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: int
) -> None:
    path = tmp_path / "old.db"
    with monkeypatch.context() as then:
        then.setattr(migrations, "VERSIONS", migrations.VERSIONS[:old])
        then.setattr(migrations, "LATEST", old)
        Store.open(path, create=True)
    filled(path)
    store = Store.open(path)
    schedule_id = created(store)
    with store.writer() as writer:
        assert writer.deliveries.add([waiting(schedule_id, "ann@example.org")]) == 1
    assert [one.name for one in store.schedules()] == [MONDAYS.name]
    assert number_of(path, "SELECT count(*) FROM alerts") == 1
    assert number_of(path, "SELECT count(*) FROM exports") == (old == 5)
    backup = path.with_name(f"old.db.backup-{old}")
    assert number_of(backup, "PRAGMA user_version") == old
