"""Whether all plugins are in use, and files can be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.cli import options
from storj_monitor.cli.doctor.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.registry import PluginHost


def check_plugins(host: PluginHost) -> Iterator[Finding]:
    """Say what is installed, and what was refused."""
    catalogue = host.catalogue
    counts = {
        "sources": catalogue.sources,
        "formats": catalogue.formats,
        "reports": catalogue.reports,
        "channels": catalogue.channels,
    }
    said = ", ".join(f"{len(offered)} {kind}" for kind, offered in counts.items())
    yield Finding("ok", "plugins", said)
    for failure in options.faults(host):
        yield Finding("problem", "plugins", f"{failure.plugin}: {failure.reason}", failure.hint)
