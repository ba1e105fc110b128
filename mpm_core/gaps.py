"""Gaps: computed from a recording when needed, never stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float, Floating, Int, Mask

SHORT_M, GROWTH_M_S, LONGEST_S = 0.005, 0.08, 1.5  # usual error of a fill: at length zero, growth per second, longest length


@dataclass(frozen=True, slots=True)
class Gap:
    """Frames start..stop-1 (0-based) in which a point is missing or marked. marked: the user marked every sample.

    >>> Gap(point=3, start=120, stop=180).frames
    60
    """

    point: int
    start: int
    stop: int
    marked: bool = False

    @property
    def frames(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Left:
    """A gap with wanted samples that are left, and why."""

    gap: Gap
    why: str


def known(xyz_SD: Floating) -> Mask:
    """True where every coordinate of a position (the last axis) is finite: neither NaN, which is missing, nor infinite.

    >>> import numpy as np
    >>> known(np.array([[1.0, 2.0, 3.0], [1.0, np.nan, 3.0]]))
    array([ True, False])
    """
    known_S: Mask = np.ones(xyz_SD.shape[:-1], bool)
    for axis in range(xyz_SD.shape[-1]):  # much faster than .all() over so short an axis
        known_S &= np.isfinite(xyz_SD[..., axis])
    return np.asarray(known_S)


def runs(mask_F: Mask) -> list[tuple[int, int]]:
    """(start, stop) of every run of True.

    >>> import numpy as np
    >>> runs(np.array([False, True, True, False, True]))
    [(1, 3), (4, 5)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask_F, [False]]).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in zip(edges[::2], edges[1::2], strict=True)]


def range_text(start: int, stop: int, first_frame: int) -> str:
    """Frames start..stop-1 (0-based) as a file counts them that begins with first_frame, short for lists.

    >>> range_text(2, 9, 1), range_text(2, 3, 1)
    ('3-9', '3')
    """
    first, last = start + first_frame, stop - 1 + first_frame
    return str(first) if first == last else f"{first}-{last}"


def points_by_run(visible_FP: Mask) -> dict[tuple[int, int], list[int]]:
    """The points that are visible in the same frames start..stop-1, for every run of visible samples; to work on them at once.

    >>> import numpy as np
    >>> points_by_run(np.array([[True, True, False], [True, True, True]]))
    {(0, 2): [0, 1], (1, 2): [2]}
    """
    found: dict[tuple[int, int], list[int]] = {}
    for point in range(visible_FP.shape[1]):
        for run in runs(visible_FP[:, point]):
            found.setdefault(run, []).append(point)
    return found


def missing_runs(visible_FP: Mask) -> tuple[Int, Int, Int]:
    """(G,) point, start and stop of every gap, by point and then by time.

    >>> import numpy as np
    >>> [each.tolist() for each in missing_runs(np.array([[True, False], [False, False], [True, True]]))]
    [[0, 1], [1, 0], [2, 2]]
    """
    F, P = visible_FP.shape
    missing_PF = np.zeros((P, F + 1), bool)  # a visible sample after each point separates their gaps
    missing_PF[:, :-1] = ~visible_FP.T
    edge_G2 = np.flatnonzero(np.diff(missing_PF.ravel(), prepend=False)).reshape(-1, 2)
    point_G, start_G = np.divmod(edge_G2[:, 0], F + 1)
    return point_G, start_G, edge_G2[:, 1] - point_G * (F + 1)


def inner(visible_F: Mask) -> Mask:
    """True in gaps with a visible frame before and after them.

    >>> import numpy as np
    >>> inner(np.array([False, True, False, True, False]))
    array([False, False,  True, False, False])
    """
    visible = np.flatnonzero(visible_F)
    inside_F = np.zeros(len(visible_F), bool)
    if len(visible):
        inside_F[visible[0] : visible[-1]] = ~visible_F[visible[0] : visible[-1]]
    return inside_F


def frames_away(visible_FP: Mask) -> Float:
    """(F, P) frames to the nearest visible sample of the same point, 0 where it is visible; infinite for points never visible.

    >>> import numpy as np
    >>> frames_away(np.array([[True, False], [False, False], [False, False]])).tolist()
    [[0.0, inf], [1.0, inf], [2.0, inf]]
    """
    F = len(visible_FP)
    frame_F1 = np.arange(F, dtype=np.float64)[:, None]
    before_FP = np.maximum.accumulate(np.where(visible_FP, frame_F1, -np.inf), axis=0)
    after_FP = np.minimum.accumulate(np.where(visible_FP, frame_F1, np.inf)[::-1], axis=0)[::-1]
    return np.asarray(np.minimum(frame_F1 - before_FP, after_FP - frame_F1))


def widened(mask_FP: Mask, frames: int) -> Mask:
    """Every run of True in a column extended by `frames` on both sides.

    >>> import numpy as np
    >>> widened(np.array([[False], [False], [True], [False]]), 1).ravel()
    array([False,  True,  True,  True])
    """
    return np.asarray(frames_away(mask_FP) <= frames)


def gap_frames(visible_FP: Mask) -> Int:
    """(F, P) length of the gap that a sample is in, 0 where it is visible."""
    _, start_G, stop_G = missing_runs(visible_FP)
    frames_FP = np.zeros(visible_FP.shape, np.int64)
    frames_FP.T[~visible_FP.T] = np.repeat(stop_G - start_G, stop_G - start_G)
    return frames_FP


def usual_error(frames: NDArray[np.integer] | Float, rate_hz: float) -> Float:
    """Approximate error, in metres, of a fill in gaps of `frames` frames; to weight short gaps against long ones."""
    return np.asarray(SHORT_M + GROWTH_M_S * np.minimum(frames / rate_hz, LONGEST_S))


def find_gaps(rec: Recording) -> list[Gap]:
    """Every gap, missing or marked, by point and then by time.

    >>> import mpm_core as mpm
    >>> from mpm_core.resources import resource
    >>> rec = mpm.read(resource("sample/walk_reach_sit.c3d"))
    >>> gap = mpm.find_gaps(rec)[1]
    >>> rec.points[gap.point], gap.start, gap.stop
    ('LFRM', 120, 180)
    """
    return [
        Gap(point, start, stop, bool((rec.origin_FP[start:stop, point] == Origin.MARKED).all()))
        for point, start, stop in zip(*(value_G.tolist() for value_G in missing_runs(rec.visible_FP)), strict=True)
    ]


def missing_share(rec: Recording) -> Float:
    """(P,) share of the frames in which a point is missing or marked, 0..1.

    >>> import mpm_core as mpm
    >>> from mpm_core.resources import resource
    >>> rec = mpm.read(resource("sample/walk_reach_sit.c3d"))
    >>> float(mpm.missing_share(rec)[rec.index("LWRA")])  # 60 of 840 frames
    0.07142857142857142
    """
    if rec.frames == 0:
        return np.zeros(len(rec.points))
    return np.asarray((~rec.visible_FP).mean(axis=0))
