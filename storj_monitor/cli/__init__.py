"""The command line: one module per command. Heavy libraries load when a command needs them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 2 a senseless request, 1 anything else.

    Without arguments it is the program itself, with those that it was given.
    """
    from storj_monitor.cli.app import end, run

    code = run(arguments)
    return end(code, sys.argv[1:]) if arguments is None else code
