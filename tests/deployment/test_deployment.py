"""What .deploy/ starts is what the program has: commands, options, variables, paths, headers."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from storj_monitor.cli.app import app
from storj_monitor.settings import load

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / ".deploy"
DATA = "/data"


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile, each with what follows it."""
    lines = [line for line in read("Dockerfile").splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [
        (word, " ".join(rest.split()))
        for word, _, rest in (line.partition(" ") for line in joined.splitlines())
        if word
    ]


def only(word: str) -> str:
    [found] = [rest for name, rest in instructions() if name == word]
    return found


def variables_of_the_image() -> dict[str, str]:
    return dict(word.split("=", 1) for word in shlex.split(only("ENV")))


def settings_of_the_unit(name: str) -> list[str]:
    found = re.findall(rf"^{name}=(.*)$", read("storj-monitor.service"), re.MULTILINE)
    assert found
    return found


def compose() -> dict[str, Any]:
    service = msgspec.yaml.decode(read("compose.yaml"))["services"]["storj-monitor"]
    assert isinstance(service, dict)
    return service


def parsed(arguments: Sequence[str]) -> dict[str, Any]:
    """Return the options of a command line as the program understands them; else it raises."""
    name, *rest = arguments
    return app.commands[name].make_context(name, list(rest)).params


def test_the_image_starts_a_command_that_others_can_reach() -> None:
    assert json.loads(only("ENTRYPOINT")) == ["storj-monitor"]
    usual = parsed(json.loads(only("CMD")))
    assert usual["host"] == "0.0.0.0"
    assert not usual["insecure"]
    assert f":{usual['port']}/healthz" in only("HEALTHCHECK")
    assert only("EXPOSE") == str(usual["port"])


def test_the_image_keeps_what_it_has_in_its_volume_and_needs_a_token() -> None:
    variables = variables_of_the_image()
    settings = load(None, variables)
    assert only("VOLUME") == DATA
    assert settings.database.parent == settings.web.token_file.parent == Path(DATA)  # type: ignore[union-attr]  # None would fail too
    assert settings.web.token == ""
    assert {name for name in variables if name.startswith("STORJ_")} == {
        "STORJ_MONITOR_DATABASE",
        "STORJ_MONITOR_TOKEN_FILE",
    }


def test_the_image_runs_as_a_user_who_owns_the_volume_and_nothing_else() -> None:
    user, group = only("USER").split(":")
    made = " ".join(rest for name, rest in instructions() if name == "RUN")
    assert int(user) > 1_000
    assert f"--uid {user} " in made
    assert f"--gid {group} " in made
    assert f"--owner=storj --group=storj --mode=0700 {DATA}" in made


def test_the_image_has_all_that_is_optional() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = set(project["optional-dependencies"]) - {"test", "testing"}
    made = " ".join(rest for name, rest in instructions() if name == "RUN")
    named = [
        set(found.split(",")) for found in re.findall(r'"(?:\.|storj-monitor)\[(.+?)\]"', made)
    ]
    assert named == [optional, optional]  # where its wheels are made, and where they are installed


def test_the_image_is_made_of_files_that_the_builder_is_given() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    given = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert lines[1] == "*"
    copied = {name for word, rest in instructions() if word == "COPY" for name in rest.split()[:-1]}
    assert copied == given
    assert all((ROOT / name).exists() for name in copied)


def test_what_is_mounted_is_where_the_command_looks_for_it() -> None:
    service = compose()
    run = parsed(service["command"])
    [node] = run["given"]
    name, log, api = node.split(":", 2)
    mounted = dict(volume.split(":", 1) for volume in service["volumes"] if ":" in volume)
    assert mounted["data"] == only("VOLUME") == DATA
    [(folder, options)] = [
        place.split(":") for source, place in mounted.items() if source.startswith("/")
    ]
    assert log.startswith(f"{folder}/")
    assert options == "ro"
    assert name
    host = api.removeprefix("http://").rpartition(":")[0]
    assert [entry.partition(":")[0] for entry in service["extra_hosts"]] == [host]
    assert (run["host"], run["insecure"]) == ("0.0.0.0", False)


def test_the_container_is_reached_from_its_own_machine_only() -> None:
    [port] = compose()["ports"]
    inside = parsed(compose()["command"])["port"]
    assert port == f"127.0.0.1:{inside}:{inside}"


def test_the_container_is_built_from_the_dockerfile() -> None:
    build = compose()["build"]
    context = (DEPLOY / build["context"]).resolve()
    assert context == ROOT
    assert (context / build["dockerfile"]).is_file()


def test_the_unit_starts_what_the_program_has() -> None:
    program, *arguments = shlex.split(settings_of_the_unit("ExecStart")[0])
    assert program.endswith("/bin/storj-monitor")
    run = parsed(arguments)
    assert run["host"] == "127.0.0.1"
    [node] = run["given"]
    [logs] = settings_of_the_unit("ReadOnlyPaths")
    assert node.split(":")[1].startswith(f"{logs.removeprefix('-')}/")


def test_the_unit_keeps_what_it_has_in_its_state_directory() -> None:
    [state] = settings_of_the_unit("StateDirectory")
    # What %S is for a unit of the system.
    given = [pair.replace("%S", "/var/lib") for pair in settings_of_the_unit("Environment")]
    settings = load(None, dict(pair.split("=", 1) for pair in given))
    assert settings.database.parent == Path(f"/var/lib/{state}")
    assert settings.web.token_file == Path(f"/var/lib/{state}/token")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "storj-monitor.service"
    program = settings_of_the_unit("ExecStart")[0].split()[0]
    unit.write_text(read(unit.name).replace(program, "/bin/true"), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_nginx_says_all_that_a_prefix_needs_and_keeps_no_file_back() -> None:
    said = dict(re.findall(r"proxy_set_header (\S+) (.*);", read("nginx.conf")))
    assert said["X-Forwarded-Prefix"] == "/storj"
    assert said["X-Forwarded-Proto"] == "$scheme"
    assert said["X-Forwarded-For"] == "$remote_addr"
    assert said["X-Forwarded-Host"] == said["Host"] == "$http_host"
    assert "location /storj/ {" in read("nginx.conf")
    assert "proxy_pass http://storj_monitor/;" in read("nginx.conf")
    assert "proxy_http_version 1.1;" in read("nginx.conf")
    assert "proxy_buffering off;" in read("nginx.conf")


def test_the_proxies_lead_to_the_usual_port() -> None:
    port = parsed(["serve"])["port"]
    for name in ("nginx.conf", "Caddyfile"):
        assert f"127.0.0.1:{port}" in read(name)
        assert "X-Forwarded-Prefix /storj" in read(name)
