"""Detections linked from frame to frame to tracks, each of one person. F frames, N detections, B bones.

Each track predicts where its person is next, by constant velocity; predictions and detections are assigned to each other together
(scipy.optimize.linear_sum_assignment), by distance and by bone lengths. Where two people are so close that the other assignment is about as
good, the bone lengths before and after decide who is who, and where they do not, the crossing is unsure. A detector that finds somebody's
upper and lower body as two people gives a detection and a further part of it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from mpm_core.io.keypoints.bodies import Bodies, bone_difference, distance, is_further_part, median
from mpm_core.typing import Float, Int

REACH = 0.5  # distance of a person from where they are expected at most, in their own size
REACH_PER_FRAME = 0.1  # and for each frame without them
MEMORY = 30  # frames after which a person not detected begins a new track
COAST = 10  # frames without them for which a person is expected to go on
BONES = 0.5  # weight of different bone lengths beside the distance
ALONE, PAUSE = 1.0, 0.05  # cost of a track without a detection, and of each frame before: one not seen for long takes nobody else's
UNSURE = 0.15  # two assignments that differ by less are about as good
WINDOW = 15  # frames before and after a crossing from which bone lengths are taken
CLEAR = 0.15  # difference of bone lengths that decides who is who
PART = 0.1  # distance of a further part of a person from where its points are expected at most, in their own size
NOT_NEAR = 1e6

Track = list[int]
"""The detections of one person, by time."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """Frames, both included, in which two tracks (indices) are too close to be told apart. bones_decide: bone lengths do it afterwards."""

    first: int
    last: int
    tracks: tuple[int, int]
    bones_decide: bool = False


@dataclass(slots=True)
class _Live:
    """A track that may go on. number: its index; velocity_2: pixels a frame; bones_B: the usual logarithms of bone lengths; last_K2: where
    its points were when it was last seen, those of a further part too."""

    number: int
    track: Track
    bones_B: Float
    last_K2: Float
    velocity_2: Float = field(default_factory=lambda: np.zeros(2))

    def add(self, bodies: Bodies, detection: int, parts: list[int]) -> None:
        """Append a detection; update velocity, bone lengths and last points. parts: other detections of the same body in that frame."""
        last = self.track[-1]
        step_2 = bodies.xy_NK2[detection] - bodies.xy_NK2[last]
        both_K = np.isfinite(step_2).all(axis=1)
        moved_2 = np.median(step_2[both_K], axis=0) if both_K.sum() >= 3 else bodies.middle_N2[detection] - bodies.middle_N2[last]
        self.velocity_2 = 0.5 * (self.velocity_2 + moved_2 / (bodies.frame_N[detection] - bodies.frame_N[last]))
        new_B = bodies.bones_NB[detection]
        self.bones_B = np.where(
            np.isfinite(self.bones_B) & np.isfinite(new_B), 0.8 * self.bones_B + 0.2 * new_B, _first(self.bones_B, new_B)
        )
        self.track.append(detection)
        self.last_K2 = bodies.xy_NK2[detection]
        for part in parts:
            self.last_K2 = _first(self.last_K2, bodies.xy_NK2[part])


def link(bodies: Bodies, frames: int) -> tuple[list[Track], list[Crossing], dict[int, list[int]]]:
    """All tracks, the crossings in which who is who is unsure, and the further parts of detections that show only a part of somebody."""
    tracks: list[Track] = []
    live: list[_Live] = []
    parts: dict[int, list[int]] = {}
    close: dict[tuple[int, int], list[int]] = defaultdict(list)
    first_F = np.searchsorted(bodies.frame_N, np.arange(frames + 1)).tolist()
    frame_N, detected_N = bodies.frame_N.tolist(), bodies.detected_N.tolist()
    for frame in range(frames):
        new_N = np.arange(first_F[frame], first_F[frame + 1])
        live = [each for each in live if frame - frame_N[each.track[-1]] <= MEMORY]
        taken: set[int] = set()
        assigned = _assigned(bodies, live, new_N, frame, close)
        matched = {int(new_N[column]) for _, column in assigned}
        for row, column in assigned:
            detection = int(new_N[column])
            further = _parts(bodies, live[row], detection, sorted(set(new_N.tolist()) - matched - taken))
            live[row].add(bodies, detection, further)
            taken.update(further)
            parts |= {detection: further} if further else {}
        for detection in new_N.tolist():
            if detection not in matched | taken and detected_N[detection]:
                live.append(_Live(len(tracks), [detection], bodies.bones_NB[detection], bodies.xy_NK2[detection]))
                tracks.append(live[-1].track)
    return tracks, _resolved(bodies, tracks, close), parts


def near(bodies: Bodies, early: int, late: int) -> bool:
    """True when the person of a detection may be the one of a later detection, by distance and time."""
    paused = int(bodies.frame_N[late] - bodies.frame_N[early]) - 1
    return bool(distance(bodies, np.array([early]), np.array([late]))[0, 0] <= REACH + REACH_PER_FRAME * paused)


def _parts(bodies: Bodies, live: _Live, detection: int, others: list[int]) -> list[int]:
    """Those of the other detections of its frame that have hardly any of its points, and theirs where the track's are expected."""
    paused = int(bodies.frame_N[detection] - bodies.frame_N[live.track[-1]])
    expected_K2 = live.last_K2 + live.velocity_2 * min(paused, COAST)
    size = float(np.hypot(*(np.nanmax(live.last_K2, axis=0) - np.nanmin(live.last_K2, axis=0))))
    known_K, found = np.isfinite(bodies.xy_NK2[detection, :, 0]), []
    for other in others:
        here_K = np.isfinite(bodies.xy_NK2[other, :, 0])
        apart_K = np.hypot(*(bodies.xy_NK2[other] - expected_K2).T)
        both_K = np.isfinite(apart_K)
        if is_further_part(known_K, here_K) and both_K.sum() >= 3 and np.median(apart_K[both_K]) <= PART * size:
            found.append(other)
            known_K |= here_K
    return found


