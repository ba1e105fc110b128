"""The edges of the selected gaps, as the mouse holds them on the timeline and in the graph. Frames start..stop-1, 0-based."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Literal

from mpm_studio.operations.gap_edges import GapPlace, selection_of, whole_gaps
from mpm_studio.session import Session

GRIP_PX = 5.0  # around an edge that can be dragged
Edge = Literal["start", "stop"]
EDGES: tuple[Edge, Edge] = ("start", "stop")


@dataclass(frozen=True, slots=True)
class Grip:
    """An edge that is held: of which gaps, all of them at the same frame, and which of the two; frames: that it was dragged by."""

    gaps: tuple[GapPlace, ...]
    part: Edge
    frames: int = 0

    @property
    def by(self) -> tuple[int, int]:
        """The frames that start and stop are moved by."""
        return (self.frames, 0) if self.part == "start" else (0, self.frames)

    def select(self, session: Session) -> None:
        """Select the gaps as they will be."""
        rec = session.shown
        if rec is not None:
            moved = [gap.moved(*self.by, rec.frames) for gap in self.gaps]
            session.select(*selection_of(moved))


def grip_at(session: Session, x_of: Callable[[float], float], x: float, points: Container[int]) -> Grip | None:
    """The edge of a selected gap of some points under a horizontal position, with the edges of other selected gaps at the same frame.

    x_of: from frames to horizontal positions. Narrow gaps have none: what is between their edges is selected.
    """
    for gap in whole_gaps(session.selected_gaps_of(points)):
        for part in EDGES if x_of(gap.stop) - x_of(gap.start) > 3 * GRIP_PX else ():
            if abs(x_of(getattr(gap, part)) - x) <= GRIP_PX:
                every = whole_gaps(session.selected_gaps)
                return Grip(tuple(each for each in every if getattr(each, part) == getattr(gap, part)), part)
    return None
