"""What a reader must know about a printed table: what isn't all there, and where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def remarks(*, shortened: int, boxed: int, left_out: Sequence[str]) -> list[str]:
    """Say how many cells were cut or lack letters, and which columns had no room."""
    said = []
    if shortened:
        said.append(f"{_of_cells(shortened)} shortened; the CSV has all in full.")
    if boxed:
        said.append(
            f"{_of_cells(boxed)} printed with a □ for characters that this file has no font for; "
            "the CSV has them."
        )
    if left_out:
        names = ", ".join(left_out)
        said.append(f"No room for {len(left_out):,} more columns; the CSV has all: {names}.")
    return said


def _of_cells(count: int) -> str:
    return f"{count:,} cells were" if count > 1 else "1 cell was"
