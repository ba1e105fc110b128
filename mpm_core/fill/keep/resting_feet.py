"""Feet that a fill placed in a gap, and that stand there, stay in place. F frames, P points, N wanted samples; metres, Z up.

A fill moves a foot that stands, as it is a mean of what may have been. Where it is slow and as low as feet that rest in the take, the foot
is taken to rest, and is put in one place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mpm_core.fill.keep.fade import BLEND_S, faded
from mpm_core.fill.problem import FillProblem
from mpm_core.gaps import known, runs
from mpm_core.typing import Float, Mask

SPEED_S = 0.1  # over which speeds are measured
REST_M_S, LEAST_FRAMES = 0.1, 10  # a measured foot that is slower rests; frames of that to know how high feet are then
SLOW_M_S, ABOVE_M, SHORTEST_S = 0.8, 0.08, 0.1  # a filled foot that is slower, and no higher above that, rests
SETTLED_M_S = 0.25  # a measured foot beside it that is slower shows the place
APART_M = 0.05  # between the places before and after; where it is more, the foot has been moved
SIGMAS = 2.0  # per axis, RMS: no place is further from the fill


def keep_feet(problem: FillProblem, xyz_ND: Float, sigma_N: Float, feet: Sequence[int]) -> Float:
    """The wanted samples (N, 3; NaN = left) with the given points, a body's ankles, in place where they stand.

    Unchanged where no measured foot of the take rests, in 2D, and where a place is too far from the fill for its sigma (NaN = unknown).
    """
    if problem.xyz_FPD.shape[2] != 3:
        return xyz_ND
    xyz_FP3, sigma_FP = problem.in_place(xyz_ND), problem.in_place(sigma_N)
    paths = [problem.xyz_FPD[:, foot] for foot in feet]
    heights = np.concatenate([path_F3[_speed(path_F3, problem.rate_hz) < REST_M_S, 2] for path_F3 in paths]) if paths else np.zeros(0)
    if len(heights) < LEAST_FRAMES:
        return xyz_ND
    for foot, measured_F3 in zip(feet, paths, strict=True):
        filled_F = known(xyz_FP3[:, foot])
        path_F3 = np.where(filled_F[:, None], xyz_FP3[:, foot], measured_F3)
        change_F3, fixed_F = np.zeros(path_F3.shape), ~filled_F
        for rest, place_N3 in _rests(path_F3, filled_F, float(np.median(heights)) + ABOVE_M, problem.rate_hz):
            moved_N3 = place_N3 - path_F3[rest]
            if (moved_N3**2).mean() <= SIGMAS**2 * np.mean(np.nan_to_num(sigma_FP[rest, foot], nan=np.inf) ** 2):
                change_F3[rest], fixed_F[rest] = moved_N3, True
        xyz_FP3[filled_F, foot] += faded(change_F3, fixed_F, problem.rate_hz)[filled_F]
    return xyz_FP3[problem.wanted]


def _rests(path_F3: Float, filled_F: Mask, highest: float, rate_hz: float) -> Iterator[tuple[slice, Float]]:
    """The filled stretches in which a foot rests, and where: on the line between the places beside it, at one of them, or at its median.

    A stretch ends BLEND_S before a measured foot that moves, so that the fill meets it.
    """
    speed_F, fade = _speed(path_F3, rate_hz), round(BLEND_S * rate_hz)
    for start, stop in runs(filled_F & (speed_F < SLOW_M_S) & (path_F3[:, 2] < highest)):
        beside = [at for at in (start - 1, stop) if 0 <= at < len(path_F3) and not filled_F[at]]
        settled = [at for at in beside if speed_F[at] < SETTLED_M_S]
        places = [path_F3[at] for at in settled]
        if start - 1 in beside and start - 1 not in settled:
            start += fade
        if stop in beside and stop not in settled:
            stop -= fade
        if stop - start < SHORTEST_S * rate_hz:
            continue
        if len(places) == 2 and np.linalg.norm(places[1] - places[0]) > APART_M:
            continue
        share_N1 = ((np.arange(start, stop) - start + 1) / (stop - start + 1))[:, None]
        if not places:
            places = [np.median(path_F3[start:stop], axis=0)]
        yield slice(start, stop), places[0] + share_N1 * (places[-1] - places[0])


def _speed(path_F3: Float, rate_hz: float) -> Float:
    """(F,) metres a second, over SPEED_S around each frame; NaN where the path is missing."""
    reach = max(1, round(SPEED_S * rate_hz / 2))
    padded = np.pad(path_F3, ((reach, reach), (0, 0)), mode="edge")
    return np.asarray(np.linalg.norm(padded[2 * reach :] - padded[: -2 * reach], axis=1) * rate_hz / (2 * reach))
