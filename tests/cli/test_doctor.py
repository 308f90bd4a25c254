"""`storj-monitor doctor`: each thing that can be wrong, with what would help."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from storj_monitor.store import Following, News, Poll, Store, migrations
from storj_monitor.store.connection import Connection
from tests.cli.fake_nodes import answering

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

DATABASE = "storj-monitor.db"
MINUTE_US = 60_000_000


def now_us() -> int:
    return time.time_ns() // 1000


def tell(path: Path, news: News) -> None:
    with Store.open(path / DATABASE, create=True).writer() as writer:
        writer.write([news])


def followed(path: Path, log: str, **values: object) -> None:
    row = {"state": "following", "reason": None, "behind_bytes": 0, "checked_at": now_us()}
    following = Following(log=log, position="{}", **(row | values))  # type: ignore[arg-type]  # of several types
    tell(path, News(node="attic", following=following))


def polled(path: Path, url: str, ago_us: int = 20 * MINUTE_US) -> None:
    tell(path, News(node="attic", poll=Poll(now_us() - ago_us, url, is_answered=True)))


def findings(text: str) -> dict[str, list[str]]:
    """Return what was said, by its level."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line.startswith(" "):
            level, said = line.split(maxsplit=1)
            found.setdefault(level, []).append(said)
    return found


class DiskUsage(NamedTuple):
    total: int
    used: int
    free: int


def test_a_database_that_is_well_gets_a_clean_bill(run: Run, attic: Path) -> None:
    done = run("doctor")
    assert (done.code, done.err) == (0, "")
    found = findings(done.out)
    assert set(found) == {"ok", "note"}
    assert found["ok"][0].startswith(f"database: {DATABASE}, ")
    assert found["ok"][0].endswith(f"version {migrations.LATEST}; all of it was read")
    assert "alerts: none is open" in found["ok"]
    assert found["note"][0] == (
        "attic: its log was read up to 2026-03-04 10:00 UTC, and is not followed"
    )
    assert attic.is_dir()


def test_a_database_that_is_not_there_yet_is_no_problem(run: Run) -> None:
    done = run("doctor")
    assert done.code == 0
    assert f"warning  database: there is none at {DATABASE} yet\n" in done.out
    assert "storj-monitor run makes it" in done.out


def test_it_leaves_a_database_of_an_older_version_as_it_is(run: Run, attic: Path) -> None:
    path = attic / DATABASE
    with Connection(path, "rw") as connection:
        connection.execute("PRAGMA user_version = 1")
    done = run("doctor")
    assert done.code == 0
    assert "it is of an older version, and is upgraded by the next command" in done.out
    with Connection(path, "ro") as connection:
        assert connection.query("PRAGMA user_version")[0][0].as_py() == 1
    assert not list(attic.glob("*.backup*"))


def test_a_damaged_database_is_a_problem(run: Run, attic: Path) -> None:
    path = attic / DATABASE
    content = bytearray(path.read_bytes())
    content[2 * 4096 : 12 * 4096] = b"\xee" * (10 * 4096)
    path.write_bytes(content)
    done = run("doctor")
    assert done.code == 1
    assert "problem  database: " in done.out
    assert "restore a backup" in done.out


@pytest.mark.parametrize(
    ("free", "level"),
    [(100_000_000, "problem"), (1_000_000_000, "warning"), (5_000_000_000, "ok")],
)
def test_little_space_is_said_before_it_runs_out(
    run: Run, attic: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: str
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: DiskUsage(10**12, 0, free))
    done = run("doctor")
    assert done.code == (level == "problem")
    assert f"{level:<8} disk space: " in done.out
    assert f"({attic})" in done.out


def test_a_folder_that_is_not_there_is_a_problem(run: Run) -> None:
    done = run("doctor", "--database", "nowhere/a.db")
    assert done.code == 1
    assert "problem  disk space: there is no folder " in done.out


def test_a_log_that_nothing_follows_any_more_is_said(run: Run, tmp_path: Path) -> None:
    log = tmp_path / "node.log"
    log.touch()
    followed(tmp_path, str(log), checked_at=now_us() - 20 * MINUTE_US)
    done = run("doctor")
    assert done.code == 0
    assert f"warning  attic: nothing follows {log.name} since " in done.out
    assert "Start it: storj-monitor run" in done.out


def test_a_log_that_is_not_there_or_can_not_be_read_is_a_problem(run: Run, tmp_path: Path) -> None:
    followed(tmp_path, str(tmp_path / "gone.log"))
    assert "problem  attic: its log gone.log is not there\n" in run("doctor").out
    followed(tmp_path, str(tmp_path / "gone.log"), state="failing", reason="permission denied")
    done = run("doctor")
    assert done.code == 1
    assert "gone.log can't be read: permission denied" in done.out


def test_a_log_that_is_followed_is_well(run: Run, tmp_path: Path) -> None:
    log = tmp_path / "node.log"
    log.touch()
    followed(tmp_path, str(log), behind_bytes=1234)
    assert f"ok       attic: its log is {log.name}, 1,234 bytes behind\n" in run("doctor").out


def test_an_api_is_asked_right_now(run: Run, tmp_path: Path) -> None:
    with answering() as node:
        polled(tmp_path, node.url)
        done = run("doctor")
        assert "ok       attic: its API answers, storagenode 1.143.6\n" in done.out
    done = run("doctor")
    assert done.code == 1
    assert "problem  attic: its API: nothing listens at 127.0.0.1:" in done.out
    assert "Is the node running?" in done.out


def test_an_api_that_answered_just_now_to_who_can_log_in_is_no_problem(
    run: Run, tmp_path: Path
) -> None:
    polled(tmp_path, "http://127.0.0.1:1", ago_us=MINUTE_US)
    done = run("doctor")
    assert done.code == 0
    assert "note     attic: its API answered " in done.out
    assert "A login is only known to the program that asks." in done.out


def test_open_alerts_are_counted_and_named(run: Run, attic: Path) -> None:
    row = "(0, 1, 0, '{0}', '{1}', 'Low {0}', 'x', 'monitor')"
    names = "(at, node_id, satellite_id, type, severity, title, message, origin)"
    with Connection(attic / DATABASE, "rw") as connection:
        connection.execute(f"INSERT INTO alerts {names} VALUES {row.format('disk', 'info')}")
    assert "note     alerts: open are 1 info\n" in run("doctor").out
    with Connection(attic / DATABASE, "rw") as connection:
        connection.execute(f"INSERT INTO alerts {names} VALUES {row.format('score', 'critical')}")
    done = run("doctor")
    assert "warning  alerts: open are 1 critical, 1 info\n" in done.out
    assert "Low score" in done.out
    assert done.code == 0


def test_a_refused_plugin_is_a_problem(run: Run, attic: Path) -> None:
    (attic / "plugins").mkdir()
    (attic / "plugins" / "broken.py").write_text("import nothing_of_that_name\n")
    done = run("doctor", "--plugins-dir", "plugins")
    assert done.code == 1
    assert "problem  plugins: broken: " in done.out


def test_settings_that_can_not_be_used_are_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[exports]\nmax_days = 0\n")
    done = run("doctor", "--config", "a.toml")
    assert done.code == 1
    assert done.err.startswith("error: the settings in a.toml can't be used: ")
