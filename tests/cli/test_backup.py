from __future__ import annotations

from typing import TYPE_CHECKING

from tests.store.databases import number_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


def test_a_copy_is_said_to_be_there_when_it_is(run: Run, attic: Path) -> None:
    done = run("backup", "copy.db")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("copied storj-monitor.db to copy.db (")
    assert number_of(attic / "copy.db", "SELECT count(*) FROM events") == 10


def test_what_can_not_be_copied_is_one_line(run: Run) -> None:
    done = run("backup", "copy.db", "--database", "nowhere.db")
    assert done.code == 1
    assert done.err == "error: there is no database at nowhere.db. Name it with --database.\n"


def test_a_folder_that_is_not_there_is_one_line(run: Run, attic: Path) -> None:
    del attic
    done = run("backup", "nowhere/copy.db")
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "No such file or directory" in done.err
