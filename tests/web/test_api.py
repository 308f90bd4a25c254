from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

from storj_monitor.errors import Failure
from storj_monitor.web.catalogue import described_plugins
from tests.web.rooms import HOSTILE, NODES, catalogue_of, room

if TYPE_CHECKING:
    from pytest_aiohttp.plugin import AiohttpClient

REFUSED = Failure(
    plugin="yaml",
    distribution="storj-yaml",
    version="0.1",
    stage="admit",
    reason="importing 'storj_yaml' failed: ModuleNotFoundError.",
    hint="Install <yaml>.",
)


async def test_the_catalogue_says_all_there_is(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room(catalogue=catalogue_of(failures=(REFUSED,))).app)
    answer = await (await client.get("/api/catalogue")).json()
    assert list(answer) == ["api_version", "sources", "formats", "reports", "channels", "plugins"]
    assert answer["api_version"] == 1
    numbers = answer["sources"][0]
    assert (numbers["name"], numbers["max_days"]) == ("numbers", 31)
    assert numbers["period"] == "custom"
    assert numbers["distribution"] == "storj-made-up"
    assert numbers["columns"][2:] == [
        {
            "key": "number",
            "label": "Number",
            "kind": "integer",
            "unit": "B",
            "description": "counts up",
            "personal": False,
        },
        {
            "key": "remote_ip",
            "label": "Address",
            "kind": "text",
            "unit": "",
            "description": "",
            "personal": True,
        },
    ]
    assert numbers["filters"][1] == {
        "name": "bucket",
        "summary": "How fine",
        "choices": ["hour", "day"],
        "default": "hour",
    }
    assert answer["formats"][0] == {
        "name": "csv",
        "title": "CSV",
        "media_type": "text/csv",
        "suffix": "csv",
        "spreadsheet": True,
        "options": [
            {"name": "guard", "summary": "Safe texts", "choices": ["on", "off"], "default": "on"}
        ],
        "presets": {"bare": {"guard": "off"}},
        "distribution": "storj-made-up",
    }
    assert answer["plugins"][1] == {
        "name": "yaml",
        "distribution": "storj-yaml",
        "version": "0.1",
        "state": "refused",
        "offers": {},
        "failure": {"stage": "admit", "reason": REFUSED.reason, "hint": "Install <yaml>."},
    }


async def test_a_secret_setting_is_described_without_its_default(
    aiohttp_client: AiohttpClient,
) -> None:
    client = await aiohttp_client(room().app)
    answer = await (await client.get("/api/catalogue")).json()
    assert [setting["default"] for setting in answer["channels"][0]["settings"]] == ["#storj", None]
    assert "hush" not in json.dumps(answer)


async def test_nodes_are_answered_with_when_they_were_heard(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room().app)
    answer = await (await client.get("/api/nodes")).json()
    assert [node["name"] for node in answer["nodes"]] == [node.name for node in NODES]
    heard = "2026-03-04T10:11:12.000+00:00"
    assert answer["nodes"][0] == {
        "name": "alpha",
        "first_heard_at": heard,
        "last_heard_at": heard,
        "logs": [
            {
                "log": "/logs/alpha.log",
                "state": "following",
                "reason": None,
                "behind_bytes": 0,
                "checked_at": heard,
            },
            {
                "log": "/logs/<i>.log",
                "state": "waiting",
                "reason": "there is no such file yet",
                "behind_bytes": None,
                "checked_at": heard,
            },
        ],
        "api": {
            "url": "http://127.0.0.1:14002",
            "state": "answering",
            "reason": None,
            "version": "1.137.5",
            "answered_at": heard,
            "checked_at": heard,
        },
    }
    assert answer["nodes"][1] == {
        "name": "beta",
        "first_heard_at": None,
        "last_heard_at": None,
        "logs": [],
        "api": {
            "url": "http://<i>:1",
            "state": "failing",
            "reason": "nothing listens at <i>:1",
            "version": None,
            "answered_at": None,
            "checked_at": heard,
        },
    }
    assert answer["nodes"][2]["api"] is None
    assert answer["nodes"][2]["name"] == HOSTILE


async def test_health_names_the_version(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room().app)
    answer = await (await client.get("/healthz")).json()
    assert answer == {"status": "ok", "version": version("storj-monitor")}


def test_a_plugin_that_is_loaded_has_no_failure() -> None:
    assert described_plugins(catalogue_of()) == [
        {
            "name": "made_up",
            "distribution": "storj-made-up",
            "version": "1.2",
            "state": "loaded",
            "offers": {
                "sources": ["numbers", "eternal"],
                "formats": ["csv", "psv"],
                "reports": [],
                "channels": ["matrix"],
            },
            "failure": None,
        }
    ]


def test_describing_plugins_loads_no_server() -> None:
    code = (
        "import sys, storj_monitor.web.catalogue; "
        "sys.exit(bool({'aiohttp', 'jinja2', 'pyarrow', 'sqlalchemy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