def _assigned(bodies: Bodies, live: list[_Live], new_N: Int, frame: int, close: dict[tuple[int, int], list[int]]) -> list[tuple[int, int]]:
    """Pairs of a live track and a new detection (both by place). Pairs of tracks for which others are about as good are added to close."""
    from scipy.optimize import linear_sum_assignment  # here, as its import takes long

    if not live or not len(new_N):
        return []
    last_L = np.array([each.track[-1] for each in live])
    paused_L = frame - bodies.frame_N[last_L] - 1
    moved_L2 = np.stack([each.velocity_2 for each in live]) * np.minimum(paused_L + 1, COAST)[:, None]
    away_LN = np.minimum(distance(bodies, last_L, new_N, moved_L2), distance(bodies, last_L, new_N) + UNSURE)
    reach_L = REACH + REACH_PER_FRAME * paused_L
    bones_LN = np.nan_to_num(bone_difference(np.stack([each.bones_B for each in live]), bodies.bones_NB[new_N]))
    cost_LN = np.where(away_LN <= reach_L[:, None], away_LN + BONES * bones_LN + PAUSE * paused_L[:, None], NOT_NEAR)
    alone_LL = np.where(np.eye(len(live), dtype=bool), ALONE, NOT_NEAR)
    rows, columns = linear_sum_assignment(np.concatenate([cost_LN, alone_LL], axis=1))
    pairs = [(row, column) for row, column in zip(rows.tolist(), columns.tolist(), strict=True) if column < len(new_N)]
    pairs = [(row, column) for row, column in pairs if cost_LN[row, column] < NOT_NEAR]
    taken = {column for _, column in pairs}
    free_N = np.array([column not in taken for column in range(len(new_N))])
    pairs = [  # of two who may both be the one who was not seen, neither is
        (row, column) for row, column in pairs if not paused_L[row] or not (cost_LN[row, free_N] < cost_LN[row, column] + UNSURE).any()
    ]
    if len(live) > 1:
        _note_close(cost_LN - PAUSE * paused_L[:, None], pairs, live, frame, close)
    return pairs


