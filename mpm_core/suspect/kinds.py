"""The kinds of what looks wrong, and one such finding."""

from __future__ import annotations

from dataclasses import dataclass

KINDS: dict[str, str] = {
    "spike": "a few frames leave a point's path",
    "swap": "two points look exchanged",
    "ghost": "a trajectory that belongs to another point, or to none",
    "frozen": "a value is held, or drawn as a straight line",
    "rotation": "a joint of a hierarchy is turned over for a while, or held",
    "pose": "a bone's length, or a joint, is not the body's",
}


@dataclass(frozen=True, slots=True)
class Suspect:
    """Frames start..stop-1 (0-based) of points that look wrong.

    kind: of KINDS. points: indices; of a swap the two that look exchanged, of a ghost that continues another point the labelled one and the
    other, of a rotation those that the joint places. score: 1 at the detector's threshold, greater is worse. why: text for the user.
    piece: a ghost that continues another point, and so is right, under a wrong name.
    """

    kind: str
    points: tuple[int, ...]
    start: int
    stop: int
    score: float
    why: str
    piece: bool = False
