"""What is not filled: gaps that are too long, samples that are too uncertain, and positions unlike anything in the take.

F frames, P points, G gaps, N wanted samples; metres, seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from mpm_core.errors import DataError
from mpm_core.fill.neighbours import distance_spread_once
from mpm_core.fill.problem import FillProblem, FillResult, Run
from mpm_core.gaps import gap_frames, known
from mpm_core.typing import Float, Mask

BEYOND_M = 0.5  # outside the box around all that was seen
TIMES_SPEED, STEP_S = 2.0, 1 / 30  # of the fastest motion that was seen, measured over this time
LEAST_SPEED_M_S = 1.0
BOUND_M, TIMES_DISTANCE = 0.05, 1.5  # spread of the distance to a companion; of the greatest distance that was seen


@dataclass(frozen=True, slots=True)
class Limits:
    """max_gap_s: longer gaps are left. max_sigma_m: samples whose sigma (metres per axis) is larger are left; of 2D none are.

    Raises DataError for limits that are not above 0.

    >>> Limits(max_gap_s=2.0, max_sigma_m=0.02).max_sigma_m
    0.02
    """

    max_gap_s: float = np.inf
    max_sigma_m: float = 0.3

    def __post_init__(self) -> None:
        if not (self.max_gap_s > 0 and self.max_sigma_m > 0):
            raise DataError("the longest gap and the largest sigma must be above 0", hint="leave a limit out for the default")

    def too_long(self, visible_FP: Mask, rate_hz: float) -> Mask:
        """(F, P) True in gaps longer than max_gap_s.

        >>> Limits(max_gap_s=0.1).too_long(np.array([[True], [False], [False], [True]]), 10.0).ravel()
        array([False,  True,  True, False])
        """
        return np.asarray(gap_frames(visible_FP) > self.max_gap_s * rate_hz)


USUAL, UNLIMITED = Limits(), Limits(np.inf, np.inf)


def within_limits(
    problem: FillProblem, result: FillResult, limits: Limits, seen_FP: Mask | None = None, *, bones: bool = True
) -> tuple[FillResult, dict[Run, str]]:
    """The result without samples that exceed the limits, and the reason for each gap from which samples were taken.

    seen_FP: the samples that say what is possible, without those that were filled before; None = all visible ones.

    Single samples are left where sigma is too large. A whole gap is left where any of its samples is far outside the space of all visible
    samples, faster than any visible point, or (with bones; False for a method that the user named) further from a marker of the same bone
    than it was in any frame. 2D takes, whose scale is unknown, are not limited.
    """
    if problem.xyz_FPD.shape[2] != 3 or not known(result.xyz_ND).any():
        return result, {}
    xyz_FP3, why = problem.in_place(result.xyz_ND), {}
    seen_FP = problem.visible_FP if seen_FP is None else seen_FP & problem.visible_FP
    wrong: dict[str, Mask] = {
        "the fill is far outside the space that anything was seen in": _outside(problem, seen_FP, xyz_FP3),
        "the fill is faster than anything that was seen": _too_fast(problem, seen_FP, xyz_FP3),
    }
    if bones:
        wrong["the fill is further from its neighbours than they ever were"] = _too_far(problem, seen_FP, xyz_FP3)
    for gap in problem.gaps():
        point, start, stop = gap
        for reason, wrong_FP in wrong.items():
            if gap not in why and wrong_FP[start:stop, point].any():
                why[gap], xyz_FP3[start:stop, point] = reason, np.nan
    unsure_FP = problem.in_place(result.sigma_N) > limits.max_sigma_m
    for gap in _gaps_with(problem, unsure_FP & known(xyz_FP3)):
        why[gap] = f"the fill is too uncertain (sigma above {1000 * limits.max_sigma_m:g} mm)"
    xyz_FP3[unsure_FP] = np.nan
    xyz_ND = xyz_FP3[problem.wanted]
    kept_N = known(xyz_ND)
    sigma_N, network_N = (np.where(kept_N, value_N, np.nan) for value_N in (result.sigma_N, result.network_N))
    return replace(result, xyz_ND=xyz_ND, sigma_N=sigma_N, network_N=network_N), why


def _gaps_with(problem: FillProblem, some_FP: Mask) -> Iterator[Run]:
    return (gap for gap in problem.gaps() if some_FP[gap[1] : gap[2], gap[0]].any())


def _outside(problem: FillProblem, seen_FP: Mask, xyz_FP3: Float) -> Mask:
    """(F, P) more than BEYOND_M outside the box around all seen samples."""
    seen_N3 = problem.xyz_FPD[seen_FP]
    if not len(seen_N3):
        return np.zeros(problem.visible_FP.shape, bool)
    low_3, high_3 = seen_N3.min(axis=0) - BEYOND_M, seen_N3.max(axis=0) + BEYOND_M
    return np.asarray(((xyz_FP3 < low_3) | (xyz_FP3 > high_3)).any(axis=2))


def _too_fast(problem: FillProblem, seen_FP: Mask, xyz_FP3: Float) -> Mask:
    """(F, P) where a filled point moves more than TIMES_SPEED as fast as any point where it is seen."""
    step = max(1, round(STEP_S * problem.rate_hz))
    all_FP3 = np.where(problem.visible_FP[..., None], problem.xyz_FPD, xyz_FP3)
    speed_fp = np.linalg.norm(all_FP3[step:] - all_FP3[:-step], axis=2) * problem.rate_hz / step
    fastest = max(_fastest_seen(problem, seen_FP, step), LEAST_SPEED_M_S)
    out_FP = np.zeros(problem.visible_FP.shape, bool)
    with np.errstate(invalid="ignore"):
        fast_fp = speed_fp > TIMES_SPEED * fastest
    out_FP[step:] |= fast_fp
    out_FP[:-step] |= fast_fp
    return out_FP & known(xyz_FP3)


def _fastest_seen(problem: FillProblem, seen_FP: Mask, step: int) -> float:
    """Metres a second, of any point between seen samples at least `step` frames apart, each with the next such one."""
    fastest = 0.0
    for point in range(seen_FP.shape[1]):
        frames = np.flatnonzero(seen_FP[:, point])
        later = np.searchsorted(frames, frames + step)
        frames, later = frames[later < len(frames)], frames[later[later < len(frames)]]
        if len(frames):
            moved_N = np.linalg.norm(problem.xyz_FPD[later, point] - problem.xyz_FPD[frames, point], axis=1)
            fastest = max(fastest, float((moved_N * problem.rate_hz / (later - frames)).max()))
    return fastest


def _too_far(problem: FillProblem, seen_FP: Mask, xyz_FP3: Float) -> Mask:
    """(F, P) where a filled point is further than it was ever seen from a visible companion, one whose distance to it hardly varies."""
    out_FP = np.zeros(problem.visible_FP.shape, bool)
    filled_FP = known(xyz_FP3)
    points = np.flatnonzero(filled_FP.any(axis=0))
    xyz_3PF = np.ascontiguousarray(problem.xyz_FPD.T)
    seen_3PF = np.where(seen_FP.T, xyz_3PF, np.nan)
    for point, spread_P in zip(points, distance_spread_once(problem, points), strict=True):
        frames, others = np.flatnonzero(filled_FP[:, point]), np.flatnonzero(spread_P < BOUND_M)
        if len(others):
            farthest_O = np.fmax.reduce(_distance(seen_3PF[:, None, point], seen_3PF[:, others]), axis=1)
            filled_ON = _distance(xyz_FP3[frames, point].T[:, None], xyz_3PF[:, others][:, :, frames])
            with np.errstate(invalid="ignore"):
                out_FP[frames, point] = (filled_ON > TIMES_DISTANCE * farthest_O[:, None]).any(axis=0)
    return out_FP


def _distance(first_3X: Float, second_3X: Float) -> Float:
    return np.asarray(np.sqrt(sum((one_X - other_X) ** 2 for one_X, other_X in zip(first_3X, second_3X, strict=True))))
