"""Nothing that a whole run says shows a token or a password, whatever is sent and goes wrong."""

from __future__ import annotations

import http.client
import os
import pty
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.cli.conftest import transfer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Run

RIGHT, WRONG, PASSWORD = "the-right-0123456789", "not-right-9876543210", "the-pass-word"
SECRETS = (RIGHT, WRONG, PASSWORD)
PATIENCE_SECONDS = 60
#: A format that fails with a secret among its variables.
BROKEN = """
from storj_monitor.plugin import Format, hookimpl

def render(document):
    secret = "SECRET"
    yield b"begun" * 100_000
    for table in document.tables():
        for row in table.rows():
            raise RuntimeError("no luck")

@hookimpl
def storj_formats():
    return [Format(name="broken", title="Broken", media_type="text/plain", render=render)]
""".replace("SECRET", PASSWORD)


class Server:
    """A server that runs, and what it said on a terminal or into a pipe."""

    def __init__(self, url: str, said: Callable[[], str]) -> None:
        self.port = int(url.rstrip("/").rpartition(":")[2])
        self.said = said

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> int:
        """Send a request, read all of the answer, and return its status; 0 where it breaks off."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, PATIENCE_SECONDS)) as link:
            link.request(method, path, body, named)
            try:
                answer = link.getresponse()
                answer.read()
            except (http.client.HTTPException, ConnectionError):
                return 0
            return answer.status

    def send(self, raw: bytes) -> None:
        """Send raw bytes and wait for the end of the connection."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS) as link:
            link.sendall(raw)
            while link.recv(65_536):
                pass

    def wait_for(self, words: str) -> None:
        """Wait until it says something."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while words not in self.said() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert words in self.said(), words


@contextmanager
def running(folder: Path, *, terminal: bool) -> Iterator[Server]:
    """Run it with a token, a plugin that fails, and a node whose API wants a password."""
    (folder / "node.log").write_text(transfer(1), encoding="utf-8")
    (folder / "plugins").mkdir()
    (folder / "plugins" / "broken.py").write_text(BROKEN, encoding="utf-8")
    ours, theirs = pty.openpty() if terminal else os.pipe()
    api = f"http://operator:{PASSWORD}@127.0.0.1:1"
    command = (sys.executable, "-m", "storj_monitor", "run", "--port", "0")
    process = subprocess.Popen(
        [*command, "--node", f"attic:node.log:{api}", "--plugins-dir", "plugins"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "STORJ_MONITOR_TOKEN": RIGHT},
    )
    os.close(theirs)
    said: list[bytes] = []
    listener = threading.Thread(target=listen, args=(ours, said))
    listener.start()
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+/", first := process.stdout.readline())
        assert found is not None, b"".join(said)
        yield Server(found[0], lambda: first + b"".join(said).decode())
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)
        listener.join(PATIENCE_SECONDS)
        os.close(ours)


def listen(ours: int, said: list[bytes]) -> None:
    """Take in what is said until there is nobody to say more."""
    try:
        while piece := os.read(ours, 65_536):
            said.append(piece)
    except OSError:  # of a terminal, that is its end
        pass


def bearer(token: str) -> str:
    return f"Bearer {token}"


@pytest.mark.parametrize("terminal", [False, True], ids=["into a pipe", "on a terminal"])
def test_no_token_and_no_password_is_said(terminal: bool, tmp_path: Path) -> None:
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    with running(tmp_path, terminal=terminal) as server:
        for token, status in ((RIGHT, 200), (WRONG, 401)):
            assert server.ask("GET", "/api/nodes", Authorization=bearer(token)) == status
            assert server.ask("GET", f"/api/nodes?token={token}") == 401
            assert (
                server.ask("GET", "/", Cookie=f"storj_monitor={token}", Accept="text/html") == 401
            )
            entered = server.ask("POST", "/login", urlencode({"token": token}), **form)
            assert entered == (303 if status == 200 else 401)
            server.send(
                b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                + token.encode()
                + b"\0\r\n\r\n"
            )
            server.send(
                b"GET /?token=" + token.encode() + b"&" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n"
            )
        query = f"/api/export/events?days=3000&token={RIGHT}"
        assert server.ask("GET", query, Authorization=bearer(RIGHT)) == 400
        broken = "/api/export/events?format=broken&start=2026-03-04&end=2026-03-04"
        assert server.ask("GET", broken, Authorization=bearer(RIGHT)) in (0, 500)
        server.wait_for("no luck")
        server.wait_for("api.failing")
        server.wait_for("request.malformed")
        server.wait_for("request.refused")
        said = server.said()
    said = server.said()
    assert "127.0.0.1:1" in said
    assert [secret for secret in SECRETS if secret in said] == []


@pytest.mark.parametrize(
    "settings",
    [
        f'[web]\ntoken = ["{RIGHT}"]',
        f'[web]\ntokens = "{RIGHT}"',
        f'[web]\ntoken = {{ is = "{RIGHT}" }}',
        f"[web]\ntoken = {RIGHT}",
        f'[web]\ntoken = "{RIGHT}',
        f'[web]\ntoken = "{RIGHT}"\nallowed_hosts = 7',
        f'[web]\ntoken = "{RIGHT}"\ntoken = "{WRONG}"',
        f'web = "{RIGHT}"',
    ],
)
def test_settings_that_can_not_be_used_are_refused_without_the_token(
    settings: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "settings.toml").write_text(settings, encoding="utf-8")
    done = run("serve", "--config", "settings.toml", "--port", "0")
    assert done.code == 1
    assert "settings.toml" in done.err
    assert [secret for secret in SECRETS if secret in done.out + done.err] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--node", f"attic:-:http://operator:{PASSWORD}@nas:14002"),
        ("run", "--node", f"attic:a.log:http://operator:{PASSWORD}@nas:port"),
        ("poll", f"attic:http://operator:{PASSWORD}@127.0.0.1:1"),
        ("poll", f"attic:http://operator:{PASSWORD}@127.0.0.1:1?x"),
        ("poll", f"http://operator:{PASSWORD}@127.0.0.1:1"),
    ],
)
def test_an_address_that_can_not_be_used_is_refused_without_its_password(
    arguments: tuple[str, ...], run: Run
) -> None:
    done = run(*arguments)
    assert done.code in (1, 2)
    assert done.err
    assert PASSWORD not in done.out + done.err
