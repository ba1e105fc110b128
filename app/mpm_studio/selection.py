"""What is selected: points, and a range of frames."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Selection:
    """Points by index, and frames start..stop-1 (0-based; none when they are equal)."""

    points: tuple[int, ...] = ()
    start: int = 0
    stop: int = 0

    @property
    def has_range(self) -> bool:
        return bool(self.points) and self.stop > self.start

    def touches(self, point: int, start: int, stop: int) -> bool:
        """Whether some of these frames of a point are selected."""
        return point in self.points and start < self.stop and self.start < stop
