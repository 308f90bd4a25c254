"""A virtual environment with nothing of ours but the wheels that pip put there."""

from __future__ import annotations

import os
import re
import subprocess
import venv
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "tests" / "example_plugins"
#: Transfers of one size, a second each, all in March 2026.
TRANSFERS = 5
SIZE = 2_319_360
CONFIG = """
[collect]
keep_events_days = 36600

[exports]
stall_seconds = 20
worker_memory_bytes = 400000000
"""
LINE = (
    '2026-03-04T10:11:{:02}Z\tINFO\tpiecestore\tdownloaded\t{{"Process": "storagenode", '
    '"piece_id": "G7ORR4UZVCNFGRN7CZW7HQF2BCU5KBUUDRCE5OOYNDNS2N7FZZLQ", '
    '"satellite_id": "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S", "action": "GET", '
    f'"offset": 0, "size": {SIZE}, "remote_address": "[2001:db8::2]:28967"}}}}\n'
)


class Environment:
    """Where the program and the example plugins are installed, with a home to work in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.wheels = folder / "wheels"

    def make(self) -> None:
        """Build the wheels, install them, and read a log."""
        venv.create(self.folder, with_pip=True, clear=True)
        self.home.mkdir()
        self.build()
        wheels = map(str, sorted(self.wheels.glob("*.whl")))
        # Of all that is installed little is imported: compiling that as it is needed is faster.
        self.pip(self.folder, "install", "--no-compile", *wheels)
        lines = "".join(LINE.format(12 + second) for second in range(TRANSFERS))
        (self.home / "node.log").write_text(lines, encoding="utf-8")
        (self.home / "settings.toml").write_text(CONFIG, encoding="utf-8")
        self.run("ingest", "attic:node.log")

    def build(self) -> None:
        """Build every project's wheel with one hatchling: a fresh one for each takes a minute."""
        builder = self.folder / "builder"
        venv.create(builder, with_pip=True)
        self.pip(builder, "install", "hatchling")
        projects = [ROOT, *sorted(PLUGINS.glob("storj-*"))]
        where = ("--no-build-isolation", "--wheel-dir", str(self.wheels))
        self.pip(builder, "wheel", "--no-deps", *where, *map(str, projects))

    def pip(self, folder: Path, command: str, *arguments: str) -> None:
        """Run the pip of a virtual environment; what it says on failure is in the error."""
        pip = [str(folder / "bin" / "pip"), command, "--quiet", *arguments]
        done = subprocess.run(
            pip, check=False, capture_output=True, text=True, env=self.variables()
        )
        assert done.returncode == 0, done.stderr

    def variables(self) -> dict[str, str]:
        """Return an environment that knows nothing of the tests' own interpreter."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("COV")}
        return kept | {"PYTHONPATH": "", "STORJ_MONITOR_DATABASE": str(self.home / "a.db")}

    def command(self, *arguments: str) -> list[str]:
        """Return the words that run the installed program."""
        return [str(self.folder / "bin" / "storj-monitor"), *arguments]

    def done(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run the program in its home, whatever becomes of it."""
        return subprocess.run(
            self.command(*arguments),
            capture_output=True,
            check=False,
            cwd=self.home,
            env=self.variables(),
        )

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run the program and return what it wrote; another exit code fails the test."""
        done = self.done(*arguments)
        said = done.stderr.decode()
        assert done.returncode == code, said
        assert "Traceback" not in said
        return done.stdout.decode()

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve the database, and give the server's address."""
        log = self.home / f"serve-{os.getpid()}.log"
        words = self.command("serve", "--port", "0", "--config", "settings.toml")
        with log.open("wb") as file:
            server = subprocess.Popen(
                words, stdout=subprocess.PIPE, stderr=file, cwd=self.home, env=self.variables()
            )
        assert server.stdout is not None
        with server.stdout as lines:
            try:
                said = next((line for line in lines if b"http://" in line), b"")
                found = re.search(r"http://[\w.:]+", said.decode())
                assert found is not None, log.read_text(encoding="utf-8")
                yield found[0]
            finally:
                server.terminate()
                server.wait(20)
