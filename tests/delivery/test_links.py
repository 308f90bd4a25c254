"""Links are signed, each for its file and its time, with a key that two servers share."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

from storj_monitor.delivery import links
from storj_monitor.delivery.links import Signer
from storj_monitor.errors import OperatorError

if TYPE_CHECKING:
    from pathlib import Path

UNTIL = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)
FILE = "0123456789abcdef" * 2


def test_a_link_is_known_by_whoever_shares_the_database_and_changes_are_seen(
    tmp_path: Path,
) -> None:
    database = tmp_path / "a.db"
    link = Signer(database).link("https://x.example/m/", FILE, UNTIL)
    where = urlsplit(link)
    query = dict(parse_qsl(where.query))
    assert link.startswith(f"https://x.example/m/api/files/{FILE}?expires=1796018400&signature=")
    other = Signer(database)
    assert other.is_signed(FILE, query["expires"], query["signature"])
    assert not other.is_signed(FILE, "1796018401", query["signature"])
    assert not other.is_signed(FILE[::-1], query["expires"], query["signature"])
    assert not other.is_signed(FILE, query["expires"], query["signature"] + "0")
    assert not other.is_signed(FILE, query["expires"], "\N{SNOWMAN}\udcff")
    assert not Signer(tmp_path / "b.db").is_signed(FILE, query["expires"], query["signature"])


def test_the_key_is_its_owners_alone_and_made_once(tmp_path: Path) -> None:
    signers = [Signer(tmp_path / "a.db") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda signer: signer.parcel_key(1, "x"), signers))
    assert len(keys) == 1
    [key] = tmp_path.iterdir()
    assert key.name == "a.db.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_parcels_key_is_that_of_its_parts(tmp_path: Path) -> None:
    signer = Signer(tmp_path / "a.db")
    parts = [(1, 23), (12, 3), (1, 2, 3), ("1", "23", "")]
    assert len({signer.parcel_key(*one) for one in parts}) == len(parts)
    assert signer.parcel_key(1, 23) == Signer(tmp_path / "a.db").parcel_key("1", "23")


def test_a_key_that_is_none_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "sleep", lambda _: None)
    (tmp_path / "a.db.key").write_bytes(b"short")
    with pytest.raises(OperatorError, match=r"a\.db\.key has 5 bytes, not 32"):
        Signer(tmp_path / "a.db").parcel_key(1)
    with pytest.raises(OperatorError, match="can't be read or made: No such file"):
        Signer(tmp_path / "none" / "a.db").parcel_key(1)


@pytest.fixture(params=[errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def _without_links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be on a file system that has no second names for a file."""

    def link(*_: object) -> None:
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(os, "link", link)


@pytest.mark.usefixtures("_without_links")
def test_where_a_file_has_one_name_only_the_key_is_made_once_all_the_same(tmp_path: Path) -> None:
    signers = [Signer(tmp_path / "a.db") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda signer: signer.parcel_key(1, "x"), signers))
    assert len(keys) == 1
    [key] = tmp_path.iterdir()
    assert len(key.read_bytes()) == 32
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.usefixtures("_without_links")
def test_a_key_that_another_is_writing_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, rest = tmp_path / "a.db.key", [b"k" * 10, b"k" * 22]
    path.touch()

    def write_on(_: float) -> None:
        with path.open("ab") as file:
            file.write(rest.pop(0))

    monkeypatch.setattr(links, "sleep", write_on)
    waited = Signer(tmp_path / "a.db").parcel_key(1)
    assert path.read_bytes() == b"k" * 32
    assert waited == Signer(tmp_path / "a.db").parcel_key(1)


@pytest.mark.usefixtures("_without_links")
def test_another_that_began_to_make_the_key_first_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.db.key"
    made = secrets.token_bytes

    def made_by_both(size: int) -> bytes:
        path.touch()
        return made(size)

    monkeypatch.setattr(secrets, "token_bytes", made_by_both)
    monkeypatch.setattr(links, "sleep", lambda _: path.write_bytes(b"k" * 32))
    first = Signer(tmp_path / "a.db").parcel_key(1)
    assert path.read_bytes() == b"k" * 32
    assert first == Signer(tmp_path / "a.db").parcel_key(1)


@pytest.mark.usefixtures("_without_links")
def test_a_key_that_did_not_become_whole_is_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[IO[bytes]] = []
    write = links._write  # noqa: SLF001  a disk that is full for the second file alone

    def full_the_second_time(file: IO[bytes], key: bytes) -> None:
        written.append(file)
        write(file, key if len(written) == 1 else key[:7])
        if len(written) > 1:
            raise OSError(errno.ENOSPC, "No space left")

    monkeypatch.setattr(links, "_write", full_the_second_time)
    with pytest.raises(OperatorError, match="can't be read or made: No space left"):
        Signer(tmp_path / "a.db").parcel_key(1)
    assert list(tmp_path.iterdir()) == []
