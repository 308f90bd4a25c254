"""One environment for all tests of installed packages, and a server of it to ask."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.installed.environment import Environment
from tests.once import made_once

if TYPE_CHECKING:
    from collections.abc import Iterator


class Answer(NamedTuple):
    """What a server answered."""

    status: int
    media_type: str
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Client:
    """Asks one server."""

    def __init__(self, address: str) -> None:
        self.address = address

    def get(self, path: str, sent: object = None) -> Answer:
        """Return the answer, an error too; a connection that breaks off is an exception."""
        body = None if sent is None else json.dumps(sent).encode()
        try:
            response = urllib.request.urlopen(f"{self.address}{path}", body, timeout=60)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            return Answer(response.status, response.headers["Content-Type"], response.read())

    def export(self, format_: str, source: str = "events") -> Answer:
        """Ask for all that the database has, in one format."""
        return self.get(f"/api/export/{source}?format={format_}&period=2026-03")


@pytest.fixture(scope="session")
def environment(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Environment:
    """Build and install the wheels, once for all processes that run tests."""
    folder = made_once(
        "fresh", lambda folder: Environment(folder).make(), tmp_path_factory, pytestconfig
    )
    return Environment(folder)


@pytest.fixture(scope="session")
def client(environment: Environment) -> Iterator[Client]:
    """Ask a server of the environment, which serves until the last test."""
    with environment.served() as address:
        yield Client(address)
