"""Made for a storj-monitor that isn't there yet."""

from storj_monitor.plugin import hookimpl

STORJ_PLUGIN_API = 2


@hookimpl
def storj_formats():
    return []
