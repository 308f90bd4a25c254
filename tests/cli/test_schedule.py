"""`storj-monitor schedule`: what the help says is what it does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor import clock
from storj_monitor.store import Delivery

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from storj_monitor.store import DeliveryState
    from tests.cli.conftest import Done, Run

    Schedule = Callable[..., Done]

#: A channel that writes down what it sends; recipients say what becomes of it.
BOX = """
from pathlib import Path

from storj_monitor.plugin import Channel, DeliveryError, UncertainDelivery, hookimpl


async def send(parcel, settings):
    if parcel.recipient == "refusing":
        raise DeliveryError("nobody is in", retryable=False)
    with Path("box.txt").open("a", encoding="utf-8") as file:
        file.write(f"{parcel.recipient}: {parcel.subject}\\n")
    if parcel.recipient == "unsure":
        raise UncertainDelivery("it broke off")


def shown(recipient):
    return "x" * 3 if recipient.startswith("secret") else recipient


@hookimpl
def storj_channels():
    return [Channel(name="box", title="Box", settings=(), send=send, shown=shown)]
"""
#: A Wednesday at ten, as the node's log has it.
NOW = 1772618400
MONDAYS = (
    *("add", "Mondays", "--source", "events", "--when", "weekly mon 06:00"),
    *("--timezone", "Europe/Berlin", "--channel", "box", "--recipient", "ann"),
)


@pytest.fixture
def schedule(run: Run, attic: Path, monkeypatch: pytest.MonkeyPatch) -> Schedule:
    """Run `storj-monitor schedule` with arguments, and a channel that is a box."""
    (attic / "plugins").mkdir()
    (attic / "plugins" / "box.py").write_text(BOX, encoding="utf-8")
    monkeypatch.setattr(clock, "real_now", lambda: datetime.fromtimestamp(NOW, UTC))
    return lambda name, *words: run("schedule", name, *words, "--plugins-dir", "plugins")


@pytest.fixture
def mondays(schedule: Schedule) -> Schedule:
    """Give the same with a schedule in it."""
    assert schedule(*MONDAYS).code == 0
    return schedule


def told(schedule: Schedule, name: str = "Mondays") -> dict[str, Any]:
    done = schedule("show", name, "--json")
    assert done.code == 0
    document: dict[str, Any] = json.loads(done.out)
    return document


def in_the_box(attic: Path) -> list[str]:
    """Return to whom something was sent, in that order."""
    box = attic / "box.txt"
    lines = box.read_text(encoding="utf-8").splitlines() if box.exists() else []
    return [line.partition(":")[0] for line in lines]


def test_a_schedule_is_added_and_its_next_runs_are_shown_with_their_periods(
    schedule: Schedule,
) -> None:
    done = schedule(*MONDAYS)
    assert done == (0, done.out, "")
    assert done.out.splitlines()[:4] == [
        "added 'Mondays' (id 1)",
        "Its next runs:",
        "AT                    ZONE           SCHEDULE  ABOUT",
        "Mon 2026-03-09 06:00  Europe/Berlin  Mondays   2026-03-02 to 2026-03-08",
    ]
    assert len(done.out.splitlines()) == 8


def test_every_option_becomes_a_part_of_the_schedule(schedule: Schedule) -> None:
    options = (
        *("--source", "events", "-f", "csv", "--when", "daily 07:00", "--timezone", "Asia/Kolkata"),
        *("--period", "last-month", "--channel", "box", "--to", "ann", "--recipient", "bob"),
        *("--node", "attic", "--skip-empty", "--columns", "timestamp,remote_ip", "--personal"),
        *("--filter", "status=success", "--filter", "status=failed", "--preset", "excel-eu"),
        *("--option", "delimiter=tab", "--disabled"),
    )
    assert schedule("add", "All", *options).code == 0
    kept = told(schedule, "All")
    assert kept | {"next": [], "deliveries": []} == {
        "id": 1,
        "name": "All",
        "source": "events",
        "format": "csv",
        "nodes": ["attic"],
        "when": "daily 07:00",
        "timezone": "Asia/Kolkata",
        "period": "last-month",
        "channel": "box",
        "recipients": ["ann", "bob"],
        "skip_empty": True,
        "enabled": False,
        "parameters": {
            "columns": ["timestamp,remote_ip"],
            "preset": ["excel-eu"],
            "personal": ["1"],
            "option.delimiter": ["tab"],
            "status": ["success", "failed"],
        },
        "next": [],
        "deliveries": [],
        "problem": None,
    }
    custom = ("--report", "custom_range", "--metric", "traffic", "--metric", "storage")
    assert schedule("add", "Own", *custom, *MONDAYS[4:]).code == 0
    assert told(schedule, "Own")["parameters"] == {"metrics": ["traffic", "storage"]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--when", "weekly"), "has no time of day in ''. Write"),
        (("--source", "event"), "unknown source 'event'. Did you mean 'events'?"),
        (("--report", "daily_summary"), "it has both a report and a source"),
        (("--channel", "bx"), "unknown channel 'bx'. Did you mean 'box'?"),
        (("--timezone", "Europe/Berln"), "Did you mean 'Europe/Berlin'?"),
        (("--period", "this-week"), "isn't over when the report is sent. Give 'last-week'."),
        (("--node", "cellar"), "unknown node 'cellar'"),
        (("--filter", "status"), "--filter 'status' has no value"),
        (("--colour", "red"), "No such option '--colour'"),
    ],
)
def test_what_makes_no_sense_is_one_line_that_says_what_would(
    schedule: Schedule, words: tuple[str, ...], said: str
) -> None:
    done = schedule(*MONDAYS, *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1
    assert schedule("list").err.startswith("there are no schedules")


def test_the_list_is_a_table_and_says_what_is_wrong_with_one(
    mondays: Schedule, run: Run, attic: Path
) -> None:
    mondays("run", "Mondays")
    done = mondays("list")
    head, row = done.out.splitlines()
    assert head.split() == ["ID", "NAME", "WHAT", "WHEN", "NEXT", "LAST"]
    assert " ".join(row.split()) == (
        "1 Mondays events as csv Every Monday at 06:00, Europe/Berlin Mon 2026-03-09 06:00 1 sent"
    )
    assert row.index("Every") == head.index("WHEN")
    (attic / "plugins" / "box.py").unlink()
    gone = run("schedule", "list")
    assert gone.code == 0
    assert gone.err.startswith(
        "warning: 'Mondays' can't be sent as it is: unknown channel 'box'. Installed: "
    )


def test_a_schedule_is_shown_with_all_that_was_decided(mondays: Schedule) -> None:
    mondays("edit", "Mondays", "--to", "secret-ann", "--filter", "status=success")
    mondays("test", "Mondays")
    text = mondays("show", "1").out
    for line in ("when        weekly mon 06:00", "recipients  xxx", "skip_empty  no"):
        assert f"{line}\n" in text
    assert "parameters  status=success\n" in text
    assert "Mon 2026-03-09 06:00" in text
    assert "a test" in text
    assert "secret" not in text


def test_the_next_runs_of_all_are_in_the_order_of_time(mondays: Schedule) -> None:
    mondays("add", "Days", *MONDAYS[2:4], "--when", "daily 06:00", *MONDAYS[6:])
    lines = mondays("next").out.splitlines()
    assert [line.split()[4] for line in lines[1:7]] == ["Days"] * 4 + ["Days", "Mondays"]
    assert len(mondays("next", "Days").out.splitlines()) == 6
    document = json.loads(mondays("next", "Mondays", "--json").out)
    assert document["schedules"][0]["next"] == told(mondays)["next"]
    mondays("disable", "Days")
    assert mondays("next", "Days").err.startswith("nothing comes next")


def test_a_schedule_is_changed_where_it_is_said_and_nowhere_else(mondays: Schedule) -> None:
    mondays("edit", "Mondays", "--filter", "status=success", "--node", "attic", "--to", "secret-1")
    before = told(mondays)
    assert mondays("edit", "Mondays", "--when", "weekly tue 06:00").code == 0
    after = told(mondays)
    assert after | {"next": []} == before | {"when": "weekly tue 06:00", "next": []}
    changes = ("--drop", "status", "--all-nodes", "--name", "Tuesdays", "--skip-empty")
    assert mondays("edit", "Mondays", *changes).code == 0
    last = told(mondays, "Tuesdays")
    assert (last["parameters"], last["nodes"], last["skip_empty"]) == ({}, [], True)
    assert mondays("test", "Tuesdays").code == 0


def test_a_schedule_is_turned_off_and_on_and_removed(mondays: Schedule) -> None:
    assert mondays("disable", "Mondays").out == "turned off 'Mondays' (id 1)\n"
    assert told(mondays)["next"] == []
    assert mondays("enable", "1").out.startswith("turned on 'Mondays' (id 1)\n")
    assert len(told(mondays)["next"]) == 5
    assert mondays("remove", "Mondays").out == "removed 'Mondays'\n"
    gone = mondays("show", "Mondays")
    assert (gone.code, gone.out) == (2, "")
    assert "there is no schedule 'Mondays'" in gone.err


def test_what_is_due_is_sent_once_however_often_cron_calls(
    mondays: Schedule, attic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = mondays("run-due")
    assert (done.code, done.out) == (0, "")
    assert json.loads(mondays("run-due", "--json").out) == {"deliveries": []}
    later = datetime.fromtimestamp(NOW, UTC) + timedelta(days=5)
    monkeypatch.setattr(clock, "real_now", lambda: later)
    sent = mondays("run-due")
    assert sent.code == 0
    assert "Mondays" in sent.out
    assert "2026-03-02 to 2026-03-08" in sent.out
    assert mondays("run-due").out == ""
    assert in_the_box(attic) == ["ann"]


def test_what_is_run_by_hand_is_sent_again_only_where_that_is_said(
    mondays: Schedule, attic: Path
) -> None:
    assert mondays("run", "Mondays").code == 0
    refused = mondays("run", "Mondays")
    assert (refused.code, refused.out) == (2, "")
    assert "has dealt with 2026-W09 already" in refused.err
    again = mondays("run", "Mondays", "--again")
    assert "sent again" in again.out
    assert in_the_box(attic) == ["ann", "ann"]


def test_a_test_may_go_to_somebody_else(mondays: Schedule, attic: Path) -> None:
    assert mondays("test", "Mondays", "--recipient", "me").code == 0
    assert mondays("run", "Mondays").code == 0
    assert in_the_box(attic) == ["me", "ann"]


def test_a_test_goes_to_a_recipient_as_it_is_shown(mondays: Schedule, attic: Path) -> None:
    assert mondays("edit", "Mondays", "--to", "secret-ann").code == 0
    assert mondays("test", "Mondays", "--to", "xxx").code == 0
    assert in_the_box(attic) == ["secret-ann"]


@pytest.mark.parametrize("state", ["claimed", "skipped", "due", "failed", "maybe_sent", "sent"])
def test_the_exit_code_of_a_test_says_whether_all_of_it_was_sent(
    mondays: Schedule, monkeypatch: pytest.MonkeyPatch, state: DeliveryState
) -> None:
    async def sent(*_: object) -> list[Delivery]:
        return [Delivery(1, 1, 2, "ann", "test-1", 1, "Mondays", "box", state=state)]

    monkeypatch.setattr("storj_monitor.schedules.runs.send_test", sent)
    assert mondays("test", "Mondays").code == (0 if state == "sent" else 1)


def test_what_failed_or_may_have_been_sent_is_shown_and_sent_again_by_hand(
    mondays: Schedule, attic: Path
) -> None:
    changes = ("--to", "ann", "--to", "refusing", "--to", "unsure")
    assert mondays("edit", "Mondays", *changes).code == 0
    assert mondays("run", "Mondays").code == 1
    table = mondays("deliveries").out
    document = json.loads(mondays("deliveries", "Mondays", "--json").out)
    found = {one["recipient"]: one for one in document["deliveries"]}
    assert mondays("list").out.rstrip().endswith("1 sent, 1 failed, 1 maybe_sent")
    states = {recipient: one["state"] for recipient, one in found.items()}
    assert states == {"ann": "sent", "refusing": "failed", "unsure": "maybe_sent"}
    for said in ("\n    nobody is in\n", "\n    it broke off\n", "maybe_sent"):
        assert said in f"{table}\n"
    again = mondays("again", str(found["unsure"]["id"]))
    assert again.code == 1
    assert "maybe_sent  sent again" in again.out
    assert sorted(in_the_box(attic)) == ["ann", "unsure", "unsure"]
    missing = mondays("again", "99")
    assert missing.code == 2
    assert "there is no delivery 99" in missing.err


def test_that_nothing_was_sent_is_said(mondays: Schedule) -> None:
    assert mondays("deliveries").err == "nothing was sent yet\n"
    assert len(mondays("deliveries", "--limit", "1", "--json").out.splitlines()) == 3


@pytest.mark.parametrize(
    "command",
    [
        *("add", "list", "show", "next", "edit", "enable", "disable", "remove"),
        *("test", "run", "run-due", "deliveries", "again"),
    ],
)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    done = run("schedule", command, "--help")
    assert done.code == 0
    assert "--database" in done.out
    assert command in run("schedule", "--help").out