def _note_close(
    cost_LN: Float, pairs: list[tuple[int, int]], live: list[_Live], frame: int, close: dict[tuple[int, int], list[int]]
) -> None:
    """Add the frame to the pairs of tracks that could have been assigned the other way round, or one instead of the other."""
    if not pairs:
        return
    row_A, column_A = np.array(pairs).T
    kept_A = cost_LN[row_A, column_A]
    crossed_AA = cost_LN[row_A[:, None], column_A]
    swapped_AA = crossed_AA + crossed_AA.T - kept_A[:, None] - kept_A
    found = [(int(row_A[a]), int(row_A[b])) for a, b in np.argwhere(np.triu(swapped_AA < UNSURE, 1)).tolist()]
    others_R = np.array([row for row in range(len(live)) if row not in set(row_A.tolist())], np.int64)
    instead_RA = cost_LN[others_R[:, None], column_A] - kept_A
    found += [(int(others_R[r]), int(row_A[a])) for r, a in np.argwhere(instead_RA < UNSURE).tolist()]
    for one, other in found:
        pair = sorted((live[one].number, live[other].number))
        close[pair[0], pair[1]].append(frame)


def _resolved(bodies: Bodies, tracks: list[Track], close: dict[tuple[int, int], list[int]]) -> list[Crossing]:
    """Exchange the ends of tracks that bone lengths say were confused; those crossings, and the ones that bone lengths do not decide."""
    crossings = []
    for pair, frames in close.items():
        starts = [0, *(np.flatnonzero(np.diff(frames) > WINDOW) + 1).tolist(), len(frames)]
        crossings += [Crossing(frames[a], frames[b - 1], pair) for a, b in pairwise(starts)]
    unsure = []
    for crossing in sorted(crossings, key=lambda each: each.first):
        one, other = (tracks[number] for number in crossing.tracks)
        kept = _kept(bodies, one, other, crossing)
        if kept < -CLEAR:
            halves = [(_until(bodies, track, crossing.last), _after(bodies, track, crossing.last)) for track in (one, other)]
            one[:], other[:] = halves[0][0] + halves[1][1], halves[1][0] + halves[0][1]
            unsure.append(replace(crossing, bones_decide=True))
        elif kept < CLEAR:
            unsure.append(crossing)
    return unsure


def _kept(bodies: Bodies, one: Track, other: Track, crossing: Crossing) -> float:
    """How much better the bone lengths before and after a crossing agree within the tracks than across them; 0 when nothing is known."""
    before, after = [], []
    for track in (one, other):
        frame_T = bodies.frame_N[track]
        early_T = (frame_T < crossing.first) & (frame_T >= crossing.first - WINDOW)
        late_T = (frame_T > crossing.last) & (frame_T <= crossing.last + WINDOW)
        before.append(_usual(bodies.bones_NB[np.array(track)[early_T]]))
        after.append(_usual(bodies.bones_NB[np.array(track)[late_T]]))
    apart_22 = bone_difference(np.stack(before), np.stack(after))
    return float(np.nansum([apart_22[0, 1], apart_22[1, 0]]) - np.nansum([apart_22[0, 0], apart_22[1, 1]]))


def _usual(bones_TB: Float) -> Float:
    """(B,) median lengths, NaN where never known."""
    return median(bones_TB.T)


def _until(bodies: Bodies, track: Track, frame: int) -> Track:
    return [detection for detection in track if bodies.frame_N[detection] <= frame]


def _after(bodies: Bodies, track: Track, frame: int) -> Track:
    return [detection for detection in track if bodies.frame_N[detection] > frame]


def _first(one: Float, other: Float) -> Float:
    return np.where(np.isfinite(one), one, other)
