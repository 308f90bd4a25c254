"""Links are signed, each for its file and its time, with a key that two servers share."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

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


def test_a_key_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.db.key").write_bytes(b"short")
    with pytest.raises(OperatorError, match=r"a\.db\.key has 5 bytes, not 32"):
        Signer(tmp_path / "a.db").parcel_key(1)
    with pytest.raises(OperatorError, match="can't be read or made: No such file"):
        Signer(tmp_path / "none" / "a.db").parcel_key(1)
