"""A hook that nobody would ever call."""

from storj_monitor.plugin import hookimpl


@hookimpl
def storj_format():
    return []
