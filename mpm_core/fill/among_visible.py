"""Placing missing markers among the visible ones, as they lay where all of them are visible.

Coordinates are those in axes fixed to the visible markers, so that walking and turning do not have to be learned. How the places follow
from the visible markers is for each fill to say (regression.py, weighted_pca.py).

F frames, P points, G gaps, K visible markers (donors), T missing ones (targets), N frames to learn from, L frames of a stretch, R rows (the
N frames, then those in and beside the gaps).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mpm_core.fill.hermite import ERROR
from mpm_core.fill.neighbours import distance_spread_once
from mpm_core.fill.problem import FillProblem, FillResult, Run, classical_result, fill_from_guess, visible_throughout
from mpm_core.linalg.kabsch import best_rotations
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Int, Mask

LEAST_DONORS = 3
LEAST_FRAMES, MOST_FRAMES = 20, 200  # to learn from
MOST_SEEN = 3000  # frames among which those are chosen
LEAST_SHARE = 0.5  # of the frames in which the targets are visible: donors that leave fewer are not used
FIRM_M = 0.005  # spread of distance at which a donor's weight in placing the axes is a quarter
MOST_SPREAD_M = 0.5  # of the distance to a donor: what moves further is another body
ROUNDS = 2  # of estimating the mean shape


@dataclass(frozen=True, slots=True)
class Poses:
    """The visible markers in their own axes, and the missing ones where they are visible, too.

    visible_RK3: metres. axes_R33: in columns, in the take's axes. time_s_R: seconds. spread_K: standard deviation of the distance to the
    missing marker that keeps it best, metres. missing_NT3: in the same axes, of the first N rows. gap_s: length of the longest gap.
    """

    visible_RK3: Float
    axes_R33: Float
    time_s_R: Float
    spread_K: Float
    missing_NT3: Float
    gap_s: float


Predict = Callable[[Poses], Float]
"""Poses -> places (R - N, T, 3) of the missing markers in all rows but the first N, metres in the visible markers' axes."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Gaps with the same visible markers, by number, and the longest's length. donors_K, targets_T: points. rows: frames in and beside
    the gaps.
    """

    gaps: list[int]
    longest: int
    donors_K: Int
    targets_T: Int
    rows: Int


@dataclass(frozen=True, slots=True)
class _Donors:
    """The visible markers that a group's gaps are placed among. frames: N to learn from. R rows: those, then the group's.

    spread_K, axes_R33: as of `Poses`. origin_R3: of the axes, metres.
    """

    points_K: Int
    spread_K: Float
    frames: Int
    axes_R33: Float
    origin_R3: Float


@dataclass(frozen=True, slots=True)
class _Placed:
    """A target's positions (rows, 3) and the donors' axes (rows, 3, 3, in columns), by frame."""

    rows: Int
    xyz_R3: Float
    axes_R33: Float

    def at(self, frame_L: Int) -> tuple[Float, Float]:
        """NaN, and the nearest axes, in other frames."""
        near_L = np.clip(np.searchsorted(self.rows, frame_L), 0, len(self.rows) - 1)
        return np.where((self.rows[near_L] == frame_L)[:, None], self.xyz_R3[near_L], np.nan), self.axes_R33[near_L]


def fill_among_visible(problem: FillProblem, predict: Predict) -> FillResult:
    """Each gap from the markers visible throughout it; the error at the edges, in position and velocity, is interpolated across it.

    A gap with fewer than three such markers, or without LEAST_FRAMES frames in which they are visible with the missing one, is left. 3D
    only.
    """
    gaps = problem.gaps()
    wanted = sorted({point for point, _, _ in gaps})
    if problem.xyz_FPD.shape[2] != 3:
        return classical_result(problem.empty(), dict.fromkeys(wanted, "markers have common axes in 3D only"))
    spread = dict(zip(wanted, distance_spread_once(problem, np.array(wanted, np.int64)), strict=True))
    placed: dict[int, _Placed] = {}
    for group in _groups(problem, gaps):
        placed |= _place(problem, gaps, group, spread, predict)

    def guess(frame_LS: Int, which_S: Int) -> tuple[Float, Float]:
        guess_LS3, axes_LS33 = np.full((*frame_LS.shape, 3), np.nan), np.tile(np.eye(3), (*frame_LS.shape, 1, 1))
        for column, number in enumerate(which_S.tolist()):
            if number in placed:
                guess_LS3[:, column], axes_LS33[:, column] = placed[number].at(frame_LS[:, column])
        return guess_LS3, axes_LS33

    left = sorted({gaps[number][0] for number in range(len(gaps)) if number not in placed})
    reason = "too few markers are visible all through it and together with it elsewhere"
    return classical_result(fill_from_guess(problem, gaps, guess), dict.fromkeys(left, reason))


def _groups(problem: FillProblem, gaps: Sequence[Run]) -> list[_Group]:
    """The gaps by the markers that are visible throughout."""
    margin = max(1, round(ERROR.slope_s * problem.rate_hz)) + 1
    by_visible: dict[bytes, list[int]] = {}
    visible_GP = visible_throughout(problem, gaps, margin)
    for number, visible_P in enumerate(visible_GP):
        by_visible.setdefault(visible_P.tobytes(), []).append(number)
    groups = []
    for numbers in by_visible.values():
        near_F = np.zeros(len(problem.xyz_FPD), bool)
        for number in numbers:
            near_F[max(0, gaps[number][1] - margin) : gaps[number][2] + margin] = True
        longest = max(gaps[number][2] - gaps[number][1] for number in numbers)
        targets_T = np.unique([gaps[number][0] for number in numbers])
        groups.append(_Group(numbers, longest, np.flatnonzero(visible_GP[numbers[0]]), targets_T, np.flatnonzero(near_F)))
    return groups


def _place(problem: FillProblem, gaps: Sequence[Run], group: _Group, spread: Mapping[int, Float], predict: Predict) -> dict[int, _Placed]:
    """The group's gaps, those left out that cannot be placed. Targets that are hardly ever visible together are placed one by one."""
    spread_TK = np.stack([spread[point][group.donors_K] for point in group.targets_T.tolist()])
    learned = _learn(problem, group, spread_TK, predict)
    if learned is not None:
        xyz_RT3, axes_R33 = learned
        column = {int(point): number for number, point in enumerate(group.targets_T)}
        return {number: _Placed(group.rows, xyz_RT3[:, column[gaps[number][0]]], axes_R33) for number in group.gaps}
    out: dict[int, _Placed] = {}
    for point in group.targets_T.tolist() if len(group.targets_T) > 1 else ():
        own = [number for number in group.gaps if gaps[number][0] == point]
        out |= _place(problem, gaps, replace(group, gaps=own, targets_T=np.array([point])), spread, predict)
    return out


