"""How a disk fills: a line through what was used, and the day when nothing is left.

growth = Growth.of([(0.0, 10.0), (1.0, 12.0), (2.0, 14.0), (3.0, 16.0)])    # days, bytes
growth.slope                  # 2.0 bytes a day
growth.full_in(left=20)       # 10 days after the last point, and within what bounds
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

#: A line through fewer points says nothing about how sure it is.
FEWEST_POINTS = 4
#: Nobody knows what is so far away.
FARTHEST_DAYS = 3650
#: Student's t for 95 %, by the degrees of freedom from 1 on; beyond, it is near 1.96 + 2.5 / them.
_T95 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)


class FullIn(NamedTuple):
    """After how many days a disk is full: most likely, and the bounds of 95 %.

    Each is None where it is never, or farther away than ten years.
    """

    days: float | None
    earliest: float | None
    latest: float | None


class Growth(NamedTuple):
    """A least-squares line: what is added a day, how sure that is, and how well the line fits."""

    slope: float
    #: The standard error of the slope, in the same unit.
    error: float
    #: From 0 to 1: the part of the ups and downs that the line explains.
    r_squared: float
    points: int

    @classmethod
    def of(cls, points: Sequence[tuple[float, float]]) -> Growth | None:
        """Fit a line to points (days, bytes); None if there are too few to tell."""
        count = len(points)
        if count < FEWEST_POINTS:
            return None
        # From the first point on: a float has few digits for what little is added to terabytes.
        from_x, from_y = points[0]
        points = [(x - from_x, y - from_y) for x, y in points]
        mean_x = math.fsum(x for x, _ in points) / count
        mean_y = math.fsum(y for _, y in points) / count
        spread = math.fsum((x - mean_x) ** 2 for x, _ in points)
        if not spread:
            return None
        slope = math.fsum((x - mean_x) * (y - mean_y) for x, y in points) / spread
        whole = math.fsum((y - mean_y) ** 2 for _, y in points)
        rest = math.fsum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in points)
        explained = max(0.0, 1 - rest / whole) if whole else 1.0
        return cls(slope, math.sqrt(rest / (count - 2) / spread), explained, count)

    @property
    def bounds(self) -> tuple[float, float]:
        """The slopes between which the true one is, with 95 % of certainty."""
        freedom = self.points - 2
        t = _T95[freedom - 1] if freedom <= len(_T95) else 1.96 + 2.5 / freedom
        return self.slope - t * self.error, self.slope + t * self.error

    def full_in(self, left: float) -> FullIn:
        """Return in how many days `left` bytes are used up."""
        slowest, fastest = self.bounds
        return FullIn(_days(left, self.slope), _days(left, fastest), _days(left, slowest))


def _days(left: float, slope: float) -> float | None:
    if left <= 0:
        return 0.0
    if slope <= 0 or left / slope > FARTHEST_DAYS:
        return None
    return left / slope
