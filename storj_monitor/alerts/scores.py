"""What satellites think of a node: scores, suspension and disqualification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import or_

from storj_monitor.alerts.situation import latest, time_text
from storj_monitor.alerts.verdicts import Subject, below
from storj_monitor.schema import reputation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from storj_monitor.alerts.situation import Situation
    from storj_monitor.alerts.verdicts import Verdict

TYPES = ("audit_score", "suspension_score", "online_score", "disqualified", "suspended")

#: What a low score means, and what to do.
_MEANINGS = {
    "audit": "the node could not give it pieces that it must have; below 0.96 it is disqualified "
    "for good. Check the disk and its file system now.",
    "suspension": "audits met an unknown error; below 0.60 the node is suspended. Look for errors "
    "of GET_AUDIT in its log.",
    "online": "the node did not answer it for parts of the last 30 days; below 0.60 it is "
    "suspended. Check its connection, its port and its power.",
}


def verdicts(situation: Situation) -> Iterator[Verdict]:
    """Judge what was said of late; the log tells neither suspension nor disqualification."""
    whose = ("node_id", "satellite_id")
    recent = reputation.c.at >= situation.told_since_us
    told = situation.rows(latest(reputation, "at", whose, recent, reputation.c.origin == "api"))
    api = {(row["node_id"], row["satellite_id"]): row for row in told}
    for row in api.values():
        yield from _standing(situation, row)
    is_score = or_(*(reputation.c[f"{name}_score"].is_not(None) for name in _MEANINGS))
    for row in situation.rows(latest(reputation, "at", whose, recent, is_score)):
        said = api.get((row["node_id"], row["satellite_id"]), row)
        yield from _scores(situation, row, is_over=said["disqualified_at"] is not None)


def _scores(situation: Situation, row: dict[str, Any], *, is_over: bool) -> Iterable[Verdict]:
    """Judge each score that is known; those of a satellite that is lost need no eye any more."""
    node, satellite = situation.node(row["node_id"]), situation.satellite(row["satellite_id"])
    for name, meaning in _MEANINGS.items():
        score = row[f"{name}_score"]
        if score is None:
            continue
        subject = _subject(f"{name}_score", f"Low {name} score on {satellite}", row)
        warning = getattr(situation.settings, f"{name}_warning")
        level = below(score, warning, getattr(situation.settings, f"{name}_critical"))
        if is_over or level is None:
            yield subject.fine()
        else:
            known = f"{node}'s {name} score on {satellite} is {score:.4f} ({time_text(row['at'])})"
            yield subject.at(level, f"{known}: {meaning}", score)


def _standing(situation: Situation, row: dict[str, Any]) -> Iterable[Verdict]:
    node, satellite = situation.node(row["node_id"]), situation.satellite(row["satellite_id"])
    disqualified, suspended = row["disqualified_at"], row["suspended_at"]
    subject = _subject("disqualified", f"Disqualified on {satellite}", row)
    if disqualified is None:
        yield subject.fine()
    else:
        yield subject.found(
            "critical",
            f"{satellite} disqualified {node} on {time_text(disqualified)}, for good: it pays "
            "nothing more for it and keeps what it held. Other satellites are not affected.",
        )
    subject = _subject("suspended", f"Suspended on {satellite}", row)
    if suspended is None or disqualified is not None:
        yield subject.fine()
    else:
        yield subject.found(
            "critical",
            f"{satellite} suspended {node} on {time_text(suspended)}: it sends it no new data "
            "until audits succeed again. Look for errors of GET_AUDIT in its log.",
        )


def _subject(type_: str, title: str, row: dict[str, Any]) -> Subject:
    return Subject(type_, title, row["node_id"], row["satellite_id"])
