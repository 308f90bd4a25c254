"""A delivery is made once, belongs to one at a time, and is never sent twice by itself."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from storj_monitor.store import Delivery, Parcelled
from storj_monitor.store.claims import AHEAD_US, ANY, LATE_US, LONGEST_PAUSE_US, Wanted
from storj_monitor.store.connection import Connection
from storj_monitor.store.delivering import KEPT
from tests.store.databases import rows_of
from tests.store.test_schedules import MONDAYS, created

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.store import DeliveryState, Store
    from storj_monitor.store.delivering import DeliveryWriter

LEASE = 300
ANN = Delivery(7, 1, 2, "ann@example.org", "", due_at=1_000, name="Mondays", channel="email")
BOB = ANN._replace(recipient="bob@example.org")
PARCEL = Parcelled("Mondays: 2026-W47", "f1", "traffic.pdf", rows=3, bytes=400, link_until=9_000)
DOUBT = (
    "this period was sent before, and the clock was wrong, then or now: nobody can know whether "
    "that was too early"
)
UNKNOWN = "it was being sent when the program ended: nobody can know whether it arrived"


def added(store: Store, *wanted: Delivery) -> int:
    with store.writer() as writer:
        return writer.deliveries.add(wanted)


def claimed(store: Store, owner: str, now: int, wanted: Wanted = ANY) -> Delivery | None:
    with store.writer() as writer:
        return writer.deliveries.claim(owner, now, LEASE, wanted)


def given_up(store: Store, now: int) -> tuple[Delivery, ...]:
    with store.writer() as writer:
        return writer.deliveries.give_up(now, LEASE)


def only(store: Store) -> Delivery:
    [one] = store.deliveries()
    return one


def test_of_a_schedule_period_recipient_and_edition_there_is_one(store: Store) -> None:
    others = [
        BOB,
        ANN._replace(schedule_id=8),
        ANN._replace(start_at=0),
        ANN._replace(end_at=3),
        ANN._replace(edition="again-1"),
    ]
    assert added(store, ANN, ANN) == 1
    assert added(store, ANN._replace(due_at=5, state="skipped", name="New"), *others) == 5
    assert added(store, ANN, *others) == 0
    first = store.delivery(1)
    assert first == ANN._replace(id=1, next_attempt_at=1_000)
    assert store.delivery(99) is None


def test_deliveries_are_listed_by_when_they_were_due_the_last_first(store: Store) -> None:
    added(store, ANN, BOB._replace(due_at=999), ANN._replace(schedule_id=8, due_at=1_001))
    assert [one.due_at for one in store.deliveries()] == [1_001, 1_000, 999]
    assert [one.due_at for one in store.deliveries(limit=1)] == [1_001]
    assert [one.due_at for one in store.deliveries(schedule_id=7)] == [1_000, 999]


def test_the_periods_of_a_schedule_are_its_own_and_once_each(store: Store) -> None:
    again = ANN._replace(edition="again-1", start_at=5)
    added(store, ANN, BOB, ANN._replace(start_at=0, due_at=900, state="skipped"), again)
    added(store, ANN._replace(schedule_id=8, start_at=7))
    assert store.made(7) == ((0, 2, 900), (1, 2, 1_000))
    assert store.made(9) == ()
    assert store.editions(7, 1, 2) == {""}
    assert store.editions(7, 5, 2) == {"again-1"}


def test_what_became_due_and_how_far_was_followed_are_one(store: Store) -> None:
    schedule_id = created(store)
    [entry] = store.schedules()
    due = ANN._replace(schedule_id=schedule_id)
    with store.writer() as writer:
        assert writer.deliveries.follow(entry, [due, due._replace(recipient="b")], 1_000) == [
            due._replace(id=1, next_attempt_at=1_000),
            due._replace(id=2, next_attempt_at=1_000, recipient="b"),
        ]
        assert writer.deliveries.follow(entry, [due], 1_001) == []
    assert store.schedule(schedule_id) == entry._replace(followed_at=1_001)


@pytest.mark.parametrize("how", ["removed", "off", "changed"])
def test_of_a_schedule_that_was_changed_meanwhile_nothing_is_made(store: Store, how: str) -> None:
    schedule_id = created(store)
    [entry] = store.schedules()
    with store.writer() as writer:
        if how == "removed":
            writer.schedules.remove(schedule_id)
        elif how == "off":
            writer.schedules.enable(schedule_id, 6, enabled=False)
        else:
            writer.schedules.replace(schedule_id, MONDAYS._replace(format="csv"), 6)
        assert writer.deliveries.follow(entry, [ANN], 1_000) is None
    assert store.deliveries() == ()


def test_the_longest_waiting_is_claimed_first_and_nothing_before_its_time(store: Store) -> None:
    added(store, ANN, BOB._replace(due_at=900), ANN._replace(edition="x", due_at=2_000))
    assert claimed(store, "one", 899) is None
    first = claimed(store, "one", 1_500)
    assert first
    assert first == BOB._replace(
        id=2,
        due_at=900,
        next_attempt_at=900,
        state="claimed",
        owner="one",
        lease_until=1_500 + LEASE,
        attempts=1,
    )
    second = claimed(store, "two", 1_500)
    assert second
    assert (second.recipient, second.owner) == (ANN.recipient, "two")
    assert claimed(store, "three", 1_500) is None


def test_a_claim_ends_in_what_became_of_it(store: Store) -> None:
    added(store, *(ANN._replace(recipient=name) for name in ("sent", "failed", "maybe", "skip")))
    with store.writer() as writer:
        queue = writer.deliveries
        ids = {}
        while one := queue.claim("me", 1_000, LEASE):
            ids[one.recipient] = one.id
        assert queue.note_sending(ids["sent"], "me", 1_010, LEASE, PARCEL)
        assert queue.note_sent(ids["sent"], "me", 1_020)
        assert queue.note_sending(ids["failed"], "me", 1_010, LEASE, PARCEL)
        assert queue.note_failed(ids["failed"], "me", "550 unknown")
        assert queue.note_sending(ids["maybe"], "me", 1_010, LEASE, PARCEL)
        assert queue.note_maybe_sent(ids["maybe"], "me", "no answer")
        assert queue.note_skipped(ids["skip"], "me", "no rows")
    found = {one.recipient: one for one in store.deliveries()}
    sent = found["sent"]
    assert (sent.state, sent.sending_at, sent.sent_at, sent.error) == ("sent", 1_010, 1_020, None)
    assert Parcelled(*(getattr(sent, name) for name in Parcelled._fields)) == PARCEL
    assert found["maybe"].subject_line == PARCEL.subject_line
    states = {"sent": 1, "failed": 1, "maybe_sent": 1}
    assert store.delivered(["f0", "f1"]) == {"f1": states}
    assert store.delivered([]) == {}
    assert [(found[name].state, found[name].error) for name in ("failed", "maybe", "skip")] == [
        ("failed", "550 unknown"),
        ("maybe_sent", "no answer"),
        ("skipped", "no rows"),
    ]
    assert claimed(store, "me", 10**9) is None


def test_what_failed_for_now_is_due_again_with_its_count(store: Store) -> None:
    added(store, ANN)
    for attempt, now in enumerate((1_000, 1_100, 1_300), start=1):
        with store.writer() as writer:
            queue = writer.deliveries
            assert queue.claim("me", now - 1, LEASE) is None
            one = queue.claim("me", now, LEASE)
            assert one
            assert (one.attempts, one.sending_at) == (attempt, None)
            assert queue.note_sending(one.id, "me", now, LEASE)
            assert queue.note_failed(one.id, "me", f"no {attempt}", now + attempt * 100)
    waits = only(store)
    assert (waits.state, waits.error, waits.next_attempt_at) == ("due", "no 3", 1_600)


NOTES: list[Callable[[DeliveryWriter, int, str], bool]] = [
    lambda queue, one, owner: queue.renew(one, owner, 2_000, LEASE),
    lambda queue, one, owner: queue.note_sending(one, owner, 2_000, LEASE),
    lambda queue, one, owner: queue.note_sent(one, owner, 2_000),
    lambda queue, one, owner: queue.note_failed(one, owner, "no"),
    lambda queue, one, owner: queue.note_failed(one, owner, "no", 3_000),
    lambda queue, one, owner: queue.note_maybe_sent(one, owner, "no answer"),
    lambda queue, one, owner: queue.note_skipped(one, owner, "no rows"),
]


@pytest.mark.parametrize("note", NOTES)
def test_who_lost_a_delivery_is_told_and_changes_nothing(
    store: Store, note: Callable[[DeliveryWriter, int, str], bool]
) -> None:
    added(store, ANN)
    first = claimed(store, "one", 1_000)
    second = claimed(store, "two", 1_000 + LEASE)
    assert first
    assert second
    assert (second.id, second.attempts) == (first.id, 2)
    with store.writer() as writer:
        assert not note(writer.deliveries, first.id, "one")
        assert only(store) == second
        assert note(writer.deliveries, first.id, "two")
    assert only(store) != second


def test_a_lease_keeps_others_away_until_it_ends_and_can_be_renewed(store: Store) -> None:
    added(store, ANN)
    first = claimed(store, "one", 1_000)
    assert first
    assert claimed(store, "two", 1_000 + LEASE - 1) is None
    with store.writer() as writer:
        assert writer.deliveries.renew(first.id, "one", 1_200, LEASE)
    assert claimed(store, "two", 1_200 + LEASE - 1) is None
    assert claimed(store, "two", 1_200 + LEASE)


def test_what_was_being_sent_when_its_owner_went_is_nobodys_to_send_again(store: Store) -> None:
    added(store, ANN)
    with store.writer() as writer:
        one = writer.deliveries.claim("one", 1_000, LEASE)
        assert one
        assert writer.deliveries.note_sending(one.id, "one", 1_100, LEASE)
    assert claimed(store, "two", 1_100 + LEASE - 1) is None
    assert given_up(store, 1_100 + LEASE - 1) == ()
    # Whoever claims drops none of which nobody was told.
    assert claimed(store, "two", 1_100 + LEASE) is None
    assert claimed(store, "two", 1_100 + LEASE, Wanted(1)) is None
    assert only(store).state == "claimed"
    assert len(given_up(store, 1_100 + LEASE)) == 1
    unknown = only(store)
    assert (unknown.state, unknown.error, unknown.owner) == ("maybe_sent", UNKNOWN, "one")
    with store.writer() as writer:
        assert not writer.deliveries.note_sent(one.id, "one", 2_000)


def test_two_runs_of_one_owner_never_both_send(store: Store) -> None:
    added(store, ANN)
    with store.writer() as writer:
        queue = writer.deliveries
        claims = [queue.claim("me", now, LEASE) for now in (1_000, 1_000 + LEASE)]
        sends = [one and queue.note_sending(one.id, "me", 2_000, LEASE) for one in claims]
    assert sends == [True, False]


def test_a_clock_that_was_ahead_holds_up_neither_a_lease_nor_a_pause(store: Store) -> None:
    ahead = 400 * AHEAD_US
    added(store, ANN, BOB, ANN._replace(recipient="later", due_at=ahead))
    with store.writer() as writer:
        queue = writer.deliveries
        leased, paused = (queue.claim("gone", ahead, LEASE) for _ in range(2))
        assert leased
        assert paused
        queue.note_failed(paused.id, "gone", "no", ahead + 60)
    assert len(given_up(store, 2_000)) == 0
    found = [claimed(store, "me", 2_000) for _ in range(3)]
    assert [one and one.id for one in found] == [leased.id, paused.id, None]


def test_the_longest_pause_is_waited_for_also_by_a_clock_that_is_behind(store: Store) -> None:
    added(store, ANN)
    with store.writer() as writer:
        assert writer.deliveries.claim("me", 10**12, LEASE)
        assert writer.deliveries.note_failed(1, "me", "busy", 10**12 + LONGEST_PAUSE_US)
    for now in (10**12, 10**12 - 3_600_000_000, 10**12 + LONGEST_PAUSE_US - 1):
        assert claimed(store, "me", now) is None
    assert claimed(store, "me", 10**12 + LONGEST_PAUSE_US)


def test_of_schedules_that_have_enough_nothing_is_claimed_and_alerts_can_be_alone(
    store: Store,
) -> None:
    notice = ANN._replace(schedule_id=0, edition="alert-1-warning")
    added(store, ANN, BOB, ANN._replace(schedule_id=8), ANN._replace(schedule_id=9), notice)
    wanted = [
        Wanted(only_alerts=True),
        Wanted(only_alerts=True),
        Wanted(but_of=(7, 9)),
        Wanted(but_of=(7, 9)),
        Wanted(but_of=(7,)),
        ANY,
    ]
    found = [claimed(store, "me", 2_000, one) for one in wanted]
    assert [one and one.schedule_id for one in found] == [0, None, 8, None, 9, 7]


def test_clocks_of_two_servers_that_differ_a_little_take_nothing_from_each_other(
    store: Store,
) -> None:
    added(store, ANN)
    assert claimed(store, "ahead", 1_000 + 3_600_000_000)
    assert claimed(store, "behind", 1_000) is None


def test_what_is_set_aside_makes_room_for_the_same_period(store: Store) -> None:
    rows = [ANN._replace(state="failed"), BOB._replace(state="skipped", due_at=999)]
    added(store, *rows, ANN._replace(recipient="waits"), ANN._replace(schedule_id=8, state="sent"))
    with store.writer() as writer:
        assert writer.deliveries.set_aside(7, 999, "clock-1f") == 1
        assert writer.deliveries.set_aside(7, 999, "clock-20") == 0
        assert writer.deliveries.add([ANN]) == 1
    assert store.editions(7, 1, 2) == {"", "clock-1f"}


@pytest.mark.parametrize(
    ("state", "becomes"),
    [("sent", "maybe_sent"), ("maybe_sent", "maybe_sent"), ("failed", "due"), ("skipped", "due")],
)
def test_of_what_was_set_aside_nothing_is_sent_again_by_itself(
    store: Store, state: DeliveryState, becomes: str
) -> None:
    due = ANN._replace(schedule_id=created(store))
    [entry] = store.schedules()
    added(store, due._replace(state=state))
    with store.writer() as writer:
        writer.deliveries.set_aside(entry.id, 999, "clock-1f")
        others = [due._replace(recipient="b"), due._replace(start_at=0), due._replace(end_at=9)]
        new = writer.deliveries.follow(entry, [due, *others], 1_000)
    assert [one.state for one in new or ()] == [becomes, "due", "due", "due"]
    error = (new or [due])[0].error
    assert error == (None if becomes == "due" else DOUBT)


def test_a_test_is_no_reason_to_doubt(store: Store) -> None:
    due = ANN._replace(schedule_id=created(store))
    [entry] = store.schedules()
    added(store, due._replace(state="sent", edition="test-1f"))
    with store.writer() as writer:
        new = writer.deliveries.follow(entry, [due], 1_000)
    assert [one.state for one in new or ()] == ["due"]


def test_what_is_held_is_there_with_what_tells_it_or_not_at_all(store: Store) -> None:
    digest = ANN._replace(schedule_id=0, edition="digest")
    held = [
        digest._replace(start_at=at, end_at=at, edition=f"alert-{at}-warning", state="skipped")
        for at in (5, 6, 7)
    ]
    with store.writer() as writer:
        assert writer.deliveries.hold(held[:1], digest)
        assert writer.deliveries.hold(held[1:2], digest)
        assert writer.deliveries.claim("other", 1_000, LEASE)
        assert not writer.deliveries.hold(held[2:], digest)
        assert len(store.deliveries()) == 3
        # It was refused for now: what it says is read once more.
        assert writer.deliveries.note_failed(1, "other", "no", 1_060)
        assert writer.deliveries.hold(held[2:], digest)
    assert sorted(one.edition for one in store.deliveries()) == [
        *(one.edition for one in held),
        "digest",
    ]


def test_what_is_put_off_was_no_attempt_and_is_of_who_claimed_it(store: Store) -> None:
    added(store, ANN)
    assert claimed(store, "one", 1_000)
    with store.writer() as writer:
        assert not writer.deliveries.put_off(1, "two", 5_000)
        assert writer.deliveries.put_off(1, "one", 5_000)
        assert not writer.deliveries.put_off(1, "one", 6_000)
    assert (only(store).state, only(store).attempts) == ("due", 0)
    assert claimed(store, "two", 4_999) is None
    again = claimed(store, "two", 5_000)
    assert again
    assert again.attempts == 1


def test_what_is_old_and_settled_is_forgotten(store: Store) -> None:
    added(store, ANN, BOB._replace(state="skipped"), BOB._replace(start_at=0, state="failed"))
    with store.writer() as writer:
        assert writer.deliveries.forget(1_000, keep=0) == 0
        assert writer.deliveries.forget(1_001, keep=1) == 1
        assert writer.deliveries.forget(1_001, keep=0) == 1
    assert only(store).recipient == ANN.recipient


def test_the_newest_periods_of_each_schedule_are_kept_whoever_has_more(store: Store) -> None:
    busy = [
        ANN._replace(recipient=f"{to}@example.org", end_at=at, state="sent")
        for at in range(2, 2 * KEPT)
        for to in range(2)
    ]
    weekly = [BOB._replace(schedule_id=8, end_at=at, state="sent") for at in (2, 3, 4)]
    added(store, *weekly, *busy)
    with store.writer() as writer:
        assert writer.deliveries.forget(10**9) == len(busy) - 2 * KEPT
    assert len(store.made(8)) == len(weekly)
    assert [one.end_at for one in store.made(7)] == [*range(KEPT, 2 * KEPT)]


def test_that_it_is_about_to_be_sent_is_on_the_disk_before_it_is(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(store, ANN)
    said: list[str] = []
    query = Connection.query

    def noted(self: Connection, sql: str, *values: object) -> object:
        said.append(sql.split(maxsplit=1)[0] if "synchronous" not in sql else sql)
        return query(self, sql, *values)  # type: ignore[arg-type]  # as they came

    with store.writer() as writer:
        one = writer.deliveries.claim("me", 1_000, LEASE)
        assert one
        monkeypatch.setattr(Connection, "query", noted)
        writer.deliveries.note_sending(one.id, "me", 1_000, LEASE)
        monkeypatch.undo()
        [level] = writer._connection.query("PRAGMA synchronous").to_pylist()  # noqa: SLF001  what it is left with
    assert said == [
        *("PRAGMA synchronous = FULL", "BEGIN", "UPDATE", "COMMIT"),
        "PRAGMA synchronous = NORMAL",
    ]
    assert level == {"synchronous": 1}


def test_threads_that_claim_at_once_never_get_the_same(store: Store) -> None:
    added(store, *(ANN._replace(recipient=f"{number}") for number in range(60)))
    together = Barrier(4)

    def claim_all(owner: str) -> list[int]:
        together.wait()
        with store.writer() as writer:
            return [
                one.id for one in iter(lambda: writer.deliveries.claim(owner, 1_000, LEASE), None)
            ]

    with ThreadPoolExecutor(4) as pool:
        taken = [one for found in pool.map(claim_all, "abcd") for one in found]
    assert sorted(taken) == list(range(1, 61))


CLAIMER = """
import sys
from pathlib import Path
from storj_monitor.store import Store
with Store.open(Path(sys.argv[1])).writer() as writer:
    print("ready", flush=True)
    sys.stdin.readline()
    while one := writer.deliveries.claim(sys.argv[2], 1_000, 300):
        print(one.id, flush=True)
