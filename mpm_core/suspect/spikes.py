"""Spikes: a few frames that leave a point's path and come back to it. F frames, P points, D dimensions, w frames of a spike.

A sample is compared with the cubic through two samples on each side of the spike (at the end of what is seen, with the parabola through
three on one side). That is set against how large such a difference usually is for this point at this time: quick motion is no spike.
"""

from __future__ import annotations

import numpy as np

from mpm_core.gaps import known, runs
from mpm_core.linalg.subsample import subsample
from mpm_core.recording import Recording
from mpm_core.suspect.kinds import Suspect, level, metre, seen
from mpm_core.typing import Float, Int, Mask

LONGEST_S, MOST_FRAMES = 0.05, 6
TIMES = 12.0  # the usual difference, for a spike
LEAST_M = 0.008  # differences below this do no harm
WITH_OTHERS = 0.5  # of a point's difference its neighbours show too: then the body moved so
NEIGHBOURS = 5
END_TIMES = 14.0  # as TIMES, at the end of what is seen: a parabola continued is less sure


def spikes(rec: Recording) -> list[Suspect]:
    """Every spike of up to LONGEST_S, at least LEAST_M high and TIMES its surroundings."""
    xyz_FPD = seen(rec)
    if len(xyz_FPD) < 5:
        return []
    scale = metre(xyz_FPD)
    score_FP, size_FP = np.zeros(xyz_FPD.shape[:2]), np.zeros(xyz_FPD.shape[:2])
    near_PN = _neighbours(xyz_FPD)
    for width in range(1, min(MOST_FRAMES, max(1, round(LONGEST_S * rec.rate_hz))) + 1):
        off_FP = _off(xyz_FPD, width)
        _raise(score_FP, size_FP, off_FP, _scored(off_FP, rec.rate_hz, scale, near_PN, TIMES), width)
    for width in (1, 2):
        _ends(xyz_FPD, width, rec.rate_hz, scale, score_FP, size_FP)
    places = [(point, *run) for point in range(len(rec.points)) for run in runs(score_FP[:, point] > 1)]
    return [_told(rec, point, start, stop, score_FP, size_FP, scale) for point, start, stop in places]


def _off(xyz_FPD: Float, width: int) -> Float:
    """(F, P) for a spike of frames f..f+width-1: its smallest distance from the cubic through the samples beside it; NaN = unknown."""
    F = len(xyz_FPD)
    off_FP = np.full(xyz_FPD.shape[:2], np.nan)
    last = F - width - 2
    if last < 2:
        return off_FP
    nodes = np.array([-2.0, -1.0, width, width + 1.0])
    beside = [xyz_FPD[2 + int(node) : last + int(node) + 1] for node in nodes]
    for inner in range(width):
        weights = [np.prod([(inner - other) / (node - other) for other in nodes if other != node]) for node in nodes]
        guess_NPD = sum(weight * each for weight, each in zip(weights, beside, strict=True))
        far_NP = np.linalg.norm(xyz_FPD[2 + inner : last + inner + 1] - guess_NPD, axis=2)
        off_FP[2 : last + 1] = far_NP if inner == 0 else np.minimum(off_FP[2 : last + 1], far_NP)
    return off_FP


def _scored(off_FP: Float, rate_hz: float, scale: float, near_PN: Int | None, times: float) -> Float:
    usual_FP = level(off_FP, rate_hz)
    if near_PN is not None and near_PN.size:
        beside_FPN = np.nan_to_num(off_FP)[:, near_PN]
        usual_FP = np.maximum(usual_FP, WITH_OTHERS * np.median(beside_FPN, axis=2))
    return np.nan_to_num(off_FP / np.maximum(times * usual_FP, LEAST_M * scale))