def _learn(problem: FillProblem, group: _Group, spread_TK: Float, predict: Predict) -> tuple[Float, Float] | None:
    """Positions (rows, T, 3) of the targets, and the donors' axes (rows, 3, 3); None where too little is visible together.

    spread_TK: standard deviation of the distances, metres; infinite where unknown.
    """
    key = ("donors", group.donors_K.tobytes(), group.targets_T.tobytes(), group.rows.tobytes())  # all that the donors' axes depend on
    donors = problem.once(key, lambda: _donors(problem, group, spread_TK.min(axis=0)))
    if donors is None:
        return None
    N, rows = len(donors.frames), np.concatenate([donors.frames, group.rows])
    missing_NT3 = problem.xyz_FPD[donors.frames[:, None], group.targets_T] - donors.origin_R3[:N, None]
    missing_NT3 = np.einsum("nij,nti->ntj", donors.axes_R33[:N], missing_NT3)
    local_RK3 = (problem.xyz_FPD[rows[:, None], donors.points_K] - donors.origin_R3[:, None]) @ donors.axes_R33
    times_R, gap_s = rows / problem.rate_hz, group.longest / problem.rate_hz
    place_RT3 = predict(Poses(local_RK3, donors.axes_R33, times_R, donors.spread_K, missing_NT3, gap_s))
    return donors.origin_R3[N:, None] + np.einsum("rij,rtj->rti", donors.axes_R33[N:], place_RT3), donors.axes_R33[N:]


def _donors(problem: FillProblem, group: _Group, spread_K: Float) -> _Donors | None:
    """The donors of a group and their axes; None where too little is visible together. spread_K: as of `Poses`, of all visible markers."""
    donors_K, spread_K = group.donors_K[spread_K < MOST_SPREAD_M], spread_K[spread_K < MOST_SPREAD_M]
    visible_PF = problem.once("visible by point", lambda: np.ascontiguousarray(problem.visible_FP.T))
    together = np.flatnonzero(visible_PF[group.targets_T].all(axis=0))
    together = together[subsample(len(together), MOST_SEEN)]
    column_K, usable = _usable(visible_PF[donors_K[:, None], together])
    donors_K, spread_K, frames = donors_K[column_K], spread_K[column_K], together[usable]
    if len(donors_K) < LEAST_DONORS or len(frames) < LEAST_FRAMES:
        return None
    xyz_RK3 = problem.xyz_FPD[np.concatenate([frames, group.rows])[:, None], donors_K]
    return _Donors(donors_K, spread_K, frames, *_axes(xyz_RK3, (FIRM_M / (FIRM_M + spread_K)) ** 2, len(frames)))


def _usable(visible_KN: Mask) -> tuple[Int, Int]:
    """The most donors that leave LEAST_SHARE of the frames, all of which show the targets, and at most MOST_FRAMES of those frames."""
    order_K = np.argsort(-visible_KN.sum(axis=1), kind="stable")
    all_KN = np.logical_and.accumulate(visible_KN[order_K], axis=0)
    count = int((all_KN.sum(axis=1) >= max(LEAST_FRAMES, LEAST_SHARE * visible_KN.shape[1])).sum())
    if not count:
        return order_K[:0], order_K[:0]
    visible = np.flatnonzero(all_KN[count - 1])
    return np.sort(order_K[:count]), visible[subsample(len(visible), MOST_FRAMES)]


def _axes(xyz_RK3: Float, weight_K: Float, learned: int) -> tuple[Float, Float]:
    """The donors' axes (R, 3, 3, in columns) and their origins (R, 3): weighted least squares onto the mean shape of the first `learned`
    frames.
    """
    share_K = weight_K / weight_K.sum()
    origin_R3 = np.einsum("k,rkd->rd", share_K, xyz_RK3)
    centred_RK3 = xyz_RK3 - origin_R3[:, None]
    size_R = np.einsum("k,rkd->r", share_K, centred_RK3**2)
    shape_K3 = centred_RK3[learned // 2]

    def rotations(rows: slice) -> Float:
        cross_33R = np.einsum("rki,kj->ijr", centred_RK3[rows], share_K[:, None] * shape_K3, optimize=True)
        return best_rotations(np.ascontiguousarray(cross_33R), (size_R[rows] + float(share_K @ (shape_K3**2).sum(axis=1))) / 2)

    for _ in range(ROUNDS - 1):
        shape_K3 = (centred_RK3[:learned] @ rotations(slice(learned))).mean(axis=0)
        shape_K3 = shape_K3 - share_K @ shape_K3
    return rotations(slice(None)), origin_R3
