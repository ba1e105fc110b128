"""Suspects that have one cause: a marker that flickers all take, a moment at which many jump, trajectories without a label."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from mpm_core.edit.labels import labelled
from mpm_core.recording import Recording
from mpm_core.suspect.kinds import Suspect
from mpm_core.typing import Mask

TOGETHER_S = 0.1  # greatest difference of starts, and of stops, of what happens at the same time


@dataclass(frozen=True, slots=True)
class Cause:
    """One or more suspects of one kind, the worst first, and why they are listed together ("" for a single one)."""

    suspects: tuple[Suspect, ...]
    together: str = ""

    @property
    def worst(self) -> Suspect:
        return self.suspects[0]

    @property
    def points(self) -> tuple[int, ...]:
        """All points, those of the worst first."""
        return tuple(dict.fromkeys(point for each in self.suspects for point in each.points))

    @property
    def why(self) -> str:
        """Text for the user: why the worst suspect looks wrong, and what the suspects have in common."""
        if len(self.suspects) == 1:
            return self.worst.why
        return f"{len(self.suspects)} places of one cause: {self.together}. The worst: {self.worst.why}"


def causes(rec: Recording, suspects: Sequence[Suspect]) -> list[Cause]:
    """The suspects by cause, worst first. Each belongs to the first cause of its kind with whose worst suspect it shares one of these: the
    points; the time, both ends within TOGETHER_S; that a trajectory without a label is in it.

    >>> import numpy as np, mpm_core as mpm
    >>> rec = mpm.make_recording(("a", "b"), 100.0, np.zeros((900, 2, 3)))
    >>> found = [Suspect("spike", (0,), at, at + 1, 2.0, "") for at in (5, 100, 800)] + [Suspect("spike", (1,), 300, 301, 1.0, "")]
    >>> [len(cause.suspects) for cause in causes(rec, found)]
    [3, 1]
    """
    within, labelled_P = TOGETHER_S * rec.rate_hz, labelled(rec)
    groups: list[tuple[list[Suspect], dict[str, None]]] = []
    first: dict[Hashable, int] = {}  # the first group whose worst suspect has such a key
    for each in sorted(suspects, key=lambda suspect: -suspect.score):
        kind = each.kind, each.piece
        unlabelled = [(kind, "unlabelled")] if not labelled_P[list(each.points)].all() else []
        points = kind, frozenset(each.points)
        start, stop = int(each.start // within), int(each.stop // within)
        times = [(kind, start + i, stop + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        for number in sorted({first[key] for key in (*unlabelled, points, *times) if key in first}):
            members, links = groups[number]
            if link := _link(members[0], each, within, labelled_P):
                members.append(each)
                links[link] = None
                break
        else:
            for key in (*unlabelled, points, (kind, start, stop)):
                first.setdefault(key, len(groups))
            groups.append(([each], {}))
    return [Cause(tuple(members), ", ".join(links)) for members, links in groups]


def _link(worst: Suspect, other: Suspect, within: float, labelled_P: Mask) -> str:
    """Why two suspects are of one cause; "" where they are not."""
    if worst.kind != other.kind or worst.piece != other.piece:
        return ""
    if not labelled_P[list(worst.points)].all() and not labelled_P[list(other.points)].all():
        return "trajectories without a label"
    if set(worst.points) == set(other.points):
        return "the same points"
    if abs(worst.start - other.start) <= within and abs(worst.stop - other.stop) <= within:
        return "the same time"
    return ""
