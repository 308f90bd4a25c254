from __future__ import annotations

import json
import os
import shutil
import stat
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import time_machine

from storj_monitor.errors import OperatorError, Problem
from storj_monitor.exports.jobs.spool import Spool, create, lock
from storj_monitor.settings import ExportSettings

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = {
    "file": "a.csv",
    "media_type": "text/csv",
    "rows": 0,
    "sha256": "0" * 64,
    "subject": {"kind": "source", "name": "events", "title": "Transfers"},
    "format": {"name": "csv", "options": {}},
    "span": {"start": "2026-03-01T00:00:00+00:00", "end": "2026-03-02T00:00:00+00:00"},
    "clamped": False,
    "timezone": "UTC",
    "nodes": None,
    "filters": {},
    "personal": False,
    "tables": [],
}
FIRST, SECOND, THIRD = ("0" * 31 + digit for digit in "123")


def spool_of(folder: Path, **settings: Any) -> Spool:
    return Spool(folder / "spool", ExportSettings(**settings))


def kept(spool: Spool, id_: str, size: int = 100, hours_ago: float = 0) -> None:
    """Put a finished file there."""
    spool.folder.mkdir(parents=True, exist_ok=True)
    about = MANIFEST | {"bytes": size}
    for path, content in (
        (spool.part(id_), b"x" * size),
        (spool.part(id_).with_suffix(".json"), json.dumps(about).encode()),
    ):
        with create(path) as file:
            file.write(content)
        at = time.time() - hours_ago * 3600
        os.utime(path, (at, at))
    spool.finish(id_)


def names(spool: Spool) -> list[str]:
    return sorted(path.name for path in spool.folder.iterdir())


def test_a_file_is_kept_with_what_it_is(tmp_path: Path) -> None:
    spool = spool_of(tmp_path)
    spool.make_room()
    kept(spool, FIRST)
    found = spool.kept(FIRST)
    assert found is not None
    assert (found.about.file, found.about.bytes) == ("a.csv", 100)
    assert found.data.read_bytes() == b"x" * 100
    assert spool.kept(SECOND) is None


def test_the_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    spool = spool_of(tmp_path)
    spool.make_room()
    kept(spool, FIRST)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (spool.folder, *spool.folder.iterdir())]
    assert modes == [0o700, 0o600, 0o600]


@pytest.mark.parametrize("id_", ["", "..", "../storj-monitor", "0" * 31, "g" * 32, "0" * 32 + "\n"])
def test_what_is_no_id_is_no_file(tmp_path: Path, id_: str) -> None:
    spool = spool_of(tmp_path)
    kept(spool, FIRST)
    assert spool.kept(id_) is None


def test_a_file_that_is_shorter_than_its_manifest_says_is_none(tmp_path: Path) -> None:
    spool = spool_of(tmp_path)
    kept(spool, FIRST)
    spool.data(FIRST).write_bytes(b"x" * 99)
    assert spool.kept(FIRST) is None


def test_a_manifest_that_is_no_json_is_none(tmp_path: Path) -> None:
    spool = spool_of(tmp_path)
    kept(spool, FIRST)
    spool.data(FIRST).with_suffix(".json").write_text("{", encoding="utf-8")
    assert spool.kept(FIRST) is None


def test_what_is_too_old_is_removed_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    spool = spool_of(tmp_path, spool_hours=24)
    kept(spool, FIRST, hours_ago=25)
    kept(spool, SECOND, hours_ago=23)
    (spool.folder / "letter.data").write_text("mine", encoding="utf-8")
    spool.make_room()
    assert names(spool) == [f"{SECOND}.data", f"{SECOND}.json", "letter.data"]


def test_what_is_too_old_is_not_given_though_nobody_has_removed_it(tmp_path: Path) -> None:
    spool, now = spool_of(tmp_path, spool_hours=24), 1_800_000_000
    with time_machine.travel(now, tick=False):
        kept(spool, FIRST)
        kept(spool, SECOND)
        spool.keep(SECOND, now + 48 * 3600)
    for hours, id_ in ((24, FIRST), (48, SECOND)):
        for beyond in (0, 1):
            with time_machine.travel(now + hours * 3600 + beyond, tick=False):
                # In its last moment it is there, and both agree.
                assert (spool.kept(id_) is None) == bool(beyond)
                spool.tidy()
                assert spool.data(id_).exists() != bool(beyond)


