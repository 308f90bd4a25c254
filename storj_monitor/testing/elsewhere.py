"""The same documents rendered by another process, under other circumstances."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import NamedTuple

from storj_monitor.plugin import Format
from storj_monitor.testing.documents import awkward_documents
from storj_monitor.testing.rendering import digest, rendered

#: Sets are ordered otherwise, times are local elsewhere, and texts are ASCII unless said so.
_CIRCUMSTANCES = {"PYTHONHASHSEED": "4242", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"}


class Place(NamedTuple):
    """Where a plugin can be imported from: a module, the name in it if any, and its file."""

    module: str
    attribute: str
    file: str

    @classmethod
    def of(cls, plugin: object) -> Place | None:
        """Return the place of a plugin; None where nothing names it."""
        if isinstance(plugin, ModuleType):
            return cls(plugin.__name__, "", plugin.__file__ or "")
        module = sys.modules.get(getattr(plugin, "__module__", ""))
        for attribute, value in vars(module).items() if module else ():
            if value is plugin and module is not None:
                return cls(module.__name__, attribute, module.__file__ or "")
        return None

    def load(self) -> object:
        """Import the plugin."""
        try:
            module = import_module(self.module)
        except ModuleNotFoundError:
            spec = spec_from_file_location(self.module, self.file)
            if spec is None or spec.loader is None:
                raise
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
        return getattr(module, self.attribute) if self.attribute else module


def digests_of(format_: Format) -> dict[str, str]:
    """Return a digest of each awkward document as this format writes it."""
    return {
        name: digest(rendered(format_, document)) for name, document in awkward_documents().items()
    }


def digests_elsewhere(place: Place, format_name: str) -> dict[str, str]:
    """Return the digests that another process comes to; raise RuntimeError where it can't."""
    environment = {**os.environ, **_CIRCUMSTANCES, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(  # noqa: S603  it is this module
        [sys.executable, "-m", __name__],
        input=json.dumps([*place, format_name]),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    digests: dict[str, str] = json.loads(done.stdout)
    return digests


def main() -> None:
    """Read on standard input what to render, and write the digests to standard output."""
    from storj_monitor.testing.admission import offering_of

    *place, format_name = json.loads(sys.stdin.read())
    with redirect_stdout(sys.stderr):
        offers = offering_of(Place(*place).load()).offers["formats"]
        [digests] = [
            digests_of(item)
            for item in offers
            if isinstance(item, Format) and item.name == format_name
        ]
    sys.stdout.write(json.dumps(digests))


if __name__ == "__main__":
    main()