def _raise(score_FP: Float, size_FP: Float, off_FP: Float, found_FP: Float, width: int) -> None:
    """Give every frame of a spike its score, in place; a start counts only where none nearby fits better."""
    F = len(score_FP)
    for frame, point in np.argwhere(found_FP > 1):
        around = found_FP[max(0, frame - width) : frame + width + 1, point]
        if found_FP[frame, point] < around.max():
            continue
        taken = slice(frame, min(frame + width, F))
        better_N = score_FP[taken, point] < found_FP[frame, point]
        if (score_FP[max(0, frame - 2) : frame + width + 2, point] > found_FP[frame, point]).any():
            continue
        score_FP[max(0, frame - 2) : frame + width + 2, point] = 0
        score_FP[taken, point] = np.where(better_N, found_FP[frame, point], score_FP[taken, point])
        size_FP[taken, point] = off_FP[frame, point]


def _ends(xyz_FPD: Float, width: int, rate_hz: float, scale: float, score_FP: Float, size_FP: Float) -> None:
    """Spikes of `width` frames at either end of what is seen of a point, in place."""
    for turned in (False, True):
        path_FPD = xyz_FPD[::-1] if turned else xyz_FPD
        ahead_FPD = [np.roll(path_FPD, -(width + shift), axis=0) for shift in range(3)]
        for each_FPD in ahead_FPD:
            each_FPD[-(width + 3) :] = np.nan
        far = width  # frames from the first known sample back to the furthest of the spike
        off_FP = np.full(xyz_FPD.shape[:2], np.inf)
        for inner in range(width):
            t = far - inner
            guess_FPD = sum(
                weight * each for weight, each in zip(((t + 1) * (t + 2) / 2, -t * (t + 2), t * (t + 1) / 2), ahead_FPD, strict=True)
            )
            off_FP = np.minimum(off_FP, np.linalg.norm(np.roll(path_FPD, -inner, axis=0) - guess_FPD, axis=2))
        found_FP = _scored(off_FP, rate_hz, scale, None, END_TIMES)
        for frame, point in np.argwhere(_first_seen(known(path_FPD)) & (found_FP > 1)):
            around = np.arange(frame, min(frame + width + 4, len(score_FP)))
            around = len(score_FP) - 1 - around if turned else around
            frames = around[:width]
            if found_FP[frame, point] > score_FP[around, point].max():
                score_FP[around, point] = 0
                score_FP[frames, point], size_FP[frames, point] = found_FP[frame, point], off_FP[frame, point]


def _first_seen(seen_FP: Mask) -> Mask:
    """True where a point is seen and was not in the frame before (the first frame of the take is none: nothing was cut off there)."""
    first_FP = seen_FP.copy()
    first_FP[1:] &= ~seen_FP[:-1]
    first_FP[0] = False
    return first_FP


def _neighbours(xyz_FPD: Float) -> Int:
    """(P, N) the points that are nearest to each one over the take."""
    some_SPD = xyz_FPD[subsample(len(xyz_FPD), 60)]
    apart_PP = np.stack([_mean_apart(some_SPD, point) for point in range(some_SPD.shape[1])]) if some_SPD.shape[1] else np.zeros((0, 0))
    count = min(NEIGHBOURS, max(len(apart_PP) - 1, 0))
    return np.argsort(apart_PP, axis=1)[:, :count]


def _mean_apart(some_SPD: Float, point: int) -> Float:
    apart_SP = np.linalg.norm(some_SPD - some_SPD[:, point, None], axis=2)
    known_SP = np.isfinite(apart_SP)
    mean_P = np.where(known_SP, apart_SP, 0).sum(axis=0) / np.maximum(known_SP.sum(axis=0), 1)
    mean_P[~known_SP.any(axis=0)] = np.inf
    mean_P[point] = np.inf
    return np.asarray(mean_P)


def _told(rec: Recording, point: int, start: int, stop: int, score_FP: Float, size_FP: Float, scale: float) -> Suspect:
    size = float(size_FP[start:stop, point].max())
    far = f"{size * 1000:.0f} mm" if rec.dims == 3 else f"{size:.0f} px"
    frames = "1 frame leaves" if stop - start == 1 else f"{stop - start} frames leave"
    return Suspect("spike", (point,), start, stop, float(score_FP[start:stop, point].max()), f"{frames} its path by {far}")
