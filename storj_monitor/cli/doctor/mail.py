"""Whether what is to be sent can be: the channels that are set up or asked for, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.cli.doctor.findings import Finding
from storj_monitor.errors import OperatorError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from storj_monitor.delivery.channels import Outlet
    from storj_monitor.registry import Catalogue
    from storj_monitor.settings import Settings
    from storj_monitor.store import ScheduleEntry


class _Sender(NamedTuple):
    """What sends by itself: the alerts, or a schedule."""

    name: str
    channel: str
    recipients: Sequence[str]


def check_mail(
    catalogue: Catalogue, settings: Settings, entries: Iterable[ScheduleEntry]
) -> Iterator[Finding]:
    """Look at each channel that has settings or is asked for, and at all recipients.

    Nothing is sent, and nobody is asked. Of schedules those count that are turned on.
    """
    senders = [
        _Sender(f"schedule {one.name}", one.channel, one.recipients)
        for one in entries
        if one.enabled
    ]
    if (send := settings.alerts.send).channel:
        senders.insert(0, _Sender("[alerts.send]", send.channel, send.recipients))
    channels = dict.fromkeys([*settings.channels, *(one.channel for one in senders)])
    if not channels:
        installed = ", ".join(catalogue.channels) or "none"
        hint = f"Set one up under [channels.NAME] in the settings. Installed: {installed}."
        yield Finding("note", "mail", "no channel is set up, so that nothing is sent", hint)
    for channel in channels:
        ours = [one for one in senders if one.channel == channel]
        yield from _checked(channel, ours, catalogue, settings)
    if senders and not settings.scheduling.enabled:
        said = "scheduling is turned off: no server sends anything by itself, alerts neither"
        yield Finding("note", "mail", said, "STORJ_MONITOR_SCHEDULING=1 turns it on.")


def _checked(
    channel: str, senders: Sequence[_Sender], catalogue: Catalogue, settings: Settings
) -> Iterator[Finding]:
    from storj_monitor.delivery.channels import outlet_of

    try:
        outlet = outlet_of(channel, catalogue, settings)
    except (Problem, OperatorError) as error:
        asking = ", ".join(one.name for one in senders)
        yield _problem(error, f" (for {asking})" if asking else "")
        return
    problems = [
        _problem(fault, f" (for {one.name})")
        for one in senders
        for recipient in one.recipients
        if (fault := _fault(outlet, recipient, settings)) is not None
    ]
    yield from problems or [Finding("ok", "mail", f"{channel} is set up")]


def _fault(outlet: Outlet, recipient: str, settings: Settings) -> Problem | None:
    """Return why nothing can be sent to a recipient; None if it can be."""
    from storj_monitor.delivery.channels import check_recipient

    try:
        check_recipient(outlet, recipient, settings)
    except Problem as problem:
        return problem
    except Exception as error:  # noqa: BLE001  a stranger's code
        name = outlet.channel.name
        detail = f"channel {name!r} failed: {type(error).__name__}"
        return Problem("bad_schedule", detail, "Tell its author.")
    return None


def _problem(error: Problem | OperatorError, whose: str) -> Finding:
    said = error.detail if isinstance(error, Problem) else error.reason
    return Finding("problem", "mail", f"{said}{whose}", error.hint)
