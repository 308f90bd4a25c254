"""Other services by Apprise: what they get, and what becomes of a failure that isn't explained."""

from __future__ import annotations

import base64
import builtins
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from storj_export_plugins.channels.apprise import limit, send, shown
from storj_monitor.plugin import UncertainDelivery
from tests.channels.parcels import CSV, attachment, parcel, refused
from tests.channels.receivers import KEY, Receiver, rude_receiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Apprise still imports it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")


def recipient(url: str) -> str:
    return url.replace("http://", "json://attic:hunter2@")


async def test_a_service_gets_the_subject_the_text_with_the_links_and_the_file(
    tmp_path: Path,
) -> None:
    receiver = Receiver()
    async with receiver.served() as url:
        link = "https://nas.lan/1"
        sent = parcel(recipient(url), attachment(tmp_path), links=(link,), subject="a\r\nb")
        await send(sent, {})

    message = json.loads(receiver.bodies[0])
    assert message["title"] == "a b"
    assert message["message"] == "Egress: 1.5 TB\n\nhttps://nas.lan/1"
    (file,) = message["attachments"]
    assert (file["filename"], base64.b64decode(file["base64"])) == ("week.csv", CSV)


@pytest.mark.parametrize(
    ("status", "retryable"), [(400, False), (404, False), (429, True), (500, True), (503, True)]
)
async def test_a_refusal_is_for_good_or_for_now_by_its_status(status: int, retryable: bool) -> None:
    async with Receiver(status).served() as url:
        error = await refused(send(parcel(recipient(url)), {}))

    assert error.reason == f"json://… refused it: status {status}"
    assert error.retryable is retryable


async def test_where_nobody_listens_it_is_tried_again() -> None:
    async with Receiver().served() as url:
        gone = recipient(url)
    error = await refused(send(parcel(gone), {}))

    assert error.reason == "json://… can't be reached"
    assert error.retryable is True


async def test_a_failure_that_is_not_explained_is_not_tried_again() -> None:
    async with rude_receiver(None) as url:
        error = await refused(send(parcel(recipient(url)), {}))

    assert isinstance(error, UncertainDelivery)


class _Log(logging.Handler):
    """What a program would write into its log, whatever the level."""

    def __init__(self) -> None:
        super().__init__()
        self.said = ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != "aiohttp.access":  # the receiver's own
            self.said += record.getMessage()


@pytest.fixture
def log() -> Iterator[_Log]:
    root, handler = logging.getLogger(), _Log()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


async def test_the_url_is_never_said_nor_logged(log: _Log) -> None:
    receiver = Receiver()
    async with receiver.served() as url:
        await send(parcel(recipient(url)), {})
        receiver.status = 404
        errors = [await refused(send(parcel(recipient(url)), {}))]
    errors += [await refused(send(parcel(recipient(url)), {}))]
    errors += [await refused(send(parcel(f"nonsense://{KEY}:hunter2"), {}))]
    said = log.said + "".join(repr(error) for error in errors)

    assert KEY not in said
    assert "hunter2" not in said


async def test_a_service_that_takes_no_files_gets_none_and_says_so(tmp_path: Path) -> None:
    prowl = "prowl://" + "a" * 40

    error = await refused(send(parcel(prowl, attachment(tmp_path)), {}))

    assert limit(prowl, {}) == 0
    assert error.reason == "prowl://… takes no files, or not of this size"
    assert error.retryable is False


async def test_the_services_that_may_be_used_are_a_setting() -> None:
    receiver = Receiver()
    async with receiver.served() as url:
        await send(parcel(recipient(url)), {"services": "tgram, JSON"})
        error = await refused(send(parcel(recipient(url)), {"services": "tgram"}))

    assert error.reason == "json is not among the services under [channels.apprise]"
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("given", ["", "nonsense", "ann@example.org", "nonsense://x", "json://"])
async def test_what_is_no_url_of_apprise_is_refused_for_good(given: str) -> None:
    error = await refused(send(parcel(given), {}))

    assert error.reason == f"the recipient ({shown(given)}) is no URL that Apprise knows"
    assert error.retryable is False


async def test_where_it_is_not_installed_sending_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def without_apprise(name: str, *more: Any) -> Any:
        if name == "apprise":
            raise ModuleNotFoundError(name=name)
        return imported(name, *more)

    imported = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", without_apprise)
    error = await refused(send(parcel("tgram://bot/chat"), {}))

    assert error.reason == "Apprise isn't installed: pip install 'storj-monitor[apprise]'"
    assert error.retryable is False
