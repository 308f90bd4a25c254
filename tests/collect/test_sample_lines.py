"""A log in the shape of a node's own, line by line against a table of what each line is."""

from __future__ import annotations

from pathlib import Path

from storj_monitor.collect.parser import LogParser

LOG = Path(__file__).parent / "fixtures" / "storagenode.log"
#: What each line is, and where its message begins.
TABLE = [
    ("noise", "2026-01-17 00:00:00,101 INFO Set uid to user "),
    ("noise", "2026-01-17 00:00:00,204 INFO spawned: 'storag"),
    ("noise", "2026-01-17 00:00:01,206 INFO success: storage"),
    ("other", "Configuration loaded"),
    ("started", "Configuration loaded"),
    ("other", "Anonymized tracing enabled"),
    ("other", "Operator email"),
    ("other", "running on version v1.137.5"),
    ("other", "Database Version"),
    ("other", "Scheduling next refresh"),
    ("other", "Node 114CsYUdc8y2Cq5Vm9nRNXEJxoJnWkHPNNzeNHLQ"),
    ("started", "Public server started on [::]:28967"),
    ("other", "Private server started on 127.0.0.1:7778"),
    ("other", "pinged"),
    ("other", "directory not found"),
    ("other", "number of subdirs"),
    ("other", "cleaning"),
    ("other", "cleanup finished"),
    ("other", "no orders to send"),
    ("other", "sending"),
    ("traffic", "sending"),
    ("traffic", "finished"),
    ("other", "download started"),
    ("GET success", "downloaded"),
    ("other", "download started"),
    ("GET_AUDIT success", "downloaded"),
    ("GET_REPAIR success", "downloaded"),
    ("GET canceled", "download canceled"),
    ("GET_AUDIT canceled", "download canceled"),
    ("GET_REPAIR canceled", "download canceled"),
    ("GET failed", "download failed"),
    ("GET_AUDIT failed", "download failed"),
    ("other", "file found in trash"),
    ("free space", "upload started"),
    ("PUT success", "uploaded"),
    ("free space", "upload started"),
    ("PUT_REPAIR success", "uploaded"),
    ("PUT canceled", "upload canceled"),
    ("PUT_REPAIR canceled", "upload canceled"),
    ("PUT canceled", "upload failed"),
    ("PUT canceled", "upload failed"),
    ("PUT failed", "upload failed"),
    ("other", "upload internal error"),
    ("rejected", "upload rejected, too many requests"),
    ("other", "New bloomfilter is received"),
    ("other", "readability check done"),
    ("other", "writability check done"),
    ("other", "Persisting bandwidth usage cache to db"),
    ("other", "expired pieces collection started"),
    ("other", "expired pieces collection completed"),
    ("other", "beginning compaction"),
    ("other", "compact once started"),
    ("other", "compaction computed details"),
    ("other", "records rewritten"),
    ("other", "hashtbl rewritten"),
    ("other", "compact once finished"),
    ("compaction", "finished compaction"),
    ("compaction", "finished compaction"),
    ("other", "starting subprocess"),
    ("other", "Database started"),
    ("other", "subprocess finished successfully"),
    ("other", "enqueued for migration"),
    ("other", "couldn't migrate"),
    ("other", "emptying trash started"),
    ("other", "emptying trash finished"),
    ("other", "Moved pieces to trash during retain"),
    ("scores", "node scores updated"),
    ("scores", "node scores worsened"),
    ("other", "Fetched URLs from source; updating cache"),
    ("other", "Running on allowed version."),
    ("noise", "panic: runtime error: invalid memory address "),
    ("noise", "[signal SIGSEGV: segmentation violation code="),
    ("noise", "goroutine 4711 [running]:"),
    ("noise", "storj.io/storj/storagenode/piecestore.(*Endpo"),
    ("noise", "\t/go/src/storj.io/storj/storagenode/piecestor"),
    ("noise", ""),
    ("not understood", "2026-01-17T00:00:20+01:00\tINFO\tpiecestore\tdow"),
    ("not understood", "downloaded"),
    ("noise", "2026-01-17 00:00:59,999 WARN received SIGTERM"),
    ("stopped", 'Got a signal from the OS: "terminated"'),
    ("other", 'Got a signal from the OS: "terminated"'),
    ("noise", "2026-01-17 00:01:01,999 INFO stopped: storage"),
]


def kind_of(line: bytes, parser: LogParser) -> str:
    before = parser.counts.noise, parser.counts.not_understood
    parser.read([line])
    gathered = parser.gathered()
    for transfer in gathered.transfers:
        return f"{transfer.action} {transfer.status}" if transfer.action else transfer.status
    news = gathered.news("node 1")
    told = {"scores": news.scores, "compaction": news.compactions, "free space": news.free_space}
    kinds = [kind for kind, things in told.items() if things]
    for hour in news.hours:
        signs = {"started": hour.started_at, "stopped": hour.stopped_at, "traffic": hour.traffic_at}
        kinds += [sign for sign, at in signs.items() if at is not None]
    if (parser.counts.noise, parser.counts.not_understood) != before:
        kinds.append("noise" if parser.counts.noise != before[0] else "not understood")
    (kind,) = kinds or ["other"]
    return kind


def test_each_line_of_a_sample_is_what_the_table_says() -> None:
    lines = LOG.read_bytes().splitlines()
    parser = LogParser()
    found = [kind_of(line, parser) for line in lines]
    assert found == [kind for kind, _begins in TABLE]
    assert all(begins in line.decode() for line, (_kind, begins) in zip(lines, TABLE, strict=True))
