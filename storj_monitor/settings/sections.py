"""The plugins, the nodes, the exports, the server, the reports: a section of the file each."""

from __future__ import annotations

import os
import re
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct, field

Positive = Annotated[int, Meta(ge=1)]
#: Scheme, host and perhaps a path: nothing that would end up in the middle of a link.
_PUBLIC_URL = re.compile(r"https?://[^\s/?#@<>\"'\\]+(?:/[^\s?#<>\"'\\]*)?")
#: Below, one export at a time is enough.
_SMALL_MEMORY_BYTES = 2 * 10**9


class PluginSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which plugins are used. The built-ins always are."""

    #: Distributions or plugins that are not even imported.
    block: tuple[str, ...] = ()
    #: For each kind, which distribution a name is taken from when two offer it.
    prefer: dict[str, dict[str, str]] = field(default_factory=dict)
    #: "", "none", or "only:a,b": from STORJ_MONITOR_PLUGIN_FILTER.
    filter: str = ""
    #: A folder in which every *.py is a plugin.
    directory: Path | None = None


def _memory_bytes() -> int | None:
    """Return how much memory this machine has; None where it doesn't say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _workers() -> int:
    """Return how many exports run at once if nobody said: one a core, one where memory is small."""
    memory = _memory_bytes()
    if memory is not None and memory < _SMALL_MEMORY_BYTES:
        return 1
    return max(1, os.cpu_count() or 1)


class ExportSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of exports over HTTP; the command line has none."""

    #: The longest span of one request, in calendar days.
    max_days: Annotated[int, Meta(ge=1, le=36_600)] = 31
    #: A format that gives nothing for so long is ended.
    stall_seconds: Annotated[float, Meta(gt=0, le=86_400)] = 60.0
    #: How many exports run at the same time.
    workers: Positive = field(default_factory=_workers)
    #: Whether each worker is a process; else a thread of the server, which what hangs in it keeps.
    #: Windows has no way to hand a process what these are given.
    processes: bool = sys.platform != "win32"
    #: What one worker process may take of memory (Linux).
    worker_memory_bytes: Annotated[int, Meta(ge=256_000_000)] = 1_000_000_000
    #: A worker process that has had nothing to do for so long ends.
    idle_seconds: Annotated[float, Meta(gt=0, le=86_400)] = 300.0
    #: How many more may wait; beyond that the answer is 429.
    queue: Annotated[int, Meta(ge=0)] = 16
    #: A client that takes nothing for so long is dropped.
    client_seconds: Annotated[float, Meta(gt=0, le=86_400)] = 60.0
    #: The folder of finished files, to download again; beside the database if not said.
    spool: Path | None = None
    #: How much they take at most, and how long they are kept.
    spool_bytes: Positive = 10_000_000_000
    spool_hours: Annotated[float, Meta(gt=0, le=87_600)] = 24.0
    #: What exports leave free of the disk: the database is on it too.
    keep_free_bytes: Annotated[int, Meta(ge=0)] = 200_000_000


class CollectSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How nodes are read, and how long what they said is kept."""

    #: `run` and `serve` remove transfers that are older; their sums by the hour stay for ever.
    keep_events_days: Annotated[int, Meta(ge=1, le=36_600)] = 90
    #: How often `run` looks whether the logs have grown.
    follow_seconds: Annotated[float, Meta(ge=0.1, le=3600)] = 1.0
    #: How often `run` asks the API of each node, a tenth more or less.
    poll_seconds: Annotated[float, Meta(ge=10, le=86_400)] = 300.0
    #: A MaxMind database (.mmdb) that tells the country of a remote address.
    country_database: Path | None = None


class WebSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may use the server."""

    #: Needed by every request but /healthz, if set. From STORJ_MONITOR_TOKEN or the file.
    token: str = ""
    #: A file that has the token; made, with a token of its own, where there is none.
    token_file: Path | None = None
    #: Names that a browser may call this server by, beside loopback and the address bound.
    allowed_hosts: tuple[str, ...] = ()
    #: Addresses or networks of reverse proxies, whose X-Forwarded-* headers are believed.
    trusted_proxies: tuple[str, ...] = ("127.0.0.0/8", "::1")
    #: Where others reach this server, for links in what is sent; without it none are sent.
    public_url: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for what can't be meant: msgspec says where it stands."""
        if self.public_url and not _PUBLIC_URL.fullmatch(self.public_url):
            message = (
                f"public_url = {self.public_url!r} is no URL such as https://storj.example.org"
            )
            raise ValueError(message)
        if self.token and self.token_file:
            message = (
                "both a token and a token_file are given: leave one of them out (in the "
                "environment, an empty variable is none)"
            )
            raise ValueError(message)
        for given in self.trusted_proxies:
            _check_network(given)


def _check_network(given: str) -> None:
    try:
        ip_network(given)
    except ValueError:
        message = f"{given!r} under trusted_proxies is no address or network such as 172.18.0.0/16"
        raise ValueError(message) from None


class BrandSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose reports they are."""

    #: Stands on every report.
    name: Annotated[str, Meta(max_length=200)] = ""
    #: A picture for reports: a PNG or JPEG file of at most 1 MB.
    logo: Path | None = None