def test_nothing_is_tidied_before_there_is_a_folder(tmp_path: Path) -> None:
    spool_of(tmp_path).tidy()
    assert list(tmp_path.iterdir()) == []


def test_the_oldest_are_removed_until_there_is_room(tmp_path: Path) -> None:
    spool = spool_of(tmp_path, spool_bytes=10_000)
    for hours, id_ in enumerate((FIRST, SECOND, THIRD)):
        kept(spool, id_, size=3_000, hours_ago=hours)
    spool.make_room()
    assert names(spool) == [f"{id_}{suffix}" for id_ in (FIRST, SECOND) for suffix in SUFFIXES]


SUFFIXES = (".data", ".json")


def test_without_room_there_is_a_problem_that_says_so(tmp_path: Path) -> None:
    spool = spool_of(tmp_path, spool_bytes=1_000)
    spool.make_room()
    with create(spool.part(FIRST)) as file:
        lock(file)
        file.write(bytes(1_000))
        file.flush()
        with pytest.raises(Problem) as raised:
            spool.make_room()
    assert raised.value.code == "no_space"
    assert str(spool.folder) in raised.value.hint


class _Usage(NamedTuple):
    free: int


def test_a_disk_that_is_nearly_full_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = spool_of(tmp_path, keep_free_bytes=1_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _Usage(1_001))
    spool.make_room()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _Usage(1_000))
    kept(spool, FIRST)
    with pytest.raises(Problem, match="no space"):
        spool.make_room()
    assert names(spool) == []


def test_what_the_dead_left_is_removed_and_what_the_living_write_is_not(tmp_path: Path) -> None:
    spool = spool_of(tmp_path)
    spool.make_room()
    a_minute_ago = time.time() - 60
    with create(spool.part(FIRST)) as living:
        lock(living)
        create(spool.part(SECOND)).close()
        create(spool.part(THIRD)).close()
        for id_ in (FIRST, SECOND):
            os.utime(spool.part(id_), (a_minute_ago, a_minute_ago))
        spool.make_room()
        # The third was made just now: its writer may be about to lock it.
        assert names(spool) == [f"{FIRST}.part", f"{THIRD}.part"]


def test_where_files_can_not_be_locked_age_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storj_monitor.exports.jobs.spool.fcntl", None)
    spool = spool_of(tmp_path)
    spool.make_room()
    for id_, seconds in ((FIRST, 3_700), (SECOND, 60)):
        with create(spool.part(id_)) as file:
            lock(file)
        at = time.time() - seconds
        os.utime(spool.part(id_), (at, at))
    spool.make_room()
    assert names(spool) == [f"{SECOND}.part"]


def test_a_folder_that_can_not_be_made_is_the_operators_to_mend(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file", encoding="utf-8")
    with pytest.raises(OperatorError, match="there can be no folder") as raised:
        spool_of(tmp_path).make_room()
    assert "spool under [exports]" in raised.value.hint


def test_nothing_is_taken_before_there_is_a_folder(tmp_path: Path) -> None:
    assert spool_of(tmp_path).bytes() == 0


def test_a_file_can_be_kept_for_longer_and_goes_when_that_is_over(tmp_path: Path) -> None:
    spool, now = spool_of(tmp_path, spool_hours=1), time.time()
    kept(spool, FIRST)
    kept(spool, SECOND)
    spool.keep(FIRST, now + 7 * 86_400)
    spool.keep(SECOND, now - 7 * 86_400)
    with time_machine.travel(now + 7_200):
        spool.make_room()
        assert spool.kept(FIRST) is not None
        assert spool.kept(SECOND) is None
    with time_machine.travel(now + 8 * 86_400):
        spool.make_room()
        assert list(spool.folder.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        spool.keep(FIRST, now)
