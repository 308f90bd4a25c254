"""`storj-monitor schedule`: reports and exports that are sent by themselves."""

from __future__ import annotations

import click

from storj_monitor.cli.schedule.deciding import add, disable, edit, enable, remove
from storj_monitor.cli.schedule.looking import deliveries, list_, next_, show
from storj_monitor.cli.schedule.sending import again, run, run_due, test


class _InOrder(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names as they were added: that is how they are met."""
        del ctx
        return list(self.commands)


@click.group(cls=_InOrder, short_help="Have reports sent by themselves.")
def schedule() -> None:
    """Have reports and exports sent by themselves, each period once to each recipient.

    A schedule says what is sent, when, about which period, by which channel and to whom. `run` and
    `serve` follow schedules while they run; where neither does, let cron call `run-due`.

    \b
    storj-monitor schedule add Mondays --report weekly_performance --when "weekly mon 06:00" \\
        --timezone Europe/Berlin --channel email --recipient me@example.org
    storj-monitor schedule next                 # the next runs, and the period of each
    storj-monitor schedule test Mondays         # try it now: it counts as no run
    storj-monitor schedule deliveries           # what was sent, and what wasn't and why

    Rules are "daily 06:00", "weekly mon,thu 06:00", "monthly 1 06:00" (1 to 31, or last) and
    "cron 0 6 * * 1". The period is the last whole one when it is due: yesterday, last-week,
    last-month or last-year, in the schedule's time zone.

    Channels are set up in the settings, under [channels.NAME]: `plugins` lists them.
    """  # noqa: D301  \b is click's sign for 'leave these lines alone'


for command in (
    *(add, list_, show, next_, edit, enable, disable, remove),
    *(test, run, run_due, deliveries, again),
):
    schedule.add_command(command)

__all__ = ["schedule"]
