"""Log lines as a node writes them, for tests: made by hand, knowing nothing of the parser."""

from __future__ import annotations

import json

NEWER = "newer"
OLDER = "older"
GENERATIONS = (OLDER, NEWER)

PIECE = "G7ORR4UZVCNFGRN7CZW7HQF2BCU5KBUUDRCE5OOYNDNS2N7FZZLQ"
SATELLITE = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S"
ADDRESS = "109.61.92.70:40624"
TIME = "2025-10-06T00:00:14-07:00"
#: TIME in microseconds since 1970 UTC, worked out with `date -d`.
AT = 1759734014_000000

_OLDER_NAMES = {
    "piece_id": "Piece ID",
    "satellite_id": "Satellite ID",
    "action": "Action",
    "offset": "Offset",
    "size": "Size",
    "remote_address": "Remote Address",
    "available_space": "Available Space",
    "live_requests": "live requests",
    "request_limit": "requestLimit",
    "total_audits": "Total Audits",
    "successful_audits": "Successful Audits",
    "audit_score": "Audit Score",
    "online_score": "Online Score",
    "suspension_score": "Suspension Score",
    "audit_score_delta": "Audit Score Delta",
}


def fields(generation: str = NEWER, **given: object) -> str:
    """Write fields as zap's console encoder does, in the names of a generation."""
    named = {
        _OLDER_NAMES.get(name, name) if generation == OLDER else name: value
        for name, value in given.items()
        if value is not None
    }
    return json.dumps({"Process": "storagenode"} | named, ensure_ascii=False)


def line(
    message: str,
    level: str = "INFO",
    *,
    time: str = TIME,
    logger: str = "piecestore",
    generation: str = NEWER,
    **given: object,
) -> bytes:
    """Write a console line without its line end."""
    columns = [time, level, logger, message, fields(generation, **given)]
    return "\t".join(column for column in columns if column).encode()


def transfer(
    message: str = "downloaded",
    level: str = "INFO",
    *,
    time: str = TIME,
    logger: str = "piecestore",
    generation: str = NEWER,
    **given: object,
) -> bytes:
    """Write a line with all the fields of a download; a field given as None is left out."""
    usual: dict[str, object] = {
        "piece_id": PIECE,
        "satellite_id": SATELLITE,
        "action": "GET",
        "offset": 0,
        "size": 6912,
        "remote_address": ADDRESS,
    }
    return line(message, level, time=time, logger=logger, generation=generation, **(usual | given))


def scores(
    message: str = "node scores updated",
    level: str = "INFO",
    *,
    time: str = TIME,
    logger: str = "reputation:service",
    generation: str = NEWER,
    **given: object,
) -> bytes:
    """Write what a satellite thinks of the node; a field given as None is left out."""
    usual: dict[str, object] = {
        "satellite_id": SATELLITE,
        "total_audits": 3383,
        "successful_audits": 3380,
        "audit_score": 1,
        "online_score": 0.998938522777532,
        "suspension_score": 1,
        "audit_score_delta": 0,
    }
    return line(message, level, time=time, logger=logger, generation=generation, **(usual | given))


def compaction(
    *,
    time: str = TIME,
    level: str = "INFO",
    logger: str = "hashstore",
    generation: str = NEWER,
    **given: object,
) -> bytes:
    """Write the end of a compaction; a field given as None is left out."""
    usual: dict[str, object] = {
        "satellite": SATELLITE,
        "store": "s1",
        "duration": "1m8.935185195s",
        "stats": {
            "NumLogs": 5513,
            "LenLogs": "5.4 TiB",
            "TrashPercent": 0.029,
            "DataRewritten": "921.6 MiB",
            "DataReclaimed": "2.4 GiB",
            "Table": {"NumSet": 27, "Load": 0.4233, "Kind": "HashTbl"},
        },
    }
    message = "finished compaction"
    return line(message, level, time=time, logger=logger, generation=generation, **(usual | given))
