"""`storj-monitor report`: the options of export, one document, and one clear line for the rest."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from storj_monitor.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

PLUGIN = """
from dataclasses import replace

from storj_monitor.plugin import Document, Figure, Figures, Kind, Note, Report, hookimpl


def build(catalogue, query):
    events = catalogue.fetch("events", replace(query, columns=("node", "size_bytes")))
    total = sum(size for _, size in events.rows())
    figures = Figures("In short", (Figure("size", "Size", total, Kind.BYTES),))
    wanted = ", ".join(query.filters.get("metrics", ())) or "nothing"
    return Document("Sizes", (figures, events, Note(f"{wanted} was wished for")))


def broken(catalogue, query):
    return catalogue.table("evnts", query)


@hookimpl
def storj_reports():
    return [
        Report(name="sizes", title="Sizes", summary="How much", build=build),
        Report(name="week", title="Week", summary="A week", build=build, period="week"),
        Report(name="broken", title="Broken", summary="No use", build=broken),
    ]
"""
MARCH = ("--period", "2026-03", "--plugins-dir", "plugins")


@pytest.fixture(autouse=True)
def _plugins(attic: Path) -> None:
    folder = attic / "plugins"
    folder.mkdir()
    (folder / "sizes.py").write_text(PLUGIN, encoding="utf-8")


def test_a_report_is_written_to_standard_output_and_nothing_else_is(run: Run) -> None:
    done = run("report", "sizes", *MARCH, "-f", "csv")
    assert done.code == 0
    assert done.out.startswith(
        "In short\r\nfigure,label,value,kind,change\r\nsize,Size,25600,bytes,\r\n\r\n"
    )
    assert done.out.count("attic,2560\r\n") == 10
    assert done.out.endswith("info,nothing was wished for\r\n")
    assert [line for line in done.err.splitlines() if not line.startswith("{")] == []


def test_a_file_is_said_with_its_rows_bytes_and_sha256(run: Run, attic: Path) -> None:
    done = run("report", "sizes", *MARCH, "-f", "xlsx", "-o", "sizes.xlsx")
    content = (attic / "sizes.xlsx").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    assert f"sizes.xlsx: 10 rows, {len(content):,} bytes, sha256 {digest}\n" in done.err
    assert not (attic / "sizes.xlsx.part").exists()


def test_metrics_may_be_repeated_and_reach_the_report(run: Run) -> None:
    metrics = ("--metric", "traffic", "--metric", "storage.used_bytes")
    done = run("report", "sizes", *MARCH, "-f", "csv", *metrics)
    assert 'info,"traffic, storage.used_bytes was wished for"\r\n' in done.out


def test_the_options_of_export_mean_what_they_mean_there(run: Run) -> None:
    options = ("--node", "attic", "--timezone", "Asia/Tokyo", "--preset", "excel-eu")
    done = run("report", "sizes", *MARCH, "-f", "csv", *options)
    assert "attic;2560\r\n" in done.out
    assert '"span": "2026-02-28T15:00:00+00:00/2026-03-31T15:00:00+00:00"' in done.err
    assert '"nodes": ["attic"]' in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["size"], "unknown report 'size'. Did you mean 'sizes'? Installed: "),
        (["events"], "unknown report 'events'. Installed: "),
        (["sizes", "-f", "doc"], "unknown format 'doc'. "),
        (["sizes", "--node", "atic"], "unknown node 'atic'. Did you mean 'attic'? Known: attic."),
        (["sizes", "--days", "x"], "days='x' is no number of days. Give a whole number from 1"),
        (["sizes", "--metric", "A b"], "metrics: 'A b' is none. A metric is a word such as "),
        (["week", "--metric", "traffic"], "report 'week' takes no metrics. Leave them out, or "),
        (["sizes", "--columns", "node"], "No such option '--columns'"),
        (["sizes", "--option", "x"], "--option 'x' has no value. Write --option KEY=VALUE."),
        ([], "Missing argument 'TYPE'. Add --help to see what there is."),
    ],
)
def test_a_senseless_request_is_one_line_and_exit_code_2(
    run: Run, arguments: list[str], said: str
) -> None:
    done = run("report", *arguments, "--plugins-dir", "plugins")
    assert (done.code, done.out) == (2, "")
    assert said in done.err.splitlines()[-1]


def test_a_report_that_fails_leaves_no_file_and_exit_code_1(
    attic: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "broken", *MARCH, "-o", "broken.pdf"]) == 1
    (said,) = [line for line in capfd.readouterr().err.splitlines() if line.startswith("error: ")]
    assert "report 'broken' failed: UnknownSourceError: there is no source 'evnts'; " in said
    assert [path.name for path in attic.iterdir() if path.name.startswith("broken")] == []


def test_a_binary_report_onto_a_terminal_is_refused_and_a_file_named(attic: Path) -> None:
    outer, inner = os.openpty()
    program = [sys.executable, "-m", "storj_monitor", "report", "sizes", *MARCH]
    done = subprocess.run(
        program, stdout=inner, stderr=subprocess.PIPE, text=True, cwd=attic, check=False
    )
    os.close(inner)
    os.close(outer)
    assert done.returncode == 2
    assert "pdf is no text, and standard output is a terminal" in done.stderr
    assert re.search(r"-o sizes_all_2026-03-01_2026-03-31\.pdf", done.stderr)


def test_the_operators_name_is_on_it_and_a_logo_must_be_a_picture(run: Run, attic: Path) -> None:
    brand = attic / "plugins" / "brand.py"
    brand.write_text(
        "from storj_monitor.plugin import Format, hookimpl\n"
        "@hookimpl\n"
        "def storj_formats():\n"
        "    render = lambda document: [f'{document.brand} {document.logo}'.encode()]\n"
        "    form = dict(title='B', media_type='text/plain', render=render)\n"
        "    return [Format(name='brand', **form)]\n",
        encoding="utf-8",
    )
    config = attic / "config.toml"
    config.write_text('[brand]\nname = "Attic & Co"\n', encoding="utf-8")
    done = run("report", "sizes", *MARCH, "-f", "brand", "--config", str(config))
    assert done.out == "Attic & Co None"
    config.write_text('[brand]\nlogo = "node.log"\n', encoding="utf-8")
    done = run("report", "sizes", *MARCH, "-f", "brand", "--config", str(config))
    assert (done.code, done.out) == (1, "")
    assert "the logo node.log is no PNG or JPEG file, or not a whole one." in done.err
