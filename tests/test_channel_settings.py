"""What is set for channels: in the file, by the environment, and in files of secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_monitor.errors import OperatorError
from storj_monitor.settings import load, spelt_out

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "STORJ_MONITOR_CHANNEL_"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "storj.toml"
    path.write_text(
        '[channels.email]\nhost = "mail.example.org"\nport = 587\npassword = "one"\n'
        "[channels.webhook]\nallow_private = true\ntimeout = 2.5\n"
        "[channels.ms_teams]\nquiet = false\n",
        encoding="utf-8",
    )
    return path


def test_numbers_and_flags_of_the_file_are_texts_to_a_channel(config: Path) -> None:
    assert load(config, {}).channels == {
        "email": {"host": "mail.example.org", "port": "587", "password": "one"},
        "webhook": {"allow_private": "on", "timeout": "2.5"},
        "ms_teams": {"quiet": "off"},
    }


def test_the_environment_has_the_last_word_and_an_empty_one_none(config: Path) -> None:
    environment = {
        f"{PREFIX}EMAIL_HOST": "other.example.org",
        f"{PREFIX}EMAIL_PORT": "",
        f"{PREFIX}EMAIL_PASSWORD_FILE": "/run/secrets/mail",
        f"{PREFIX}APPRISE_MAX_MB": "5",
        f"{PREFIX}EMAIL": "nonsense",
    }
    channels = load(config, environment).channels

    assert channels["email"] == {
        "host": "other.example.org",
        "port": "587",
        "password_file": "/run/secrets/mail",
    }
    assert channels["apprise"] == {"max_mb": "5"}


def test_a_channel_with_a_line_in_its_name_is_known_by_its_section(config: Path) -> None:
    environment = {f"{PREFIX}MS_TEAMS_URL": "a", f"{PREFIX}MS_OFFICE_URL": "b"}
    channels = load(config, environment).channels

    assert channels["ms_teams"] == {"quiet": "off", "url": "a"}
    assert channels["ms"] == {"office_url": "b"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("channels = 3", "Expected `object`, got `int` - at `$.channels`"),
        ("[channels]\nemail = 3", "Expected `object`, got `int` - at `$.channels[...]`"),
        ("[channels.email]\nport = [1]", "Expected `str`, got `array`"),
    ],
)
def test_what_is_no_section_of_texts_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "storj.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(OperatorError) as refusal:
        load(path, {f"{PREFIX}EMAIL_HOST": "mail.example.org"})

    assert said in refusal.value.reason


def test_a_secret_may_lie_in_a_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("hunter2\n", encoding="utf-8")

    given = {"host": "mail", "password_file": str(path)}

    assert spelt_out("email", given) == {"host": "mail", "password": "hunter2"}
    assert given["password_file"] == str(path)


def test_a_file_that_holds_nothing_usable_is_named(tmp_path: Path) -> None:
    missing, odd = tmp_path / "missing", tmp_path / "odd"
    reasons = []
    for content in (b"", b"\n", b"\xff\xfe", b"x" * 100_001, None):
        path = missing if content is None else odd
        odd.write_bytes(content or b"")
        with pytest.raises(OperatorError) as refusal:
            spelt_out("email", {"password_file": str(path)})
        reasons.append(refusal.value.reason)

    where = "password_file under [channels.email]"
    nothing = f"{odd}, {where}, holds nothing that could be meant"
    unread = f"{missing}, {where}, can't be read: No such file or directory"
    assert reasons == [nothing] * 4 + [unread]


def test_a_setting_and_its_file_together_are_refused() -> None:
    with pytest.raises(OperatorError) as refusal:
        spelt_out("email", {"password": "a", "password_file": "b"})

    assert refusal.value.reason == (
        "both password and password_file under [channels.email] are given"
    )
