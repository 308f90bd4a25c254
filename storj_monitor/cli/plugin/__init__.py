"""`storj-monitor plugin`: what an author of plugins starts with."""

from __future__ import annotations

import click

from storj_monitor.cli.plugin.new import new


@click.group(short_help="Write a plugin of your own.")
def plugin() -> None:
    """Write a plugin of your own: a format, a source, a report or a channel.

    A plugin is a Python module whose functions, marked @hookimpl, say what it offers; each is
    described in storj_monitor.plugin.hooks. One file in a folder is enough to try it:

    \b
    storj-monitor plugin new tsv --kind format      # a package of its own, with tests
    storj-monitor export events -f tsv --plugins-dir storj-tsv

    Installed with pip, it is on the page, in the routes and on the command line with no further
    code. `storj-monitor plugins` lists what is installed, and says why one was refused.
    """  # noqa: D301  \b is click's sign for 'leave these lines alone'


plugin.add_command(new)

__all__ = ["plugin"]
