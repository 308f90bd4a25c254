"""`storj-monitor export`: data on standard output, whole files, one clear line when it can't be."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import stat
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

MARCH = ("--period", "2026-03")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.usefixtures("attic")
def test_data_goes_to_standard_output_and_nothing_else_does(run: Run) -> None:
    done = run("export", "events", *MARCH)

    assert done.code == 0
    assert len(rows_of(done.out)) == 10
    assert rows_of(done.out)[3]["timestamp"] == "2026-03-04T10:00:03.000+00:00"


@pytest.mark.usefixtures("attic")
def test_an_export_logs_one_event_at_its_start_and_one_at_its_end(run: Run) -> None:
    done = run("export", "events", *MARCH, "-f", "ndjson", "--node", "attic")

    events = [json.loads(line) for line in done.err.splitlines()]
    assert [event["event"] for event in events] == ["export.started", "export.finished"]
    for event in events:
        assert event["subject"] == "events"
        assert event["format"] == "ndjson"
        assert event["nodes"] == ["attic"]
        assert event["span"] == "2026-03-01T00:00:00+00:00/2026-04-01T00:00:00+00:00"
    assert events[1]["rows"] == 10
    assert events[1]["bytes"] == len(done.out.encode())
    assert events[1]["seconds"] >= 0


def test_a_file_is_said_with_its_rows_bytes_and_sha256(run: Run, attic: Path) -> None:
    done = run("export", "events", *MARCH, "-o", "march.csv")

    data = (attic / "march.csv").read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    assert done.out == ""
    assert done.err.splitlines()[-1] == (
        f"march.csv: 10 rows, {len(data):,} bytes, sha256 {digest}"
    )
    assert not (attic / "march.csv.part").exists()


def test_standard_output_and_a_file_are_the_same_bytes(run: Run, attic: Path) -> None:
    printed = run("export", "traffic", *MARCH).out
    run("export", "traffic", *MARCH, "-o", "march.csv")

    assert (attic / "march.csv").read_bytes().decode() == printed


def test_the_formats_agree_cell_by_cell(run: Run, attic: Path) -> None:
    for name in ("csv", "json", "ndjson", "parquet", "xlsx"):
        assert run("export", "events", *MARCH, "-f", name, "-o", f"a.{name}").code == 0

    as_csv = rows_of((attic / "a.csv").read_bytes().decode())
    as_json = json.loads((attic / "a.json").read_bytes())
    as_lines = [json.loads(line) for line in (attic / "a.ndjson").read_bytes().splitlines()]
    as_parquet = pq.read_table(attic / "a.parquet").to_pylist()
    sheet = load_workbook(attic / "a.xlsx").worksheets[0]
    header, *cells = sheet.iter_rows(values_only=True)
    as_xlsx = [dict(zip(map(str, header), row, strict=True)) for row in cells]
    assert as_json == as_lines
    assert len(as_csv) == len(as_json) == len(as_parquet) == len(as_xlsx) == 10
    for of_csv, of_json, of_parquet, of_xlsx in zip(
        as_csv, as_json, as_parquet, as_xlsx, strict=True
    ):
        assert of_csv == {
            key: "" if value is None else str(value) for key, value in of_json.items()
        }
        moment = of_parquet.pop("timestamp")
        assert moment.isoformat(timespec="milliseconds") == of_json["timestamp"]
        assert of_xlsx.pop("timestamp") == moment.replace(tzinfo=None)
        assert of_parquet == {key: of_json[key] for key in of_parquet}
        assert of_xlsx == {key: of_json[key] for key in of_xlsx}


@pytest.mark.usefixtures("attic")
def test_columns_zone_filters_and_options_are_understood(run: Run) -> None:
    done = run(
        *("export", "events", *MARCH, "--columns", "node,timestamp", "--timezone", "Asia/Kolkata"),
        *("--filter", "status=success,failed", "--filter", "satellite=us1"),
        *("--option", "delimiter=semicolon"),
    )

    assert done.out.splitlines()[:2] == ["node;timestamp", "attic;2026-03-04T15:30:00.000+05:30"]


@pytest.mark.usefixtures("attic")
def test_addresses_are_left_out_unless_they_are_asked_for(run: Run) -> None:
    assert "203.0.113.7" not in run("export", "events", *MARCH).out
    assert "203.0.113.7" in run("export", "events", *MARCH, "--personal").out


@pytest.mark.usefixtures("attic")
def test_the_command_line_has_no_limit_of_days(run: Run) -> None:
    done = run("export", "events", "--start", "2020-01-01", "--end", "2026-12-31")

    assert len(rows_of(done.out)) == 10


@pytest.mark.usefixtures("attic")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["nothing"],
            "unknown source 'nothing'. Installed: alerts, compactions, coverage, earnings,",
        ),
        (
            ["event"],
            "unknown source 'event'. Did you mean 'events'? Installed: alerts, compactions,",
        ),
        (
            ["events", "-f", "xls"],
            "unknown format 'xls'. Did you mean 'xlsx'? Installed: csv, html, json, ",
        ),
        (["events", "--node", "atic"], "unknown node 'atic'. Did you mean 'attic'? Known: attic."),
        (
            ["events", "--columns", "remote_ip"],
            "unknown column 'remote_ip'. It is personal: ask for it with personal=1.",
        ),
        (
            ["events", "--start", "2026-03-04", "--end", "2026-03-01"],
            "the span ends (2026-03-02T00:00:00+00:00) before it starts (",
        ),
        (["events", "--days", "x"], "days='x' is no number of days. Give a whole number from 1"),
        (["events", "--filter", "status"], "--filter 'status' has no value. Write --filter KEY="),
        (["events", "--filter", "start=1"], "'start' is no filter. Use --start for that."),
        (["events", "--option", "guard=maybe"], "option guard='maybe' can't be used. Allowed: "),
        (["events", "--option", "decimal=comma"], "decimal=comma"),
        (["events", "--timezone", "Mars"], "there is no time zone 'Mars'. Give a name such as "),
        (["events", "--preset", "us"], "unknown preset 'us'. Format 'csv' has the presets: "),
        (["events", "--nope"], "No such option '--nope'. Did you mean '--node'?"),
        ([], "Missing argument 'SOURCE'. Add --help to see what there is."),
    ],
)
def test_a_senseless_request_is_one_line_and_exit_code_2(
    run: Run, arguments: list[str], said: str
) -> None:
    done = run("export", *arguments)

    assert done.code == 2
    assert done.out == ""
    assert done.err.splitlines()[-1].startswith(f"error: {said}") or said in done.err
    assert [line for line in done.err.splitlines() if not line.startswith("{")] == [
        done.err.splitlines()[-1]
    ]


def test_without_a_database_it_says_how_to_make_one(run: Run, tmp_path: Path) -> None:
    done = run("export", "events", "--database", "none.db")

    assert done.code == 1
    assert done.err == (
        "error: there is no database at none.db. "
        "Make one: storj-monitor ingest NAME:PATH, or storj-monitor demo --database none.db.\n"
    )
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe0 JFIF" * 99, b"name,value\n1,2\n"])
def test_a_file_that_is_no_database_is_said_to_be_none(
    run: Run, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "a.db").write_bytes(content)

    done = run("export", "events", "--database", "a.db")

    assert done.code == 1
    assert done.err == (
        "error: the database a.db is no SQLite database, or a damaged one. "
        "Name another file with --database, or restore a backup.\n"
    )
    assert (tmp_path / "a.db").read_bytes() == content


def test_a_folder_is_no_database_and_no_output_file(run: Run, attic: Path) -> None:
    folder = attic / "folder"
    folder.mkdir()

    assert run("export", "events", "--database", "folder").err == (
        "error: folder is a folder, not a database. Name a file with --database.\n"
    )
    done = run("export", "events", *MARCH, "-o", "folder")
    assert done.code == 1
    assert done.err == (
        "error: folder is a folder. Name a file: -o folder/events_all_2026-03-01_2026-03-31.csv\n"
    )


@pytest.mark.usefixtures("attic")
def test_a_file_that_cant_be_written_is_one_line(run: Run) -> None:
    done = run("export", "events", *MARCH, "-o", "no/such/folder/a.csv")

    assert done.code == 1
    assert done.err.splitlines()[-1] == (
        "error: no/such/folder/a.csv can't be written: No such file or directory. "
        "Check the folder, and the space that is left."
    )


def test_a_failing_format_leaves_neither_file_nor_part(attic: Path) -> None:
    plugins = attic / "plugins"
    plugins.mkdir()
    (plugins / "late.py").write_text(
        "from storj_monitor.plugin import Format, hookimpl\n"
        "def render(document):\n"
        "    yield b'begun'\n"
        "    for row in document.sole_table.rows():\n"
        "        yield b'row'\n"
        "    raise RuntimeError('out of ink')\n"
        "@hookimpl\n"
        "def storj_formats():\n"
        "    return [Format(name='late', title='Late', media_type='text/plain', render=render)]\n",
        encoding="utf-8",
    )
    (attic / "kept.late").write_text("from last week", encoding="utf-8")

    command = ("events", *MARCH, "-f", "late", "--plugins-dir", "plugins", "-o", "kept.late")
    done = subprocess.run(
        [sys.executable, "-m", "storj_monitor", "export", *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=attic,
    )

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "error: format 'late' failed: RuntimeError: out of ink. "
        "The log has the details; other formats may work."
    )
    assert (attic / "kept.late").read_text(encoding="utf-8") == "from last week"
    assert not (attic / "kept.late.part").exists()


def test_what_a_plugin_prints_never_reaches_the_data(run: Run, attic: Path) -> None:
    plugins = attic / "plugins"
    plugins.mkdir()
    (plugins / "chatty.py").write_text(
        "from storj_monitor.plugin import Format, hookimpl\n"
        "print('imported')\n"
        "def render(document):\n"
        "    print('rendering')\n"
        "    yield b'data'\n"
        "@hookimpl\n"
        "def storj_formats():\n"
        "    print('asked')\n"
        "    return [Format(name='chat', title='Chat', media_type='text/plain', render=render)]\n",
        encoding="utf-8",
    )

    done = run("export", "events", *MARCH, "-f", "chat", "--plugins-dir", "plugins")

    assert done.out == "data"
    assert re.findall("imported|asked|rendering", done.err) == ["imported", "asked", "rendering"]


def test_a_closed_pipe_is_no_traceback(attic: Path) -> None:
    command = f"{sys.executable} -m storj_monitor export events --period 2026-03 -f json"
    done = subprocess.run(
        ["bash", "-c", f"{command} | true; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=attic,
    )

    assert done.stdout.strip() in {"0", "1"}
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.usefixtures("attic")
def test_a_full_disk_behind_standard_output_is_one_line(attic: Path) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123  a device, not a path of ours
        done = subprocess.run(
            [sys.executable, "-m", "storj_monitor", "export", "events", *MARCH],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=attic,
        )

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "error: No space left on device. "
        "Check the path, the permissions and the space that is left."
    )
    assert "Traceback" not in done.stderr


def test_a_device_is_written_to_and_not_replaced(run: Run, attic: Path) -> None:
    pipe = attic / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()

    done = run("export", "traffic", *MARCH, "-o", "pipe")
    reader.join(20)

    assert done.code == 0
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert got[0].startswith(b"bucket_start,node,")
    assert not (attic / "pipe.part").exists()


def test_a_stop_signal_leaves_no_part_behind(attic: Path) -> None:
    plugins = attic / "plugins"
    plugins.mkdir()
    (plugins / "slow.py").write_text(
        "import time\n"
        "from storj_monitor.plugin import Format, hookimpl\n"
        "def render(document):\n"
        "    yield from (b'%d' % sum(1 for row in document.sole_table.rows()),)\n"
        "    print('rendering', flush=True)\n"
        "    time.sleep(60)\n"
        "@hookimpl\n"
        "def storj_formats():\n"
        "    return [Format(name='slow', title='Slow', media_type='text/plain', render=render)]\n",
        encoding="utf-8",
    )
    command = ("events", *MARCH, "-f", "slow", "--plugins-dir", "plugins", "-o", "a.slow")
    with subprocess.Popen(
        [sys.executable, "-m", "storj_monitor", "export", *command],
        stderr=subprocess.PIPE,
        text=True,
        cwd=attic,
    ) as process:
        assert process.stderr is not None
        assert any(line == "rendering\n" for line in iter(process.stderr.readline, ""))
        process.terminate()
        said = process.stderr.read()

    assert process.returncode == 1
    assert said.splitlines()[-1] == "error: stopped."
    assert '"status": "canceled"' in said
    assert not list(attic.glob("a.slow*"))


def test_what_nodes_cost_by_the_settings_is_in_their_profit(run: Run, attic: Path) -> None:
    config = attic / "config.toml"
    config.write_text('[[money.costs]]\nnode = "attic"\nmonthly = 2.5\n', encoding="utf-8")
    done = run("export", "profit", *MARCH, "--columns", "node,cost_usd", "--config", str(config))
    assert done.out == "node,cost_usd\r\nattic,2.500000\r\n"
