"""The encodings that a node writes lines in, and what carries them puts around them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_CLOUD_LEVELS = {"WARN": "WARNING", "DPANIC": "CRITICAL", "PANIC": "ALERT", "FATAL": "EMERGENCY"}


def _parts(console: bytes) -> tuple[str, str, str, str, str, dict[str, Any]]:
    """Return time, level, logger, caller, message and fields of a line as written here."""
    columns = console.decode().split("\t")
    given = json.loads(columns.pop()) if columns[-1].startswith("{") else {}
    time, level, *rest = columns
    message = rest.pop()
    logger = rest.pop(0) if rest else ""
    return time, level, logger, "".join(rest), message, given


def _compact(given: dict[str, Any]) -> bytes:
    return json.dumps(given, ensure_ascii=False, separators=(",", ":")).encode()


def own_json(console: bytes) -> bytes:
    """Write a line as `log.encoding=json` does."""
    time, level, logger, caller, message, given = _parts(console)
    names = {"L": level, "T": time, "N": logger, "C": caller, "M": message}
    return _compact({name: text for name, text in names.items() if text} | given)


def cloud_json(console: bytes) -> bytes:
    """Write a line as `log.encoding=gcloudlogging` does: texts are labels."""
    time, level, logger, _caller, message, given = _parts(console)
    at = datetime.fromisoformat(time)
    labels = {name: value for name, value in given.items() if isinstance(value, str)}
    return _compact(
        {"severity": _CLOUD_LEVELS.get(level, level), "message": message}
        | {name: value for name, value in given.items() if name not in labels}
        | {"logging.googleapis.com/labels": labels | ({"name": logger} if logger else {})}
        | {"timestamp": {"seconds": int(at.timestamp()), "nanos": at.microsecond * 1000}}
    )


def older_cloud_json(console: bytes) -> bytes:
    """Write a line as gcloudlogging did at first: all fields are labels, the time is text."""
    time, level, logger, caller, message, given = _parts(console)
    labels = given | {"name": logger, "caller": caller}
    return _compact(
        {"severity": _CLOUD_LEVELS.get(level, level), "time": time, "message": message}
        | {"logging.googleapis.com/labels": labels}
    )


def production_json(console: bytes) -> bytes:
    """Write a line as zap does by default: small letters, and seconds since 1970."""
    time, level, logger, caller, message, given = _parts(console)
    at = datetime.fromisoformat(time).timestamp()
    names = {"level": level.lower(), "ts": at, "logger": logger, "caller": caller, "msg": message}
    return _compact({name: value for name, value in names.items() if value != ""} | given)


JSON_ENCODINGS: tuple[Callable[[bytes], bytes], ...] = (
    own_json,
    cloud_json,
    older_cloud_json,
    production_json,
)

_RECEIVED = datetime(2025, 10, 6, 7, 0, 14, 123456, tzinfo=UTC)
_NANOSECONDS = b"2025-10-06T07:00:14.123456789Z"


def _json_file(text: bytes) -> bytes:
    return _compact(
        {
            "log": text.decode(errors="replace"),
            "stream": "stderr",
            "time": _NANOSECONDS.decode(),
        }
    )


def _cut(text: bytes) -> list[bytes]:
    """Cut a text as Docker and containerd do."""
    return [text[at : at + 16_384] for at in range(0, len(text), 16_384)]


def json_file(text: bytes) -> list[bytes]:
    """Write a line as Docker's json-file driver does, which cuts long ones."""
    return [_json_file(part) for part in _cut(text + b"\n")]


def json_file_of_windows(text: bytes) -> list[bytes]:
    return [_json_file(part) for part in _cut(text + b"\r\n")]


def kubernetes(text: bytes) -> list[bytes]:
    *begun, last = _cut(text) or [b""]
    return [
        *(_NANOSECONDS + b" stderr P " + part for part in begun),
        _NANOSECONDS + b" stderr F " + last,
    ]


def journal(text: bytes) -> list[bytes]:
    """Write a line as `journalctl -o json` does."""
    return [
        _compact(
            {
                "__REALTIME_TIMESTAMP": str(int(_RECEIVED.timestamp() * 1_000_000)),
                "MESSAGE": text.decode() if text.isascii() else list(text),
                "PRIORITY": "6",
                "_SYSTEMD_UNIT": "storagenode.service",
            }
        )
    ]


def syslog(text: bytes) -> list[bytes]:
    return [b"Oct 06 00:00:14 host storagenode[123]: " + text.replace(b"\t", b"#011")]


#: How a console line looks in a copy from a terminal, or with `log.caller=true`.
RETYPED: tuple[Callable[[bytes], bytes], ...] = (
    lambda text: text.replace(b"\t", b"    "),
    lambda text: text.replace(b"\t", b"  ", 3),
    lambda text: text.replace(b"\t", b"\t\t"),
    lambda text: text.replace(b"\tINFO\t", b"\t\x1b[34mINFO\x1b[0m\t"),
    lambda text: (
        b"\tpiecestore/endpoint.go:367\t".join(text.rsplit(b"\t", 2)[:-1])
        + b"\t"
        + text.rsplit(b"\t", 1)[-1]
    ),
)

#: What may carry a line, by name; each returns the lines that it makes of one.
CARRIERS: dict[str, Callable[[bytes], list[bytes]]] = {
    "docker logs -t": lambda text: [_NANOSECONDS + b" " + text],
    "docker compose": lambda text: [b"storagenode  | " + text],
    "docker compose, coloured": lambda text: [b"\x1b[36mstoragenode  | \x1b[0m" + text],
    "json-file": json_file,
    "json-file, Windows": json_file_of_windows,
    "json-file in compose": lambda text: [b"node-1  | " + part for part in json_file(text)],
    "Kubernetes": kubernetes,
    "journalctl": lambda text: [b"Oct 06 00:00:14 host storagenode[123]: " + text],
    "journalctl -o short-iso": lambda text: [
        b"2025-10-06T00:00:14-0700 host storagenode[123]: " + text
    ],
    "journalctl -o json": journal,
    "syslog": syslog,
    "syslog of RFC 5424": lambda text: [
        b"<134>1 2025-10-06T07:00:14.123Z host storagenode 123 - - " + text
    ],
    "a forwarder": lambda text: [b"1759734014.25 " + text],
}
