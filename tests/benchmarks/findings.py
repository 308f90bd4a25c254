"""What was measured, beside what was promised."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One measured thing; `measured` is what the promise limits: a ratio, or megabytes."""

    what: str
    ours: str
    peer: str
    measured: float
    limit: float
    unit: str = "x"
    #: The peak of our own process, where that was measured.
    peak_bytes: int | None = None

    @property
    def is_kept(self) -> bool:
        """Whether the promise is kept."""
        return self.measured <= self.limit

    def cells(self) -> tuple[str, ...]:
        """Return the row of the table that `table` makes."""
        return (
            self.what,
            self.ours,
            self.peer,
            f"{self.measured:.2f} {self.unit}",
            f"<= {self.limit:g} {self.unit}",
            "" if self.peak_bytes is None else megabytes(self.peak_bytes),
            "kept" if self.is_kept else "MISSED",
        )


_HEAD = ("what", "ours", "beside", "measured", "promised", "our peak", "")


def table(findings: list[Finding]) -> str:
    """Return the findings as lines of text."""
    rows = [_HEAD, *(finding.cells() for finding in findings)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def megabytes(count: float) -> str:
    """Spell bytes as megabytes of a million."""
    return f"{count / 1e6:.0f} MB"
