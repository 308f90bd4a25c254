from __future__ import annotations

import os
from typing import TYPE_CHECKING, NoReturn

import pytest
from structlog.testing import capture_logs

from storj_monitor.errors import OperatorError
from storj_monitor.settings import Settings, WebSettings
from storj_monitor.web.token_file import with_token
from tests.store.databases import ordinary_user

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "token"


def settings_with(path: Path) -> Settings:
    web = WebSettings(token_file=path, allowed_hosts=("nas.local",))
    return Settings(web=web)


def token_of(path: Path) -> str:
    told: list[str] = []
    token = with_token(settings_with(path), told.append).web.token
    assert told == []
    return token


def refusal_of(path: Path) -> OperatorError:
    with pytest.raises(OperatorError) as refused:
        with_token(settings_with(path), lambda _: None)
    assert str(path) in refused.value.reason
    return refused.value


def test_settings_without_a_token_file_stay_as_they_are() -> None:
    settings = Settings(web=WebSettings(token="secret"))
    assert with_token(settings, lambda _: None) is settings


@pytest.mark.parametrize("content", ["secret", "secret\n", "  secret \r\n\n"])
def test_the_token_is_what_the_file_holds(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    with capture_logs() as logs:
        assert token_of(path) == "secret"
    assert logs == []


def test_what_else_is_set_stays(path: Path) -> None:
    settings = with_token(settings_with(path), lambda _: None)
    assert settings.web.allowed_hosts == ("nas.local",)
    assert settings.web.token_file is None


def test_without_a_file_a_token_is_made_and_shown_once(path: Path) -> None:
    told: list[str] = []
    token = with_token(settings_with(path), told.append).web.token
    assert len(token) >= 43
    assert told == [f"made the token {token} (it is in {path}, and is not shown again)"]
    assert path.read_text(encoding="utf-8") == f"{token}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert token_of(path) == token


def test_each_file_gets_a_token_of_its_own(tmp_path: Path) -> None:
    made = [with_token(settings_with(tmp_path / name), lambda _: None).web.token for name in "ab"]
    assert made[0] != made[1]


def test_a_file_that_others_may_read_is_used_and_warned_of(path: Path) -> None:
    path.write_text("secret", encoding="utf-8")
    path.chmod(0o644)
    with capture_logs() as logs:
        assert token_of(path) == "secret"
    [event] = logs
    assert (event["event"], event["mode"]) == ("token_file.others_may_read", "644")
    assert "secret" not in str(event)


@pytest.mark.parametrize(
    "content", [b"", b" \n", b"two\nlines", b"bell\x07", b"\xff\xfe", b"x" * 5_000, b"a\tb"]
)
def test_a_file_without_a_token_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)
    refused = refusal_of(path)
    assert refused.reason == f"the token file {path} holds no token: that is one line of text"
    assert "remove it and the next start makes one" in refused.hint
    assert path.read_bytes() == content


def test_a_file_that_can_not_be_made_is_refused(tmp_path: Path) -> None:
    missing = refusal_of(tmp_path / "no" / "folder" / "token")
    assert missing.reason.endswith("can't be used: No such file or directory")
    assert refusal_of(tmp_path).reason.endswith("can't be used: Is a directory")


def test_a_file_that_this_user_may_not_read_is_refused(path: Path, tmp_path: Path) -> None:
    path.write_text("secret", encoding="utf-8")
    path.chmod(0o000)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    with ordinary_user():
        assert refusal_of(path).reason.endswith("can't be used: Permission denied")


def test_a_disk_that_is_full_leaves_no_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("storj_monitor.web.token_file.os.fsync", full)
    assert refusal_of(path).reason.endswith("can't be used: No space left on device")
    assert not path.exists()


def test_another_server_that_was_faster_is_followed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def slower(name: Path, flags: int, mode: int) -> int:
        path.write_text("theirs\n", encoding="utf-8")
        return opened(name, flags, mode)

    monkeypatch.setattr("storj_monitor.web.token_file.os.open", slower)
    assert token_of(path) == "theirs"
