"""The program and three strangers' plugins, really installed with pip into a fresh environment."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
import venv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "tests" / "example_plugins"
LINE = (
    '2026-03-04T10:11:12Z\tINFO\tpiecestore\tdownloaded\t{"Process": "storagenode", '
    '"piece_id": "G7ORR4UZVCNFGRN7CZW7HQF2BCU5KBUUDRCE5OOYNDNS2N7FZZLQ", '
    '"satellite_id": "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S", "action": "GET", '
    '"offset": 0, "size": 2319360, "remote_address": "[2001:db8::2]:28967"}\n'
)
ROW = (
    "2026-03-04T10:11:12.000+00:00|attic|us1|12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S"
    "|GET|success|2319360||G7ORR4UZVCNFGRN7CZW7HQF2BCU5KBUUDRCE5OOYNDNS2N7FZZLQ|"
)


class Environment:
    """A virtual environment with nothing of ours but what pip put there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        venv.create(folder, with_pip=True)
        self.home.mkdir()

    def variables(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("COV")}
        return kept | {"PYTHONPATH": "", "STORJ_MONITOR_DATABASE": str(self.home / "a.db")}

    def install(self, *projects: Path) -> None:
        pip = [str(self.folder / "bin" / "pip"), "install", "--quiet", *map(str, projects)]
        subprocess.run(pip, check=True, capture_output=True, env=self.variables())

    def command(self, *arguments: str) -> list[str]:
        return [str(self.folder / "bin" / "storj-monitor"), *arguments]

    def run(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            self.command(*arguments),
            capture_output=True,
            text=True,
            check=False,
            cwd=self.home,
            env=self.variables(),
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    made = Environment(tmp_path_factory.mktemp("fresh"))
    plugins = [PLUGINS / f"storj-{name}" for name in ("psv", "downloads", "broken")]
    made.install(ROOT, *plugins)
    (made.home / "node.log").write_text(LINE, encoding="utf-8")
    made.run("ingest", "attic:node.log")
    return made


@pytest.fixture(scope="module")
def address(environment: Environment) -> Iterator[str]:
    server = subprocess.Popen(
        environment.command("serve", "--port", "0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=environment.home,
        env=environment.variables(),
    )
    assert server.stdout is not None
    with server.stdout as lines:
        try:
            said = next(line for line in lines if "http://" in line)
            found = re.search(r"http://[\w.:]+", said)
            assert found is not None
            yield found[0]
        finally:
            server.terminate()
            server.wait(20)


def answer(url: str, sent: bytes | None = None) -> bytes:
    with urllib.request.urlopen(url, sent, timeout=30) as response:
        body: bytes = response.read()
        return body


def test_a_strangers_format_is_listed_and_the_broken_plugin_is_refused(
    environment: Environment,
) -> None:
    plugins = json.loads(environment.run("plugins", "--json"))["plugins"]

    by_name: dict[str, Any] = {plugin["name"]: plugin for plugin in plugins}
    assert by_name["psv"]["state"] == "loaded"
    assert by_name["psv"]["distribution"] == "storj-psv"
    assert by_name["psv"]["offers"]["formats"] == ["psv"]
    assert by_name["broken"]["state"] == "refused"
    assert by_name["broken"]["failure"]["stage"] == "admit"
    assert "a_library_that_nobody_has" in by_name["broken"]["failure"]["reason"]
    assert {plugin["state"] for plugin in plugins if plugin["name"] != "broken"} == {"loaded"}


def test_a_refused_plugin_can_be_made_to_fail_the_command(environment: Environment) -> None:
    environment.run("plugins", "--strict-plugins", code=1)


def test_a_strangers_format_is_exported_on_the_command_line(environment: Environment) -> None:
    text = environment.run("export", "events", "--period", "2026-03", "-f", "psv")

    assert text.splitlines()[1] == ROW


def test_a_strangers_format_is_served_over_http(address: str) -> None:
    body = answer(f"{address}/api/export/events?format=psv&period=2026-03")

    assert body.decode().splitlines()[1] == ROW


def test_a_strangers_format_is_in_the_catalogue_and_the_openapi(address: str) -> None:
    catalogue = json.loads(answer(f"{address}/api/catalogue"))
    described = json.loads(answer(f"{address}/api/openapi.json"))

    assert "psv" in [format_["name"] for format_ in catalogue["formats"]]
    parameters = described["paths"]["/api/export/events"]["get"]["parameters"]
    (formats,) = [part["schema"]["enum"] for part in parameters if part["name"] == "format"]
    assert "psv" in formats


def test_a_strangers_format_is_on_the_page_and_the_broken_plugin_too(address: str) -> None:
    page = answer(f"{address}/").decode()

    assert "Pipe-separated" in page
    assert "a_library_that_nobody_has" in page


def test_a_strangers_report_is_written_on_the_command_line_and_over_http(
    environment: Environment, address: str
) -> None:
    text = environment.run("report", "downloads", "--period", "2026-W10", "-f", "psv")
    body = json.dumps({"report_type": "downloads", "period": "2026-W10", "format": "psv"})
    served = answer(f"{address}/api/reports/generate", body.encode())
    described = json.loads(answer(f"{address}/api/openapi.json"))

    assert "downloaded|Downloaded|2319360|bytes|\n" in text
    assert "2026-03-04T00:00:00.000+00:00|2319360\n" in text
    assert served.decode() == text
    (wanted,) = described["paths"]["/api/reports/generate"]["post"]["requestBody"][
        "content"
    ].values()
    assert "downloads" in wanted["schema"]["properties"]["report_type"]["enum"]
    assert "What customers fetched, day by day" in answer(f"{address}/").decode()


def test_every_built_in_format_works_in_the_fresh_environment(environment: Environment) -> None:
    plugins = json.loads(environment.run("plugins", "--json"))["plugins"]
    formats = [name for plugin in plugins for name in plugin["offers"].get("formats", [])]

    for name in formats:
        environment.run("export", "traffic", "--period", "2026-03", "-f", name, "-o", f"a.{name}")
        assert (environment.home / f"a.{name}").stat().st_size > 0
    assert set(formats) >= {"csv", "json", "ndjson", "parquet", "pdf", "xlsx", "psv"}


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


def test_the_interpreter_of_the_tests_has_none_of_it(environment: Environment) -> None:
    found = subprocess.run(
        [sys.executable, "-c", "import storj_psv"], capture_output=True, check=False
    )

    assert found.returncode == 1
    assert environment.folder != Path(sys.prefix)
