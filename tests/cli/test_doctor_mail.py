"""What `storj-monitor doctor` says of the mail: each thing that keeps it from being sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Done, Run

SCHEDULE = ("--source", "events", "--when", "weekly mon 06:00")
EMAIL = '[channels.email]\nhost = "mail.example.org"\nsender = "storj@example.org"\n'
HOOK = "https://chat.example/hooks/k3y-that-nobody-sees"


def send_alerts(channel: str, recipient: str = "ann@example.org") -> str:
    return f'[alerts.send]\nchannel = "{channel}"\nrecipients = ["{recipient}"]\n'


@pytest.fixture
def look(run: Run, attic: Path) -> Look:
    return Look(run, attic)


class Look:
    """A doctor who is called with settings."""

    def __init__(self, run: Run, folder: Path) -> None:
        self._run = run
        self._config = folder / "a.toml"

    def __call__(self, settings: str, code: int = 0) -> list[str]:
        """Return what is said of the mail, hints too."""
        self._config.write_text(settings)
        done = self._run("doctor", "--config", "a.toml")
        assert done.code == code
        lines = done.out.splitlines()
        first = next(number for number, line in enumerate(lines) if " mail: " in line)
        return [" ".join(line.split()) for line in lines[first:]]

    def add(self, settings: str, *words: str) -> Done:
        """Add a schedule, as such settings allow it."""
        self._config.write_text(settings)
        done = self._run("schedule", "add", *words, *SCHEDULE, "--config", "a.toml")
        assert done.code == 0, done.err
        return done


def test_that_nothing_is_set_up_is_said(look: Look) -> None:
    [said, hint] = look("")
    assert said == "note mail: no channel is set up, so that nothing is sent"
    assert hint.startswith("Set one up under [channels.NAME] in the settings. Installed: ")


def test_what_is_set_up_is_well(look: Look) -> None:
    assert look(EMAIL) == ["ok mail: email is set up"]
    assert look(EMAIL + send_alerts("email")) == ["ok mail: email is set up"]


def test_a_channel_that_lacks_a_setting_is_a_problem(look: Look) -> None:
    [said, hint] = look('[channels.email]\nhost = "mail.example.org"\n', code=1)
    assert said == "problem mail: [channels.email] in the settings lacks sender"
    assert hint == "Set it there, or by STORJ_MONITOR_CHANNEL_EMAIL_SENDER."


def test_alerts_by_a_channel_that_there_is_not_are_a_problem(look: Look) -> None:
    [well, said, hint] = look(EMAIL + send_alerts("emial"), code=1)
    assert well == "ok mail: email is set up"
    assert said == "problem mail: unknown channel 'emial' (for [alerts.send])"
    assert hint.startswith("Did you mean 'email'? ")


def test_a_schedule_whose_channel_is_not_set_up_is_a_problem_as_long_as_it_is_on(
    look: Look, run: Run
) -> None:
    look.add(EMAIL, "Mondays", "--channel", "email", "--recipient", "ann@example.org")
    assert look("", code=1)[0] == (
        "problem mail: [channels.email] in the settings lacks host, sender (for schedule Mondays)"
    )
    run("schedule", "disable", "Mondays")
    assert look("")[0] == "note mail: no channel is set up, so that nothing is sent"


def test_who_may_not_be_sent_to_is_a_problem_of_whoever_sends_to_them(look: Look) -> None:
    look.add(EMAIL, "Mondays", "--channel", "email", "--recipient", "ann@example.net")
    domains = '[scheduling]\nrecipient_domains = ["example.org"]\n'
    [said, hint] = look(EMAIL + domains + send_alerts("email"), code=1)
    assert said == (
        "problem mail: nothing may be sent to ann@example.net: its domain isn't allowed "
        "(for schedule Mondays)"
    )
    assert hint == "recipient_domains under [scheduling] allows example.org."


def test_a_recipient_that_is_none_is_a_problem_and_no_secret_is_said(look: Look) -> None:
    slack = HOOK.replace("chat.example", "hooks.slack.com")
    said = look(send_alerts("webhook", slack), code=1)
    assert "problem mail: https://hooks.slack.com/… takes no files" in said[0]
    assert "k3y" not in str(said)


def test_that_scheduling_is_turned_off_is_said_where_something_would_be_sent(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORJ_MONITOR_SCHEDULING", "0")
    assert look(EMAIL) == ["ok mail: email is set up"]
    assert look(EMAIL + send_alerts("email"))[1:] == [
        "note mail: scheduling is turned off: no server sends anything by itself, alerts neither",
        "STORJ_MONITOR_SCHEDULING=1 turns it on.",
    ]
