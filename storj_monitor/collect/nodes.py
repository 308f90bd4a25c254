"""The operator's way to name a node and what belongs to it: NAME:PATH, NAME:LOG[:API_URL], ..."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from storj_monitor.errors import Problem

_LONGEST_NAME = 200
_LAST_PORT = 65_535
_API_URL = re.compile(r":(?=https?://)", re.IGNORECASE)
_STREAM = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):([0-9]+)")
_BARE_IPV6 = re.compile(r"[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9]+")
_A_PATH = "Write NAME:PATH, as in mynode:/var/log/node.log"
_A_URL = "Write NAME:API_URL, as in mynode:http://127.0.0.1:14002"
_EXAMPLES = (
    "Write NAME:LOG or NAME:LOG:API_URL, where LOG is a file or the host:port of a stream of"
    " lines, as in mynode:/var/log/node.log:http://127.0.0.1:14002"
)


@dataclass(frozen=True)
class NodeLog:
    """What `run` is to follow: a node, its log, and where its API answers if that is known."""

    node: str
    #: A path, or host:port.
    log: str
    api_url: str | None = None
    #: Where a log that is a file is, wherever a plugin may go later.
    path: Path = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.log).absolute())

    @property
    def stream(self) -> tuple[str, int] | None:
        """The host and port of a log that is a stream of lines over TCP; None for a file."""
        match = _STREAM.fullmatch(self.log)
        return None if match is None else (match[1] or match[2], int(match[3]))


class NodeUrl(NamedTuple):
    """A node, and where its API answers."""

    node: str
    url: str


def is_node_name(name: str) -> bool:
    """Say whether a node can be called so."""
    is_fit = 1 <= len(name) <= _LONGEST_NAME and name.isprintable() and name == name.strip()
    return is_fit and ":" not in name


def parse_node_argument(text: str, example: str = _A_PATH) -> tuple[str, str]:
    """Split NAME:REST at the first colon. Raises Problem when a part is missing or unfit."""
    name, colon, rest = text.partition(":")
    if not colon or not rest:
        detail = f"{text!r} names no node and what to read"
        raise Problem("bad_request", detail, example)
    if not is_node_name(name):
        detail = f"{name[:_LONGEST_NAME]!r} can't be the name of a node"
        hint = (
            "A name is 1 to 200 printable characters without a colon, and no space at either end."
        )
        raise Problem("bad_request", detail, hint)
    return name, rest


def parse_node_log(text: str) -> NodeLog:
    """Read NAME:LOG[:API_URL]. Raises Problem that says which part can't be used.

    The API's URL begins at the first `:http://` or `:https://`. A LOG like `nas:9000` or
    `[::1]:9000` is a stream of lines over TCP, any other a path, of Windows too.
    """
    name, rest = parse_node_argument(text)
    # One colon more, so that a URL right after the name is seen as one too.
    log, *found = _API_URL.split(f":{rest}", maxsplit=1)
    given = NodeLog(name, log[1:], found[0] if found else None)
    if given.log in {"", "-"} or not given.log.isprintable():
        what = "standard input can't be followed" if given.log == "-" else "it names no log"
        raise _refusal(given, what)
    _check_stream(given)
    if given.api_url is not None:
        _check_url(name, given.api_url)
    return given


def parse_node_url(text: str) -> NodeUrl:
    """Read NAME:API_URL. Raises Problem that says which part can't be used."""
    name, url = parse_node_argument(text, _A_URL)
    _check_url(name, url)
    return NodeUrl(name, url)


def _check_url(name: str, url: str) -> None:
    from storj_monitor.collect.node_api import NodeApiError
    from storj_monitor.collect.node_api.address import Address

    try:
        Address.parse(url)
    except NodeApiError as error:
        detail = f"the API of {name!r} can't be asked: {error.reason}"
        raise Problem("bad_request", detail, error.hint) from error


def _check_stream(given: NodeLog) -> None:
    if given.stream is not None and not 1 <= given.stream[1] <= _LAST_PORT:
        raise _refusal(given, f"there is no port {given.stream[1]}")
    if _BARE_IPV6.fullmatch(given.log):
        raise _refusal(given, "an IPv6 address stands in brackets, as in [::1]:9000")


def _refusal(given: NodeLog, what: str) -> Problem:
    """Say what is wrong, without the URL: there may be a password in it."""
    shown = f"{given.node}:{given.log}"
    return Problem("bad_request", f"--node {shown!r} can't be followed: {what}", _EXAMPLES)