"""


def test_processes_that_claim_at_once_never_get_the_same(store: Store) -> None:
    added(store, *(ANN._replace(recipient=f"{number}") for number in range(40)))
    claimers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIMER, store.path, owner],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for owner in "ab"
    ]
    for claimer in claimers:
        assert claimer.stdout
        assert claimer.stdout.readline() == "ready\n"
    for claimer in claimers:
        assert claimer.stdin
        claimer.stdin.write("now\n")
        claimer.stdin.flush()
    taken = [int(line) for claimer in claimers for line in claimer.communicate()[0].split()]
    assert sorted(taken) == list(range(1, 41))


def test_a_claim_finds_what_is_open_by_an_index(store: Store) -> None:
    plan = rows_of(
        store.path,
        "EXPLAIN QUERY PLAN SELECT id FROM deliveries WHERE"
        " (state = 'due' AND (next_attempt_at <= 5 OR (next_attempt_at > 9 AND due_at <= 5)))"
        " OR (state = 'claimed' AND lease_until <= 5)",
    )
    assert not [row["detail"] for row in plan if row["detail"] == "SCAN deliveries"]


def test_one_delivery_can_be_claimed_by_its_id_when_it_is_its_time(store: Store) -> None:
    added(store, ANN, BOB)
    with store.writer() as writer:
        assert writer.deliveries.claim("me", 999, LEASE, Wanted(2)) is None
        taken = writer.deliveries.claim("me", 1_000, LEASE, Wanted(2))
        assert taken is not None
        assert (taken.id, taken.recipient) == (2, BOB.recipient)
        assert writer.deliveries.claim("you", 1_001, LEASE, Wanted(2)) is None
    assert [one.state for one in store.edition(7, 1, 2, "")] == ["due", "claimed"]
    assert store.edition(7, 1, 2, "again-1") == ()


def test_the_newest_are_kept_and_what_says_since_when_alerts_are_sent(store: Store) -> None:
    mark = ANN._replace(schedule_id=0, start_at=0, end_at=0, state="skipped", due_at=1)
    alert = mark._replace(start_at=5, edition="alert-1-warning")
    added(store, mark, alert, ANN._replace(state="skipped"))
    with store.writer() as writer:
        assert writer.deliveries.forget(10_000) == 0
        assert writer.deliveries.forget(10_000, keep=0) == 2
    assert only(store).start_at == 0


def test_what_is_claimed_long_after_it_was_due_is_late_unless_a_person_asked_for_it(
    store: Store,
) -> None:
    added(store, ANN, BOB._replace(edition="again-1"), ANN._replace(start_at=0))
    after = ANN.due_at + LATE_US
    found = [
        claimed(store, owner, now)
        for owner, now in zip("abc", (after, after + 1, after + 1), strict=True)
    ]
    assert [one and (one.edition, one.late) for one in found] == [
        ("", False),
        ("again-1", False),
        ("", True),
    ]


def test_what_is_given_up_is_told_once(store: Store) -> None:
    added(store, ANN, BOB)
    with store.writer() as writer:
        one = writer.deliveries.claim("one", 1_000, LEASE)
        assert one
        assert writer.deliveries.note_sending(one.id, "one", 1_100, LEASE)
        assert writer.deliveries.give_up(1_100 + LEASE - 1, LEASE) == ()
        [lost] = writer.deliveries.give_up(1_100 + LEASE, LEASE)
        assert (lost.id, lost.state, lost.error) == (one.id, "maybe_sent", UNKNOWN)
        assert writer.deliveries.give_up(1_100 + LEASE, LEASE) == ()
