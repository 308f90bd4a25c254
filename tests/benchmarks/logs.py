"""A log of so many lines, as a node at level INFO writes it: made once, and kept."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_START = datetime(2026, 3, 4, tzinfo=UTC)
_LINES_A_SECOND = 20
_SATELLITES = (
    "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S",
    "12L9ZFwhzVpuEKMUNUqkaTLGzwY9G24tbiigLiXpmZWKwmcNDDs",
    "121RTSDpyNZVcEU84Ticf2L1ntiuUimbWgfATz21tuvgk3vzoA6",
    "1wFTAgs9DP5RSnCqKV1eLf6N9wtk4EAtmN5DpSxcs8EjT69tGE",
)
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#: message, level, action, how often of 1000, and what else the line says
_KINDS: tuple[tuple[str, str, str, int, dict[str, str]], ...] = (
    ("downloaded", "INFO", "GET", 400, {}),
    ("downloaded", "INFO", "GET_REPAIR", 100, {}),
    ("downloaded", "INFO", "GET_AUDIT", 10, {}),
    ("uploaded", "INFO", "PUT", 300, {}),
    ("uploaded", "INFO", "PUT_REPAIR", 50, {}),
    ("download canceled", "INFO", "GET", 50, {"reason": "context canceled"}),
    ("upload canceled", "INFO", "PUT", 25, {}),
    ("download failed", "ERROR", "GET", 5, {"error": "file does not exist"}),
    ("upload failed", "WARN", "PUT", 5, {"error": "write: connection reset by peer"}),
    ("", "INFO", "", 55, {}),
)


def log_of(count: int) -> Path:
    """Return a log of so many lines; make it if an earlier run didn't."""
    path = Path(tempfile.gettempdir()) / f"storj-monitor-benchmark-{count}.log"
    if not path.exists():
        part = path.with_name(f"{path.name}.part")
        with part.open("w", encoding="utf-8") as file:
            file.writelines(lines(count, Random(count)))
        part.replace(path)
    return path


def lines(count: int, random: Random) -> Iterator[str]:
    """Yield so many lines with their line ends."""
    weights = [often for _, _, _, often, _ in _KINDS]
    for number in range(count):
        moment = _START + timedelta(seconds=number // _LINES_A_SECOND)
        time = moment.isoformat().replace("+00:00", "Z")
        message, level, action, _, more = random.choices(_KINDS, weights)[0]
        if message:
            fields = json.dumps(_fields(random, action) | more)
            yield f"{time}\t{level}\tpiecestore\t{message}\t{fields}\n"
        else:
            fields = json.dumps({"Process": "storagenode", "count": number % 100})
            yield f"{time}\tINFO\tcollector\texpired pieces collection completed\t{fields}\n"


def _fields(random: Random, action: str) -> dict[str, object]:
    offset = {"offset": random.randrange(0, 2_000_000, 256)} if action.startswith("GET") else {}
    host = f"{random.randrange(1, 224)}.{random.randrange(256)}.113.{random.randrange(256)}"
    return {
        "Process": "storagenode",
        "piece_id": "".join(random.choices(_BASE32, k=52)),
        "satellite_id": random.choice(_SATELLITES),
        "action": action,
        **offset,
        "size": random.randrange(256, 2_319_360),
        "remote_address": f"{host}:{random.randrange(1024, 65_536)}",
    }
