"""What is too large is packed, becomes a link, or fails with what to do."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from storj_monitor.delivery.parcels import File
from storj_monitor.delivery.sizes import fitted, is_plain
from storj_monitor.plugin import DeliveryError

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = b"a,b,c\n" * 10_000


def file_of(folder: Path, media_type: str = "text/csv") -> File:
    path = folder / "x.data"
    path.write_bytes(CONTENT)
    size = len(CONTENT)
    return File(
        id="x", path=path, name="x.csv", media_type=media_type, bytes=size, sha256="", rows=1
    )


@pytest.mark.parametrize("limit", [None, len(CONTENT), len(CONTENT) + 1])
def test_what_fits_goes_as_it_is(tmp_path: Path, limit: int | None) -> None:
    packed = fitted(file_of(tmp_path), limit, tmp_path, links=True)
    assert packed.how == "whole"
    assert packed.attachment is not None
    assert packed.attachment.path.read_bytes() == CONTENT


def test_what_fits_when_packed_is_packed_the_same_every_time(tmp_path: Path) -> None:
    contents = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        packed = fitted(file_of(tmp_path), len(CONTENT) - 1, folder, links=True)
        assert packed.attachment is not None
        assert (packed.how, packed.attachment.filename) == ("gzip", "x.csv.gz")
        contents.append(packed.attachment.path.read_bytes())
    assert contents[0] == contents[1]
    assert gzip.decompress(contents[0]) == CONTENT


@pytest.mark.parametrize(
    ("limit", "kind"), [(20, "text/csv"), (1_000, "application/pdf"), (0, "text/csv")]
)
def test_what_does_not_fit_is_a_link_or_fails(tmp_path: Path, limit: int, kind: str) -> None:
    packed = fitted(file_of(tmp_path, kind), limit, tmp_path, links=True)
    assert (packed.how, packed.attachment) == ("link", None)
    with pytest.raises(DeliveryError, match="set public_url under") as refused:
        fitted(file_of(tmp_path, kind), limit, tmp_path, links=False)
    assert not refused.value.retryable
    takes = f"takes {limit:,} bytes of files at most" if limit else "takes no files"
    assert f"the file has 60,000 bytes, and the channel {takes}:" in refused.value.reason


def test_a_limit_is_kept_to_to_the_byte(tmp_path: Path) -> None:
    packed = fitted(file_of(tmp_path), len(CONTENT) - 1, tmp_path, links=True)
    assert packed.attachment is not None
    size = packed.attachment.path.stat().st_size
    assert fitted(file_of(tmp_path), size, tmp_path, links=True).how == "gzip"
    assert fitted(file_of(tmp_path), size - 1, tmp_path, links=True).how == "link"


def test_only_plain_formats_are_packed() -> None:
    plain = ("text/csv", "TEXT/html; charset=utf-8", "application/json", "application/x-ndjson")
    assert all(map(is_plain, plain))
    packed = ("application/pdf", "application/vnd.apache.parquet", "image/png")
    assert not any(map(is_plain, packed))
