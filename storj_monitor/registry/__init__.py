"""From entry points to a read-only catalogue: discover, admit, collect, freeze.

Each step is a module, and what goes wrong in one is a value, never an exception: a plugin that
can't be used is recorded with the reason, and all others work.
"""

from storj_monitor.registry.freeze import Catalogue, PluginRecord
from storj_monitor.registry.host import Listener, PluginHost

__all__ = ["Catalogue", "Listener", "PluginHost", "PluginRecord"]
