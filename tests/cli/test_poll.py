"""`storj-monitor poll`, and the polling of `run`, with nodes that answer over real HTTP."""

from __future__ import annotations

import csv
import json
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import transfer
from tests.cli.fake_nodes import answering
from tests.cli.test_run import PATIENCE_SECONDS, running
from tests.collect.node_api.fake_money import SMALL_MONTH, estimate, estimate_path
from tests.collect.node_api.fake_node import EU1, SATELLITES, US1, path_of, says, web_page

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

SUMMARY = """\
attic: storagenode 1.143.6, 2.50 TB used, 999.46 GB free, 117.96 GB in the trash
  us1             audit 0.9995, suspension 1.0000, online 0.9989
  eu1             audit 1.0000, suspension 0.5500, online 1.0000, suspended since 2026-02-03
  saltlake        audit 0.9599, suspension 1.0000, online 1.0000, disqualified since 2025-12-13
  2026-03, expected: $3.69 so far (us1 $3.13, eu1 $0.55), $10.24 by its end
  2026-02, stated: $3.13 paid (us1 $3.13), $3.13 held
"""


NOW = 1_772_690_000  # 2026-03-05


@pytest.fixture(autouse=True)
def _no_midnight_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOW))


def exported(run: Run, source: str, *options: str) -> list[dict[str, str]]:
    done = run("export", source, "--days", "1", *options)
    assert done.code == 0
    return list(csv.DictReader(done.out.splitlines()))


def test_a_poll_shows_what_a_node_said_and_the_exports_have_it(run: Run) -> None:
    with answering() as node:
        done = run("poll", f"attic:{node.url}")
    assert (done.code, done.out, done.err) == (0, SUMMARY, "")

    [space] = exported(run, "storage")
    assert (space["node"], space["origin"], space["allocated_bytes"]) == (
        *("attic", "api"),
        "3500000000000",
    )
    assert space["used_ratio"] == "0.7144395574857143"
    scores = {row["satellite"]: row for row in exported(run, "reputation")}
    assert set(scores) == {"us1", "eu1", "saltlake"}
    assert scores["us1"]["online_score"] == "0.998938522777532"
    assert scores["eu1"]["suspended_at"] == "2026-02-03T04:05:06.789+00:00"
    assert scores["saltlake"]["disqualified_at"] == "2025-12-13T14:15:16.171+00:00"
    [hour] = exported(run, "coverage")
    assert (hour["kind"], hour["state"], hour["reason"]) == ("api", "ok", "")


def test_a_second_poll_adds_no_scores_that_are_known(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering() as node:
        for seconds in (0, 300):
            monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOW + seconds))
            assert run("poll", f"attic:{node.url}").code == 0
    assert len(exported(run, "reputation")) == 3
    assert len(exported(run, "storage")) == 2


def test_a_node_that_can_not_be_read_is_said_and_the_others_are_read(run: Run) -> None:
    with answering() as node:
        done = run("poll", "nas:http://127.0.0.1:1", f"attic:{node.url}")
    assert done.code == 1
    assert done.out == SUMMARY
    assert done.err.startswith("nas: nothing listens at 127.0.0.1:1. Is the node running?")
    gap = exported(run, "coverage", "--node", "nas")[0]
    assert (gap["state"], gap["reason"]) == ("gap", "failed: nothing listens at 127.0.0.1:1")


def test_what_is_missing_is_said_and_the_rest_is_kept(run: Run) -> None:
    with answering() as node:
        node.faults[path_of(EU1)] = says({"error": "database is locked"}, status=500)
        node.faults[SATELLITES] = says(b"<html>", content_type="text/html")
        done = run("poll", f"attic:{node.url}")
    assert done.code == 0
    assert "  eu1             audit unknown, suspension unknown, online unknown" in done.out
    assert f"  {path_of(EU1)}: " in done.out
    assert "database is locked" in done.out
    assert f"  {SATELLITES}: " in done.out


def test_what_is_not_known_of_money_is_not_shown(run: Run) -> None:
    with answering() as node:
        node.faults[estimate_path(US1.satellite_id)] = web_page
        node.estimates[EU1.satellite_id] = estimate(SMALL_MONTH | {"payout": None}, at_the_end=None)
        node.periods = []
        done = run("poll", f"attic:{node.url}")
    assert done.code == 0
    assert "  2026-03, expected: n/a so far (eu1 n/a), n/a by its end\n" in done.out
    assert f"  {estimate_path(US1.satellite_id)}: " in done.out
    assert "stated" not in done.out


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("attic", "'attic' names no node and what to read. Write NAME:API_URL, as in mynode:http"),
        ("attic:nas:14002", "the API of 'attic' can't be asked: the address begins with neither"),
        ("attic:http://nas:99999", "the address has no usable host and port"),
    ],
)
def test_what_can_not_be_asked_is_refused_in_one_line(
    argument: str, said: str, run: Run, tmp_path: Path
) -> None:
    done = run("poll", argument)
    assert done.code == 2
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert not list(tmp_path.glob("*.db"))


def api_of(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}api/nodes") as answer:
        nodes = json.load(answer)["nodes"]
    return (nodes[0]["api"] if nodes else None) or {}


def test_run_asks_the_api_that_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "node.log").write_text(transfer(1), encoding="utf-8")
    with (
        answering() as node,
        running(tmp_path, "--node", f"attic:node.log:{node.url}") as (process, url),
    ):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (api := api_of(url)):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert (api["url"], api["state"], api["version"]) == (node.url, "answering", "1.143.6")
        process.terminate()
        _, said = process.communicate()
    assert process.returncode == 0
    assert "api.answers" in said
    assert "Traceback" not in said
