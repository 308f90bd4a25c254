"""The command line: one module per command. Heavy libraries load when a command needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 2 a senseless request, 1 anything else."""
    from storj_monitor.cli.app import run

    return run(arguments)
