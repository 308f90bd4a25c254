"""`storj-monitor import`: another monitor's database, taken over."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from tests.collect.imports.other_monitor import other_monitor

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

SAID = """\
theirs.db: 4 rows of attic: 3 taken
events: 2 rows, 1 taken, 0 known already, 1 left out
  left out: 1 of an unknown status
hourly_stats: 1 rows, 1 taken, 0 known already, 0 left out
  note: repair traffic is within the sums of GET and PUT, what failed within what was canceled; \
up to ten minutes of each hour are missing in them
hashstore_compaction_history: 0 rows, 0 taken, 0 known already, 0 left out
reputation_history: 0 rows, 0 taken, 0 known already, 0 left out
storage_snapshots: 0 rows, 0 taken, 0 known already, 0 left out
earnings_estimates: 0 rows, 0 taken, 0 known already, 0 left out
payout_history: 0 rows, 0 taken, 0 known already, 0 left out
alerts: 1 rows, 1 taken, 0 known already, 0 left out
insights: 0 rows, 0 taken, 0 known already, 0 left out
analytics_baselines: 0 rows, 0 taken, 0 known already, 0 left out
app_persistent_state: 0 rows, 0 taken, 0 known already, 0 left out
"""


def fill(path: Path) -> None:
    with other_monitor(path) as theirs:
        theirs.add("events")
        theirs.add("events", status="lost")
        hour = {"hour_timestamp": "2025-10-09T05:00:00+00:00", "dl_success": 9}
        theirs.add("hourly_stats", total_download_size=700, **hour)
        theirs.add("alerts")


def test_an_import_says_what_became_of_each_table_and_the_exports_have_it(
    run: Run, tmp_path: Path
) -> None:
    fill(tmp_path / "theirs.db")
    done = run("import", "theirs.db")
    assert (done.code, done.out, done.err) == (0, SAID, "")

    exported = run("export", "traffic", "--start", "2025-10-01", "--end", "2025-11-01")
    summed, taken = list(csv.DictReader(exported.out.splitlines()))
    assert (summed["satellite"], summed["action"], summed["count"]) == ("", "GET", "9")
    assert (taken["satellite"], taken["count"], taken["bytes"]) == ("us1", "1", "2560")

    again = run("import", "theirs.db")
    assert again.out.startswith("theirs.db: 4 rows of attic: 0 taken\n")


def test_what_can_not_be_taken_over_is_refused_in_one_line(run: Run, tmp_path: Path) -> None:
    fill(tmp_path / "theirs.db")
    run("import", "theirs.db", "--database", "ours.db")
    for path, said in (
        ("ours.db", "error: ours.db is a database of storj-monitor itself, which needs no import"),
        ("none.db", "error: none.db can't be read: No such file or directory."),
        (".", "error: . is a folder, not a database."),
    ):
        done = run("import", path, "--database", "ours.db")
        assert done.code == 1
        assert done.err.startswith(said)
        assert len(done.err.splitlines()) == 1


def test_a_refused_import_makes_no_database(run: Run, tmp_path: Path) -> None:
    assert run("import", "none.db").code == 1
    assert list(tmp_path.iterdir()) == []


def test_their_database_is_never_written_to_as_if_it_were_ours(run: Run, tmp_path: Path) -> None:
    fill(tmp_path / "theirs.db")
    before = (tmp_path / "theirs.db").read_bytes()
    done = run("import", "theirs.db", "--database", "theirs.db")
    assert done.code == 1
    assert "theirs.db" in done.err
    assert (tmp_path / "theirs.db").read_bytes() == before
