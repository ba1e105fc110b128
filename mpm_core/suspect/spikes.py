"""Spikes: a few frames that leave a point's path and return to it. F frames, P points, D dimensions, w frames of a spike.

A sample is compared with the cubic through two samples on each side of the spike (at the start and end of a visible stretch, with the
parabola through three on one side). The difference is compared with its typical size for this point at this time: fast motion is not a
spike.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter1d

from mpm_core.counted import counted
from mpm_core.gaps import known, runs
from mpm_core.recording import Recording
from mpm_core.suspect.companions import neighbours
from mpm_core.suspect.evidence import length_text, local_level, measured, metre_length
from mpm_core.suspect.kinds import Suspect
from mpm_core.typing import Float, Int, Mask

LONGEST_S, MOST_FRAMES = 0.05, 6
TIMES = 12.0  # times the typical difference, for a spike
LEAST_M = 0.008  # smallest difference of a spike
ALONE = 3.0  # times the difference that two neighbours have at the same time, for a spike; with less the body itself moved
TOGETHER = 2  # frames around a sample in which its neighbours are compared
END_TIMES = 14.0  # as TIMES, at the start and end of a visible stretch, where extrapolation is less accurate


def spikes(rec: Recording) -> list[Suspect]:
    """Every spike of at most LONGEST_S, at least LEAST_M high and TIMES the typical difference."""
    xyz_FPD = measured(rec)
    if len(xyz_FPD) < 5:
        return []
    scale = metre_length(xyz_FPD)
    score_FP, size_FP = np.zeros(xyz_FPD.shape[:2]), np.zeros(xyz_FPD.shape[:2])
    near_PN = neighbours(xyz_FPD)
    for width in range(1, min(MOST_FRAMES, max(1, round(LONGEST_S * rec.rate_hz))) + 1):
        error_FP = _errors(xyz_FPD, width)
        _mark_spikes(score_FP, size_FP, error_FP, _scores(error_FP, rec.rate_hz, scale, near_PN, TIMES), width)
    for width in (1, 2):
        _ends(xyz_FPD, width, rec.rate_hz, scale, near_PN, score_FP, size_FP)
    places = [(point, *run) for point in range(len(rec.points)) for run in runs(score_FP[:, point] > 1)]
    return [_suspect(rec, point, start, stop, score_FP, size_FP) for point, start, stop in places]


def _errors(xyz_FPD: Float, width: int) -> Float:
    """(F, P) for a spike of frames f..f+width-1: its smallest distance from the cubic through the samples beside it; NaN = unknown."""
    F = len(xyz_FPD)
    error_FP = np.full(xyz_FPD.shape[:2], np.nan)
    last = F - width - 2
    if last < 2:
        return error_FP
    nodes = np.array([-2.0, -1.0, width, width + 1.0])
    neighbours = [xyz_FPD[2 + int(node) : last + int(node) + 1] for node in nodes]
    for inner in range(width):
        weights = [np.prod([(inner - other) / (node - other) for other in nodes if other != node]) for node in nodes]
        guess_NPD = sum(weight * neighbour_NPD for weight, neighbour_NPD in zip(weights, neighbours, strict=True))
        distance_NP = np.linalg.norm(xyz_FPD[2 + inner : last + inner + 1] - guess_NPD, axis=2)
        error_FP[2 : last + 1] = distance_NP if inner == 0 else np.minimum(error_FP[2 : last + 1], distance_NP)
    return error_FP


def _scores(error_FP: Float, rate_hz: float, scale: float, near_PN: Int, times: float) -> Float:
    limit_FP = np.maximum(times * local_level(error_FP, rate_hz), LEAST_M * scale)
    if near_PN.size:
        around_FP = maximum_filter1d(np.nan_to_num(error_FP), 2 * TOGETHER + 1, axis=0)
        first_FP, second_FP = np.zeros_like(around_FP), np.zeros_like(around_FP)
        for near_P in near_PN.T:
            near_FP = around_FP[:, near_P]
            second_FP = np.maximum(second_FP, np.minimum(first_FP, near_FP))
            first_FP = np.maximum(first_FP, near_FP)
        limit_FP = np.maximum(limit_FP, ALONE * (second_FP if near_PN.shape[1] > 1 else first_FP))
    return np.nan_to_num(error_FP / limit_FP)


def _mark_spikes(score_FP: Float, size_FP: Float, error_FP: Float, new_score_FP: Float, width: int) -> None:
    """Set, in place, the score of every frame of a spike; a start counts only if none nearby has a greater score."""
    F = len(score_FP)
    for frame, point in np.argwhere(new_score_FP > 1):
        around = new_score_FP[max(0, frame - width) : frame + width + 1, point]
        if new_score_FP[frame, point] < around.max():
            continue
        frames_of_spike = slice(frame, min(frame + width, F))
        better_N = score_FP[frames_of_spike, point] < new_score_FP[frame, point]
        if (score_FP[max(0, frame - 2) : frame + width + 2, point] > new_score_FP[frame, point]).any():
            continue
        score_FP[max(0, frame - 2) : frame + width + 2, point] = 0
        score_FP[frames_of_spike, point] = np.where(better_N, new_score_FP[frame, point], score_FP[frames_of_spike, point])
        size_FP[frames_of_spike, point] = error_FP[frame, point]


def _ends(xyz_FPD: Float, width: int, rate_hz: float, scale: float, near_PN: Int, score_FP: Float, size_FP: Float) -> None:
    """Spikes of `width` frames at the start or end of a visible stretch, in place."""
    for backwards in (False, True):
        path_FPD = xyz_FPD[::-1] if backwards else xyz_FPD
        ahead_FPD = [np.roll(path_FPD, -(width + shift), axis=0) for shift in range(3)]
        for each_FPD in ahead_FPD:
            each_FPD[-(width + 3) :] = np.nan
        error_FP = np.full(xyz_FPD.shape[:2], np.inf)
        for inner in range(width):
            t = width - inner  # frames from the first of the three samples
            guess_FPD = sum(
                weight * neighbour_NPD
                for weight, neighbour_NPD in zip(((t + 1) * (t + 2) / 2, -t * (t + 2), t * (t + 1) / 2), ahead_FPD, strict=True)
            )
            error_FP = np.minimum(error_FP, np.linalg.norm(np.roll(path_FPD, -inner, axis=0) - guess_FPD, axis=2))
        new_score_FP = _scores(error_FP, rate_hz, scale, near_PN, END_TIMES)
        for frame, point in np.argwhere(_first_visible(known(path_FPD)) & (new_score_FP > 1)):
            around = np.arange(frame, min(frame + width + 4, len(score_FP)))
            around = len(score_FP) - 1 - around if backwards else around
            frames = around[:width]
            if new_score_FP[frame, point] > score_FP[around, point].max():
                score_FP[around, point] = 0
                score_FP[frames, point], size_FP[frames, point] = new_score_FP[frame, point], error_FP[frame, point]


def _first_visible(visible_FP: Mask) -> Mask:
    """True where a point is visible and was not in the frame before; False in the first frame of the take."""
    first_FP = visible_FP.copy()
    first_FP[1:] &= ~visible_FP[:-1]
    first_FP[0] = False
    return first_FP


def _suspect(rec: Recording, point: int, start: int, stop: int, score_FP: Float, size_FP: Float) -> Suspect:
    size = float(size_FP[start:stop, point].max())
    why = f"off its path by {length_text(size, rec.dims)}, for {counted(stop - start, 'frame')}"
    return Suspect("spike", (point,), start, stop, float(score_FP[start:stop, point].max()), why)
