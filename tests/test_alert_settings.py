"""To whom alerts are sent, as the settings say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_monitor.errors import OperatorError
from storj_monitor.settings import SendSettings, load

if TYPE_CHECKING:
    from pathlib import Path

SEND = 'channel = "email"\nrecipients = ["a@b"]\n'


def loaded(folder: Path, section: str, text: str) -> object:
    file = folder / "settings.toml"
    file.write_text(f"[{section}]\n{text}\n")
    return load(file, {})


def test_alerts_are_sent_to_nobody_if_nothing_is_said() -> None:
    assert load(None, {}).alerts.send == SendSettings()
    assert load(None, {}).alerts.send.channel == ""


def test_quiet_hours_and_a_digest_may_be_set(tmp_path: Path) -> None:
    text = f'{SEND}quiet = "22:00-07:00"\ndigest = "daily 08:00"\ntimezone = "Europe/Berlin"'
    loaded(tmp_path, "alerts.send", text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('channel = "email"', "a channel is given and no recipients: who is to be told?"),
        (f'{SEND}quiet = "22-7"', "quiet = '22-7' are no hours such as 22:00-07:00"),
        (f'{SEND}quiet = "22:00-22:00"', "quiet = '22:00-22:00' are no hours"),
        (f'{SEND}quiet = "22:00-24:00"', "quiet = '22:00-24:00' are no hours"),
        (f'{SEND}digest = "weekly mon 08:00"', "digest = 'weekly mon 08:00' is not like daily"),
        (f'{SEND}timezone = "Berlin"', "there is no time zone 'Berlin'"),
        (f"{SEND}most_per_hour = 0", "Expected `int` >= 1"),
    ],
)
def test_what_can_not_be_meant_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(OperatorError) as refused:
        loaded(tmp_path, "alerts.send", text)
    assert reason in refused.value.reason


@pytest.mark.parametrize("url", ["https://storj.example.org", "http://nas.lan:8765/storj/"])
def test_the_public_url_is_one(tmp_path: Path, url: str) -> None:
    loaded(tmp_path, "web", f'public_url = "{url}"')


@pytest.mark.parametrize(
    "url", ["storj.example.org", "ftp://x", "https://x/?a=b", "https://u@x", "https://x/ y"]
)
def test_a_public_url_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(OperatorError, match="is no URL such as"):
        loaded(tmp_path, "web", f'public_url = "{url}"')
