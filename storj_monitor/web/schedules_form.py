"""The form of a schedule: what its fields mean, and with what they are filled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_monitor.errors import Problem
from storj_monitor.schedules.answers import recipient_shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multidict import MultiMapping

    from storj_monitor.registry import Catalogue
    from storj_monitor.store import ScheduleEntry

    Json = dict[str, Any]

#: What stands before the name of a report among the names of sources, and between the names of a
#: format and a preset.
_REPORT, _PRESET = "report:", ":"
_SINGLE = ("name", "what", "format", "how", "day", "time", "cron", "timezone", "period", "channel")
_MANY = ("node", "weekday")
_PRESET_WORD = "preset"
#: What the form of a new schedule has in it.
USUAL: Mapping[str, Any] = {
    **dict.fromkeys(_SINGLE, ""),
    **{name: [] for name in _MANY},
    "how": "weekly",
    "weekday": ["mon"],
    "day": "1",
    "time": "06:00",
    "timezone": "UTC",
    "recipients": "",
    "skip_empty": False,
    "enabled": True,
}


def filled_in(form: MultiMapping[str]) -> Json:
    """Return the fields as somebody sent them, to be shown again."""
    return {
        **{name: form.get(name, "") for name in (*_SINGLE, "recipients")},
        **{name: form.getall(name, []) for name in _MANY},
        **{name: name in form for name in ("skip_empty", "enabled")},
    }


def filled_of(entry: ScheduleEntry, catalogue: Catalogue) -> Json:
    """Return the fields as they stand for a schedule; of recipients what may be seen."""
    how, _, rest = entry.rule.partition(" ")
    first, _, time = rest.rpartition(" ")
    shown = [recipient_shown(catalogue, entry.channel, to) for to in entry.recipients]
    preset = "".join(entry.words.get(_PRESET_WORD, ())[:1])
    return {
        **USUAL,
        "name": entry.name,
        "what": (_REPORT if entry.kind == "report" else "") + entry.subject,
        "format": entry.format + (_PRESET + preset if preset else ""),
        "node": list(entry.nodes),
        "how": how,
        "weekday": first.split(",") if how == "weekly" else USUAL["weekday"],
        "day": first if how == "monthly" else USUAL["day"],
        "time": USUAL["time"] if how == "cron" else time,
        "cron": rest if how == "cron" else "",
        "timezone": entry.timezone,
        "period": entry.period,
        "channel": entry.channel,
        "recipients": "\n".join(shown),
        "skip_empty": entry.skip_empty,
        "enabled": entry.enabled,
    }


def body_of(form: MultiMapping[str], had: ScheduleEntry | None = None) -> Json:
    """Return what the fields ask for, as a body; further words that `had` has stay its own.

    A field left empty means nothing. Raises Problem bad_schedule where no weekday is ticked.
    """
    what = form.get("what", "")
    kind = "report" if what.startswith(_REPORT) else "source"
    subject = what.removeprefix(_REPORT)
    format_, _, preset = form.get("format", "").partition(_PRESET)
    words = dict(had.words) if had is not None and had.subject == subject else {}
    words.pop(_PRESET_WORD, None)
    if preset:
        words[_PRESET_WORD] = (preset,)
    asked: Json = {
        "name": form.get("name", ""),
        kind: subject,
        "format": format_,
        "when": _when(form),
        "timezone": form.get("timezone", "").strip(),
        "period": form.get("period", ""),
        "channel": form.get("channel", ""),
    }
    return {name: text for name, text in asked.items() if text or name in ("name", kind)} | {
        "nodes": form.getall("node", []),
        "recipients": [line for line in form.get("recipients", "").splitlines() if line.strip()],
        "skip_empty": "skip_empty" in form,
        "enabled": "enabled" in form,
        "parameters": words,
    }


def _when(form: MultiMapping[str]) -> str:
    how, time = form.get("how", ""), form.get("time", "")
    match how:
        case "weekly":
            days = ",".join(form.getall("weekday", []))
            if not days:
                raise Problem("bad_schedule", "no weekday is ticked", "Tick one, or more.")
            return f"weekly {days} {time}"
        case "monthly":
            return f"monthly {form.get('day', '')} {time}"
        case "cron":
            return f"cron {form.get('cron', '')}"
        case _:
            return f"{how} {time}"
