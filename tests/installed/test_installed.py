"""The program and strangers' plugins, built as wheels and really installed with pip."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.installed.environment import PLUGINS, SIZE, TRANSFERS

if TYPE_CHECKING:
    from tests.installed.conftest import Client
    from tests.installed.environment import Environment

ROW = (
    "2026-03-04T10:11:12.000+00:00|attic|us1|12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S"
    f"|GET|success|{SIZE}||G7ORR4UZVCNFGRN7CZW7HQF2BCU5KBUUDRCE5OOYNDNS2N7FZZLQ|"
)
#: Formats that are made to fail are looked at in test_misbehaving.py.
MISBEHAVING = "storj-misbehaving"


def listed(environment: Environment) -> dict[str, Any]:
    """Return what is said of each plugin, by name."""
    plugins = json.loads(environment.run("plugins", "--json"))["plugins"]
    return {plugin["name"]: plugin for plugin in plugins}


def formats_of(environment: Environment) -> list[str]:
    """Return every format that behaves."""
    plugins = listed(environment).values()
    behaving = [plugin for plugin in plugins if plugin["distribution"] != MISBEHAVING]
    return [name for plugin in behaving for name in plugin["offers"].get("formats", [])]


def test_every_plugin_was_installed_from_a_wheel(environment: Environment) -> None:
    wheels = {path.name.partition("-")[0] for path in environment.wheels.glob("*.whl")}

    projects = {path.name.replace("-", "_") for path in PLUGINS.glob("storj-*")}
    assert wheels == {"storj_monitor", *projects}


def test_a_strangers_plugins_are_listed_with_what_they_offer(environment: Environment) -> None:
    plugins = listed(environment)

    for name, kind in [
        *(("psv", "formats"), ("arrow", "formats"), ("hours", "sources")),
        *(("downloads", "reports"), ("folder", "channels")),
    ]:
        assert plugins[name]["state"] == "loaded"
        assert plugins[name]["distribution"] == f"storj-{name}"
        assert plugins[name]["offers"][kind] == [name]


def test_a_strangers_format_is_exported_on_the_command_line(environment: Environment) -> None:
    text = environment.run("export", "events", "--period", "2026-03", "-f", "psv")

    assert text.splitlines()[1] == ROW
    assert len(text.splitlines()) == 1 + TRANSFERS


def test_a_strangers_format_is_served_over_http(client: Client) -> None:
    answer = client.export("psv")

    assert (answer.status, answer.media_type) == (200, "text/plain")
    assert answer.body.decode().splitlines()[1] == ROW


def test_a_strangers_binary_format_is_served_as_it_is_written(
    environment: Environment, client: Client
) -> None:
    answer = client.export("arrow")

    assert (answer.status, answer.media_type) == (200, "application/vnd.apache.arrow.stream")
    done = environment.done("export", "events", "--period", "2026-03", "-f", "arrow")
    assert answer.body == done.stdout
    assert answer.body.endswith(b"\xff\xff\xff\xff\0\0\0\0")


def test_a_strangers_source_comes_in_every_format(environment: Environment, client: Client) -> None:
    for name in formats_of(environment):
        answer = client.export(name, "hours")
        assert (answer.status, bool(answer.body)) == (200, True), name

    (row,) = client.export("json", "hours").json
    assert row == {
        "hour": "2026-03-04T10:00:00.000+00:00",
        "node": "attic",
        "action": "GET",
        "status": "success",
        "transfers": TRANSFERS,
        "bytes": TRANSFERS * SIZE,
    }


def test_a_strangers_source_is_filtered(client: Client) -> None:
    wanted = "/api/export/hours?format=psv&period=2026-03"

    failed = client.get(f"{wanted}&status=failed")
    senseless = client.get(f"{wanted}&status=lost")

    assert failed.body == b"hour|node|action|status|transfers|bytes\n"
    assert (senseless.status, senseless.json["code"]) == (400, "bad_filter")


def test_what_strangers_offer_is_in_the_catalogue_and_the_openapi(client: Client) -> None:
    catalogue = client.get("/api/catalogue").json
    described = client.get("/api/openapi.json").json

    for kind, name in [("formats", "arrow"), ("sources", "hours"), ("reports", "downloads")]:
        assert name in [item["name"] for item in catalogue[kind]]
    parameters = described["paths"]["/api/export/hours"]["get"]["parameters"]
    choices = {part["name"]: part["schema"] for part in parameters}
    assert {"psv", "arrow"} <= set(choices["format"]["enum"])
    assert "status" in choices


def test_what_strangers_offer_is_on_the_page(client: Client) -> None:
    page = client.get("/").body.decode()

    for words in ("Pipe-separated", "Arrow stream", "What each node did, hour by hour"):
        assert words in page


def test_a_strangers_report_is_written_on_the_command_line_and_over_http(
    environment: Environment, client: Client
) -> None:
    text = environment.run("report", "downloads", "--period", "2026-W10", "-f", "psv")
    wanted = {"report_type": "downloads", "period": "2026-W10", "format": "psv"}
    served = client.get("/api/reports/generate", wanted)
    described = client.get("/api/openapi.json").json

    assert f"downloaded|Downloaded|{TRANSFERS * SIZE}|bytes|\n" in text
    assert f"2026-03-04T00:00:00.000+00:00|{TRANSFERS * SIZE}\n" in text
    assert served.body.decode() == text
    (body,) = described["paths"]["/api/reports/generate"]["post"]["requestBody"]["content"].values()
    assert "downloads" in body["schema"]["properties"]["report_type"]["enum"]
    assert "What customers fetched, day by day" in client.get("/").body.decode()


def test_every_format_works_in_the_fresh_environment(environment: Environment) -> None:
    formats = formats_of(environment)

    for name in formats:
        environment.run("export", "traffic", "--period", "2026-03", "-f", name, "-o", f"a.{name}")
        assert (environment.home / f"a.{name}").stat().st_size > 0
    assert set(formats) >= {"csv", "json", "ndjson", "parquet", "pdf", "xlsx", "psv", "arrow"}


def test_one_file_in_a_folder_is_a_plugin_without_packaging(
    environment: Environment, tmp_path: Path
) -> None:
    source = (PLUGINS / "storj-psv" / "storj_psv.py").read_text(encoding="utf-8")
    (tmp_path / "tilde.py").write_text(
        source.replace('"psv"', '"tilde"').replace('"|"', '"~"'), encoding="utf-8"
    )

    folder = ("--plugins-dir", str(tmp_path))
    text = environment.run("export", "events", "--period", "2026-03", "-f", "tilde", *folder)

    assert text.splitlines()[1] == ROW.replace("|", "~")


def test_a_new_package_is_written_by_the_installed_program(
    environment: Environment, tmp_path: Path
) -> None:
    environment.run("plugin", "new", "pairs", "--kind", "format", "--output", str(tmp_path))

    assert (tmp_path / "storj-pairs" / "storj_pairs.py").is_file()


def test_the_interpreter_of_the_tests_has_none_of_it(environment: Environment) -> None:
    found = subprocess.run(
        [sys.executable, "-c", "import storj_psv"], capture_output=True, check=False
    )

    assert found.returncode == 1
    assert environment.folder != Path(sys.prefix)
