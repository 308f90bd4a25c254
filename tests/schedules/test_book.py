"""Schedules as people ask for them: nothing senseless is kept, and no secret is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.errors import Problem
from storj_monitor.plugin import Channel
from storj_monitor.schedules.book import Book
from storj_monitor.settings import Settings
from storj_monitor.store import Delivery
from tests.schedules.samples import NOW, body, catalogue, send

if TYPE_CHECKING:
    from storj_monitor.registry import Catalogue
    from storj_monitor.store import Store

SECRET = "https://chat.example/hooks/s3cret"
OTHER = "https://chat.example/hooks/0ther"
PUBLIC = "https://open.example/"
SHOWN = "https://chat.example/…"


def shown(recipient: str) -> str:
    if recipient == "broken":
        raise ValueError(recipient)
    return f"https://{recipient.split('/')[2]}/…"


def secretive() -> Catalogue:
    """Return the catalogue with a channel whose recipients are secrets beside the other."""
    hook = Channel(name="hook", title="Hook", settings=(), send=send, shown=shown)
    return replace(catalogue(), channels={**catalogue().channels, "hook": hook})


@pytest.fixture
def book(store: Store) -> Book:
    return Book(store, secretive(), Settings())


def hooked(*recipients: str, **changes: object) -> dict[str, object]:
    return body(channel="hook", recipients=list(recipients), **changes)


def answer(book: Book, name: str = "Mondays") -> dict[str, Any]:
    [told] = book.told([book.named(name)], NOW)
    return told.as_json(book.catalogue)


def test_what_is_added_is_answered_as_it_was_asked_for_and_with_what_comes(book: Book) -> None:
    entry = book.add(body(parameters={"status": "good"}), NOW)
    said = answer(book)
    asked = {name: said[name] for name in ("name", "source", "when", "channel", "recipients")}
    assert asked == body()
    assert said["parameters"] == {"status": ["good"]}
    assert (said["id"], said["enabled"], said["deliveries"], said["problem"]) == (
        entry.id,
        True,
        [],
        None,
    )
    assert len(said["next"]) == 5
    assert said["next"][0] == {
        "at": "2026-11-30T06:00:00.000+00:00",
        "span": {"start": "2026-11-23T00:00:00.000+00:00", "end": "2026-11-30T00:00:00.000+00:00"},
    }


def test_an_answer_that_is_sent_back_changes_nothing(book: Book) -> None:
    entry = book.add(hooked(SECRET, PUBLIC, parameters={"status": ["good"]}), NOW)
    again = book.replace(entry.id, answer(book), NOW)
    assert again._replace(changed_at=entry.changed_at) == entry


def test_a_name_is_taken_once(book: Book) -> None:
    book.add(body(), NOW)
    tuesdays = book.add(body(name="Tuesdays"), NOW)
    with pytest.raises(Problem, match="another schedule is named 'Mondays'"):
        book.replace(tuesdays.id, body(), NOW)
    with pytest.raises(Problem, match="another schedule is named 'Mondays'") as caught:
        book.add(body(), NOW)
    assert caught.value.code == "bad_schedule"


def test_a_schedule_is_found_by_its_name_first_and_then_by_its_id(book: Book) -> None:
    first = book.add(body(), NOW)
    second = book.add(body(name=str(first.id)), NOW)
    assert book.named("Mondays") == first
    assert book.named(str(first.id)) == second
    assert book.named(str(second.id)) == second


@pytest.mark.parametrize("text", ["mondays", "99", "9" * 40, "²", ""])
def test_a_schedule_that_is_not_there_is_a_problem_with_what_was_meant(
    book: Book, text: str
) -> None:
    book.add(body(), NOW)
    with pytest.raises(Problem, match="there is no schedule") as caught:
        book.named(text)
    assert caught.value.code == "not_found"
    assert ("Did you mean 'Mondays'?" in caught.value.hint) is (text == "mondays")


def test_what_is_not_changed_stays_even_where_it_is_a_secret(book: Book) -> None:
    entry = book.add(hooked(SECRET, skip_empty=True), NOW)
    changed = book.change(entry.id, {"when": "daily 07:00", "period": "yesterday"}, NOW)
    assert changed.recipients == (SECRET,)
    assert (changed.rule, changed.skip_empty, changed.name) == ("daily 07:00", True, "Mondays")


def test_a_source_becomes_a_report(book: Book) -> None:
    entry = book.add(body(), NOW)
    changed = book.change(entry.id, {"report": "tally", "format": "pdf"}, NOW)
    assert (changed.kind, changed.subject, changed.format) == ("report", "tally", "pdf")


def test_what_makes_no_sense_is_not_kept(book: Book) -> None:
    entry = book.add(body(), NOW)
    with pytest.raises(Problem, match="unknown source"):
        book.change(entry.id, {"source": "nothing"}, NOW)
    assert book.entry(entry.id) == entry


def test_nothing_of_a_secret_recipient_is_told(book: Book) -> None:
    entry = book.add(hooked(SECRET, OTHER, PUBLIC), NOW)
    made = Delivery(entry.id, 1, 2, SECRET, "", due_at=3, name="Mondays", channel="hook")
    gone = made._replace(recipient=OTHER, channel="gone")
    with book._store.writer() as writer:  # noqa: SLF001  the test's own database
        writer.deliveries.add([made, gone])
    said = answer(book)
    assert said["recipients"] == [SHOWN, SHOWN, "https://open.example/…"]
    assert sorted(one["recipient"] for one in said["deliveries"]) == [SHOWN, "…"]
    assert "s3cret" not in str(said)
    assert "0ther" not in str(said)


def test_a_channel_that_fails_to_say_what_may_be_seen_shows_nothing(book: Book) -> None:
    book.add(hooked("broken"), NOW)
    assert answer(book)["recipients"] == ["…"]


def test_a_recipient_that_comes_back_as_it_was_shown_stays_who_it_was(book: Book) -> None:
    entry = book.add(hooked(SECRET), NOW)
    new = book.replace(entry.id, hooked(PUBLIC, SHOWN), NOW)
    assert new.recipients == (PUBLIC, SECRET)
    assert book.replace(entry.id, hooked(OTHER), NOW).recipients == (OTHER,)


def test_of_recipients_that_look_alike_all_come_back_or_it_is_said_which(book: Book) -> None:
    entry = book.add(hooked(SECRET, OTHER), NOW)
    assert book.replace(entry.id, hooked(SHOWN, SHOWN), NOW).recipients == (SECRET, OTHER)
    with pytest.raises(Problem, match="2 recipients are shown as") as caught:
        book.replace(entry.id, hooked(SHOWN), NOW)
    assert caught.value.hint == "Write out in full who is to stay."
    assert book.replace(entry.id, hooked(OTHER), NOW).recipients == (OTHER,)


def test_by_another_channel_what_was_shown_is_nobody(book: Book) -> None:
    entry = book.add(hooked(SECRET), NOW)
    assert book.replace(entry.id, body(recipients=[SHOWN]), NOW).recipients == (SHOWN,)


def test_a_schedule_that_cannot_be_made_any_more_is_told_with_the_reason(store: Store) -> None:
    entry = Book(store, secretive(), Settings()).add(hooked(PUBLIC), NOW)
    [told] = Book(store, replace(secretive(), channels={}), Settings()).told([entry], NOW)
    assert told.problem
    assert told.problem.detail == "unknown channel 'hook'"
    [told] = Book(store, replace(secretive(), sources={}), Settings()).told([entry], NOW)
    said = told.as_json(secretive())
    assert said["problem"].startswith("unknown source 'things'. ")
    [told] = Book(store, secretive(), Settings()).told([entry._replace(timezone="Mars/Base")], NOW)
    assert told.next == ()
    assert told.problem


def test_a_schedule_is_turned_off_and_removed(book: Book) -> None:
    entry = book.add(body(), NOW)
    assert book.enable(entry.id, NOW, enabled=False).enabled is False
    assert answer(book)["next"] == []
    book.remove(entry.id)
    for gone in (
        lambda: book.remove(entry.id),
        lambda: book.entry(entry.id),
        lambda: book.enable(entry.id, NOW, enabled=True),
        lambda: book.replace(entry.id, body(), NOW),
        lambda: book.deliveries(10, entry.id),
        lambda: book.delivery(7),
    ):
        with pytest.raises(Problem) as caught:
            gone()
        assert caught.value.code == "not_found"


def test_what_a_removed_schedule_delivered_stays_known(book: Book) -> None:
    entry = book.add(body(), NOW)
    made = Delivery(entry.id, 1, 2, "ann@example.org", "", due_at=3, name="M", channel="post")
    with book._store.writer() as writer:  # noqa: SLF001  the test's own database
        writer.deliveries.add([made])
    book.remove(entry.id)
    [found] = book.deliveries(10, entry.id)
    assert book.delivery(found.id).state == "skipped"
