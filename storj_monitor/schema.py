"""The database: every table and column, for authors of sources.

    from sqlalchemy import select
    from storj_monitor.schema import events

    def batches(reader, query):
        wanted = select(events.c.at, events.c.id, events.c.size).where(
            events.c.at >= query.span.start_us, events.c.at < query.span.end_us
        )
        yield from reader.scan(wanted)

Times are integer microseconds since 1970 UTC, sizes are bytes, durations milliseconds. What is
missing is NULL, never 0. The tables are only ever read by plugins; `storj_monitor.store` writes.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

#: The storage nodes that were ever heard of; the other tables refer to them by `id`.
nodes = Table(
    "nodes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True, comment="as the operator named it"),
    Column("first_heard_at", BigInteger, comment="time of its first log line that was read"),
    Column("last_heard_at", BigInteger, comment="time of its latest log line that was read"),
)

#: The satellites that were ever named; retired ones stay.
satellites = Table(
    "satellites",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("satellite_id", Text, nullable=False, unique=True, comment="the full base58 id"),
    Column("name", Text, nullable=False, comment="the short name, such as us1"),
)

#: Every finished transfer: one row per log line that ends one. Kept for a set time.
events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True, comment="in the order of writing"),
    Column("at", BigInteger, nullable=False, comment="when the transfer ended"),
    Column("node_id", Integer, nullable=False, comment="nodes.id"),
    Column("satellite_id", Integer, comment="satellites.id; NULL for a rejected upload"),
    Column("action", Text, comment="GET, PUT, GET_REPAIR, ...; NULL for a rejected upload"),
    Column("status", Text, nullable=False, comment="success, canceled, failed or rejected"),
    Column("size", BigInteger, comment="bytes; of a canceled or failed download: those asked for"),
    Column("duration_ms", BigInteger, comment="from the started line, where the log has one"),
    Column("piece_id", Text, comment="base32, 52 characters; NULL for a rejected upload"),
    Column("error", Text, comment="the reason of what did not succeed, addresses included"),
    Column("remote_ip", Text, comment="the other side's address without its port; personal"),
    Column("country", Text, comment="of remote_ip, where known; personal"),
    Column("fingerprint", BigInteger, nullable=False, comment="hash of the normalised fields"),
    Column("occurrence", Integer, nullable=False, comment="the how-manieth such line at that time"),
    UniqueConstraint("node_id", "at", "fingerprint", "occurrence", name="events_once"),
    Index("events_at", "at"),
)

#: Transfers summed up by the hour: written with `events`, kept for ever.
#: `satellite_id` 0 and action '' stand for 'none' here, since key columns are never NULL.
event_hours = Table(
    "event_hours",
    metadata,
    Column("hour_at", BigInteger, primary_key=True, comment="when the hour begins (UTC)"),
    Column("node_id", Integer, primary_key=True, comment="nodes.id"),
    Column("satellite_id", Integer, primary_key=True, comment="satellites.id, or 0 for none"),
    Column("action", Text, primary_key=True, comment="as in events, or '' for none"),
    Column("status", Text, primary_key=True, comment="as in events"),
    Column("count", BigInteger, nullable=False, comment="transfers"),
    Column("bytes", BigInteger, comment="sum of the sizes that are known"),
    sqlite_with_rowid=False,
)

#: How long the transfers of an hour took: a histogram, only where durations are known.
#: Bucket b < 32 is b milliseconds; above, b = 16*s + (ms >> s) with 16 <= ms >> s < 32, so that a
#: bucket is at most 1/16 wide. `storj_monitor.schema.bucket_bounds` gives its limits.
event_hour_durations = Table(
    "event_hour_durations",
    metadata,
    Column("hour_at", BigInteger, primary_key=True, comment="as in event_hours"),
    Column("node_id", Integer, primary_key=True, comment="as in event_hours"),
    Column("satellite_id", Integer, primary_key=True, comment="as in event_hours"),
    Column("action", Text, primary_key=True, comment="as in event_hours"),
    Column("status", Text, primary_key=True, comment="as in event_hours"),
    Column("bucket", Integer, primary_key=True, comment="which durations"),
    Column("count", BigInteger, nullable=False, comment="transfers that took so long"),
    sqlite_with_rowid=False,
)

#: Hours whose events were pruned, or which another monitor counted: their sums are final, and a
#: line of such an hour adds nothing.
sealed_hours = Table(
    "sealed_hours",
    metadata,
    Column("node_id", Integer, primary_key=True, comment="nodes.id"),
    Column("hour_at", BigInteger, primary_key=True, comment="when the hour begins (UTC)"),
    Column("until_at", BigInteger, comment="of an import: lines up to then; NULL for all"),
    sqlite_with_rowid=False,
)

#: Hours in which a node's log had lines, whatever they said: an hour that is missing is a gap.
log_hours = Table(
    "log_hours",
    metadata,
    Column("hour_at", BigInteger, primary_key=True, comment="when the hour begins (UTC)"),
    Column("node_id", Integer, primary_key=True, comment="nodes.id"),
    Column("first_at", BigInteger, nullable=False, comment="time of the hour's first line"),
    Column("last_at", BigInteger, nullable=False, comment="time of its last line"),
    Column("started_at", BigInteger, comment="when the node's process started, the last time"),
    Column("stopped_at", BigInteger, comment="when it was told to stop, the last time"),
    Column("traffic_at", BigInteger, comment="last line that shows traffic and is no transfer"),
    Index("log_hours_of_node", "node_id", "hour_at"),
    sqlite_with_rowid=False,
)

#: Hours in which a node's API was asked: since the first, an hour that is missing is a gap.
api_hours = Table(
    "api_hours",
    metadata,
    Column("hour_at", BigInteger, primary_key=True, comment="when the hour begins (UTC)"),
    Column("node_id", Integer, primary_key=True, comment="nodes.id"),
    Column("answered_at", BigInteger, comment="when it answered, be it in part, the last time"),
    Column("failed_at", BigInteger, comment="when it failed, be it in part, the last time"),
    Column("reason", Text, comment="why it failed the last time"),
    Index("api_hours_of_node", "node_id", "hour_at"),
    sqlite_with_rowid=False,
)

#: What the satellites think of a node, from the API or from the log's `node scores` lines. Of what
#: the API says again, a row is kept every six hours.
reputation = Table(
    "reputation",
    metadata,
    Column("at", BigInteger, primary_key=True, comment="when it was said"),
    Column("node_id", Integer, primary_key=True, comment="nodes.id"),
    Column("satellite_id", Integer, primary_key=True, comment="satellites.id"),
    Column("origin", Text, primary_key=True, comment="api, log or import"),
    Column("audit_score", Float, comment="0..1"),
    Column("suspension_score", Float, comment="0..1"),
    Column("online_score", Float, comment="0..1"),
    Column("audits_total", BigInteger, comment="audits ever"),
    Column("audits_ok", BigInteger, comment="audits that succeeded"),
    Column("disqualified_at", BigInteger),
    Column("suspended_at", BigInteger),
    Column("vetted_at", BigInteger),
    sqlite_with_rowid=False,
)

#: Disk space: one row for each node, origin and five minutes. Log lines tell free space alone.
storage = Table(
    "storage",
    metadata,
    Column("slot_at", BigInteger, primary_key=True, comment="when the five minutes begin"),
    Column("node_id", Integer, primary_key=True, comment="nodes.id"),
    Column("origin", Text, primary_key=True, comment="api, log or import"),
    Column("at", BigInteger, nullable=False, comment="when it was said, the last time in them"),
    Column("allocated_bytes", BigInteger),
    Column("used_bytes", BigInteger, comment="pieces, trash and overhead"),
    Column("free_bytes", BigInteger),
    Column("trash_bytes", BigInteger, comment="part of used_bytes"),
    Column("reclaimable_bytes", BigInteger, comment="part of used_bytes"),
    Column("overused_bytes", BigInteger),
    sqlite_with_rowid=False,
)

#: Finished compactions of the hashstore, as the log tells them.
compactions = Table(
    "compactions",
    metadata,
    Column("at", BigInteger, primary_key=True, comment="when it ended"),
    Column("node_id", Integer, primary_key=True, comment="nodes.id"),
    Column("satellite_id", Integer, primary_key=True, comment="satellites.id"),
    Column("store", Text, primary_key=True, comment="s0 or s1"),
    Column("duration_ms", BigInteger),
    Column("reclaimed_bytes", BigInteger, comment="within a tenth of the log's binary unit"),
    Column("rewritten_bytes", BigInteger, comment="as reclaimed_bytes"),
    Column("table_load", Float, comment="0..1"),
    Column("trash_ratio", Float, comment="0..1"),
    Column("error", Text, comment="why it did not succeed; NULL if it did"),
    sqlite_with_rowid=False,
)

#: The logs that are followed: written in one transaction with what was read from them.
followed_logs = Table(
    "followed_logs",
    metadata,
    Column("node_id", Integer, primary_key=True, comment="nodes.id"),
    Column("log", Text, primary_key=True, comment="as the operator named it"),
    Column("position", Text, nullable=False, comment="where to go on from; only collect reads it"),
    Column("state", Text, nullable=False, comment="following, waiting or failing"),
    Column("reason", Text, comment="why it waits or fails"),
    Column("behind_bytes", BigInteger, comment="not read yet; NULL for a stream"),
    Column("checked_at", BigInteger, nullable=False, comment="when this was so"),
    sqlite_with_rowid=False,
)

#: The APIs of nodes that were ever asked, and how that went the last time: one for each node.
polled_apis = Table(
    "polled_apis",
    metadata,
    Column("node_id", Integer, primary_key=True, comment="nodes.id"),
    Column("url", Text, nullable=False, comment="where it was asked, without a password"),
    Column("version", Text, comment="the storagenode's, such as 1.137.5, as it last said"),
    Column("answered_at", BigInteger, comment="when it answered, be it in part, the last time"),
    Column("checked_at", BigInteger, nullable=False, comment="when it was asked, the last time"),
    Column("reason", Text, comment="why it did not answer then, or what part was missing"),
    Column("allowed_version", Text, comment="the oldest that satellites allowed, by the node"),
    Column("is_allowed", Integer, comment="1 if the node says that its version is, 0 if not"),
    Column("failing_since", BigInteger, comment="when it failed first since it last answered"),
    sqlite_with_rowid=False,
)

#: Since when a node stores for a satellite.
memberships = Table(
    "memberships",
    metadata,
    Column("node_id", Integer, primary_key=True, comment="nodes.id"),
    Column("satellite_id", Integer, primary_key=True, comment="satellites.id"),
    Column("joined_at", BigInteger, nullable=False, comment="when the satellite first knew it"),
    sqlite_with_rowid=False,
)

#: What a statement says, and what became of it: the node tells them separately.
_STATEMENT = (
    ("origin", Text, "api or import"),
    ("read_at", BigInteger, "when this version of it was first read"),
    ("created_at", BigInteger, "when the satellite made it"),
    ("codes", Text, "colon separated: D, S, T, E, X, I, O, B"),
    ("byte_hours", BigInteger, "of storage"),
    ("get_bytes", BigInteger, "egress to customers"),
    ("get_repair_bytes", BigInteger, "egress for repair"),
    ("get_audit_bytes", BigInteger, "egress for audits"),
    ("put_bytes", BigInteger, "ingress from customers"),
    ("put_repair_bytes", BigInteger, "ingress from repair"),
    ("comp_at_rest", BigInteger, "micro-USD for storage"),
    ("comp_get", BigInteger, "micro-USD for egress"),
    ("comp_get_repair", BigInteger, "micro-USD for repair"),
    ("comp_get_audit", BigInteger, "micro-USD for audits"),
    ("earned", BigInteger, "micro-USD: the sum of the four, before surge"),
    ("surge_percent", BigInteger, "100 when there was none"),
    ("held", BigInteger, "micro-USD held back"),
    ("owed", BigInteger, "micro-USD that the satellite owed"),
    ("disposed", BigInteger, "micro-USD given back of what was held; part of paid"),
    ("paid", BigInteger, "micro-USD approved for the month"),
    ("distributed", BigInteger, "micro-USD sent for it"),
    ("receipt", Text, "of the transaction, such as eth:0x...; one pays many statements"),
)

#: Statements of satellites: for each node, satellite and month the version that was read last.
paystubs = Table(
    "paystubs",
    metadata,
    Column("period", Text, primary_key=True, comment="the UTC month: 2026-10"),
    Column("node_id", Integer, primary_key=True, comment="nodes.id"),
    Column("satellite_id", Integer, primary_key=True, comment="satellites.id"),
    *(
        Column(name, kind, nullable=name not in {"origin", "read_at"}, comment=comment)
        for name, kind, comment in _STATEMENT
    ),
    Index("paystubs_of_node", "node_id", "satellite_id", "period"),
    sqlite_with_rowid=False,
)

#: What statements said before they changed.
earlier_paystubs = Table(
    "earlier_paystubs",
    metadata,
    Column("period", Text, primary_key=True, comment="the UTC month: 2026-10"),
    Column("node_id", Integer, primary_key=True, comment="nodes.id"),
    Column("satellite_id", Integer, primary_key=True, comment="satellites.id"),
    Column("replaced_at", BigInteger, primary_key=True, comment="when the next one was read"),
    *(
        Column(name, kind, nullable=name not in {"origin", "read_at"}, comment=comment)
        for name, kind, comment in _STATEMENT
    ),
    sqlite_with_rowid=False,
)

#: What nodes expected to be paid: for each node, satellite and month the last estimate that was
#: kept before the statement came. Money is micro-USD.
estimates = Table(
    "estimates",
    metadata,
    Column("period", Text, primary_key=True, comment="the UTC month: 2026-10"),
    Column("node_id", Integer, primary_key=True, comment="nodes.id"),
    Column("satellite_id", Integer, primary_key=True, comment="satellites.id"),
    Column("origin", Text, nullable=False, comment="api or import"),
    Column("at", BigInteger, nullable=False, comment="when it was said"),
    Column("byte_hours", BigInteger, comment="of storage, so far"),
    Column("egress_bytes", BigInteger),
    Column("repair_bytes", BigInteger),
    Column("audit_bytes", BigInteger),
    Column("storage", BigInteger, comment="micro-USD, as all below"),
    Column("egress", BigInteger),
    Column("repair", BigInteger, comment="repair and audit are told as one sum: split by bytes"),
    Column("audit", BigInteger),
    Column("gross", BigInteger, comment="the sum of the four"),
    Column("held", BigInteger, comment="to be held back"),
    Column("payout", BigInteger, comment="what is left"),
    Column("expected", BigInteger, comment="payout at the month's end; NULL once it is over"),
    sqlite_with_rowid=False,
)

#: The prices that nodes say satellites pay, whenever they change: micro-USD for a TB or TB-month.
prices = Table(
    "prices",
    metadata,
    Column("node_id", Integer, primary_key=True, comment="nodes.id"),
    Column("satellite_id", Integer, primary_key=True, comment="satellites.id"),
    Column("at", BigInteger, primary_key=True, comment="when they were first said"),
    Column("storage", BigInteger, nullable=False),
    Column("egress", BigInteger, nullable=False),
    Column("repair", BigInteger, nullable=False),
    Column("audit", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

#: What needed an operator's eye. `node_id` and `satellite_id` 0 stand for 'none' here.
alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True, comment="in the order of writing"),
    Column("at", BigInteger, nullable=False, comment="when it was raised"),
    Column("node_id", Integer, nullable=False, comment="nodes.id, or 0 for none"),
    Column("satellite_id", Integer, nullable=False, comment="satellites.id, or 0 for none"),
    Column("type", Text, nullable=False, comment="such as audit_score"),
    Column("severity", Text, nullable=False, comment="info, warning or critical"),
    Column("title", Text, nullable=False),
    Column("message", Text, nullable=False, comment="what is so, and what to do"),
    Column("value", Float, comment="what was measured"),
    Column("threshold", Float, comment="what it is measured against"),
    Column("resolved_at", BigInteger, comment="when it was no longer so; NULL while it is open"),
    Column("acknowledged_at", BigInteger, comment="when somebody said that they know"),
    Column("origin", Text, nullable=False, comment="monitor or import"),
    UniqueConstraint("node_id", "satellite_id", "type", "at", "title", name="alerts_once"),
    Index("alerts_at", "at", "id"),
)
#: One open alert for each node, satellite and type.
Index(
    "alerts_open",
    alerts.c.node_id,
    alerts.c.satellite_id,
    alerts.c.type,
    unique=True,
    sqlite_where=alerts.c.resolved_at.is_(None),
)

#: How exports and deliveries ended the last time, and how many failed since one succeeded; and
#: which schedules can't be followed, as long as that is so.
outcomes = Table(
    "outcomes",
    metadata,
    Column("kind", Text, primary_key=True, comment="export, delivery or schedule"),
    Column("subject", Text, primary_key=True, comment="events as csv; of a delivery 3 to DIGEST"),
    Column("at", BigInteger, nullable=False, comment="when it ended, the last time"),
    Column("failures", Integer, nullable=False, comment="in a row; 0 when the last succeeded"),
    Column("error", Text, comment="of the last failure"),
    sqlite_with_rowid=False,
)

#: Exports and reports that were asked for over HTTP, by whom, and how they ended; a finished file
#: that is sent again has a row for each time. Kept for 400 days.
exports = Table(
    "exports",
    metadata,
    Column("id", Text, primary_key=True, comment="of a new file, as in /api/reports/{id}"),
    Column("asked_at", BigInteger, nullable=False, comment="when it was asked for"),
    Column("who", Text, nullable=False, comment="how let in, and from where: token 192.0.2.7"),
    Column("kind", Text, nullable=False, comment="source or report"),
    Column("subject", Text, nullable=False, comment="the name of the source or report"),
    Column("format", Text, nullable=False),
    Column("nodes", Text, nullable=False, comment="a JSON list of names; empty for all"),
    Column("start_at", BigInteger, nullable=False, comment="of the span, which includes it"),
    Column("end_at", BigInteger, nullable=False, comment="of the span, which does not include it"),
    Column("timezone", Text, nullable=False),
    Column("columns", Text, nullable=False, comment="a JSON list of keys"),
    Column("filters", Text, nullable=False, comment="a JSON object of lists of values"),
    Column("options", Text, nullable=False, comment="of the format: a JSON object of values"),
    Column("personal", Integer, nullable=False, comment="1 if personal columns were asked for"),
    Column("clamped", Integer, nullable=False, comment="1 if the span was made shorter"),
    Column("request_id", Text, nullable=False, comment="as in the log, and in X-Request-ID"),
    Column("file_name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("status", Text, nullable=False, comment="running, done, failed or canceled"),
    Column("ended_at", BigInteger, comment="when it was done, or given up"),
    Column("rows", BigInteger, comment="of all its tables"),
    Column("bytes", BigInteger, comment="of the file, or of what was sent again"),
    Column("seconds", Float, comment="that it took"),
    Column("sha256", Text, comment="of the file, in hexadecimal digits"),
    Column("error", Text, comment="why it failed"),
    Column("again_of", Text, comment="the id of the file that was sent again; NULL for a new one"),
    Column("part", Text, comment="what of it: bytes 0-99/1000; NULL for the whole"),
    Index("exports_asked", "asked_at", "id"),
    sqlite_with_rowid=False,
)

#: What is sent by itself: a report or a source, when, about which period, how, and to whom.
schedules = Table(
    "schedules",
    metadata,
    Column("id", Integer, primary_key=True, comment="never that of a removed one"),
    Column("name", Text, nullable=False, unique=True, comment="as the operator named it"),
    Column("kind", Text, nullable=False, comment="source or report"),
    Column("subject", Text, nullable=False, comment="the name of the source or report"),
    Column("format", Text, nullable=False),
    Column("nodes", Text, nullable=False, comment="a JSON list of names; empty for all"),
    Column("words", Text, nullable=False, comment="of the request: JSON, name to list of values"),
    Column("rule", Text, nullable=False, comment="when: daily 06:00, weekly mon 06:00, cron ..."),
    Column("timezone", Text, nullable=False, comment="of the rule and of the period"),
    Column("period", Text, nullable=False, comment="yesterday, last-week, last-month, last-year"),
    Column("channel", Text, nullable=False),
    Column("recipients", Text, nullable=False, comment="a JSON list"),
    Column("skip_empty", Integer, nullable=False, comment="1 if an empty file is not sent"),
    Column("enabled", Integer, nullable=False, comment="0 if it is turned off"),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False, comment="grows with every change"),
    Column("since_at", BigInteger, nullable=False, comment="what is due after that counts"),
    Column("followed_at", BigInteger, comment="the newest occurrence that was dealt with"),
    sqlite_autoincrement=True,
)

#: What was sent, or is to be: one row for each schedule, period and recipient. Kept for 400 days.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True, comment="in the order of writing"),
    Column("schedule_id", Integer, nullable=False, comment="schedules.id; 0 for alerts"),
    Column("start_at", BigInteger, nullable=False, comment="of the period, which includes it"),
    Column("end_at", BigInteger, nullable=False, comment="of the period, not included"),
    Column("recipient", Text, nullable=False),
    Column("edition", Text, nullable=False, comment="'' if due; again-N, test-HEX, clock-HEX, ..."),
    Column("due_at", BigInteger, nullable=False, comment="when it was to be sent"),
    Column("late", Integer, nullable=False, comment="1 if it was made long after it was due"),
    Column(
        "state", Text, nullable=False, comment="due, claimed, sent, failed, maybe_sent or skipped"
    ),
    Column("attempts", Integer, nullable=False, comment="how often it was claimed"),
    Column("next_attempt_at", BigInteger, nullable=False, comment="not before"),
    Column("owner", Text, comment="who is at it, or was the last time"),
    Column("lease_until", BigInteger, comment="until when nobody else takes it"),
    Column("sending_at", BigInteger, comment="when it was about to be handed to the channel"),
    Column("sent_at", BigInteger, comment="when the channel had accepted it"),
    Column("error", Text, comment="why it was not sent, the last time"),
    Column("subject_line", Text, comment="of the message"),
    Column("file_id", Text, comment="as in /api/files/{id}"),
    Column("file_name", Text),
    Column("rows", BigInteger, comment="of all its tables"),
    Column("bytes", BigInteger, comment="of the file"),
    Column("link_until", BigInteger, comment="when the link to the file expires, if one was sent"),
    Column("name", Text, nullable=False, comment="of the schedule, then"),
    Column("channel", Text, nullable=False),
    UniqueConstraint(
        "schedule_id", "start_at", "end_at", "recipient", "edition", name="deliveries_once"
    ),
    Index("deliveries_open", "state", "next_attempt_at"),
    Index("deliveries_due", "due_at", "id"),
    sqlite_autoincrement=True,
)

#: What the operator decided (settings): every reader of sources finds it as temporary tables.
decisions = MetaData()

#: What satellites pay from a time on, in micro-USD for a TB or TB-month of 720 hours.
price_list = Table(
    "price_list",
    decisions,
    Column("from_at", BigInteger, primary_key=True, comment="when the prices begin to hold"),
    Column("satellite", Text, primary_key=True, comment="short name or full id; '' for all"),
    Column("storage", BigInteger, nullable=False),
    Column("egress", BigInteger, nullable=False),
    Column("repair", BigInteger, nullable=False),
    Column("audit", BigInteger, nullable=False),
    prefixes=["TEMPORARY"],
)

#: What nodes cost their operator, in micro-USD.
node_costs = Table(
    "node_costs",
    decisions,
    Column("node", Text, primary_key=True, comment="nodes.name"),
    Column("period", Text, primary_key=True, comment="the UTC month from which this is so"),
    Column("monthly", BigInteger, comment="for each month from then on; NULL: as before"),
    Column("once", BigInteger, comment="in that month alone, such as for a disk"),
    prefixes=["TEMPORARY"],
)

#: How many duration buckets there are: the last ends after about 25 days.
BUCKETS = 16 * 26 + 32


def bucket_bounds(bucket: int) -> tuple[int, int]:
    """Return the first millisecond of a duration bucket and the first one after it."""
    if bucket < 32:  # noqa: PLR2004  the exact buckets
        return bucket, bucket + 1
    shift = bucket // 16 - 1
    mantissa = bucket - 16 * shift
    return mantissa << shift, (mantissa + 1) << shift
