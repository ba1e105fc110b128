"""What is selected: points, and a range of frames."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Selection:
    """Points by index, and frames start..stop-1 (0-based; none when they are equal).

    gaps: several that were chosen one by one, of any points, as (point, start, stop); then those, and not all that are in the range.
    """

    points: tuple[int, ...] = ()
    start: int = 0
    stop: int = 0
    gaps: tuple[tuple[int, int, int], ...] = ()

    @property
    def has_range(self) -> bool:
        return bool(self.points) and self.stop > self.start
