from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_monitor.errors import OperatorError
from storj_monitor.settings import SchedulingSettings, load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "storj.toml"


def test_schedules_are_followed_and_the_newest_is_made_up_for_unless_said(config: Path) -> None:
    usual = load(None, {}).scheduling
    assert usual == SchedulingSettings()
    assert (usual.enabled, usual.catch_up, usual.recipient_domains) == (True, "newest", ())
    config.write_text(
        '[scheduling]\ncatch_up = "all"\ncatch_up_most = 3\nsend_seconds = 30\n'
        'recipient_domains = ["example.org", "mail.example.org"]\n',
        encoding="utf-8",
    )
    said = load(config, {}).scheduling
    assert (said.catch_up, said.catch_up_most, said.send_seconds) == ("all", 3, 30.0)
    assert said.recipient_domains == ("example.org", "mail.example.org")


@pytest.mark.parametrize(
    ("value", "enabled"), [("0", False), ("1", True), ("false", False), ("true", True), ("", False)]
)
def test_the_environment_turns_it_off_and_on(config: Path, value: str, enabled: bool) -> None:
    config.write_text("[scheduling]\nenabled = false\n", encoding="utf-8")
    settings = load(config, {"STORJ_MONITOR_SCHEDULING": value})
    assert settings.scheduling.enabled is enabled


def test_what_the_environment_says_is_yes_or_no() -> None:
    with pytest.raises(OperatorError) as refusal:
        load(None, {"STORJ_MONITOR_SCHEDULING": "off"})
    assert refusal.value.reason == (
        "the settings in the environment can't be used: "
        "Expected `bool`, got `str` - at `$.scheduling.enabled`"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('catch_up = "some"', "Invalid enum value 'some' - at `$.scheduling.catch_up`"),
        ("catch_up_most = 0", "Expected `int` >= 1 - at `$.scheduling.catch_up_most`"),
        ("lease_seconds = 5", "Expected `float` >= 30.0 - at `$.scheduling.lease_seconds`"),
        ("attempts = 0", "Expected `int` >= 1 - at `$.scheduling.attempts`"),
        (
            "most_retry_seconds = 100000",
            "Expected `float` <= 86400.0 - at `$.scheduling.most_retry_seconds`",
        ),
        (
            "first_retry_seconds = 30000",
            "first_retry_seconds must not be above most_retry_seconds - at `$.scheduling`",
        ),
        (
            'recipient_domains = ["a@b"]',
            "'a@b' under recipient_domains is no domain such as example.org - at `$.scheduling`",
        ),
        (
            'recipient_domains = [""]',
            "'' under recipient_domains is no domain such as example.org - at `$.scheduling`",
        ),
    ],
)
def test_what_can_not_be_meant_is_refused(config: Path, text: str, said: str) -> None:
    config.write_text(f"[scheduling]\n{text}\n", encoding="utf-8")
    with pytest.raises(OperatorError) as refusal:
        load(config, {})
    assert refusal.value.reason == f"the settings in {config} can't be used: {said}"
