from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


def test_a_manifest_stands_beside_the_file(run: Run, attic: Path) -> None:
    done = run("export", "events", "--period", "2026-03", "-o", "a.csv", "--manifest")
    assert done.code == 0
    content = (attic / "a.csv").read_bytes()
    manifest = json.loads((attic / "a.csv.manifest.json").read_text(encoding="utf-8"))
    assert (manifest["file"], manifest["rows"], manifest["bytes"]) == ("a.csv", 10, len(content))
    assert manifest["sha256"] == hashlib.sha256(content).hexdigest()
    (table,) = manifest["tables"]
    header = content.decode().splitlines()[0].split(",")
    assert [column["key"] for column in table["columns"]] == header
    assert {"key": "size_bytes", "kind": "bytes", "unit": "B", "type": "int64"}.items() <= next(
        column for column in table["columns"] if column["key"] == "size_bytes"
    ).items()
    assert manifest["made_by"].keys() == {"storj-monitor"}


def test_a_report_has_one_too_with_each_table(run: Run, attic: Path) -> None:
    words = ("--period", "2026-03-04", "-f", "csv", "-o", "a.csv", "--manifest")
    assert run("report", "daily_summary", *words).code == 0
    manifest = json.loads((attic / "a.csv.manifest.json").read_text(encoding="utf-8"))
    assert manifest["subject"]["kind"] == "report"
    assert len(manifest["tables"]) > 3
    assert manifest["rows"] == sum(table["rows"] for table in manifest["tables"])


def test_a_manifest_needs_a_file_to_stand_beside(run: Run, attic: Path) -> None:
    done = run("export", "events", "--manifest")
    assert done.code == 2
    assert "a manifest is written beside a file" in done.err
    assert done.out == ""
    assert not list(attic.glob("*.json"))


def test_a_failed_export_leaves_no_manifest(run: Run, attic: Path) -> None:
    words = ("--period", "2026-03", "-o", "nowhere/a.csv", "--manifest")
    assert run("export", "events", *words).code == 1
    assert not list(attic.rglob("*.json"))
